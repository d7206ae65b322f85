/** A hash of 8 bytes that depends on a secret, so that nobody can choose ids that crowd in one place of a table. */
import type { Random } from '@srp/machine';

/** Two words in, one out; a table takes its low bits. */
export type KeyedHash = (low: number, high: number) => number;

/** A hash with a key of its own. */
export const keyedHash = (random: Random): KeyedHash => {
  const draw = (): number => random.below(0x1_0000_0000) | 1; // odd, to multiply with
  const [a, b, c, d] = [draw(), draw(), draw(), draw()];
  return (low, high) => {
    let mixed = Math.imul(low ^ b, a) ^ Math.imul(high ^ d, c);
    mixed = Math.imul(mixed ^ (mixed >>> 15), a);
    mixed = Math.imul(mixed ^ (mixed >>> 13), c);
    return (mixed ^ (mixed >>> 16)) >>> 0;
  };
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
