/** What a scenario is: one or more plans to carry out with each seed, and what to tell of the results. */
import type { Mix } from './experiment/mix.js';
import type { Plan } from './experiment/plan.js';
import type { RunResult } from './experiment/result.js';
import type { Target } from './report/targets.js';

/** One plan on one mix. Plain values: another process carries it out. */
export interface Variant {
  /** What differs from the scenario's other variants; empty if there is one alone. */
  readonly label: string;
  readonly mix: Mix;
  readonly plan: Plan;
  /** Plain push to so many random neighbours instead of the mesh. */
  readonly fanOut?: number;
}

/** A variant's runs, one for each seed, in the order of seeds. */
export interface Outcome extends Variant {
  readonly runs: readonly RunResult[];
}

export interface Report {
  /** What `--json` prints after scenario, nodes and seeds. */
  readonly json: Readonly<Record<string, unknown>>;
  readonly text: string;
  readonly targets: readonly Target[];
}

export interface Scenario {
  readonly name: string;
  /** One line for the help. */
  readonly about: string;
  /** The world it is defined in. */
  readonly mix: Mix;
  /** What to run with a mix that options may have changed. */
  variants(mix: Mix): readonly Variant[];
  /** `replay` gives the command that runs one seed again. */
  report(outcomes: readonly Outcome[], replay: (seed: number) => string): Report;
}
