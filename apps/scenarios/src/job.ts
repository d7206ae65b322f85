/** One run of one variant with one seed, as another process carries it out and what it answers. */
import type { RunResult } from './experiment/result.js';
import type { Variant } from './scenario.js';

export interface Job extends Variant {
  readonly seed: number;
  readonly trace: string | null;
}

export interface JobDone {
  /** `null` if the run did not come to its end. */
  readonly result: RunResult | null;
  /** Why not. */
  readonly failure: string | null;
  /** Errors that nobody caught, and machines that threw. */
  readonly uncaught: number;
  /** Processor time of the run. */
  readonly cpuMs: number;
  /** The most memory its process had. */
  readonly residentBytes: number;
}
