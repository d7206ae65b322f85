/**
 * The bytes of an object from its fields: one allocation or none, everything written at its offset. SPEC, Objects.
 *
 * This neither seals, hashes nor signs; `composePacket` does.
 */
import type { AuthorId, PacketId, ShortId, TopicTag } from '@srp/machine';
import { writeU32 } from '@srp/machine';
import { bodyBytesMax, bodyBytesMin, lifeSeconds, objectNibble, postageMax, timeMax } from '../constants.js';
import { WireError } from '../errors.js';
import { isZero, writeHex } from '../hex.js';
import { authorAt, authorBytes, bodyAt, headAt, kinds, type Life, nextAt, nextBytes, type PacketKind, postageAt, prevAt, prevBytes, signatureAt, signatureBytes, tagAt, tagBytes, timeAt } from './layout.js';

/** The fields of an object, as {@link Packet} gives them. */
export interface PacketFields {
  readonly kind: PacketKind;
  readonly life: Life;
  /** 0..16. */
  readonly postage: number;
  /** Unix seconds, u32. */
  readonly time: number;
  readonly tag: TopicTag;
  readonly prev: PacketId | null;
  readonly next: ShortId | null;
  readonly author: AuthorId;
  /** 64 bytes. */
  readonly signature: Uint8Array;
  /** Sealed, 40..1064 bytes. */
  readonly body: Uint8Array;
}

/**
 * The bytes of an object, 174..1198: fresh, or the front of `into`, whose bytes before do not matter. Most of the time
 * goes into allocating, so whoever sends bytes off at once may use the same 1198 again and again.
 *
 * Throws `WireError` PACKET_FIELD_INVALID for a field outside its range, and if `into` is too short. A `prev` or `next`
 * of all zeros cannot be told from none and is refused too.
 */
export const encodePacket = (fields: PacketFields, into?: Uint8Array): Uint8Array => {
  const { kind, life, postage, time, signature, body } = fields;
  const kindNumber = kinds.indexOf(kind);
  check(kindNumber >= 0, 'kind', kindRule, kind);
  check(isInteger(life, lifeMax), 'life', lifeRule, life);
  check(isInteger(postage, postageMax), 'postage', postageRule, postage);
  check(isInteger(time, timeMax), 'time', timeRule, time);
  check(signature.length === signatureBytes, 'signature', signatureRule, signature.length);
  check(body.length >= bodyBytesMin && body.length <= bodyBytesMax, 'body', bodyRule, body.length);
  const length = bodyAt + body.length;
  if (into !== undefined && into.length < length) throw invalid('into', `at least ${length} bytes`, into.length);
  const bytes = into === undefined ? new Uint8Array(length) : into.subarray(0, length);
  bytes[headAt] = objectNibble | (life << 2) | kindNumber;
  bytes[postageAt] = postage;
  writeU32(bytes, timeAt, time);
  putId(bytes, tagAt, fields.tag, tagBytes, 'tag');
  putLink(bytes, prevAt, fields.prev, prevBytes, 'prev');
  putLink(bytes, nextAt, fields.next, nextBytes, 'next');
  putId(bytes, authorAt, fields.author, authorBytes, 'author');
  bytes.set(signature, signatureAt);
  bytes.set(body, bodyAt);
  return bytes;
};

// Texts made once: this runs for every object, and a text made for a message that nobody reads costs as much as a field.
const lifeMax = lifeSeconds.length - 1;
const kindRule = `one of ${kinds.join(', ')}`;
const lifeRule = `an integer 0..${lifeMax}`;
const postageRule = `an integer 0..${postageMax}`;
const timeRule = `an integer 0..${timeMax}`;
const signatureRule = `${signatureBytes} bytes`;
const bodyRule = `${bodyBytesMin}..${bodyBytesMax} bytes`;

const putId = (bytes: Uint8Array, offset: number, hex: string, length: number, field: string): void => {
  if (!writeHex(bytes, offset, hex, length)) throw invalid(field, `${2 * length} lowercase hex characters`, hex);
};

const putLink = (bytes: Uint8Array, offset: number, hex: string | null, length: number, field: string): void => {
  if (hex === null) {
    bytes.fill(0, offset, offset + length);
    return;
  }
  putId(bytes, offset, hex, length, field);
  check(!isZero(bytes, offset, length), field, 'null or other than zero', hex);
};

const isInteger = (value: number, max: number): boolean => Number.isInteger(value) && value >= 0 && value <= max;

const check = (holds: boolean, field: string, rule: string, value: unknown): void => {
  if (!holds) throw invalid(field, rule, value);
};

const invalid = (field: string, rule: string, value: unknown): WireError =>
  new WireError('PACKET_FIELD_INVALID', `Cannot encode packet: ${field} must be ${rule}, got ${String(value)}`);
