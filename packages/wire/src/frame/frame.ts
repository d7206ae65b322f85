/**
 * What two peers say to each other besides objects: the closed union of frames. SPEC, Frames.
 *
 * | type | frame         | form  | says                                                  |
 * | ---- | ------------- | ----- | ----------------------------------------------------- |
 * | 0x00 | bundle        | fixed | several frames in one (`bundle.ts`; not a frame itself) |
 * | 0x01 | PING          | fixed | are you there; how do you see me                      |
 * | 0x02 | PONG          | fixed | I am here; this is how I see you                      |
 * | 0x03 | IHAVE         | fixed | I have these, and do not push them to you             |
 * | 0x04 | WANT          | fixed | send me these objects, or the successors of one       |
 * | 0x05 | GRAFT         | fixed | send me these, and push this topic to me from now on  |
 * | 0x06 | PRUNE         | fixed | announce this topic to me rather than push it         |
 * | 0x07 | SYNC_REQ      | fixed | what do you have of this topic                        |
 * | 0x08 | SYNC_SYM      | fixed | these are coded symbols of what I have                |
 * | 0x09 | SYNC_IDS      | fixed | this is what I have, part by part                     |
 * | 0x0A | OFFER         | fixed | I have these; want any of them                        |
 * | 0x0B | PULL          | fixed | send me these blocks of a file                        |
 * | 0x0C | BLOCK         | fixed | one of them; not a frame: `isBlock`, `decodeBlock`    |
 * | 0x0D | NOBLOCK       | fixed | these I cannot send                                   |
 * | 0x0E | ASK           | fixed | send me these pieces of a stream; I have all before   |
 * | 0x0F | CHUNK         | fixed | one of them; not a frame: `isChunk`, `decodeChunk`    |
 * | 0x10 | MESSAGE       | fixed | bytes of an app; not a frame: `isMessage`, `decodeMessage` |
 * | 0x11 | HOLDS         | fixed | these groups of a file I have, so far                 |
 * | 0x20 | HELLO         | CBOR  | who I am and what I subscribe to                      |
 * | 0x22 | FIND          | CBOR  | whom do you know                                      |
 * | 0x23 | PEERS         | CBOR  | these I know                                          |
 * | 0x25 | INTRO         | CBOR  | introduce me to that peer                             |
 * | 0x26 | CALL          | CBOR  | you and that peer shall meet                          |
 * | 0x29 | OPEN          | CBOR  | a stream begins                                       |
 * | 0x2A | RESET         | CBOR  | a stream ends before its end                          |
 * | 0x27 | PORTS         | CBOR  | I have opened many ports towards you; find one        |
 * | 0x28 | BYE           | CBOR  | I leave                                               |
 * | 0x5_ | an object     |       | not a frame: `isObject`, `decodePacket`               |
 *
 * 0x21 and 0x24 have names in SPEC and no codec yet; they are refused like any
 * unknown type.
 */
import type { Address, PacketId, PeerId, ShortId, TopicTag } from '@srp/machine';

/** 8 bytes that a peer chose to know an answer by, as 16 lowercase hex characters. */
export type Token = string;

/** What a NAT does with a second remote: keeps its mapping (or lets it in), does not, or nobody found out. */
export type NatBehaviour = 'unknown' | 'independent' | 'dependent';

/** Are you there, and how do you see me? Padded to the length of its answer. */
export interface Ping {
  readonly kind: 'ping';
  readonly tx: Token;
  /** How long I may be left without a datagram, seconds: 0 I do not say, 255 as long as you like, since nothing translates my address. */
  readonly silence: number;
}

/** I am here, and this is how I see you. */
export interface Pong {
  readonly kind: 'pong';
  /** That of the PING. */
  readonly tx: Token;
  /** Where the PING came from. */
  readonly observed: Address;
  /** The answerer's clock, Unix seconds, u32. */
  readonly time: number;
  /** As in {@link Ping}. */
  readonly silence: number;
}

/** Send me these objects. */
export interface Want {
  readonly kind: 'want';
  /** 1..60, none twice, most urgent first. */
  readonly ids: readonly ShortId[];
}

/** Send me the objects of a topic whose `prev` is this one. */
export interface WantAfter {
  readonly kind: 'want-after';
  readonly tag: TopicTag;
  readonly prev: PacketId;
}

/** I have these objects of a topic, and do not push them to you. */
export interface IHave {
  readonly kind: 'ihave';
  readonly tag: TopicTag;
  /** 1..148, none twice. */
  readonly ids: readonly ShortId[];
}

/** Send me these objects, and push this topic to me from now on. */
export interface Graft {
  readonly kind: 'graft';
  readonly tag: TopicTag;
  /** 0..60, none twice. */
  readonly ids: readonly ShortId[];
}

/** Announce this topic to me rather than push it. */
export interface Prune {
  readonly kind: 'prune';
  readonly tag: TopicTag;
}

/** I have these objects of a topic; want any of them? */
export interface Offer {
  readonly kind: 'offer';
  readonly tag: TopicTag;
  /** 1..148, none twice. */
  readonly ids: readonly ShortId[];
}

/** What do you have of this topic? */
export interface SyncRequest {
  readonly kind: 'sync-request';
  readonly tag: TopicTag;
  /** Only objects with a time of at least this, Unix seconds, u32. */
  readonly since: number;
  /** Of the set whose symbols came before, as {@link SyncSymbols} names it; 0 in a first question. */
  readonly state: number;
  /** The first symbol wanted, 0..4095. Above 0: go on. */
  readonly from: number;
  /** How many symbols are wanted, 0..4096 - from. 0: the id list, please; then state and from are 0. */
  readonly count: number;
  /** What the asker has, in a first question for symbols: 12 bytes, 24 hex characters. `null` in any other. */
  readonly digest: string | null;
}

/** One coded symbol of a set of short ids. */
export interface SyncSymbol {
  /** XOR of its ids, in two halves, u32. */
  readonly high: number;
  readonly low: number;
  /** XOR of their hashes, u32. */
  readonly check: number;
  /** How many ids more than expected it holds, i32. */
  readonly excess: number;
}

/** Some symbols of what I have of a topic: the answer to a {@link SyncRequest} for them. From 0 and none: I have the same. */
export interface SyncSymbols {
  readonly kind: 'sync-symbols';
  readonly tag: TopicTag;
  /** 8 bytes, 16 hex characters. */
  readonly salt: string;
  /** The check of symbol 0, u32: names the set and the salt. */
  readonly state: number;
  /** How many ids the set has, u32. */
  readonly count: number;
  /** Number of the first one here, 0..4096. */
  readonly from: number;
  /** 0 and more, as many as fit; `from` and their number are at most 4096. */
  readonly symbols: readonly SyncSymbol[];
}

/** One part of the answer to a {@link SyncRequest}. */
export interface SyncIds {
  readonly kind: 'sync-ids';
  readonly tag: TopicTag;
  /** Which part this is, 0..parts - 1. */
  readonly part: number;
  /** How many parts the answer has, 1..256. */
  readonly parts: number;
  /** 0..147, none twice. */
  readonly ids: readonly ShortId[];
}

/** Blocks of a file that stand one after the other. */
export interface BlockRange {
  /** The first position, u32. */
  readonly first: number;
  /** How many, 1..64. */
  readonly count: number;
}

/** Send me these blocks of a file. */
export interface Pull {
  readonly kind: 'pull';
  /** A number of the asker's, u32, by which it knows the answers. */
  readonly transfer: number;
  /** The first 16 bytes of the file's id, 32 hex characters. */
  readonly file: string;
  /** 1..64, of 64 blocks together. */
  readonly ranges: readonly BlockRange[];
}

/** Why blocks do not come: nobody here knows the file, these are not here (yet), they cannot be read, too much was asked for. */
export type NoBlockReason = 'unknown' | 'absent' | 'unreadable' | 'busy';

/** These blocks I cannot send. */
export interface NoBlock {
  readonly kind: 'no-block';
  /** That of the PULL, u32. */
  readonly transfer: number;
  readonly reason: NoBlockReason;
  /** What the answer is about; with `unknown` and `busy` all that was asked for. */
  readonly range: BlockRange;
}

/** Of a file that I fetch myself I have these groups of 32 blocks, so far. */
export interface Holds {
  readonly kind: 'holds';
  /** That of the PULL, u32. */
  readonly transfer: number;
  /** All groups from this one on ... */
  readonly from: number;
  /** ... to the one before this one, which is missing. At least `from`, u32. */
  readonly until: number;
  /** And these behind the missing one, ascending, at most 255 behind it. */
  readonly also: readonly number[];
}

/** Who I am: sent when a session opens and when one of these changes. */
export interface Hello {
  readonly kind: 'hello';
  /** Protocol version, 1..255. */
  readonly version: number;
  /** Topics I subscribe to, at most 64, none twice. */
  readonly tags: readonly TopicTag[];
  /** Addresses of my own interfaces, at most 4, none twice. */
  readonly addresses: readonly Address[];
  /** Whether my NAT maps my port alike for every remote. */
  readonly mapping: NatBehaviour;
  /** Whether my NAT lets in remotes I did not contact. */
  readonly filtering: NatBehaviour;
  /** I keep no objects for others, now or ever. Absent: I may. */
  readonly keepsNothing?: true;
}

/** Whom do you know that subscribes to this topic (`null`: whom do you know at all)? */
export interface Find {
  readonly kind: 'find';
  readonly tag: TopicTag | null;
  /** ... and which of your neighbours that are not open may keep objects of it? Absent: those are not asked for. */
  readonly keepers?: true;
}

/** A peer, and where the one who says so sees it. */
export interface PeerAddress {
  readonly peer: PeerId;
  readonly address: Address;
}

/** The answer to {@link Find}. */
export interface Peers {
  readonly kind: 'peers';
  readonly tag: TopicTag | null;
  /** At most 8, no peer twice. */
  readonly peers: readonly PeerAddress[];
  /**
   * Open peers with which the answerer had a session at that address, those nearest to the position of the tag that
   * it knows: at most 8, no peer twice. They may be dialled there directly.
   */
  readonly closer: readonly PeerAddress[];
  /**
   * Neighbours of the answerer that are not open and may keep objects of the tag, those nearest to its position: 1..8, no peer twice, and with the
   * other lists at most 20. The answerer introduces them. Absent: none, or they were not asked for.
   */
  readonly keepers?: readonly PeerAddress[];
}

/** Introduce me to that peer. */
export interface Introduce {
  readonly kind: 'introduce';
  readonly peer: PeerId;
}

/** From an introducer: you and that peer, which I see at that address, shall meet. */
export interface Call {
  readonly kind: 'call';
  readonly peer: PeerId;
  readonly address: Address;
  /** What both put into the PUNCH. */
  readonly token: Token;
  /** Whether you start the handshake; the other punches first. */
  readonly initiator: boolean;
}

/** Send me these pieces of a stream; I have every one before `below`. */
export interface Ask {
  readonly kind: 'ask';
  /** u32. */
  readonly stream: number;
  /** u32. */
  readonly below: number;
  /** 0..32, of 1..65535 pieces each. */
  readonly ranges: readonly BlockRange[];
}

/** A stream begins: bytes both ways. */
export interface Open {
  readonly kind: 'open';
  /** A number that the two have not in use, u32: even if the opener's PeerId is the lower one. */
  readonly stream: number;
  /** What it is for, 1..64 characters U+0020..U+007E. */
  readonly label: string;
}

/** A stream ends before its end, and why: 0..255, meanings in SPEC. */
export interface Reset {
  readonly kind: 'reset';
  readonly stream: number;
  readonly reason: number;
}

/** My NAT gives me another port for each remote: I have opened many towards you; send PUNCH to some of them. */
export interface Ports {
  readonly kind: 'ports';
  /** What you put into the PUNCH. */
  readonly token: Token;
  /** The least and the greatest of my ports that others have seen, 1..65535. */
  readonly low: number;
  readonly high: number;
}

/**
 * Whom does my NAT let in? Without an address: a PUNCH with this token comes to you by another socket of mine, or came from you to it. With one:
 * send a PUNCH with this token there, where somebody asked me that.
 */
export interface Knock {
  readonly kind: 'knock';
  readonly token: Token;
  readonly address: Address | null;
}

/** I leave, and why: 0..255, meanings in SPEC. */
export interface Bye {
  readonly kind: 'bye';
  readonly reason: number;
}

/** Everything a peer can say today. */
export type Frame = Ping | Pong | IHave | Want | WantAfter | Graft | Prune | Offer | SyncRequest | SyncSymbols | SyncIds | Pull | NoBlock | Holds | Hello | Find | Peers | Introduce | Call | Ports | Knock | Bye | Ask | Open | Reset;

/** The first byte of each kind of frame; WANT has two forms. */
export const frameType = {
  ping: 0x01,
  pong: 0x02,
  ihave: 0x03,
  want: 0x04,
  'want-after': 0x04,
  graft: 0x05,
  prune: 0x06,
  'sync-request': 0x07,
  'sync-symbols': 0x08,
  'sync-ids': 0x09,
  offer: 0x0a,
  pull: 0x0b,
  'no-block': 0x0d,
  ask: 0x0e,
  holds: 0x11,
  hello: 0x20,
  find: 0x22,
  peers: 0x23,
  introduce: 0x25,
  call: 0x26,
  ports: 0x27,
  bye: 0x28,
  open: 0x29,
  reset: 0x2a,
  knock: 0x2b,
} as const satisfies Record<Frame['kind'], number>;

/** The first byte of a bundle. */
export const bundleType = 0x00;

/** The first byte of a piece of a stream, and of a datagram. */
export const chunkType = 0x0f;
export const messageType = 0x10;

/** The first byte of a block. */
export const blockType = 0x0c;
