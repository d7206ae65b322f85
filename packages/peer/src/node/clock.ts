/** The clock of the UDP driver: Unix milliseconds that never run back. */
import { type Instant, instant } from '@srp/machine';
import { clockJumpMs } from '../constants.js';

/**
 * Follows the monotonic clock from the wall-clock time at which it was made. When the wall clock is well
 * ahead of it (the host slept, or its clock was set forward) it jumps there; it ignores a clock set back.
 */
export class Clock {
  #ahead = Date.now() - performance.now();

  now(): Instant {
    const monotonic = performance.now() + this.#ahead;
    const jump = Date.now() - monotonic;
    if (jump > clockJumpMs) this.#ahead += jump;
    return instant(performance.now() + this.#ahead);
  }
}
