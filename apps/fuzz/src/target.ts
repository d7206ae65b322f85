/** What is fed with hostile input. */
import type { Random } from '@srp/machine';

/** Something that reads bytes. One instance is fed input after input, so that state is attacked as well. */
export interface Target {
  /** True input, to begin from. */
  readonly corpus: readonly Uint8Array[];
  /** Takes one input. Throws when it does what it must never do. */
  feed(input: Uint8Array): void;
  /** Looks whether it still does its work; throws if it does not. Called now and then. */
  check?(): void;
}

/** Makes a target, all its randomness from `random`. */
export type MakeTarget = (random: Random) => Target;

/** Throws unless `holds`. */
export const must = (holds: boolean, what: string): void => {
  if (!holds) throw new Error(what);
};
