/**
 * The indices under which datagrams reach us: random, so that whoever guesses hits nothing, and one space for
 * sessions and handshakes, so that a datagram costs one look-up.
 */
import { type Random, readU32 } from '@srp/machine';
import type { SessionIndex } from './codec.js';
import { indexBytes } from './constants.js';

export class IndexSpace<Owner> {
  readonly #random: Random;
  readonly #owners = new Map<SessionIndex, Owner>();

  constructor(random: Random) {
    this.#random = random;
  }

  get size(): number {
    return this.#owners.size;
  }

  /** Gives `owner` an index that nothing else has, never 0. */
  claim(owner: Owner): SessionIndex {
    for (;;) {
      const index = readU32(this.#random.bytes(indexBytes), 0);
      if (index === 0 || this.#owners.has(index)) continue;
      this.#owners.set(index, owner);
      return index;
    }
  }

  get(index: SessionIndex): Owner | undefined {
    return this.#owners.get(index);
  }

  /** Hands an index on to another owner. */
  reassign(index: SessionIndex, owner: Owner): void {
    this.#owners.set(index, owner);
  }

  release(index: SessionIndex): void {
    this.#owners.delete(index);
  }
}
