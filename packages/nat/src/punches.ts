/**
 * The punches of a called peer: packets of nine bytes that open its own NAT towards the other side. SPEC, Meeting.
 *
 * One that leaves is enough, so each takes its own room in the {@link ProbeBudget}: the first waits for it, but no
 * longer than the other side keeps sending INIT, and the copies go only if there is room. When many call at once,
 * each of them gets one punch rather than a few of them three.
 */
import { type Address, after, earliest, type Instant } from '@srp/machine';
import { callWaitMs, probePollMs, punchDelaysMs, punchesWaitingMax } from './constants.js';
import { type ProbeBudget } from './probes.js';

/** What punching asks of the driver. */
export type PunchOutput =
  | { readonly kind: 'punch'; readonly to: Address; readonly token: string }
  | { readonly kind: 'dropped'; readonly reason: 'probes-limit' };

interface Due {
  readonly to: Address;
  readonly token: string;
  /** Whether this peer itself asked to meet who is there. */
  readonly isAsked: boolean;
  readonly at: Instant;
  /** How long a first punch may wait; a copy does not. */
  readonly until: Instant | null;
}

/** At most 96 punches that are due or wait for room. */
export class Punches {
  readonly #budget: ProbeBudget;
  #due: Due[] = [];

  constructor(budget: ProbeBudget) {
    this.#budget = budget;
  }

  /** Punches waiting or due. */
  get size(): number {
    return this.#due.length;
  }

  /** Starts punching towards `to`; the first one leaves with the next {@link wake}. */
  start(now: Instant, to: Address, token: string, isAsked: boolean, out: PunchOutput[]): void {
    if (this.#due.length >= punchesWaitingMax) out.push({ kind: 'dropped', reason: 'probes-limit' });
    else this.#due.push({ to, token, isAsked, at: now, until: after(now, callWaitMs) });
  }

  /** The address answered: what is left for it would be for nothing. */
  prove(address: Address): void {
    this.#due = this.#due.filter(({ to }) => to !== address);
  }

  /** Sends what is due. */
  wake(now: Instant, out: PunchOutput[]): void {
    if (this.#due.length === 0) return;
    // Copies come last: who has had no punch yet goes first.
    const due = [...this.#due.filter(({ until }) => until !== null), ...this.#due.filter(({ until }) => until === null)];
    this.#due = [];
    for (const punch of due) {
      const { to, token, isAsked, at, until } = punch;
      if (at > now) {
        this.#due.push(punch);
      } else if (this.#budget.take(now, to, [0], isAsked) === 'taken') {
        out.push({ kind: 'punch', to, token });
        if (until !== null) for (const delayMs of punchDelaysMs.slice(1)) this.#due.push({ to, token, isAsked, at: after(now, delayMs), until: null });
      } else if (until !== null && until > now) {
        this.#due.push({ ...punch, at: after(now, probePollMs) });
      } else if (until !== null) {
        out.push({ kind: 'dropped', reason: 'probes-limit' });
      }
    }
  }

  /** When something is due next. */
  deadline(): Instant | null {
    let first: Instant | null = null;
    for (const { at } of this.#due) first = earliest(first, at);
    return first;
  }
}
