/** How soon peers behind NATs have met, in one-way latencies: the chain INIT, RESP, DATA or INTRODUCE, CALL, INIT, RESP has six. */
import { PeerProtocol } from '@srp/peer/protocol';
import { type LinkOptions, Network, type SimPeer, type SimPeerOptions } from '@srp/sim';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('meeting');
const oneWayMs = 50;

/** How long after now it is so, ms. */
const msUntil = (net: Network, what: string, condition: () => boolean, limitMs = 10_000): number => {
  const from = net.now;
  assert.ok(net.runUntil(condition, limitMs), what);
  return net.now - from;
};
const isConnected = (a: SimPeer, b: SimPeer): boolean => [[a, b], [b, a]].every(([one, other]) => one!.neighbours().some(({ peer }) => peer === other!.id));

test('a newcomer reaches who subscribes to its topic six one-way latencies after its start', () => {
  const net = new Network({ seed: 1, links: { latencyMs: oneWayMs, jitterMs: 0 } });
  const introducer = net.peer({ name: 'introducer' });
  const resident = net.peer({ name: 'resident', nat: 'port-restricted', knows: [introducer] });
  const topic = resident.join('tea').topic.id;
  net.run(60_000); // until nobody asks anybody for a while
  const before = introducer.traffic.received;
  const newcomer = net.peer({ name: 'newcomer', nat: 'port-restricted', knows: [introducer] });
  newcomer.join('tea');
  assert.is(msUntil(net, 'the introducer knows its topic', () => introducer.machine instanceof PeerProtocol && introducer.machine.subscribersOf(topic).length === 2), 3 * oneWayMs);
  assert.is(introducer.traffic.received - before, 2, 'from its INIT and first DATA');
  assert.is(msUntil(net, 'they meet', () => isConnected(newcomer, resident)), 3 * oneWayMs);
});

type Nats = readonly [SimPeerOptions['nat'], SimPeerOptions['nat']];

/** How two come to know each other. */
interface Circle {
  /** What is before each of the two. */
  readonly nats?: Nats;
  /** Who knows the topic's subscribers: one introducer, or two of which each of the two peers knows another. */
  readonly introducersCount?: 1 | 2;
  /** How many others the introducers know. */
  readonly othersCount?: number;
}

/** Two that join one topic at one moment: how long until both have a session. */
const twoAtOnce = (seed: number, links: LinkOptions, { nats = ['port-restricted', 'port-restricted'], introducersCount = 1, othersCount = 0 }: Circle = {}): number => {
  const net = new Network({ seed, links });
  const first = net.peer({ name: 'introducer' });
  const second = introducersCount === 1 ? first : net.peer({ name: 'second introducer', knows: [first] });
  for (let i = 0; i < othersCount; i += 1) net.peer({ nat: 'port-restricted', knows: [first] }).join('coffee');
  net.run(5000);
  const [a, b] = [net.peer({ nat: nats[0] ?? 'none', knows: [first] }), net.peer({ nat: nats[1] ?? 'none', knows: [second] })];
  for (const peer of [a, b]) peer.join('tea');
  return msUntil(net, `they never meet (seed ${seed})`, () => isConnected(a, b), 60_000);
};

/** So many seeds, sorted. */
const timesOf = (count: number, links: LinkOptions, circleOf: (seed: number) => Circle = () => ({})): readonly number[] =>
  Array.from({ length: count }, (_, seed) => twoAtOnce(seed + 1, links, circleOf(seed + 1))).sort((one, other) => one - other);

const passable: readonly Nats[] = [
  ['port-restricted', 'port-restricted'],
  ['address-restricted', 'port-restricted'],
  ['hard', 'address-restricted'],
  ['hard', 'none'],
];

test('two that join at the same moment through one introducer are connected within 1 s, on 200 seeds, whatever NAT they are behind that can be passed', () => {
  const times = timesOf(200, {}, (seed) => ({ nats: passable[seed % 4]!, othersCount: seed % 20 === 0 ? 4 : 0 }));
  assert.ok(times.at(-1)! <= 1000, `${times.at(-1)} ms`);
  assert.ok(times[100]! < 700, `${times[100]} ms`);
});

test('two that start at once have met after six one-way latencies, and after seven if one is behind a hard NAT', () => {
  for (const [n, nats] of passable.entries()) {
    for (const seed of [1, 2]) assert.is(twoAtOnce(seed, { latencyMs: oneWayMs, jitterMs: 0 }, { nats }), (n < 2 ? 6 : 7) * oneWayMs);
  }
  assert.is(twoAtOnce(1, { latencyMs: oneWayMs, jitterMs: 0 }, { othersCount: 4 }), 6 * oneWayMs);
});

/** Two that have neighbours enough, and not each other, through one introducer. */
const strangers = (seed: number): { readonly net: Network; readonly a: SimPeer; readonly b: SimPeer } => {
  const net = new Network({ seed, links: { latencyMs: oneWayMs, jitterMs: 0 } });
  const introducer = net.peer({ name: 'introducer' });
  const start = (name: string): SimPeer => net.peer({ name, nat: 'port-restricted', knows: [introducer] });
  const a = start('early');
  net.run(1000);
  for (let i = 0; i < 6; i += 1) start(`other ${i}`).join('coffee');
  net.run(20_000);
  const b = start('late');
  net.run(5000);
  if (!isConnected(a, b) || seed > 20) return { net, a, b };
  return strangers(seed + 1);
};

test('two that were there long before they join have met four one-way latencies after that, and the 10 ms that HELLO waits', () => {
  const { net, a, b } = strangers(1);
  for (const peer of [a, b]) peer.join('tea');
  assert.is(msUntil(net, 'they meet', () => isConnected(a, b)), 4 * oneWayMs + 10);
});

test('two that know different introducers have met after ten one-way latencies, on every seed', () => {
  const circle = { introducersCount: 2 } as const;
  const times = timesOf(20, {}, () => circle);
  assert.ok(times.at(-1)! <= 10 * 150, `${times.at(-1)} ms`);
  assert.is(twoAtOnce(1, { latencyMs: oneWayMs, jitterMs: 0 }, circle), 10 * oneWayMs);
});

test('at 5 % loss everybody meets, and 95 of 100 in 2 s, whether they know one introducer or different ones', () => {
  for (const introducersCount of [1, 2] as const) {
    const times = timesOf(40, { loss: 0.05 }, () => ({ introducersCount }));
    assert.ok(times[37]! < 2000, `${times[37]} ms`);
    assert.ok(times.at(-1)! < 10_000, `${times.at(-1)} ms`);
  }
});

test.run();
