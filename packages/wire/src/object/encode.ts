/**
 * The bytes of an object from its fields: one allocation, everything written at its offset. SPEC, Objects.
 *
 * This neither seals, hashes nor signs; `composePacket` does.
 */
import type { AuthorId, PacketId, ShortId, TopicTag } from '@srp/machine';
import { writeU32 } from '@srp/machine';
import { bodyBytesMax, bodyBytesMin, objectNibble, postageMax, timeMax } from '../constants.js';
import { WireError } from '../errors.js';
import { writeHex } from '../hex.js';
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
 * The bytes of an object, fresh, 174..1198.
 *
 * Throws `WireError` PACKET_FIELD_INVALID for a field outside its range. A `prev` or `next` of all zeros cannot be
 * told from none and is refused too.
 */
export const encodePacket = (fields: PacketFields): Uint8Array => {
  const { kind, life, postage, time, signature, body } = fields;
  const kindNumber = kinds.indexOf(kind);
  check(kindNumber >= 0, 'kind', 'message, part or manifest', kind);
  check(isInteger(life, 3), 'life', 'an integer 0..3', life);
  check(isInteger(postage, postageMax), 'postage', `an integer 0..${postageMax}`, postage);
  check(isInteger(time, timeMax), 'time', `an integer 0..${timeMax}`, time);
  check(signature.length === signatureBytes, 'signature', `${signatureBytes} bytes`, signature.length);
  check(body.length >= bodyBytesMin && body.length <= bodyBytesMax, 'body', `${bodyBytesMin}..${bodyBytesMax} bytes`, body.length);
  const bytes = new Uint8Array(bodyAt + body.length);
  bytes[headAt] = objectNibble | (life << 2) | kindNumber;
  bytes[postageAt] = postage;
  writeU32(bytes, timeAt, time);
  putId(bytes, tagAt, fields.tag, tagBytes, 'tag');
  if (fields.prev !== null) putLink(bytes, prevAt, fields.prev, prevBytes, 'prev');
  if (fields.next !== null) putLink(bytes, nextAt, fields.next, nextBytes, 'next');
  putId(bytes, authorAt, fields.author, authorBytes, 'author');
  bytes.set(signature, signatureAt);
  bytes.set(body, bodyAt);
  return bytes;
};

const putId = (bytes: Uint8Array, offset: number, hex: string, length: number, field: string): void =>
  check(writeHex(bytes, offset, hex, length), field, `${2 * length} lowercase hex characters`, hex);

const putLink = (bytes: Uint8Array, offset: number, hex: string, length: number, field: string): void => {
  putId(bytes, offset, hex, length, field);
  check(!/^0*$/.test(hex), field, 'null or other than zero', hex);
};

const isInteger = (value: number, max: number): boolean => Number.isInteger(value) && value >= 0 && value <= max;

const check = (holds: boolean, field: string, rule: string, value: unknown): void => {
  if (!holds) throw new WireError('PACKET_FIELD_INVALID', `Cannot encode packet: ${field} must be ${rule}, got ${String(value)}`);
};
