/** Everything a test can draw at random: ids, addresses, frames, envelopes, CBOR values. */
import { type Address, makeAddress, type PacketId, type PeerId, scopeOf, type ShortId, toHex, type TopicTag } from '@srp/machine';
import type { CborValue, Envelope, Frame, NatBehaviour, SyncSymbol } from '@srp/wire';
import fc from 'fast-check';

const hex = (length: number) => fc.uint8Array({ minLength: length, maxLength: length }).map(toHex);
/** Records as code makes them: with the prototype that `equal` compares. */
const record = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> => fc.record(model, { noNullPrototype: true });
const u32 = fc.nat({ max: 0xffff_ffff });
const token = hex(8);
const tag = hex(8) as fc.Arbitrary<TopicTag>;
const shortId = hex(8) as fc.Arbitrary<ShortId>;
const packetId = hex(16).filter((id) => !/^0+$/.test(id)) as fc.Arbitrary<PacketId>;
const peer = hex(32) as fc.Arbitrary<PeerId>;
const address: fc.Arbitrary<Address> = fc
  .tuple(fc.oneof(fc.ipV4(), fc.ipV6()), fc.integer({ min: 1, max: 65_535 }))
  .map(([host, port]) => makeAddress(host, port))
  .filter((made): made is Address => made !== null && scopeOf(made) !== 'forbidden');
const optionalTag: fc.Arbitrary<TopicTag | null> = fc.option(tag);
const behaviour = fc.constantFrom<NatBehaviour>('unknown', 'independent', 'dependent');
const unique = <Item>(item: fc.Arbitrary<Item>, minLength: number, maxLength: number) => fc.uniqueArray(item, { minLength, maxLength, size: 'max' });

const namedPeers = fc.uniqueArray(record({ peer, address }), { maxLength: 8, selector: (one) => one.peer });

const excess = fc.oneof(fc.integer({ min: -70, max: 70 }), fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff }));
const symbol: fc.Arbitrary<SyncSymbol> = record({ high: u32, low: u32, check: u32, excess });

const frames: readonly fc.Arbitrary<Frame>[] = [
  record({ kind: fc.constant('ping'), tx: token, silence: fc.nat({ max: 255 }) }),
  record({ kind: fc.constant('pong'), tx: token, observed: address, time: u32, silence: fc.nat({ max: 255 }) }),
  record({ kind: fc.constant('want'), ids: unique(shortId, 1, 60) }),
  record({ kind: fc.constant('want-after'), tag, prev: packetId }),
  record({ kind: fc.constant('ihave'), tag, ids: unique(shortId, 1, 148) }),
  record({ kind: fc.constant('graft'), tag, ids: unique(shortId, 0, 60) }),
  record({ kind: fc.constant('prune'), tag }),
  record({ kind: fc.constant('offer'), tag, ids: unique(shortId, 1, 148) }),
  record({ kind: fc.constant('sync-request'), tag, since: u32, state: fc.constant(0), from: fc.constant(0), count: fc.integer({ min: 1, max: 4096 }), digest: hex(12) }),
  record({ kind: fc.constant('sync-request'), tag, since: u32, state: fc.constant(0), from: fc.constant(0), count: fc.constant(0), digest: fc.constant(null) }),
  fc
    .tuple(tag, u32, u32, fc.integer({ min: 1, max: 4095 }), fc.nat())
    .map(([of, since, state, from, n]): Frame => ({ kind: 'sync-request', tag: of, since, state, from, count: 1 + (n % (4096 - from)), digest: null })),
  record({ kind: fc.constant('sync-symbols'), tag, salt: token, state: u32, count: u32, from: fc.nat({ max: 4027 }), symbols: fc.array(symbol, { maxLength: 68, size: 'max' }) }),
  fc
    .tuple(tag, fc.integer({ min: 1, max: 256 }), fc.nat(), unique(shortId, 0, 147))
    .map(([of, parts, n, ids]): Frame => ({ kind: 'sync-ids', tag: of, part: n % parts, parts, ids })),
  record({
    kind: fc.constant('pull'),
    transfer: u32,
    file: hex(16),
    ranges: fc.array(record({ first: fc.nat({ max: 0xffff_0000 }), count: fc.integer({ min: 1, max: 4 }) }), { minLength: 1, maxLength: 16 }),
  }),
  record({ kind: fc.constant('ask'), stream: u32, below: u32, ranges: fc.array(record({ first: fc.nat({ max: 0xffff_0000 }), count: fc.integer({ min: 1, max: 0xffff }) }), { maxLength: 32 }) }),
  record({ kind: fc.constant('open'), stream: u32, label: fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 64 }) }),
  record({ kind: fc.constant('reset'), stream: u32, reason: fc.nat({ max: 255 }) }),
  record({ kind: fc.constant('no-block'), transfer: u32, reason: fc.constantFrom('unknown', 'absent', 'unreadable', 'busy'), range: record({ first: fc.nat({ max: 0xffff_0000 }), count: fc.integer({ min: 1, max: 64 }) }) }),
  fc
    .tuple(u32, fc.nat({ max: 2 ** 31 }), fc.nat({ max: 2 ** 31 - 256 }), fc.uniqueArray(fc.integer({ min: 1, max: 255 })))
    .map(([transfer, from, count, behind]): Frame => ({ kind: 'holds', transfer, from, until: from + count, also: behind.sort((a, b) => a - b).map((bit) => from + count + bit) })),
  record({
    kind: fc.constant('hello'),
    version: fc.integer({ min: 1, max: 255 }),
    tags: unique(tag, 0, 64),
    addresses: unique(address, 0, 4),
    mapping: behaviour,
    filtering: behaviour,
  }),
  record({ kind: fc.constant('find'), tag: optionalTag }),
  record({ kind: fc.constant('find'), tag: optionalTag, keepers: fc.constant(true) }),
  record({ kind: fc.constant('hello'), version: fc.constant(1), tags: unique(tag, 0, 2), addresses: unique(address, 0, 1), mapping: behaviour, filtering: behaviour, keepsNothing: fc.constant(true) }),
  record({ kind: fc.constant('peers'), tag: optionalTag, peers: namedPeers, closer: namedPeers }),
  record({ kind: fc.constant('peers'), tag: optionalTag, peers: namedPeers, closer: fc.constant([]), keepers: namedPeers.filter((named) => named.length > 0) }),
  record({ kind: fc.constant('introduce'), peer }),
  record({ kind: fc.constant('knock'), token, address: fc.option(address, { nil: null }) }),
  fc.tuple(token, fc.integer({ min: 1, max: 65535 }), fc.integer({ min: 1, max: 65535 })).map(([of, one, other]) => ({ kind: 'ports' as const, token: of, low: Math.min(one, other), high: Math.max(one, other) })),
  record({ kind: fc.constant('call'), peer, address, token, initiator: fc.boolean() }),
  record({ kind: fc.constant('bye'), reason: fc.nat({ max: 255 }) }),
];
export const frame: fc.Arbitrary<Frame> = fc.oneof(...frames);

export const envelope: fc.Arbitrary<Envelope> = fc.record(
  {
    parents: unique(packetId, 1, 8),
    ms: fc.nat({ max: 999 }),
    recipient: hex(32) as fc.Arbitrary<never>,
    epoch: u32,
    contentType: fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 64 }),
  },
  { requiredKeys: ['ms'], noNullPrototype: true },
);

export const links: fc.Arbitrary<{ prev: PacketId | null; next: ShortId | null }> = record({ prev: fc.option(packetId), next: fc.option(shortId.filter((id) => !/^0+$/.test(id))) });

const scalar: fc.Arbitrary<CborValue> = fc.oneof(
  fc.maxSafeNat(),
  u32,
  fc.nat({ max: 300 }),
  fc.boolean(),
  fc.constant(null),
  fc.string({ unit: 'grapheme', maxLength: 100 }).filter((text) => !text.startsWith('\ufeff') && !/\p{Surrogate}/u.test(text)),
  fc.uint8Array({ maxLength: 300 }),
);
const nested = (item: fc.Arbitrary<CborValue>): fc.Arbitrary<CborValue> =>
  fc.oneof(
    item,
    fc.array(item, { maxLength: 3 }),
    fc.uniqueArray(fc.tuple(fc.maxSafeNat(), item), { maxLength: 3, selector: ([key]) => key }).map((entries) => new Map(entries)),
  );
/** At most 4 levels and 3 + 9 + 27 + 81 entries, each of two items: close to the limits, within them. */
export const cborValue: fc.Arbitrary<CborValue> = nested(nested(nested(nested(scalar)))).filter((value) => itemsOf(value) <= 256);

const itemsOf = (value: CborValue): number => {
  if (Array.isArray(value)) return (value as readonly CborValue[]).reduce<number>((sum, item) => sum + itemsOf(item), 1);
  if (value instanceof Map) return [...(value as ReadonlyMap<number, CborValue>).values()].reduce<number>((sum, item) => sum + 1 + itemsOf(item), 1);
  return 1;
};

/** Bytes with some of them changed, cut off or added: what a broken or hostile peer makes of good ones. */
export const damaged = (bytes: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> =>
  fc
    .tuple(bytes, fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 3 }), fc.option(fc.nat(), { freq: 3 }), fc.uint8Array({ maxLength: 3 }))
    .map(([good, changes, cut, tail]) => {
      const end = cut === null ? good.length : cut % (good.length + 1);
      const bad = Uint8Array.from([...good.subarray(0, end), ...tail]);
      for (const [at, value] of changes) if (bad.length > 0) bad[at % bad.length] = value;
      return bad;
    });
