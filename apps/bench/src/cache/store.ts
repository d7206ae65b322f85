/**
 * Question: what does it cost to keep a full cache on disk, in a file that is appended to and in an embedded store? ADR 4.
 *
 * Method: 13 817 objects of 1158 bytes, 16 MB. They are put, and then each is replaced: a new one put, the oldest deleted,
 * 64 at a time, each batch handed to the operating system before the next begins. Then the store is closed, opened, and all
 * that it holds is read, which is what a peer does when it starts. The candidates take turns, each in a fresh folder.
 *
 * - cache/write: microseconds for each object of all that, by the clock of the wall.
 * - cache/open: milliseconds until all is read.
 * - cache/blocked: milliseconds of the longest turn of the event loop while a store does so.
 * - cache/disk: megabytes on the disk afterwards.
 *
 * cache/open and cache/blocked count what is less, the clock of the wall or the CPU time of the process, so that other programs count
 * for little. Other threads do count, and the garbage collector has its own here, as in an app.
 *
 * Control (floor): the same bytes appended to a file, with no index, checksum, delete or compaction; it ends with all.
 * Limits: one file system, page cache warm; a power cut would take what was not synced. A store that maps its file reads it
 * when it is asked for, which is why all is read. The signatures of what was read are checked afterwards, 32 at a time: that
 * is beside, as `restoreMs`, and the same for all.
 */
import { PacketCache } from '@srp/cache';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cpuClock, type Effort } from '../measure.js';
import { finding, type Finding, type Measured, type Target } from '../row.js';
import { objectOf, randomOf, recordOf, start } from './objects.js';
import { append, bytesIn, type Kind, loadStores, type Store } from './stores.js';

const batch = 64;
const full = { count: 13_817, rounds: 7, restored: 640 };
const tiny = { count: 128, rounds: 1, restored: 32 };

interface Sample {
  readonly write: number;
  readonly open: number;
  readonly blocked: number;
  readonly disk: number;
}
type Figure = keyof Sample;

export const run = async ({ rounds }: Effort): Promise<readonly Finding[]> => {
  const effort = rounds > 1 ? full : tiny;
  const { log, level, lmdb, missing } = await loadStores();
  const kinds = [log, append, level, lmdb].filter((kind) => kind !== null);
  const samples = new Map<Kind, Sample[]>(kinds.map((kind) => [kind, []]));
  for (let round = rounds > 1 ? -1 : 0; round < effort.rounds; round += 1) {
    for (const kind of kinds) {
      const sample = await measured(kind, effort.count);
      if (round >= 0) samples.get(kind)?.push(sample); // the first round warms up
    }
  }
  const of = (kind: Kind | null, figure: Figure): Measured | null => (kind === null ? null : { name: kind.name, samples: (samples.get(kind) ?? []).map((sample) => sample[figure]) });
  const row = (figure: Figure, unit: string, target: Target, remarks: readonly string[] = []): Finding =>
    finding(
      { name: `cache/${figure}`, unit, target, remarks: [...remarks, ...missing] },
      { ours: of(log, figure)?.samples ?? [], peer: of(level, figure), others: [of(lmdb, figure)], floor: of(append, figure) },
    );
  const restoreMs = restored(effort.restored) * (effort.count / effort.restored);
  return [
    row('write', 'us/object', {}),
    row('open', 'ms', { oursMax: 200 }, [`then ids and signatures are checked, in steps of 3 ms: ${restoreMs.toFixed(0)} ms in all`]),
    row('blocked', 'ms', { oursMax: 5 }),
    row('disk', 'MB', {}),
  ];
};

const measured = async (kind: Kind, count: number): Promise<Sample> => {
  const folder = await mkdtemp(join(tmpdir(), 'srp-bench-'));
  try {
    let store = await kind.open(folder);
    const turns = new Turns();
    const writing = await timed(async () => replaceAll(store, count, turns));
    await store.close();
    const openingCpu = cpuClock();
    const opening = await timed(async () => {
      store = await turns.watch(async () => kind.open(folder));
      const found = await turns.watch(async () => store.readAll());
      if (found !== (kind === append ? 2 * count : count)) throw new Error(`${kind.name}: ${found} objects, ${count} were kept`);
    });
    const open = Math.min(opening, (cpuClock() - openingCpu) / 1e6);
    await store.close();
    return { write: ((writing - turns.makingMs) * 1000) / (2 * count), open, blocked: turns.longestMs, disk: bytesIn(folder) / 1e6 };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

const replaceAll = async (store: Store, count: number, turns: Turns): Promise<void> => {
  for (let at = 0; at < 2 * count; at += batch) {
    const numbers = Array.from({ length: Math.min(batch, 2 * count - at) }, (_, n) => at + n);
    const puts = turns.apart(() => numbers.map((n) => recordOf(n)));
    const deletes = turns.apart(() => numbers.filter((n) => n >= count).map((n) => recordOf(n - count).id));
    await turns.watch(async () => store.write(puts, deletes));
  }
};

/** Signatures and ids of what a disk gave, milliseconds. Nobody signed these; one that fails costs as much as one that holds. */
const restored = (count: number): number => {
  const cache = new PacketCache({ random: randomOf(1) });
  const records = Array.from({ length: count }, (_, n) => {
    const { id, bytes } = objectOf(n, { bodyBytes: 1024 });
    return { id, pool: 'subscribed' as const, keptAt: start, ingress: null, bytes };
  });
  const before = cpuClock();
  for (let at = 0; at < count; at += 32) cache.handle(start, { kind: 'restore', records: records.slice(at, at + 32) });
  return (cpuClock() - before) / 1e6;
};

const timed = async (work: () => Promise<void>): Promise<number> => {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
};

/** How long the event loop was held, turn by turn. */
class Turns {
  longestMs = 0;
  /** What making the objects took, which is not the store's. */
  makingMs = 0;
  #begin = { wall: 0, cpu: 0 };
  #isWatching = false;

  /** Does what the benchmark itself has to do. */
  apart<Result>(make: () => Result): Result {
    const begin = performance.now();
    const made = make();
    this.makingMs += performance.now() - begin;
    return made;
  }

  /** Watches the loop until `work` is done. */
  async watch<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#isWatching = true;
    this.#turn();
    const watched = this.#watchTurns();
    const result = await work();
    this.#note();
    this.#isWatching = false;
    await watched;
    return result;
  }

  async #watchTurns(): Promise<void> {
    for (;;) {
      await new Promise(setImmediate);
      if (!this.#isWatching) return;
      this.#note();
      this.#turn();
    }
  }

  #turn(): void {
    this.#begin = { wall: performance.now(), cpu: cpuClock() / 1e6 };
  }

  #note(): void {
    this.longestMs = Math.max(this.longestMs, Math.min(performance.now() - this.#begin.wall, cpuClock() / 1e6 - this.#begin.cpu));
  }
}
