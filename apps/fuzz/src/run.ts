/**
 * Feeds targets in turn. A case is one subject and the inputs it is fed; case n of a target follows from the seed, the
 * target and n alone.
 *
 * What is a failure: an input throws; an input takes too long, three times in a row; the subject no longer does its work
 * afterwards; it holds more memory than it may; the process does.
 */
import { Chance } from './chance.js';
import type { Case } from './replay.js';
import type { Subject, Target } from './target.js';

export interface RunOptions {
  readonly targets: readonly Target[];
  readonly seed: number;
  /** When to stop: after so many cases of each target, or when `now` reaches `end`. */
  readonly until: { readonly cases: number } | { readonly end: number };
  readonly now: () => number;
  /** Processor time that this process has used, ms: how long an input takes must not depend on what else the machine does. */
  readonly cpu: () => number;
  /** A full collection of garbage. */
  readonly collect: () => void;
}

/** What was found wrong. */
export interface Failure extends Case {
  readonly what: string;
}

export interface Report {
  readonly failure: Failure | null;
  /** Inputs of each target. */
  readonly inputCounts: ReadonlyMap<string, number>;
  /** The longest that one input took, ms, by target. */
  readonly slowestMs: ReadonlyMap<string, number>;
}

/** Times a slow input is tried again before it counts: garbage may have been collected in it. */
const slowTries = 3;
/** Most that the heap may have grown from the end of the first round to the end of any later one, bytes. */
const processGrownBytesMax = 64 * 1024 * 1024;

export const run = async (options: RunOptions): Promise<Report> => {
  const { targets, seed, until, now, cpu, collect } = options;
  const inputCounts = new Map<string, number>();
  const slowestMs = new Map<string, number>();
  let firstHeap: number | null = null;
  for (let round = 0; 'cases' in until ? round < until.cases : now() < until.end; round += 1) {
    for (const target of targets) {
      if ('end' in until && round > 0 && now() >= until.end) break;
      const inputs = inputsOf(target, seed, round);
      const outcome = await attempt(target, inputs, { cpu, collect });
      inputCounts.set(target.name, (inputCounts.get(target.name) ?? 0) + outcome.fedCount);
      slowestMs.set(target.name, Math.max(slowestMs.get(target.name) ?? 0, outcome.slowestMs));
      if (outcome.what === null) continue;
      const fed = inputs.slice(0, outcome.fedCount);
      // What grows little by little is told by the whole case alone.
      const failure = outcome.kind === 'growth' ? { target: target.name, inputs: fed, what: outcome.what } : await shrunk(target, fed, outcome.what, { cpu, collect });
      return { failure, inputCounts, slowestMs };
    }
    collect();
    const heap = process.memoryUsage().heapUsed;
    firstHeap ??= heap;
    if (heap - firstHeap > processGrownBytesMax) {
      return { failure: { target: targets.map(({ name }) => name).join(' '), inputs: [], what: `the process holds ${megabytes(heap - firstHeap)} more than after the first round, at round ${round} of seed ${seed}` }, inputCounts, slowestMs };
    }
  }
  return { failure: null, inputCounts, slowestMs };
};

/** Feeds a case to a fresh subject; answers what is wrong, or `null`. */
export const replay = async (target: Target, inputs: readonly Uint8Array[], tools: Pick<RunOptions, 'cpu' | 'collect'>): Promise<string | null> =>
  (await attempt(target, inputs, tools)).what;

const inputsOf = (target: Target, seed: number, round: number): readonly Uint8Array[] => {
  const chance = new Chance(seed, `${target.name} ${round}`);
  return Array.from({ length: target.inputsPerCase }, () => target.make(chance));
};

interface Outcome {
  readonly kind: 'good' | 'slow' | 'growth' | 'wrong';
  /** What is wrong, or `null`. */
  readonly what: string | null;
  /** Inputs that were fed, the one that failed too. */
  readonly fedCount: number;
  readonly slowestMs: number;
}

const attempt = async (target: Target, inputs: readonly Uint8Array[], tools: Pick<RunOptions, 'cpu' | 'collect'>): Promise<Outcome> => {
  let outcome = await attemptOnce(target, inputs, tools);
  for (let tries = 1; tries < slowTries && outcome.kind === 'slow'; tries += 1) outcome = await attemptOnce(target, inputs, tools);
  return outcome;
};

const attemptOnce = async (target: Target, inputs: readonly Uint8Array[], { cpu, collect }: Pick<RunOptions, 'cpu' | 'collect'>): Promise<Outcome> => {
  const subject = await target.open();
  collect();
  const heapBefore = process.memoryUsage().heapUsed;
  let fedCount = 0;
  let slowestMs = 0;
  const ended = (kind: Outcome['kind'], what: string | null): Outcome => ({ kind, what, fedCount, slowestMs });
  try {
    for (const input of inputs) {
      fedCount += 1;
      const start = cpu();
      const pending = subject.feed(input);
      if (pending !== undefined) await pending;
      const spentMs = cpu() - start;
      slowestMs = Math.max(slowestMs, spentMs);
      if (spentMs > target.inputMsMax) return ended('slow', `an input took ${spentMs.toFixed(0)} ms, more than ${target.inputMsMax}`);
    }
    await subject.check();
    collect();
    const grown = process.memoryUsage().heapUsed - heapBefore;
    if (grown > target.grownBytesMax) return ended('growth', `${megabytes(grown)} are held after the case, more than ${megabytes(target.grownBytesMax)}`);
    return ended('good', null);
  } catch (error) {
    return ended('wrong', textOf(error));
  } finally {
    await close(subject);
  }
};

/** The same failure, or another one, of as few of these inputs as can be found by leaving out ever smaller runs of them. */
const shrunk = async (target: Target, inputs: readonly Uint8Array[], what: string, tools: Pick<RunOptions, 'cpu' | 'collect'>): Promise<Failure> => {
  let kept = inputs;
  let why = what;
  const end = tools.cpu() + shrinkMs;
  for (let run = Math.ceil(kept.length / 2); run >= 1 && kept.length > 1; run = run === 1 ? 0 : Math.ceil(run / 2)) {
    for (let start = 0; start < kept.length && kept.length > 1 && tools.cpu() < end; ) {
      const fewer = [...kept.slice(0, start), ...kept.slice(start + run)];
      const { what: still } = fewer.length === 0 ? { what: null } : await attempt(target, fewer, tools);
      if (still === null) start += run;
      else {
        kept = fewer;
        why = still;
      }
    }
  }
  return { target: target.name, inputs: kept, what: why };
};

/** Longest time spent on making a failure smaller. */
const shrinkMs = 20_000;

const close = async (subject: Subject): Promise<void> => {
  await subject.close?.();
};

const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
const textOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : `something that is no Error was thrown: ${String(error)}`);
