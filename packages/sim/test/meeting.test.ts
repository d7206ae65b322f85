/** How soon peers behind NATs have met, in one-way latencies: the chain INIT, RESP, INTRODUCE, CALL, INIT, RESP, DATA has seven. */
import { PeerProtocol } from '@srp/peer/protocol';
import { type LinkOptions, Network, type SimPeer } from '@srp/sim';
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

test('a newcomer reaches who subscribes to its topic seven one-way latencies after its start', () => {
  const net = new Network({ seed: 1, links: { latencyMs: oneWayMs, jitterMs: 0 } });
  const introducer = net.peer({ name: 'introducer' });
  const resident = net.peer({ name: 'resident', nat: 'port-restricted', knows: [introducer] });
  const topic = resident.join('tea').topic.id;
  net.run(5000);
  const before = introducer.traffic.received;
  const newcomer = net.peer({ name: 'newcomer', nat: 'port-restricted', knows: [introducer] });
  newcomer.join('tea');
  assert.is(msUntil(net, 'the introducer knows its topic', () => introducer.machine instanceof PeerProtocol && introducer.machine.subscribersOf(topic).length === 2), 3 * oneWayMs);
  assert.is(introducer.traffic.received - before, 2, 'from its INIT and first DATA');
  assert.is(msUntil(net, 'they meet', () => isConnected(newcomer, resident)), 4 * oneWayMs);
});

/** How two come to know each other. */
interface Circle {
  /** Who knows the topic's subscribers: one introducer, or two of which each of the two peers knows another. */
  readonly introducersCount: 1 | 2;
  /** How many others the introducers know. */
  readonly othersCount: number;
}

/** Two that join one topic at one moment: how long until both have a session. */
const twoAtOnce = (seed: number, links: LinkOptions, { introducersCount, othersCount }: Circle): number => {
  const net = new Network({ seed, links });
  const first = net.peer({ name: 'introducer' });
  const second = introducersCount === 1 ? first : net.peer({ name: 'second introducer', knows: [first] });
  for (let i = 0; i < othersCount; i += 1) net.peer({ nat: 'port-restricted', knows: [first] }).join('coffee');
  net.run(5000);
  const [a, b] = [net.peer({ nat: 'port-restricted', knows: [first] }), net.peer({ nat: 'port-restricted', knows: [second] })];
  for (const peer of [a, b]) peer.join('tea');
  return msUntil(net, `they never meet (seed ${seed})`, () => isConnected(a, b), 60_000);
};

/** So many seeds, sorted. */
const timesOf = (count: number, links: LinkOptions, circle: Circle): readonly number[] =>
  Array.from({ length: count }, (_, seed) => twoAtOnce(seed + 1, links, circle)).sort((one, other) => one - other);

test('two that start at once have met after nine one-way latencies at most, on every seed', () => {
  for (const othersCount of [0, 4]) {
    const times = timesOf(30, {}, { introducersCount: 1, othersCount });
    assert.ok(times.at(-1)! <= 9 * 150, `${times.at(-1)} ms`);
    assert.ok(times[15]! < 1000, `${times[15]} ms`);
    assert.is(twoAtOnce(1, { latencyMs: oneWayMs, jitterMs: 0 }, { introducersCount: 1, othersCount }), 9 * oneWayMs);
  }
});
test('two that know different introducers have met after thirteen one-way latencies, on every seed', () => {
  const circle = { introducersCount: 2, othersCount: 0 } as const;
  const times = timesOf(30, {}, circle);
  assert.ok(times.at(-1)! <= 13 * 150, `${times.at(-1)} ms`);
  assert.is(twoAtOnce(1, { latencyMs: oneWayMs, jitterMs: 0 }, circle), 13 * oneWayMs);
});

test('at 5 % loss everybody meets, and 95 of 100 in 2 s, whether they know one introducer or different ones', () => {
  for (const introducersCount of [1, 2] as const) {
    const times = timesOf(60, { loss: 0.05 }, { introducersCount, othersCount: 0 });
    assert.ok(times[56]! < 2000, `${times[56]} ms`);
    assert.ok(times.at(-1)! < 10_000, `${times.at(-1)} ms`);
  }
});

test.run();
