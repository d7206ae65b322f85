/**
 * What goes into a link and what comes out: the whole contract with its driver or parent machine.
 *
 * A peer that is connected to is answered with exactly one of `opened` and `closed`, unless it was open already.
 * An `opened` is followed by exactly one `closed`. Renewed keys and moves between addresses lie in between and
 * never show as either.
 */
import type { Address, Instant, PeerId, Wakeup } from '@srp/machine';
import type { DatagramRefusal } from './codec.js';
import type { Path } from './path.js';

/** Who sent the INIT that a session grew from. */
export type LinkRole = 'initiator' | 'responder';

/** What a link is told. */
export type LinkInput =
  /** A datagram arrived. `socket`: at another one than that which everything goes by, if above 0. */
  | { readonly kind: 'datagram'; readonly from: Address; readonly bytes: Uint8Array; readonly socket?: number }
  /**
   * A session with `peer` is wanted, which may be at `address`; up to 4 addresses are tried at once. With an open
   * session the address is probed, and the session moves there when it answers. `early` are FINDs and HELLOs, the most
   * important first, that ride in the first message of a new handshake, as many as fit into 1042 bytes.
   * `isPaced`: one INIT to the address now rather than five by the schedule, and one more each time this is said again,
   * three at most; for a caller that counts packets.
   */
  | { readonly kind: 'connect'; readonly peer: PeerId; readonly address: Address; readonly early?: readonly Uint8Array[]; readonly isPaced?: boolean; readonly socket?: number }
  /** The same through the newest channel that was accepted for `peer`, with an INIT that is sent five times by the schedule. Without one nothing happens. */
  | { readonly kind: 'connect-relayed'; readonly peer: PeerId; readonly early?: readonly Uint8Array[] }
  /** Pass on what two peers with a session send by this channel, 0..2^32-1, if they do. */
  | { readonly kind: 'relay'; readonly channel: number; readonly ends: readonly [PeerId, PeerId] }
  /** Hear `peer` by this channel, which `relay`, a peer with a session, has offered. */
  | { readonly kind: 'accept'; readonly peer: PeerId; readonly relay: PeerId; readonly channel: number }
  /** One frame, bundle or object of 1..1198 bytes for `peer`. While a handshake runs, up to 16 wait for it. */
  | { readonly kind: 'send'; readonly peer: PeerId; readonly frame: Uint8Array }
  /** Several frames or objects, in as few datagrams as the path carries. */
  | { readonly kind: 'send-all'; readonly peer: PeerId; readonly frames: readonly Uint8Array[] }
  /** Open a NAT towards `to`. `token` is 16 hex characters. */
  | { readonly kind: 'punch'; readonly to: Address; readonly token: string; readonly socket?: number }
  /** Say goodbye to `peer` and forget it. `unneeded`: we stay, but need this session no more. */
  | { readonly kind: 'disconnect'; readonly peer: PeerId; readonly why?: 'leaving' | 'unneeded' }
  /** Whether nothing translates our address, as others see it: then they may be silent as long as they like, and we ask them. */
  | { readonly kind: 'free'; readonly isFree: boolean }
  /** Find out whether these are there, if nothing has come from them for `silentMs`. Those without a session are left out. */
  | { readonly kind: 'ask'; readonly peers: readonly PeerId[]; readonly silentMs: number }
  /** Our own address may have changed: ask every session, and find out anew how long a mapping lives. */
  | { readonly kind: 'network-changed' }
  | Wakeup;

/** Why a session, or the attempt at one, ended. */
export type ClosedReason =
  /** No answer to the handshake, or to three PINGs. */
  | 'unreachable'
  /** The peer came back with a new session (it restarted); an `opened` follows. */
  | 'replaced'
  /** Too many sessions, and this one was the least recently heard. */
  | 'evicted'
  /** We were told to. */
  | 'disconnected'
  /** The peer said BYE: it leaves, or has too many sessions. */
  | 'bye'
  /** The peer said BYE: it does not need this session. */
  | 'unneeded'
  /** This host slept: the others may have given it up, and its keys may be those of a copy. Said of all sessions at once, before anything else. */
  | 'slept'
  /** Its keys were too old to use and could not be renewed. */
  | 'expired'
  /** No session is possible with this id (ourselves, or no key), or nobody can be at this address. */
  | 'invalid'
  /** Too many handshakes of our own already run. */
  | 'overloaded';

/** Why a datagram or a frame went no further. */
export type DropReason =
  | DatagramRefusal
  /** mac1 is wrong: its sender does not know whom it writes to. */
  | 'wrong-mac'
  /** The seal is wrong. */
  | 'forged'
  /** The counter was seen before, or is too old to know. */
  | 'replayed'
  /** The INIT is not newer than the last one of that peer. */
  | 'stale-init'
  /** Handshakes come too fast, and it was answered with a COOKIE or not at all. */
  | 'overloaded'
  /** Both sides began, and the other INIT goes on. */
  | 'crossed'
  /** Nothing here bears the index. */
  | 'unknown-session'
  /** Nothing is asked of us: a COOKIE too many, a copy too many. */
  | 'unwanted'
  /** A RELAY by no channel of ours, or with something in it that is not passed on. */
  | 'no-channel'
  /** A RELAY that its channel has no room for, or that the other end has not agreed to. */
  | 'channel-refused'
  /** The handshake would end at ourselves. */
  | 'own-key'
  /** What was sealed is not what SPEC says. */
  | 'malformed'
  /** A frame that may not ride in an INIT. */
  | 'early-refused'
  /** An answer to an address that nobody proved would be too long. */
  | 'unproved-path'
  /** No peer can be where the datagram says it came from. */
  | 'forbidden-source'
  /** A frame for a peer that has no session and no handshake. */
  | 'no-session'
  /** Too many frames wait for a handshake; the oldest went. */
  | 'queue-full';

/** What a link wants done, or tells. Inside, places are paths; who drives it sees addresses: those of the relay where there is one. */
export type LinkOutput<Place = Address> =
  /** `socket`: by another one than that which everything goes by; absent for that. */
  | { readonly kind: 'transmit'; readonly to: Place; readonly bytes: Uint8Array; readonly socket?: number }
  /** A session is there, and both sides have proved their addresses, or hear each other through `relay`. The peer has the frames of `said`: they rode in the handshake. */
  | { readonly kind: 'opened'; readonly peer: PeerId; readonly address: Place; readonly relay: PeerId | null; readonly socket?: number; readonly role: LinkRole; readonly said: readonly Uint8Array[] }
  /** One frame or object out of a session. What came with an INIT follows `opened`. */
  | { readonly kind: 'received'; readonly peer: PeerId; readonly from: Place; readonly frame: Uint8Array }
  /** How `by` sees our address on the direct path that its session uses now, the round trip to it, and what its clock said half-way, Unix seconds. */
  | { readonly kind: 'observed'; readonly by: PeerId; readonly address: Address; readonly rttMs: number; readonly theirTime: number }
  /** The session goes on at another address, which was proved, or through `relay`. */
  | { readonly kind: 'moved'; readonly peer: PeerId; readonly address: Place; readonly relay: PeerId | null; readonly socket?: number }
  /** Several PINGs in a row were not answered: the session may need another path. Said once for each silence. */
  | { readonly kind: 'doubted'; readonly peer: PeerId }
  /** Packets of the peer were lost on the way here: later ones have come, and these have not. */
  | { readonly kind: 'missed'; readonly peer: PeerId }
  | { readonly kind: 'closed'; readonly peer: PeerId; readonly reason: ClosedReason }
  /** A PUNCH arrived. Anybody can send one. */
  | { readonly kind: 'punched'; readonly from: Place; readonly token: string; readonly socket?: number }
  | { readonly kind: 'dropped'; readonly reason: DropReason; readonly from: Place | null };

/** What goes around inside a link. */
export type PathOutput = LinkOutput<Path>;

/** What somebody says with an INIT, who may not be there: it may be a copy of an old one, from an address that is not its sender's. */
export interface EarlyWords {
  readonly peer: PeerId;
  readonly from: Address;
  /** FINDs and HELLOs, one or more. */
  readonly frames: readonly Uint8Array[];
  /** How much may be answered, bytes: that of each frame and 2 more. */
  readonly bytesMax: number;
}

/** What rides in the RESP, and which of the early frames are still to be delivered when the session opens. */
export interface EarlyAnswer {
  readonly frames: readonly Uint8Array[];
  readonly left: readonly Uint8Array[];
}

/** Answers what came with an INIT from what is known. It MUST change nothing. */
export type AnswerEarly = (now: Instant, words: EarlyWords) => EarlyAnswer;

/** What a link tells of one session. */
export interface SessionInfo {
  readonly peer: PeerId;
  /** Where its datagrams go: to the peer, or to the relay. */
  readonly address: Address;
  /** Who passes them on; `null` if nobody has to. */
  readonly relay: PeerId | null;
  readonly role: LinkRole;
  /** Smoothed round trip, ms; `null` before the first answer. */
  readonly rttMs: number | null;
  readonly openedAt: Instant;
  /** When the peer was last heard. */
  readonly heardAt: Instant;
}

/** Departures from the constants, for tests and small machines. */
export interface LinkConfig {
  /** Handshakes a second answered without a cookie: 20, or 5 where the cryptography is JavaScript. */
  readonly freeInitsPerSecond?: number;
  /** Packets after which keys are renewed: 2^48. */
  readonly rekeyAfterPackets?: number;
}
