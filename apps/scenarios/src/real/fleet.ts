/**
 * Processes with one peer each, on loopback. Whatever happens, none outlives the process that started it: they end when their
 * channel to it closes, and it kills them when it fails or is told to stop.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Begin, sharedClockMs, type Told } from './calls.js';
import type { RealPlan } from './plan.js';
import type { PeerRecord } from './result.js';

/** Between the moment at which all processes wait for the plan and its start. */
const leadMs = 500;

/** Signals that end a program; all of them reap the processes first. */
const endings = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Carries out a plan with one process for each peer and introducer; `onStart` is told their ids. Rejects if one of them fails. */
export const runReal = async (plan: RealPlan, onStart: (pids: readonly (number | undefined)[]) => void = () => undefined): Promise<readonly PeerRecord[]> => {
  const worker = fileURLToPath(new URL('worker.js', import.meta.url));
  const roles = [...Array<string>(plan.introducers).fill('introducer'), ...plan.peers.map(() => 'peer')];
  const processes = roles.map((role) => fork(worker, [role], { execArgv: [] }));
  const kill = (): void => {
    for (const one of processes) one.kill('SIGKILL');
  };
  const stop = (signal: NodeJS.Signals): void => {
    kill();
    process.kill(process.pid, signal); // the handler is gone: it ends this program as it would have
  };
  for (const signal of endings) process.once(signal, stop);
  try {
    onStart(processes.map(({ pid }) => pid));
    const addresses = (await all(processes, 'ready')).flatMap(({ address }) => address ?? []);
    const records = all(processes, 'done');
    const startAtMs = sharedClockMs() + leadMs;
    for (const [index, one] of processes.entries()) {
      const self = index < plan.introducers ? null : index - plan.introducers;
      one.send({ plan, self, introducers: addresses.filter((_, other) => other !== index), startAtMs } satisfies Begin);
    }
    return (await records).map(({ record }) => record);
  } finally {
    kill();
    await Promise.all(processes.map(ended));
    for (const signal of endings) process.off(signal, stop);
  }
};

/** What all processes tell of one kind; rejects when one ends before. */
const all = <Kind extends Told['kind']>(processes: readonly ChildProcess[], kind: Kind): Promise<readonly Extract<Told, { kind: Kind }>[]> =>
  Promise.all(
    processes.map(
      (one, index) =>
        new Promise<Extract<Told, { kind: Kind }>>((resolve, reject) => {
          one.on('message', (told: Told) => {
            if (told.kind === kind) resolve(told as Extract<Told, { kind: Kind }>);
          });
          one.on('error', reject);
          one.on('exit', (code, signal) => reject(new Error(`Cannot compare: the process of peer ${index} ended with ${signal ?? String(code)}`)));
        }),
    ),
  );

const ended = (one: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (one.pid === undefined || one.exitCode !== null || one.signalCode !== null) resolve();
    else one.once('exit', () => resolve());
  });
