/**
 * Telling two sets apart by the symbols of one and the ids of the other. SPEC, Cache negotiation.
 *
 * ```
 *   symbols of theirs ─▶ less those of mine ─▶ symbols of the difference
 *       one with a single id in it ─▶ that id is known: take it out of all others ─▶ others have a single one ─▶ ...
 *       all are empty ─▶ nothing is missing
 * ```
 *
 * The symbols come from a stranger. Work is bounded: each symbol gives one id at most, and so many symbols are looked at
 * and no more. What is found is checked against the own ids: one that is here is never taken for missing.
 */
import type { ShortId, TopicTag } from '@srp/machine';
import type { SyncSymbol } from '@srp/wire';
import { syncSymbolsMax } from '../constants.js';
import { Cells, expectedCount, found, idOfHalves, Items } from './cells.js';
import type { IdSet } from './id-set.js';
import { hasherOf, itemsOf } from './sketch.js';
import type { SipHasher } from './siphash.js';

/** What is known: all, not yet all, or that the symbols are those of no set. */
export type Verdict = 'decoded' | 'open' | 'contradictory';

/** The difference between the own ids and a neighbour's, as far as it is known. */
export class Difference {
  /** How many symbols came. */
  received = 0;
  readonly #theirCount: number;
  readonly #hasher: SipHasher;
  readonly #mine: Items;
  readonly #mineCount: number;
  /** Ids that were found; those of the neighbour count as taken away, own ones as put back. */
  readonly #found = new Items(syncSymbolsMax);
  readonly #cells = new Cells(syncSymbolsMax);
  readonly #has = new Uint8Array(syncSymbolsMax);
  /** Symbols below have the own ids and those that were found taken out of them. */
  #covered = 0;
  #isContradictory = false;

  constructor(tag: TopicTag, mine: IdSet, theirs: { readonly salt: string; readonly count: number }) {
    this.#theirCount = theirs.count;
    this.#hasher = hasherOf(theirs.salt, tag);
    this.#mine = itemsOf(mine, this.#hasher, -1);
    this.#mineCount = mine.size;
  }

  /** Takes in symbols `from` and on; those that came before are skipped. */
  add(from: number, symbols: readonly SyncSymbol[]): Verdict {
    const end = Math.min(from + symbols.length, syncSymbolsMax);
    if (end > this.#covered) {
      this.#cells.cover(this.#mine, 0, end);
      this.#cells.cover(this.#found, 0, end);
      this.#covered = end;
    }
    const { high, low, check, count } = this.#cells;
    for (let at = from; at < end; at += 1) {
      if (this.#has[at] === 1) continue;
      const symbol = symbols[at - from] as SyncSymbol;
      this.#has[at] = 1;
      this.received += 1;
      (high[at] as number) ^= symbol.high;
      (low[at] as number) ^= symbol.low;
      (check[at] as number) ^= symbol.check;
      (count[at] as number) += expectedCount(this.#theirCount, at) + symbol.excess;
      if (at === 0 && symbol.excess !== 0) this.#isContradictory = true; // symbol 0 holds them all
    }
    this.#peel(from, end);
    return this.#verdict();
  }

  /**
   * How many ids differ: those found, and what the counts of the symbols say of the rest. Too low when symbols are missing and
   * some ids were found: those that are left are the ones that stand in few symbols. SPEC, C-40.
   */
  estimate(): number {
    const { count } = this.#cells;
    const surplus = count[0] as number;
    let sum = 0;
    let symbols = 0;
    for (let at = 1; at < this.#covered; at += 1) {
      if (this.#has[at] === 0) continue;
      const share = 2 / (at + 2);
      sum += ((count[at] as number) - share * surplus) ** 2 / (share * (1 - share));
      symbols += 1;
    }
    return this.#found.size + Math.max(Math.abs(surplus), symbols === 0 ? 0 : Math.ceil(sum / symbols));
  }

  /** Symbols below `end` that did not come, as ranges from .. to. */
  missing(end: number): readonly (readonly [from: number, to: number])[] {
    const ranges: [number, number][] = [];
    for (let at = 0; at < end; at += 1) {
      if (this.#has[at] === 1) continue;
      const last = ranges.at(-1);
      if (last?.[1] === at) last[1] = at + 1;
      else ranges.push([at, at + 1]);
    }
    return ranges;
  }

  /** How many were found. */
  get found(): number {
    return this.#found.size;
  }

  /** What the neighbour has and this peer lacks, as far as it was found. */
  theirs(): readonly ShortId[] {
    return this.#named(-1);
  }

  /** What this peer has and the neighbour lacks, as far as it was found. */
  mine(): readonly ShortId[] {
    return this.#named(1);
  }

  /** Takes out whatever stands alone, beginning with the symbols `from` to `to`. */
  #peel(from: number, to: number): void {
    const waiting: number[] = [];
    for (let at = to - 1; at >= from; at -= 1) waiting.push(at);
    for (let at = waiting.pop(); at !== undefined && !this.#isContradictory; at = waiting.pop()) {
      if (!this.#isAlone(at)) continue;
      // An honest symbol gives one id at most.
      if (this.#found.size >= this.received) {
        this.#isContradictory = true;
        break;
      }
      const sign = this.#cells.count[at] === 1 ? -1 : 1;
      const item = this.#found.size;
      this.#found.add(this.#hasher, this.#cells.high[at] as number, this.#cells.low[at] as number, sign);
      this.#cells.cover(this.#found, item, this.#covered, waiting);
    }
  }

  /** Whether a symbol holds one id: one of the neighbour's that is not here, or one of this peer's. */
  #isAlone(at: number): boolean {
    const count = this.#cells.count[at];
    if (this.#has[at] === 0 || (count !== 1 && count !== -1)) return false;
    const high = this.#cells.high[at] as number;
    const low = this.#cells.low[at] as number;
    this.#hasher.hash(high, low);
    if (this.#hasher.low >>> 0 !== this.#cells.check[at]) return false;
    return found(this.#mine, high, low, this.#mineCount) >= 0 === (count === -1);
  }

  #verdict(): Verdict {
    if (this.#isContradictory) return 'contradictory';
    if (this.#has[0] === 0) return 'open';
    for (let at = 0; at < this.#covered; at += 1) if (this.#has[at] === 1 && !this.#cells.isZero(at)) return 'open';
    return 'decoded';
  }

  #named(sign: number): readonly ShortId[] {
    const { size, high, low } = this.#found;
    const ids = new Set<ShortId>();
    for (let at = 0; at < size; at += 1) if (this.#found.sign[at] === sign) ids.add(idOfHalves(high[at] as number, low[at] as number));
    return [...ids];
  }
}
