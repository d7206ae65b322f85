/**
 * Whether a path carries large datagrams, as far as is known. SPEC, Large datagrams.
 *
 * ```
 *   ordinary ──more to say than one holds──▶ asked ──PONG──▶ large for 10 s ──5 s──▶ asked again ...
 *       ▲                                      └──1 s──▶ asked again                  │
 *       └──────────────────────────── no answer in 10 s ─────────────────────────────┘
 * ```
 *
 * The question is a PING as long as the datagrams are to be (RFC 8899), and nobody asks who has little to say. It is asked on
 * loopback alone: elsewhere systems cut what is longer than their own link carries, and no answer would tell.
 */
import { after, type Instant } from '@srp/machine';
import { bundleBytesMax, frameBytesMax, largeAgainMs, largeKnownMs, largeRetryMs } from './constants.js';

export class LargeDatagrams {
  #knownUntil: Instant | null = null;
  #askAt: Instant | null = null;

  /** How many bytes may be sealed in one DATA. */
  roomBytes(now: Instant): number {
    return this.#knownUntil !== null && now < this.#knownUntil ? bundleBytesMax : frameBytesMax;
  }

  /** Whether it is time to ask, which then counts as done. */
  takeQuestion(now: Instant): boolean {
    if (this.#askAt !== null && now < this.#askAt) return false;
    this.#askAt = after(now, largeRetryMs);
    return true;
  }

  /** What was asked at that time was answered. */
  answered(askedAt: Instant): void {
    this.#knownUntil = after(askedAt, largeKnownMs);
    this.#askAt = after(askedAt, largeAgainMs);
  }
}
