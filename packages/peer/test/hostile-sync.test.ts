/** A neighbour that answers comparisons with lies of every kind, against a whole peer: who is honest gives what is missing all the same. */
import { Sketches } from '@srp/cache';
import { generateKeyPair, publicTopic, seededRandom } from '@srp/identity';
import { after, instant, type PacketId, shortIdOf } from '@srp/machine';
import type { PeerProtocolOptions } from '@srp/peer/protocol';
import { composePacket, decodeFrame, encodeFrame, type Frame, isObject, type Packet, type SyncRequest } from '@srp/wire';
import { test } from 'uvu';
import { is, ok } from 'uvu/assert';
import { type Seat, Table } from './table.js';

const topic = publicTopic('table');
const now = instant(1_800_000_000_000);
const random = seededRandom(new Uint8Array(32).fill(1));
const held: readonly Packet[] = Array.from({ length: 400 }, (_, n) =>
  composePacket({ topic, author: generateKeyPair(random), now: after(now, (n - 400) * 1000), prev: null, payload: Uint8Array.of(n & 255), random }),
);
const invented = (count: number): PacketId[] => Array.from({ length: count }, (_, n) => n.toString(16).padStart(8, 'f').padEnd(32, 'e') as PacketId);
const sketchOf = (ids: readonly PacketId[]) => new Sketches({ random, idsOf: () => ids }).of(now, topic.tag, 0, () => true)!;

type Lie = (request: SyncRequest) => readonly Frame[];
/** Symbols of this set, as many as are asked for, with what `change` makes of them. */
const symbolsOf = (ids: readonly PacketId[], change: (frame: Extract<Frame, { kind: 'sync-symbols' }>) => Frame = (frame) => frame): Lie => {
  const { salt, state, ids: set, ...sketch } = ((one) => ({ salt: one.salt, state: one.state, ids: one.ids, symbols: one.symbols.bind(one) }))(sketchOf(ids));
  return ({ tag, from, count }) =>
    Array.from({ length: Math.ceil(Math.max(count, 1) / 84) }, (_, n) => {
      const [first, end] = [from + 84 * n, Math.min(from + Math.max(count, 1), from + 84 * (n + 1))];
      return change({ kind: 'sync-symbols', tag, salt, state, count: set.size, from: first, symbols: sketch.symbols(first, end) });
    });
};
const ids = held.map(({ id }) => id);
const lies: Readonly<Record<string, Lie>> = {
  'counts that no set has': symbolsOf(ids, (frame) => ({ ...frame, count: 7, symbols: frame.symbols.map((symbol) => ({ ...symbol, excess: 1 })) })),
  'a set of four thousand millions': symbolsOf(ids, (frame) => ({ ...frame, count: 0xffff_ffff })),
  'symbols without end': symbolsOf([...ids, ...invented(60)], (frame) => ({ ...frame, symbols: frame.symbols.map((symbol) => ({ ...symbol, low: (symbol.low ^ 0x5a5a) >>> 0 })) })),
  'objects that do not exist': symbolsOf([...ids, ...invented(40)]),
  'an id that hides others, planted in their symbols': symbolsOf(ids, (frame) => ({ ...frame, symbols: frame.symbols.map((symbol, at) => (at % 3 === 0 ? { ...symbol, high: (symbol.high ^ 0x1234) >>> 0, excess: symbol.excess + 1 } : symbol)) })),
  'another set each time': (request) => symbolsOf(ids.slice(random.below(100)))(request),
  'a list of what does not exist': ({ tag }) => Array.from({ length: 98 }, (_, part) => ({ kind: 'sync-ids' as const, tag, part, parts: 98, ids: invented(98 * 144).slice(144 * part, 144 * (part + 1)).map(shortIdOf) })),
  'that it has the same': ({ tag }) => [{ kind: 'sync-symbols', tag, salt: '0'.repeat(16), state: 0, count: 400, from: 0, symbols: [] }],
  silence: () => [],
};

/** It lies when it is asked what it has, and gives nothing. */
const answering = (lie: Lie): NonNullable<PeerProtocolOptions['answersInstead']> => (_from, bytes) => {
  const parsed = isObject(bytes) ? null : decodeFrame(bytes);
  if (parsed?.ok !== true) return null;
  const { value: frame } = parsed;
  if (frame.kind === 'sync-request') return lie(frame).map((answer) => encodeFrame(answer));
  return frame.kind === 'want' || frame.kind === 'want-after' ? [] : null;
};
const restored = (table: Table, packets: readonly Packet[], options: Partial<PeerProtocolOptions> = {}): Seat => {
  const seat = table.seat(options);
  table.input(seat, { kind: 'restore', records: packets.map(({ id, bytes }) => ({ id, bytes, pool: 'subscribed', keptAt: table.now, ingress: null })), book: null });
  table.input(seat, { kind: 'join', topic, mode: 'live' });
  return seat;
};

for (const [name, lie] of Object.entries(lies)) {
  test(`a neighbour tells ${name}: what is missing comes from an honest one`, () => {
    const table = new Table();
    const alice = restored(table, held);
    const bob = restored(table, held.slice(0, 250));
    const mallory = restored(table, held, { answersInstead: answering(lie) });
    let toMallory = 0;
    table.isLost = (from, to) => {
      if (from === bob && to === mallory) toMallory += 1;
      return (from === alice && to === mallory) || (from === mallory && to === alice);
    };
    table.introduce(bob, mallory);
    table.pass(5_000);
    is(bob.delivered.length, 250, 'nothing came of who lies');
    table.introduce(bob, alice);
    table.pass(60_000);
    is(bob.delivered.length, held.length);
    ok(toMallory < 200, `${toMallory} datagrams to who lies`);
    for (const { name: what, size, max } of bob.protocol.bounds()) ok(size <= max, `${size} ${what}, at most ${max}`);
    const dropped = bob.protocol.dropped.snapshot();
    is(dropped.forged, undefined);
  });
}

test.run();
