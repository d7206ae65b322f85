/** A file between two processes that are killed: whole, by its hash. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { runKilled } from '../dist/killed/main.js';

test('a file of 16 MB is whole although receiver and sharer are killed on the way', async () => {
  const { isWhole, wasHalfWritten } = await runKilled(16_000_000, 2);
  assert.ok(isWhole && !wasHalfWritten);
});

test.run();
