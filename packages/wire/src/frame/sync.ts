/**
 * The frames by which two peers compare what they hold: fixed binary, integers big-endian. SPEC, Frames.
 *
 * | SYNC_REQ | type 1, tag 8, since 4, state 4, from 2, count 2, [digest 12]                        | 21, 33 bytes |
 * | SYNC_SYM | type 1, tag 8, salt 8, state 4, count 4, from 2, symbols: sum 8, check 4, excess 1..5 | 27 and more  |
 * | SYNC_IDS | type 1, tag 8, zero 4, part 2, parts 2, ids 8 x n, n = 0..147                        | 17 + 8n      |
 *
 * A SYNC_REQ is one of three: a first question for symbols (from 0, digest), one for more of them (from above 0), one for
 * the id list (count 0). The excess of a symbol is a zig-zag varint: 0, -1, 1, -2 are 0, 1, 2, 3, seven bits a byte, low
 * ones first, in as few bytes as will do.
 */
import { type Decoded, decoded, readU16, readU32, refused, type TopicTag, writeU16, writeU32 } from '@srp/machine';
import { frameBytesMax, syncDigestBytes, syncIdsHeadBytes, syncIdsMax, syncPartsMax, syncRequestBytes, syncSaltBytes, syncSymbolHeadBytes, syncSymbolsHeadBytes, syncSymbolsMax, timeMax } from '../constants.js';
import { isZero, readHex } from '../hex.js';
import { checkInteger, checkList, invalid, putHex, putIds, readIds, started } from './fields.js';
import type { SyncIds, SyncRequest, SyncSymbol, SyncSymbols } from './frame.js';
import type { FrameRefusal } from './refusal.js';

const tagAt = 1;
const tagBytes = 8;
const sinceAt = 9;
const requestStateAt = 13;
const requestFromAt = 17;
const requestCountAt = 19;
const saltAt = 9;
const stateAt = 17;
const countAt = 21;
const fromAt = 25;
const zeroAt = 9;
const partAt = 13;
const partsAt = 15;
const u32Max = 0xffff_ffff;

export const encodeSyncRequest = (frame: SyncRequest): Uint8Array => {
  const { since, state, from, count, digest } = frame;
  checkInteger(since, 0, timeMax, 'sync-request', 'since');
  checkInteger(state, 0, u32Max, 'sync-request', 'state');
  checkInteger(from, 0, syncSymbolsMax, 'sync-request', 'from');
  checkInteger(count, 0, syncSymbolsMax - from, 'sync-request', 'count');
  if (!isOneOfThree(frame)) throw invalid('sync-request', 'state and from must be 0 in a first question and in one for the id list');
  if (hasDigest(frame) !== (digest !== null)) throw invalid('sync-request', 'digest must be there in a first question for symbols, and in no other');
  const bytes = started('sync-request', syncRequestBytes + (digest === null ? 0 : syncDigestBytes));
  putHex(bytes, tagAt, frame.tag, tagBytes, 'sync-request', 'tag');
  writeU32(bytes, sinceAt, since);
  writeU32(bytes, requestStateAt, state);
  writeU16(bytes, requestFromAt, from);
  writeU16(bytes, requestCountAt, count);
  if (digest !== null) putHex(bytes, syncRequestBytes, digest, syncDigestBytes, 'sync-request', 'digest');
  return bytes;
};

export const decodeSyncRequest = (bytes: Uint8Array): Decoded<SyncRequest, FrameRefusal> => {
  if (bytes.length < syncRequestBytes) return refused('frame-length-wrong');
  const state = readU32(bytes, requestStateAt);
  const from = readU16(bytes, requestFromAt);
  const count = readU16(bytes, requestCountAt);
  if (from + count > syncSymbolsMax || !isOneOfThree({ state, from, count })) return refused('symbols-out-of-range');
  const isFirst = hasDigest({ from, count });
  if (bytes.length !== syncRequestBytes + (isFirst ? syncDigestBytes : 0)) return refused('frame-length-wrong');
  const tag = readHex(bytes, tagAt, tagBytes) as TopicTag;
  return decoded({ kind: 'sync-request', tag, since: readU32(bytes, sinceAt), state, from, count, digest: isFirst ? readHex(bytes, syncRequestBytes, syncDigestBytes) : null });
};

export const encodeSyncSymbols = ({ tag, salt, state, count, from, symbols }: SyncSymbols): Uint8Array => {
  checkInteger(state, 0, u32Max, 'sync-symbols', 'state');
  checkInteger(count, 0, u32Max, 'sync-symbols', 'count');
  checkInteger(from, 0, syncSymbolsMax, 'sync-symbols', 'from');
  if (from + symbols.length > syncSymbolsMax) throw invalid('sync-symbols', `from and the number of symbols must be at most ${syncSymbolsMax} together, got ${from} and ${symbols.length}`);
  const length = symbols.reduce((sum, { excess }) => sum + syncSymbolHeadBytes + varintBytes(zigzag(excess)), syncSymbolsHeadBytes);
  if (length > frameBytesMax) throw invalid('sync-symbols', `symbols must fit ${frameBytesMax} bytes, got ${length}`);
  const bytes = started('sync-symbols', length);
  putHex(bytes, tagAt, tag, tagBytes, 'sync-symbols', 'tag');
  putHex(bytes, saltAt, salt, syncSaltBytes, 'sync-symbols', 'salt');
  writeU32(bytes, stateAt, state);
  writeU32(bytes, countAt, count);
  writeU16(bytes, fromAt, from);
  let at = syncSymbolsHeadBytes;
  for (const symbol of symbols) at = putSymbol(bytes, at, symbol);
  return bytes;
};

export const decodeSyncSymbols = (bytes: Uint8Array): Decoded<SyncSymbols, FrameRefusal> => {
  if (bytes.length < syncSymbolsHeadBytes) return refused('frame-length-wrong');
  const from = readU16(bytes, fromAt);
  const symbols: SyncSymbol[] = [];
  let at = syncSymbolsHeadBytes;
  while (at < bytes.length) {
    const excessAt = at + syncSymbolHeadBytes;
    const end = varintEnd(bytes, excessAt);
    if (end === null) return refused('symbol-truncated');
    const coded = readVarint(bytes, excessAt, end);
    if (coded === null) return refused('symbol-invalid');
    symbols.push({ high: readU32(bytes, at), low: readU32(bytes, at + 4), check: readU32(bytes, at + 8), excess: (coded >>> 1) ^ -(coded & 1) });
    at = end;
  }
  if (from + symbols.length > syncSymbolsMax) return refused('symbols-out-of-range');
  return decoded({
    kind: 'sync-symbols',
    tag: readHex(bytes, tagAt, tagBytes) as TopicTag,
    salt: readHex(bytes, saltAt, syncSaltBytes),
    state: readU32(bytes, stateAt),
    count: readU32(bytes, countAt),
    from,
    symbols,
  });
};

export const encodeSyncIds = (frame: SyncIds): Uint8Array => {
  checkList(frame.ids, 0, syncIdsMax, 'sync-ids', 'ids');
  checkInteger(frame.parts, 1, syncPartsMax, 'sync-ids', 'parts');
  checkInteger(frame.part, 0, frame.parts - 1, 'sync-ids', 'part');
  const bytes = started('sync-ids', syncIdsHeadBytes + 8 * frame.ids.length);
  putHex(bytes, tagAt, frame.tag, tagBytes, 'sync-ids', 'tag');
  writeU16(bytes, partAt, frame.part);
  writeU16(bytes, partsAt, frame.parts);
  putIds(bytes, syncIdsHeadBytes, frame.ids, 'sync-ids');
  return bytes;
};

export const decodeSyncIds = (bytes: Uint8Array): Decoded<SyncIds, FrameRefusal> => {
  if (bytes.length < syncIdsHeadBytes) return refused('frame-length-wrong');
  if (!isZero(bytes, zeroAt, partAt - zeroAt)) return refused('reserved-not-zero');
  const part = readU16(bytes, partAt);
  const parts = readU16(bytes, partsAt);
  if (parts > syncPartsMax || part >= parts) return refused('part-out-of-range');
  const ids = readIds(bytes, syncIdsHeadBytes, 0, syncIdsMax);
  return ids.ok ? decoded({ kind: 'sync-ids', tag: readHex(bytes, tagAt, tagBytes) as TopicTag, part, parts, ids: ids.value }) : ids;
};

/** A question that goes on names what it goes on with; others name nothing. */
const isOneOfThree = ({ state, from, count }: Pick<SyncRequest, 'state' | 'from' | 'count'>): boolean => (from === 0 ? state === 0 : count > 0);

const hasDigest = ({ from, count }: Pick<SyncRequest, 'from' | 'count'>): boolean => from === 0 && count > 0;

const putSymbol = (bytes: Uint8Array, offset: number, { high, low, check, excess }: SyncSymbol): number => {
  for (const half of [high, low, check]) checkInteger(half, 0, u32Max, 'sync-symbols', 'sums and checks');
  checkInteger(excess, -0x8000_0000, 0x7fff_ffff, 'sync-symbols', 'excess');
  writeU32(bytes, offset, high);
  writeU32(bytes, offset + 4, low);
  writeU32(bytes, offset + 8, check);
  let left = zigzag(excess);
  let at = offset + syncSymbolHeadBytes;
  for (; left > 0x7f; left >>>= 7, at += 1) bytes[at] = (left & 0x7f) | 0x80;
  bytes[at] = left;
  return at + 1;
};

const zigzag = (value: number): number => ((value << 1) ^ (value >> 31)) >>> 0;

const varintBytes = (value: number): number => Math.max(1, Math.ceil((32 - Math.clz32(value)) / 7));

/** Where the number that begins at `offset` ends; `null` if it has no last byte, nor a fifth. */
const varintEnd = (bytes: Uint8Array, offset: number): number | null => {
  for (let at = offset; at < bytes.length; at += 1) if ((bytes[at] as number) < 0x80 || at === offset + 4) return at + 1;
  return null;
};

/** The number in these bytes; `null` if it has more than 32 bits, or fewer bytes would do. */
const readVarint = (bytes: Uint8Array, from: number, end: number): number | null => {
  const last = bytes[end - 1] as number;
  if (last > 0x7f || (last === 0 && end - from > 1) || (end - from === 5 && last > 0x0f)) return null;
  let value = 0;
  for (let at = end - 1; at >= from; at -= 1) value = (value << 7) | ((bytes[at] as number) & 0x7f);
  return value >>> 0;
};
