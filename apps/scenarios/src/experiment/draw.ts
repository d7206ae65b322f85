/** Draws from a generator, as the world's description words them. */
import type { Random } from '@srp/machine';

const limit = 2 ** 32;

/** Uniform, 0 <= x < 1. */
export const share = (random: Random): number => random.below(limit) / limit;

/** Uniform in a range. */
export const uniform = (random: Random, from: number, to: number): number => from + share(random) * (to - from);

/** One member of a list that is not empty. */
export const pick = <Item>(random: Random, items: readonly Item[]): Item => items[random.below(items.length)] as Item;

/** The times of a Poisson process of `perMs` events a millisecond. */
export const poisson = (random: Random, fromMs: number, toMs: number, perMs: number): readonly number[] => {
  const times: number[] = [];
  if (perMs <= 0) return times;
  for (let at = fromMs; ; ) {
    at -= Math.log(1 - share(random)) / perMs;
    if (at >= toMs) return times;
    times.push(at);
  }
};
