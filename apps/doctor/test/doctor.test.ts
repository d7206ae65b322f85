// The command itself, in a process of its own, on loopback; behind NATs it is run by apps/natlab.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Peer } from '@srp/peer';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('npm run doctor');
const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));

const doctor = async (...words: string[]): Promise<{ status: number | null; stdout: string; stderr: string }> =>
  await new Promise((resolve) => {
    const child = spawn(process.execPath, [main, 'doctor', ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
    const said = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const) child[stream].on('data', (text: Buffer) => (said[stream] += text.toString()));
    child.on('close', (status) => resolve({ status, ...said }));
  });
const here = ['--host', '127.0.0.1', '--lan', 'off', '--no-port-mapping'];

test('on loopback alone there is no network, which it says at once, in one line of JSON and without an address if told to', async () => {
  await using peer = await Peer.open({ hosts: ['127.0.0.1'], lan: 'off' });
  const { status, stdout, stderr } = await doctor(...here, '--json', '--redact', '--limit', '3', '--introducer', `${peer.id}@${peer.addresses[0] ?? ''}`);
  assert.is(status, 1, stderr);
  assert.is(stdout.trim().split('\n').length, 1);
  assert.not.match(stdout, /127\.0\.0\.1/);
  const { kind, network } = JSON.parse(stdout) as { kind: string; network: { observed: string[]; clockAheadMs: number } };
  assert.is(kind, 'none');
  assert.match(network.observed.join(), /^loopback-ipv4-\w:\d+$/);
  assert.ok(Math.abs(network.clockAheadMs) < 60_000);
});

test('a person reads sentences, and advice behind arrows', async () => {
  const { status, stdout } = await doctor(...here);
  assert.is(status, 1);
  assert.match(stdout, /udp +BAD +This machine has no network address\.\n +→ Connect it to a network\./);
});

test('an introducer that is none ends it with what is wrong', async () => {
  const { status, stdout, stderr } = await doctor(...here, '--introducer', 'somebody');
  assert.equal([status, stdout], [2, '']);
  assert.match(stderr, /64 hex digits/);
});

test.run();
