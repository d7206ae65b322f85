/** A hash of 8 bytes that depends on a secret, so that nobody can choose ids that crowd in one place of a table. */
import type { Random } from '@srp/machine';

/** Two words in, one out; a table takes its low bits. */
export type KeyedHash = (low: number, high: number) => number;

/** A hash with a key of its own. */
export const keyedHash = (random: Random): KeyedHash => {
  // Odd, to multiply with. The hash holds on to these, and not to where they came from.
  const [a = 1, b = 1, c = 1, d = 1] = Array.from({ length: 4 }, () => random.below(0x1_0000_0000) | 1);
  return hashWith(a, b, c, d);
};

const hashWith =
  (a: number, b: number, c: number, d: number): KeyedHash =>
  (low, high) => {
    let mixed = Math.imul(low ^ b, a) ^ Math.imul(high ^ d, c);
    mixed = Math.imul(mixed ^ (mixed >>> 15), a);
    mixed = Math.imul(mixed ^ (mixed >>> 13), c);
    return (mixed ^ (mixed >>> 16)) >>> 0;
  };

/** Eight digits of a hex string, from `at`, as a number. */
export const wordAt = (hex: string, at: number): number => {
  let word = 0;
  for (let i = at; i < at + 8; i += 1) {
    const code = hex.charCodeAt(i);
    word = (word << 4) | (code < 0x40 ? code - 0x30 : code - 0x57); // 0..9, a..f
  }
  return word >>> 0;
};
