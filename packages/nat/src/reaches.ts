/**
 * Peers that are being reached: where to, through whom, and when to try again. SPEC, Meeting.
 *
 * ```
 *              ┌────────────── resting ◀──────────────┐ pause, doubling
 *              ▼                                      │
 *   (address known)  queued ── room ──▶ connecting ───┤ unreachable, or no room
 *   (introducer)     asking ── CALL ──▶ queued        │
 *                      └──────── no CALL ─────────────┘
 * ```
 *
 * A configured peer (the user gave its address) is tried for ever and costs no budget. Any other address was
 * learnt from somebody, waits for room in the budget, and is tried once. Ways alternate, so that
 * whoever tells wrong addresses cannot keep this peer from asking the next introducer.
 */
import { type Address, after, earliest, type Instant, jittered, type PeerId, type Random, sample, scopeOf } from '@srp/machine';
import { attemptsMax, callAnswerMs, callWaitMs, configuredMax, connectAnswerMs, foundDelayMs, introducersMax, probePollMs, probeWindowMs, reachesMax, rememberedWaitMs, retryDelayMaxMs, retryDelayMs, retryJitter } from './constants.js';
import { type Call, type Introduce } from '@srp/wire';
import { type ProbeAnswer } from './probes.js';
import { circleOf, refusalOf } from './rules.js';
import { type VolleyOutput, type Volleys } from './volleys.js';

/** What reaching a peer asks of the driver. */
export type ReachOutput =
  | { readonly kind: 'frame'; readonly to: PeerId; readonly frame: Introduce }
  | { readonly kind: 'connect'; readonly peer: PeerId; readonly address: Address; readonly isPaced: boolean }
  | { readonly kind: 'failed'; readonly peer: PeerId }
  | { readonly kind: 'dropped'; readonly reason: 'probes-limit' };

/** What becomes of a CALL: INITs are under way, it is to be punched, or nothing is done. */
export type CallAnswer = 'connecting' | 'punch' | 'busy';

/** How a peer can be reached: at an address somebody told, at the one the user gave, through an introducer. */
type Way = 'told' | 'configured' | 'introduced';
const ways: readonly Way[] = ['told', 'configured', 'introduced'];

/** Where INITs are to go, and why: `calledBy` said so in a CALL that nobody had asked for. */
interface Goal {
  readonly way: Way;
  readonly address: Address;
  readonly isAsked: boolean;
  readonly calledBy: PeerId | null;
}

type Step =
  /** Nothing happens until then. */
  | { readonly at: 'resting'; readonly until: Instant }
  /** That introducer was asked; its CALL is awaited. */
  | { readonly at: 'asking'; readonly introducer: PeerId; readonly until: Instant }
  /** The address waits for room in the budget. */
  | ({ readonly at: 'queued'; readonly pollAt: Instant; readonly until: Instant } & Goal)
  /** The link tries the address. */
  | { readonly at: 'connecting'; readonly way: Way; readonly until: Instant };

/** `noticed`: nobody here asked for the peer; a CALL or a find on the LAN told of it. It gets one attempt an address. */
type Why = 'configured' | 'wanted' | 'noticed';

interface Reach {
  readonly peer: PeerId;
  why: Why;
  /** An address somebody told, not tried yet. */
  told: Address | null;
  introducers: readonly PeerId[];
  lastWay: Way | null;
  /** Where the link's handshake sends INITs, if one runs. */
  tried: readonly Address[];
  /** Whether a call that nobody asked for has added one of them. */
  hasUnasked: boolean;
  failures: number;
  step: Step;
}

/** What the reaches need to know of the rest. */
export interface ReachContext {
  readonly self: PeerId;
  readonly random: Random;
  readonly volleys: Volleys;
  readonly isLive: (peer: PeerId) => boolean;
}

/** All attempts to reach somebody, at most 128; never one for a peer with a session. */
export class Reaches {
  readonly #context: ReachContext;
  readonly #reaches = new Map<PeerId, Reach>();
  readonly #configured = new Map<PeerId, Address>();

  constructor(context: ReachContext) {
    this.#context = context;
  }

  /** Peers being reached. */
  get size(): number {
    return this.#reaches.size;
  }

  /** Whether the user gave the address of this peer. */
  isConfigured(peer: PeerId): boolean {
    return this.#configured.has(peer);
  }

  /** The user wants `peer` at `address`, for ever. */
  configure(now: Instant, peer: PeerId, address: Address, introducers: readonly PeerId[], out: ReachOutput[]): void {
    const before = this.#configured.get(peer);
    if (peer === this.#context.self || circleOf(scopeOf(address)) === null || (before === undefined && this.#configured.size >= configuredMax)) {
      out.push({ kind: 'failed', peer });
      return;
    }
    this.#configured.set(peer, address);
    if (!this.#context.isLive(peer)) this.#want(now, peer, 'configured', null, introducers, before !== address, out);
  }

  /** `peer` is wanted; `introducers` know it, and `remembered` is where it once was. */
  want(now: Instant, peer: PeerId, remembered: Address | null, introducers: readonly PeerId[], out: ReachOutput[]): void {
    if (peer === this.#context.self) out.push({ kind: 'failed', peer });
    else if (!this.#context.isLive(peer)) this.#want(now, peer, this.isConfigured(peer) ? 'configured' : 'wanted', remembered, introducers, false, out);
  }

  /** `peer` was found on the local network; a new reach begins with the next {@link wake}. */
  found(now: Instant, peer: PeerId, address: Address, out: ReachOutput[]): void {
    const { self } = this.#context;
    if (peer === self || this.#context.isLive(peer) || this.#configured.get(peer) === address) return;
    const existing = this.#reaches.get(peer);
    const reach = existing ?? this.#add(peer, 'noticed', now);
    if (reach === null) return;
    reach.told = address;
    // Who announces something new all the time hurries nothing but the first look at it.
    if (reach.step.at !== 'resting' || reach.lastWay === 'told') return;
    // Both sides find each other, and one INIT is enough. The higher id starts if a firewall holds the lower one up.
    const startAt = self < peer ? now : after(now, foundDelayMs);
    if (existing === undefined) reach.step = { at: 'resting', until: startAt };
    else if (startAt < reach.step.until) this.#attempt(now, reach, out, 'told');
  }

  /**
   * Introducer `by` says where a peer is. Whom this peer wants it connects to at once, whoever is to begin: an INIT opens
   * the own NAT as a punch does, the link sorts out two that cross, and no packet is spent twice.
   */
  called(now: Instant, by: PeerId, { peer, address, initiator }: Call, out: ReachOutput[]): CallAnswer {
    const existing = this.#reaches.get(peer);
    if (existing?.step.at === 'asking' && existing.step.introducer === by) {
      this.#queue(now, existing, { way: 'introduced', address, isAsked: true, calledBy: null }, callWaitMs, out);
      return 'connecting';
    }
    // Nobody asked for this call.
    if (existing?.tried.includes(address) === true) return 'connecting';
    if (!initiator && (existing === undefined || existing.why === 'noticed')) return 'punch';
    if (existing === undefined) {
      const reach = this.#add(peer, 'noticed', now);
      if (reach !== null) this.#queue(now, reach, { way: 'told', address, isAsked: false, calledBy: by }, callWaitMs, out);
      return reach === null ? 'busy' : 'connecting';
    }
    // One address beside the peer's own ways, which go on as if nothing were: a wrong one must not keep out the right one.
    const mayAdd = !existing.hasUnasked && (existing.why !== 'noticed' || existing.step.at === 'connecting');
    if (!mayAdd || this.#tryAddress(now, existing, { address, isAsked: false, calledBy: by }, out) !== 'taken') return initiator ? 'busy' : 'punch';
    existing.hasUnasked = true;
    return 'connecting';
  }

  /** The link gave up on `peer`. */
  unreachable(now: Instant, peer: PeerId, out: ReachOutput[]): void {
    this.#context.volleys.stop(peer);
    const reach = this.#reaches.get(peer);
    if (reach === undefined) return;
    this.#end(reach);
    if (reach.step.at === 'connecting') this.#fail(now, reach, reach.step.way, 0, out);
  }

  /** A session with `peer` is open: nothing is left to do, but for what may still find a direct path if this one `isRelayed`. */
  opened(peer: PeerId, isRelayed: boolean): void {
    if (!isRelayed) this.#context.volleys.stop(peer);
    this.#reaches.delete(peer);
  }

  /** The session with `peer` ended: a configured one is reached again. */
  closed(now: Instant, peer: PeerId): void {
    if (!this.#configured.has(peer) || this.#reaches.has(peer)) return;
    const reach = this.#add(peer, 'configured', now);
    if (reach !== null) reach.step = { at: 'resting', until: after(now, this.#pause(0)) };
  }

  /** No session is left: all configured ones are reached again, also who did not need us. Nobody else could name anybody. */
  alone(now: Instant): void {
    for (const peer of this.#configured.keys()) this.closed(now, peer);
  }

  /** Nobody wants `peer` any more. */
  forget(peer: PeerId): void {
    this.#configured.delete(peer);
    this.#reaches.delete(peer);
  }

  /** Does what is due. */
  wake(now: Instant, out: ReachOutput[]): void {
    if (this.#reaches.size === 0) return;
    for (const reach of [...this.#reaches.values()]) {
      const { step } = reach;
      if (step.at === 'queued') {
        if (step.pollAt <= now) this.#tryConnect(now, reach, out);
      } else if (step.until <= now) {
        if (step.at === 'resting') this.#attempt(now, reach, out);
        else if (step.at === 'asking') this.#fail(now, reach, 'introduced', 0, out);
        else this.unreachable(now, reach.peer, out);
      }
    }
  }

  /** When something is due next. */
  deadline(): Instant | null {
    let next: Instant | null = null;
    for (const { step } of this.#reaches.values()) next = earliest(next, step.at === 'queued' ? step.pollAt : step.until);
    return next;
  }

  #want(now: Instant, peer: PeerId, why: Why, told: Address | null, introducers: readonly PeerId[], isUrgent: boolean, out: ReachOutput[]): void {
    const existing = this.#reaches.get(peer);
    const reach = existing ?? this.#add(peer, why, now, out);
    if (reach === null) return;
    const isNew = existing === undefined || reach.why === 'noticed';
    reach.why = why;
    if (isNew) reach.told ??= told;
    const fresh = introducers.filter((other) => other !== peer && !reach.introducers.includes(other));
    const room = introducersMax - reach.introducers.length;
    reach.introducers = [...reach.introducers, ...sample(this.#context.random, [...new Set(fresh)], room)];
    // Whoever names a peer may have told both of it at once: then it need not be asked, and what is under way counts as asked for.
    const called = this.#context.volleys.calledAt(peer, introducers);
    if (called !== null) this.#context.volleys.ask(peer, called);
    if ((!isNew && !isUrgent) || reach.step.at !== 'resting') return;
    if (called === null) this.#attempt(now, reach, out);
    else this.#queue(now, reach, { way: 'introduced', address: called, isAsked: true, calledBy: null }, callWaitMs, out);
  }

  /** A new reach that rests; `null` if there is no room for it. */
  #add(peer: PeerId, why: Why, now: Instant, out?: ReachOutput[]): Reach | null {
    if (this.#reaches.size >= reachesMax) {
      // What others told of never pushes out what this peer wants, and nothing pushes out a configured one.
      const all = [...this.#reaches.values()];
      const oldest = all.find((reach) => reach.why === 'noticed') ?? (why === 'noticed' ? undefined : all.find((reach) => reach.why === 'wanted'));
      if (oldest === undefined) return null;
      this.#reaches.delete(oldest.peer);
      if (oldest.why === 'wanted') out?.push({ kind: 'failed', peer: oldest.peer });
    }
    const reach: Reach = { peer, why, told: null, introducers: [], lastWay: null, tried: [], hasUnasked: false, failures: 0, step: { at: 'resting', until: now } };
    this.#reaches.set(peer, reach);
    return reach;
  }

  /** One attempt: by the next way that is open, or by one that is known to be. */
  #attempt(now: Instant, reach: Reach, out: ReachOutput[], open?: Way): void {
    const configured = this.#configured.get(reach.peer);
    const [introducer] = this.#liveIntroducers(reach);
    const isOpen = { told: reach.told !== null, configured: configured !== undefined, introduced: introducer !== undefined };
    // An introducer sees the peer now: that goes before an address where it once was.
    const last = reach.lastWay ?? (reach.why === 'wanted' && isOpen.introduced ? 'configured' : 'introduced');
    const first = ways.indexOf(last) + 1;
    const way = open ?? [...ways.slice(first), ...ways.slice(0, first)].find((one) => isOpen[one]);
    reach.lastWay = way ?? null;
    if (way === 'told' && reach.told !== null) {
      const { told } = reach;
      reach.told = null;
      this.#queue(now, reach, { way, address: told, isAsked: reach.why !== 'noticed', calledBy: null }, rememberedWaitMs, out);
    } else if (way === 'configured' && configured !== undefined) {
      reach.step = { at: 'connecting', way, until: after(now, connectAnswerMs) };
      out.push({ kind: 'connect', peer: reach.peer, address: configured, isPaced: false });
    } else if (way === 'introduced' && introducer !== undefined) {
      reach.introducers = [...reach.introducers.filter((other) => other !== introducer), introducer]; // in turn
      out.push({ kind: 'frame', to: introducer, frame: { kind: 'introduce', peer: reach.peer } });
      reach.step = { at: 'asking', introducer, until: after(now, callAnswerMs) };
    } else {
      this.#fail(now, reach, 'introduced', 0, out);
    }
  }

  #queue(now: Instant, reach: Reach, goal: Goal, waitMs: number, out: ReachOutput[]): void {
    if (refusalOf(goal.address) !== null) {
      this.#fail(now, reach, goal.way, 0, out);
      return;
    }
    reach.step = { at: 'queued', ...goal, pollAt: now, until: after(now, waitMs) };
    this.#tryConnect(now, reach, out);
  }

  #tryConnect(now: Instant, reach: Reach, out: ReachOutput[]): void {
    const { step } = reach;
    if (step.at !== 'queued') return;
    const answer = this.#tryAddress(now, reach, step, out);
    if (answer === 'taken') {
      reach.step = { at: 'connecting', way: step.way, until: after(now, connectAnswerMs) };
    } else if (step.until > now) {
      reach.step = { ...step, pollAt: after(now, probePollMs) }; // even a spent host frees room when another peer on it answers
    } else {
      out.push({ kind: 'dropped', reason: 'probes-limit' });
      this.#fail(now, reach, step.way, answer === 'spent' && step.way === 'introduced' ? probeWindowMs : 0, out);
    }
  }

  /** INITs to one more address, or none if they are on their way there. */
  #tryAddress(now: Instant, reach: Reach, { address, isAsked, calledBy }: Omit<Goal, 'way'>, out: ReachOutput[]): ProbeAnswer {
    if (reach.tried.includes(address)) {
      if (isAsked) this.#context.volleys.ask(reach.peer, address);
      return 'taken';
    }
    const answer = this.#context.volleys.init(now, { peer: reach.peer, address, isAsked, calledBy }, out as VolleyOutput[]);
    if (answer === 'taken') reach.tried = [...reach.tried, address];
    return answer;
  }

  /** The link's handshake is over. */
  #end(reach: Reach): void {
    reach.tried = [];
    reach.hasUnasked = false;
  }

  /** The attempt led nowhere. The next one comes after a pause; `restMs` is until a host may be probed again. */
  #fail(now: Instant, reach: Reach, way: Way, restMs: number, out: ReachOutput[]): void {
    const hasWay = reach.told !== null || this.#configured.has(reach.peer) || this.#liveIntroducers(reach).length > 0;
    // A told address that was wrong says nothing against the other ways.
    if (way !== 'told' || !hasWay) reach.failures += 1;
    if ((reach.why === 'noticed' && reach.told === null) || (reach.why === 'wanted' && (reach.failures >= attemptsMax || !hasWay))) {
      this.#reaches.delete(reach.peer);
      if (reach.why === 'wanted') out.push({ kind: 'failed', peer: reach.peer });
      return;
    }
    reach.step = { at: 'resting', until: after(now, Math.max(restMs, this.#pause(Math.max(0, reach.failures - 1)))) };
  }

  #liveIntroducers(reach: Reach): readonly PeerId[] {
    return reach.introducers.filter((peer) => this.#context.isLive(peer));
  }

  #pause(failures: number): number {
    return jittered(this.#context.random, Math.min(retryDelayMs * 2 ** failures, retryDelayMaxMs), retryJitter);
  }
}
