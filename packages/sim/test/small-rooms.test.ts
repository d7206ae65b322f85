import { Network } from '@srp/sim';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

/** How long each message took to each other member of a room of so many, where a fifth of all datagrams is lost; s, shortest first. */
const delays = (members: number, seeds: readonly number[]): readonly number[] => {
  const taken: number[] = [];
  for (const seed of seeds) {
    const net = new Network({ seed, links: { loss: 0.2, latencyMs: [40, 40] } });
    const hub = net.peer({ name: 'hub' });
    const rooms = Array.from({ length: members }, (_, n) => net.peer({ name: `member-${n}`, nat: 'port-restricted', knows: [hub] }).join('room'));
    const saidAt = new Map<string, number>();
    for (const room of rooms) {
      room.onDelivery = ({ how, text }) => {
        if (how === 'arrived') taken.push((net.now - (saidAt.get(text ?? '') ?? 0)) / 1_000);
      };
    }
    net.run(20_000);
    for (let n = 0; n < 20; n += 1) {
      saidAt.set(`message ${n}`, net.now);
      rooms[n % members]?.publish(`message ${n}`);
      net.run(45_000);
    }
    net.run(300_000);
  }
  return taken.sort((a, b) => a - b);
};

test('in a room of two or three what is lost on the way comes soon, not with the next look at all that both have', () => {
  for (const [members, seeds] of [[2, [1, 2, 3]], [3, [4, 5]]] as const) {
    const taken = delays(members, seeds);
    assert.is(taken.length, seeds.length * 20 * (members - 1), 'everything comes, once');
    const late = taken.filter((s) => s > 15);
    assert.ok(late.length <= 0.03 * taken.length, `${members} members: ${late.join(', ')} s`);
  }
});

test.run();
