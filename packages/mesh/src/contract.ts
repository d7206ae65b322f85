/**
 * What a mesh takes and gives: mesh.ts carries it out.
 */
import { type Address, type PacketId, type PeerId, type Random, type ShortId, type TopicTag, type Wakeup } from '@srp/machine';
import { type Find, type Frame, type Hello, type NatBehaviour, type Peers } from '@srp/wire';
import { type TreeFrame } from './live/tree.js';

/** The frames a mesh reads and writes. */
export type MeshFrame = Hello | Find | Peers | TreeFrame;

/** What a mesh takes. */
export type MeshInput =
  /** A session to this peer opened, or opened anew. It has had the frames of `said` already: what `Mesh.greeting` and `Mesh.answer` gave. `isDialled`: this peer opened it. `relay`: who passes on what it carries, whose address it is then; others are not told of such a neighbour. */
  | { readonly kind: 'up'; readonly peer: PeerId; readonly address: Address; readonly relay?: PeerId | null; readonly said?: readonly Frame[]; readonly isDialled?: boolean }
  /** The session goes on by another way: the peer has another address now or is relayed, or this peer itself has moved, and it has answered since. */
  | { readonly kind: 'moved'; readonly peer: PeerId; readonly address: Address; readonly relay?: PeerId | null }
  /** Something that the neighbour sent did not come. */
  | { readonly kind: 'missed'; readonly peer: PeerId }
  /** The session is over: lost if `why` is absent, let go as this mesh asked, or refused by the other side, which wanted no more of it. */
  | { readonly kind: 'down'; readonly peer: PeerId; readonly why?: 'lost' | 'let-go' | 'refused' }
  /** This host slept: all sessions are over at once, and those that can be opened again will be. */
  | { readonly kind: 'slept' }
  /** A wanted connection could not be made. Saying so is optional: after 10 s another is tried. */
  | { readonly kind: 'failed'; readonly peer: PeerId }
  /** This peer subscribes to a topic: at most 64, else `RangeError`. */
  | { readonly kind: 'join'; readonly tag: TopicTag }
  /** It does no longer. */
  | { readonly kind: 'leave'; readonly tag: TopicTag }
  /** What this peer found out about itself, for its HELLO; of the addresses the first 4 count. `openAt`: where everybody reaches it unasked, if anywhere. */
  | { readonly kind: 'self'; readonly addresses: readonly Address[]; readonly mapping: NatBehaviour; readonly filtering: NatBehaviour; readonly openAt?: Address | null }
  /** A neighbour says something. */
  | { readonly kind: 'frame'; readonly peer: PeerId; readonly frame: MeshFrame }
  /**
   * An object that this peer did not have: from a neighbour, postage already reduced, or its own (`from` is `null`). Once for each id.
   * `isPulled`: it came because it was asked for, here or elsewhere; so others have it, and it is announced rather than pushed. `holders`: who is to
   * have an own one for those who are away, as `holdersFor` drew them for all objects of a message; drawn for this one if absent.
   */
  | { readonly kind: 'fresh'; readonly id: PacketId; readonly tag: TopicTag; readonly postage: number; readonly from: PeerId | null; readonly isPulled?: boolean; readonly recipient?: PeerId; readonly holders?: readonly PeerId[] }
  /** A neighbour sent an object that was here already. */
  | { readonly kind: 'duplicate'; readonly id: PacketId; readonly tag: TopicTag; readonly from: PeerId }
  /** The cache asks for one more copy elsewhere. */
  | { readonly kind: 'rebroadcast'; readonly id: PacketId; readonly tag: TopicTag; readonly postage: number }
  /** Find those who keep a topic, own or not, for who is away; `keepers` answers. */
  | { readonly kind: 'seek'; readonly tag: TopicTag }
  | Wakeup;

/** What a mesh gives. */
export type MeshOutput =
  /** Send this to a neighbour. */
  | { readonly kind: 'frame'; readonly to: PeerId; readonly frame: MeshFrame }
  /** Let the session go: there are others. */
  | { readonly kind: 'drop'; readonly peer: PeerId }
  /** Send the object to these neighbours, none twice, with this postage. */
  | { readonly kind: 'push'; readonly to: readonly PeerId[]; readonly id: PacketId; readonly postage: number }
  /** Connect this peer: the neighbours in `via`, 0..3, say they know it; somebody said that everyone reaches it at `address`. */
  | { readonly kind: 'reach'; readonly peer: PeerId; readonly via: readonly PeerId[]; readonly address?: Address }
  /** Find out whether these are there, of which nothing has come for so long, ms. */
  | { readonly kind: 'ask'; readonly peers: readonly PeerId[]; readonly silentMs: number }
  /** Two neighbours subscribe to one topic, and `asker` was just told of `wanted`: introduce them, without waiting to be asked. */
  | { readonly kind: 'introduce'; readonly asker: PeerId; readonly wanted: PeerId }
  /** Reconcile these own topics with this neighbour: it is new, the topic is, or it has begun to subscribe to it; or something of them may have been lost. Who does not subscribe may keep objects of it. */
  | { readonly kind: 'meet'; readonly peer: PeerId; readonly tags: readonly TopicTag[] }
  /**
   * These keep a topic, nearest first: the 6 nearest, of each day around midnight, or up to 8 where some are behind NATs. `spares`: 2 more of each day, which are
   * handed only what hardly any other has. All are neighbours now, and stay for 15 s. `strangers`: other neighbours, where fewer than 3 were found. `isNear`: this peer is one of them, or
   * will be when it has been there for long enough. `isCrowded`: most of them know so many subscribers that nobody else needs to keep its objects.
   */
  | { readonly kind: 'keepers'; readonly tag: TopicTag; readonly peers: readonly PeerId[]; readonly spares: readonly PeerId[]; readonly strangers: readonly PeerId[]; readonly isNear: boolean; readonly isCrowded: boolean };

/** Why something a neighbour sent, or a session, was ignored. */
export type MeshDrop = 'no-neighbour' | 'too-often' | 'not-asked' | 'not-linked' | 'neighbours-full' | 'own-id';

/** By which rule objects are kept for who is away. SPEC, Custody. */
export type CustodyRule = 'keepers' | 'seed' | 'none';

/** How a mesh is made: `random` is its own, a fork of its parent's. `has` tells whether an object of a topic is, or was, here. */
export interface MeshOptions {
  readonly self: PeerId;
  readonly random: Random;
  readonly has: (id: ShortId, tag: TopicTag) => boolean;
  /**
   * Who gets what is published into a topic of few subscribers: its keepers, of which this peer may be one; its keepers, and this peer keeps nothing
   * (`none`); or anybody, as the first version had it (`seed`). `keepers` if absent.
   */
  readonly custody?: CustodyRule;
  /** A fault to test with: the share of peers, 0..1, that each lookup cannot see, others each time. 0 if absent. */
  readonly lookupBlindness?: number;
}
