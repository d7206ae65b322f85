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

test.run();
