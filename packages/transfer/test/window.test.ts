import { instant } from '@srp/machine';
import { Window } from '@srp/transfer';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('the window');

/** Lets so many blocks come, one each `everyMs`. Returns when the last one came. */
const come = (window: Window, fromMs: number, count: number, rttMs: number, everyMs = 1): number => {
  for (let i = 0; i < count; i += 1) window.arrived(instant(fromMs + i * everyMs), rttMs);
  return fromMs + count * everyMs;
};

test('doubles each round trip until a queue shows, lets it run empty, and then goes on from what leaves none', () => {
  const window = new Window();
  let at = come(window, 0, 100, 50);
  assert.is(window.blocks, 116);
  at = come(window, at, 8, 90);
  assert.is(window.blocks, 4);
  come(window, at, 350, 50);
  assert.ok(window.blocks > 30 && window.blocks < 116, `${window.blocks}`);
});

test('a loss without a queue changes nothing, one with a queue takes a fifth once a round trip', () => {
  const window = new Window();
  let at = come(window, 0, 100, 50);
  window.lost(instant(at), 3);
  assert.is(window.blocks, 116);
  at = come(window, at, 8, 90);
  at = come(window, at, 400, 70);
  const before = window.blocks;
  window.lost(instant(at), 1);
  const after = window.blocks;
  assert.is(after, Math.floor(before * 0.8));
  window.lost(instant(at + 10), 5);
  assert.is(window.blocks, after);
});

test('shrinks to half in a round trip at most, and never below 4', () => {
  const window = new Window();
  let at = come(window, 0, 100, 50);
  at = come(window, at, 8, 90);
  at = come(window, at, 600, 60);
  const before = window.blocks;
  at = come(window, at, Math.floor(before / 2), 400);
  assert.ok(window.blocks >= before / 2 + 3, `${before} ${window.blocks}`);
  come(window, at, 2000, 400);
  assert.is(window.blocks, 4);
});

test('a path that became longer is learnt anew', () => {
  const window = new Window();
  let at = come(window, 0, 100, 50);
  at = come(window, at, 8, 90);
  at = come(window, at, 600, 50);
  come(window, at, 1500, 300, 10);
  assert.ok(window.queueMs < 45, `${window.queueMs}`);
  assert.ok(window.blocks > 20, `${window.blocks}`);
});

test('waits for a block 0.2 s at least and 6 s at most, longer from the third time out on, and then begins anew', () => {
  const window = new Window();
  assert.is(window.timeoutMs, 1000);
  come(window, 0, 200, 1);
  assert.is(window.timeoutMs, 200);
  window.timedOut();
  window.timedOut();
  assert.is(window.timeoutMs, 200);
  assert.is(window.blocks, 216);
  window.timedOut();
  assert.is(window.timeoutMs, 400);
  assert.is(window.blocks, 16);
  for (let i = 0; i < 20; i += 1) window.timedOut();
  assert.ok(window.timeoutMs <= 6000);
});

test.run();
