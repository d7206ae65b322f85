// Real peers behind the kernel's boxes: pairs that a simple punch brings together, and one that it cannot.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { inKernel, lab } from './tools/lab.js';

interface Entry {
  readonly a: string;
  readonly b: string;
  readonly delivered: boolean;
  readonly path: string;
  readonly ms: number | null;
  readonly packets: number;
}

const test = suite('pairs');
const run = async (...args: string[]): Promise<{ status: number | null; pairs: Entry[]; stderr: string }> => {
  const { status, stdout, stderr } = await lab(['--unproved', '--json', '--check', ...args]);
  assert.is(stdout.trim().split('\n').length, 1, stderr);
  return { status, ...(JSON.parse(stdout || '{"pairs":[]}') as { pairs: Entry[] }), stderr };
};

inKernel(test, 'the pairs', () => {
  test('peers meet wherever a simple punch does it, and hear each other', async () => {
    const direct = [
      'open:symmetric', 'full-cone:port-restricted', 'address-restricted:symmetric', 'port-restricted:port-restricted', 'port-restricted:carrier-grade',
      'one-nat:one-nat', 'one-nat-hairpin:one-nat-hairpin', 'dual-stack:port-restricted',
    ];
    const { status, pairs, stderr } = await run('--pairs', direct.join());
    assert.is(status, 0, stderr);
    assert.equal(pairs.map(({ a, b, path }) => `${a}:${b} ${path}`), direct.map((name) => `${name} direct`));
    for (const { delivered, ms, packets } of pairs) assert.ok(delivered && ms !== null && ms > 0 && packets > 0);
  });

  test('a box that gives ports of a block is found out by guessing among them', async () => {
    const { status, pairs, stderr } = await run('--pairs', 'port-restricted:symmetric-block,symmetric-block:carrier-grade', '--limit', '30');
    assert.is(status, 0, stderr);
    assert.equal(pairs.map(({ a, b, path }) => `${a}:${b} ${path}`), ['port-restricted:symmetric-block direct', 'symmetric-block:carrier-grade direct'], stderr);
  });

  test('two symmetric boxes, and two networks of different families, let no path be direct, and peers behind them hear each other all the same', async () => {
    const { status, pairs, stderr } = await run('--pairs', 'symmetric:symmetric,ipv6-only:port-restricted', '--limit', '10');
    assert.is(status, 0, stderr);
    assert.equal(pairs.map(({ delivered, path }) => ({ delivered, path })), [{ delivered: true, path: 'relayed' }, { delivered: true, path: 'relayed' }]);
  });

  test('a world that loses nine of ten datagrams lets nobody meet in 2 s, and the check fails', async () => {
    const { status, pairs } = await run('--pairs', 'open:open', '--loss', '0.9', '--limit', '2');
    assert.is(status, 1);
    assert.equal(pairs.map(({ delivered, path, ms }) => ({ delivered, path, ms })), [{ delivered: false, path: 'none', ms: null }]);
  });
});

test.run();
