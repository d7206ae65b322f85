/** Feeds one target, for a time or a number of inputs, and says what went wrong. */
import { seededRandom } from '@srp/identity';
import { toHex, utf8 } from '@srp/machine';
import { nextInput } from './mutate.js';
import type { MakeTarget } from './target.js';

/** How often a target is looked at, in inputs. */
const checkEvery = 5_000;
/** An input that takes longer is a failure, in milliseconds. Far above what any takes, far below what an attacker would want. */
const inputLimitMs = 2_000;
/** How much memory may grow while a target is fed, in bytes: more than every bounded collection of a peer when full. */
const growthLimitBytes = 400_000_000;

export interface Limits {
  /** Milliseconds, or ... */
  readonly ms?: number;
  /** ... inputs. */
  readonly inputs?: number;
}

export interface Outcome {
  readonly inputs: number;
  readonly slowestMs: number;
  /** What went wrong, and the input that did it; `null` if nothing did. */
  readonly failure: { readonly what: string; readonly input: string; readonly number: number } | null;
}

/** The same seed feeds the same inputs in the same order. */
export const run = (name: string, make: MakeTarget, seed: number, { ms = Infinity, inputs = Infinity }: Limits): Outcome => {
  const random = seededRandom(seedBytes(`${seed} ${name}`));
  const target = make(random.fork('target'));
  const source = random.fork('inputs');
  const end = performance.now() + ms;
  const heapBefore = process.memoryUsage().heapUsed;
  let slowestMs = 0;
  let number = 0;
  let input: Uint8Array = new Uint8Array(0);
  try {
    for (; number < inputs && performance.now() < end; number += 1) {
      input = nextInput(source, target.corpus);
      const begun = performance.now();
      target.feed(input);
      const took = performance.now() - begun;
      slowestMs = Math.max(slowestMs, took);
      if (took > inputLimitMs) throw new Error(`one input took ${Math.round(took)} ms`);
      if (number % checkEvery === checkEvery - 1) target.check?.();
    }
    target.check?.();
    const grown = process.memoryUsage().heapUsed - heapBefore;
    if (grown > growthLimitBytes) throw new Error(`memory grew by ${Math.round(grown / 1e6)} MB`);
  } catch (error) {
    return { inputs: number, slowestMs, failure: { what: error instanceof Error ? (error.stack ?? error.message) : String(error), input: toHex(input), number } };
  }
  return { inputs: number, slowestMs, failure: null };
};

const seedBytes = (text: string): Uint8Array => {
  const bytes = new Uint8Array(32);
  bytes.set(utf8(text).subarray(0, 32));
  return bytes;
};
