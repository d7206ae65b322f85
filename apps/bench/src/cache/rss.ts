/**
 * Question: how much memory does a process take for a full cache?
 *
 * Method: in each run three fresh processes side by side, which do the same work, collect garbage now and then until V8 has
 * given back what it does not use (some ten seconds), and tell their resident set: one that keeps 80 000 objects of 534 bytes in
 * a cache of 16 MiB, where most of them make others go; one that makes the objects and keeps none; the floor keeps one buffer
 * of the size of the budget. Megabytes of 2^20 bytes beyond the one that keeps none.
 * Limits: a resident set differs by a megabyte or two from process to process.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Effort } from '../measure.js';
import { finding, type Finding } from '../row.js';
import type { Keeps } from './keeper.js';

/** Of all rounds, what is enough for a number that hardly varies. */
const roundShare = 40;
const settleMs = 12_000;

export const run = async ({ rounds, sliceMs }: Effort): Promise<readonly Finding[]> => {
  const effort = sliceMs === 0 ? { objects: 10_000, settle: 1 } : { objects: 80_000, settle: settleMs };
  const [ours, floor]: [number[], number[]] = [[], []];
  for (let round = 0; round < Math.max(1, Math.floor(rounds / roundShare)); round += 1) {
    const resident = await Promise.all((['cache', 'nothing', 'buffer'] as const).map(async (what) => residentMegabytes(what, effort)));
    const [cache = Number.NaN, nothing = Number.NaN, buffer = Number.NaN] = resident;
    ours.push(cache - nothing);
    floor.push(buffer - nothing);
  }
  return [finding({ name: 'cache/rss', unit: 'MB', target: { oursMax: 20 } }, { ours, peer: null, floor: { name: 'one buffer of 16 MiB', samples: floor } })];
};

const residentMegabytes = async (what: Keeps, { objects, settle }: { readonly objects: number; readonly settle: number }): Promise<number> =>
  new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(new URL('keeper.js', import.meta.url)), [what, String(objects), String(settle)], { execArgv: ['--expose-gc'] });
    let bytes: number | null = null;
    child.on('message', (message) => (bytes = message as number));
    child.on('error', reject);
    child.on('close', (code) => {
      if (bytes !== null && code === 0) resolve(bytes / 2 ** 20);
      else reject(new Error(`Cannot measure memory: the process with ${what} ended with ${code ?? 'a signal'}`));
    });
  });
