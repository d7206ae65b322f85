/** What goes into the machine of this package, and what comes out: the whole contract with its parent. SPEC, Meeting. */
import type { Address, PeerId, Wakeup } from '@srp/machine';
import type { Call, Introduce, Knock, NatBehaviour, Ports } from '@srp/wire';
import type { IntroductionRefusal } from './introducer.js';
import type { Family } from './knocks.js';
import type { AddressRefusal } from './rules.js';
import type { Mapping } from './votes.js';

/** What the machine is told. */
export type NatInput =
  /** A session with the peer is open; the address is proved, and the peer's own unless there is a `relay`, whose it is then. */
  | { readonly kind: 'opened'; readonly peer: PeerId; readonly address: Address; readonly relay?: PeerId | null; readonly socket?: number }
  /** The session with the peer ended; without a session it is the same as `unreachable`. `isUnneeded`: one side said so, and nobody goes back by itself. */
  | { readonly kind: 'closed'; readonly peer: PeerId; readonly isUnneeded?: boolean }
  /** The session with the peer goes on at another address, proved as well, or through a relay. */
  | { readonly kind: 'moved'; readonly peer: PeerId; readonly address: Address; readonly relay?: PeerId | null; readonly socket?: number }
  /** The path of the session may be dead. */
  | { readonly kind: 'doubted'; readonly peer: PeerId }
  /** The peer `by` saw this peer at the address, and answered within `rttMs`. */
  | { readonly kind: 'observed'; readonly by: PeerId; readonly address: Address; readonly rttMs?: number }
  /** A peer with a session says how its NAT maps, and whom it lets in. */
  | { readonly kind: 'behaviour'; readonly peer: PeerId; readonly mapping: NatBehaviour; readonly filtering?: NatBehaviour }
  /** The user wants to know whom the NAT before this peer lets in. */
  | { readonly kind: 'examine' }
  /** Of the sockets that were asked for, from `first` on, `count` are open. */
  | { readonly kind: 'sockets'; readonly first: number; readonly count: number }
  /** A PUNCH came, perhaps to one of those sockets. */
  | { readonly kind: 'punched'; readonly from: Address; readonly token: string; readonly socket?: number }
  /** A frame came through the session with the peer. */
  | { readonly kind: 'frame'; readonly peer: PeerId; readonly frame: Introduce | Call | Ports | Knock }
  /** Two peers with a session want to meet, for all this peer knows: as if `asker` had sent INTRODUCE. */
  | { readonly kind: 'introduce'; readonly asker: PeerId; readonly wanted: PeerId }
  /** A connection to the peer is wanted. With an address, which the user gave: for ever. Somebody `told` another: tried within the budget. `via` know the peer. */
  | { readonly kind: 'reach'; readonly peer: PeerId; readonly address?: Address; readonly told?: Address; readonly via: readonly PeerId[] }
  /** The peer is not wanted any more, not even if the user gave its address. */
  | { readonly kind: 'forget'; readonly peer: PeerId }
  /** The peer announces itself on the local network, from that address. */
  | { readonly kind: 'found'; readonly peer: PeerId; readonly address: Address }
  /** The peer says in its HELLO that it listens there. */
  | { readonly kind: 'named'; readonly peer: PeerId; readonly addresses: readonly Address[] }
  /** Where this peer listens. */
  | { readonly kind: 'listening'; readonly addresses: readonly Address[] }
  /** This host has moved to another network, or its addresses changed. */
  | { readonly kind: 'network-changed' }
  /** The link gave up connecting to the peer. */
  | { readonly kind: 'unreachable'; readonly peer: PeerId }
  | Wakeup;

/** Why something from outside was dropped. */
export type NatDropReason =
  | AddressRefusal
  | IntroductionRefusal
  /** The sender has no session. */
  | 'not-connected'
  /** A PORTS from a peer that is not relayed, that no neighbour has seen lately, or too soon after another. */
  | 'ports-refused'
  /** A CALL for a peer that has a session. */
  | 'connected-already'
  /** A CALL that nobody asked for, to start with a peer that is being reached at two addresses already; or no room for one more peer. */
  | 'busy'
  /** Too many CALLs from one introducer. */
  | 'calls-limit'
  /** The address, its host or this second has had its probes. */
  | 'probes-limit'
  /** An observation from another circle than the observer's own. */
  | 'vote-out-of-scope';

/** Every {@link NatDropReason}. */
export const natDropReasons = [
  'address-forbidden', 'port-forbidden', 'scope-mismatch', 'unknown-peer', 'introduced-lately', 'introductions-limit', 'self',
  'not-connected', 'ports-refused', 'connected-already', 'busy', 'calls-limit', 'probes-limit', 'vote-out-of-scope',
] as const satisfies readonly NatDropReason[];

/** What the machine wants done. */
export type NatOutput =
  /** Send the frame through the session with the peer. */
  | { readonly kind: 'frame'; readonly to: PeerId; readonly frame: Introduce | Call | Ports | Knock }
  /** Send one PUNCH datagram, by a `socket` that was opened or by that which everything goes by. */
  | { readonly kind: 'punch'; readonly to: Address; readonly token: string; readonly socket?: number }
  /** Open sockets of their own ports, with these numbers, for IPv4 unless it says else; `sockets` answers. */
  | { readonly kind: 'open-sockets'; readonly first: number; readonly count: number; readonly family?: Family }
  | { readonly kind: 'close-sockets'; readonly sockets: readonly number[] }
  /** Try to open a session there. One that runs goes on, with this address as well. `isPaced`: one INIT alone, since each counts; without it the user named the address. */
  | { readonly kind: 'connect'; readonly peer: PeerId; readonly address: Address; readonly isPaced: boolean; readonly socket?: number }
  /** Pass on between two peers by a channel, once both use it. */
  | { readonly kind: 'relay'; readonly channel: number; readonly ends: readonly [PeerId, PeerId] }
  /** Hear the peer by a channel that the relay offers. */
  | { readonly kind: 'accept'; readonly peer: PeerId; readonly relay: PeerId; readonly channel: number }
  /** Try to open a session by the newest accepted channel, or offer it to one whose path is dead. */
  | { readonly kind: 'connect-relayed'; readonly peer: PeerId }
  /** Where this peer is, as others see it, has changed. */
  | { readonly kind: 'self'; readonly addresses: readonly Address[]; readonly mapping: Mapping }
  /** The peer could not be reached, and nothing more is tried. */
  | { readonly kind: 'failed'; readonly peer: PeerId }
  /** Something from outside was dropped. */
  | { readonly kind: 'dropped'; readonly reason: NatDropReason };
