/** Something that reads what strangers or disks give it. */
import type { Chance } from './chance.js';

export interface Target {
  readonly name: string;
  /** Inputs of one case: one for a codec, many for something whose state they change. */
  readonly inputsPerCase: number;
  /** Longest time for one input, milliseconds, on a machine that does nothing else. */
  readonly inputMsMax: number;
  /** Most memory that a case may leave behind in what it was fed to, bytes. */
  readonly grownBytesMax: number;
  /** A hostile input. */
  make(chance: Chance): Uint8Array;
  /** Something to feed, the same at each call. */
  open(): Subject | Promise<Subject>;
}

/** What is fed. */
export interface Subject {
  /** Throws, or rejects, only for a failure: whatever the input is, to refuse it is right. */
  feed(input: Uint8Array): void | Promise<void>;
  /** Throws unless it still does its work. */
  check(): void | Promise<void>;
  close?(): Promise<void>;
}

/** A codec: nothing is left of one input when the next one comes. */
export const codec = (name: string, make: (chance: Chance) => Uint8Array, feed: (input: Uint8Array) => void, check: () => void): Target => ({
  name,
  inputsPerCase: 2000,
  inputMsMax: 50,
  grownBytesMax: 4 * 1024 * 1024,
  make,
  open: () => ({ feed, check }),
});
