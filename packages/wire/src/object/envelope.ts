/**
 * What members of a topic read in front of a message: where it stands in the conversation, for whom and what it
 * is. SPEC, Envelope.
 *
 * ```
 * plaintext of a message or manifest = L 1 ‖ CBOR map of L bytes, 0..255 ‖ payload         L = 0: nothing to say
 * plaintext of a part                = payload
 * ```
 *
 * | key | field        | value                                                             |
 * | --- | ------------ | ----------------------------------------------------------------- |
 * | 1   | parents      | 1..8 packet ids of 16 bytes: the heads of other authors, latest first |
 * | 2   | ms           | 0..999, the millisecond within the object's second                |
 * | 3   | recipient    | 32 bytes: the author key the payload is sealed to                 |
 * | 4   | epoch        | u32: which key of the topic                                       |
 * | 5   | content type | text of 1..64 printable ASCII characters                          |
 *
 * Other keys are skipped: a later version may add some. Relays see none of this.
 */
import { type AuthorId, concat, type Decoded, decoded, type PacketId, refused } from '@srp/machine';
import { type CborMap, type CborValue, decodeCbor, encodeCbor } from '../cbor/codec.js';
import { contentTypeBytesMax, envelopeBytesMax, epochMax, idBytes, msMax, parentsMax, plaintextBytesMax } from '../constants.js';
import { WireError } from '../errors.js';
import { readHex, writeHex } from '../hex.js';
import type { ContentRefusal } from './refusal.js';

/** What stands in front of a payload; what is absent is not sent. */
export interface Envelope {
  /** The latest objects of other authors that this one knows of, at most 8, latest first, none twice. */
  readonly parents?: readonly PacketId[];
  /** 0..999. */
  readonly ms?: number;
  /** Whom the payload is sealed to, with `sealTo` of @srp/identity. */
  readonly recipient?: AuthorId;
  /** Which key of the topic, u32. */
  readonly epoch?: number;
  /** What the payload is: 1..64 printable ASCII characters, best a media type. */
  readonly contentType?: string;
}

/** What a member reads: the envelope with its defaults, and the payload. */
export interface Content {
  readonly parents: readonly PacketId[];
  /** 0..999; 0 if the author did not say. */
  readonly ms: number;
  readonly recipient?: AuthorId;
  readonly epoch?: number;
  readonly contentType?: string;
  /** The application's bytes; still sealed to {@link Content.recipient} if there is one. */
  readonly payload: Uint8Array;
}

const contentTypePattern = new RegExp(`^[\\x20-\\x7e]{1,${contentTypeBytesMax}}$`);
const recipientBytes = 32;

/**
 * The plaintext of a message or manifest.
 *
 * Throws `WireError` ENVELOPE_FIELD_INVALID for a field outside its range, PACKET_PAYLOAD_TOO_LONG if it is more than 1024 bytes.
 */
export const encodeContent = (envelope: Envelope, payload: Uint8Array): Uint8Array => {
  const bytes = encodeEnvelope(envelope);
  const room = plaintextBytesMax - 1 - bytes.length;
  if (payload.length > room) throw tooLong(room, payload.length);
  return concat(Uint8Array.of(bytes.length), bytes, payload);
};

/**
 * The most payload that surely fits beside this envelope in one message or manifest, bytes. Where `ms` is absent, it
 * is counted as `composePacket` may write it. (A part takes 1024 bytes.)
 */
export const payloadBytesMax = (envelope: Envelope = {}): number => plaintextBytesMax - 1 - encodeEnvelope({ ms: msMax, ...envelope }).length;

/** Reads the plaintext of a message or manifest. Never throws; the payload is a view into `plaintext`. */
export const decodeContent = (plaintext: Uint8Array): Decoded<Content, ContentRefusal> => {
  const length = plaintext[0];
  if (length === undefined) return refused('envelope-missing');
  if (plaintext.length < 1 + length) return refused('envelope-truncated');
  const payload = plaintext.subarray(1 + length);
  if (length === 0) return decoded({ parents: [], ms: 0, payload });
  const map = decodeCbor(plaintext.subarray(1, 1 + length));
  if (!map.ok) return map;
  return map.value instanceof Map ? readEnvelope(map.value as CborMap, payload) : refused('envelope-not-a-map');
};

const readEnvelope = (map: CborMap, payload: Uint8Array): Decoded<Content, ContentRefusal> => {
  const parents = readParents(map.get(1));
  if (!parents.ok) return parents;
  const ms = map.has(2) ? map.get(2) : 0;
  if (!isWithin(ms, msMax)) return refused('ms-invalid');
  const recipient = map.get(3);
  if (recipient !== undefined && !isBytes(recipient, recipientBytes)) return refused('recipient-invalid');
  const epoch = map.get(4);
  if (epoch !== undefined && !isWithin(epoch, epochMax)) return refused('epoch-invalid');
  const contentType = map.get(5);
  if (contentType !== undefined && !isContentType(contentType)) return refused('content-type-invalid');
  return decoded({
    parents: parents.value,
    ms,
    ...(recipient === undefined ? {} : { recipient: readHex(recipient, 0, recipientBytes) as AuthorId }),
    ...(epoch === undefined ? {} : { epoch }),
    ...(contentType === undefined ? {} : { contentType }),
    payload,
  });
};

const readParents = (list: CborValue | undefined): Decoded<readonly PacketId[], ContentRefusal> => {
  if (list === undefined) return decoded([]);
  if (!Array.isArray(list) || list.length === 0) return refused('parents-invalid');
  if (list.length > parentsMax) return refused('parents-too-many');
  const parents: PacketId[] = [];
  for (const item of list as readonly CborValue[]) {
    if (!isBytes(item, idBytes)) return refused('parents-invalid');
    parents.push(readHex(item, 0, idBytes) as PacketId);
  }
  return new Set(parents).size < parents.length ? refused('parents-repeated') : decoded(parents);
};

const encodeEnvelope = ({ parents = [], ms = 0, recipient, epoch, contentType }: Envelope): Uint8Array => {
  check(parents.length <= parentsMax, 'parents', `at most ${parentsMax}`, parents.length);
  check(new Set(parents).size === parents.length, 'parents', 'different from each other', 'one twice');
  check(isWithin(ms, msMax), 'ms', `an integer 0..${msMax}`, ms);
  check(epoch === undefined || isWithin(epoch, epochMax), 'epoch', `an integer 0..${epochMax}`, epoch);
  check(contentType === undefined || isContentType(contentType), 'contentType', `1..${contentTypeBytesMax} printable ASCII characters`, contentType);
  const fields = new Map<number, CborValue>();
  if (parents.length > 0) fields.set(1, parents.map((id) => bytesOf(id, idBytes, 'every parent')));
  if (ms !== 0) fields.set(2, ms);
  if (recipient !== undefined) fields.set(3, bytesOf(recipient, recipientBytes, 'recipient'));
  if (epoch !== undefined) fields.set(4, epoch);
  if (contentType !== undefined) fields.set(5, contentType);
  if (fields.size === 0) return new Uint8Array(0);
  const bytes = encodeCbor(fields);
  check(bytes.length <= envelopeBytesMax, 'envelope', `at most ${envelopeBytesMax} bytes`, bytes.length);
  return bytes;
};

const bytesOf = (hex: string, length: number, field: string): Uint8Array => {
  const bytes = new Uint8Array(length);
  check(writeHex(bytes, 0, hex, length), field, `${2 * length} lowercase hex characters`, hex);
  return bytes;
};

/** Throws that a payload has no room. */
export const tooLong = (room: number, length: number): WireError =>
  new WireError('PACKET_PAYLOAD_TOO_LONG', `Cannot compose packet: the payload has room for ${room} bytes, got ${length}`);

const check = (holds: boolean, field: string, rule: string, value: unknown): void => {
  if (!holds) throw new WireError('ENVELOPE_FIELD_INVALID', `Cannot encode envelope: ${field} must be ${rule}, got ${String(value)}`);
};

const isWithin = (value: CborValue | undefined, max: number): value is number => typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= max;
const isBytes = (value: CborValue, length: number): value is Uint8Array => value instanceof Uint8Array && value.length === length;
const isContentType = (value: CborValue): value is string => typeof value === 'string' && contentTypePattern.test(value);
