/** Carries out jobs in processes of their own, some at a time; the answers come in the order of the jobs. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Job, JobDone } from './job.js';
import { rounded, sum } from './report/summary.js';

/** 10,000 peers must fit into 8 GB with all that is outside of the heap. MiB. */
const heapMax = 6656;
/** What each of its datagrams makes is garbage at once: with room for more of it, less is looked through before it dies. A fifth of the time. MiB. */
const youngMax = 128;
/** Several runs share the cores, so threads that help to collect garbage only get into each other's way: an eighth of the time. */
const execArgv = [`--max-old-space-size=${heapMax}`, `--max-semi-space-size=${youngMax}`, '--single-threaded-gc'];
/** Peers that come and go for a day leave holes everywhere: with 10,000 the heap became twice what is in it. */
const survivalArgv = [...execArgv, '--compact-on-every-full-gc'];

interface Timed {
  readonly virtualMs: number;
  /** The part of it that counts, if not all does. */
  readonly steady?: { readonly virtualMs: number; readonly cpuMs: number } | null;
}

const carryOut = <Result extends Timed>(job: Job): Promise<JobDone<Result>> =>
  new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(new URL('one.js', import.meta.url)), { execArgv: 'world' in job ? survivalArgv : execArgv });
    let done: JobDone<Result> | null = null;
    child.on('message', (message) => (done = message as JobDone<Result>));
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(done ?? { result: null, failure: `The process of the run ended with ${signal ?? code ?? 'nothing'}`, uncaught: 1, cpuMs: 0, residentBytes: 0 }));
    child.send(job);
  });

export const carryOutAll = async <Of extends Job, Result extends Timed>(jobs: readonly Of[], atOnce: number, onDone: (job: Of, done: JobDone<Result>) => void): Promise<readonly JobDone<Result>[]> => {
  const answers = new Array<JobDone<Result>>(jobs.length);
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < jobs.length; index = next++) {
      const job = jobs[index] as Of;
      const done = await carryOut<Result>(job);
      answers[index] = done;
      onDone(job, done);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, jobs.length) }, work));
  return answers;
};

/** Virtual seconds for each second of processor time: what one core that does nothing else gets through in a second, at rest where a scenario says when that is. */
export const speedOf = (done: readonly JobDone<Timed>[]): number => {
  const times = done.flatMap(({ result, cpuMs }) => (result === null ? [] : (result.steady ?? { virtualMs: result.virtualMs, cpuMs })));
  const cpuMs = sum(times.map((one) => one.cpuMs));
  return cpuMs === 0 ? 0 : rounded(sum(times.map(({ virtualMs }) => virtualMs)) / cpuMs, 2);
};
