/**
 * How peers meet: the machine that introduces, is introduced, remembers and votes. SPEC, Meeting.
 *
 * It opens nothing itself: it tells the link where to connect and where to punch, and passes INTRODUCE and CALL
 * through sessions. What it relies on: `opened` and `moved` name addresses that the link has proved (a round trip,
 * never just a source address), because those are what it tells others and what it spends no budget on.
 */
import { type Address, type Bound, BoundedMap, earliest, familyOf, type Instant, type Machine, networkOf, type PeerId, type Random, scopeOf, TokenBucket, unreachable } from '@srp/machine';
import { Birthday, type BirthdayOutput } from './birthday.js';
import { AddressBook, type RememberedPeer, type Restored, type StoredBook } from './book.js';
import type { NatDropReason, NatInput, NatOutput } from './contract.js';
import { bookPeersMax, callBurst, callsPerSecond, foundMax, knockersMax, probesPerSecondMax, probeWindowMs, reachesMax, sessionsMax, tokensMax, volleysMax } from './constants.js';
import { type Filtering, FilterTest, type FilteringOutput, type Observer } from './filtering.js';
import { type KnockOutput, Knocks } from './knocks.js';
import type { Call, Introduce, Knock, Ports } from '@srp/wire';
import { type Introducible, introductionLimits, type IntroducerOutput, Introducer } from './introducer.js';
import { Reaches, type ReachOutput } from './reaches.js';
import { candidateOf, type Named } from './candidates.js';
import { type MoveOutput, Moves } from './moves.js';
import { type InUse, Relayed, type RelayedOutput } from './relayed.js';
import { mayTell, refusalOf } from './rules.js';
import { type VolleyOutput, Volleys } from './volleys.js';
import { type SelfView, Votes } from './votes.js';

interface Session extends Introducible {
  named: Named;
  /** Who passes on what it carries: then the address is the relay's, and this peer knows nothing of where the other one is. */
  readonly relay: PeerId | null;
  /** By which socket it goes; 0: that which everything else goes by. */
  readonly socket: number;
  /** The last round trip to it, ms. */
  rttMs: number;
  /** CALLs and KNOCKs of it that are read. */
  readonly calls: TokenBucket;
  /** Whether it says that everybody reaches it. */
  isOpen: boolean;
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
  readonly #filterTest: FilterTest;
  readonly #knocks: Knocks;
  #nextSocket = 1;
  /** When the birthday wants to be woken. */
  #birthdayAt: Instant | null = null;
  /** Where somebody last said that a peer is. */
  readonly #calledAt = new BoundedMap<PeerId, Address>(reachesMax);
  #own: readonly Address[] = [];
  #view: SelfView = { addresses: [], mapping: 'unknown', ports: null };

  /** `isInUse`: whether more than messages goes by the session with a peer. If absent, by none. */
  constructor(options: { readonly self: PeerId; readonly random: Random; readonly isInUse?: InUse }) {
    const isInUse = options.isInUse ?? (() => false);
    this.#self = options.self;
    this.#introducer = new Introducer(options.random.fork('introducer'));
    this.#reaches = new Reaches({ self: options.self, random: options.random.fork('reaches'), volleys: this.#volleys, isLive: this.#isLive });
    this.#moves = new Moves(options.random.fork('moves'));
    this.#relayed = new Relayed(options.self, options.random.fork('relayed'), this.#isDirect, isInUse);
    this.#birthday = new Birthday(options.random.fork('birthday'), this.#takeSockets, this.#isDirect, isInUse, () => this.#view);
    this.#filterTest = new FilterTest(options.random.fork('filtering'), this.#takeSockets);
    this.#knocks = new Knocks(options.random.fork('knocks'), this.#takeSockets);
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
    this.#filterTest.wake(now, out as FilteringOutput[]);
    this.#knocks.wake(now, out as KnockOutput[]);
    this.#birthday.wake(now, out as BirthdayOutput[]);
    this.#birthdayAt = this.#birthday.deadline(now);
    return out;
  }

  deadline(): Instant | null {
    return earliest(this.#introducer.deadline(), this.#moves.deadline(), this.#volleys.deadline(), this.#reaches.deadline(), this.#relayed.deadline(), this.#filterTest.deadline(), this.#knocks.deadline(), this.#birthdayAt);
  }

  /** How full what others can fill is. */
  bounds(): readonly Bound[] {
    return [
      { name: 'nat reaches', size: this.#reaches.size, max: reachesMax },
      { name: 'nat volleys', size: this.#volleys.size, max: volleysMax },
      { name: 'nat probes', size: this.#volleys.chargedCount, max: (probesPerSecondMax * probeWindowMs) / 1000 + probesPerSecondMax },
      { name: 'nat askers', size: this.#knocks.size, max: knockersMax },
      { name: 'nat silent', size: this.#moves.size, max: sessionsMax },
      { name: 'nat book', size: this.#book.size, max: bookPeersMax },
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

  /** Whom the NAT or firewall before this peer lets in; `unknown` until `examine` found out. */
  filtering(): Filtering {
    return this.#filterTest.filtering;
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
        this.#behaves(input);
        return null;
      case 'examine':
        this.#filterTest.begin(now, this.#observers(), out as FilteringOutput[]);
        return null;
      case 'sockets':
        if (this.#filterTest.opened(input.first, input.count, out as FilteringOutput[]) || this.#knocks.opened(input.first, input.count)) return null;
        this.#birthday.opened(now, input.first, input.count, out as BirthdayOutput[]);
        return null;
      case 'punched':
        return this.#punched(now, input, out);
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
        for (const { peer, address } of this.#sessions.values()) this.#votes.forget(peer, familyOf(address) === 4 ? 6 : 4); // nobody says it anew
        this.#moves.moved(now, this.#direct());
        this.#filterTest.forget(out as FilteringOutput[]);
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

  readonly #takeSockets = (count: number): number => (this.#nextSocket += count) - count;
  readonly #isLive = (peer: PeerId): boolean => this.#sessions.has(peer);
  readonly #isDirect = (peer: PeerId): boolean => this.#sessions.get(peer)?.relay === null;
  readonly #direct = (): readonly PeerId[] => [...this.#sessions.entries()].flatMap(([peer, { relay }]) => (relay === null ? [peer] : []));

  #opened(now: Instant, { peer, address, relay = null, socket = 0 }: Extract<NatInput, { kind: 'opened' }>, out: NatOutput[]): void {
    if (peer === this.#self) return;
    this.#placed(now, { peer, address, relay, socket, rttMs: 0, named: { addresses: [], tried: new Set() }, ...introductionLimits(), calls: new TokenBucket(callsPerSecond, callBurst), isOpen: false }, out);
    this.#reaches.opened(peer, relay !== null);
    const found = this.#onLan.get(peer);
    if (relay !== null && found !== undefined) this.#probeFound(now, peer, found, out);
  }

  #moved(now: Instant, { peer, address, relay = null, socket = 0 }: Extract<NatInput, { kind: 'moved' }>, out: NatOutput[]): void {
    const session = this.#sessions.get(peer);
    if (session === undefined) return;
    this.#placed(now, { ...session, address, relay, socket }, out);
    if (relay === null) this.#volleys.stop(peer);
  }

  #placed(now: Instant, session: Session, out: NatOutput[]): void {
    const { peer, address, relay, socket } = session;
    this.#sessions.set(peer, session);
    this.#votes.forget(peer, relay === null ? familyOf(address) : null); // it votes anew, from its new network; by the other family it still is where it was
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
    // Where a socket that was opened to guess is seen says nothing of the one that everybody goes to.
    if (session.socket === 0 && !this.#votes.cast(now, by, session.address, address, this.#reaches.isConfigured(by))) return 'vote-out-of-scope';
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

  #behaves({ peer, mapping, filtering }: Extract<NatInput, { kind: 'behaviour' }>): void {
    const session = this.#sessions.get(peer);
    if (session === undefined) return;
    session.isOpen = mapping === 'independent' && filtering === 'independent';
    this.#birthday.heard(peer, mapping);
  }

  #punched(now: Instant, { from, token, socket = 0 }: Extract<NatInput, { kind: 'punched' }>, out: NatOutput[]): NatDropReason | null {
    const answer = socket === 0 ? this.#knocks.punched(now, from, token, this.#seenDirectly) : null;
    if (answer !== null) return this.#volleys.once(now, answer.to, answer.token, out as VolleyOutput[]) ? null : 'probes-limit';
    this.#filterTest.punched(from, token, socket, this.#view.addresses, out as FilteringOutput[]);
    this.#birthday.punched(now, from, token, socket, out as BirthdayOutput[]);
    return null;
  }

  /** Neighbours out in the world, whose own address this peer sees. */
  readonly #seenDirectly = (): readonly Session[] => [...this.#sessions.values()].filter(({ relay, address }) => relay === null && scopeOf(address) === 'public');

  /** One of each network, first those that everybody reaches, whom a PUNCH by another socket finds as well. */
  #observers(): readonly Observer[] {
    const all = this.#seenDirectly();
    const isOpen = ({ peer, isOpen: saysSo }: Session): boolean => saysSo || this.#reaches.isConfigured(peer);
    const byNetwork = new Map([...all.filter((one) => !isOpen(one)), ...all.filter(isOpen)].map((one) => [networkOf(one.address), one]));
    return [...byNetwork.values()].reverse();
  }

  #frame(now: Instant, from: PeerId, frame: Introduce | Call | Ports | Knock, out: NatOutput[]): NatDropReason | null {
    const session = this.#sessions.get(from);
    if (session === undefined) return 'not-connected';
    if (frame.kind === 'call') return this.#called(now, session, frame, out);
    if (frame.kind === 'ports') return this.#birthday.asked(now, from, frame) ? null : 'ports-refused';
    if (frame.kind === 'knock') return this.#knocked(now, session, frame, out);
    return this.#introduce(now, from, frame.peer, out);
  }

  #knocked(now: Instant, by: Session, { token, address }: Knock, out: NatOutput[]): NatDropReason | null {
    if (!by.calls.take(now)) return 'calls-limit';
    if (by.relay !== null || scopeOf(by.address) !== 'public') return 'not-connected';
    if (address === null) {
      this.#knocks.knocked(now, by, token, this.#seenDirectly(), out as KnockOutput[]);
      return null;
    }
    const refusal = scopeOf(address) === 'public' ? refusalOf(address) : 'scope-mismatch';
    if (refusal !== null) return refusal;
    return this.#volleys.once(now, address, token, out as VolleyOutput[]) ? null : 'probes-limit';
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
