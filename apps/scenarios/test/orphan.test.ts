/** A run ends with the command that started it, even where that is killed and the run hears of nothing while it computes. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('orphan');

const isThere = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test('a run whose parent was killed ends, though it never looks up from its work', async () => {
  const busy = fileURLToPath(new URL('fixtures/busy.mjs', import.meta.url));
  const start = `import { fork } from 'node:child_process'; fork(${JSON.stringify(busy)}, { execArgv: [] }).on('message', (pid) => console.log(pid));`;
  const parent = spawn(process.execPath, ['--input-type=module', '--eval', start], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(parent.stdout.setEncoding('utf8'), 'data')) as [string];
  const pid = Number(line);
  try {
    assert.ok(isThere(pid), 'it works');
    parent.kill('SIGKILL');
    for (let tries = 0; tries < 300 && isThere(pid); tries += 1) await setTimeout(50);
    assert.not(isThere(pid));
  } finally {
    if (isThere(pid)) process.kill(pid, 'SIGKILL');
  }
});

test.run();
