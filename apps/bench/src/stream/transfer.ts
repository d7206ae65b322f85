/**
 * One transfer between two fresh processes, and what it took. As a program it tells that as JSON: so a transfer can run where the
 * benchmark itself does not, in a namespace. usage: transfer.js way bytes host
 */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** How bytes go from one process to the other. */
export type Way = 'file' | 'bytes' | 'udx' | 'tcp' | 'sealed';

/** What an end tells in the end. */
export interface Ended {
  readonly kind: 'ended';
  /** How long it took, as the taker saw it. */
  readonly seconds: number | null;
  readonly cpuMs: number;
  readonly residentMegabytes: number;
}

export interface Run {
  readonly megabytesPerSecond: number;
  readonly cpuMsPerMegabyte: number;
  readonly residentMegabytes: number;
}

export const transfer = async (way: Way, bytes: number, host: string): Promise<Run> => {
  const start = (role: 'give' | 'take'): ChildProcess => fork(fileURLToPath(new URL('end.js', import.meta.url)), [way, role, String(bytes), host], { execArgv: [] });
  const [giver, taker] = [start('give'), start('take')];
  const ends = [giver, taker].map(async (child) => await ended(child, way));
  try {
    giver.on('message', (message: { readonly kind: string }) => message.kind === 'where' && taker.send(message));
    taker.on('message', ({ kind, where }: { readonly kind: string; readonly where: unknown }) => {
      if (kind === 'back') giver.send({ kind: 'where', where });
      if (kind === 'ended') giver.send({ kind: 'over' });
    });
    const [given, taken] = (await Promise.all(ends)) as [Ended, Ended];
    return {
      megabytesPerSecond: bytes / 1e6 / (taken.seconds ?? Number.NaN),
      cpuMsPerMegabyte: (given.cpuMs + taken.cpuMs) / (bytes / 1e6),
      residentMegabytes: Math.max(given.residentMegabytes, taken.residentMegabytes),
    };
  } finally {
    for (const child of [giver, taker]) child.kill();
  }
};

const ended = async (child: ChildProcess, way: Way): Promise<Ended> =>
  await new Promise((resolve, reject) => {
    child.on('message', (message: { readonly kind: string }) => {
      if (message.kind === 'ended') resolve(message as Ended);
    });
    child.on('exit', () => reject(new Error(`Cannot measure ${way}: one of its processes ended early`)));
  });

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [way, bytes, host] = process.argv.slice(2) as [Way, string, string];
  console.log(JSON.stringify(await transfer(way, Number(bytes), host)));
}
