/**
 * One handshake that we began: one Noise message, sent to up to four addresses. SPEC, Handshake.
 *
 * ```
 *                      ┌─ index 1, address 1: INIT at 0, 300, 1000, 1600, 2200 ms ───┐
 *   peer, Noise state ─┼─ index 2, address 2: INIT when the caller says, three times ┼─ first RESP wins; none by 3 s: unreachable
 *                      └─ ... ───────────────────────────────────────────────────────┘
 * ```
 *
 * Every copy bears another index, which Noise does not cover. The index that comes back in RESP therefore tells
 * which address received an INIT, and so proves that address and no other. Copies to one address are the same
 * bytes (but for a cookie), so that a RESP to any of them will do, however late.
 */
import { after, earliest, type Instant, type PeerId } from '@srp/machine';
import { encodeInitHead, type CookieDatagram, type SessionIndex } from './codec.js';
import * as limit from './constants.js';
import { finishInit, type MacKeys, openCookie } from './macs.js';
import type { InitiatorState } from './noise.js';
import type { Path } from './path.js';
import { FrameQueue } from './queue.js';

/** INITs to one address, or through one channel. */
export interface Attempt {
  readonly address: Path;
  /** Under which its RESP reaches us. */
  index: SessionIndex;
  readonly startsAt: Instant;
  /** Whether its INITs leave by the schedule. If not, the caller asks for each. */
  isScheduled: boolean;
  sentCount: number;
  firstSentAt: Instant | null;
  cookie: Uint8Array | null;
  cookieCount: number;
  /** mac1 of what was sent, which a COOKIE must answer. */
  mac1: Uint8Array | null;
}

export class Handshake {
  readonly peer: PeerId;
  readonly state: InitiatorState;
  /** Token of the PING inside. */
  readonly tx: string;
  /** Frames of the caller that ride in INIT. */
  readonly said: readonly Uint8Array[];
  readonly startedAt: Instant;
  /** Frames for the peer that wait for the end. */
  readonly queue = new FrameQueue();
  /** Whether a session is being renewed. */
  readonly isRenewal: boolean;
  readonly #noise: Uint8Array;
  readonly #macKeys: MacKeys;
  readonly #attempts: Attempt[] = [];

  constructor(fields: {
    readonly peer: PeerId;
    readonly state: InitiatorState;
    readonly noise: Uint8Array;
    readonly macKeys: MacKeys;
    readonly tx: string;
    readonly said: readonly Uint8Array[];
    readonly startedAt: Instant;
    readonly isRenewal: boolean;
  }) {
    this.peer = fields.peer;
    this.state = fields.state;
    this.tx = fields.tx;
    this.said = fields.said;
    this.startedAt = fields.startedAt;
    this.isRenewal = fields.isRenewal;
    this.#noise = fields.noise;
    this.#macKeys = fields.macKeys;
  }

  get attempts(): readonly Attempt[] {
    return this.#attempts;
  }

  /** Bytes of each INIT. */
  get initBytes(): number {
    return limit.initHeadBytes + this.#noise.length + 2 * limit.macBytes;
  }

  /** Tries another address too; its index is still to be claimed. */
  add(address: Path, startsAt: Instant, isScheduled: boolean): Attempt {
    const attempt: Attempt = { address, index: 0, startsAt, isScheduled, sentCount: 0, firstSentAt: null, cookie: null, cookieCount: 0, mac1: null };
    this.#attempts.push(attempt);
    return attempt;
  }

  /** The INIT to one address, which counts as sent. */
  init(now: Instant, attempt: Attempt): Uint8Array {
    const bytes = finishInit(encodeInitHead(attempt.index, this.#noise), this.#macKeys, attempt.cookie);
    attempt.mac1 = bytes.slice(-2 * limit.macBytes, -limit.macBytes);
    attempt.firstSentAt ??= now;
    return bytes;
  }

  /** Takes a COOKIE that answers the INIT to one address. Answers whether another INIT is worth sending. */
  take(attempt: Attempt, datagram: CookieDatagram): boolean {
    if (attempt.mac1 === null || attempt.cookieCount >= limit.cookiesPerAddressMax) return false;
    const cookie = openCookie(datagram, this.#macKeys, attempt.mac1);
    if (cookie === null) return false;
    attempt.cookie = cookie;
    attempt.cookieCount += 1;
    return true;
  }

  /** The addresses that are due an INIT by the schedule; they count as served. */
  takeDue(now: Instant): readonly Attempt[] {
    const due = this.#attempts.filter((attempt) => isDue(now, attempt));
    for (const attempt of due) while (isDue(now, attempt)) attempt.sentCount += 1;
    return due;
  }

  /** Takes one INIT of the three that may leave unasked, whenever it is due, if one is left. */
  takeOne(attempt: Attempt): boolean {
    if (attempt.sentCount >= limit.initProbesMax) return false;
    attempt.sentCount += 1;
    return true;
  }

  /** When it wants to send again, or to give up. */
  get dueAt(): Instant {
    let due = this.giveUpAt;
    for (const attempt of this.#attempts) due = earliest(due, nextAt(attempt)) ?? due;
    return due;
  }

  /** When the last address has had its 3 s. */
  get giveUpAt(): Instant {
    const last = Math.max(this.startedAt, ...this.#attempts.map(({ startsAt }) => startsAt)) as Instant;
    return after(last, limit.initGiveUpMs);
  }
}

const nextAt = (attempt: Attempt): Instant | null => {
  const waitMs = limit.initScheduleMs[attempt.sentCount];
  return waitMs === undefined || !attempt.isScheduled ? null : after(attempt.startsAt, waitMs);
};

const isDue = (now: Instant, attempt: Attempt): boolean => {
  const at = nextAt(attempt);
  return at !== null && now >= at;
};
