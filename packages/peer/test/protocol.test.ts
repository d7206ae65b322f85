import { Reconciler, type ReconcilerInput } from '@srp/cache';
import { generateKeyPair, publicTopic, seededRandom } from '@srp/identity';
import { type Address, tagOf } from '@srp/machine';
import { Mesh } from '@srp/mesh';
import { composePacket } from '@srp/wire';
import { test } from 'uvu';
import { equal, is, ok, throws } from 'uvu/assert';
import { type Seat, Table } from './table.js';

const topic = publicTopic('table');
const join = (table: Table, seat: Seat, mode: 'live' | 'causal' = 'live'): unknown => table.input(seat, { kind: 'join', topic, mode });
const say = (table: Table, seat: Seat, text: string, life: 0 | 2 = 2): unknown =>
  table.input(seat, { kind: 'publish', topic: topic.id, payload: new TextEncoder().encode(text), life });
const heard = (seat: Seat): readonly string[] => seat.delivered.map(({ payload }) => new TextDecoder().decode(payload));

test('a relay that does not subscribe brings a packet from one side to the other', () => {
  const table = new Table();
  const [alice, relay, bob] = [table.seat(), table.seat(), table.seat()];
  table.isLost = (from, to) => from !== relay && to !== relay;
  join(table, alice);
  join(table, bob);
  table.introduce(alice, relay);
  table.introduce(bob, relay);
  say(table, alice, 'through you');
  say(table, alice, 'gone in two minutes, and kept by nobody', 0);
  table.pass(100);
  equal(heard(bob), ['through you', 'gone in two minutes, and kept by nobody']);
  is(relay.protocol.cacheUse().objects, 1);
});

test('a relay tells subscribers of what it fetched for them, and of nothing that it could not give', () => {
  const table = new Table();
  const [alice, relay, bob] = [table.seat(), table.seat(), table.seat()];
  table.isLost = (from, to) => from !== relay && to !== relay;
  for (const seat of [alice, bob]) join(table, seat);
  say(table, alice, 'gone in two minutes, and kept by nobody', 0);
  say(table, alice, 'before anybody was there');
  const offers: ReconcilerInput[] = [];
  const handle = Object.getOwnPropertyDescriptor(Reconciler.prototype, 'handle')!;
  Reconciler.prototype.handle = function (this: Reconciler, now, input) {
    if (input.kind === 'offer' && input.peer === bob.protocol.id) offers.push(input);
    return (handle.value as Reconciler['handle']).call(this, now, input);
  };
  try {
    table.introduce(bob, relay);
    table.introduce(alice, relay);
    table.pass(15_000);
  } finally {
    Object.defineProperty(Reconciler.prototype, 'handle', handle);
  }
  ok(heard(bob).includes('before anybody was there'));
  is(relay.protocol.cacheUse().objects, 1);
  is(offers.length, 1);
});

test('an INIT asks for names where the user sent it, and is short where somebody else named the address', () => {
  const table = new Table();
  const [alice, introducer, bob] = [table.seat(), table.seat(), table.seat()];
  const inits: [Seat, Seat, number][] = [];
  table.isLost = (from, to, bytes) => {
    if (bytes[0] === 0x05) inits.push([from, to, bytes.length]);
    return false;
  };
  for (const seat of [alice, bob]) join(table, seat);
  table.introduce(alice, introducer);
  table.introduce(bob, introducer);
  ok(table.isConnected(bob, alice.protocol.id));
  equal(inits.map(([, to, length]) => [to === introducer, length]), [[true, 672], [true, 672], [false, 206]]);
});

test('a neighbour that the mesh drops is told so, and neither side goes back by itself', () => {
  const table = new Table();
  const [alice, bob, ...others] = [table.seat(), table.seat(), table.seat(), table.seat()];
  table.introduce(alice, bob);
  // Each has somebody else: who has nobody left goes back to whom the user named.
  for (const [index, seat] of [alice, bob].entries()) table.introduce(others[index]!, seat);
  const handle = Object.getOwnPropertyDescriptor(Mesh.prototype, 'handle')!;
  Mesh.prototype.handle = () => [{ kind: 'drop', peer: bob.protocol.id }];
  try {
    join(table, alice);
  } finally {
    Object.defineProperty(Mesh.prototype, 'handle', handle);
  }
  equal([alice, bob].map(({ outputs }) => outputs.flatMap((output) => (output.kind === 'neighbour-down' ? [output.reason] : []))), [['disconnected'], ['unneeded']]);
  const sent = (): number => [[alice, bob], [bob, alice]].flatMap(([from, to]) => from!.outputs.filter((output) => output.kind === 'transmit' && output.to === to!.address)).length;
  const before = sent();
  table.pass(600_000);
  is(sent(), before);
});

test('a host with an address that no peer can have names its others', () => {
  const table = new Table();
  const [alice, bob] = [table.seat(), table.seat()];
  table.input(alice, { kind: 'listening', addresses: ['240.0.0.7:4000' as Address, alice.address] });
  table.introduce(alice, bob);
  table.pass(5_000);
  ok(table.isConnected(bob, alice.protocol.id));
});

test('who was away gets what was published meanwhile from a relay, and its author may be gone', () => {
  const table = new Table();
  const [alice, relay, bob] = [table.seat(), table.seat(), table.seat()];
  join(table, bob);
  table.introduce(bob, relay);
  for (const text of ['one', 'two', 'three']) say(table, bob, text);
  table.pass(100);
  table.isLost = (from, to) => from === bob || to === bob;
  join(table, alice, 'causal');
  table.introduce(alice, relay);
  table.pass(2_000);
  equal(heard(alice), ['one', 'two', 'three']);
  equal(alice.delivered.map(({ previous }) => previous), [null, alice.delivered[0]?.id, alice.delivered[1]?.id]);
});

test('what only passed through a peer, and was let go, comes again when it joins the topic', () => {
  const table = new Table();
  const [alice, bob] = [table.seat({ custody: 'seed' }), table.seat()];
  join(table, bob);
  table.introduce(alice, bob);
  say(table, bob, 'for later');
  is(alice.protocol.cacheUse().objects, 1);
  table.pass(3 * 3_600_000);
  is(alice.protocol.cacheUse().objects, 0);
  join(table, alice);
  table.pass(2_000);
  equal(heard(alice), ['for later']);
});

test('a lost packet is named as missing at once, asked for, and then delivered', () => {
  const table = new Table();
  const [alice, bob] = [table.seat(), table.seat()];
  join(table, alice);
  join(table, bob);
  table.introduce(alice, bob);
  say(table, bob, 'first');
  table.isLost = (from, _to, bytes) => from === bob && bytes.length > 200;
  say(table, bob, 'second');
  table.isLost = () => false;
  say(table, bob, 'third');
  equal(heard(alice), ['first', 'third']);
  equal(alice.delivered[1]?.missing, [alice.delivered[1]?.previous]);
  equal(alice.protocol.missing(topic.id), [alice.delivered[1]?.previous]);
  table.pass(1_000);
  equal(heard(alice), ['first', 'third', 'second']);
  equal(alice.protocol.missing(topic.id), []);
});

test('two who know one peer in common are introduced and then talk without it', () => {
  const table = new Table();
  const [alice, friend, bob] = [table.seat(), table.seat(), table.seat()];
  for (const seat of [alice, bob]) join(table, seat);
  table.introduce(alice, friend);
  table.introduce(bob, friend);
  table.pass(5_000);
  ok(table.isConnected(alice, bob.protocol.id));
  table.isLost = (from, to) => from === friend || to === friend;
  say(table, alice, 'just us');
  equal(heard(bob), ['just us']);
});

test('what the disk held comes back in order, and is not delivered as news', () => {
  const table = new Table();
  const bob = table.seat();
  join(table, bob);
  for (const text of ['one', 'two']) say(table, bob, text);
  const records = bob.outputs.flatMap((output) => (output.kind === 'put' ? [output.record] : []));
  is(records.length, 2);
  const again = table.seat();
  table.input(again, { kind: 'restore', records: records.reverse(), book: null });
  join(table, again);
  equal(heard(again), ['one', 'two']);
  equal(again.outputs.flatMap((output) => (output.kind === 'delivered' ? [output.how] : [])), ['restored', 'restored']);
});

test('what the disk held may come in any number of inputs: what is to be done for it is planned once, at the end', () => {
  const table = new Table();
  const author = generateKeyPair(seededRandom(new Uint8Array(32).fill(1)));
  const records = Array.from({ length: 64 }, (_, n) => {
    const { id, bytes } = composePacket({ topic: publicTopic(`topic ${n % 8}`), author, now: table.now, prev: null, payload: Uint8Array.of(n), random: seededRandom(new Uint8Array(32).fill(n)) });
    return { id, bytes, pool: 'duty' as const, keptAt: table.now, ingress: null };
  });
  const plans = [64, 32, 1].map((atOnce) => {
    const seat = table.seat({ random: seededRandom(new Uint8Array(32).fill(2)) });
    for (let at = 0; at < records.length; at += atOnce) table.input(seat, { kind: 'restore', records: records.slice(at, at + atOnce) });
    is(seat.protocol.bounds().find(({ name }) => name === 'custody topics')?.size, 0);
    table.input(seat, { kind: 'restore', records: [], book: null });
    is(seat.protocol.bounds().find(({ name }) => name === 'custody topics')?.size, 8);
    return seat.protocol.deadline();
  });
  equal(plans, [plans[0], plans[0], plans[0]]);
});

test('what a peer publishes counts as unsent until another one is known to have it', () => {
  const table = new Table();
  const [alice, bob] = [table.seat(), table.seat()];
  const kept = (): string[] => alice.outputs.flatMap((output) => (output.kind === 'put' ? [output.record.pool] : []));
  join(table, alice);
  join(table, bob);
  say(table, alice, 'is anybody there?');
  table.pass(3_600_000);
  equal(kept(), ['unsent']);
  table.introduce(alice, bob);
  table.pass(4 * 3_600_000);
  equal(heard(bob), ['is anybody there?']);
  equal(kept(), ['unsent', 'own']);
});

test('a topic that is not joined, or one too many, is the caller\'s mistake', () => {
  const table = new Table();
  const seat = table.seat();
  throws(() => say(table, seat, 'where?'), (error: { code?: string }) => error.code === 'TOPIC_NOT_JOINED');
  for (let n = 0; n < 64; n += 1) table.input(seat, { kind: 'join', topic: publicTopic(`room ${n}`), mode: 'live' });
  throws(() => join(table, seat), (error: { code?: string }) => error.code === 'TOPICS_FULL');
  table.input(seat, { kind: 'leave', topic: publicTopic('room 3').id });
  join(table, seat);
});

test('one seed makes one story', () => {
  const story = (): string => {
    const table = new Table();
    const [a, b] = [table.seat(), table.seat()];
    join(table, a);
    join(table, b);
    table.introduce(a, b);
    say(table, a, 'again');
    table.pass(30_000);
    return JSON.stringify(table.seats.map(({ outputs }) => outputs), (_, value: unknown) => (value instanceof Uint8Array ? [...value] : value));
  };
  is(story(), story());
  ok(tagOf(topic.id).length === 16);
});

test.run();
