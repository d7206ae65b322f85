/** A token bucket: how often something may happen, without a timer. */
import { after, type Instant } from './instant.js';

/** Holds at most `burst` tokens and gains `perSecond`; an action takes one or more, or is refused. */
export class TokenBucket {
  readonly #perSecond: number;
  readonly #burst: number;
  #tokens: number;
  #filledAt: Instant | null = null;

  constructor(perSecond: number, burst: number) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#tokens = burst;
  }

  /** Takes `count` tokens if they are there; otherwise takes none and answers false. */
  take(now: Instant, count = 1): boolean {
    if (this.left(now) < count) return false;
    this.#tokens -= count;
    return true;
  }

  /** How many tokens are there. */
  left(now: Instant): number {
    if (this.#filledAt !== null) {
      this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#filledAt) * this.#perSecond) / 1000);
    }
    this.#filledAt = now;
    return this.#tokens;
  }

  /** When `count` of them are there, to a whole millisecond, if none is taken before; `null`: they were never touched. No more than `burst` ever are. */
  readyAt(count = 1): Instant | null {
    return this.#filledAt === null ? null : after(this.#filledAt, Math.ceil((1000 * Math.max(0, count - this.#tokens)) / this.#perSecond));
  }
}
