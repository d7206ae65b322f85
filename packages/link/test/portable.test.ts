// The same link on the crypto suite that runs anywhere: this very package in a process that has no other one.
import { suite } from '@srp/identity';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { datagramType } from '../dist/constants.js';
import { transcript } from './support/transcript.js';

const file = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** What a process on the portable suite prints. */
const run = async (...command: readonly string[]): Promise<string> => {
  const child = spawn(process.execPath, ['--conditions=srp-portable', '--import', import.meta.resolve('tsx'), ...command], { stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    out += part;
  });
  await new Promise((resolve) => child.on('close', resolve));
  return out;
};

test('seeded links say the same bytes on either suite', async () => {
  const there = JSON.parse(await run(file('support/transcript.ts'), '--print')) as { suite: string; said: string[] };
  assert.equal([suite.name, there.suite], ['node', 'noble']);
  const here = transcript();
  assert.equal(there.said, here);
  const types = new Set(here.map((bytes) => Number.parseInt(bytes.slice(0, 2), 16)));
  assert.equal([...types].sort(), [datagramType.init, datagramType.response, datagramType.cookie, datagramType.data]);
});

test('the vectors, the handshake, the sessions and the order of checks hold on the portable suite', async () => {
  const out = await run(file('../../../scripts/uvu-run.mjs'), file('.'), String.raw`(vectors|noise|session|order)\.test\.ts$`);
  assert.match(out, /^\d\d+ passed, 0 failed$/m, out);
});

test.run();
