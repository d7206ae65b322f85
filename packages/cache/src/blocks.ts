/**
 * Bytes of many objects, cut into blocks of one size that hang together in chains. SPEC, Cache.
 *
 * ```
 *   slabs  │ a1 │ b1 │ a2 │ .. │      next  │ 3 │ 0 │ 0 │ 5 │ ..
 *                                           a1 ─▶ a2            free ─▶ 4 ─▶ 5
 * ```
 *
 * Objects come and go for days, in sizes that strangers choose. In memory of their own each would cost the allocator's
 * overhead, and what lies free between them would be lost: after 50 000 objects a third of what they take. A block fits
 * wherever one is free, so nothing is ever lost but the rest of the last one. Memory that was taken is kept for reuse.
 *
 * Invariant: each block is in the chain of one object, or free.
 */
import { blockBytes, copiesBytes, objectBytesMax, slabBlocks, slabBlocksMin } from './constants.js';
import { twice } from './twice.js';

const blockWords = blockBytes / 4;
const sheetWords = copiesBytes / 4;

/** How many blocks hold so many bytes. */
export const blocksOf = (byteCount: number): number => Math.ceil(byteCount / blockBytes);

export class Blocks {
  /** As words, which copy four times as fast. */
  readonly #slabs: Uint32Array[] = [];
  /** Of each block the one that follows it, in its chain or among the free; 0 if none does. Block 0 is never given out. */
  #next = new Uint32Array(slabBlocksMin);
  #free = 0;
  /** Where copies are given out from: a buffer of its own for each would cost three times as much as the copying. */
  #sheet = new Uint32Array(0);
  #sheetUsed = 0;

  /** Keeps a copy; answers where. */
  put(bytes: Uint8Array): number {
    inHandBytes.set(bytes);
    let first = 0;
    for (let at = (blocksOf(bytes.length) - 1) * blockWords; at >= 0; at -= blockWords) {
      const block = this.#take();
      this.#next[block] = first;
      first = block;
      const slab = this.#slabOf(block);
      const to = offsetOf(block);
      for (let i = 0; i < blockWords; i += 1) slab[to + i] = inHand[at + i] as number;
    }
    return first;
  }

  /** A copy of what was put there: `byteCount` bytes. It shares its buffer with others that were got before and after. */
  get(first: number, byteCount: number): Uint8Array {
    const wordCount = Math.ceil(byteCount / 4);
    if (this.#sheetUsed + wordCount > this.#sheet.length) {
      this.#sheet = new Uint32Array(sheetWords);
      this.#sheetUsed = 0;
    }
    const words = this.#sheet;
    const to = this.#sheetUsed;
    this.#sheetUsed += wordCount;
    let block = first;
    for (let at = to; at < this.#sheetUsed; at += blockWords) {
      const slab = this.#slabOf(block);
      const from = offsetOf(block) - at;
      const end = Math.min(at + blockWords, this.#sheetUsed);
      for (let i = at; i < end; i += 1) words[i] = slab[from + i] as number;
      block = this.#next[block] as number;
    }
    return new Uint8Array(words.buffer, 4 * to, byteCount);
  }

  delete(first: number): void {
    let last = first;
    for (let next = this.#next[last] ?? 0; next !== 0; next = this.#next[last] ?? 0) last = next;
    this.#next[last] = this.#free;
    this.#free = first;
  }

  #take(): number {
    if (this.#free === 0) this.#grow();
    const block = this.#free;
    this.#free = this.#next[block] ?? 0;
    return block;
  }

  /** The first slab begins small and doubles, so that the cache of a peer that holds little is little; the others are whole. */
  #grow(): void {
    const [first = new Uint32Array(0)] = this.#slabs;
    const from = this.#slabs.length > 1 || first.length === slabBlocks * blockWords ? this.#slabs.length * slabBlocks : first.length / blockWords;
    const to = from < slabBlocks ? Math.max(slabBlocksMin, 2 * from) : from + slabBlocks;
    if (from < slabBlocks) {
      const grown = new Uint32Array(to * blockWords);
      grown.set(first);
      this.#slabs[0] = grown;
    } else this.#slabs.push(new Uint32Array(slabBlocks * blockWords));
    while (to > this.#next.length) this.#next = twice(this.#next);
    for (let block = to - 1; block >= Math.max(1, from); block -= 1) {
      this.#next[block] = this.#free;
      this.#free = block;
    }
  }

  #slabOf(block: number): Uint32Array {
    return this.#slabs[block >>> slabShift] as Uint32Array;
  }
}

const slabShift = Math.log2(slabBlocks);
const offsetOf = (block: number): number => (block & (slabBlocks - 1)) * blockWords;

/** What is being put, as bytes and as words, in a place that serves for all. */
const inHand = new Uint32Array(blocksOf(objectBytesMax) * blockWords);
const inHandBytes = new Uint8Array(inHand.buffer);
