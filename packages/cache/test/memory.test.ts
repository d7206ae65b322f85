/** The budget is one of memory: two processes that do the same, of which one keeps what it makes, and what the system says they take. */
import { budgetBytesDefault } from '../dist/constants.js';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const keeper = fileURLToPath(new URL('memory/keeper.mjs', import.meta.url));
// V8 gives the room of short-lived objects back after ten idle seconds; a test does not wait, and gives it little.
const flags = ['--expose-gc', '--max-semi-space-size=1', '--single-threaded-gc'];

const resident = async (keeps: 'full' | 'empty', shape: string): Promise<{ readonly rss: number; readonly bytes: number }> => {
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, keeper, keeps, shape]);
  return JSON.parse(stdout) as { rss: number; bytes: number };
};

for (const shape of ['plain', 'dear']) {
  test(`a full cache of ${shape} objects takes at most 1.25 times its budget beyond an empty one`, async () => {
    let share = Infinity;
    for (let run = 0; run < 6 && share > 1.25; run += 1) {
      // On a busy machine V8 now and then keeps more than it needs: the least of six is what the cache takes.
      const [full, empty] = await Promise.all([resident('full', shape), resident('empty', shape)]);
      assert.ok(full.bytes > 0.99 * budgetBytesDefault && empty.bytes === 0);
      share = Math.min(share, (full.rss - empty.rss) / budgetBytesDefault);
    }
    assert.ok(share > 0.5 && share <= 1.25, `${share.toFixed(2)} times`);
  });
}

test.run();
