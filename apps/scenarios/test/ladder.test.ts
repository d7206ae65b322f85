/** The ladder of bad lines: a file and every message arrive on each step. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { climb, hasArrived, steps } from '../dist/ladder/climb.js';

const test = suite('ladder');

for (const [step, { bitsPerSecond, latencyMs, loss }] of steps.entries()) {
  test(`256 KiB arrive whole, and three messages, over ${bitsPerSecond / 1000} kbit/s, ${latencyMs} ms, ${100 * loss} % lost`, () => {
    const climbed = climb(step, 1, 256 * 1024);
    assert.ok(hasArrived(climbed), JSON.stringify(climbed));
  });
}

test.run();
