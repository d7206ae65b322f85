/** Good bytes of every kind, fixed by one seed: what hostile ones are made of, and what must still be understood afterwards. */
import { generateKeyPair, publicTopic, randomTopic, seededRandom, sign } from '@srp/identity';
import { type Address, authorId, fromHex, instant, type Instant, type PacketId, parseAddress, peerId, type PeerId, type ShortId, shortIdOf, utf8 } from '@srp/machine';
import { bundle, type CborValue, composePacket, composeRun, decodePacket, encodeCbor, encodeFrame, encodePacket, type Frame, type Packet, type PacketFields } from '@srp/wire';

export const random = seededRandom(new Uint8Array(32).fill(0x5e));
/** When all of this happens. */
export const start: Instant = instant(1_800_000_000_000);

export const addressOf = (text: string): Address => {
  const address = parseAddress(text);
  if (address === null) throw new RangeError(`Cannot read an address: ${text}`);
  return address;
};

export const square = publicTopic('square');
const attic = randomTopic(random);
/** Who signs the objects here. */
export const author = generateKeyPair(random);
const other = generateKeyPair(random);

const draft = { topic: square, author, now: start, prev: null, random } as const;
const first = composePacket({ ...draft, payload: utf8('first') });
const full = composePacket({ ...draft, prev: first.id, payload: new Uint8Array(999).fill(0x61), envelope: { ms: 999, parents: [first.id] } });
const run = composeRun({
  ...draft,
  author: other,
  items: [{ kind: 'part', payload: new Uint8Array(1024).fill(0x62) }, { kind: 'part', payload: new Uint8Array(0) }, { kind: 'manifest', payload: (before) => fromHex(before.join('')) }],
});
const lives = ([0, 1, 2, 3] as const).map((life) =>
  composePacket({ ...draft, topic: life === 3 ? attic : square, life, payload: utf8(`life ${life}`), envelope: { ms: life, contentType: 'text/plain', epoch: life } }),
);

/** Objects: whole, of every kind and life, at both ends of their length. */
export const packets: readonly Packet[] = [first, full, ...run, ...lives];

const peers: readonly PeerId[] = Array.from({ length: 8 }, () => peerId(generateKeyPair(random).publicKey));
const someAddresses: readonly Address[] = ['192.0.2.1:1024', '203.0.113.9:65535', '[2001:db8::7]:4000', '10.1.2.3:9000'].map(addressOf);
const named = peers.map((peer, i) => ({ peer, address: someAddresses[i % someAddresses.length] as Address }));
const shortIds = (count: number): readonly ShortId[] => Array.from({ length: count }, () => shortIdOf(Buffer.from(random.bytes(16)).toString('hex') as PacketId));
const ids = packets.map(({ id }) => shortIdOf(id));
const token = '0102030405060708';

/** Frames of every kind, small and as large as they may be. */
export const frames: readonly Frame[] = [
  { kind: 'ping', tx: token, silence: 25 },
  { kind: 'pong', tx: token, observed: addressOf('192.0.2.1:1024'), time: 1_800_000_000, silence: 255 },
  { kind: 'pong', tx: token, observed: addressOf('[2001:db8::7]:4000'), time: 1_800_000_000, silence: 0 },
  { kind: 'want', ids },
  { kind: 'want', ids: shortIds(60) },
  { kind: 'want-after', tag: square.tag, prev: first.id },
  { kind: 'ihave', tag: square.tag, ids },
  { kind: 'ihave', tag: attic.tag, ids: shortIds(148) },
  { kind: 'graft', tag: square.tag, ids: [] },
  { kind: 'graft', tag: attic.tag, ids: shortIds(60) },
  { kind: 'prune', tag: square.tag },
  { kind: 'offer', tag: square.tag, ids },
  { kind: 'offer', tag: attic.tag, ids: shortIds(148) },
  { kind: 'sync-request', tag: square.tag, since: 0, state: 0, from: 0, count: 0, digest: null },
  { kind: 'sync-request', tag: square.tag, since: 0, state: 0, from: 0, count: 84, digest: '0123456789abcdef01234567' },
  { kind: 'sync-request', tag: attic.tag, since: 0xffff_ffff, state: 0xffff_ffff, from: 84, count: 4012, digest: null },
  { kind: 'sync-symbols', tag: square.tag, salt: token, state: 0, count: 3, from: 0, symbols: [] },
  { kind: 'sync-symbols', tag: square.tag, salt: token, state: 0xffff_ffff, count: 0xffff_ffff, from: 4094, symbols: [0x7fff_ffff, -0x8000_0000].map((excess) => ({ high: 0xffff_ffff, low: 0, check: 1, excess })) },
  { kind: 'sync-ids', tag: square.tag, part: 0, parts: 1, ids },
  { kind: 'sync-ids', tag: square.tag, part: 0, parts: 256, ids: shortIds(147) },
  { kind: 'sync-ids', tag: square.tag, part: 255, parts: 256, ids: [] },
  { kind: 'holds', transfer: 7, from: 3, until: 100, also: [101, 355] },
  { kind: 'hello', version: 1, tags: [square.tag, attic.tag], addresses: someAddresses, mapping: 'dependent', filtering: 'independent' },
  { kind: 'hello', version: 255, tags: shortIds(64).map((id) => id as string as typeof square.tag), addresses: [], mapping: 'unknown', filtering: 'unknown' },
  { kind: 'find', tag: null },
  { kind: 'find', tag: square.tag },
  { kind: 'peers', tag: square.tag, peers: named, closer: named },
  { kind: 'peers', tag: null, peers: [], closer: named.slice(0, 1) },
  { kind: 'peers', tag: null, peers: [], closer: [] },
  { kind: 'peers', tag: square.tag, peers: [], closer: [], keepers: named.slice(0, 1) },
  { kind: 'introduce', peer: peers[0] as PeerId },
  { kind: 'ports', token, low: 1024, high: 5119 },
  { kind: 'knock', token, address: null },
  { kind: 'call', peer: peers[1] as PeerId, address: addressOf('203.0.113.9:65535'), token, initiator: true },
  { kind: 'call', peer: peers[2] as PeerId, address: addressOf('[2001:db8::7]:4000'), token, initiator: false },
  { kind: 'bye', reason: 1 },
];

/** The bytes of {@link frames}, and some of them bundled. */
export const frameBytes: readonly Uint8Array[] = [
  ...frames.map(encodeFrame),
  bundle([{ kind: 'find', tag: null } as const, { kind: 'bye', reason: 0 } as const].map(encodeFrame)),
  bundle([first.bytes, encodeFrame({ kind: 'find', tag: square.tag })]),
];

const deep: CborValue = [[[1, 2], null], 'text', new Uint8Array([1, 2, 3])];
/** CBOR as SRP speaks it. */
export const cborBytes: readonly Uint8Array[] = [
  0,
  23,
  24,
  0xffff_ffff,
  Number.MAX_SAFE_INTEGER,
  'text',
  new Uint8Array(300),
  deep,
  new Map<number, CborValue>([[0, deep], [1, new Map([[4_000_000_000, 'x']])], [2, 'y'.repeat(200)]]),
  Array.from({ length: 200 }, (_, i) => i),
].map((value) => encodeCbor(value));

/** An object of these fields with a good signature, whatever else they say. */
export const signed = (fields: Omit<PacketFields, 'author' | 'signature'>, keys = author): Uint8Array => {
  const unsigned = { ...fields, author: authorId(keys.publicKey), signature: new Uint8Array(64) };
  const read = decodePacket(encodePacket(unsigned));
  if (!read.ok) throw new RangeError(`Cannot sign an object: ${read.reason}`);
  const next = fields.next === null ? new Uint8Array(8) : fromHex(fields.next);
  return encodePacket({ ...unsigned, signature: sign(keys, Buffer.concat([utf8('srp1 sign'), fromHex(read.value.fullId), next])) });
};
