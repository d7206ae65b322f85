/**
 * Measuring candidates side by side: in every round each has one slice, in an order that turns, so that whatever else the
 * machine does falls on all alike. A sample is what one slice took for each operation.
 *
 * The clock is the CPU time of the whole process (user and system, the threads of garbage collector and compiler too), so
 * that a machine with other work to do measures the same. How long one waits is another question, for another clock.
 */

/** How long to look. */
export interface Effort {
  /** Samples of each candidate. */
  readonly rounds: number;
  readonly sliceMs: number;
  /** What each candidate runs before anything is kept, for the compiler to be done with it. */
  readonly warmMs: number;
}

/** About two seconds for each candidate, and more slices than a busy machine can spoil. */
export const full: Effort = { rounds: 201, sliceMs: 5, warmMs: 1000 };
/** It proves that a benchmark runs, and says nothing about speed. */
export const tiny: Effort = { rounds: 1, sliceMs: 0, warmMs: 0 };

/** What one slice took, in nanoseconds, and how often it did its operation. */
export interface Slice {
  readonly spentNs: number;
  readonly count: number;
}

/** One candidate: takes its slice. */
export type Candidate = () => Slice | Promise<Slice>;

/** CPU time of this process, in nanoseconds; the system counts it in microseconds. */
export const cpuClock = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1000;
};

/** What results go into, so that no compiler finds them unused. */
let sink = 0;
export const use = (value: number): void => {
  sink = (sink + value) | 0;
};

/** An operation that can be done over and over. It answers something of what it made. */
export const repeated = ({ sliceMs }: Effort, operation: () => number): Candidate => {
  let count = 1;
  return () => {
    const slice = { count, spentNs: -cpuClock() };
    for (let i = 0; i < count; i += 1) use(operation());
    slice.spentNs += cpuClock();
    count = nextCount(slice, sliceMs);
    return slice;
  };
};

/** The same for one that answers later. */
export const repeatedLater = ({ sliceMs }: Effort, operation: () => Promise<number>): Candidate => {
  let count = 1;
  return async () => {
    const slice = { count, spentNs: -cpuClock() };
    for (let i = 0; i < count; i += 1) use(await operation());
    slice.spentNs += cpuClock();
    count = nextCount(slice, sliceMs);
    return slice;
  };
};

/** An operation on things that serve once: they are made first, and that is not counted. */
export const eachOnce = <Item>(make: () => readonly Item[], operation: (item: Item) => number): Candidate => {
  return () => {
    const items = make();
    const slice = { count: items.length, spentNs: -cpuClock() };
    for (const item of items) use(operation(item));
    slice.spentNs += cpuClock();
    return slice;
  };
};

/** The samples of each candidate, round by round: nanoseconds for each operation. */
export const interleave = async <Name extends string>({ rounds, warmMs }: Effort, candidates: Readonly<Record<Name, Candidate>>): Promise<Readonly<Record<Name, readonly number[]>>> => {
  const names = Object.keys(candidates) as Name[];
  const samples = Object.fromEntries(names.map((name): [Name, number[]] => [name, []])) as Record<Name, number[]>;
  for (const name of names) {
    for (let warmedNs = 0; warmedNs < warmMs * 1e6; ) warmedNs += (await candidates[name]()).spentNs;
  }
  for (let round = 0; round < rounds; round += 1) {
    for (let turn = 0; turn < names.length; turn += 1) {
      const name = names[(turn + round) % names.length] as Name;
      const { spentNs, count } = await candidates[name]();
      samples[name].push(spentNs / count);
    }
  }
  // Nobody prints it, but nobody can know.
  if (sink === 0.5) console.error(sink);
  return samples;
};

/** As often as fills a slice, from what the last one took; never more than twice as often at once. */
const nextCount = ({ count, spentNs }: Slice, sliceMs: number): number =>
  Math.max(1, Math.min(2 * count, Math.round((count * sliceMs * 1e6) / Math.max(1, spentNs))));
