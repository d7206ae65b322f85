/**
 * What will happen, in order: a binary heap by time, and by order of pushing among events of one instant.
 * Without the second rule one seed would not fix a run.
 *
 * Times, orders and events lie in lists of their own: a search through the heap then reads numbers that lie side by side, and
 * no object for each of thousands that are due some time.
 */
import type { Instant } from '@srp/machine';

export class EventQueue<Event> {
  readonly #ats: Instant[] = [];
  readonly #orders: number[] = [];
  readonly #events: Event[] = [];
  #pushed = 0;

  get size(): number {
    return this.#ats.length;
  }

  /** When the first event is due, or `null` if there is none. */
  nextAt(): Instant | null {
    return this.#ats[0] ?? null;
  }

  push(at: Instant, event: Event): void {
    const order = this.#pushed;
    this.#pushed += 1;
    let hole = this.#ats.length;
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      if (this.#isBefore(parent, at, order)) break;
      this.#move(parent, hole);
      hole = parent;
    }
    this.#put(hole, at, order, event);
  }

  /** Takes the first event out. */
  pop(): { readonly at: Instant; readonly event: Event } | null {
    const at = this.#ats[0];
    const event = this.#events[0];
    const lastAt = this.#ats.pop();
    const lastOrder = this.#orders.pop();
    const lastEvent = this.#events.pop();
    if (at === undefined || lastAt === undefined || lastOrder === undefined) return null;
    if (this.#ats.length > 0) this.#sink(lastAt, lastOrder, lastEvent as Event);
    return { at, event: event as Event };
  }

  /** Puts an event where the first one was, and lets it sink to its place. */
  #sink(at: Instant, order: number, event: Event): void {
    let hole = 0;
    for (;;) {
      const left = 2 * hole + 1;
      if (left >= this.#ats.length) break;
      const right = left + 1;
      const child = right < this.#ats.length && this.#isBefore(right, this.#ats[left] as Instant, this.#orders[left] as number) ? right : left;
      if (!this.#isBefore(child, at, order)) break;
      this.#move(child, hole);
      hole = child;
    }
    this.#put(hole, at, order, event);
  }

  /** Whether what is at `place` comes before something of that time and order. */
  #isBefore(place: number, at: Instant, order: number): boolean {
    const placed = this.#ats[place] as Instant;
    return placed < at || (placed === at && (this.#orders[place] as number) < order);
  }

  #move(from: number, to: number): void {
    this.#put(to, this.#ats[from] as Instant, this.#orders[from] as number, this.#events[from] as Event);
  }

  #put(place: number, at: Instant, order: number, event: Event): void {
    this.#ats[place] = at;
    this.#orders[place] = order;
    this.#events[place] = event;
  }
}
