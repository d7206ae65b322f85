/**
 * When to ask whom for more neighbours: one search for each own topic, and one for neighbours of any kind.
 * SPEC, Mesh.
 *
 * ```
 *   too few --1 s--> round --2 s--> round --4 s--> round ... every 60 s
 *      ^                                |
 *      | too few again                  | enough
 *      `------------ rests <------------'    after 60 s of rest it forgets how long its pause was
 * ```
 *
 * A neighbour that comes and goes can neither make it ask more often nor keep it from asking: a rest that
 * was short leaves the planned round where it was.
 */
import { after, earliest, type Instant, jittered, type Random } from '@srp/machine';
import { findBackoffMaxMs, findBackoffMs, findRestMs, pauseJitter } from './constants.js';

export class Search {
  readonly #random: Random;
  #pauseMs = findBackoffMs;
  /** The next round, unless it rests then. */
  #nextAt: Instant | null = null;
  #restsSince: Instant | null = null;
  #renewAt: Instant | null = null;

  /** It is planned by the first {@link set}. */
  constructor(random: Random) {
    this.#random = random;
  }

  get isResting(): boolean {
    return this.#restsSince !== null;
  }

  deadline(): Instant | null {
    return this.isResting ? null : this.#nextAt;
  }

  /** When one link is to be renewed. */
  get renewAt(): Instant | null {
    return this.#renewAt;
  }

  planRenewal(now: Instant, ms: number): void {
    this.#renewAt = after(now, jittered(this.#random, ms, pauseJitter));
  }


  /** A round brought somebody: the pauses begin anew. It puts nothing off: who comes and goes without end would end the asking. */
  found(now: Instant): void {
    if (this.#pauseMs === findBackoffMs) return;
    const planned = this.#nextAt;
    this.#pauseMs = findBackoffMs;
    this.#plan(now);
    this.#nextAt = earliest(planned, this.#nextAt);
  }

  /** There are enough, or too few. */
  set(now: Instant, hasEnough: boolean): void {
    if (hasEnough) {
      this.#restsSince ??= now;
      return;
    }
    const isRested = this.#restsSince !== null && now - this.#restsSince >= findRestMs;
    this.#restsSince = null;
    if (isRested) this.#pauseMs = findBackoffMs;
    if (isRested || this.#nextAt === null) this.#plan(now);
  }

  /** Whether a round is due; then the next one is planned. */
  take(now: Instant): boolean {
    if (this.isResting || this.#nextAt === null || now < this.#nextAt) return false;
    this.#plan(now);
    return true;
  }

  #plan(now: Instant): void {
    this.#nextAt = after(now, jittered(this.#random, this.#pauseMs, pauseJitter));
    this.#pauseMs = Math.min(2 * this.#pauseMs, findBackoffMaxMs);
  }
}
