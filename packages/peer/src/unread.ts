/** A queue between a peer that delivers and a reader that iterates. */

/**
 * Ends when it is closed or its signal aborts, after what was delivered before has been read. Holds at most
 * `max` items: a reader that slow loses the oldest.
 */
export class Unread<Item> implements AsyncIterable<Item> {
  readonly #items: Item[] = [];
  readonly #max: number;
  readonly #onClose: () => void;
  #waiting: ((result: IteratorResult<Item>) => void) | null = null;
  #isClosed = false;

  constructor(max: number, onClose: () => void, signal?: AbortSignal) {
    this.#max = max;
    this.#onClose = onClose;
    if (signal?.aborted === true) this.close();
    signal?.addEventListener('abort', () => this.close(), { once: true });
  }

  push(item: Item): void {
    if (this.#isClosed) return;
    if (this.#waiting !== null) {
      const resolve = this.#waiting;
      this.#waiting = null;
      resolve({ done: false, value: item });
      return;
    }
    this.#items.push(item);
    if (this.#items.length > this.#max) this.#items.shift();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#waiting?.({ done: true, value: undefined });
    this.#waiting = null;
    this.#onClose();
  }

  [Symbol.asyncIterator](): AsyncIterator<Item> {
    return {
      next: async () => {
        const item = this.#items.shift();
        if (item !== undefined) return { done: false, value: item };
        if (this.#isClosed) return { done: true, value: undefined };
        return await new Promise((resolve) => {
          this.#waiting = resolve;
        });
      },
      return: async () => {
        this.close();
        return await Promise.resolve({ done: true, value: undefined });
      },
    };
  }
}
