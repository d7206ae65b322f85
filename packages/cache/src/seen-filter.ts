/**
 * Which objects were here before, so that a duplicate costs a look and not a signature. SPEC, Cache.
 *
 * ```
 *   remember ──▶ young generation ──full, or a day old──▶ old generation ──the next time──▶ forgotten
 *                         └────────── has: in either ──────────┘
 * ```
 *
 * It keeps the first 8 bytes of an id: a stranger's object is taken for another one with a chance of 2^-47 when both
 * generations are full, and whoever wants that for an object of somebody else needs 2^64 tries. Where an id stands in the
 * table depends on a secret, so that nobody can choose ids that crowd in one place; whoever learns it all the same makes
 * a generation end early, and that is all: what is forgotten costs a signature check again, and its age is signed.
 *
 * Remember an object only once its signature was checked. An id does not cover the signature: whoever remembers before
 * lets a forger with a copy of the real object keep the real one out.
 */
import type { Instant, PacketId, Random, ShortId } from '@srp/machine';
import { seenGenerationMax, seenGenerationMs, seenProbesMax } from './constants.js';
import { CacheError } from './errors.js';
import { type KeyedHash, keyedHash, wordAt } from './keyed-hash.js';

/** How a filter is made. */
export interface SeenFilterOptions {
  readonly random: Random;
  /** Ids a generation holds, a power of two; 65 536 unless said otherwise. The filter takes 32 bytes at most for each. */
  readonly generationMax?: number;
}

/** Remembers ids: the last 65 536 at least, 131 072 at most, for a day at least if they are not more. */
export class SeenFilter {
  readonly #max: number;
  readonly #slot: KeyedHash;
  #young: Generation;
  #old: Generation | null = null;
  #youngSince: Instant | null = null;

  constructor({ random, generationMax = seenGenerationMax }: SeenFilterOptions) {
    if (!Number.isInteger(generationMax) || generationMax < seenProbesMax || generationMax > 2 ** 24 || (generationMax & (generationMax - 1)) !== 0) {
      throw new CacheError('CACHE_INPUT_INVALID', `Cannot make a seen filter: generationMax must be a power of two, ${seenProbesMax}..2^24, got ${generationMax}`);
    }
    this.#max = generationMax;
    this.#slot = keyedHash(random.fork('seen'));
    this.#young = new Generation(generationMax, this.#slot);
  }

  /** Ids that are remembered. */
  get size(): number {
    return this.#young.size + (this.#old?.size ?? 0);
  }

  /** Whether this id, or one that begins alike, was remembered. */
  has(id: PacketId | ShortId): boolean {
    const [low, high] = words(id);
    const slot = this.#slot(low, high);
    return this.#young.has(slot, low, high) || (this.#old?.has(slot, low, high) ?? false);
  }

  /** Remembers an id; answers whether it is new. */
  remember(now: Instant, id: PacketId | ShortId): boolean {
    this.#youngSince ??= now;
    if (now - this.#youngSince >= seenGenerationMs) this.#turn(now);
    const [low, high] = words(id);
    const slot = this.#slot(low, high);
    if (this.#young.has(slot, low, high) || this.#old?.has(slot, low, high) === true) return false;
    if (!this.#young.add(slot, low, high)) {
      this.#turn(now);
      this.#young.add(slot, low, high);
    }
    return true;
  }

  #turn(now: Instant): void {
    this.#old = this.#young;
    this.#young = new Generation(this.#max, this.#slot);
    this.#youngSince = now;
  }

}

/** A table of 8-byte ids with linear probing, never more than half full. It begins small and doubles up to its size. */
class Generation {
  size = 0;
  readonly #max: number;
  readonly #hash: KeyedHash;
  /** How many ids the table has room for as large as it is now. */
  #room: number;
  /** Pairs of words; a pair of zeros is free. */
  #words: Uint32Array;
  /** The id of all zeros cannot stand in the table. */
  #hasZero = false;

  constructor(max: number, hash: KeyedHash) {
    this.#max = max;
    this.#hash = hash;
    this.#room = Math.min(max, seenProbesMax);
    this.#words = new Uint32Array(4 * this.#room);
  }

  has(slot: number, low: number, high: number): boolean {
    if (low === 0 && high === 0) return this.#hasZero;
    const at = this.#find(slot, low, high);
    return at >= 0 && this.#words[at + 1] === high && this.#words[at] === low;
  }

  /** False if there is no room. */
  add(slot: number, low: number, high: number): boolean {
    if (this.size >= this.#max) return false;
    if (this.size >= this.#room) this.#double();
    if (low === 0 && high === 0) this.#hasZero = true;
    else if (!this.#put(slot, low, high)) return false;
    this.size += 1;
    return true;
  }

  #put(slot: number, low: number, high: number): boolean {
    let at = this.#find(slot, low, high);
    while (at < 0 && this.#room < this.#max) {
      this.#double();
      at = this.#find(slot, low, high);
    }
    if (at < 0) return false;
    this.#words[at] = low;
    this.#words[at + 1] = high;
    return true;
  }

  /** A table of half the size was no more crowded anywhere than this one is, but for chance; then it doubles again. */
  #double(): void {
    const before = this.#words;
    this.#room *= 2;
    this.#words = new Uint32Array(4 * this.#room);
    for (let at = 0; at < before.length; at += 2) {
      const low = before[at] ?? 0;
      const high = before[at + 1] ?? 0;
      if (low !== 0 || high !== 0) this.#put(this.#hash(low, high), low, high);
    }
  }

  /** Where the id stands, or the free place where it would; -1 if neither is near. */
  #find(slot: number, low: number, high: number): number {
    const mask = 2 * this.#room - 1;
    for (let probe = 0; probe < seenProbesMax; probe += 1) {
      const at = 2 * ((slot + probe) & mask);
      const first = this.#words[at] ?? 0;
      const second = this.#words[at + 1] ?? 0;
      if ((first === low && second === high) || (first === 0 && second === 0)) return at;
    }
    return -1;
  }
}

const words = (id: string): [number, number] => [wordAt(id, 0), wordAt(id, 8)];
