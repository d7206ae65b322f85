/** How soon peers behind NATs have met, in one-way latencies: the chain INIT, RESP, INTRODUCE, CALL, INIT, RESP, DATA has seven. */
import { PeerProtocol } from '@srp/peer/protocol';
import { Network, type SimPeer } from '@srp/sim';
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

/** Two that join one topic at one moment, and know one introducer, who knows nobody else or four others: how long until both have a session. */
const twoAtOnce = (seed: number, loss: number, othersCount: number): number => {
  const net = new Network({ seed, links: { loss } });
  const introducer = net.peer({ name: 'introducer' });
  for (let i = 0; i < othersCount; i += 1) net.peer({ nat: 'port-restricted', knows: [introducer] }).join('coffee');
  net.run(5000);
  const [a, b] = [net.peer({ nat: 'port-restricted', knows: [introducer] }), net.peer({ nat: 'port-restricted', knows: [introducer] })];
  for (const peer of [a, b]) peer.join('tea');
  return msUntil(net, `they never meet (seed ${seed})`, () => isConnected(a, b));
};

test('two that start at once have met after nine one-way latencies at most, on every seed', () => {
  for (const othersCount of [0, 4]) {
    const times = Array.from({ length: 30 }, (_, seed) => twoAtOnce(seed + 1, 0, othersCount)).sort((one, other) => one - other);
    assert.ok(times.at(-1)! <= 9 * 150, `${times.at(-1)} ms`);
    assert.ok(times[15]! < 1000, `${times[15]} ms`);
  }
});

test('at 5 % loss 95 of 100 have met in 2 s', () => {
  const times = Array.from({ length: 60 }, (_, seed) => twoAtOnce(seed + 1, 0.05, 0)).sort((one, other) => one - other);
  assert.ok(times[56]! < 2000, `${times[56]} ms`);
});

test.run();
