import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { failuresOf, lastCount, sum } from '../dev/tally.mjs';

const test = suite('tally');
const count = (passed, failed) => ({ passed, failed });

test('takes the last count line of a log, coloured or not', () => {
  assert.equal(lastCount('9 passed, 9 failed\n\n\u001b[32m3 passed, 1 failed\u001b[0m\r\n\nnpm says bye\n'), count(3, 1));
  assert.is(lastCount('all 3 passed, 0 failed, surely\n'), undefined);
});

test('says again what failed, and nothing of what went well', () => {
  const log = 'a.test.ts\n• ✘   (1 / 2)\n\n   \u001b[31mFAIL\u001b[0m  "adds"\n    Expected 2\n    at x\n    at y\n\n1 passed, 1 failed\n';
  assert.equal(failuresOf(log), ['   FAIL  "adds"', '    Expected 2', '    at x']);
  assert.equal(failuresOf('src/a.ts(1,2): error TS1: no\n  12:3  error  no such rule\nthe error TS\n'), ['src/a.ts(1,2): error TS1: no', '  12:3  error  no such rule']);
});

test('sums over tasks', () => {
  assert.equal(sum([count(3, 0), count(0, 0), count(4, 2)], 1), count(7, 2));
  assert.equal(sum([count(3, 0), count(4, 0)], 0), count(7, 0));
});

test('is red when turbo failed and nothing was counted as a failure', () => {
  assert.equal(sum([count(3, 0)], 1), count(3, 1));
});

test('is red when nothing was counted at all', () => {
  assert.equal(sum([], 0), count(0, 1));
});

test.run();
