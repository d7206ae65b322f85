/** One printed seed for the random tests of a file; `SRP_SEED=n` repeats a run. */
import fc from 'fast-check';

/** Prints and sets the seed. Call it first in a file with random tests. */
export const printSeed = (): number => {
  const seed = Number(process.env['SRP_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
  fc.configureGlobal({ seed });
  console.log(`  seed ${seed}`);
  return seed;
};
