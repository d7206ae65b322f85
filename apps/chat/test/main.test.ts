import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

test('starts and ends by itself', () => {
  const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));
  const run = spawnSync(process.execPath, [main], { encoding: 'utf8', timeout: 10_000 });
  assert.is(run.status, 0);
});

test.run();
