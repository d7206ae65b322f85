/**
 * What goes into a peer and what comes out of it. SPEC, Conventions.
 *
 * A driver (UDP, simulator, test) knows these two unions and nothing else of the protocol.
 */
import type { CacheDrop, PacketRecord, ReconcilerDrop } from '@srp/cache';
import type { KeyPair, Topic } from '@srp/identity';
import type { ClosedReason, DropReason as LinkDrop } from '@srp/link';
import type { Address, AuthorId, PacketId, PeerId, Random, TopicId, Wakeup } from '@srp/machine';
import type { CustodyRule } from '@srp/mesh';
import type { Filtering, NatDropReason } from '@srp/nat';

export type { Filtering };
import type { DeliveryMode, TopicStatus } from '@srp/stream';
import type { StreamDrop, StreamInput, StreamOutput, TransferDrop, TransferInput, TransferOutput, UploadLimits } from '@srp/transfer';
import type { ContentRefusal, FrameRefusal, Life, PacketRefusal } from '@srp/wire';
import type { MessageRefusal } from './joined-topic.js';

/** How a peer's protocol is made. */
export interface PeerProtocolOptions {
  /** The installation's keys: they name this peer to its neighbours and sign no object. */
  readonly keys: KeyPair;
  /** Who signs what this peer publishes. */
  readonly author: KeyPair;
  readonly random: Random;
  /** Bytes of the shared cache; 16 MiB if absent. */
  readonly cacheBytes?: number;
  /** How fast files are given. */
  readonly upload?: UploadLimits;
  /** Push each new object to so many random subscribers among the neighbours, and leave it at that: the rule this protocol began with, to compare the mesh with. */
  readonly fanOut?: number;
  /**
   * Who keeps objects for those who are away. `keepers`, if absent: those nearest to the topic, and this peer where it is one of them. `seed`: anyone, and they send
   * them on to others at the end of each period, as this protocol began, to compare with. `none`: others; this one keeps its own topics alone.
   */
  readonly custody?: CustodyRule;
  /** Whether what `put` asks to keep is handed back by `restore` after a restart. If not, what is held is handed on more often. True if absent. */
  readonly keepsOnDisk?: boolean;
  /** A fault to test with: the share of peers, 0..1, that each lookup cannot see, others each time. 0 if absent. */
  readonly lookupBlindness?: number;
  /**
   * A fault to test with: sees each frame of a neighbour first, as its bytes. What it gives is said in answer, and the frame goes no further; `null`:
   * it goes its way.
   */
  readonly answersInstead?: (from: PeerId, frame: Uint8Array) => readonly Uint8Array[] | null;
  /** Told of each datagram with an object in it, before its `transmit` comes out: sessions are sealed, so a driver cannot see it. It must change nothing. */
  readonly onCarried?: (datagram: Uint8Array, id: PacketId) => void;
}

/** All that can happen to a peer. */
export type PeerInput =
  /** A datagram came in, at a `socket` that was opened for the machine or at that which everything goes by. */
  | { readonly kind: 'datagram'; readonly from: Address; readonly bytes: Uint8Array; readonly socket?: number }
  /** Of the sockets that the machine asked for, from `first` on, `count` are open, each with a port of its own. */
  | { readonly kind: 'sockets'; readonly first: number; readonly count: number }
  /** The app wants a topic; objects of it that the cache holds come out as `delivered`, `restored`, a few at a time, and then `recalled`. */
  | { readonly kind: 'join'; readonly topic: Topic; readonly mode: DeliveryMode }
  /** The app cannot wait: what the cache held of a joined topic and has not come out comes out now, however long that takes. */
  | { readonly kind: 'recall'; readonly topic: TopicId }
  /** The app no longer wants a topic. */
  | { readonly kind: 'leave'; readonly topic: TopicId }
  /** The app publishes to a joined topic; answered by `delivered`, `published` among the outputs, and above one packet later by `sent`. */
  | { readonly kind: 'publish'; readonly topic: TopicId; readonly payload: Uint8Array; readonly life: Life }
  /** The app knows a peer and where it listens. */
  | { readonly kind: 'connect'; readonly peer: PeerId; readonly address: Address }
  /** Local discovery saw a peer. */
  | { readonly kind: 'found'; readonly peer: PeerId; readonly address: Address }
  /** What the disk held: records, in as many inputs as the driver likes, and with the last of them the list of known peers, `null` if there is none. */
  | { readonly kind: 'restore'; readonly records: readonly PacketRecord[]; readonly book?: unknown }
  /** Where this peer listens, as its own host sees it. */
  | { readonly kind: 'listening'; readonly addresses: readonly Address[] }
  /** A gateway says that what comes to the address goes to this peer; `null`: none does any more. */
  | { readonly kind: 'mapped'; readonly address: Address | null }
  /** The host moved to another network, or woke up. */
  | { readonly kind: 'network-changed' }
  /** The app shares or fetches a file, or the disk has read or written what was asked for. */
  | { readonly kind: 'file'; readonly input: FileInput }
  /** The app uses a stream to a peer. */
  | { readonly kind: 'stream'; readonly input: StreamCommand }
  /** The app sends a datagram of 1..1197 bytes to a peer; without a session it is lost. */
  | { readonly kind: 'message'; readonly peer: PeerId; readonly bytes: Uint8Array }
  /** The app wants a session with a peer that neighbours may know. */
  | { readonly kind: 'reach'; readonly peer: PeerId }
  /** Find out whom the NAT or firewall before this host lets in. */
  | { readonly kind: 'examine' }
  /** The peer is about to stop: say goodbye. */
  | { readonly kind: 'stop' }
  | Wakeup;

/** What an app and a disk say to the machine that moves files. */
export type FileInput = Extract<TransferInput, { readonly kind: 'share' | 'unshare' | 'fetch' | 'source' | 'cancel' | 'read' | 'written' }>;
/** What that machine asks of a disk, and tells an app. */
export type FileOutput = Extract<TransferOutput, { readonly kind: 'read' | 'write' | 'fetched' | 'broken' | 'changed' }>;

/** What an app does with a stream. */
export type StreamCommand = Extract<StreamInput, { readonly kind: 'open' | 'write' | 'end' | 'consumed' | 'break' }>;
/** What becomes of a stream. */
export type StreamEvent = Extract<StreamOutput, { readonly kind: 'stream' | 'data' | 'ended' | 'waiting' | 'delivered' | 'broken' }>;

/** An object of a joined topic, opened: everything the app may see of it. */
export interface Delivery {
  readonly id: PacketId;
  readonly topic: TopicId;
  readonly author: AuthorId;
  /** When its author says it was published, in milliseconds since the Unix epoch. */
  readonly sentAtMs: number;
  readonly payload: Uint8Array;
  /** The author's own object before this one, or `null` for the first. */
  readonly previous: PacketId | null;
  /** Other authors' latest objects that the author had seen. */
  readonly parents: readonly PacketId[];
  /** Objects before this one that have not arrived yet. */
  readonly missing: readonly PacketId[];
  /** Something before it was given up: it was held, and its past did not come. */
  readonly gap: boolean;
  /** Who brought it, and from where; `null` for our own and for what the disk held. */
  readonly from: { readonly peer: PeerId; readonly address: Address } | null;
}

/** Two objects that one author signed with the same predecessor. */
export interface Fork {
  readonly topic: TopicId;
  readonly author: AuthorId;
  readonly ids: readonly [PacketId, PacketId];
  /** Both as they were signed, which proves it to anyone; of a first that the cache no longer holds, the second alone. */
  readonly packets: readonly Uint8Array[];
}

/** How much of a long message is here. */
export interface MessageProgress {
  readonly topic: TopicId;
  readonly author: AuthorId;
  /** The message; `null` while its manifest, which comes last, is not here. */
  readonly id: PacketId | null;
  /** Parts that are here; while there is no manifest, all of the author's that belong to none. */
  readonly here: number;
  /** Parts in all; `null` while there is no manifest. */
  readonly of: number | null;
}

/** Why an object is delivered: another's has arrived, ours was published, or the cache held it when the topic was joined. */
export type DeliveryCause = 'arrived' | 'published' | 'restored';

/** All that a peer asks of its driver, in order. */
export type PeerOutput =
  | { readonly kind: 'transmit'; readonly to: Address; readonly bytes: Uint8Array; readonly socket?: number }
  /** Open sockets besides, with these numbers, for IPv4 unless it says else; `sockets` answers, with fewer if the host has no more to give. */
  | { readonly kind: 'open-sockets'; readonly first: number; readonly count: number; readonly family?: 4 | 6 }
  /** Close these; some of them may never have been opened. */
  | { readonly kind: 'close-sockets'; readonly sockets: readonly number[] }
  /** Keep this record on disk. */
  | { readonly kind: 'put'; readonly record: PacketRecord }
  /** Forget this record. */
  | { readonly kind: 'delete'; readonly id: PacketId }
  /** The app may see this object. */
  | { readonly kind: 'delivered'; readonly delivery: Delivery; readonly how: DeliveryCause }
  /** All that the cache held of a topic when it was joined has come out. */
  | { readonly kind: 'recalled'; readonly topic: TopicId }
  /** One author signed two objects with the same predecessor: a second device, or a lie. Both were delivered. */
  | ({ readonly kind: 'forked' } & Fork)
  /** Something to do with a file; answered by `file` among the inputs. */
  | { readonly kind: 'file'; readonly output: FileOutput }
  /** A part of a long message came. */
  | ({ readonly kind: 'progress' } & MessageProgress)
  /** How far a topic is known to be whole has changed. */
  | { readonly kind: 'status'; readonly topic: TopicId; readonly status: TopicStatus }
  /** The last part of a long message of ours was handed to whoever is there. */
  | { readonly kind: 'sent'; readonly id: PacketId }
  | { readonly kind: 'stream'; readonly event: StreamEvent }
  /** A datagram of another peer's app. The bytes are the app's to keep. */
  | { readonly kind: 'message'; readonly peer: PeerId; readonly bytes: Uint8Array }
  | { readonly kind: 'neighbour-up'; readonly peer: PeerId; readonly address: Address }
  | { readonly kind: 'neighbour-down'; readonly peer: PeerId; readonly reason: ClosedReason };

/** Why something a remote sent was dropped. Each is counted; none is an error. */
export type PeerDrop =
  | LinkDrop
  | NatDropReason
  | CacheDrop
  | ReconcilerDrop
  | TransferDrop
  | StreamDrop
  | PacketRefusal
  | FrameRefusal
  | ContentRefusal
  | MessageRefusal
  | 'duplicate'
  | 'forged'
  | 'too-fast';
