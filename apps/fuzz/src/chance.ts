/**
 * What decides at random in the fuzzer: fast, not secret, and fixed by a seed and a label, so that each case can be made again
 * without those before it. sfc32 by Chris Doty-Humphrey (PractRand).
 */
import { readU32, utf8 } from '@srp/machine';
import { suite } from '@srp/identity';

export class Chance {
  readonly #state: Uint32Array;

  /** The generator of a seed and a label. */
  constructor(seed: number, label: string) {
    const hash = suite.sha256(utf8(`${seed} ${label}`));
    this.#state = Uint32Array.of(readU32(hash, 0), readU32(hash, 4), readU32(hash, 8), 1);
    for (let i = 0; i < 12; i += 1) this.word();
  }

  /** A uniform integer, 0..2^32 - 1. */
  word(): number {
    const state = this.#state;
    const [a = 0, b = 0, c = 0, counter = 0] = state;
    const drawn = (a + b + counter) >>> 0;
    state[3] = counter + 1;
    state[0] = b ^ (b >>> 9);
    state[1] = c + (c << 3);
    state[2] = ((c << 21) | (c >>> 11)) + drawn;
    return drawn;
  }

  /** 0 <= n < limit; as good as uniform for the small limits that are used here. */
  below(limit: number): number {
    return Math.floor((this.word() / 0x1_0000_0000) * limit);
  }

  /** True once in `n`. */
  oneIn(n: number): boolean {
    return this.below(n) === 0;
  }

  pick<Item>(from: readonly Item[]): Item {
    if (from.length === 0) throw new RangeError('Cannot pick: there is nothing to pick from');
    return from[this.below(from.length)] as Item;
  }

  bytes(count: number): Uint8Array {
    const bytes = new Uint8Array(count);
    for (let i = 0; i < count; i += 1) bytes[i] = this.word() >>> 24;
    return bytes;
  }
}
