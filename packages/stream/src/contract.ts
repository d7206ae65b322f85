/** What goes into the stream of a topic, and what comes out of it. SPEC, Order. */
import type { AuthorId, PacketId, PeerId, Random, ShortId, Wakeup } from '@srp/machine';
import type { StreamObject } from './chains.js';

/** `live` delivers at once and says what is missing; `causal` holds an object until its past is delivered or given up. */
export type DeliveryMode = 'live' | 'causal';

/** What a stream takes. */
export type StreamInput =
  /** A checked object of this topic: received, published here, or read back from this peer's own store. */
  | ({
      readonly kind: 'object';
      /** The neighbour that sent it; `null` if it did not come from one. */
      readonly from: PeerId | null;
      /** Read back at a start. It is delivered at once, and what it names and nobody has is neither waited nor asked for. Feed such objects in causal order. */
      readonly restored?: boolean;
    } & StreamObject)
  | Wakeup;

/** What a stream gives. */
export type StreamOutput =
  /** Hand the object to the application. `missing` was named and not delivered before; `gap`: some of it is no longer waited for. */
  | { readonly kind: 'deliver'; readonly id: PacketId; readonly missing: readonly PacketId[]; readonly gap: boolean }
  /** Ask for these, at most 60: at attempt 0 the neighbour they were heard of from, later others. */
  | { readonly kind: 'want'; readonly ids: readonly PacketId[]; readonly from: PeerId | null; readonly attempt: number }
  /** Ask for these in the same way. Each may be the first object of several that begin so, or none: an author said that it follows one of his. */
  | { readonly kind: 'want-next'; readonly ids: readonly ShortId[]; readonly from: PeerId | null; readonly attempt: number }
  /** Nothing waits for this one any more. It is still asked for, rarely, and delivered if it comes. */
  | { readonly kind: 'gave-up'; readonly id: PacketId }
  /** An object that waits for its parts: so many of them are here. */
  | { readonly kind: 'progress'; readonly id: PacketId; readonly author: AuthorId; readonly here: number; readonly of: number }
  /** Its parts did not come, or too many waited for theirs. It will not be delivered. */
  | { readonly kind: 'abandoned'; readonly id: PacketId }
  /** One author signed both objects with one `prev`: a second device with his key, a restored snapshot, or a lie. Both are delivered. */
  | { readonly kind: 'fork'; readonly author: AuthorId; readonly prev: PacketId; readonly ids: readonly [PacketId, PacketId] };

/** What a stream counts. */
export type StreamCount = 'duplicate' | 'hold-displaced' | 'want-displaced' | 'next-ignored' | 'abandoned';

/** How far a topic is known to be whole: as far as what is here names what is not. */
export interface TopicStatus {
  /** `missing`: something is asked for. `lost`: nothing is any more, and something was asked for in vain. */
  readonly state: 'synced' | 'missing' | 'lost';
  /** How many objects are asked for. */
  readonly missing: number;
  /** How many were asked for in vain or were gone before a start, mostly because their life was over; at most 4096 are remembered. */
  readonly lost: number;
}

/** How a stream is made. */
export interface StreamOptions {
  readonly mode: DeliveryMode;
  /** Moves the moments of questions; nothing else is random. */
  readonly random: Random;
  /** The author who publishes here: his last object is never forgotten. */
  readonly own?: AuthorId;
  /** How long an object waits for its past, ms > 0. Default 30 000. */
  readonly giveUpMs?: number;
}
