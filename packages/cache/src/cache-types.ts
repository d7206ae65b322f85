/** What a cache takes and gives. SPEC, Cache. */
import type { Instant, PacketId, Random, ShortId, TopicTag, Wakeup } from '@srp/machine';
import type { Packet } from '@srp/wire';
import type { PacketRecord, Part, Pool } from './record.js';

/** How a cache is made. */
export interface PacketCacheOptions {
  /** Bytes of memory it may take, overhead included: 64 KiB at least, 16 MiB unless said otherwise. */
  readonly budgetBytes?: number;
  /** Whether objects are sent on to some neighbours at the end of each custody period, and strangers' ones then go. True if absent; false if others see to custody. */
  readonly rebroadcasts?: boolean;
  readonly random: Random;
}

/** What a cache takes. */
export type CacheInput =
  /** An object that was checked and verified. `postage`: what it has left, 0..16. `ingress`: `networkOf` who brought it, `null` for this peer's own. */
  | { readonly kind: 'insert'; readonly packet: Packet; readonly postage: number; readonly pool: Pool; readonly ingress: string | null }
  /** Up to 32 objects from a disk, unchecked. */
  | { readonly kind: 'restore'; readonly records: readonly PacketRecord[] }
  /** The topic is subscribed to from now on: what strangers' objects it has are its own. */
  | { readonly kind: 'join'; readonly tag: TopicTag }
  /** The topic is not subscribed to any more. */
  | { readonly kind: 'leave'; readonly tag: TopicTag }
  /** Others have these objects: what of them this peer published is unsent no more. */
  | { readonly kind: 'taken'; readonly ids: readonly ShortId[] }
  /** Of what was here of a topic since a time when a neighbour was asked, it has all but these. As a `Reconciler` says. */
  | { readonly kind: 'agreed'; readonly tag: TopicTag; readonly since: number; readonly askedAt: Instant; readonly lacking: readonly ShortId[] }
  /** Let go of an object. */
  | { readonly kind: 'remove'; readonly id: PacketId }
  | Wakeup;

/** What a cache gives. An object that goes is reported by one of `evicted`, `expired`, `purged`, `removed`. */
export type CacheOutput =
  /** Keep this on disk. */
  | { readonly kind: 'put'; readonly record: PacketRecord }
  /** Let go of it on disk. */
  | { readonly kind: 'delete'; readonly id: PacketId }
  /** There was no room for it. */
  | { readonly kind: 'evicted'; readonly id: PacketId }
  /** Its life is over. */
  | { readonly kind: 'expired'; readonly id: PacketId }
  /** A stranger's object was sent on, and has gone. */
  | { readonly kind: 'purged'; readonly id: PacketId }
  /** It was let go by input. */
  | { readonly kind: 'removed'; readonly id: PacketId }
  /** Its custody period is over: send it to some neighbours, with this postage, 1..15. It stays readable for 10 s at least. */
  | { readonly kind: 'rebroadcast'; readonly id: PacketId; readonly tag: TopicTag; readonly postage: number }
  /** It was not taken. */
  | { readonly kind: 'dropped'; readonly id: PacketId; readonly reason: CacheDrop };

/** Why an object was not taken. */
export type CacheDrop =
  /** It is here already. */
  | 'duplicate'
  /** Another object with this id is here. It stays; two such objects prove what their author did. */
  | 'conflict'
  | 'expired'
  /** An object that others must not keep (life 0); or a stranger's that may not travel on (postage 0). */
  | 'no-custody'
  /** It would have been the first to go. */
  | 'no-room'
  /** A record whose bytes are no object, are another one, are from the future, or are not signed by their author. */
  | 'record-unreadable'
  | 'record-id-wrong'
  | 'record-from-future'
  | 'record-forged';

/** Numbers about a cache, fresh on each reading. */
export interface CacheStats {
  readonly entryCount: number;
  /** Bytes taken, overhead included. */
  readonly bytes: number;
  readonly budgetBytes: number;
  /** Of the parts of the budget; `topics` is what this peer holds for its own topics. */
  readonly bytesByPart: Readonly<Record<Part, number>>;
  readonly dropped: Readonly<Partial<Record<CacheDrop, number>>>;
}
