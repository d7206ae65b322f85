/**
 * What will happen, in order: a binary heap by time, and by order of pushing among events of one instant.
 * Without the second rule one seed would not fix a run.
 */
import type { Instant } from '@srp/machine';

interface Entry<Event> {
  readonly at: Instant;
  readonly order: number;
  readonly event: Event;
}

export class EventQueue<Event> {
  readonly #heap: Entry<Event>[] = [];
  #pushed = 0;

  get size(): number {
    return this.#heap.length;
  }

  /** When the first event is due, or `null` if there is none. */
  nextAt(): Instant | null {
    return this.#heap[0]?.at ?? null;
  }

  push(at: Instant, event: Event): void {
    const heap = this.#heap;
    const entry = { at, order: this.#pushed, event };
    this.#pushed += 1;
    let hole = heap.length;
    while (hole > 0) {
      const parentAt = (hole - 1) >> 1;
      const parent = heap[parentAt] as Entry<Event>;
      if (isBefore(parent, entry)) break;
      heap[hole] = parent;
      hole = parentAt;
    }
    heap[hole] = entry;
  }

  /** Takes the first event out. */
  pop(): { readonly at: Instant; readonly event: Event } | null {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined) return null;
    if (heap.length > 0) this.#sink(last);
    return first;
  }

  /** Puts `entry` where the first one was, and lets it sink to its place. */
  #sink(entry: Entry<Event>): void {
    const heap = this.#heap;
    let hole = 0;
    for (;;) {
      let childAt = 2 * hole + 1;
      const left = heap[childAt];
      if (left === undefined) break;
      const right = heap[childAt + 1];
      const child = right !== undefined && isBefore(right, left) ? right : left;
      if (child === right) childAt += 1;
      if (isBefore(entry, child)) break;
      heap[hole] = child;
      hole = childAt;
    }
    heap[hole] = entry;
  }
}

const isBefore = (a: { readonly at: Instant; readonly order: number }, b: { readonly at: Instant; readonly order: number }): boolean =>
  a.at < b.at || (a.at === b.at && a.order < b.order);
