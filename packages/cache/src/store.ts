/**
 * The entries with their pools, deadlines and names, and the rule for who goes when there is no room. SPEC, Cache.
 * Internal to the cache, which decides what comes in and tells the world.
 *
 * ```
 *   budget ├── own 1/16 ──┼────── subscribed 8/16 ──────┼── duty 5/16 ──┼── stranger 2/16 ──┤
 * ```
 *
 * What a pool does not use the others may. When the whole is full, the pool that is most over its part gives way, so no
 * pool can be pushed below its part by another.
 */
import type { Instant, PacketId, Random } from '@srp/machine';
import { entriesMax, poolSixteenths } from './constants.js';
import { Deadlines } from './deadlines.js';
import type { Entry } from './entry.js';
import { EntryIndex } from './entry-index.js';
import { Ledger } from './ledger.js';
import { type Pool, pools } from './record.js';

/** Everything that is held. */
export class Store {
  readonly index: EntryIndex;
  readonly deadlines = new Deadlines();
  readonly #budgetBytes: number;
  readonly #random: Random;
  readonly #ledgers: Readonly<Record<Pool, Ledger>> = { own: new Ledger(), subscribed: new Ledger(), duty: new Ledger(), stranger: new Ledger() };

  constructor(budgetBytes: number, random: Random) {
    this.#budgetBytes = budgetBytes;
    this.#random = random;
    this.index = new EntryIndex(random);
  }

  /** Bytes taken, overhead included. */
  get bytes(): number {
    return pools.reduce((sum, pool) => sum + this.#ledgers[pool].bytes, 0);
  }

  bytesByPool(): Readonly<Record<Pool, number>> {
    const { own, subscribed, duty, stranger } = this.#ledgers;
    return { own: own.bytes, subscribed: subscribed.bytes, duty: duty.bytes, stranger: stranger.bytes };
  }

  add(entry: Entry, author: string): void {
    this.#ledgers[entry.pool].add(entry, author);
    this.index.add(entry);
    this.deadlines.add(entry);
  }

  remove(entry: Entry): void {
    this.#ledgers[entry.pool].remove(entry);
    this.index.remove(entry);
    this.deadlines.remove(entry);
  }

  move(entry: Entry, pool: Pool): void {
    const author = this.#ledgers[entry.pool].remove(entry);
    entry.pool = pool;
    this.#ledgers[pool].add(entry, author);
  }

  get(id: PacketId): Entry | null {
    return this.index.get(id);
  }

  /**
   * Makes room, if it is needed, after `newcomer` came in, or moved to its pool. Answers who went; that may be the newcomer,
   * unless it is this peer's own.
   */
  makeRoom(now: Instant, newcomer: Entry): readonly Entry[] {
    const gone: Entry[] = [];
    while (this.bytes > this.#budgetBytes || this.index.size > entriesMax) {
      const pool = this.#mostOverdrawn();
      const isOwn = newcomer.pool === 'own';
      const worst = this.#ledgers[pool].worst(now, this.#random, !isOwn && newcomer.pool === pool ? newcomer : null, isOwn ? newcomer : null);
      if (worst === null) continue; // chance drew only the one that is spared; a budget holds more than one
      this.remove(worst);
      gone.push(worst);
      if (worst === newcomer) break;
    }
    return gone;
  }

  #mostOverdrawn(): Pool {
    const isFull = this.index.size > entriesMax;
    const use = (pool: Pool): number => (isFull ? this.#ledgers[pool].size : this.#ledgers[pool].bytes) / poolSixteenths[pool];
    return pools.reduce((most, pool) => (use(pool) > use(most) ? pool : most));
  }
}
