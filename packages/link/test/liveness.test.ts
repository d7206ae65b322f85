// Whether the peer is still there, and what asking costs.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Node, World } from './support/pair.js';

const opened = (seed = 1): { a: Node; b: Node; world: World } => {
  const a = new Node(seed, '192.0.2.1:1000');
  const b = new Node(seed + 1, '192.0.2.2:2000');
  const world = new World(a, b);
  world.open(a, b);
  return { a, b, world };
};

test('an idle session asks once in 16 to 24 s, from one side', () => {
  const { a, b, world } = opened();
  const times: number[] = [];
  world.route = ({ bytes }) => {
    if (bytes.length === 62) times.push(world.now);
    return [0];
  };
  const before = a.outputs.length;
  world.pass(20 * 60_000);
  // The first is the initiator's own, who waits to be heard; then PING and PONG in turn.
  const pauses = times.filter((_, i) => i % 2 === 0).map((time, i, all) => time - (all[i - 1] ?? time));
  for (const pause of pauses.slice(2)) assert.ok(pause >= 15_999 && pause <= 24_001, `${pause} ms`);
  assert.ok(times.length <= 2 * Math.ceil((20 * 60_000) / 16_000) + 2, `${times.length} datagrams`);
  assert.is(a.all('closed').length + b.all('closed').length, 0);
  assert.ok(a.outputs.length > before);
});

test('a peer that vanishes while nobody talks is noticed within 27 s', () => {
  const { a, world } = opened();
  world.pass(5000);
  world.nodes.splice(1);
  const from = world.now;
  world.pass(26_999);
  assert.equal(a.said.at(-1), 'closed unreachable');
  assert.ok(world.now - from <= 27_000);
});

test('a peer that vanishes while we talk is noticed 6 s after the first frame', () => {
  const { a, b, world } = opened();
  world.pass(5000);
  world.nodes.splice(1);
  world.say(a, b, 0x50, 1);
  world.pass(5999);
  assert.is(a.all('closed').length, 0);
  world.pass(1);
  assert.equal(a.all('closed'), [{ kind: 'closed', peer: b.id, reason: 'unreachable' }]);
  assert.is(a.link.deadline(), null);
});

test('a slow and lossy path is not taken for a dead peer', () => {
  const { a, b, world } = opened(5);
  let count = 0;
  world.route = () => (count++ % 4 === 0 ? [] : [800]); // 1.6 s round trip, every fourth lost
  for (let i = 0; i < 60; i += 1) {
    world.say(a, b, 0x50, i);
    world.pass(5000);
  }
  assert.is(a.all('closed').length + b.all('closed').length, 0);
});

test('one side that only listens answers, so that the other goes on', () => {
  const { a, b, world } = opened();
  for (let i = 0; i < 100; i += 1) {
    world.say(a, b, 0x50, i);
    world.pass(1000);
  }
  assert.is(a.all('closed').length, 0);
  const pings = a.all('observed').length;
  assert.ok(pings >= 20 && pings <= 35, `${pings} PINGs in 100 s`);
});

test('a change of network asks every session at once', () => {
  const { a, world } = opened();
  world.pass(5000);
  const out = world.tell(a, { kind: 'network-changed' });
  assert.equal(out.map(({ kind }) => kind), ['transmit']);
  assert.equal(world.tell(a, { kind: 'network-changed' }), [], 'it is being asked already');
  world.settle();
  assert.is(a.all('closed').length, 0);
});

test('connecting again to where a session is asks whether it is alive, and no more', () => {
  const { a, b, world } = opened();
  world.pass(5000);
  const [ping, ...rest] = world.tell(a, { kind: 'connect', peer: b.id, address: b.address });
  assert.is(rest.length, 0);
  assert.is(ping?.kind === 'transmit' && ping.bytes.length, 62);
  world.settle();
  assert.is(a.all('opened').length, 1);
});

test('a PONG that nobody asked for is dropped', () => {
  const { a, b, world } = opened();
  const flights: Parameters<World['arrive']>[0][] = [];
  world.pass(5000);
  world.tell(a, { kind: 'network-changed' });
  const [ping] = world.intercept();
  world.arrive(ping!);
  flights.push(...world.intercept());
  world.arrive(flights[0]!);
  const seen = a.all('observed').length;
  assert.is(b.all('dropped').length, 0);
  world.say(b, a, 0x02, ...new Uint8Array(8), 4, 192, 0, 2, 9, ...new Uint8Array(12), 0, 9, 0, 0, 0, 0, 0);
  world.settle();
  assert.equal(a.link.drops(), { unwanted: 1 });
  assert.is(a.all('observed').length, seen);
});

test.run();
