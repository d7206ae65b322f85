/** The randomness of the operating system as a {@link Random}. */
import { randomFillSync } from 'node:crypto';
import type { Random } from '@srp/machine';
import { wordsDrawnAtOnce } from '../constants.js';
import { checkCount, uniformBelow } from '../random.js';

const bytes = (count: number): Uint8Array => {
  checkCount(count);
  return randomFillSync(new Uint8Array(count));
};

const words = new Uint32Array(wordsDrawnAtOnce);
let usedWords = wordsDrawnAtOnce;

const word = (): number => {
  if (usedWords === wordsDrawnAtOnce) {
    randomFillSync(words);
    usedWords = 0;
  }
  const drawn = words[usedWords] ?? 0;
  words[usedWords] = 0;
  usedWords += 1;
  return drawn;
};

/**
 * Random bytes that are never kept: each call asks OpenSSL's generator, which the operating system seeds and reseeds.
 * Numbers, which a peer draws several of for each object to choose and to spread its doings, are drawn some hundred at a
 * time: asking for four bytes takes 1.6 us. A fork is itself, since nothing here is fixed by a seed.
 */
export const systemRandom = (): Random => {
  const random: Random = { bytes, below: (limit) => uniformBelow(word, limit), fork: () => random };
  return random;
};
