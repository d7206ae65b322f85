/**
 * A bound on how fast something is done: a few at once, then so many a second.
 */

export class Pace {
  readonly #perSecond: number;
  readonly #burst: number;
  #left: number;
  #at = performance.now();

  constructor(perSecond: number, burst: number) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#left = burst;
  }

  /** Resolves when the next one may be done. For one caller at a time. */
  async turn(): Promise<void> {
    this.#fill();
    if (this.#left < 1) {
      await new Promise((done) => setTimeout(done, Math.ceil(((1 - this.#left) / this.#perSecond) * 1000)));
      this.#fill();
    }
    this.#left -= 1;
  }

  #fill(): void {
    const now = performance.now();
    this.#left = Math.min(this.#burst, this.#left + ((now - this.#at) / 1000) * this.#perSecond);
    this.#at = now;
  }
}
