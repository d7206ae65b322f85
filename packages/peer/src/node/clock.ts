/** The clock of the UDP driver: Unix milliseconds that never run back. */
import { type Instant, instant } from '@srp/machine';
import { clockJumpMs } from '../constants.js';

/**
 * Follows the monotonic clock from the wall-clock time at which it was made. When the wall clock is well
 * ahead of it (the host slept, or its clock was set forward) it jumps there. It cannot follow a clock that is set back, and
 * says by how much it is ahead of it then.
 */
export class Clock {
  #ahead = Date.now() - performance.now();

  /** How far this clock is ahead of the wall clock, in milliseconds; below 0 if it is behind. */
  aheadMs(): number {
    return performance.now() + this.#ahead - Date.now();
  }

  now(): Instant {
    const monotonic = performance.now() + this.#ahead;
    const jump = Date.now() - monotonic;
    if (jump > clockJumpMs) this.#ahead += jump;
    return instant(performance.now() + this.#ahead);
  }
}
