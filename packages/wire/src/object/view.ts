/**
 * An object as it lies in memory: its bytes, and the fields read from them when they are asked for. SPEC, Objects.
 *
 * Decoding checks structure alone, in constant time, and keeps a view: most of what arrives is a duplicate or
 * for others, and of it only a few fields are looked at.
 *
 * Invariant: whoever decodes gives the bytes away; nobody writes to them afterwards. `restamp` copies.
 */
import { suite } from '@srp/identity';
import { type AuthorId, type Decoded, decoded, type PacketId, readU32, refused, type ShortId, type TopicTag, utf8 } from '@srp/machine';
import { objectBytesMax, objectBytesMin, postageMax } from '../constants.js';
import { WireError } from '../errors.js';
import { isZero, readHex } from '../hex.js';
import {
  authorAt,
  authorBytes,
  bodyAt,
  headAt,
  isObject,
  kinds,
  type Life,
  nextAt,
  nextBytes,
  type PacketKind,
  postageAt,
  prevAt,
  prevBytes,
  signatureAt,
  signatureBytes,
  tagAt,
  tagBytes,
  timeAt,
} from './layout.js';
import type { Packet } from './packet.js';
import type { PacketRefusal } from './refusal.js';

const hashPrefix = utf8('srp1 packet');

/**
 * Reads an object's structure: lengths, version, kind, range of the postage. Neither age nor signature.
 *
 * Never throws; allocates a small constant; `bytes` stay in use, so do not write to them afterwards.
 */
export const decodePacket = (bytes: Uint8Array): Decoded<Packet, PacketRefusal> => {
  if (bytes.length < objectBytesMin) return refused('packet-too-short');
  if (bytes.length > objectBytesMax) return refused('packet-too-long');
  if (!isObject(bytes)) return refused('packet-version-unknown');
  if (((bytes[headAt] ?? 0) & 3) >= kinds.length) return refused('packet-kind-reserved');
  if ((bytes[postageAt] ?? 0) > postageMax) return refused('packet-postage-too-high');
  return decoded(new PacketView(bytes));
};

/**
 * The same object with another postage, in bytes of its own.
 *
 * Throws `WireError` PACKET_FIELD_INVALID unless `bytes` have the length and version of an object and `postage` is 0..16.
 */
export const restamp = (bytes: Uint8Array, postage: number): Uint8Array => {
  if (bytes.length < objectBytesMin || bytes.length > objectBytesMax || !isObject(bytes)) {
    throw new WireError('PACKET_FIELD_INVALID', `Cannot restamp: an object of ${objectBytesMin}..${objectBytesMax} bytes is needed, got ${bytes.length} bytes`);
  }
  if (!Number.isInteger(postage) || postage < 0 || postage > postageMax) {
    throw new WireError('PACKET_FIELD_INVALID', `Cannot restamp: postage must be an integer 0..${postageMax}, got ${postage}`);
  }
  const stamped = new Uint8Array(bytes); // not slice(): that of a Buffer is a view
  stamped[postageAt] = postage;
  return stamped;
};

/**
 * The same object with another postage, in bytes of its own; itself, if that is the postage it has. What was hashed or read of it is
 * not done again: its id, its author and its topic are the same. Throws as {@link restamp} does.
 */
export const withPostage = (packet: Packet, postage: number): Packet => {
  if (packet.postage === postage) return packet;
  const bytes = restamp(packet.bytes, postage);
  return packet instanceof PacketView ? packet.over(bytes) : new PacketView(bytes);
};

/** The SHA-256 over everything an id covers: 32 bytes. */
export const packetHash = (bytes: Uint8Array): Uint8Array =>
  suite.sha256(hashPrefix, bytes.subarray(headAt, postageAt), bytes.subarray(timeAt, nextAt), bytes.subarray(authorAt, signatureAt), bytes.subarray(bodyAt));

/** A view whose structure was checked, or that was composed here. */
export class PacketView implements Packet {
  readonly bytes: Uint8Array;
  #hash: Uint8Array | null;
  #id: PacketId | null = null;
  #tag: TopicTag | null = null;
  #author: AuthorId | null = null;

  /** `hash`: {@link packetHash}, if whoever composed the object has it already. */
  constructor(bytes: Uint8Array, hash: Uint8Array | null = null) {
    this.bytes = bytes;
    this.#hash = hash;
  }

  get kind(): PacketKind {
    return kinds[this.#byte(headAt) & 3] as PacketKind;
  }

  get life(): Life {
    return ((this.#byte(headAt) >> 2) & 3) as Life;
  }

  get postage(): number {
    return this.#byte(postageAt);
  }

  get time(): number {
    return readU32(this.bytes, timeAt);
  }

  get tag(): TopicTag {
    return (this.#tag ??= readHex(this.bytes, tagAt, tagBytes) as TopicTag);
  }

  get prev(): PacketId | null {
    return isZero(this.bytes, prevAt, prevBytes) ? null : (readHex(this.bytes, prevAt, prevBytes) as PacketId);
  }

  get next(): ShortId | null {
    return isZero(this.bytes, nextAt, nextBytes) ? null : (readHex(this.bytes, nextAt, nextBytes) as ShortId);
  }

  get author(): AuthorId {
    return (this.#author ??= readHex(this.bytes, authorAt, authorBytes) as AuthorId);
  }

  get signature(): Uint8Array {
    return this.bytes.subarray(signatureAt, signatureAt + signatureBytes);
  }

  get body(): Uint8Array {
    return this.bytes.subarray(bodyAt);
  }

  get id(): PacketId {
    return (this.#id ??= readHex(this.hash, 0, prevBytes) as PacketId);
  }

  get fullId(): string {
    return readHex(this.hash, 0, this.hash.length);
  }

  /** {@link packetHash}, computed once. */
  get hash(): Uint8Array {
    return (this.#hash ??= packetHash(this.bytes));
  }

  /** This object in other bytes, which differ in their postage alone. */
  over(bytes: Uint8Array): PacketView {
    const view = new PacketView(bytes, this.#hash);
    view.#id = this.#id;
    view.#tag = this.#tag;
    view.#author = this.#author;
    return view;
  }

  #byte(at: number): number {
    return this.bytes[at] ?? 0;
  }
}
