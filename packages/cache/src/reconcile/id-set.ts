/**
 * The short ids of a topic as sorted numbers: 8 bytes each, a digest that says whether two sets are the same, and no
 * object for any of them. SPEC, Cache negotiation.
 */
import { suite } from '@srp/identity';
import { toHex } from '@srp/machine';
import { syncDigestBytes } from '../constants.js';
import { wordAt } from '../keyed-hash.js';
import { found } from './cells.js';

/** Which half of a 64-bit number comes first in this machine's memory. */
const lowFirst = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;
const [lowAt, highAt] = lowFirst ? [0, 1] : [1, 0];
/** Room for so many more ids before the arrays are made anew. */
const spare = 256;

/** A set of short ids. */
export class IdSet {
  #size: number;
  #high: Uint32Array;
  #low: Uint32Array;
  #digest: string | null = null;

  /** `ids`: short or whole, in any order; one that is there twice counts once. */
  constructor(ids: readonly string[]) {
    const numbers = new BigUint64Array(ids.length);
    const halves = new Uint32Array(numbers.buffer);
    for (let at = 0; at < ids.length; at += 1) {
      const id = ids[at] as string;
      halves[2 * at + highAt] = wordAt(id, 0);
      halves[2 * at + lowAt] = wordAt(id, 8);
    }
    numbers.sort();
    this.#high = new Uint32Array(ids.length + spare);
    this.#low = new Uint32Array(ids.length + spare);
    let size = 0;
    for (let at = 0; at < halves.length; at += 2) {
      const high = halves[at + highAt] as number;
      const low = halves[at + lowAt] as number;
      if (size > 0 && this.#high[size - 1] === high && this.#low[size - 1] === low) continue;
      this.#high[size] = high;
      this.#low[size] = low;
      size += 1;
    }
    this.#size = size;
  }

  get size(): number {
    return this.#size;
  }

  /** The upper halves, ascending; a live view of `size` of them, as is `low`. */
  get high(): Uint32Array {
    return this.#high;
  }

  get low(): Uint32Array {
    return this.#low;
  }

  has(high: number, low: number): boolean {
    return found(this, high, low, this.#size) >= 0;
  }

  /** False if it was there. */
  add(high: number, low: number): boolean {
    const at = -1 - found(this, high, low, this.#size);
    if (at < 0) return false;
    if (this.#size === this.#high.length) {
      this.#high = grown(this.#high);
      this.#low = grown(this.#low);
    }
    this.#shift(at, at + 1);
    this.#high[at] = high;
    this.#low[at] = low;
    this.#size += 1;
    return true;
  }

  /** False if it was not there. */
  remove(high: number, low: number): boolean {
    const at = found(this, high, low, this.#size);
    if (at < 0) return false;
    this.#shift(at + 1, at);
    this.#size -= 1;
    return true;
  }

  /** The front of the SHA-256 of all ids in ascending order, in hex: nobody makes two sets with one digest. */
  digest(): string {
    if (this.#digest !== null) return this.#digest;
    const bytes = new Uint8Array(8 * this.#size);
    const view = new DataView(bytes.buffer);
    for (let at = 0; at < this.#size; at += 1) {
      view.setUint32(8 * at, this.#high[at] as number);
      view.setUint32(8 * at + 4, this.#low[at] as number);
    }
    this.#digest = toHex(suite.sha256(bytes).subarray(0, syncDigestBytes));
    return this.#digest;
  }

  #shift(from: number, to: number): void {
    this.#digest = null;
    this.#high.copyWithin(to, from, this.#size);
    this.#low.copyWithin(to, from, this.#size);
  }
}

const grown = (numbers: Uint32Array): Uint32Array => {
  const more = new Uint32Array(numbers.length + Math.max(spare, numbers.length >>> 2));
  more.set(numbers);
  return more;
};
