/**
 * Which counters of one key were seen: a sliding window of 1024. SPEC, Replay.
 *
 * ```
 *      top - 1023            top
 *   ───────┼──────────────────┼────────▶ counter
 *   refused│ refused if seen  │ accepted, moves the window
 * ```
 *
 * A ring of bits, counter modulo 1024. Asking and marking are two steps, because a counter counts only once
 * the packet that bears it has proved to be authentic: garbage must not move the window.
 */
import { replayWindowBits } from './constants.js';

const wordCount = replayWindowBits / 32;

export class ReplayWindow {
  readonly #bits = new Uint32Array(wordCount);
  /** Highest counter marked, -1 before the first. */
  #top = -1;
  #markedCount = 0;

  /** Whether nothing was marked yet. */
  get isEmpty(): boolean {
    return this.#top < 0;
  }

  /** How many counters below the highest were never marked. */
  get missingCount(): number {
    return this.#top + 1 - this.#markedCount;
  }

  /** Whether `counter` would be new: above the window, or inside and not marked. */
  isFresh(counter: number): boolean {
    if (counter > this.#top) return true;
    if (counter <= this.#top - replayWindowBits) return false;
    const bit = counter % replayWindowBits;
    return (((this.#bits[bit >>> 5] ?? 0) >>> (bit & 31)) & 1) === 0;
  }

  /** Marks a fresh counter. Returns whether it is the highest so far. */
  mark(counter: number): boolean {
    const isNewest = counter > this.#top;
    if (isNewest) this.#advance(counter);
    this.#markedCount += 1;
    const bit = counter % replayWindowBits;
    this.#bits[bit >>> 5] = (this.#bits[bit >>> 5] ?? 0) | (1 << (bit & 31));
    return isNewest;
  }

  /** Clears the bits that enter the window between the old top and the new one. */
  #advance(top: number): void {
    if (top - this.#top >= replayWindowBits) {
      this.#bits.fill(0);
    } else {
      for (let entering = this.#top + 1; entering <= top; entering += 1) {
        const bit = entering % replayWindowBits;
        this.#bits[bit >>> 5] = (this.#bits[bit >>> 5] ?? 0) & ~(1 << (bit & 31));
      }
    }
    this.#top = top;
  }
}
