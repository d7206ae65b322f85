/**
 * Coded symbols of a set of short ids, without end: rateless invertible Bloom lookup tables (Yang, Gilad, Alizadeh,
 * "Practical Rateless Set Reconciliation", SIGCOMM 2024). SPEC, Cache negotiation.
 *
 * ```
 *   symbol     0    1    2    3    4    5 ...      an id is in symbol i with a chance of 1 / (1 + i/2); where, its hash says
 *   id a       x    x         x                    sum    XOR of the ids in it
 *   id b       x         x              x          check  XOR of the low halves of their hashes
 *   id c       x    x              x               count  how many
 * ```
 *
 * Sums of ids, and not of hashes, so that what is decoded can be wanted. The hash is keyed: who does not know the salt
 * beforehand cannot make ids that fall into the same symbols, and a sum of several passes for one id with a chance of 2^-32.
 */
import type { ShortId } from '@srp/machine';
import type { SipHasher } from './siphash.js';

/** Ids under a key, each with its place in the sequence of symbols it is in. */
export class Items {
  size = 0;
  readonly high: Uint32Array;
  readonly low: Uint32Array;
  readonly check: Uint32Array;
  /** 1: counted as there, -1: as taken away. */
  readonly sign: Int8Array;
  /** The next symbol each is in, and the generator that says which one follows. */
  readonly next: Int32Array;
  readonly first: Int32Array;
  readonly second: Int32Array;

  constructor(capacity: number) {
    this.high = new Uint32Array(capacity);
    this.low = new Uint32Array(capacity);
    this.check = new Uint32Array(capacity);
    this.sign = new Int8Array(capacity);
    this.next = new Int32Array(capacity);
    this.first = new Int32Array(capacity);
    this.second = new Int32Array(capacity);
  }

  add(hasher: SipHasher, high: number, low: number, sign: 1 | -1): void {
    const at = this.size;
    this.size += 1;
    hasher.hash(high, low);
    this.high[at] = high;
    this.low[at] = low;
    this.check[at] = hasher.low;
    this.sign[at] = sign;
    this.first[at] = hasher.low;
    // The generator stands still on zeros.
    this.second[at] = hasher.low === 0 && hasher.high === 0 ? 1 : hasher.high;
  }
}

/** Symbols from 0 on. */
export class Cells {
  readonly high: Uint32Array;
  readonly low: Uint32Array;
  readonly check: Uint32Array;
  readonly count: Int32Array;

  constructor(readonly length: number) {
    this.high = new Uint32Array(length);
    this.low = new Uint32Array(length);
    this.check = new Uint32Array(length);
    this.count = new Int32Array(length);
  }

  /** Puts the items from `from` on into the symbols below `end` that they are in and were not put into before; notes which, if asked. */
  cover(items: Items, from: number, end: number, touched: number[] | null = null): void {
    const { high, low, check, count } = this;
    for (let at = from; at < items.size; at += 1) {
      let index = items.next[at] as number;
      if (index >= end) continue;
      const idHigh = items.high[at] as number;
      const idLow = items.low[at] as number;
      const idCheck = items.check[at] as number;
      const sign = items.sign[at] as number;
      let first = items.first[at] as number;
      let second = items.second[at] as number;
      while (index < end) {
        (high[index] as number) ^= idHigh;
        (low[index] as number) ^= idLow;
        (check[index] as number) ^= idCheck;
        (count[index] as number) += sign;
        touched?.push(index);
        // xoroshiro64** (Blackman, Vigna 2018); then the gap of the paper, section 4.2: the inverse of P(gap > g) at `index`.
        let drawn = Math.imul(first, 0x9e37_79bb);
        drawn = Math.imul((drawn << 5) | (drawn >>> 27), 5) >>> 0;
        second ^= first;
        first = ((first << 26) | (first >>> 6)) ^ second ^ (second << 9);
        second = (second << 13) | (second >>> 19);
        // A whole number in 32 bits from here on: as a double it would cost a sixth more.
        const gap = Math.ceil((index + 1.5) * (65_536 / Math.sqrt(drawn + 1) - 1)) | 0;
        index += gap > 0 ? gap : 1;
      }
      items.next[at] = index;
      items.first[at] = first;
      items.second[at] = second;
    }
  }

  isZero(at: number): boolean {
    return this.count[at] === 0 && this.check[at] === 0 && this.high[at] === 0 && this.low[at] === 0;
  }
}

/** How many of `count` ids symbol `index` is likely to hold. */
export const expectedCount = (count: number, index: number): number => Math.floor((2 * count) / (index + 2));

/** Where the id is among the first `end`, which are in ascending order; if it is not there, -1 minus where it belongs. */
export const found = (ids: { readonly high: Uint32Array; readonly low: Uint32Array }, high: number, low: number, end: number): number => {
  let from = 0;
  let to = end;
  while (from < to) {
    const middle = (from + to) >>> 1;
    const other = ids.high[middle] as number;
    if (other < high || (other === high && (ids.low[middle] as number) < low)) from = middle + 1;
    else to = middle;
  }
  return from < end && ids.high[from] === high && ids.low[from] === low ? from : -1 - from;
};

/** The id with these halves. */
export const idOfHalves = (high: number, low: number): ShortId => `${high.toString(16).padStart(8, '0')}${low.toString(16).padStart(8, '0')}` as ShortId;
