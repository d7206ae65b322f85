/**
 * What an object is to everyone above this package. SPEC, Objects.
 *
 * The order of work on receipt, cheapest first:
 *
 * ```
 * decodePacket ──▶ checkPacket ──▶ id: seen? ──▶ rate ──▶ verifyPacket ──▶ store, forward ──▶ openPacket
 *  structure        age, postage   SHA-256                 Ed25519                            subscribers only
 * ```
 */
import type { AuthorId, PacketId, ShortId, TopicTag } from '@srp/machine';
import type { Life, PacketKind } from './layout.js';

/** One object. Its fields are as they came: {@link verifyPacket} says whether the author signed them. */
export interface Packet {
  /** The whole object, 174..1198 bytes. Never written to. */
  readonly bytes: Uint8Array;
  readonly kind: PacketKind;
  readonly life: Life;
  /** Hops left, 0..16, as it stands in the bytes. */
  readonly postage: number;
  /** Unix seconds, u32, as the author says. */
  readonly time: number;
  readonly tag: TopicTag;
  /** The author's object before this one in the topic; `null` for the first of a chain. */
  readonly prev: PacketId | null;
  /** A hint at the author's object after this one; `null` if it was not known. */
  readonly next: ShortId | null;
  readonly author: AuthorId;
  /** 64 bytes, a view. */
  readonly signature: Uint8Array;
  /** The sealed body, 40..1064 bytes, a view. */
  readonly body: Uint8Array;
  /** The first 16 bytes of the hash. */
  readonly id: PacketId;
  /** The whole SHA-256 over everything the id covers, 64 hex characters: what is signed. */
  readonly fullId: string;
}
