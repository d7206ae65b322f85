/**
 * One direction of a site's connection: so many bits a second, and a queue before it that drops what would wait too long.
 *
 * Nothing is queued here. A pipe knows until when it is taken, and so when a datagram that comes now has passed.
 */
import { after, type Instant } from '@srp/machine';
import { packetOverheadBytes, queueMsDefault } from './constants.js';
import { SimError } from './errors.js';

/** What a site's connection carries. A direction that is not named has no limit. */
export interface Bandwidth {
  readonly upBitsPerSecond?: number;
  readonly downBitsPerSecond?: number;
  /** How long a datagram waits at most before it is dropped, milliseconds; 100 if absent. */
  readonly queueMs?: number;
}

export class Pipe {
  readonly #bitsPerMs: number;
  readonly #queueMs: number;
  #takenUntil: Instant | null = null;

  constructor(bitsPerSecond: number, queueMs: number) {
    this.#bitsPerMs = bitsPerSecond / 1000;
    this.#queueMs = queueMs;
  }

  /** When a datagram of `byteCount` bytes that comes now has passed, or `null` if it is dropped. */
  pass(now: Instant, byteCount: number): Instant | null {
    const startsAt = this.#takenUntil === null || this.#takenUntil < now ? now : this.#takenUntil;
    if (startsAt - now > this.#queueMs) return null;
    this.#takenUntil = after(startsAt, (8 * (byteCount + packetOverheadBytes)) / this.#bitsPerMs);
    return this.#takenUntil;
  }
}

/** The pipes of a site, or `null` for a direction without a limit. Throws NETWORK_OPTION_WRONG. */
export const pipesOf = ({ upBitsPerSecond, downBitsPerSecond, queueMs = queueMsDefault }: Bandwidth): { readonly up: Pipe | null; readonly down: Pipe | null } => {
  if (!(queueMs >= 0 && Number.isFinite(queueMs))) throw new SimError('NETWORK_OPTION_WRONG', `Cannot set a bandwidth: queueMs must be finite and >= 0, got ${queueMs}`);
  const pipe = (bitsPerSecond: number | undefined): Pipe | null => {
    if (bitsPerSecond === undefined) return null;
    if (!(bitsPerSecond > 0 && Number.isFinite(bitsPerSecond))) throw new SimError('NETWORK_OPTION_WRONG', `Cannot set a bandwidth: bits per second must be finite and > 0, got ${bitsPerSecond}`);
    return new Pipe(bitsPerSecond, queueMs);
  };
  return { up: pipe(upBitsPerSecond), down: pipe(downBitsPerSecond) };
};
