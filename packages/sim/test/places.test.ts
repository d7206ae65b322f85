/** Connections with a bandwidth, carriers' boxes, IPv6 hosts: what sites do with datagrams. */
import { hostOf, portOf } from '@srp/machine';
import { natBehaviours, Network, SimError, type SimPeer } from '@srp/sim';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Pipe } from '../dist/pipe.js';
import { gossip } from './gossip.js';

const test = suite('places');
const isOptionError = (error: unknown): boolean => error instanceof SimError && error.code === 'NETWORK_OPTION_WRONG';

test('a pipe takes a datagram as long as its bits take, one after the other', () => {
  const pipe = new Pipe(8_000, 1_000); // a byte a millisecond, and each datagram has 28 bytes of headers
  const [now, later] = [1_000_000, 1_000_500] as [never, never];
  assert.is(pipe.pass(now, 72), 1_000_100);
  assert.is(pipe.pass(now, 72), 1_000_200);
  assert.is(pipe.pass(later, 72), 1_000_600);
});

test('a pipe drops what would wait longer than its queue is', () => {
  const pipe = new Pipe(8_000, 150);
  const now = 1_000_000 as never;
  assert.equal([0, 1, 2, 3].map(() => pipe.pass(now, 72) !== null), [true, true, false, false]);
});

test('refuses a bandwidth that is none', () => {
  const net = new Network({ seed: 1, machine: gossip });
  for (const bandwidth of [{ upBitsPerSecond: 0 }, { downBitsPerSecond: Number.NaN }, { upBitsPerSecond: 1, queueMs: -1 }]) {
    assert.throws(() => net.peer({ bandwidth }), isOptionError);
  }
});

/** A talker and a hearer; the talker says many things at once. */
const burst = (bandwidths: { readonly talker?: object; readonly hearer?: object }): { readonly net: Network; readonly heard: number; readonly lastAtMs: number } => {
  const net = new Network({ seed: 3, machine: gossip, links: { latencyMs: 10, jitterMs: 0 } });
  const hearer = net.peer({ bandwidth: bandwidths.hearer ?? {} });
  const talker = net.peer({ knows: [hearer], bandwidth: bandwidths.talker ?? {} });
  const [said, heard] = [talker.join('tea'), hearer.join('tea')];
  net.run(10_000);
  for (let n = 0; n < 40; n += 1) said.publish(new Uint8Array(900).fill(n));
  net.run(1_900);
  return { net, heard: heard.deliveries.length, lastAtMs: (heard.deliveries.at(-1)?.atMs ?? 0) - 10_000 };
};

test('a slow connection delays, and drops what its queue does not hold, in either direction', () => {
  const free = burst({});
  assert.is(free.heard, 40);
  assert.is(free.net.traffic.congested, 0);
  for (const side of ['talker', 'hearer'] as const) {
    const slow = burst({ [side]: { upBitsPerSecond: 200_000, downBitsPerSecond: 200_000, queueMs: 400 } });
    assert.ok(slow.heard > 3 && slow.heard < 30, `${side}: ${slow.heard} of 40 heard`);
    assert.ok(slow.net.traffic.congested > 5);
    assert.ok(slow.lastAtMs > 300, `the last one came after ${slow.lastAtMs} ms`);
  }
});

test('two boxes in a row both translate, both filter, and the world sees the carrier’s address', () => {
  const net = new Network({ seed: 4 });
  const carrier = net.nat({ ...natBehaviours['port-restricted'], hairpins: true });
  const homes = [net.nat('port-restricted', { behind: carrier }), net.nat('address-restricted', { behind: carrier })];
  const hub = net.peer({ name: 'hub' });
  const far = net.peer({ name: 'far', nat: 'address-restricted', knows: [hub] });
  const near = homes.map((nat, number) => net.peer({ name: `near-${number}`, nat, knows: [hub] }));
  const rooms = [far, ...near].map((peer) => peer.join('tea'));
  net.run(15_000);
  const seen = hub.neighbours().filter(({ peer }) => near.some(({ id }) => id === peer)).map(({ address }) => hostOf(address));
  assert.equal(new Set(seen), new Set([carrier.box.host]));
  assert.ok(homes.every(({ box }) => box.host.startsWith('100.64.')));
  for (const room of rooms) room.publish('hello');
  assert.ok(net.runUntil(() => rooms.every((room) => room.texts().length === rooms.length), 30_000));
});

test('gives each host inside a block of ports next to each other', () => {
  const net = new Network({ seed: 5 });
  const carrier = net.nat({ ...natBehaviours.hard, ports: { block: 64 } });
  const hubs = [1, 2, 3, 4, 5].map((number) => net.peer({ name: `hub-${number}` }));
  const guests = [1, 2].map((number) => net.peer({ name: `guest-${number}`, nat: carrier, knows: hubs }));
  net.run(5_000);
  const portsOf = (guest: SimPeer): number[] => hubs.flatMap((hub) => hub.neighbours()).filter(({ peer }) => peer === guest.id).map(({ address }) => portOf(address));
  const blocks = guests.map((guest) => new Set(portsOf(guest).map((port) => Math.floor((port - 1024) / 64))));
  for (const [number, guest] of guests.entries()) {
    assert.ok(new Set(portsOf(guest)).size >= 4, 'a mapping for each remote');
    assert.is(blocks[number]?.size, 1);
  }
  assert.is.not([...(blocks[0] ?? [])][0], [...(blocks[1] ?? [])][0]);
});

test('refuses a block of ports that no box can have', () => {
  const net = new Network({ seed: 1, machine: gossip });
  for (const block of [0, 1.5, 70_000]) assert.throws(() => net.nat({ ...natBehaviours.hard, ports: { block } }), isOptionError);
});

test('hosts with IPv6 reach each other and nobody else', () => {
  const net = new Network({ seed: 6 });
  const [one, other] = [net.peer({ ip: 6 }), net.peer({ ip: 6 })];
  const old = net.peer({});
  assert.ok(one.address.startsWith('[2001:db8:'));
  one.connect(other);
  old.connect(one);
  net.run(5_000);
  assert.equal(one.neighbours().map(({ peer }) => peer), [other.id]);
  assert.is(old.neighbours().length, 0);
  assert.throws(() => net.peer({ ip: 6, nat: 'hard' }), isOptionError);
});

test('a shared connection is shared', () => {
  const net = new Network({ seed: 7, machine: gossip, links: { latencyMs: 10, jitterMs: 0 } });
  const home = net.nat('full-cone', { bandwidth: { upBitsPerSecond: 100_000, queueMs: 100 } });
  const hub = net.peer({});
  const rooms = [1, 2].map(() => net.peer({ nat: home, knows: [hub], discovers: false }).join('tea'));
  net.run(5_000);
  for (const room of rooms) for (let n = 0; n < 3; n += 1) room.publish(new Uint8Array(900).fill(n));
  net.run(1_000);
  assert.ok(net.traffic.congested > 0);
});


test.run();
