/**
 * Question: how fast does a file, and a stream of bytes, go from one process to another?
 *
 * Method: two fresh processes for each run, over loopback; ours, the peer and the floor in turn. `stream/file` shares a file of 256 MiB of random
 * bytes and fetches it, encrypted, each kilobyte checked, read from a disk and written to one; `stream/bytes` writes as much into a stream.
 * The peer is udx-native, streams over UDP in C++, which neither encrypts nor checks; the floor is TCP with node:net. Megabytes of 10^6 bytes
 * a second, from the question to the last byte, so more is better here. Beside it, for both ends together, milliseconds of CPU for a megabyte,
 * and the most memory that one of the two took, in megabytes of 2^20 bytes.
 *
 * Limits: it reads the clock of the wall: run it on an idle machine, or believe the CPU. What a disk does is in `stream/file`.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Effort } from '../measure.js';
import { finding, type Finding, quantile } from '../row.js';

/** How bytes go from one process to the other. */
export type Way = 'file' | 'bytes' | 'udx' | 'tcp';

/** What an end tells in the end. */
export interface Ended {
  readonly kind: 'ended';
  /** How long it took, as the taker saw it. */
  readonly seconds: number | null;
  readonly cpuMs: number;
  readonly residentMegabytes: number;
}

interface Run {
  readonly megabytesPerSecond: number;
  readonly cpuMsPerMegabyte: number;
  readonly residentMegabytes: number;
}

/** Of all rounds, what two minutes allow. */
const roundShare = 67;

export const run = async ({ rounds, sliceMs }: Effort): Promise<readonly Finding[]> => {
  const bytes = sliceMs === 0 ? 1024 * 1024 : 256 * 1024 * 1024;
  const runs: Record<Way, Run[]> = { file: [], bytes: [], udx: [], tcp: [] };
  const hasUdx = await import('udx-native').then(() => true, () => false);
  for (let round = 0; round < Math.max(1, Math.floor(rounds / roundShare)); round += 1) {
    for (const way of ['file', 'udx', 'bytes', 'tcp'] as const) if (way !== 'udx' || hasUdx) runs[way].push(await transfer(way, bytes));
  }
  const speeds = (way: Way): number[] => runs[way].map(({ megabytesPerSecond }) => megabytesPerSecond);
  const medians = (figure: keyof Run, way: Way) => ({ ours: median(runs[way], figure), peer: median(runs.udx, figure), floor: median(runs.tcp, figure) });
  return (['file', 'bytes'] as const).map((way) =>
    finding(
      {
        name: `stream/${way}`,
        unit: 'MB/s',
        isMoreBetter: true,
        target: { toPeerMin: 0.5 },
        extra: { cpuMsPerMB: medians('cpuMsPerMegabyte', way), memoryMB: medians('residentMegabytes', way) },
        remarks: hasUdx ? [] : ['UDX-NATIVE CANNOT BE LOADED HERE: there is no peer'],
      },
      { ours: speeds(way), peer: hasUdx ? { name: 'udx-native 1.21.1, in the clear', samples: speeds('udx') } : null, floor: { name: 'TCP by node:net, in the clear', samples: speeds('tcp') } },
    ),
  );
};

const median = (runs: readonly Run[], figure: keyof Run): number => (runs.length === 0 ? 0 : quantile(runs.map((one) => one[figure]), 0.5));

const transfer = async (way: Way, bytes: number): Promise<Run> => {
  const start = (role: 'give' | 'take'): ChildProcess => fork(fileURLToPath(new URL('end.js', import.meta.url)), [way, role, String(bytes)], { execArgv: [] });
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
