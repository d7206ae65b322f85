// Whether the peer is still there, and what asking costs.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Node, World } from './support/pair.js';
import { survive } from './support/survival.js';

const opened = (seed = 1): { a: Node; b: Node; world: World } => {
  const a = new Node(seed, '192.0.2.1:1000');
  const b = new Node(seed + 1, '192.0.2.2:2000');
  const world = new World(a, b);
  world.open(a, b);
  return { a, b, world };
};

test('an idle session asks once for each half of its age, at least 2 and at most 25 s apart, from one side', () => {
  const { a, b, world } = opened();
  const start = world.now;
  const times: number[] = [];
  world.route = ({ bytes }) => {
    if (bytes.length === 62) times.push(world.now - start);
    return [0];
  };
  world.pass(20 * 60_000);
  const asked = times.filter((_, i) => i % 2 === 0); // PING and PONG in turn
  asked.slice(1).forEach((time, i) => { // the first is the initiator's, who waits to be heard
    const since = asked[i]!;
    const pause = Math.min(Math.max(since / 2, 2000), 25_000);
    assert.ok(time - since >= 0.9 * pause - 1 && time - since <= 1.1 * pause + 1, `${time - since} ms at ${since}`);
  });
  const old = times.filter((time) => time > 60_000).length;
  assert.ok(old <= 2 * ((19 * 60) / 16), `${old} datagrams in 19 minutes`);
  assert.is(a.all('closed').length + b.all('closed').length, 0);
});

test('who hears a PING need not ask, and who hears anything does not', () => {
  const { a, b, world } = opened();
  world.pass(120_000);
  const pings = () => a.all('observed').length + b.all('observed').length;
  const before = pings();
  for (let i = 0; i < 60; i += 1) {
    world.say(a, b, 0x50, i);
    world.say(b, a, 0x50, i);
    world.pass(2000);
  }
  assert.is(pings(), before);
});

/** A session of this age, and how long it takes to notice that the other side is gone. */
const noticedAfter = (ageMs: number, oneWayMs: number, talks: boolean): { readonly ms: number; readonly pings: number } => {
  const { a, b, world } = opened();
  world.route = () => [oneWayMs];
  world.pass(ageMs);
  while (world.air.length > 0) world.pass(1);
  world.nodes.splice(1);
  const from = world.now;
  const sent = a.all('transmit').length;
  if (talks) world.say(a, b, 0x50, 1);
  while (a.all('closed').length === 0 && world.now - from < 60_000) world.pass(1);
  assert.equal(a.all('closed'), [{ kind: 'closed', peer: b.id, reason: 'unreachable' }]);
  assert.is(a.link.deadline(), null);
  return { ms: world.now - from, pings: a.all('transmit').length - sent - Number(talks) };
};

test('a PONG leaves nothing behind to wake up for before the next PING', () => {
  const { a, b, world } = opened();
  world.pass(60_000);
  const asked = () => a.all('observed').length + b.all('observed').length;
  for (let before = asked(); asked() === before; ) world.pass(50);
  for (const { link } of [a, b]) assert.ok(link.deadline()! - world.now > 10_000);
});

test('a peer that vanishes is noticed within 4 s when it is 3 s old, and within 33 s when it is an hour old', () => {
  assert.ok(noticedAfter(3000, 0, false).ms <= 2400 + 1500);
  assert.ok(noticedAfter(3000, 80, false).ms <= 2400 + 1700);
  const old = noticedAfter(3_000_000, 80, false);
  assert.ok(old.ms <= 24_000 + 4000, `${old.ms} ms`);
  assert.is(old.pings, 8);
});

test('a peer that vanishes while we talk is noticed within 3 s when it is 10 s old, and within 5 s however old it is', () => {
  const { ms, pings } = noticedAfter(10_000, 80, true);
  assert.ok(ms >= 2000 && ms <= 3000, `${ms} ms`);
  assert.is(pings, 8);
  const young = noticedAfter(3000, 80, true).ms;
  assert.ok(young >= 2300 && young <= 3000, `${young} ms: a host may be busy for a while`);
  const old = noticedAfter(600_000, 80, true).ms;
  assert.ok(old <= 5000, `${old} ms`);
});

test('who only listens is asked after a moment, and then once in 4 s at most', () => {
  const { a, b, world } = opened();
  world.pass(600_000);
  const before = a.all('observed').length;
  for (let i = 0; i < 400; i += 1) {
    world.say(a, b, 0x50, i);
    world.pass(100);
  }
  const asked = a.all('observed').length - before;
  assert.ok(asked >= 9 && asked <= 11, `${asked} in 40 s`);
  assert.is(a.all('closed').length, 0);
});

test('the responder that missed the first words is asked after two round trips', () => {
  const a = new Node(1, '192.0.2.1:1000');
  const b = new Node(2, '192.0.2.2:2000');
  const world = new World(a, b);
  let count = 0;
  world.route = () => ((count += 1) === 3 ? [] : [80]); // INIT, RESP, and the PONG that is lost
  world.connect(a, b);
  world.pass(160 + 320 + 79);
  assert.is(b.all('opened').length, 0);
  world.pass(1);
  assert.is(b.all('opened').length, 1);
});

test('of 1000 sessions that lose a fifth of their datagrams, fewer than 20 are closed in 10 minutes', () => {
  const { closed, pings } = survive(1000, 0.2, 80);
  assert.ok(closed < 20, `${closed} closed`);
  assert.ok(pings < 1000 * 2 * 55, `${pings} PINGs`);
  assert.is(survive(200, 0.05, 80).closed, 0);
});

test('a slow and lossy path is not taken for a dead peer', () => {
  const { a, b, world } = opened(5);
  world.pass(60_000);
  let count = 0;
  world.route = () => (count++ % 4 === 0 ? [] : [800]); // 1.6 s round trip, every fourth lost
  for (let i = 0; i < 60; i += 1) {
    world.say(a, b, 0x50, i);
    world.pass(5000);
  }
  assert.is(a.all('closed').length + b.all('closed').length, 0);
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

test('those that are to be asked are, if they were silent for so long', () => {
  const { a, b, world } = opened();
  const ask = { kind: 'ask', peers: [b.id, '0'.repeat(64) as never], silentMs: 1500 } as const;
  world.pass(1000);
  assert.equal(world.tell(a, ask), [], 'it was heard a moment ago, and of a stranger nothing is known');
  world.pass(800);
  assert.equal(world.tell(a, ask).map(({ kind }) => kind), ['transmit']);
  assert.equal(world.tell(a, ask), [], 'it is being asked already');
  world.settle();
  assert.equal(world.tell(a, ask), [], 'it has answered');
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
