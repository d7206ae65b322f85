/** Carries out jobs in processes of their own, some at a time; the answers come in the order of the jobs. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Job, JobDone } from './job.js';

/** 10,000 peers must fit. MiB. */
const heapMax = 8192;
/** What each of its datagrams makes is garbage at once: with room for more of it, less is looked through before it dies. A fifth of the time. MiB. */
const youngMax = 64;

const carryOut = (job: Job): Promise<JobDone> =>
  new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(new URL('one.js', import.meta.url)), { execArgv: [`--max-old-space-size=${heapMax}`, `--max-semi-space-size=${youngMax}`] });
    let done: JobDone | null = null;
    child.on('message', (message) => (done = message as JobDone));
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(done ?? { result: null, failure: `The process of the run ended with ${signal ?? code ?? 'nothing'}`, uncaught: 1, cpuMs: 0, residentBytes: 0 }));
    child.send(job);
  });

export const carryOutAll = async (jobs: readonly Job[], atOnce: number, onDone: (job: Job, done: JobDone) => void): Promise<readonly JobDone[]> => {
  const answers = new Array<JobDone>(jobs.length);
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < jobs.length; index = next++) {
      const job = jobs[index] as Job;
      const done = await carryOut(job);
      answers[index] = done;
      onDone(job, done);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, jobs.length) }, work));
  return answers;
};
