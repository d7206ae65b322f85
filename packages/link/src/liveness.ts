/**
 * Whether the peer of a session is still there: when to ask, for how long, and when it counts as gone. SPEC, Liveness.
 *
 * ```
 *             a frame of ours, 2 rtt of silence
 *      heard ──────────────────────────────────────▶ PING ──2 rtt──▶ PING ─rtt─▶ ... PING ──2 rtt──▶ dead
 *        ▲  └── silence for half its age, or for as ─▶ │               │               │
 *        │      long as either side may be left        │               │               │
 *        └───────────────── anything authentic ────────┴───────────────┴───────────────┘
 * ```
 *
 * Anything authentic proves that the peer is there: if only our packets were lost, its own PINGs would tell it. How long this peer
 * may itself be left is found out by all sessions together, in `silence.ts`.
 */
import { after, earliest, type Instant, type Random } from '@srp/machine';
import * as limit from './constants.js';
import { type Silence, toldBy, untold } from './silence.js';
import type { LinkRole } from './types.js';

export class Liveness {
  readonly openedAt: Instant;
  readonly #random: Random;
  /** How long this peer may be left by anybody: one for all sessions. */
  readonly #silence: Silence;
  /** Whether the path in use goes through a relay, where no mapping of ours is to be kept. */
  #isRelayed: boolean;
  #heardAt: Instant;
  /** When the first frame since then was sent; `null` if none was. */
  #unansweredAt: Instant | null = null;
  /** The other side has not shown yet that it uses our new keys. */
  #unheardSince: Instant | null;
  /** How long the other side may be left, as it said last. */
  #told = untold;
  /** What we said last of ourselves, so that it asks by then; until we have said something it need not. */
  #saidMs = Infinity;
  /** By how much the next keepalive comes earlier: a little below 1. */
  #keepaliveFactor: number;
  /** After how long a silence we had to ask although the other side should have. */
  #suspectedMs: number | null = null;
  /** PINGs since the peer was heard, and the last of them. */
  #askCount = 0;
  #askedAt: Instant | null = null;
  /** When it was last asked because a frame of ours stayed without answer. */
  #doubtedAt: Instant | null = null;
  /** Of the path in use. */
  #rttMs: number | null = null;

  constructor(random: Random, silence: Silence, now: Instant, role: LinkRole, isRelayed: boolean) {
    this.#random = random;
    this.#silence = silence;
    this.openedAt = now;
    this.#isRelayed = isRelayed;
    this.#heardAt = now;
    this.#keepaliveFactor = this.#drawFactor();
    this.#unheardSince = waitsToBeHeard(now, role);
  }

  get heardAt(): Instant {
    return this.#heardAt;
  }

  get rttMs(): number | null {
    return this.#rttMs;
  }

  /** Whether a PING is without an answer since the peer was heard. */
  get isAsking(): boolean {
    return this.#askCount > 0;
  }

  /** Whether several are. */
  get isDoubtful(): boolean {
    return this.#askCount >= limit.doubtfulPings;
  }

  /** Whether the peer counts as gone if the answer to the last of them stays away. */
  get isLastAsked(): boolean {
    return this.#askCount > limit.quickPingsMax;
  }

  /** How long an answer may take: generously two round trips. */
  get answerMs(): number {
    return Math.min(Math.max(limit.answerMinMs, limit.answerRtts * (this.#rttMs ?? limit.rttUnknownMs)), limit.answerMaxMs);
  }

  /** When the next PING is due, or the peer counts as gone. */
  get dueAt(): Instant {
    if (this.#askedAt !== null) return after(this.#askedAt, this.#askPauseMs);
    const silence = after(this.#heardAt, this.#silenceMs);
    const unheard = this.#unheardSince === null ? null : after(this.#unheardSince, this.answerMs);
    return earliest(silence, unheard, this.#unansweredUntil) ?? silence;
  }

  /** Something was sent that is more than a PING. */
  sent(now: Instant): void {
    this.#unansweredAt ??= now;
  }

  /**
   * Something authentic came from a peer of `network`, on the path in use or another. Returns whether it says that our mappings live
   * less long than was known. `isProbing`: something else than PINGs may have kept a mapping alive.
   */
  heard(now: Instant, network: string, { isHere, isProbing }: { readonly isHere: boolean; readonly isProbing: boolean }): boolean {
    const isLess = this.#learn(now, network, isHere && !isProbing);
    this.#heardNow(now);
    this.#unheardSince = null;
    return isLess;
  }

  /** The session has new keys; who began the handshake has not been heard with them. */
  renewed(now: Instant, role: LinkRole): void {
    this.#heardNow(now);
    this.#unheardSince = waitsToBeHeard(now, role);
  }

  /** The other side said how long it may be left, 0..255 s. */
  tell(seconds: number): void {
    this.#told = toldBy(seconds);
  }

  /** What a PING or PONG tells of us. */
  say(now: Instant): number {
    this.#saidMs = this.#silence.allowedMs(now, this.#told);
    return this.#silence.toldTo(now, this.#told);
  }

  /** We are about to ask, since it is due. */
  suspect(now: Instant, isProbing: boolean): void {
    if (this.#askCount > 0) return;
    const doubtedUntil = this.#unansweredUntil;
    if (doubtedUntil !== null && now >= doubtedUntil) this.#doubtedAt = now;
    // If the other side should have asked before, its PINGs may not have come through.
    const askedMs = Math.min(this.#halfAgeMs, this.#saidMs);
    const isLate = askedMs >= limit.keepaliveLeastMs && now - this.#heardAt >= askedMs + limit.askGraceMs;
    if (isLate && !isProbing && !this.#isRelayed && this.#isQuiet) this.#suspectedMs = askedMs;
  }

  /** A PING goes out on the path in use. */
  asked(now: Instant): void {
    if (this.#askCount === 0) this.#keepaliveFactor = this.#drawFactor();
    this.#askCount += 1;
    this.#askedAt = now;
  }

  /** An answer came by the path in use. */
  measure(rttMs: number): void {
    this.#rttMs = this.#rttMs === null ? rttMs : this.#rttMs + limit.rttWeight * (rttMs - this.#rttMs);
  }

  /** The session goes on by another path, whose round trip may be known. */
  moved(isRelayed: boolean, rttMs: number | null): void {
    this.#isRelayed = isRelayed;
    this.#rttMs = rttMs ?? this.#rttMs;
  }

  /** How long the peer may be silent: no longer than either side may be left. Who is free asks first, so that the other one learns whether it comes through. */
  get #silenceMs(): number {
    const told = this.#told;
    // It asks by what we said last, which is what it waits for us after that.
    const allowedMs = this.#isRelayed ? limit.keepaliveRelayedMs : Math.min(this.#silence.allowedMs(this.#heardAt, told), this.#saidMs);
    const askedMs = Math.min(this.#halfAgeMs, allowedMs);
    if (told.isFree && !this.#silence.isFree && !this.#isRelayed && askedMs >= limit.keepaliveLeastMs) return Math.round(askedMs + limit.askGraceMs);
    return Math.round(Math.min(this.#keepaliveFactor * Math.min(this.#halfAgeMs, this.#isRelayed ? allowedMs : told.ms), allowedMs + limit.askGraceMs));
  }

  /** Who has been there for long goes on being there. */
  get #halfAgeMs(): number {
    return Math.max((this.#heardAt - this.openedAt) / 2, limit.keepaliveMinMs);
  }

  /** From the last PING of an asking to the next one, or to the end. */
  get #askPauseMs(): number {
    if (this.#askCount === 1) return this.answerMs;
    if (!this.isLastAsked) return Math.round(this.answerMs / 2);
    const silenceMs = this.#silenceMs;
    const lastMs = Math.round(limit.lastAnswerShare * silenceMs);
    const leastMs = this.#unansweredAt === null ? this.answerMs : Math.max(this.answerMs, limit.lastAnswerMinMs);
    if (this.#unansweredAt !== null || silenceMs < limit.keepaliveLeastMs) return Math.max(leastMs, Math.min(lastMs, limit.answerMaxMs));
    return Math.max(this.answerMs, lastMs + limit.askGraceMs); // where our PINGs do not come through, the other side asks a moment later
  }

  /** Until when an answer to what was sent may stay away. */
  get #unansweredUntil(): Instant | null {
    if (this.#unansweredAt === null) return null;
    const until = after(this.#unansweredAt, this.#isRelayed ? Math.max(limit.unansweredRelayedMs, 2 * this.answerMs) : this.answerMs);
    const next = this.#doubtedAt === null ? until : after(this.#doubtedAt, limit.unansweredPauseMs);
    return next > until ? next : until;
  }

  /** Whether we have sent nothing since the peer was heard, so that nothing of ours has kept a mapping alive. */
  get #isQuiet(): boolean {
    return this.#unansweredAt === null && this.#askCount === 0;
  }

  #heardNow(now: Instant): void {
    this.#heardAt = now;
    this.#unansweredAt = null;
    this.#askCount = 0;
    this.#askedAt = null;
    this.#suspectedMs = null;
  }

  /** What came, or did not come before we asked, tells whether a mapping outlives such a silence. */
  #learn(now: Instant, network: string, isUnaided: boolean): boolean {
    if (this.#suspectedMs !== null) {
      this.#silence.failed(now, this.#suspectedMs);
      return true;
    }
    const silentMs = now - this.#heardAt;
    if (silentMs >= limit.keepaliveLeastMs && isUnaided && !this.#isRelayed && this.#isQuiet) this.#silence.heard(network, silentMs);
    return false;
  }

  #drawFactor(): number {
    return 1 - (limit.keepaliveShare * this.#random.below(2 ** 32)) / 2 ** 32;
  }
}

/** The responder counts the initiator in once it hears it: if that packet was lost, it is asked soon. */
const waitsToBeHeard = (now: Instant, role: LinkRole): Instant | null => (role === 'initiator' ? now : null);
