/** The replay window the slow and obvious way: every counter that was ever marked, in a set. */
export class SlowReplayWindow {
  readonly #seen = new Set<number>();
  #top = -1;

  get missingCount(): number {
    return this.#top + 1 - this.#seen.size;
  }

  isFresh(counter: number): boolean {
    return counter > this.#top - 1024 && !this.#seen.has(counter);
  }

  mark(counter: number): boolean {
    const isNewest = counter > this.#top;
    this.#seen.add(counter);
    this.#top = Math.max(this.#top, counter);
    return isNewest;
  }
}
