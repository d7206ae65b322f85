/** Forks: one author with two histories. */
import { createHash, createPublicKey, verify } from 'node:crypto';
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { generateKeyPair, publicTopic, seededRandom } from '@srp/identity';
import type { Fork } from '@srp/peer/protocol';
import { provesFork } from '@srp/wire';
import { test } from 'uvu';
import { equal, is, ok } from 'uvu/assert';
import { loopbackPeer, until, whereIs, withDirectory } from './helpers.js';
import { type Seat, Table } from './table.js';

const topic = publicTopic('table');
const say = (table: Table, seat: Seat, text: string): unknown => table.input(seat, { kind: 'publish', topic: topic.id, payload: new TextEncoder().encode(text), life: 2 });
const forksOf = (seat: Seat): readonly Fork[] => seat.outputs.flatMap((output) => (output.kind === 'forked' ? [output] : []));

/** What SPEC says of a proof, with node:crypto and offsets alone. */
const isProof = (packets: readonly Uint8Array[]): boolean => {
  const [one, other] = packets.map((bytes) => {
    const at = (from: number, to: number): Buffer => Buffer.from(bytes.subarray(from, to));
    const id = createHash('sha256').update(Buffer.concat([Buffer.from('srp1 packet'), at(0, 1), at(2, 30), at(38, 70), at(134, bytes.length)])).digest();
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: at(38, 70).toString('base64url') }, format: 'jwk' });
    const isSigned = verify(null, Buffer.concat([Buffer.from('srp1 sign'), id, at(30, 38)]), key, at(70, 134));
    return { id: id.toString('hex'), place: Buffer.concat([at(6, 30), at(38, 70)]).toString('hex'), prev: at(14, 30).toString('hex'), isSigned };
  });
  return one !== undefined && other !== undefined && one.isSigned && other.isSigned && one.place === other.place && one.id !== other.id && !/^0+$/.test(one.prev);
};

test('a fork is delivered, reported and proved: who has both packets needs no code of ours and no key', () => {
  for (const mode of ['live', 'causal'] as const) {
    const table = new Table();
    const author = generateKeyPair(seededRandom(new Uint8Array(32).fill(5)));
    const [phone, laptop, reader] = [table.seat({ author }), table.seat({ author }), table.seat()];
    table.isLost = (from, to) => from !== reader && to !== reader;
    for (const seat of [phone, laptop, reader]) table.input(seat, { kind: 'join', topic, mode });
    table.introduce(phone, reader);
    say(table, phone, 'one');
    table.introduce(laptop, reader);
    table.pass(20_000);
    table.isLost = () => true;
    say(table, phone, 'two, on the phone');
    say(table, laptop, 'two, on the laptop');
    say(table, laptop, 'three');
    table.isLost = (from, to) => from !== reader && to !== reader;
    table.pass(120_000);
    equal(reader.delivered.map(({ payload }) => new TextDecoder().decode(payload)).sort(), ['one', 'three', 'two, on the laptop', 'two, on the phone']);
    const forks = forksOf(reader);
    is(forks.length, 1);
    const { packets, ids, author: accused } = forks[0]!;
    is(accused, reader.delivered[0]?.author);
    equal([...ids].sort(), reader.delivered.filter(({ payload }) => payload.length > 10).map(({ id }) => id).sort());
    ok(isProof(packets) && provesFork(packets[0]!, packets[1]!));
  }
});

test('nothing else proves a fork: not one packet twice, two in a row, other postage, or a changed byte', () => {
  const table = new Table();
  const author = generateKeyPair(seededRandom(new Uint8Array(32).fill(6)));
  const [one, other, reader] = [table.seat({ author }), table.seat({ author }), table.seat()];
  for (const seat of [one, other, reader]) table.input(seat, { kind: 'join', topic, mode: 'live' });
  table.introduce(one, reader);
  say(table, one, 'first');
  table.introduce(other, reader);
  table.pass(20_000);
  table.isLost = () => true;
  for (const seat of [one, other]) say(table, seat, seat === one ? 'second' : 'another second');
  say(table, one, 'third');
  const later = one.outputs.flatMap((output) => (output.kind === 'put' ? [output.record.bytes] : [])).at(-1)!;
  table.isLost = () => false;
  table.pass(120_000);
  const [first, second] = forksOf(reader)[0]!.packets as [Uint8Array, Uint8Array];
  const changed = (at: number): Uint8Array => first.map((byte, n) => (n === at ? byte ^ 1 : byte));
  ok(provesFork(first, second) && provesFork(second, first));
  ok(provesFork(changed(1).map((byte, n) => (n === 1 ? 3 : byte)), second), 'postage is not signed');
  for (const [a, b] of [[first, first], [first, later], [changed(150), second], [changed(40), second], [changed(20), second], [changed(8), second], [first, second.subarray(0, 100)]] as const) {
    is(provesFork(a, b), false);
    is(b.length > 134 && isProof([a, b]), false);
  }
});

test('a restored snapshot forks, its reader\'s peer tells of it, and the room keeps the proof', async () => {
  await withDirectory(async (folder) => {
    const [phone, snapshot] = [join(folder, 'phone'), join(folder, 'snapshot')];
    await using reader = await loopbackPeer();
    const told: Fork[] = [];
    reader.on('fork', (fork) => told.push(fork));
    const room = reader.join('forks');
    const live = async (directory: string, text: string): Promise<void> => {
      await rm(join(directory, 'peers.json'), { force: true }); // whom it knows it meets at once, and may hear of the other branch
      await using peer = await loopbackPeer({ directory });
      await peer.join('forks').publish(text); // alone, so that it knows of nothing but its own
      peer.connect(whereIs(reader));
      await until(`the reader has ${text}`, () => room.history().some((packet) => packet.text === text));
    };
    await live(phone, 'one');
    await cp(phone, snapshot, { recursive: true });
    await live(phone, 'two');
    await live(snapshot, 'another two');
    await until('it is told', () => told.length === 1);
    const [fork] = room.forks();
    ok(isProof(fork?.packets ?? []));
    equal(room.history().map(({ text }) => text), ['one', 'two', 'another two']);
    for (let n = 0; n < 100; n += 1) room.takeFork(fork!);
    is(room.forks().length, 64);
  });
});

test.run();
