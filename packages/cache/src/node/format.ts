/**
 * The bytes of a packet log. SPEC, Cache; ADR 4. Numbers are big-endian.
 *
 * A file is a header, written twice so that one flipped bit does not cost the whole log, and records:
 *
 * | off | size | header, one of two copies                                                |
 * | --- | ---- | ------------------------------------------------------------------------ |
 * | 0   | 8    | magic: 89 "SRPLOG" 0A                                                    |
 * | 8   | 2    | version, 1                                                               |
 * | 10  | 2    | zero                                                                     |
 * | 12  | 4    | mark: random, in front of every record of this file                      |
 * | 16  | 4    | seed: random, where the CRC of every record of this file starts          |
 * | 20  | 4    | CRC-32 of the 20 bytes before                                            |
 *
 * | off | size | record                                                                   |
 * | --- | ---- | ------------------------------------------------------------------------ |
 * | 0   | 4    | mark                                                                     |
 * | 4   | 4    | CRC-32, from the seed, of all that follows                               |
 * | 8   | 2    | length of the payload                                                    |
 * | 10  | 1    | kind: 1 put, 2 delete                                                    |
 * | 11  | n    | payload                                                                  |
 *
 * | off | size | payload of a put             | | payload of a delete |
 * | --- | ---- | ---------------------------- |-| ------------------- |
 * | 0   | 16   | id                           | | id 16               |
 * | 16  | 1    | pool                         | |                     |
 * | 17  | 8    | kept at, Unix milliseconds   | |                     |
 * | 25  | 1    | length of the ingress        | |                     |
 * | 26  | 0..64| ingress, UTF-8; 0 = none     | |                     |
 * |     |      | the object                   | |                     |
 *
 * Behind damage a reader looks for the next mark. Objects come from strangers, who could write bytes that look
 * like a record into the body of one and hope that a reader lands there: mark and seed are random and stay on
 * this disk, so they would have to guess 64 bits.
 */
import { fromHex, type Instant, type PacketId, readU16, readU32, utf8Text, writeU16, writeU32 } from '@srp/machine';
import { crc32 } from 'node:zlib';
import { idBytesCount, ingressBytesMax, objectBytesMax } from '../constants.js';
import { checked } from '../log/checked.js';
import { type PacketRecord, type Pool, pools } from '../record.js';

/** The first bytes of every log; the first is no text, the last is what a careless text tool would change. */
export const magic: Uint8Array = Uint8Array.of(0x89, 0x53, 0x52, 0x50, 0x4c, 0x4f, 0x47, 0x0a);
/** The one version this code reads and writes. */
export const logVersion = 1;
/** Bytes of one copy of the header. */
export const headerCopyBytes = 24;
/** Bytes in front of the first record. */
export const headerBytes = 2 * headerCopyBytes;
/** Bytes of a record in front of its payload. */
export const recordHeadBytes = 11;
/** Bytes of a put's payload in front of its ingress. */
export const putHeadBytes = 26;
/** Most bytes of a payload. */
export const payloadBytesMax: number = putHeadBytes + ingressBytesMax + objectBytesMax;
/** Most bytes of a record. */
export const recordBytesMax: number = recordHeadBytes + payloadBytesMax;
/** Bytes of a record that deletes. */
export const deleteBytes: number = recordHeadBytes + idBytesCount;

const putKind = 1;
const deleteKind = 2;
const twoTo32 = 0x1_0000_0000;

/** What is random about one file. */
export interface Salt {
  readonly mark: number;
  readonly seed: number;
}

/** What the first bytes of a file say about it. */
export type Header =
  | { readonly kind: 'log'; readonly salt: Salt; readonly isWhole: boolean }
  /** It was a log, but no copy of the header can be read. */
  | { readonly kind: 'damaged' }
  | { readonly kind: 'newer'; readonly version: number }
  | { readonly kind: 'foreign' };

/** What stands at an offset: a record of so many bytes, the front of one, or neither. */
export type Parsed = { readonly kind: 'put' | 'delete'; readonly id: PacketId; readonly length: number } | { readonly kind: 'short' } | { readonly kind: 'damage' };

/** Both copies of a header. */
export const encodeHeader = ({ mark, seed }: Salt): Uint8Array => {
  const bytes = new Uint8Array(headerBytes);
  bytes.set(magic, 0);
  writeU16(bytes, 8, logVersion);
  writeU32(bytes, 12, mark);
  writeU32(bytes, 16, seed);
  writeU32(bytes, 20, crc32(bytes.subarray(0, 20)));
  bytes.copyWithin(headerCopyBytes, 0, headerCopyBytes);
  return bytes;
};

/** Reads the header from the first bytes of a file (fewer than a header, if it has no more). */
export const decodeHeader = (bytes: Uint8Array): Header => {
  const copies = [readCopy(bytes, 0), readCopy(bytes, headerCopyBytes)];
  const good = copies.find((copy) => copy !== null) ?? null;
  if (good === null) {
    const front = bytes.subarray(0, magic.length);
    return front.every((byte, i) => byte === magic[i]) ? { kind: 'damaged' } : { kind: 'foreign' };
  }
  if (good.version !== logVersion) return { kind: 'newer', version: good.version };
  return { kind: 'log', salt: good.salt, isWhole: !copies.includes(null) };
};

/** The record that keeps an object. Throws `RangeError` on a record that no log can hold. */
export const encodePut = (salt: Salt, put: PacketRecord): Uint8Array => {
  const { pool, bytes } = put;
  const { id, ingress, keptAt } = checked(put);
  const record: Uint8Array = Buffer.allocUnsafe(recordHeadBytes + putHeadBytes + ingress.length + bytes.length); // each byte is set; a buffer of its own for each would cost more than the rest
  const payload = record.subarray(recordHeadBytes);
  payload.set(id, 0);
  payload[16] = pools.indexOf(pool);
  writeU32(payload, 17, Math.floor(keptAt / twoTo32));
  writeU32(payload, 21, keptAt % twoTo32);
  payload[25] = ingress.length;
  payload.set(ingress, putHeadBytes);
  payload.set(bytes, putHeadBytes + ingress.length);
  return sealed(salt, record, putKind);
};

/** The record that lets go of an object. */
export const encodeDelete = (salt: Salt, id: PacketId): Uint8Array => {
  const ids = fromHex(id);
  if (ids.length !== idBytesCount) throw new RangeError(`Cannot log a delete: an id has ${idBytesCount} bytes, got ${ids.length}`);
  const record = new Uint8Array(deleteBytes);
  record.set(ids, recordHeadBytes);
  return sealed(salt, record, deleteKind);
};

/** Looks at the record at `offset`. A log has thousands, of which half are dead: what a put says is read with {@link recordAt}, of those that live. */
export const parseRecord = (salt: Salt, bytes: Buffer, offset: number): Parsed => {
  const left = bytes.length - offset;
  if (left < recordHeadBytes) return { kind: 'short' };
  const length = readU16(bytes, offset + 8);
  if (readU32(bytes, offset) !== salt.mark || length > payloadBytesMax) return { kind: 'damage' };
  if (left < recordHeadBytes + length) return { kind: 'short' };
  const end = offset + recordHeadBytes + length;
  if (readU32(bytes, offset + 4) !== crc32(bytes.subarray(offset + 8, end), salt.seed)) return { kind: 'damage' };
  const kind = kindOf(bytes, offset, length);
  return kind === null ? { kind: 'damage' } : { kind, id: idAt(bytes, offset + recordHeadBytes), length: end - offset };
};

/** What the put at `offset` says, which {@link parseRecord} found there. The object is a view. */
export const recordAt = (bytes: Buffer, offset: number): PacketRecord => {
  const from = offset + recordHeadBytes;
  const to = from + readU16(bytes, offset + 8);
  const end = objectFrom(bytes, from);
  return {
    id: idAt(bytes, from),
    pool: pools[bytes[from + 16] ?? 0] as Pool,
    keptAt: keptAtOf(bytes, from) as Instant,
    ingress: ingressOf(bytes, from),
    bytes: new Uint8Array(bytes.buffer, bytes.byteOffset + end, to - end),
  };
};

/** The four bytes of a mark, to look for. */
export const markBytes = ({ mark }: Salt): Uint8Array => {
  const bytes = new Uint8Array(4);
  writeU32(bytes, 0, mark);
  return bytes;
};

const sealed = (salt: Salt, record: Uint8Array, kind: number): Uint8Array => {
  writeU32(record, 0, salt.mark);
  writeU16(record, 8, record.length - recordHeadBytes);
  record[10] = kind;
  writeU32(record, 4, crc32(record.subarray(8), salt.seed));
  return record;
};

const readCopy = (bytes: Uint8Array, offset: number): { readonly version: number; readonly salt: Salt } | null => {
  const copy = bytes.subarray(offset, offset + headerCopyBytes);
  if (copy.length < headerCopyBytes || !magic.every((byte, i) => copy[i] === byte)) return null;
  if (readU32(copy, 20) !== crc32(copy.subarray(0, 20))) return null;
  return { version: readU16(copy, 8), salt: { mark: readU32(copy, 12), seed: readU32(copy, 16) } };
};

/** What the record at `offset` does; `null` if its payload is none. */
const kindOf = (bytes: Buffer, offset: number, length: number): 'put' | 'delete' | null => {
  const kind = bytes[offset + 10];
  if (kind === deleteKind) return length === idBytesCount ? 'delete' : null;
  const from = offset + recordHeadBytes;
  if (kind !== putKind || length <= putHeadBytes || (bytes[from + 16] ?? pools.length) >= pools.length || !Number.isSafeInteger(keptAtOf(bytes, from))) return null;
  const ingressBytes = bytes[from + 25] ?? 0;
  if (putHeadBytes + ingressBytes >= length || ingressBytes > ingressBytesMax) return null;
  return ingressBytes > 0 && ingressOf(bytes, from) === null ? null : 'put';
};

/** Where the object of the payload at `from` begins. */
const objectFrom = (bytes: Buffer, from: number): number => from + putHeadBytes + (bytes[from + 25] ?? 0);

const keptAtOf = (bytes: Buffer, from: number): number => readU32(bytes, from + 17) * twoTo32 + readU32(bytes, from + 21);

const ingressOf = (bytes: Buffer, from: number): string | null => {
  const end = objectFrom(bytes, from);
  return end === from + putHeadBytes ? null : utf8Text(bytes.subarray(from + putHeadBytes, end));
};

/** By Buffer, whose strings are one run of characters (see flat.ts). */
const idAt = (bytes: Buffer, from: number): PacketId => bytes.toString('hex', from, from + idBytesCount) as PacketId;
