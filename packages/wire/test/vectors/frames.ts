/** vectors/frames.json: frames and bundles as bytes, and what is refused. */
import { type Address, concat, encodeAddress, fromHex, type PacketId, type PeerId, type ShortId, toHex, type TopicTag, utf8 } from '@srp/machine';
import { bundle, type CborValue, decodeFrame, encodeBlocks, encodeCbor, encodeChunk, encodeFrame, encodeMessage, type Frame, unbundle } from '@srp/wire';
import { withBytes } from '../support/raw.js';

const tx = '0123456789abcdef';
const tag = 'a0a1a2a3a4a5a6a7' as TopicTag;
const peer = 'b0'.repeat(32) as PeerId;
const ipv4 = '192.0.2.7:4711' as Address;
const ipv6 = '[2001:db8::7]:4711' as Address;
const ids = (count: number): ShortId[] => Array.from({ length: count }, (_, i) => (i + 1).toString(16).padStart(16, '0') as ShortId);
const tags = (count: number): TopicTag[] => ids(count) as string[] as TopicTag[];
const peers = (count: number) => Array.from({ length: count }, (_, i) => ({ peer: (i + 1).toString(16).padStart(64, '0') as PeerId, address: `192.0.2.${i + 1}:4711` as Address }));
const addresses = (count: number) => peers(count).map(({ address }) => address);

export const frameVectors = () => ({
  version: 1,
  spec: 'Frames',
  provenance:
    'Written by packages/wire/test/vectors/frames.ts. The fixed layouts are confirmed by packages/wire/test/reference/frames.ts, which reads ' +
    'them with a DataView; the CBOR ones by packages/wire/test/reference/cbor.ts.',
  frames: frames.map(([rule, description, frame]) => ({ description, rule, frame, bytes: toHex(encodeFrame(frame)) })),
  skipped: skipped.map(([rule, description, bytes]) => {
    const result = decodeFrame(bytes);
    return { description, rule, bytes: toHex(bytes), frame: result.ok ? result.value : result.reason };
  }),
  refused: refused().map(([rule, description, bytes]) => {
    const result = decodeFrame(bytes);
    return { description, rule, bytes: toHex(bytes), refused: result.ok ? null : result.reason };
  }),
  bundles: bundles().map(([rule, description, bytes]) => {
    const result = unbundle(bytes);
    return { description, rule, bytes: toHex(bytes), ...(result.ok ? { frames: result.value.map(toHex) } : { refused: result.reason }) };
  }),
});

const hello: Frame = { kind: 'hello', version: 1, tags: [tag], addresses: [ipv4], mapping: 'independent', filtering: 'dependent' };

const request = { kind: 'sync-request', tag, since: 1_763_913_600, state: 0, from: 0, count: 0, digest: null } as const;
const symbol = { high: 1, low: 2, check: 3, excess: 4 };
const sketch = { kind: 'sync-symbols', tag, salt: tx, state: 0x0102_0304, count: 14_000, from: 0, symbols: [symbol] } as const;

const frames: readonly (readonly [string, string, Frame])[] = [
  ['W-27', 'PING', { kind: 'ping', tx, silence: 0 }],
  ['W-27', 'PING of one whose mapping is known to live 25 s', { kind: 'ping', tx, silence: 25 }],
  ['W-27', 'PING of one that nothing translates', { kind: 'ping', tx, silence: 255 }],
  ['W-28', 'PONG over IPv4', { kind: 'pong', tx, observed: ipv4, time: 1_764_000_000, silence: 0 }],
  ['W-28', 'PONG over IPv6, everything at its largest', { kind: 'pong', tx, observed: ipv6, time: 0xffff_ffff, silence: 255 }],
  ['W-30', 'WANT of one object', { kind: 'want', ids: ids(1) }],
  ['W-30', 'WANT of 60 objects', { kind: 'want', ids: ids(60) }],
  ['W-30', 'WANT of the successors of an object', { kind: 'want-after', tag, prev: '00112233445566778899aabbccddeeff' as PacketId }],
  ['W-52', 'IHAVE of one object', { kind: 'ihave', tag, ids: ids(1) }],
  ['W-52', 'IHAVE of 148 objects', { kind: 'ihave', tag, ids: ids(148) }],
  ['W-53', 'GRAFT that asks for no object', { kind: 'graft', tag, ids: [] }],
  ['W-53', 'GRAFT that asks for 60 objects', { kind: 'graft', tag, ids: ids(60) }],
  ['W-54', 'PRUNE', { kind: 'prune', tag }],
  ['W-32', 'OFFER of one object', { kind: 'offer', tag, ids: ids(1) }],
  ['W-32', 'OFFER of 148 objects', { kind: 'offer', tag, ids: ids(148) }],
  ['W-33', 'SYNC_REQ, a first question', { ...request, count: 87, digest: 'd0d1d2d3d4d5d6d7d8d9dadb' }],
  ['W-33', 'SYNC_REQ for more symbols', { ...request, state: 0x0102_0304, from: 87, count: 73 }],
  ['W-33', 'SYNC_REQ for the last symbol', { ...request, state: 0xffff_ffff, from: 4095, count: 1 }],
  ['W-33', 'SYNC_REQ for the id list', request],
  ['W-55', 'SYNC_SYM of one who has the same', { ...sketch, symbols: [] }],
  ['W-55', 'SYNC_SYM with excesses of 1 to 5 bytes', { ...sketch, symbols: [0, -1, 1, -64, 64, 0x1000, 0x10_0000, 0x800_0000, 0x7fff_ffff, -0x8000_0000].map((excess, i) => ({ high: 0xff00_0000 + i, low: i, check: 0x8000_0000 + i, excess })) }],
  ['W-55', 'SYNC_SYM, the last two of 4096', { ...sketch, from: 4094, symbols: [symbol, symbol] }],
  ['W-34', 'SYNC_IDS of one who has nothing', { kind: 'sync-ids', tag, part: 0, parts: 1, ids: [] }],
  ['W-34', 'SYNC_IDS, the last part of 256, with 147 ids', { kind: 'sync-ids', tag, part: 255, parts: 256, ids: ids(147) }],
  ['W-56', 'PULL of one block', { kind: 'pull', transfer: 7, file: 'f0'.repeat(16), ranges: [{ first: 0, count: 1 }] }],
  ['W-56', 'PULL of 64 blocks in a run, the last that has a number among them', { kind: 'pull', transfer: 0xffff_ffff, file: 'f0'.repeat(16), ranges: [{ first: 0xffff_ffc0, count: 64 }] }],
  ['W-56', 'PULL of 64 blocks, each by itself', { kind: 'pull', transfer: 7, file: 'f0'.repeat(16), ranges: Array.from({ length: 64 }, (_, i) => ({ first: 2 * i, count: 1 })) }],
  ['W-57', 'NOBLOCK of who knows no such file', { kind: 'no-block', transfer: 7, reason: 'unknown', range: { first: 0, count: 64 } }],
  ['W-57', 'NOBLOCK of who is asked for too much', { kind: 'no-block', transfer: 7, reason: 'busy', range: { first: 0xffff_ffff, count: 1 } }],
  ['W-67', 'HOLDS of who has nothing yet', { kind: 'holds', transfer: 7, from: 0, until: 0, also: [] }],
  ['W-67', 'HOLDS of a run and some groups behind it', { kind: 'holds', transfer: 7, from: 3, until: 100, also: [101, 107, 108, 355] }],
  ['W-67', 'HOLDS of the last group that has a number', { kind: 'holds', transfer: 0xffff_ffff, from: 0, until: 0xffff_fff0, also: [0xffff_ffff] }],
  ['W-61', 'ASK that only says what is there', { kind: 'ask', stream: 7, below: 0, ranges: [] }],
  ['W-61', 'ASK for two runs, everything at its largest', { kind: 'ask', stream: 0xffff_ffff, below: 0xffff_ffff, ranges: [{ first: 1, count: 1 }, { first: 0xffff_0001, count: 0xffff }] }],
  ['W-64', 'OPEN', { kind: 'open', stream: 0xffff_fffe, label: 'echo' }],
  ['W-64', 'RESET', { kind: 'reset', stream: 7, reason: 2 }],
  ['W-36', 'HELLO', hello],
  ['W-36', 'HELLO that says little', { kind: 'hello', version: 1, tags: [], addresses: [], mapping: 'unknown', filtering: 'unknown' }],
  ['W-36', 'HELLO with 64 tags and 4 addresses', { ...hello, tags: tags(64), addresses: addresses(4) }],
  ['W-36', 'HELLO of one who keeps nothing for others', { ...hello, keepsNothing: true }],
  ['W-37', 'FIND of a topic', { kind: 'find', tag }],
  ['W-37', 'FIND of anyone', { kind: 'find', tag: null }],
  ['W-37', 'FIND of a topic, and of who may keep its objects', { kind: 'find', tag, keepers: true }],
  ['W-38', 'PEERS, none', { kind: 'peers', tag, peers: [], closer: [] }],
  ['W-38', 'PEERS, 8 of them', { kind: 'peers', tag: null, peers: peers(8), closer: [] }],
  ['W-38', 'PEERS, none but one that is closer', { kind: 'peers', tag, peers: [], closer: [{ peer, address: ipv6 }] }],
  ['W-38', 'PEERS, 8 of them, which are also closer', { kind: 'peers', tag, peers: peers(8), closer: peers(8) }],
  ['W-38', 'PEERS, none but one that may keep objects', { kind: 'peers', tag, peers: [], closer: [], keepers: [{ peer, address: ipv4 }] }],
  ['W-38', 'PEERS, 8 of them, 4 closer, and 8 that may keep objects', { kind: 'peers', tag, peers: peers(8), closer: peers(4), keepers: peers(8) }],
  ['W-39', 'INTRO', { kind: 'introduce', peer }],
  ['W-40', 'CALL to the one who starts', { kind: 'call', peer, address: ipv6, token: tx, initiator: true }],
  ['W-40', 'CALL to the one who punches first', { kind: 'call', peer, address: ipv4, token: tx, initiator: false }],
  ['W-65', 'PORTS of one whose NAT gives any port', { kind: 'ports', token: tx, low: 1, high: 65535 }],
  ['W-65', 'PORTS of one whose ports are alike', { kind: 'ports', token: tx, low: 4000, high: 4000 }],
  ['W-66', 'KNOCK of one who asks about its NAT', { kind: 'knock', token: tx, address: null }],
  ['W-66', 'KNOCK for somebody else', { kind: 'knock', token: tx, address: ipv4 }],
  ['W-41', 'BYE', { kind: 'bye', reason: 0 }],
  ['W-41', 'BYE with the largest reason', { kind: 'bye', reason: 255 }],
];

const cold = (type: number, ...entries: readonly (readonly [number, CborValue])[]): Uint8Array => concat(Uint8Array.of(type), encodeCbor(new Map(entries)));

const skipped: readonly (readonly [string, string, Uint8Array])[] = [
  ['W-35', 'FIND with a key of a later version', cold(0x22, [1, fromHex(tag)], [9, 'later'])],
  ['W-35', 'BYE with two keys of a later version', cold(0x28, [1, 3], [2, 'why'], [3, [1, 2]])],
];

const helloWith = (key: number, value: CborValue | undefined): Uint8Array => {
  const fields = new Map<number, CborValue>([[1, 1], [2, []], [3, []], [4, 0], [5, 0]]);
  if (value === undefined) fields.delete(key);
  else fields.set(key, value);
  return concat(Uint8Array.of(0x20), encodeCbor(fields));
};

const refused = (): readonly (readonly [string, string, Uint8Array])[] => {
  const ping = encodeFrame({ kind: 'ping', tx, silence: 0 });
  const pong = encodeFrame({ kind: 'pong', tx, observed: ipv4, time: 0, silence: 0 });
  const want = encodeFrame({ kind: 'want', ids: ids(2) });
  const after = encodeFrame({ kind: 'want-after', tag, prev: 'cc'.repeat(16) as PacketId });
  const ihave = encodeFrame({ kind: 'ihave', tag, ids: ids(2) });
  const graft = encodeFrame({ kind: 'graft', tag, ids: ids(2) });
  const prune = encodeFrame({ kind: 'prune', tag });
  const offer = encodeFrame({ kind: 'offer', tag, ids: ids(2) });
  const first = encodeFrame({ ...request, count: 87, digest: 'd0'.repeat(12) });
  const more = encodeFrame({ ...request, state: 1, from: 87, count: 73 });
  const list = encodeFrame(request);
  const symbols = encodeFrame({ ...sketch, symbols: [symbol] });
  const answer = encodeFrame({ kind: 'sync-ids', tag, part: 1, parts: 2, ids: ids(2) });
  const pull = encodeFrame({ kind: 'pull', transfer: 7, file: 'f0'.repeat(16), ranges: [{ first: 5, count: 32 }] });
  const holds = encodeFrame({ kind: 'holds', transfer: 7, from: 3, until: 100, also: [101, 110] });
  const noBlock = encodeFrame({ kind: 'no-block', transfer: 7, reason: 'absent', range: { first: 5, count: 1 } });
  const ask = encodeFrame({ kind: 'ask', stream: 7, below: 5, ranges: [{ first: 5, count: 1 }] });
  const id16 = new Uint8Array(16);
  const key = fromHex(peer);
  const address = encodeAddress(ipv4);
  const pair: CborValue = [key, address];
  const pairs = (count: number): CborValue => peers(count).map((one) => [fromHex(one.peer), encodeAddress(one.address)]);
  const tooMany = (head: Uint8Array, count: number) => concat(head, ...ids(count).map(fromHex));
  return [
    ['W-26', 'nothing', new Uint8Array(0)],
    ['W-26', '1199 bytes', new Uint8Array(1199).fill(0x28)],
    ['W-26', 'an object is no frame', withBytes(new Uint8Array(174), 0, 0x58)],
    ['W-26', 'a bundle is no frame', bundle([ping])],
    ['W-58', 'a block is no frame', encodeBlocks({ transfer: 7, position: 5, bytes: new Uint8Array(1024) })[0]!],
    ['W-26', 'a type without a name', Uint8Array.of(0x7f)],
    ['W-27', 'PING of 32 bytes, one less than its answer', ping.subarray(0, 32)],
    ['W-27', 'PING of 34 bytes', concat(ping, Uint8Array.of(0))],
    ['W-27', 'PING with something before its silence', withBytes(ping, 9, 1)],
    ['W-27', 'PING with something in its padding', withBytes(ping, 32, 1)],
    ['W-28', 'PONG of 32 bytes', pong.subarray(0, 32)],
    ['W-29', 'an address of family 5', withBytes(pong, 9, 5)],
    ['W-29', 'port 0', withBytes(pong, 26, 0, 0)],
    ['W-29', 'IPv4 with something behind its 4 bytes', withBytes(pong, 14, 1)],
    ['W-29', 'IPv4 mapped into IPv6', withBytes(pong, 9, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 192, 0, 2, 7)],
    ['W-29', 'a multicast address', withBytes(pong, 10, 224)],
    ['W-29', 'the broadcast address', withBytes(pong, 10, 255, 255, 255, 255)],
    ['W-29', 'the unspecified address', withBytes(pong, 10, 0, 0, 0, 0)],
    ['W-29', 'an IPv4 address of this network, 0.0.0.0/8', withBytes(pong, 10, 0, 1, 2, 3)],
    ['W-29', 'a reserved IPv4 address, 240.0.0.0/4', withBytes(pong, 10, 240, 0, 0, 1)],
    ['W-29', 'the unspecified IPv6 address', withBytes(pong, 9, 6, ...new Array<number>(16).fill(0))],
    ['W-29', 'an IPv6 multicast address', withBytes(pong, 9, 6, 0xff, 2, ...new Array<number>(13).fill(0), 1)],
    ['W-30', 'WANT of its type alone', want.subarray(0, 1)],
    ['W-30', 'WANT of a third form', withBytes(want, 1, 2)],
    ['W-30', 'WANT whose last id is cut', want.subarray(0, 17)],
    ['W-30', 'WANT of successors, cut', after.subarray(0, 25)],
    ['W-30', 'WANT of successors, too long', concat(after, Uint8Array.of(0))],
    ['W-30', 'WANT of 61 objects', tooMany(Uint8Array.of(4, 0), 61)],
    ['W-31', 'WANT of nothing', want.subarray(0, 2)],
    ['W-31', 'WANT of one object twice', concat(want, fromHex(ids(1)[0] ?? ''))],
    ['W-52', 'IHAVE without its tag', ihave.subarray(0, 8)],
    ['W-52', 'IHAVE whose last id is cut', ihave.subarray(0, 24)],
    ['W-31', 'IHAVE of nothing', ihave.subarray(0, 9)],
    ['W-31', 'IHAVE of one object twice', concat(ihave, fromHex(ids(1)[0] ?? ''))],
    ['W-53', 'GRAFT without its tag', graft.subarray(0, 8)],
    ['W-53', 'GRAFT whose last id is cut', graft.subarray(0, 24)],
    ['W-53', 'GRAFT that asks for 61 objects', tooMany(graft.subarray(0, 9), 61)],
    ['W-31', 'GRAFT that asks for one object twice', concat(graft, fromHex(ids(1)[0] ?? ''))],
    ['W-54', 'PRUNE whose tag is cut', prune.subarray(0, 8)],
    ['W-54', 'PRUNE with an id', withBytes(graft.subarray(0, 17), 0, 0x06)],
    ['W-32', 'OFFER without its tag', offer.subarray(0, 8)],
    ['W-32', 'OFFER whose last id is cut', offer.subarray(0, 24)],
    ['W-31', 'OFFER of nothing', offer.subarray(0, 9)],
    ['W-31', 'OFFER of one object twice', concat(offer, fromHex(ids(1)[0] ?? ''))],
    ['W-33', 'SYNC_REQ of 20 bytes', list.subarray(0, 20)],
    ['W-33', 'SYNC_REQ for symbols beyond the last', withBytes(more, 17, 0x0f, 0xff, 0, 2)],
    ['W-33', 'SYNC_REQ for 4097 symbols', withBytes(first, 19, 0x10, 1)],
    ['W-33', 'SYNC_REQ for no more symbols', withBytes(more, 19, 0, 0)],
    ['W-33', 'SYNC_REQ for the id list with a state', withBytes(list, 13, 1)],
    ['W-33', 'SYNC_REQ, a first question with a state', withBytes(first, 13, 1)],
    ['W-33', 'SYNC_REQ, a first question without a digest', first.subarray(0, 21)],
    ['W-33', 'SYNC_REQ, a first question with half a digest', first.subarray(0, 27)],
    ['W-33', 'SYNC_REQ for more symbols with a digest', concat(more, new Uint8Array(12))],
    ['W-33', 'SYNC_REQ for the id list with a digest', concat(list, new Uint8Array(12))],
    ['W-33', 'SYNC_REQ beyond the last symbol and without its digest: the range is looked at first', withBytes(first.subarray(0, 21), 17, 0xff, 0xff)],
    ['W-55', 'SYNC_SYM of 26 bytes', symbols.subarray(0, 26)],
    ['W-55', 'SYNC_SYM with a symbol without its excess', symbols.subarray(0, 39)],
    ['W-55', 'SYNC_SYM with a symbol of one byte', symbols.subarray(0, 28)],
    ['W-55', 'SYNC_SYM with an excess that goes on behind its end', withBytes(symbols, 39, 0x84)],
    ['W-55', 'SYNC_SYM with an excess that is not in its shortest form', concat(withBytes(symbols, 39, 0x84), Uint8Array.of(0))],
    ['W-55', 'SYNC_SYM with an excess of 33 bits', concat(symbols.subarray(0, 39), Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x1f))],
    ['W-55', 'SYNC_SYM with an excess of six bytes', concat(symbols.subarray(0, 39), Uint8Array.of(0x80, 0x80, 0x80, 0x80, 0x80, 0x01))],
    ['W-55', 'SYNC_SYM beyond the last symbol', withBytes(symbols, 25, 0x10, 0)],
    ['W-55', 'SYNC_SYM beyond the last symbol with one that is cut: what is cut is looked at first', withBytes(symbols.subarray(0, 39), 25, 0x10, 0)],
    ['W-34', 'SYNC_IDS without its parts', answer.subarray(0, 16)],
    ['W-34', 'SYNC_IDS with a byte where zero should be', withBytes(answer, 12, 1)],
    ['W-34', 'part 2 of 0..1', withBytes(answer, 13, 0, 2)],
    ['W-34', 'no parts', withBytes(answer, 13, 0, 0, 0, 0)],
    ['W-34', '257 parts', withBytes(answer, 15, 1, 1)],
    ['W-34', 'SYNC_IDS whose last id is cut', answer.subarray(0, 32)],
    ['W-34', 'SYNC_IDS with a byte where zero should be, a part beyond its parts and a cut id: zero is looked at first', withBytes(answer.subarray(0, 32), 12, 1, 0, 2)],
    ['W-34', 'SYNC_IDS with a part beyond its parts and a cut id: the part is looked at first', withBytes(answer.subarray(0, 32), 13, 0, 2)],
    ['W-26', 'SYNC_IDS of 148 whole ids, which is too long for a frame', tooMany(answer.subarray(0, 17), 148)],
    ['W-34', 'SYNC_IDS with a part beyond its parts and an id twice: the part is looked at first', withBytes(concat(answer, fromHex(ids(1)[0] ?? '')), 13, 0, 2)],
    ['W-31', 'SYNC_IDS of one object twice', concat(answer, fromHex(ids(1)[0] ?? ''))],
    ['W-56', 'PULL whose file is cut', pull.subarray(0, 20)],
    ['W-56', 'PULL whose range is cut', pull.subarray(0, 26)],
    ['W-56', 'PULL of nothing', pull.subarray(0, 21)],
    ['W-56', 'PULL of a range without a block', withBytes(pull, 25, 0, 0)],
    ['W-56', 'PULL of a range of 65 blocks', withBytes(pull, 25, 0, 65)],
    ['W-56', 'PULL of a block beyond the last number', withBytes(pull, 21, 0xff, 0xff, 0xff, 0xff, 0, 2)],
    ['W-56', 'PULL of 65 blocks in two ranges', concat(pull, Uint8Array.of(0, 0, 1, 0, 0, 33))],
    ['W-56', 'PULL of 65 blocks and a range without a block: each range is looked at first', concat(pull, Uint8Array.of(0, 0, 1, 0, 0, 33, 0, 0, 2, 0, 0, 0))],
    ['W-57', 'NOBLOCK of 11 bytes', noBlock.subarray(0, 11)],
    ['W-57', 'NOBLOCK for a reason of a later version', withBytes(noBlock, 5, 4)],
    ['W-57', 'NOBLOCK of a range without a block', withBytes(noBlock, 10, 0, 0)],
    ['W-67', 'HOLDS that is cut', holds.subarray(0, 12)],
    ['W-67', 'HOLDS of 257 groups behind its run', concat(holds, new Uint8Array(31).fill(1))],
    ['W-67', 'HOLDS that ends before it begins', withBytes(holds, 5, 0, 0, 0, 101)],
    ['W-67', 'HOLDS whose missing group is there', withBytes(holds, 13, 0xc0)],
    ['W-67', 'HOLDS with a last byte of no group', concat(holds, Uint8Array.of(0))],
    ['W-67', 'HOLDS of a group beyond the last number', withBytes(holds, 9, 0xff, 0xff, 0xff, 0xff)],
    ['W-62', 'a piece of a stream is no frame', encodeChunk({ stream: 7, number: 0, held: 0, isLast: true, isIdle: false, bytes: utf8('x') })],
    ['W-63', 'a datagram of an app is no frame', encodeMessage(utf8('x'))],
    ['W-61', 'ASK that is cut', ask.subarray(0, 8)],
    ['W-61', 'ASK whose range is cut', ask.subarray(0, 14)],
    ['W-61', 'ASK of 33 ranges', concat(ask.subarray(0, 9), ...new Array<Uint8Array>(33).fill(ask.subarray(9)))],
    ['W-61', 'ASK for a range without a piece', withBytes(ask, 13, 0, 0)],
    ['W-61', 'ASK for a piece beyond the last number', withBytes(ask, 9, 0xff, 0xff, 0xff, 0xff, 0, 2)],
    ['W-64', 'OPEN without a stream', cold(0x29, [2, 'echo'])],
    ['W-64', 'OPEN of stream 2^32', cold(0x29, [1, 2 ** 32], [2, 'echo'])],
    ['W-64', 'OPEN without a label', cold(0x29, [1, 7])],
    ['W-64', 'OPEN with a label of 65 characters', cold(0x29, [1, 7], [2, 'x'.repeat(65)])],
    ['W-64', 'OPEN with a line break in its label', cold(0x29, [1, 7], [2, 'a\nb'])],
    ['W-64', 'RESET of nothing', cold(0x2a, [2, 1])],
    ['W-64', 'RESET with reason 256', cold(0x2a, [1, 7], [2, 256])],
    ['W-35', 'HELLO without a map', Uint8Array.of(0x20)],
    ['W-35', 'HELLO with a byte behind its map', concat(helloWith(1, 1), Uint8Array.of(0))],
    ['W-35', 'HELLO of an array', Uint8Array.of(0x20, 0x80)],
    ['W-35', 'BYE with its key written in two bytes', Uint8Array.of(0x28, 0xa1, 0x18, 0x01, 0x00)],
    ['W-36', 'HELLO without a version', helloWith(1, undefined)],
    ['W-36', 'HELLO of version 0', helloWith(1, 0)],
    ['W-36', 'HELLO of version 256', helloWith(1, 256)],
    ['W-36', 'HELLO without tags', helloWith(2, undefined)],
    ['W-36', 'HELLO with a tag for a list of them', helloWith(2, fromHex(tag))],
    ['W-36', 'HELLO with a tag of 16 bytes', helloWith(2, [id16])],
    ['W-36', 'HELLO with 65 tags', helloWith(2, tags(65).map(fromHex))],
    ['W-36', 'HELLO with a tag twice', helloWith(2, [fromHex(tag), fromHex(tag)])],
    ['W-36', 'HELLO without addresses', helloWith(3, undefined)],
    ['W-36', 'HELLO with 5 addresses', helloWith(3, addresses(5).map(encodeAddress))],
    ['W-36', 'HELLO with an address twice', helloWith(3, [address, address])],
    ['W-29', 'HELLO with an address of 18 bytes', helloWith(3, [address.subarray(1)])],
    ['W-29', 'HELLO with a multicast address', helloWith(3, [withBytes(address, 1, 239)])],
    ['W-36', 'HELLO with a mapping of 3', helloWith(4, 3)],
    ['W-36', 'HELLO without filtering', helloWith(5, undefined)],
    ['W-36', 'HELLO that says it keeps something', helloWith(6, false)],
    ['W-36', 'HELLO with a number for whether it keeps nothing', helloWith(6, 1)],
    ['W-37', 'FIND of a tag of 7 bytes', cold(0x22, [1, new Uint8Array(7)])],
    ['W-37', 'FIND of null', cold(0x22, [1, null])],
    ['W-37', 'FIND that asks for no keepers', cold(0x22, [1, fromHex(tag)], [2, false])],
    ['W-38', 'PEERS without a list', cold(0x23)],
    ['W-38', 'PEERS with a pair of three', cold(0x23, [2, [[key, address, 1]]])],
    ['W-38', 'PEERS with a peer for a pair', cold(0x23, [2, [key]])],
    ['W-38', 'PEERS with a peer of 31 bytes', cold(0x23, [2, [[key.subarray(1), address]]])],
    ['W-38', 'PEERS, 9 of them', cold(0x23, [2, pairs(9)])],
    ['W-38', 'PEERS with a peer twice', cold(0x23, [2, [pair, pair]])],
    ['W-29', 'PEERS at the unspecified address', cold(0x23, [2, [[key, withBytes(address, 1, 0, 0, 0, 0)]]])],
    ['W-38', 'PEERS with nobody in what is closer', cold(0x23, [2, []], [3, []])],
    ['W-38', 'PEERS with a peer for what is closer', cold(0x23, [2, []], [3, key])],
    ['W-38', 'PEERS with a closer pair of one', cold(0x23, [2, []], [3, [[key]]])],
    ['W-38', 'PEERS with a closer peer of 31 bytes', cold(0x23, [2, []], [3, [[key.subarray(1), address]]])],
    ['W-38', 'PEERS, 9 of them closer', cold(0x23, [2, []], [3, pairs(9)])],
    ['W-38', 'PEERS with a closer peer twice', cold(0x23, [2, []], [3, [pair, pair]])],
    ['W-38', 'PEERS whose closer ones stand where its list should', cold(0x23, [3, [pair]])],
    ['W-29', 'PEERS with a closer peer at a multicast address', cold(0x23, [2, []], [3, [[key, withBytes(address, 1, 239)]]])],
    ['W-38', 'PEERS with nobody in those that may keep objects', cold(0x23, [2, []], [4, []])],
    ['W-38', 'PEERS, 9 that may keep objects', cold(0x23, [2, []], [4, pairs(9)])],
    ['W-38', 'PEERS with 21 names in all', cold(0x23, [2, pairs(8)], [3, pairs(5)], [4, pairs(8)])],
    ['W-38', 'PEERS with one twice that may keep objects', cold(0x23, [2, []], [4, [pair, pair]])],
    ['W-39', 'INTRO to nobody', cold(0x25)],
    ['W-39', 'INTRO to a text', cold(0x25, [1, peer])],
    ['W-40', 'CALL from nobody', cold(0x26, [2, address], [3, fromHex(tx)], [4, true])],
    ['W-40', 'CALL to nowhere', cold(0x26, [1, key], [3, fromHex(tx)], [4, true])],
    ['W-40', 'CALL with a token of 16 bytes', cold(0x26, [1, key], [2, address], [3, id16], [4, true])],
    ['W-65', 'PORTS with a token of 16 bytes', cold(0x27, [1, id16], [2, 1], [3, 2])],
    ['W-65', 'PORTS from port 0 on', cold(0x27, [1, fromHex(tx)], [2, 0], [3, 2])],
    ['W-65', 'PORTS up to one that is none', cold(0x27, [1, fromHex(tx)], [2, 1], [3, 65536])],
    ['W-65', 'PORTS the wrong way round', cold(0x27, [1, fromHex(tx)], [2, 2], [3, 1])],
    ['W-65', 'PORTS without a lowest one', cold(0x27, [1, fromHex(tx)], [3, 1])],
    ['W-66', 'KNOCK without a token', cold(0x2b, [2, address])],
    ['W-66', 'KNOCK at an address that is cut off', cold(0x2b, [1, fromHex(tx)], [2, address.subarray(1)])],
    ['W-40', 'CALL with 1 for true', cold(0x26, [1, key], [2, address], [3, fromHex(tx)], [4, 1])],
    ['W-41', 'BYE without a reason', cold(0x28)],
    ['W-41', 'BYE with reason 256', cold(0x28, [1, 256])],
  ];
};

const bundles = (): readonly (readonly [string, string, Uint8Array])[] => {
  const bye = encodeFrame({ kind: 'bye', reason: 0 });
  const find = encodeFrame({ kind: 'find', tag: null });
  const two = bundle([find, bye]);
  return [
    ['W-42', 'two frames', two],
    ['W-42', 'one frame of a type nobody knows: a bundle does not look inside', bundle([utf8('zzz')])],
    ['W-42', '64 frames', bundle(new Array<Uint8Array>(64).fill(find))],
    ['W-42', 'no bundle', bye],
    ['W-42', 'a bundle of nothing', Uint8Array.of(0)],
    ['W-42', 'half a length', concat(two, Uint8Array.of(0))],
    ['W-42', 'a length beyond the end', two.subarray(0, two.length - 1)],
    ['W-42', 'two frames and padding, which is not looked at', concat(two, Uint8Array.of(0, 0, 9))],
    ['W-42', 'nothing but padding', Uint8Array.of(0, 0, 0)],
    ['W-42', 'a bundle in a bundle', concat(Uint8Array.of(0, 0, two.length), two)],
    ['W-42', '65 frames', concat(Uint8Array.of(0), ...new Array<Uint8Array>(65).fill(Uint8Array.of(0, 1, 0x7f)))],
  ];
};
