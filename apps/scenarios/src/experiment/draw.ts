/** Draws from a generator, as the world's description words them. */
import type { Random } from '@srp/machine';

const limit = 2 ** 32;

/** Uniform, 0 <= x < 1. */
export const share = (random: Random): number => random.below(limit) / limit;

/** Uniform in a range. */
export const uniform = (random: Random, from: number, to: number): number => from + share(random) * (to - from);

/** One member of a list that is not empty. */
export const pick = <Item>(random: Random, items: readonly Item[]): Item => items[random.below(items.length)] as Item;

/**
 * Exponential with mean 1, by comparisons alone (von Neumann, 1951): of numbers drawn until one is not below the one before, the first
 * counts if their run was of odd length; else 1 is added, and it begins again. Math.log may differ in its last bit between machines.
 */
export const exponential = (random: Random): number => {
  for (let whole = 0; ; whole += 1) {
    const first = random.below(limit);
    let isOdd = true;
    for (let last = first, next = random.below(limit); next < last; last = next, next = random.below(limit)) isOdd = !isOdd;
    if (isOdd) return whole + first / limit;
  }
};

/** The times of a Poisson process of `perMs` events a millisecond. */
export const poisson = (random: Random, fromMs: number, toMs: number, perMs: number): readonly number[] => {
  const times: number[] = [];
  if (perMs <= 0) return times;
  for (let at = fromMs; ; ) {
    at += exponential(random) / perMs;
    if (at >= toMs) return times;
    times.push(at);
  }
};
