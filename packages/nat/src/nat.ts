/**
 * How peers meet: the machine that introduces, is introduced, remembers and votes. SPEC, Meeting.
 *
 * It opens nothing itself: it tells the link where to connect and where to punch, and passes INTRODUCE and CALL
 * through sessions. What it relies on: `opened` and `moved` name addresses that the link has proved (a round trip,
 * never just a source address), because those are what it tells others and what it spends no budget on.
 *
 * Not here yet: the filtering class.
 */
import { type Address, type Bound, BoundedMap, earliest, type Instant, type Machine, type PeerId, type Random, TokenBucket, unreachable, type Wakeup } from '@srp/machine';
import { Birthday, type BirthdayOutput } from './birthday.js';
import { AddressBook, type RememberedPeer, type Restored, type StoredBook } from './book.js';
import { bookPeersMax, callBurst, callsPerSecond, foundMax, probesPerSecondMax, probeWindowMs, reachesMax, sessionsMax, tokensMax, volleysMax } from './constants.js';
import { type Call, type Introduce, type NatBehaviour, type Ports } from '@srp/wire';
import { type Introducible, introductionLimits, type IntroducerOutput, type IntroductionRefusal, Introducer } from './introducer.js';
import { Reaches, type ReachOutput } from './reaches.js';
import { candidateOf, type Named } from './candidates.js';
import { type MoveOutput, Moves } from './moves.js';
import { Relayed, type RelayedOutput } from './relayed.js';
import { type AddressRefusal, mayTell, refusalOf } from './rules.js';
import { type VolleyOutput, Volleys } from './volleys.js';
import { type Mapping, type SelfView, Votes } from './votes.js';

/** What a {@link Nat} is told. */
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
  /** A peer with a session says how its NAT maps. */
  | { readonly kind: 'behaviour'; readonly peer: PeerId; readonly mapping: NatBehaviour }
  /** Of the sockets that were asked for, from `first` on, `count` are open. */
  | { readonly kind: 'sockets'; readonly first: number; readonly count: number }
  /** A PUNCH came, perhaps to one of those sockets. */
  | { readonly kind: 'punched'; readonly from: Address; readonly token: string; readonly socket?: number }
  /** A frame came through the session with the peer. */
  | { readonly kind: 'frame'; readonly peer: PeerId; readonly frame: Introduce | Call | Ports }
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

/** What a {@link Nat} wants done. */
export type NatOutput =
  /** Send the frame through the session with the peer. */
  | { readonly kind: 'frame'; readonly to: PeerId; readonly frame: Introduce | Call | Ports }
  /** Send one PUNCH datagram, by a `socket` that was opened or by that which everything goes by. */
  | { readonly kind: 'punch'; readonly to: Address; readonly token: string; readonly socket?: number }
  /** Open sockets of their own ports, with these numbers; `sockets` answers. */
  | { readonly kind: 'open-sockets'; readonly first: number; readonly count: number }
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

interface Session extends Introducible {
  named: Named;
  /** Who passes on what it carries: then the address is the relay's, and this peer knows nothing of where the other one is. */
  readonly relay: PeerId | null;
  /** The last round trip to it, ms. */
  rttMs: number;
  readonly calls: TokenBucket;
}

/**
 * Introductions, the own address, and the address book.
 *
 * @example
 * const nat = new Nat({ self, random });
 * nat.handle(now, { kind: 'reach', peer: friend, via: [introducer] });
 */
export class Nat implements Machine<NatInput, NatOutput> {
  readonly #self: PeerId;
  readonly #sessions = new BoundedMap<PeerId, Session>(sessionsMax);
  readonly #tokens = new BoundedMap<string, true>(tokensMax);
  readonly #volleys = new Volleys();
  readonly #votes = new Votes();
  readonly #book: AddressBook;
  readonly #introducer: Introducer;
  readonly #reaches: Reaches;
  /** Where peers were found on the local network. */
  readonly #onLan = new BoundedMap<PeerId, Address>(foundMax);
  readonly #moves: Moves;
  readonly #relayed: Relayed;
  readonly #birthday: Birthday;
  /** When that wants to be woken. */
  #birthdayAt: Instant | null = null;
  /** Where somebody last said that a peer is. */
  readonly #calledAt = new BoundedMap<PeerId, Address>(reachesMax);
  #own: readonly Address[] = [];
  #view: SelfView = { addresses: [], mapping: 'unknown', ports: null };

  constructor(options: { readonly self: PeerId; readonly random: Random }) {
    this.#self = options.self;
    this.#introducer = new Introducer(options.random.fork('introducer'));
    this.#reaches = new Reaches({ self: options.self, random: options.random.fork('reaches'), volleys: this.#volleys, isLive: this.#isLive });
    this.#moves = new Moves(options.random.fork('moves'));
    this.#relayed = new Relayed(options.self, options.random.fork('relayed'), this.#isDirect);
    this.#birthday = new Birthday(options.random.fork('birthday'), this.#isDirect, () => this.#view);
    this.#book = new AddressBook(options.self, (peer) => this.#isLive(peer) || this.#reaches.isConfigured(peer));
  }

  handle(now: Instant, input: NatInput): readonly NatOutput[] {
    const out: NatOutput[] = [];
    const reason = this.#take(now, input, out);
    if (reason !== null) out.push({ kind: 'dropped', reason });
    this.#introducer.wake(now, this.#isLive, out as IntroducerOutput[]);
    this.#moves.wake(now, this.#direct, out as MoveOutput[]);
    this.#relayed.wake(now, out as RelayedOutput[]);
    this.#reaches.wake(now, out as ReachOutput[]); // before the volleys, which repeat
    this.#volleys.wake(now, this.#isDirect, out as VolleyOutput[]);
    this.#birthday.wake(now, out as BirthdayOutput[]);
    this.#birthdayAt = this.#birthday.deadline(now);
    return out;
  }

  deadline(): Instant | null {
    return earliest(this.#introducer.deadline(), this.#moves.deadline(), this.#volleys.deadline(), this.#reaches.deadline(), this.#relayed.deadline(), this.#birthdayAt);
  }

  /** How full what others can fill is. */
  bounds(): readonly Bound[] {
    return [
      { name: 'nat reaches', size: this.#reaches.size, max: reachesMax },
      { name: 'nat volleys', size: this.#volleys.size, max: volleysMax },
      { name: 'nat probes', size: this.#volleys.chargedCount, max: (probesPerSecondMax * probeWindowMs) / 1000 + probesPerSecondMax },
      { name: 'nat silent', size: this.#moves.size, max: sessionsMax },
      { name: 'nat book', size: this.#book.remembered().length, max: bookPeersMax },
    ];
  }

  /** The address book as a JSON value, to be stored. */
  book(): StoredBook {
    return this.#book.stored();
  }

  /** Takes over a stored address book, entry by entry; what is not sound is counted and left. Never throws. */
  restore(value: unknown): Restored {
    return this.#book.restore(value);
  }

  /** Everyone in the address book, the one seen last first. `reach` tries the remembered address. */
  remembered(): readonly RememberedPeer[] {
    return this.#book.remembered();
  }

  /** Where this peer is, as others see it. */
  selfView(): SelfView {
    return this.#view;
  }

  /** Dispatches; answers why the input was dropped, if it was. */
  #take(now: Instant, input: NatInput, out: NatOutput[]): NatDropReason | null {
    switch (input.kind) {
      case 'opened':
        this.#opened(now, input, out);
        return null;
      case 'closed':
        this.#closed(now, input.peer, input.isUnneeded === true, out);
        return null;
      case 'moved':
        this.#moved(now, input, out);
        return null;
      case 'behaviour':
        if (this.#isLive(input.peer)) this.#birthday.heard(input.peer, input.mapping);
        return null;
      case 'sockets':
        this.#birthday.opened(now, input.first, input.count, out as BirthdayOutput[]);
        return null;
      case 'punched':
        this.#birthday.punched(now, input.from, input.token, input.socket ?? 0, out as BirthdayOutput[]);
        return null;
      case 'doubted':
        if (this.#isLive(input.peer)) this.#relayed.doubted(now, input.peer, out as RelayedOutput[]);
        return null;
      case 'observed':
        return this.#observed(now, input, out);
      case 'frame':
        return this.#frame(now, input.peer, input.frame, out);
      case 'introduce':
        this.#introduce(now, input.asker, input.wanted, out);
        return null; // nobody sent it, so that nothing is refused to anybody
      case 'reach':
        return this.#reach(now, input, out);
      case 'forget':
        this.#reaches.forget(input.peer);
        this.#volleys.stop(input.peer);
        return null;
      case 'found':
        return this.#found(now, input.peer, input.address, out);
      case 'named':
        this.#named(now, input.peer, input.addresses, out);
        return null;
      case 'listening':
        this.#own = input.addresses;
        for (const session of this.#sessions.values()) this.#tryNamed(now, session, out);
        return null;
      case 'network-changed':
        this.#moves.moved(now, this.#direct());
        return null;
      case 'unreachable':
        this.#reaches.unreachable(now, input.peer, out as ReachOutput[]);
        return null;
      case 'wakeup':
        return null;
      default:
        return unreachable(input);
    }
  }

  readonly #isLive = (peer: PeerId): boolean => this.#sessions.has(peer);
  readonly #isDirect = (peer: PeerId): boolean => this.#sessions.get(peer)?.relay === null;
  readonly #direct = (): readonly PeerId[] => [...this.#sessions.entries()].flatMap(([peer, { relay }]) => (relay === null ? [peer] : []));

  #opened(now: Instant, { peer, address, relay = null, socket = 0 }: Extract<NatInput, { kind: 'opened' }>, out: NatOutput[]): void {
    if (peer === this.#self) return;
    this.#placed(now, { peer, address, relay, rttMs: 0, named: { addresses: [], tried: new Set() }, ...introductionLimits(), calls: new TokenBucket(callsPerSecond, callBurst) }, socket, out);
    this.#reaches.opened(peer, relay !== null);
    const found = this.#onLan.get(peer);
    if (relay !== null && found !== undefined) this.#probeFound(now, peer, found, out);
  }

  #moved(now: Instant, { peer, address, relay = null, socket = 0 }: Extract<NatInput, { kind: 'moved' }>, out: NatOutput[]): void {
    const session = this.#sessions.get(peer);
    if (session === undefined) return;
    this.#placed(now, { ...session, address, relay }, socket, out);
    if (relay === null) this.#volleys.stop(peer);
  }

  #placed(now: Instant, session: Session, socket: number, out: NatOutput[]): void {
    const { peer, address, relay } = session;
    this.#sessions.set(peer, session);
    this.#votes.forget(peer); // it votes anew, from its new network
    this.#relayed.at(now, peer, relay);
    this.#birthday.at(now, peer, relay !== null, socket, out as BirthdayOutput[]);
    if (relay !== null) return;
    this.#volleys.prove(address);
    this.#book.seen(now, peer, address);
  }

  #closed(now: Instant, peer: PeerId, isUnneeded: boolean, out: NatOutput[]): void {
    const session = this.#sessions.get(peer);
    if (session === undefined) {
      this.#reaches.unreachable(now, peer, out as ReachOutput[]); // a handshake ended, not a session
      return;
    }
    this.#sessions.delete(peer);
    this.#moves.settled(peer);
    this.#relayed.gone(now, peer, out as RelayedOutput[]);
    this.#birthday.gone(now, peer, out as BirthdayOutput[]);
    if (session.relay === null) this.#book.seen(now, peer, session.address);
    this.#votes.forget(peer);
    this.#publish(now, out);
    if (this.#sessions.size === 0) this.#reaches.alone(now);
    else if (!isUnneeded) this.#reaches.closed(now, peer);
  }

  #observed(now: Instant, { by, address, rttMs = 0 }: Extract<NatInput, { kind: 'observed' }>, out: NatOutput[]): NatDropReason | null {
    const session = this.#sessions.get(by);
    if (session === undefined) return 'not-connected';
    this.#moves.settled(by);
    session.rttMs = rttMs;
    if (!this.#votes.cast(now, by, session.address, address, this.#reaches.isConfigured(by))) return 'vote-out-of-scope';
    this.#publish(now, out);
    return null;
  }

  #publish(now: Instant, out: NatOutput[]): void {
    const view = this.#votes.view(now);
    const { addresses, mapping } = this.#view;
    this.#view = view;
    if (view.mapping === mapping && view.addresses.join() === addresses.join()) return;
    out.push({ kind: 'self', addresses: view.addresses, mapping: view.mapping });
    for (const session of this.#sessions.values()) this.#tryNamed(now, session, out);
  }

  #named(now: Instant, peer: PeerId, addresses: readonly Address[], out: NatOutput[]): void {
    const session = this.#sessions.get(peer);
    if (session === undefined) return;
    session.named = { ...session.named, addresses };
    this.#tryNamed(now, session, out);
  }

  #tryNamed(now: Instant, { peer, address, relay, named }: Session, out: NatOutput[]): void {
    if (named.addresses.length === 0) return;
    const peerAt = relay === null ? address : (this.#calledAt.get(peer) ?? null);
    const candidate = candidateOf(named, { address, isRelayed: relay !== null, peerAt }, this.#own, this.#view.addresses);
    if (candidate === null) return;
    const answer = this.#volleys.init(now, { peer, address: candidate, isAsked: false, calledBy: null }, out as VolleyOutput[]);
    if (answer === 'taken') named.tried.add(candidate);
  }

  #frame(now: Instant, from: PeerId, frame: Introduce | Call | Ports, out: NatOutput[]): NatDropReason | null {
    const session = this.#sessions.get(from);
    if (session === undefined) return 'not-connected';
    if (frame.kind === 'call') return this.#called(now, session, frame, out);
    if (frame.kind === 'ports') return this.#birthday.asked(now, from, frame) ? null : 'ports-refused';
    return this.#introduce(now, from, frame.peer, out);
  }

  #introduce(now: Instant, asker: PeerId, wanted: PeerId, out: NatOutput[]): NatDropReason | null {
    const [one, other] = [this.#sessions.get(asker), this.#sessions.get(wanted)];
    // Where somebody is who is heard through a relay, the relay knows and this peer does not.
    if (one === undefined || other === undefined || one.relay !== null || other.relay !== null) return 'unknown-peer';
    return this.#introducer.introduce(now, one, other, out as IntroducerOutput[]);
  }

  #called(now: Instant, by: Session, call: Call, out: NatOutput[]): NatDropReason | null {
    if (this.#tokens.has(call.token)) return null; // the second copy
    if (!by.calls.take(now)) return 'calls-limit';
    this.#tokens.set(call.token, true);
    if (call.peer === this.#self) return 'self';
    const refusal = by.relay === null ? refusalOf(call.address) : 'not-connected'; // who is relayed sees nobody's address
    if (refusal !== null) return refusal;
    if (!mayTell(by.address, call.address)) return 'scope-mismatch';
    const session = this.#sessions.get(call.peer);
    this.#birthday.seen(now, by.peer, call);
    this.#calledAt.set(call.peer, call.address);
    this.#relayed.called(now, by.peer, by.rttMs, call, session !== undefined, out as RelayedOutput[]);
    if (session !== undefined && (session.relay !== null || this.#relayed.isDoubted(now, call.peer))) return this.#ask(now, by, call, out);
    // A live peer that calls from elsewhere has lost its session, or its NAT has forgotten us: punching lets it in.
    if (session !== undefined && (call.initiator || session.address === call.address)) return 'connected-already';
    const answer = session === undefined ? this.#reaches.called(now, by.peer, call, out as ReachOutput[]) : 'punch';
    if (answer === 'busy') return answer;
    if (answer === 'punch') this.#volleys.punch(now, call, by.peer, out as VolleyOutput[]);
    return null;
  }

  /** Looks whether a session that has no direct path, or may have lost it, finds one where somebody sees the peer: the link sends PING where it would send INIT. */
  #ask(now: Instant, by: Session, call: Call, out: NatOutput[]): null {
    const { peer, address } = call;
    const isAsked = this.#relayed.hasAsked(now, peer);
    if (this.#volleys.init(now, { peer, address, isAsked, calledBy: by.peer }, out as VolleyOutput[]) === 'later') this.#volleys.punch(now, call, by.peer, out as VolleyOutput[]);
    return null;
  }

  #reach(now: Instant, { peer, address, told, via }: Extract<NatInput, { kind: 'reach' }>, out: NatOutput[]): NatDropReason | null {
    const refusal = told === undefined ? null : refusalOf(told);
    if (address !== undefined) this.#reaches.configure(now, peer, address, via, out as ReachOutput[]);
    else if (refusal === null) this.#reaches.want(now, peer, told ?? this.#book.addressOf(peer), via, out as ReachOutput[]);
    return refusal;
  }

  #found(now: Instant, peer: PeerId, address: Address, out: NatOutput[]): NatDropReason | null {
    const refusal = refusalOf(address);
    if (refusal !== null) return refusal;
    this.#onLan.set(peer, address);
    if (this.#isLive(peer) && !this.#isDirect(peer)) this.#probeFound(now, peer, address, out);
    else this.#reaches.found(now, peer, address, out as ReachOutput[]);
    return null;
  }

  /** Somebody far away relays to a neighbour on this network: the link sends PING to it. */
  #probeFound(now: Instant, peer: PeerId, address: Address, out: NatOutput[]): void {
    this.#volleys.init(now, { peer, address, isAsked: true, calledBy: null }, out as VolleyOutput[]);
  }
}
