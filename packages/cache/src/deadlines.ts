/** A heap of entries by when something is due about them. An entry knows its place, so it leaves in log n steps. */
import type { Instant } from '@srp/machine';
import type { Entry } from './entry.js';

/** The entries by `dueAt`, the earliest first. */
export class Deadlines {
  readonly #heap: Entry[] = [];

  /** When the first is due. */
  get first(): Instant | null {
    return this.#heap[0]?.dueAt ?? null;
  }

  /** The first if it is due; it stays. */
  due(now: Instant): Entry | null {
    const entry = this.#heap[0];
    return entry !== undefined && entry.dueAt <= now ? entry : null;
  }

  add(entry: Entry): void {
    entry.heapAt = this.#heap.push(entry) - 1;
    this.#rise(entry);
  }

  remove(entry: Entry): void {
    const last = this.#heap.pop();
    if (last !== undefined && last !== entry) {
      this.#set(entry.heapAt, last);
      this.moved(last);
    }
    entry.heapAt = -1;
  }

  /** Puts an entry whose `dueAt` has changed into its place. */
  moved(entry: Entry): void {
    this.#rise(entry);
    this.#sink(entry);
  }

  #rise(entry: Entry): void {
    let at = entry.heapAt;
    while (at > 0) {
      const parent = this.#heap[(at - 1) >> 1];
      if (parent === undefined || parent.dueAt <= entry.dueAt) break;
      this.#set(at, parent);
      at = (at - 1) >> 1;
    }
    this.#set(at, entry);
  }

  #sink(entry: Entry): void {
    let at = entry.heapAt;
    for (;;) {
      const left = this.#heap[2 * at + 1];
      const right = this.#heap[2 * at + 2];
      if (left === undefined) break;
      const child = right !== undefined && right.dueAt < left.dueAt ? right : left;
      if (child.dueAt >= entry.dueAt) break;
      const from = child.heapAt;
      this.#set(at, child);
      at = from;
    }
    this.#set(at, entry);
  }

  #set(at: number, entry: Entry): void {
    this.#heap[at] = entry;
    entry.heapAt = at;
  }
}
