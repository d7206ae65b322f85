/** What a reconciler takes, gives and asks its store. SPEC, Cache negotiation. */
import type { Instant, PacketId, PeerId, ShortId, TopicTag, Wakeup } from '@srp/machine';
import type { Offer, SyncIds, SyncRequest, SyncSymbols, Want, WantAfter } from '@srp/wire';
import type { Sketch } from './sketch.js';

/** The frames a reconciler reads and writes. */
export type ReconcilerFrame = SyncRequest | SyncSymbols | SyncIds | Want | WantAfter | Offer;

/** What a reconciler looks up. */
export interface ReconcilerStore {
  /** Whether an object of an own topic need not be fetched: it is here, or was delivered before. */
  knows(id: ShortId): boolean;
  /** Whether an object of any other topic need not be fetched: it is here, or passed through before. */
  passed(id: ShortId): boolean;
  /** The objects of a topic with a time of at least `since`, Unix seconds, the latest to arrive last. */
  idsOf(tag: TopicTag, since: number): readonly PacketId[];
  /** The same objects as a sketch, which `Sketches` keeps; `null` if it would have to be made, and `mayMake` refuses so many ids. */
  sketchOf(now: Instant, tag: TopicTag, since: number, mayMake: (ids: number) => boolean): Sketch | null;
  /** The objects whose ids begin so. */
  byShortId(id: ShortId): readonly PacketId[];
  /** Whether this peer keeps a topic that is none of its own for others: then it wants what it is offered of it. Never, if absent. */
  keeps?(now: Instant, tag: TopicTag): boolean;
  /** Whether a neighbour is offered what a comparison shows that it lacks of a topic. Always, if absent. */
  offersTo?(peer: PeerId, tag: TopicTag): boolean;
  /** The objects of a topic that follow this one. */
  byPrev(prev: PacketId, tag: TopicTag): readonly PacketId[];
}

/** What a reconciler takes. */
export type ReconcilerInput =
  /** A neighbour shares these topics with this peer: compare them. */
  | { readonly kind: 'meet'; readonly peer: PeerId; readonly tags: readonly TopicTag[] }
  /** Compare a topic with this neighbour once, now; `compared` tells. `fetches`: and ask it for what is not here. */
  | { readonly kind: 'compare'; readonly peer: PeerId; readonly tag: TopicTag; readonly fetches: boolean }
  /** An object of a topic that is shared with this neighbour was pushed to it, which it may hear of from nobody else: look soon whether it came. */
  | { readonly kind: 'pushed'; readonly peer: PeerId; readonly tag: TopicTag }
  /** Offer a neighbour objects that it lacks. */
  | { readonly kind: 'offer'; readonly peer: PeerId; readonly tag: TopicTag; readonly ids: readonly ShortId[] }
  /** A neighbour says something. */
  | { readonly kind: 'frame'; readonly peer: PeerId; readonly frame: ReconcilerFrame }
  /**
   * An object whose id begins so came from a neighbour and was refused, for its age or for want of room. Saying so keeps the
   * neighbour from being taken for a liar; what the store knows need not be said.
   */
  | { readonly kind: 'came'; readonly peer: PeerId; readonly id: ShortId }
  /** The session to a neighbour is over. */
  | { readonly kind: 'gone'; readonly peer: PeerId }
  /** This peer does not subscribe to a topic any more. */
  | { readonly kind: 'leave'; readonly tag: TopicTag }
  | Wakeup;

/** What a reconciler gives. */
export type ReconcilerOutput =
  /** Send this to a neighbour. */
  | { readonly kind: 'frame'; readonly to: PeerId; readonly frame: ReconcilerFrame }
  /** Send these objects, 1..60, to a neighbour that asked for them: stamped anew with `pullPostage`. */
  | { readonly kind: 'give'; readonly to: PeerId; readonly ids: readonly PacketId[] }
  /** What came of `compare`: these are here, and the neighbour says that it lacks them. `isWhole`: and that it has all others. */
  | { readonly kind: 'compared'; readonly peer: PeerId; readonly tag: TopicTag; readonly lacking: readonly ShortId[]; readonly isWhole: boolean }
  /** Of what was here of a topic since a time when a neighbour was asked, it has all but these. */
  | { readonly kind: 'agreed'; readonly tag: TopicTag; readonly since: number; readonly askedAt: Instant; readonly lacking: readonly ShortId[] }
  /** A neighbour said something that was ignored. */
  | { readonly kind: 'dropped'; readonly from: PeerId; readonly reason: ReconcilerDrop };

/** Why something was ignored. */
export type ReconcilerDrop =
  /** It asks or offers more than its rate allows. */
  | 'too-often'
  /** All answers that may be under way are, or one to it is. */
  | 'busy'
  /** An id list or symbols nobody asked for. */
  | 'not-asked'
  /** A part that came before, or one of another count of parts; symbols of another set than the ones before. */
  | 'part-inconsistent'
  /** Symbols that no set has. */
  | 'symbols-contradictory'
  /** It claimed three times what it did not have. */
  | 'muted'
  /** As many ids are wanted as may be. */
  | 'wants-full';

/** Where a part of a reconciler puts what it has to say. */
export type Say = (output: ReconcilerOutput) => void;
