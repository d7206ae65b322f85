/**
 * One peer that may have a file: what it was asked for, what is lost, and whether it is worth asking. SPEC, Transfer, Sources.
 *
 * ```
 *   asked ──block──▶ asked ...      five times out, or NOBLOCK ──▶ away, 1 s and more ──▶ asked
 *                                   a wrong block ──▶ gone, from this file for good
 * ```
 */
import { after, BoundedMap, earliest, type Instant, type PeerId } from '@srp/machine';
import * as limit from './constants.js';
import type { Holding } from './holding.js';
import { Window } from './window.js';

export class Source {
  readonly peer: PeerId;
  #window = new Window();
  /** When each block that is under way was asked for, in that order. */
  readonly #asked = new Map<number, Instant>();
  /** When the latest of those that came was asked for. */
  #newest: Instant | null = null;
  /** When something was asked for, or came, last. */
  #stirredAt: Instant | null = null;
  /** Blocks that counted as lost, and when they were asked for, if later ones had come before: one that comes nevertheless was overtaken. */
  readonly #missed = new BoundedMap<number, Instant | null>(limit.missedMax);
  /** By how much blocks were seen to overtake each other, ms. */
  #reorderMs = 0;
  #tokens = 1;
  #filledAt: Instant | null = null;
  #timeouts = 0;
  #awayUntil: Instant | null = null;
  #awayCount = 0;
  /** How often it said that it does not give what it was asked for, since it gave something. */
  #refusals = 0;
  /** HOLDS that it may say: one for each PULL, and four a second. */
  #words: number = limit.wordsKept;
  #wordsAt: Instant | null = null;
  /** Whether somebody said that it has the file. */
  isNamed = false;
  /** What it says it has; `null`: all of it, for all we know. */
  holding: Holding | null = null;
  /** When it last said so, or was asked whether it has more. */
  holdsAt: Instant | null = null;
  /** It could be asked for more, but there was nothing to ask for. */
  isIdle = true;
  /** Whether it ever gave a block that was right. */
  isProved = false;

  constructor(peer: PeerId) {
    this.peer = peer;
  }

  get window(): Window {
    return this.#window;
  }

  /** Whether it was left for a while. */
  get isAway(): boolean {
    return this.#awayUntil !== null;
  }

  /** When to ask whether it has more than it said; `null` while there is something to ask it for. */
  get probeAt(): Instant | null {
    return this.isIdle && this.holdsAt !== null && this.#asked.size === 0 ? after(this.holdsAt, limit.askHolderMs) : null;
  }

  /** How often it gave nothing lately: who has given least cause is asked first. */
  get doubt(): number {
    return this.#timeouts + this.#refusals + limit.timeoutsUntilAway * this.#awayCount;
  }

  get underWay(): number {
    return this.#asked.size;
  }

  /** How many blocks one PULL asks for. */
  get batch(): number {
    const { blocks, perMs } = this.#window;
    const wanted = Math.max(blocks * limit.batchShare, Math.min(perMs * limit.batchMs, blocks * limit.batchShareMost));
    return Math.max(1, Math.min(limit.batchMost, Math.floor(wanted)));
  }

  /** Whether a PULL may go out now. */
  mayAsk(now: Instant): boolean {
    if (this.#awayUntil !== null) {
      if (now < this.#awayUntil) return false;
      this.#awayUntil = null;
    }
    this.#fill(now);
    return this.#hasRoom && this.#tokens >= this.batch;
  }

  /** Blocks were asked for. */
  asked(now: Instant, positions: readonly number[]): void {
    this.#tokens -= positions.length;
    this.#words = Math.min(this.#words + 1, limit.wordsKept);
    if (this.#asked.size === 0) this.#stirredAt = now;
    for (const position of positions) {
      this.#asked.delete(position);
      this.#asked.set(position, now);
    }
  }

  /** A block came. `heldMs`: how long it was not sent although it was asked for, since there was nothing to send; `null`: nobody knows. */
  arrived(now: Instant, position: number, heldMs: number | null = 0): void {
    const askedAt = this.#asked.get(position);
    if (askedAt !== undefined) this.rest(now); // what nobody asked it for does not excuse what it was asked for
    const missedAt = this.#missed.get(position);
    this.#missed.delete(position);
    this.#asked.delete(position);
    // Of what was asked for twice nobody knows which question it answers. What comes sooner than anything can answers the first.
    const leastMs = missedAt === undefined ? 0 : (this.#window.leastMs ?? Number.POSITIVE_INFINITY);
    if (missedAt !== undefined && (askedAt === undefined || now - askedAt < limit.answeredShare * leastMs)) this.#late(missedAt);
    if (askedAt === undefined || now - askedAt < limit.answeredShare * leastMs) return;
    if (this.#newest === null || askedAt > this.#newest) this.#newest = askedAt;
    if (heldMs !== null) this.#window.arrived(now, Math.max(leastMs, now - askedAt - heldMs));
  }

  /** It gave a block that was right. */
  prove(now: Instant): void {
    this.rest(now);
    this.isProved = true;
    this.#awayCount = 0;
    this.#refusals = 0;
  }

  /** What counts as lost by now: blocks before which later ones came, or all, if nothing came for long. */
  takeLost(now: Instant): readonly number[] {
    if (this.#asked.size === 0) return [];
    const lost: number[] = [];
    if (this.#newest !== null) {
      const before = this.#newest - Math.max(limit.reorderLeastMs, limit.reorderShare * this.#window.rttMs, this.#reorderMs);
      for (const [position, askedAt] of this.#asked) {
        if (askedAt >= before) break;
        lost.push(position);
        this.#asked.delete(position);
        this.#missed.set(position, askedAt);
      }
    }
    if (lost.length > 0) this.#window.lost(now, lost.length);
    if (this.#asked.size > 0 && now >= this.#timeoutAt) {
      for (const position of this.#asked.keys()) {
        lost.push(position);
        this.#missed.set(position, null);
      }
      this.#asked.clear();
      this.#window.timedOut();
      this.#timeouts += 1;
      if (this.#timeouts >= limit.timeoutsUntilAway) this.leave(now);
    }
    return lost;
  }

  /** Leaves it for a while. Returns what it was asked for. */
  leave(now: Instant): readonly number[] {
    const asked = [...this.#asked.keys()];
    this.#asked.clear();
    this.#awayUntil = after(now, Math.min(limit.awayMs * 2 ** this.#awayCount, limit.awayMostMs));
    this.#awayCount = Math.min(this.#awayCount + 1, 16);
    this.#timeouts = 0;
    this.#window = new Window();
    this.#newest = null;
    this.holding = null;
    this.holdsAt = null;
    return asked;
  }

  /** What it was asked for of which this holds. */
  askedWhere(holds: (position: number) => boolean): readonly number[] {
    return [...this.#asked.keys()].filter(holds);
  }

  /** Takes some of what was asked for back: it said that it does not give it. */
  refuse(positions: readonly number[]): readonly number[] {
    const refused = positions.filter((position) => this.#asked.delete(position));
    if (refused.length > 0) this.#refusals += 1;
    return refused;
  }

  /** Whether it may say HOLDS now: whoever is honest says it no more often. To look through what it names costs all sources a turn. */
  maySayHolds(now: Instant): boolean {
    if (this.#wordsAt !== null) this.#words = Math.min(this.#words + (now - this.#wordsAt) / limit.tellEveryMs, limit.wordsKept);
    this.#wordsAt = now;
    if (this.#words < 1) return false;
    this.#words -= 1;
    return true;
  }

  /** Nothing is expected of it for now: what is under way is no longer late. */
  rest(now: Instant): void {
    this.#stirredAt = now;
    this.#timeouts = 0;
  }

  /** When it can be asked again, or something counts as lost. `isResting`: nothing is expected of it, so nothing is late. */
  dueAt(now: Instant, isResting = false): Instant | null {
    if (this.#awayUntil !== null) return this.#awayUntil;
    const timeout = this.#asked.size > 0 && !isResting ? this.#timeoutAt : null;
    if (this.isIdle || !this.#hasRoom) return earliest(timeout, this.probeAt);
    const filled = after(now, Math.max(1, (this.batch - this.#tokens) / this.#window.perMs));
    return timeout === null || filled < timeout ? filled : timeout;
  }

  /** A block that counted as lost came: where blocks overtake each other, more is waited for before one is lost. */
  #late(askedAt: Instant | null): void {
    if (askedAt === null || this.#newest === null || askedAt > this.#newest) return;
    this.#reorderMs = Math.min(this.#window.rttMs, Math.max(this.#reorderMs, this.#newest - askedAt));
    this.#window.wasLate();
  }

  get #hasRoom(): boolean {
    return this.#asked.size + this.batch <= this.#window.blocks;
  }

  get #timeoutAt(): Instant {
    return after(this.#stirredAt ?? (0 as Instant), this.#window.timeoutMs);
  }

  /** What may be asked for at once grows with time, as fast as the window goes round, and holds what two milliseconds give. */
  #fill(now: Instant): void {
    const perMs = this.#window.perMs;
    if (this.#filledAt !== null) this.#tokens = Math.min(this.#tokens + (now - this.#filledAt) * perMs, this.batch + 2 * perMs);
    this.#filledAt = now;
  }
}
