/**
 * How many blocks may be under way from one source, and how fast they are asked for. SPEC, Transfer, Pace.
 *
 * ```
 *   starting ──queue 3/4 of the target──▶ draining ──two round trips──▶ steady ──times out──▶ starting
 *   doubles each round trip               next to nothing               towards one length of the queue
 * ```
 *
 * The receiver decides, by delay: what a round trip takes above the least one is the line's queue. In the steady state a window W
 * grows by 8/W a block and shrinks by how far the queue is above its target, so that all who share a line come to the same W. A loss
 * alone says nothing: lines lose. One that comes with a queue is congestion. Who else fills the queue, as TCP does, is given way to.
 */
import { after, type Instant } from '@srp/machine';
import * as limit from './constants.js';

type State = 'starting' | 'draining' | 'steady';

export class Window {
  #state: State = 'starting';
  #blocks: number = limit.windowFirst;
  /** Where doubling ends although no queue shows. */
  #startUntil: number = limit.windowMost;
  #drainUntil: Instant | null = null;
  /** The least round trip of this time and of the one before. */
  #base: { least: number; before: number; since: Instant } | null = null;
  readonly #recent: number[] = [];
  #recentAt = 0;
  #srttMs: number | null = null;
  #varianceMs = 0;
  #timeouts = 0;
  #lostShare = 0;
  #shrunkAt: Instant | null = null;
  #doubtedSince: Instant | null = null;

  /** How many blocks may be under way. */
  get blocks(): number {
    return Math.floor(this.#blocks);
  }

  /** The smoothed round trip, ms. */
  get rttMs(): number {
    return this.#srttMs ?? limit.rttUnknownMs;
  }

  /** The least round trip, which is the line's own, ms; `null` before one was measured. */
  get leastMs(): number | null {
    return this.#base === null ? null : this.#least;
  }

  /** The queue as the latest blocks saw it, ms. */
  get queueMs(): number {
    return this.#base === null ? 0 : Math.max(0, Math.min(...this.#recent) - Math.min(this.#base.least, this.#base.before));
  }

  /** Blocks that may be asked for in a millisecond. */
  get perMs(): number {
    const factor = this.#state === 'starting' ? limit.startPaceFactor : limit.paceFactor;
    return (factor * this.#blocks) / Math.max(1, this.rttMs);
  }

  /** After how long without any block all that is under way counts as lost, ms. RFC 6298, but doubled from the third time on alone: lines lose in bursts. */
  get timeoutMs(): number {
    const once = this.#srttMs === null ? 5 * limit.rttUnknownMs : this.#srttMs + 4 * this.#varianceMs;
    return Math.min(Math.max(limit.timeoutLeastMs, once) * 2 ** Math.min(Math.max(0, this.#timeouts - limit.timeoutsUntilStart + 1), 5), limit.timeoutMostMs);
  }

  /** A block came, `rttMs` after it was asked for. */
  arrived(now: Instant, rttMs: number): void {
    this.#timeouts = 0;
    this.#lostShare -= limit.lossWeight * this.#lostShare;
    this.#measure(now, rttMs);
    const queueMs = this.queueMs;
    switch (this.#state) {
      case 'starting':
        if (queueMs > limit.startUntilShare * limit.queueTargetMs) this.#drain(now);
        else if (this.#blocks >= this.#startUntil) this.#state = 'steady';
        else this.#blocks += 1;
        break;
      case 'draining':
        if (this.#drainUntil !== null && now >= this.#drainUntil) {
          this.#state = 'starting';
          this.#blocks = Math.max(limit.windowLeast, this.#startUntil / 2);
          this.#drainUntil = null;
        }
        break;
      case 'steady':
        this.#steer(now, queueMs);
    }
    this.#blocks = Math.min(Math.max(this.#blocks, limit.windowLeast), limit.windowMost);
  }

  /** So many blocks were lost: others that were asked for later have come. */
  lost(now: Instant, count: number): void {
    this.#lostShare += (1 - this.#lostShare) * Math.min(1, count * limit.lossWeight);
    if (this.#state === 'draining' || !this.#isCongestion) return;
    if (this.#shrunkAt !== null && now - this.#shrunkAt < this.rttMs) return;
    this.#shrunkAt = now;
    if (this.#state === 'starting') this.#drain(now);
    else this.#blocks = Math.max(limit.windowLeast, this.#blocks * limit.lossFactor);
  }

  /** One that counted as lost has come. */
  wasLate(): void {
    this.#lostShare = Math.max(0, this.#lostShare - limit.lossWeight);
  }

  /** Nothing came for {@link timeoutMs}. */
  timedOut(): void {
    this.#timeouts += 1;
    if (this.#timeouts < limit.timeoutsUntilStart) return;
    this.#startUntil = Math.max(2 * limit.windowFirst, this.#blocks / 2);
    this.#blocks = limit.windowFirst;
    this.#state = 'starting';
  }

  get #isCongestion(): boolean {
    return this.#lostShare > limit.hopelessShare || this.queueMs > (this.#lostShare > limit.lossyShare ? limit.lossyQueueMs : limit.lossQueueMs);
  }

  #steer(now: Instant, queueMs: number): void {
    const excess = queueMs / limit.queueTargetMs - 1;
    const growth = Math.min(limit.growthShareMax, limit.growthBlocks / this.#blocks);
    this.#blocks += growth - Math.min(limit.shrinkMost, Math.max(0, excess));
    // Hardly anything of ours is on the line, and still it is full: of others, who are there to stay, or the path is a longer one.
    if (excess <= 0 || this.#blocks > 2 * limit.windowLeast) this.#doubtedSince = null;
    else if (this.#doubtedSince === null) this.#doubtedSince = now;
    else if (now - this.#doubtedSince > limit.baseDoubtedMs) this.#forgetBase(now);
  }

  /** The queue is as long as we want it, and what is under way will make it longer: let it run empty, and see how long the line is. */
  #drain(now: Instant): void {
    const share = this.#base === null ? 1 : this.#least / (this.#least + this.queueMs);
    this.#startUntil = Math.max(limit.windowFirst, this.#blocks * share);
    this.#state = 'draining';
    this.#blocks = limit.windowLeast;
    this.#drainUntil = after(now, limit.drainRtts * this.rttMs);
  }

  get #least(): number {
    return this.#base === null ? 0 : Math.min(this.#base.least, this.#base.before);
  }

  #forgetBase(now: Instant): void {
    const least = Math.min(...this.#recent);
    this.#base = { least, before: least, since: now };
    this.#doubtedSince = null;
  }

  #measure(now: Instant, rttMs: number): void {
    this.#recent[this.#recentAt] = rttMs;
    this.#recentAt = (this.#recentAt + 1) % limit.recentRtts;
    if (this.#base === null) this.#base = { least: rttMs, before: rttMs, since: now };
    else if (now - this.#base.since > limit.baseKeptMs) this.#base = { least: rttMs, before: this.#base.least, since: now };
    else if (rttMs < this.#base.least) this.#base.least = rttMs;
    if (this.#srttMs === null) {
      this.#srttMs = rttMs;
      this.#varianceMs = rttMs / 2;
      return;
    }
    this.#varianceMs += (Math.abs(rttMs - this.#srttMs) - this.#varianceMs) / 4;
    this.#srttMs += (rttMs - this.#srttMs) / 8;
  }
}
