/**
 * The objects with their pools, deadlines and names, and the rule for who goes when there is no room. SPEC, Cache.
 * Internal to the cache, which decides what comes in and tells the world.
 *
 * ```
 *   budget ├─ unsent 1/16 ─┼─── topics 8/16: own, subscribed ───┼── duty 5/16 ──┼─ strangers 2/16 ─┤
 * ```
 *
 * What a part does not use the others may. When the whole is full, the part that is most over its own gives way, so no
 * part can be pushed below its size by another.
 *
 * What is held for this peer's own topics gives way to no flood of fresh keys: there an object takes the room of authors
 * who are here no longer than its own, and of others no more than its ingress has as an allowance.
 */
import { BoundedMap, type Instant, type PacketId, type Random, type ShortId, TokenBucket } from '@srp/machine';
import type { Packet } from '@srp/wire';
import { allowance, allowancesMax, entriesMax, partSixteenths } from './constants.js';
import { Deadlines } from './deadlines.js';
import { Entry } from './entry.js';
import { EntryIndex } from './entry-index.js';
import { flat } from './flat.js';
import { Ledger, type Party } from './ledger.js';
import { type Part, partOf, parts, type Pool } from './record.js';
import { type Incoming, type Row, Table } from './table.js';

/** Everything that is held. */
export class Store {
  readonly #table = new Table();
  readonly index: EntryIndex;
  readonly deadlines = new Deadlines(this.#table);
  readonly #budgetBytes: number;
  readonly #random: Random;
  readonly #ledgers: Readonly<Record<Part, Ledger>>;
  /** What each ingress may still displace of what others brought for topics of this peer, bytes. */
  readonly #allowances = new BoundedMap<string, TokenBucket>(allowancesMax);

  constructor(budgetBytes: number, random: Random) {
    this.#budgetBytes = budgetBytes;
    this.#random = random;
    this.index = new EntryIndex(this.#table, random);
    const ledger = (): Ledger => new Ledger(this.#table);
    this.#ledgers = { unsent: ledger(), topics: ledger(), duty: ledger(), strangers: ledger() };
  }

  /** Bytes taken, overhead included. */
  get bytes(): number {
    const { unsent, topics, duty, strangers } = this.#ledgers;
    return unsent.bytes + topics.bytes + duty.bytes + strangers.bytes;
  }

  bytesByPart(): Readonly<Record<Part, number>> {
    const { unsent, topics, duty, strangers } = this.#ledgers;
    return { unsent: unsent.bytes, topics: topics.bytes, duty: duty.bytes, strangers: strangers.bytes };
  }

  /** Whether there is anything nobody else is known to have. */
  get isUnsent(): boolean {
    return this.#ledgers.unsent.size > 0;
  }

  /** The unsent ones among those whose ids begin so: neighbours name many objects, and hardly ever one of these. */
  unsentOf(ids: readonly ShortId[]): readonly Entry[] {
    if (!this.isUnsent) return [];
    const found: Entry[] = [];
    for (const id of ids) for (const row of this.index.byShort(id)) if (this.#table.poolOf(row) === 'unsent') found.push(new Entry(this.#table, row));
    return found;
  }

  unsent(): readonly Row[] {
    return this.#ledgers.unsent.rows();
  }

  /** Takes an object in; it has no deadline but its expiry yet. */
  add(incoming: Incoming, pool: Pool, ingress: string | null): Entry {
    const { id, tag, prev, author } = incoming.packet;
    const row = this.#table.add(incoming, flat(id), pool);
    this.#ledgers[partOf[pool]].add(row, { author: flat(author), tag: flat(tag), ingress });
    this.index.add(row, tag, prev, author);
    this.deadlines.add(row);
    return new Entry(this.#table, row);
  }

  remove({ row, pool }: Entry): void {
    this.#ledgers[partOf[pool]].remove(row);
    this.index.remove(row);
    this.deadlines.remove(row);
    this.#table.free(row);
  }

  move({ row, pool: from }: Entry, to: Pool): void {
    this.#table.setPool(row, to);
    if (partOf[from] !== partOf[to]) this.#ledgers[partOf[to]].add(row, this.#ledgers[partOf[from]].remove(row));
  }

  /** Its custody ends, or it leaves, at another time now. */
  rescheduled({ row }: Entry): void {
    this.deadlines.moved(row);
  }

  get(id: PacketId): Entry | null {
    return this.entryAt(this.index.get(id));
  }

  packetOf(id: PacketId): Packet | null {
    const row = this.index.get(id);
    return row === 0 ? null : this.#table.packet(row);
  }

  /** `null` for row 0. */
  entryAt(row: Row): Entry | null {
    return row === 0 ? null : new Entry(this.#table, row);
  }

  /**
   * Makes room, if it is needed, after `newcomer` came in, or changed its pool. Calls `isGone` with each that goes, before
   * anything else comes in. That may be the newcomer, unless it is this peer's own; the answer is whether it stays.
   * `isPaid`: it may displace whatever is next, for nobody pushed it in.
   */
  makeRoom(now: Instant, newcomer: Entry, isPaid: boolean, isGone: (entry: Entry) => void): boolean {
    while (this.bytes > this.#budgetBytes || this.index.size > entriesMax) {
      const row = this.#next(now, newcomer, isPaid);
      if (row === 0) continue; // chance drew only the one that is spared; a budget holds more than one
      const entry = row === newcomer.row ? newcomer : new Entry(this.#table, row);
      this.remove(entry);
      isGone(entry);
      if (entry === newcomer) return false;
    }
    return true;
  }

  #next(now: Instant, { row, pool, ingress }: Entry, isPaid: boolean): Row {
    const part = this.#mostOverdrawn();
    if (pool === 'unsent' || pool === 'own') return this.#ledgers[part].worst(now, this.#random, 0, (other) => other !== row);
    const worst = this.#ledgers[part].worst(now, this.#random, partOf[pool] === part ? row : 0, anyRow);
    if (isPaid || ingress === null || part !== 'topics' || this.#yields(worst, row) || this.#allowanceOf(ingress).take(now, this.#table.charge(worst))) return worst;
    return this.#ledgers[partOf[pool]].worstFrom(ingress, now, this.#random, row, (other) => this.#yields(other, row));
  }

  /** Whether an object gives way to another without more: not one for this peer's topics to an author who came later, or to what is for others. */
  #yields(row: Row, to: Row): boolean {
    const { authorShares } = this.#table;
    if (partOf[this.#table.poolOf(row)] !== 'topics') return true;
    return partOf[this.#table.poolOf(to)] === 'topics' && (authorShares[row] as Party).rank >= (authorShares[to] as Party).rank;
  }

  #allowanceOf(ingress: string): TokenBucket {
    const known = this.#allowances.touch(ingress);
    if (known !== undefined) return known;
    const perSecond = this.#budgetBytes / allowance.refillSeconds;
    const fresh = new TokenBucket(perSecond, Math.max(this.#budgetBytes / allowance.burstPart, allowance.burstBytesMin));
    this.#allowances.set(ingress, fresh);
    return fresh;
  }

  #mostOverdrawn(): Part {
    const isFull = this.index.size > entriesMax;
    const use = (part: Part): number => (isFull ? this.#ledgers[part].size : this.#ledgers[part].bytes) / partSixteenths[part];
    return parts.reduce((most, part) => (use(part) > use(most) ? part : most));
  }
}

const anyRow = (): boolean => true;
