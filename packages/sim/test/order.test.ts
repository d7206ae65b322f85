/** One order at every peer, compared pairwise, while the network is in pieces and after it is whole again. */
import { type SimRoom } from '@srp/sim';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { teaParty } from './worlds.js';

const test = suite('order');

/** The ids of a room in the order of SPEC, S-5, found the slow and obvious way: again and again, of those whose named ones are placed, the least. */
const listOf = (room: SimRoom): readonly string[] => {
  const here = new Set<string>(room.deliveries.map(({ id }) => id));
  const left = room.deliveries.map(({ id, previous, parents, sentAtMs }) => ({ id, past: [previous, ...parents].filter((named) => named !== null && here.has(named)), sentAtMs }));
  left.sort((a, b) => a.sentAtMs - b.sentAtMs || (a.id < b.id ? -1 : 1));
  const placed = new Set<string>();
  while (left.length > 0) {
    const [next] = left.splice(left.findIndex(({ past }) => past.every((named) => named !== null && placed.has(named))), 1);
    if (next !== undefined) placed.add(next.id);
  }
  return [...placed];
};

/** What both of two lists have stands in one order in both. Answers how much that is. */
const agree = (one: readonly string[], other: readonly string[]): number => {
  const [ones, others] = [new Set(one), new Set(other)];
  const common = one.filter((id) => others.has(id));
  assert.equal(common, other.filter((id) => ones.has(id)));
  return common.length;
};

/** All pairs of rooms that are known to be whole: a list with a hole may put what names the hole elsewhere. */
const compare = (rooms: readonly SimRoom[]): number => {
  const lists = rooms.filter(({ status }) => status.state === 'synced').map(listOf);
  let common = 0;
  lists.forEach((list, n) => lists.slice(n + 1).forEach((other) => (common += agree(list, other))));
  return common;
};

/** Nothing is delivered before what it names, unless it says so. */
const mustBeCausal = (room: SimRoom): void => {
  const seen = new Set<string>();
  for (const { id, previous, parents, missing } of room.deliveries) {
    for (const named of previous === null ? parents : [previous, ...parents]) assert.ok(seen.has(named) || missing.includes(named), `${id} comes before ${named}, and does not say so`);
    seen.add(id);
  }
};

for (const [mode, loss, seed] of [['causal', 0.05, 41], ['live', 0.1, 42]] as const) {
  test(`is the same for each pair of 10 peers whose network falls into three and heals, in ${mode} mode at ${loss * 100} % loss`, () => {
    const { net, guests, rooms } = teaParty({ seed, links: { loss } }, 8, mode);
    net.run(15_000);
    let said = 0;
    const talk = (rounds: number): void => {
      for (let round = 0; round < rounds; round += 1) {
        for (const [n, room] of rooms.entries()) if ((n + round) % 3 === 0) room.publish(`${said++} ${'x'.repeat(round === 2 ? 3_000 : 10)}`);
        net.run(400);
        compare(rooms);
      }
    };
    talk(3);
    const [host, other] = [net.peers[0]!, net.peers[1]!];
    net.partition([host, ...guests.slice(0, 3)], [other, ...guests.slice(3, 5)], guests.slice(5));
    talk(4);
    net.run(10_000);
    assert.ok(compare(rooms) > 0);
    net.heal();
    talk(2);
    const isWhole = (): boolean => rooms.every((room) => room.deliveries.length === said && room.status.state === 'synced');
    assert.ok(net.runUntil(isWhole, 180_000), rooms.map((room) => `${room.deliveries.length} of ${said}, ${room.status.state}`).join('; '));
    assert.is(compare(rooms), said * ((rooms.length * (rooms.length - 1)) / 2));
    for (const room of rooms) mustBeCausal(room);
  });
}

test.run();
