/** One run with one seed, as another process carries it out and what it answers. */
import type { Variant } from './scenario.js';
import type { World } from './survival/world.js';

/** A run of a plan. */
export interface ExperimentJob extends Variant {
  readonly seed: number;
  readonly trace: string | null;
}

/** A run of survival. */
export interface SurvivalJob {
  readonly world: World;
  readonly seed: number;
  readonly trace: string | null;
}

export type Job = ExperimentJob | SurvivalJob;

export interface JobDone<Result extends { readonly virtualMs: number }> {
  /** `null` if the run did not come to its end. */
  readonly result: Result | null;
  /** Why not. */
  readonly failure: string | null;
  /** Errors that nobody caught, and machines that threw. */
  readonly uncaught: number;
  /** Processor time of the run. */
  readonly cpuMs: number;
  /** The most memory its process had. */
  readonly residentBytes: number;
}
