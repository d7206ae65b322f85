/**
 * What leaves for unproved addresses: INITs, and the punches of a called peer. SPEC, Probes.
 *
 * ```
 *   reached     INIT ──── 300 ms ──── INIT ──── 1000 ms ──── INIT
 *   called      PUNCH ─── 300 ms ──── INIT                            without a handshake until then
 * ```
 *
 * Each packet takes its own room in the {@link ProbeBudget} when it leaves. A first one goes before any that repeats
 * another, and a first punch waits for room as long as the other side keeps sending INIT. So when many want to meet at
 * once, each of them is tried once rather than a few of them three times.
 *
 * The punch alone opens this peer's own NAT. The INIT after it is for a caller whose packets to this address are used
 * up: they have opened its NAT, and it may still answer.
 */
import { type Address, after, earliest, type Instant, type PeerId } from '@srp/machine';
import { calledDelayMs, callWaitMs, initDelaysMs, probePollMs, volleysMax } from './constants.js';
import { type Call } from '@srp/wire';
import { type ProbeAnswer, ProbeBudget } from './probes.js';

/** What leaves. */
export type VolleyOutput =
  | { readonly kind: 'connect'; readonly peer: PeerId; readonly address: Address; readonly isPaced: true }
  | { readonly kind: 'punch'; readonly to: Address; readonly token: string }
  | { readonly kind: 'dropped'; readonly reason: 'probes-limit' };

interface Shot {
  readonly peer: PeerId;
  readonly address: Address;
  /** Of a punch; `null` for an INIT. */
  readonly token: string | null;
  /** Whether this peer itself asked to meet who is there. */
  readonly isAsked: boolean;
  /** Who said in a CALL that nobody had asked for that the peer is there; else `null`. */
  readonly calledBy: PeerId | null;
  /** Whether something left for the address before it. */
  readonly isRepeat: boolean;
  readonly at: Instant;
  /** Until when it may wait for room. */
  readonly until: Instant;
}

/** At most 96 volleys at a time: the budget, and what waits or is due. */
export class Volleys {
  readonly #budget = new ProbeBudget();
  #shots: Shot[] = [];

  /** Packets waiting or due. */
  get size(): number {
    return this.#shots.length;
  }

  /** Packets that count still. */
  get chargedCount(): number {
    return this.#budget.size;
  }

  /** Sends the first INIT to `address` if there is room for it, and then the others in their time. */
  init(now: Instant, { peer, address, isAsked, calledBy }: Pick<Shot, 'peer' | 'address' | 'isAsked' | 'calledBy'>, out: VolleyOutput[]): ProbeAnswer {
    const answer = this.#budget.take(now, address, { isAsked, isRepeat: false });
    if (answer !== 'taken') return answer;
    this.#shots = this.#shots.filter((shot) => shot.peer !== peer || shot.address !== address); // an INIT does what a punch does
    out.push({ kind: 'connect', peer, address, isPaced: true });
    for (const delayMs of initDelaysMs.slice(1)) this.#add({ peer, address, token: null, isAsked, calledBy, isRepeat: true, at: after(now, delayMs) });
    return answer;
  }

  /** Punches towards `address`, with the next {@link wake} or as soon as there is room. */
  punch(now: Instant, { peer, address, token }: Call, calledBy: PeerId, out: VolleyOutput[]): void {
    if (!this.#add({ peer, address, token, isAsked: false, calledBy, isRepeat: false, at: now })) out.push({ kind: 'dropped', reason: 'probes-limit' });
  }

  /** One PUNCH that nobody here asked for, now or not at all. Answers whether it left. */
  once(now: Instant, to: Address, token: string, out: VolleyOutput[]): boolean {
    if (this.#budget.take(now, to, { isAsked: false, isRepeat: false }) !== 'taken') return false;
    out.push({ kind: 'punch', to, token });
    return true;
  }

  /** This peer itself has asked now to meet who is there: INITs that are still to leave count as asked for. */
  ask(peer: PeerId, address: Address): void {
    this.#shots = this.#shots.map((shot) => (shot.peer === peer && shot.address === address ? { ...shot, isAsked: true } : shot));
  }

  /** Where one of `introducers` said that `peer` is, without having been asked, if packets are still to leave for there. */
  calledAt(peer: PeerId, introducers: readonly PeerId[]): Address | null {
    return this.#shots.find((shot) => shot.peer === peer && shot.calledBy !== null && introducers.includes(shot.calledBy))?.address ?? null;
  }

  /** Nothing more leaves for `peer`. */
  stop(peer: PeerId): void {
    this.#shots = this.#shots.filter((shot) => shot.peer !== peer);
  }

  /** The address answered: what went there is given back, and what is left for it would be for nothing. */
  prove(address: Address): void {
    this.#budget.prove(address);
    this.#shots = this.#shots.filter((shot) => shot.address !== address);
  }

  /** Sends what is due; `isLive` tells who has a session that nobody relays, and so is only punched. */
  wake(now: Instant, isLive: (peer: PeerId) => boolean, out: VolleyOutput[]): void {
    if (this.#shots.every(({ at }) => at > now)) return;
    const shots = [...this.#shots.filter(({ isRepeat }) => !isRepeat), ...this.#shots.filter(({ isRepeat }) => isRepeat)];
    this.#shots = [];
    for (const shot of shots) {
      if (shot.at > now) this.#shots.push(shot);
      else this.#try(now, shot, isLive, out);
    }
  }

  /** When something is due next. */
  deadline(): Instant | null {
    let first: Instant | null = null;
    for (const { at } of this.#shots) first = earliest(first, at);
    return first;
  }

  #try(now: Instant, shot: Shot, isLive: (peer: PeerId) => boolean, out: VolleyOutput[]): void {
    const { peer, address, token, isRepeat } = shot;
    const answer = this.#budget.take(now, address, shot);
    if (answer === 'taken') {
      if (token === null) out.push({ kind: 'connect', peer, address, isPaced: true });
      else out.push({ kind: 'punch', to: address, token });
      if (token !== null && !isRepeat) this.#add({ ...shot, token: isLive(peer) ? token : null, isRepeat: true, at: after(now, calledDelayMs) });
    } else if (shot.until > now && (answer === 'later' || !isRepeat)) {
      this.#shots.push({ ...shot, at: after(now, probePollMs) });
    } else if (!isRepeat) {
      out.push({ kind: 'dropped', reason: 'probes-limit' });
    }
  }

  #add(shot: Omit<Shot, 'until'>): boolean {
    if (this.#shots.length >= volleysMax) return false;
    this.#shots.push({ ...shot, until: after(shot.at, callWaitMs) });
    return true;
  }
}
