/**
 * The objects that are held back until their past has come, or their parts. SPEC, Order.
 *
 * Each names at least one id that is `unmet`. Of a past that means: not delivered and not given up; that id is either held here
 * itself or still to come. Nobody stays longer than its deadline, whatever it waits for.
 */
import { after, type Instant, type PacketId } from '@srp/machine';
import { type StreamObject } from './chains.js';
import { inCausalOrder } from './order.js';
import { Shares } from './shares.js';

/** An object that waits. */
export interface Held {
  readonly object: StreamObject;
  readonly unmet: ReadonlySet<PacketId>;
  readonly deadline: Instant;
}

export class WaitingRoom {
  readonly #waitMs: number;
  /** In order of arrival, which is the order of the deadlines. */
  readonly #held = new Map<PacketId, Held & { readonly unmet: Set<PacketId> }>();
  /** An unmet id to those that wait for it. */
  readonly #waiters = new Map<PacketId, Set<PacketId>>();
  #bytes = 0;
  readonly #shares = new Shares<PacketId>();

  constructor(waitMs: number) {
    this.#waitMs = waitMs;
  }

  get size(): number {
    return this.#held.size;
  }

  /** Bytes that are kept for those who wait. */
  get bytes(): number {
    return this.#bytes;
  }

  /** How many ids somebody waits for: at most 9 for each held object. */
  get waitedForCount(): number {
    return this.#waiters.size;
  }

  has(id: PacketId): boolean {
    return this.#held.has(id);
  }

  ids(): readonly PacketId[] {
    return [...this.#held.keys()];
  }

  /** Who must leave first by time; `null` if nobody is here. */
  oldest(): Held | null {
    if (this.#held.size === 0) return null;
    for (const held of this.#held.values()) return held;
    return null;
  }

  /** Who goes when the room is too full: the oldest of the author with the most. */
  crowding(): PacketId | null {
    return this.#shares.oldestOfLargest();
  }

  add(now: Instant, object: StreamObject, unmet: readonly PacketId[]): void {
    this.#held.set(object.id, { object, unmet: new Set(unmet), deadline: after(now, this.#waitMs) });
    this.#shares.add(object.author, object.id);
    this.#bytes += object.bytes ?? 0;
    for (const id of unmet) {
      const waiters = this.#waiters.get(id);
      if (waiters === undefined) this.#waiters.set(id, new Set([object.id]));
      else waiters.add(object.id);
    }
  }

  /** Nobody need wait for `id` any more. Takes out and returns those that now wait for nothing. */
  met(id: PacketId): readonly StreamObject[] {
    const free: StreamObject[] = [];
    for (const waiter of this.#waiters.get(id) ?? []) {
      const held = this.#held.get(waiter);
      held?.unmet.delete(id);
      if (held?.unmet.size === 0) free.push(this.#takeOut(held));
    }
    this.#waiters.delete(id);
    return free;
  }

  /** Those who wait for `id`. */
  waitingFor(id: PacketId): readonly Held[] {
    return [...(this.#waiters.get(id) ?? [])].flatMap((waiter) => this.#held.get(waiter) ?? []);
  }

  /** Takes out one object. */
  take(id: PacketId): StreamObject | null {
    const held = this.#held.get(id);
    return held === undefined ? null : this.#takeOut(held);
  }

  /** Takes out an object and every held one that it waits for, directly or not; in causal order. */
  takeWithPast(id: PacketId): readonly StreamObject[] {
    const taken: StreamObject[] = [];
    const open = [id];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const held = this.#held.get(next);
      if (held === undefined) continue;
      open.push(...held.unmet);
      taken.push(this.#takeOut(held));
    }
    return inCausalOrder(taken);
  }

  #takeOut(held: Held): StreamObject {
    const { object, unmet } = held;
    this.#held.delete(object.id);
    this.#shares.delete(object.author, object.id);
    this.#bytes -= object.bytes ?? 0;
    for (const id of unmet) {
      const waiters = this.#waiters.get(id);
      waiters?.delete(object.id);
      if (waiters?.size === 0) this.#waiters.delete(id);
    }
    return object;
  }
}
