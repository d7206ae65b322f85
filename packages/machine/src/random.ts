/**
 * Randomness as a constructor argument. A driver makes one generator from 32 random bytes, a test from a
 * fixed seed; each child machine gets a fork, so that one seed fixes a whole network.
 *
 * The generator itself lives in `@srp/identity` (`seededRandom`), because it must be good enough for keys.
 */

/** A deterministic, cryptographically strong source of random bytes. */
export interface Random {
  /** `count` fresh bytes. */
  bytes(count: number): Uint8Array;
  /** A uniform integer, 0 <= n < `limit` <= 2^32. */
  below(limit: number): number;
  /** An independent generator, fixed by this one's seed, the forks made before it, and `label`. */
  fork(label: string): Random;
}

/** `count` different members of `from` (all of it, if it has fewer), in random order. `from` is not changed. */
export const sample = <Item>(random: Random, from: readonly Item[], count: number): Item[] => {
  const pool = [...from];
  const taken = Math.min(count, pool.length);
  for (let i = 0; i < taken; i += 1) {
    const j = i + random.below(pool.length - i);
    const picked = pool[j] as Item;
    pool[j] = pool[i] as Item;
    pool[i] = picked;
  }
  return pool.slice(0, taken);
};

/** `ms` moved by a uniform share of at most `share` up or down, so that peers do not act in step. */
export const jittered = (random: Random, ms: number, share: number): number =>
  ms * (1 + share * ((2 * random.below(0x1_0000_0000)) / 0xffff_ffff - 1));
