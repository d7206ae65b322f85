// Real peers behind the kernel's boxes: ways that are found later than the first one, and after a move.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hasGateway, inKernel, lab } from './tools/lab.js';

interface Entry {
  readonly a: string;
  readonly path: string;
  readonly packets: number;
  readonly again?: number;
  readonly lost?: number;
}

const test = suite('ways');
const run = async (...args: string[]): Promise<{ status: number | null; pairs: Entry[]; stderr: string }> => {
  const { status, stdout, stderr } = await lab(['--unproved', '--json', '--check', ...args]);
  return { status, ...(JSON.parse(stdout || '{"pairs":[]}') as { pairs: Entry[] }), stderr };
};

inKernel(test, 'the ways', () => {
  test('two on one LAN that no multicast passes, behind a NAT that turns nothing round, find the way across it', async () => {
    const { status, pairs, stderr } = await run('--pairs', 'one-nat:one-nat', '--no-multicast');
    assert.is(status, 0, stderr);
    assert.equal(pairs.map(({ path }) => path), ['direct'], stderr);
  });

  test('a peer whose host and NAT get other addresses loses no session, and both are heard again', async () => {
    const { status, pairs, stderr } = await run('--pairs', 'open:open,port-restricted:port-restricted', '--move');
    assert.is(status, 0, stderr);
    for (const { a, path, again, lost } of pairs) {
      assert.equal({ a, path, lost }, { a, path: 'direct', lost: 0 }, stderr);
      assert.ok(again! > 0, stderr);
    }
  });

  test('three NATs in a row are passed as one is, and who got a port from its gateway is reached by everybody without guessing', async () => {
    const { status, pairs, stderr } = await run('--pairs', 'three-nats:port-restricted,mapped:symmetric');
    assert.is(status, 0, stderr);
    assert.equal(pairs.map(({ path }) => path), ['direct', 'direct'], stderr);
    if (hasGateway) assert.ok(pairs[1]!.packets < 256, stderr);
  });

  test('a NAT that reboots and gives other ports, and one that gets another public address, keep nobody from being heard again', async () => {
    const runs = await Promise.all(['--reboot', '--renumber'].map(async (event) => await run('--pairs', 'port-restricted:port-restricted', event)));
    for (const { status, pairs, stderr } of runs) {
      assert.is(status, 0, stderr);
      assert.equal(pairs.map(({ path, again }) => ({ path, isAgain: again! > 0 })), [{ path: 'direct', isAgain: true }], stderr);
    }
  });
});

test.run();
