/** Peers that no direct path joins: a session through a third, how soon, and how it becomes a direct one and a relayed one again. */
import { natBehaviours, Network, type SimPeer } from '@srp/sim';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('relay');
const oneWayMs = 50;

const sessionOf = (a: SimPeer, b: SimPeer) => a.neighbours().find(({ peer }) => peer === b.id);
const isConnected = (a: SimPeer, b: SimPeer): boolean => sessionOf(a, b) !== undefined && sessionOf(b, a) !== undefined;
const pathsOf = (a: SimPeer, b: SimPeer): readonly string[] => [sessionOf(a, b), sessionOf(b, a)].map((one) => (one === undefined ? 'none' : (one.relay ?? null) === null ? 'direct' : 'relayed'));

/** Two that join one topic through introducers, and how often either lost the other since. */
type Box = Parameters<Network['nat']>[0];
const twoBehind = (nats: readonly [Box, Box], introducerCount = 1, seed = 3) => {
  const net = new Network({ seed, links: { latencyMs: oneWayMs, jitterMs: 0 } });
  const introducers: SimPeer[] = [];
  for (let i = 0; i < introducerCount; i += 1) introducers.push(net.peer({ name: `introducer ${i}`, knows: introducers }));
  net.run(5000);
  const lans = nats.map((nat) => net.nat(nat));
  const [a, b] = lans.map((lan) => net.peer({ nat: lan, knows: introducers })) as [SimPeer, SimPeer];
  const rooms = [a, b].map((peer) => peer.join('tea'));
  const lost = { count: 0 };
  for (const [one, other] of [[a, b], [b, a]] as const) one.onOutput = (output) => (lost.count += output.kind === 'neighbour-down' && output.peer === other.id ? 1 : 0);
  return { net, introducers, a, b, boxes: lans.map(({ box }) => box), rooms, lost };
};

test('two behind NATs that cannot be passed have a session within two round trips through their introducer, which can read nothing of it', () => {
  for (const nats of [['hard', 'port-restricted'], ['hard', 'hard'], ['port-restricted', 'hard']] as const) {
    const { net, introducers, a, b } = twoBehind(nats);
    const called = 4 * oneWayMs; // INIT, RESP, DATA, CALL
    const roundTrip = 4 * oneWayMs;
    const from = net.now;
    assert.ok(net.runUntil(() => isConnected(a, b), called + 2 * roundTrip + 10), nats.join());
    assert.ok(net.now - from > called, 'not before the direct way had its time');
    assert.equal(pathsOf(a, b), ['relayed', 'relayed']);
    assert.is(introducers[0]!.machine.bounds?.().find(({ name }) => name === 'link channels in use')?.size, 1);
    net.run(10 * 60_000);
    assert.equal(pathsOf(a, b), ['relayed', 'relayed'], 'and it stays');
  }
});

test('two that can meet directly never go through a relay', () => {
  const { net, introducers, a, b } = twoBehind(['port-restricted', 'port-restricted']);
  assert.ok(net.runUntil(() => isConnected(a, b), 5000));
  net.run(60_000);
  assert.equal(pathsOf(a, b), ['direct', 'direct']);
  assert.is(introducers[0]!.machine.bounds?.().find(({ name }) => name === 'link channels in use')?.size, 0);
});

test('a session whose NAT forgets everything goes on within two seconds, and the app sees nothing of it', () => {
  const { net, a, b, boxes, rooms, lost } = twoBehind(['port-restricted', 'port-restricted']);
  assert.ok(net.runUntil(() => isConnected(a, b), 5000));
  net.run(60_000);
  boxes[0]!.reboot();
  rooms[0]!.publish('after the reboot');
  const from = net.now;
  assert.ok(net.runUntil(() => rooms[1]!.texts().includes('after the reboot'), 5000));
  assert.ok(net.now - from < 2000, `${net.now - from} ms`);
  net.run(20_000);
  assert.is(lost.count, 0);
  assert.equal(pathsOf(a, b), ['direct', 'direct']);
});

test('a relayed session goes to another relay when the first one vanishes, and the app sees nothing of it', () => {
  const { net, introducers, a, b, lost } = twoBehind(['hard', 'hard'], 3);
  assert.ok(net.runUntil(() => isConnected(a, b), 5000));
  net.run(30_000);
  const relay = sessionOf(a, b)?.relay;
  const first = introducers.find(({ id }) => id === relay);
  assert.ok(first !== undefined);
  first.crash();
  net.run(60_000);
  assert.is(lost.count, 0);
  assert.equal(pathsOf(a, b), ['relayed', 'relayed']);
  assert.ok(sessionOf(a, b)?.relay !== relay);
});

test('who has a port for each remote and who lets in only whom it wrote to find a direct path among the ports seen, with 1024 guesses at most', () => {
  for (const [seed, ports] of [[1, 'random'], [2, 'random'], [3, { block: 4096 }], [4, { block: 4096 }], [5, { block: 4096 }]] as const) {
    const { net, a, b, lost } = twoBehind(['port-restricted', { ...natBehaviours.hard, ports }], 4, seed);
    let guessCount = 0;
    a.onOutput = (output) => (guessCount += output.kind === 'transmit' && output.bytes.length === 9 ? 1 : 0);
    const from = net.now;
    assert.ok(net.runUntil(() => pathsOf(a, b).join() === 'direct,direct', 15_000), `seed ${seed}: ${guessCount} guesses`);
    const ms = net.now - from;
    assert.ok(ports === 'random' || ms <= 1500, `seed ${seed}: ${ms} ms`);
    const found = guessCount;
    net.run(120_000);
    assert.ok(found <= 1024 && guessCount === found, 'and none after it');
    assert.is(lost.count, 0);
    assert.equal(pathsOf(a, b), ['direct', 'direct']);
    b.crash();
    net.run(60_000);
  }
});

test('a stream that began over a relay goes on over the direct path once there is one, and the app sees nothing of it', () => {
  const { net, a, b, lost } = twoBehind(['port-restricted', natBehaviours.hard], 4, 1);
  assert.ok(net.runUntil(() => isConnected(a, b), 5000));
  assert.equal(pathsOf(a, b), ['relayed', 'relayed']);
  const heard: Uint8Array[] = [];
  const broken: string[] = [];
  let ours = -1;
  let ended = 0;
  a.onOutput = (output) => {
    if (output.kind === 'neighbour-down' && output.peer === b.id) lost.count += 1;
    if (output.kind !== 'stream') return;
    if (output.event.kind === 'stream') ours = output.event.stream;
    if (output.event.kind === 'broken') broken.push(output.event.reason);
  };
  b.onOutput = (output) => {
    if (output.kind === 'neighbour-down' && output.peer === a.id) lost.count += 1;
    if (output.kind !== 'stream') return;
    const { event } = output;
    if (event.kind === 'broken') broken.push(event.reason);
    if (event.kind === 'ended') ended += 1;
    if (event.kind !== 'data') return;
    heard.push(event.bytes);
    b.stream({ kind: 'consumed', peer: a.id, stream: event.stream, bytes: event.bytes.length });
  };
  a.stream({ kind: 'open', peer: b.id, label: 's:log' });
  const written: Uint8Array[] = [];
  const heardOver: Record<string, number> = {};
  const write = (): void => {
    const bytes = net.random.bytes(20_000);
    written.push(bytes);
    a.stream({ kind: 'write', peer: b.id, stream: ours, bytes });
    const before = heard.length;
    net.run(100);
    const path = pathsOf(a, b).join();
    heardOver[path] = (heardOver[path] ?? 0) + heard.length - before;
  };
  for (let i = 0; i < 300 && (i < 20 || pathsOf(a, b).join() !== 'direct,direct'); i += 1) write();
  for (let i = 0; i < 20; i += 1) write();
  a.stream({ kind: 'end', peer: b.id, stream: ours });
  assert.ok(net.runUntil(() => ended === 1, 10_000));
  assert.ok((heardOver['relayed,relayed'] ?? 0) > 10 && (heardOver['direct,direct'] ?? 0) > 10, JSON.stringify(heardOver));
  assert.ok(Buffer.compare(Buffer.concat(heard), Buffer.concat(written)) === 0);
  assert.equal([broken, lost.count], [[], 0]);
});

test.run();
