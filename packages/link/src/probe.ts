/**
 * A path that a session may move to, while nobody has proved it. SPEC, Paths.
 *
 * Anyone who sees a packet of a session can send it on from an address that is not its sender's. So a new address
 * gets PINGs and answers to PINGs alone, at most 3 bytes for each that came from it, and everything else stays on
 * the old path until a PONG comes back. An address that the caller names, or that the session has left for a relay, gets three PINGs on credit.
 */
import { after, type Instant } from '@srp/machine';
import { answerMinMs, probeGiveUpMs, probeScheduleMs, unprovedFactor } from './constants.js';
import type { Path } from './path.js';

export class Probe {
  readonly address: Path;
  readonly startedAt: Instant;
  #creditBytes: number;
  /** How many PINGs may have been sent by now, if the caller says when; else `null`. */
  #wantedCount: number | null;
  #pingCount = 0;
  #pingedAt = -Infinity;
  #isWantedAgain = false;
  /** Whether anything authentic came from there. */
  #isHeard: boolean;

  /** `creditBytes` may go out at first: three PINGs if the caller named the address, else thrice what came from it. */
  constructor(address: Path, startedAt: Instant, creditBytes: number, { isHeard = false, isPaced = false } = {}) {
    this.#isHeard = isHeard;
    this.address = address;
    this.startedAt = startedAt;
    this.#creditBytes = creditBytes;
    this.#wantedCount = isPaced ? 0 : null;
  }

  /** The caller, who counts packets, wants one more PING to leave. */
  want(): void {
    if (this.#wantedCount !== null) this.#wantedCount += 1;
  }

  /** One more PING is wanted, unless one was sent a moment ago: the other side asks from there, so what was sent before may have met a NAT that was closed. */
  wantAgain(now: Instant): void {
    this.#isWantedAgain = now - this.#pingedAt >= answerMinMs;
  }

  /** `bytes` came from the address in an authentic datagram. */
  credit(bytes: number): void {
    this.#isHeard = true;
    this.#creditBytes += unprovedFactor * bytes;
  }

  /** Takes `bytes` off what may still go to the address, or refuses. */
  spend(bytes: number): boolean {
    if (this.#creditBytes < bytes) return false;
    this.#creditBytes -= bytes;
    return true;
  }

  /** When it wants the next PING, or to be forgotten. */
  get dueAt(): Instant {
    return after(this.startedAt, (this.#wantedCount === null ? probeScheduleMs[this.#pingCount] : undefined) ?? probeGiveUpMs);
  }

  /** Whether a PING is due, which then counts as sent. */
  takePing(now: Instant): boolean {
    const isDue = this.#wantedCount === null ? now >= this.dueAt : this.#pingCount < this.#wantedCount;
    if (isDue && this.#pingCount < probeScheduleMs.length) this.#pingCount += 1;
    else if (!this.#isWantedAgain) return false;
    this.#isWantedAgain = false;
    this.#pingedAt = now;
    return true;
  }

  /** Whether another path may be tried instead: nobody answered in time, or the caller named it and nothing came from there. */
  mayGiveWay(now: Instant): boolean {
    return this.isOver(now) || !this.#isHeard;
  }

  /** Whether nobody answered in time. */
  isOver(now: Instant): boolean {
    return now >= after(this.startedAt, probeGiveUpMs);
  }
}
