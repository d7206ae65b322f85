/**
 * Question: what does it cost to keep a cache on disk in an append-only file, and what in an embedded store? ADR 4.
 *
 * Method: a full cache of 13 817 objects of 1158 bytes. Fill: put all, 64 at a time, each batch acknowledged before the
 * next. Churn: for each object put a new one and delete the oldest, again 64 at a time. Open: close, open, and read all
 * that is kept. The candidates take turns, in a fresh folder each; the median and the range over the rounds are
 * printed. CPU is that of the whole process, threads included, so a loaded machine disturbs it less than the clock.
 * Control (floor): the same bytes appended by write calls, with no index, checksum, delete or compaction.
 * Limits: one machine, one file system, page cache warm; "open" of a store that maps its file defers the reading, which is
 * why reading all is part of it. Acknowledged means handed to the operating system; with "sync" it means on the disk.
 *
 *   node --import tsx bench/log.bench.ts                          the log and the floor
 *   npm install --prefix /tmp/stores --ignore-scripts lmdb@3.5.6 classic-level@3.0.0
 *   SRP_BENCH_STORES=/tmp/stores node --import tsx bench/log.bench.ts      and the stores
 */
import type { PacketRecord } from '@srp/cache';
import { openPacketLog } from '@srp/cache/node';
import { instant, type PacketId } from '@srp/machine';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const count = 13_817;
const batch = 64;
const rounds = Number(process.env['SRP_BENCH_ROUNDS'] ?? 5);

interface Candidate {
  readonly name: string;
  open(folder: string): Promise<void>;
  /** Puts and deletes together, and resolves when they are acknowledged. */
  write(puts: readonly PacketRecord[], deletes: readonly PacketId[]): Promise<void>;
  /** Opens again and answers how many objects there are, having read each. */
  reopen(folder: string): Promise<number>;
  close(): Promise<void>;
}

const record = (n: number): PacketRecord => {
  const bytes = randomBytes(1158); // sealed bodies do not compress
  return { id: (Math.imul(n, 0x9e37_79b1) >>> 0).toString(16).padStart(8, '0').concat(n.toString(16).padStart(24, '0')) as PacketId, pool: 'stranger', keptAt: instant(n), ingress: '4:192.0.2', bytes };
};

const packetLog = (sync: boolean): Candidate => {
  let opened: Awaited<ReturnType<typeof openPacketLog>> | null = null;
  return {
    name: sync ? 'packet log, sync' : 'packet log',
    open: async (folder) => void (opened = await openPacketLog(join(folder, 'log'), { sync })),
    write: async (puts, deletes) => {
      for (const one of puts) opened?.log.put(one);
      for (const id of deletes) opened?.log.delete(id);
      await opened?.log.flush();
    },
    reopen: async (folder) => {
      await opened?.log.close();
      opened = await openPacketLog(join(folder, 'log'), { sync });
      return opened.records.length;
    },
    close: async () => opened?.log.close(),
  };
};

const floor = (sync: boolean): Candidate => {
  let file: FileHandle | null = null;
  return {
    name: sync ? 'floor: append, sync' : 'floor: append',
    open: async (folder) => void (file = await open(join(folder, 'floor'), 'a+')),
    write: async (puts) => {
      await file?.write(Buffer.concat(puts.map(({ bytes }) => bytes)));
      if (sync) await file?.datasync();
    },
    reopen: async (folder) => {
      await file?.close();
      file = await open(join(folder, 'floor'), 'a+');
      return Math.floor((await file.readFile()).length / 1158);
    },
    close: async () => file?.close(),
  };
};

/** The little of both stores that is used here. */
interface Lmdb {
  put(key: string, value: Uint8Array): Promise<boolean>;
  remove(key: string): Promise<boolean>;
  getRange(): Iterable<{ value: Uint8Array }>;
  flushed: Promise<unknown>;
  close(): Promise<void>;
}
interface Level {
  open(): Promise<void>;
  batch(operations: readonly object[], options: { sync: boolean }): Promise<void>;
  values(): { all(): Promise<Uint8Array[]> };
  close(): Promise<void>;
}
interface Stores {
  readonly lmdb: { open(options: object): Lmdb };
  readonly level: { ClassicLevel: new (path: string, options: object) => Level };
}

const lmdb = ({ lmdb: module }: Stores, sync: boolean): Candidate => {
  let db: Lmdb | null = null;
  const begin = (folder: string): void => {
    db = module.open({ path: join(folder, 'lmdb'), encoding: 'binary', noSync: !sync });
  };
  return {
    name: sync ? 'lmdb, flushed' : 'lmdb, noSync',
    open: async (folder) => {
      begin(folder);
      return Promise.resolve();
    },
    write: async (puts, deletes) => {
      await Promise.all([...puts.map(async ({ id, bytes }) => db?.put(id, bytes)), ...deletes.map(async (id) => db?.remove(id))]);
      if (sync) await db?.flushed;
    },
    reopen: async (folder) => {
      await db?.close();
      begin(folder);
      let sum = 0;
      for (const { value } of db?.getRange() ?? []) sum += value.length > 0 ? 1 : 0;
      return sum;
    },
    close: async () => db?.close(),
  };
};

const level = ({ level: module }: Stores, sync: boolean): Candidate => {
  let db: Level | null = null;
  const begin = async (folder: string): Promise<void> => {
    db = new module.ClassicLevel(join(folder, 'level'), { valueEncoding: 'view' });
    await db.open();
  };
  return {
    name: sync ? 'classic-level, sync' : 'classic-level',
    open: begin,
    write: async (puts, deletes) =>
      db?.batch([...puts.map(({ id, bytes }) => ({ type: 'put', key: id, value: bytes })), ...deletes.map((key) => ({ type: 'del', key }))], { sync }),
    reopen: async (folder) => {
      await db?.close();
      await begin(folder);
      return (await db?.values().all())?.length ?? 0;
    },
    close: async () => db?.close(),
  };
};

const storesIn = async (folder: string): Promise<Stores> => {
  const require = createRequire(join(folder, 'package.json'));
  const load = async (name: string): Promise<unknown> => import(pathToFileURL(require.resolve(name)).href);
  return { lmdb: (await load('lmdb')) as Stores['lmdb'], level: (await load('classic-level')) as Stores['level'] };
};

const bytesIn = (folder: string): number =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).reduce((sum, entry) => sum + (entry.isFile() ? statSync(join(entry.parentPath, entry.name)).blocks * 512 : 0), 0);

interface Sample {
  readonly fill: number;
  readonly churn: number;
  readonly open: number;
  readonly cpu: number;
  readonly disk: number;
}

const measure = async (candidate: Candidate, records: readonly PacketRecord[]): Promise<Sample> => {
  const folder = mkdtempSync(join(tmpdir(), 'srp-bench-'));
  try {
    await candidate.open(folder);
    const cpu = process.cpuUsage();
    const time = async (work: () => Promise<void>): Promise<number> => {
      const begin = performance.now();
      await work();
      return performance.now() - begin;
    };
    const writeAll = async (from: number, deletes: boolean): Promise<void> => {
      for (let at = from; at < from + count; at += batch) {
        const puts = records.slice(at, Math.min(at + batch, from + count));
        await candidate.write(puts, deletes ? records.slice(at - count, at - count + puts.length).map(({ id }) => id) : []);
      }
    };
    const fill = await time(async () => writeAll(0, false));
    const churn = await time(async () => writeAll(count, true));
    const used = process.cpuUsage(cpu);
    const begin = performance.now();
    const found = await candidate.reopen(folder);
    const opened = performance.now() - begin;
    const expected = candidate.name.startsWith('floor') ? 2 * count : count;
    if (found !== expected) throw new Error(`${candidate.name}: ${found} objects, ${expected} were kept`);
    await candidate.close();
    return { fill: count / fill, churn: count / churn, open: opened, cpu: (used.user + used.system) / (2 * count), disk: bytesIn(folder) / 1e6 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const stores = process.env['SRP_BENCH_STORES'] === undefined ? null : await storesIn(process.env['SRP_BENCH_STORES']);
const candidates = [false, true].flatMap((sync) => [floor(sync), packetLog(sync), ...(stores === null ? [] : [lmdb(stores, sync), level(stores, sync)])]);
const records = Array.from({ length: 2 * count }, (_, n) => record(n));
const samples = new Map<string, Sample[]>(candidates.map(({ name }) => [name, []]));
for (let round = 0; round <= rounds; round += 1) {
  for (const candidate of candidates) {
    const sample = await measure(candidate, records);
    if (round > 0) samples.get(candidate.name)?.push(sample); // the first round warms up
  }
}

const column = (all: readonly Sample[], pick: (sample: Sample) => number, digits: number): string => {
  const sorted = all.map(pick).sort((a, b) => a - b);
  const show = (value: number | undefined): string => (value ?? 0).toFixed(digits);
  return `${show(sorted[Math.floor(sorted.length / 2)])} (${show(sorted[0])}..${show(sorted.at(-1))})`.padEnd(22);
};
console.log(`node ${process.version}, ${count} objects of 1158 bytes, ${rounds} rounds: median (range)`);
console.log(`${''.padEnd(22)}${['fill, puts/ms', 'churn, puts/ms', 'open + read, ms', 'CPU us a put', 'disk, MB'].map((head) => head.padEnd(22)).join('')}`);
for (const [name, all] of samples) {
  console.log(`${name.padEnd(22)}${column(all, ({ fill }) => fill, 0)}${column(all, ({ churn }) => churn, 0)}${column(all, ({ open: opened }) => opened, 0)}${column(all, ({ cpu }) => cpu, 1)}${column(all, ({ disk }) => disk, 1)}`);
}
