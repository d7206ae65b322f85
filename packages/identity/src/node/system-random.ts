/** The randomness of the operating system as a {@link Random}. */
import { randomFillSync } from 'node:crypto';
import type { Random } from '@srp/machine';
import { checkCount, uniformBelow } from '../random.js';

const bytes = (count: number): Uint8Array => {
  checkCount(count);
  return randomFillSync(new Uint8Array(count));
};

/**
 * Random bytes that are never kept: each call asks OpenSSL's generator, which the operating system seeds and reseeds.
 * A fork of it is itself, since nothing here is fixed by a seed.
 */
export const systemRandom = (): Random => {
  const random: Random = { bytes, below: (limit) => uniformBelow(bytes, limit), fork: () => random };
  return random;
};
