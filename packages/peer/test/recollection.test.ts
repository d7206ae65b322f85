/** What the cache held of a topic when it was joined. */
import { generateKeyPair, publicTopic, seededRandom } from '@srp/identity';
import { after, authorId, instant, type PacketId, parseAddress, peerId } from '@srp/machine';
import type { Delivery, PeerOutput } from '@srp/peer/protocol';
import { inCausalOrder } from '@srp/stream';
import { composePacket, openPacket, type Packet } from '@srp/wire';
import { test } from 'uvu';
import { equal, is, ok } from 'uvu/assert';
import { meanwhileMax, recallStep } from '../dist/constants.js';
import { Intake } from '../dist/protocol/intake.js';
import { JoinedTopic } from '../dist/protocol/joined-topic.js';
import { type Seat, Table } from './table.js';

const topic = publicTopic('table');
const now = instant(1_800_000_000_000);
const random = seededRandom(new Uint8Array(32).fill(1));
const authors = [1, 2, 3].map((n) => generateKeyPair(seededRandom(new Uint8Array(32).fill(n))));
const from = { peer: peerId(new Uint8Array(32).fill(9)), address: parseAddress('198.51.100.1:4000')! };
const join = { kind: 'join', topic, mode: 'live' } as const;

/** So many messages of three authors, each of whom has read all before his own. */
const talk = (count: number): readonly Packet[] => {
  const last: (PacketId | null)[] = [null, null, null];
  return Array.from({ length: count }, (_, n) => {
    const who = n % 3;
    const parents = last.filter((id, other) => other !== who && id !== null) as PacketId[];
    const packet = composePacket({ topic, author: authors[who]!, now: after(now, (n - count) * 1000), prev: last[who]!, payload: Uint8Array.of(n & 255), random, envelope: { ms: 0, parents } });
    last[who] = packet.id;
    return packet;
  });
};
/** One who has just started with these on its disk, the latest first. */
const restored = (table: Table, packets: readonly Packet[]): Seat => {
  const seat = table.seat();
  const records = packets.map(({ id, bytes }) => ({ id, bytes, pool: 'subscribed' as const, keptAt: table.now, ingress: null }));
  table.input(seat, { kind: 'restore', records: records.toReversed(), book: null });
  return seat;
};
const deliveriesOf = (outputs: readonly PeerOutput[]): readonly Delivery[] => outputs.flatMap((output) => (output.kind === 'delivered' ? [output.delivery] : []));
const orderOf = (packets: readonly Packet[]): readonly PacketId[] =>
  inCausalOrder(packets.map(({ id, prev, time, bytes }, n) => ({ id, prev, parents: packets.slice(Math.max(0, n - 2), n).map((before) => before.id), time, ms: 0, bytes }))).map(({ id }) => id);

test('what the cache held comes out a few objects at a time, in the one order', () => {
  const table = new Table();
  const packets = talk(500);
  const seat = restored(table, packets);
  const steps = [table.input(seat, join)];
  while (!seat.outputs.some(({ kind }) => kind === 'recalled') && steps.length < 1000) {
    table.now = seat.protocol.deadline()!;
    steps.push(table.input(seat, { kind: 'wakeup' }));
  }
  equal(seat.delivered.map(({ id }) => id), orderOf(packets));
  ok(seat.delivered.every(({ missing, gap }) => missing.length === 0 && !gap));
  ok(seat.outputs.every((output) => output.kind !== 'delivered' || output.how === 'restored'));
  is(Math.max(...steps.map((outputs) => deliveriesOf(outputs).length)), recallStep);
  ok(steps.length >= (2 * packets.length) / recallStep, 'each is opened in one step and delivered in another');
  is(seat.outputs.filter(({ kind }) => kind === 'recalled').length, 1);
});

test('no more objects are opened in one step than are delivered', () => {
  const packets = new Map(talk(100).map((packet) => [packet.id, packet]));
  let openedCount = 0;
  const joined = new JoinedTopic(topic, 'live', authorId(authors[0]!.publicKey), random, [...packets.keys()], (id) => {
    openedCount += 1;
    return packets.get(id) ?? null;
  });
  const steps: number[] = [];
  for (let before = 0; !joined.isRecalled && steps.length < 100; before = openedCount) {
    const recalled = joined.recall(now, recallStep);
    steps.push(openedCount - before + recalled!.length);
  }
  equal(steps, [...new Array<number>(6).fill(recallStep), 200 - 6 * recallStep]);
});

test('what arrives meanwhile comes after what was held, as news that lacks nothing', () => {
  const table = new Table();
  const packets = talk(200);
  const [alice, bob] = [restored(table, packets), restored(table, packets)];
  table.input(alice, join);
  table.pass(1_000);
  table.introduce(alice, bob);
  table.input(bob, join);
  table.pass(3);
  const { length } = bob.delivered;
  table.input(alice, { kind: 'publish', topic: topic.id, payload: Uint8Array.of(7), life: 2 });
  ok(bob.outputs.some((output) => output.kind === 'put' && output.record.id === alice.delivered.at(-1)?.id), 'it is here');
  is(bob.delivered.length, length, 'and has to wait');
  table.pass(100);
  equal(bob.delivered.map(({ id }) => id), alice.delivered.map(({ id }) => id));
  equal(bob.delivered.at(-1)?.missing, []);
  equal(bob.outputs.flatMap((output) => (output.kind === 'delivered' && output.how === 'arrived' ? [output.delivery.id] : [])), [alice.delivered.at(-1)?.id]);
});

test('what is published meanwhile names what was held: that comes out at once', () => {
  const table = new Table();
  const packets = talk(200);
  const seat = restored(table, packets);
  table.input(seat, join);
  table.input(seat, { kind: 'publish', topic: topic.id, payload: Uint8Array.of(7), life: 2 });
  equal(seat.delivered.slice(0, -1).map(({ id }) => id), orderOf(packets));
  equal(seat.delivered.at(-1)?.parents, [packets.at(-1)?.id]);
});

test('who cannot wait has the rest at once', () => {
  const table = new Table();
  const packets = talk(200);
  const seat = restored(table, packets);
  table.input(seat, join);
  is(seat.delivered.length, 0);
  const rest = table.input(seat, { kind: 'recall', topic: topic.id });
  is(deliveriesOf(rest).length, 200);
  is(rest.at(-1)?.kind, 'recalled');
  equal(table.input(seat, { kind: 'recall', topic: topic.id }), []);
});

test('a topic of which nothing is held is recalled with the join, and one that is left no more', () => {
  const table = new Table();
  const seat = table.seat();
  equal(table.input(seat, join).filter(({ kind }) => kind === 'recalled'), [{ kind: 'recalled', topic: topic.id }]);
  const other = restored(table, talk(200));
  table.input(other, join);
  table.input(other, { kind: 'leave', topic: topic.id });
  table.pass(1_000);
  equal([other.delivered.length, other.outputs.some(({ kind }) => kind === 'recalled')], [0, false]);
});

test('so many that arrive meanwhile wait, and what comes beyond is delivered with what it lacks', () => {
  const packets = talk(meanwhileMax + 101);
  const held = new Map(packets.slice(0, 100).map((packet) => [packet.id, packet]));
  const joined = new JoinedTopic(topic, 'live', authorId(authors[0]!.publicKey), random, [...held.keys()], (id) => held.get(id) ?? null);
  joined.recall(now, 1);
  const fill = (): number => joined.bounds().find(({ name }) => name === 'peer objects that wait for those held')!.size;
  const news = packets.slice(100).map((packet) => {
    const content = openPacket(packet, topic);
    ok(content.ok);
    return joined.take(now, { packet, content: content.value, from });
  });
  is(fill(), meanwhileMax);
  equal(news.map(({ deliveries }) => deliveries.length), [...new Array<number>(meanwhileMax).fill(0), 1]);
  is(news.at(-1)?.deliveries[0]?.missing.length, 3);
  const recalled = joined.recall(now, Infinity)!.flatMap(({ news: { deliveries }, how }) => deliveries.map(({ id }) => ({ id, how })));
  equal(recalled, packets.slice(0, -1).map(({ id }, n) => ({ id, how: n < 100 ? 'restored' : 'arrived' })));
  equal([joined.isRecalled, fill(), joined.deadline()], [true, 0, null]);
});

test('what the cache holds is a duplicate, also before it has come out', () => {
  const [packet] = talk(1);
  const admit = (holds: boolean): unknown => new Intake(random, () => holds).admit(now, from.peer, packet!.bytes, () => true, () => false);
  equal(admit(true), { ok: false, reason: 'duplicate', again: { id: packet!.id, tag: packet!.tag } });
  is((admit(false) as { ok: boolean }).ok, true);
});

test.run();
