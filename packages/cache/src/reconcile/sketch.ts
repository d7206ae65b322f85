/**
 * What this peer holds of one topic, ready to be compared: the ids, their digest, and the first symbols under a salt of its
 * own. SPEC, Cache negotiation.
 *
 * ```
 *   object comes or goes ─▶ changes ──settle()──▶ ids, symbols ──▶ copied into answers, the same for whoever asks
 * ```
 *
 * Changes wait until somebody begins to ask: so the symbols stand still while one peer asks for more of them, and an
 * object that comes costs the cache a push. `state` tells when they did not.
 */
import { fromHex, type PacketId, toHex, type TopicTag } from '@srp/machine';
import type { SyncSymbol } from '@srp/wire';
import { sketchChangesMax, sketchSymbols, syncSymbolsMax } from '../constants.js';
import { wordAt } from '../keyed-hash.js';
import { Cells, expectedCount, Items } from './cells.js';
import { IdSet } from './id-set.js';
import { SipHasher } from './siphash.js';

/** One topic since some time, as it is told to others. */
export class Sketch {
  readonly ids: IdSet;
  /** 8 bytes in hex. */
  readonly salt: string;
  readonly #hasher: SipHasher;
  #cells: Cells | null = null;
  /** Upper half, lower half and 1 for come, -1 for gone, in a row. */
  #changes: number[] = [];

  constructor(tag: TopicTag, ids: readonly PacketId[], salt: Uint8Array) {
    this.ids = new IdSet(ids);
    this.salt = toHex(salt);
    this.#hasher = hasherOf(this.salt, tag);
  }

  /** Notes that an object came or went. False if so many have that making the sketch anew is cheaper. */
  change(id: PacketId, sign: 1 | -1): boolean {
    this.#changes.push(wordAt(id, 0), wordAt(id, 8), sign);
    return this.#changes.length <= 3 * sketchChangesMax;
  }

  /** Takes in what has changed. */
  settle(): void {
    if (this.#changes.length === 0) return;
    const items = new Items(this.#changes.length / 3);
    for (let at = 0; at < this.#changes.length; at += 3) {
      const [high, low, sign] = this.#changes.slice(at, at + 3) as [number, number, 1 | -1];
      const isNews = sign === 1 ? this.ids.add(high, low) : this.ids.remove(high, low);
      if (isNews) items.add(this.#hasher, high, low, sign);
    }
    this.#changes = [];
    this.#cells?.cover(items, 0, this.#cells.length);
  }

  /** Which set under which salt this is: the check of symbol 0, which all ids are in. */
  get state(): number {
    return this.#symbols(1).check[0] as number;
  }

  /** Symbols `from` to `to`, at most as many as there are. */
  symbols(from: number, to: number): readonly SyncSymbol[] {
    const end = Math.min(to, syncSymbolsMax);
    const { high, low, check, count } = this.#symbols(end);
    const symbols: SyncSymbol[] = [];
    for (let at = from; at < end; at += 1) {
      const excess = (count[at] as number) - expectedCount(this.ids.size, at);
      symbols.push({ high: high[at] as number, low: low[at] as number, check: check[at] as number, excess });
    }
    return symbols;
  }

  /** At least `end` symbols; the first time, and when more than the usual are asked for, they are all made. */
  #symbols(end: number): Cells {
    if (this.#cells !== null && this.#cells.length >= end) return this.#cells;
    this.#cells = new Cells(end <= sketchSymbols ? sketchSymbols : syncSymbolsMax);
    this.#cells.cover(itemsOf(this.ids, this.#hasher, 1), 0, this.#cells.length);
    return this.#cells;
  }
}

/** The hash that a salt and a topic make. */
export const hasherOf = (salt: string, tag: TopicTag): SipHasher => new SipHasher(fromHex(salt + tag));

/** All ids of a set under a key, in ascending order, with room for `more`. */
export const itemsOf = ({ size, high, low }: IdSet, hasher: SipHasher, sign: 1 | -1, more = 0): Items => {
  const items = new Items(size + more);
  for (let at = 0; at < size; at += 1) items.add(hasher, high[at] as number, low[at] as number, sign);
  return items;
};
