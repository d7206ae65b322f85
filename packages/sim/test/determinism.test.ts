/** One seed is one run: on every machine, under every version of Node, with either suite. */
import { suite } from '@srp/identity';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { gossipRun, peerRun } from './support/runs.js';

/** Committed, so that two machines compare themselves by running this test. It changes with the simulator's draws and with what objects are made of, and with nothing else. */
const gossipHash = 'c96288e4dd1255f0';

test('a run has the hash that it had where this was written', () => {
  assert.is(gossipRun(), gossipHash);
});

test('runs are the same on the suite that has no native code', async () => {
  const command = ['--conditions=srp-portable', '--import', import.meta.resolve('tsx'), fileURLToPath(new URL('support/runs.ts', import.meta.url)), '--print'];
  const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    out += part;
  });
  await new Promise((resolve) => child.on('close', resolve));
  assert.is(suite.name, 'node');
  assert.equal(JSON.parse(out), { suite: 'noble', hashes: [gossipRun(), peerRun()] });
});

test.run();
