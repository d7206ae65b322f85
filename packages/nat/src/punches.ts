/**
 * The punches of a called peer: three packets of nine bytes that open its own NAT towards the other side. SPEC 3.2.
 *
 * A burst needs room in the {@link ProbeBudget} for all its packets and waits for it, but no longer than the
 * other side keeps sending INIT.
 */
import { type Address, after, earliest, type Instant } from '@srp/machine';
import { callWaitMs, probePollMs, punchDelaysMs, punchesWaitingMax } from './constants.js';
import { type ProbeBudget } from './probes.js';

/** One PUNCH to send. */
export interface PunchOutput {
  readonly kind: 'punch';
  readonly to: Address;
  readonly token: string;
}

interface Burst {
  readonly to: Address;
  readonly token: string;
  readonly until: Instant;
}

/** Bursts that wait for room, at most 16, and punches that are due, which the budget bounds. */
export class Punches {
  readonly #budget: ProbeBudget;
  #waiting: Burst[] = [];
  #pollAt: Instant | null = null;
  #due: (PunchOutput & { readonly at: Instant })[] = [];

  constructor(budget: ProbeBudget) {
    this.#budget = budget;
  }

  /** Punches waiting or due. */
  get size(): number {
    return this.#waiting.length + this.#due.length;
  }

  /** Starts a burst; answers whether it left or waits. */
  start(now: Instant, to: Address, token: string): boolean {
    const answer = this.#take(now, to, token);
    if (answer !== 'later') return answer === 'taken';
    this.#waiting.push({ to, token, until: after(now, callWaitMs) });
    if (this.#waiting.length > punchesWaitingMax) this.#waiting.shift();
    this.#pollAt ??= after(now, probePollMs);
    return true;
  }

  /** Sends what is due. */
  wake(now: Instant, out: PunchOutput[]): void {
    if (this.#pollAt !== null && this.#pollAt <= now) {
      this.#waiting = this.#waiting.filter((burst) => burst.until > now && this.#take(now, burst.to, burst.token) === 'later');
      this.#pollAt = this.#waiting.length > 0 ? after(now, probePollMs) : null;
    }
    for (const { kind, to, token, at } of this.#due) if (at <= now) out.push({ kind, to, token });
    this.#due = this.#due.filter(({ at }) => at > now);
  }

  /** When something is due next. */
  deadline(): Instant | null {
    return earliest(this.#pollAt, ...this.#due.map(({ at }) => at));
  }

  #take(now: Instant, to: Address, token: string): ReturnType<ProbeBudget['take']> {
    // Nobody asks to be called, so a call to punch is always somebody else's wish.
    const answer = this.#budget.take(now, to, punchDelaysMs.length, false);
    if (answer === 'taken') for (const delayMs of punchDelaysMs) this.#due.push({ kind: 'punch', to, token, at: after(now, delayMs) });
    return answer;
  }
}
