/** One object in the cache, with its place in every index. Internal; what callers see is a `Packet` or a record. */
import { decodePacket, expiresAt, type Life, lifeMs, type Packet } from '@srp/wire';
import type { Instant, PacketId, TopicTag } from '@srp/machine';
import { entryOverheadBytes, successorBytes } from './constants.js';
import { flat } from './flat.js';
import type { PacketRecord, Pool } from './record.js';
import type { Share } from './ledger.js';

/** What an entry is charged to, within its pool. */
export interface Shares {
  readonly author: Share;
  readonly topic: Share;
  readonly ingress: Share | null;
}

declare const brand: unique symbol;

/** An id and the front of an author's. An object follows another only if both are by one author: anyone can name any `prev`. */
export type Link = string & { readonly [brand]: 'Link' };

/** The link to `prev` by `author`, whole or its first 8 bytes. */
export const linkOf = (prev: PacketId, author: string): Link => flat(`${prev}${author.slice(0, 16)}`) as Link;

/** An object that is held. */
export class Entry {
  readonly id: PacketId;
  readonly bytes: Uint8Array;
  tag: TopicTag;
  /** Names what it follows: the object before it, by the same author. */
  readonly link: Link | null;
  readonly life: Life;
  /** Unix seconds. */
  readonly time: number;
  readonly keptAt: Instant;
  readonly expiresAt: Instant;
  readonly ingress: string | null;
  /** When its custody period ends; `null` if it has none. */
  custodyAt: Instant | null = null;
  /** Set when it was sent on for the last time: then it goes. */
  leavesAt: Instant | null = null;

  // Places: in the heap of deadlines, in its pool, in chains of the same short id and of the same prev.
  heapAt = -1;
  pool: Pool;
  poolAt = -1;
  shares: Shares | null = null;
  twin: Entry | null = null;
  nextSuccessor: Entry | null = null;
  previousSuccessor: Entry | null = null;

  /** `bytes`: those of `packet`, with the postage it has left, and nobody else's. */
  constructor(packet: Packet, bytes: Uint8Array, pool: Pool, keptAt: Instant, ingress: string | null) {
    this.id = flat(packet.id);
    this.bytes = bytes;
    this.tag = flat(packet.tag);
    this.link = packet.prev === null ? null : linkOf(packet.prev, packet.author);
    this.life = packet.life;
    this.time = packet.time;
    this.keptAt = keptAt;
    this.expiresAt = expiresAt(packet);
    this.ingress = ingress;
    this.pool = pool;
  }

  /** Bytes of memory it takes, its own and those around it. */
  get charge(): number {
    return this.bytes.length + entryOverheadBytes + (this.link === null ? 0 : successorBytes);
  }

  /** When something is to be done about it. */
  get dueAt(): Instant {
    const next = this.leavesAt ?? this.custodyAt;
    return next !== null && next < this.expiresAt ? next : this.expiresAt;
  }

  /** How far its life is over, 0..1. */
  ageShare(now: Instant): number {
    return Math.min(1, Math.max(0, (now - this.time * 1000) / lifeMs(this.life)));
  }

  packet(): Packet {
    const view = decodePacket(this.bytes);
    if (!view.ok) throw new TypeError(`Cannot read an object in the cache: ${view.reason}`); // it was read before it came in
    return view.value;
  }

  record(): PacketRecord {
    const { id, pool, keptAt, ingress, bytes } = this;
    return { id, pool, keptAt, ingress, bytes };
  }
}
