/** Carries out one job in a process of its own, and sends what came of it. Started by jobs.ts. */
import { SimError } from '@srp/sim';
import { Experiment } from './experiment/experiment.js';
import type { RunResult } from './experiment/result.js';
import type { Job, JobDone } from './job.js';
import { endWithParent } from './orphan.js';
import type { SurvivalResult } from './survival/result.js';
import { Survival } from './survival/survival.js';

type Result = RunResult | SurvivalResult;

const tell = (ended: Pick<JobDone<Result>, 'result' | 'failure' | 'uncaught'>): void => {
  const { user, system } = process.cpuUsage();
  const done: JobDone<Result> = { ...ended, cpuMs: (user + system) / 1000, residentBytes: process.resourceUsage().maxRSS * 1024 };
  process.send?.(done, () => process.exit(0));
};

const carryOut = ({ trace, ...job }: Job): Result => ('world' in job ? new Survival({ ...job, onHour: tellHour(job.seed) }) : new Experiment(job)).run(trace ?? undefined);

/** A day takes minutes, in which somebody waits. */
const tellHour =
  (seed: number) =>
  (hour: number, alive: number, of: number): void =>
    console.error(`seed ${seed}: ${hour} h, ${alive} of ${of} packets alive`);

/** A broken invariant is told in its own words; a machine that threw counts as an error that nobody caught, as does any other. */
const fail = (error: unknown): void => {
  const broken = error instanceof SimError && error.code === 'INVARIANT_BROKEN' ? error : null;
  const failure = broken?.message ?? (error instanceof Error ? (error.stack ?? error.message) : String(error));
  tell({ result: null, failure, uncaught: broken === null || broken.invariant === 'never-throws' ? 1 : 0 });
};

endWithParent();
process.on('uncaughtException', fail);
process.once('message', (job) => tell({ result: carryOut(job as Job), failure: null, uncaught: 0 }));
