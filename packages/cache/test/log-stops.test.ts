/**
 * A log whose process stops at a random call to the file system, hundreds of times on one disk: in the middle of a write, of a compaction, of an opening that
 * mends what the stop before left. It is SIGKILL without the process, which log-crash.test.ts has: what the calls before did is there, of the last one
 * a part, of those after it nothing.
 */
import { instant } from '@srp/machine';
import { basename, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { LogFile, LogFiles } from '../dist/node/files.js';
import { openWith } from '../dist/node/open.js';
import { idOf, inFolder, randomOf, recordOf } from './helpers.js';

const seed = Number(process.env['SRP_SEED'] ?? 20_261_122);
const lifeCount = 400;
const objectCount = 24;

/** A call takes a turn of the event loop, so that others come in between. */
const turn = async (): Promise<void> => await new Promise((resolve) => setImmediate(resolve));

/** Files in memory that outlive those who write them, and a number of calls after which nothing is done any more. */
class Disk {
  readonly #random = randomOf(seed + 1);
  readonly #files = new Map<string, { bytes: Buffer }>();
  left = Infinity;
  stops = { writing: 0, compacting: 0, opening: 0 };

  get isStopped(): boolean {
    return this.left <= 0;
  }

  has(name: string): boolean {
    return this.#files.has(name);
  }

  readonly files: LogFiles = {
    open: async (path) => await this.#read(() => this.#open(path)),
    create: async (path) => {
      await this.#change(() => this.#files.set(basename(path), { bytes: Buffer.alloc(0) }));
      return this.#open(path)!;
    },
    rename: async (from, to) =>
      await this.#change(() => {
        this.#files.set(basename(to), this.#files.get(basename(from))!);
        this.#files.delete(basename(from));
      }),
    copy: async (from, to) => await this.#change(() => this.#files.set(basename(to), { bytes: Buffer.from(this.#files.get(basename(from))!.bytes) })),
    remove: async (path) => await this.#change(() => this.#files.delete(basename(path))),
  };

  #open(path: string): LogFile | null {
    const file = this.#files.get(basename(path));
    if (file === undefined) return null;
    const put = (bytes: Uint8Array, position: number): void => {
      const end = Math.max(file.bytes.length, position + bytes.length);
      file.bytes = Buffer.concat([file.bytes], end);
      file.bytes.set(bytes, position);
    };
    return {
      read: async (into, position) => await this.#read(() => file.bytes.copy(into, 0, position)),
      write: async (bytes, position) => {
        await this.#change(
          () => put(bytes, position),
          () => put(bytes.subarray(0, this.#random.below(bytes.length + 1)), position),
        );
        return bytes.length;
      },
      sync: async () => await this.#change(() => undefined),
      truncate: async (length) => await this.#change(() => (file.bytes = Buffer.concat([file.bytes], length))),
      size: async () => await this.#read(() => file.bytes.length),
      close: async () => Promise.resolve(),
    };
  }

  /** A call that changes something; `partly`, if it is the one in which the process ends. */
  async #change(wholly: () => unknown, partly: () => unknown = () => (this.#random.below(2) === 0 ? wholly() : undefined)): Promise<void> {
    await turn();
    if (this.left <= 0) throw new Error('stopped');
    this.left -= 1;
    if (this.left > 0) {
      wholly();
      return;
    }
    partly();
    throw new Error('stopped');
  }

  async #read<Result>(read: () => Result): Promise<Result> {
    await turn();
    if (this.left <= 0) throw new Error('stopped');
    return read();
  }
}

test(`${lifeCount} stops at any call to the file system lose nothing that was acknowledged`, async () => {
  const random = randomOf(seed);
  const disk = new Disk();
  /** For each object, the versions it may have now; -1 is none. */
  const state = Array.from({ length: objectCount }, () => new Set([-1]));
  let version = 0;
  let acknowledged = 0;
  await inFolder(async (folder) => {
    const path = join(folder, 'log');
    for (let life = 0; life < lifeCount; life += 1) {
      const about = `seed ${seed}, life ${life}`;
      disk.left = 1 + random.below(random.below(3) === 0 ? 6 : 60);
      const opened = await openWith(disk.files, path, { compactBytesMin: 8 * 1024 }).catch((error: unknown) => {
        assert.ok(disk.isStopped, `${about}: ${String(error)}`);
        return null;
      });
      if (opened === null) {
        disk.stops.opening += 1;
        continue;
      }
      const { log, records, report } = opened;
      assert.equal([report.damagedBytes, report.damagedCopy], [0, null], about);
      const found = new Map(records.map((record) => [record.id as string, record]));
      for (const [n, allowed] of state.entries()) {
        const record = found.get(idOf(n));
        const now = record === undefined ? -1 : record.keptAt;
        assert.ok(allowed.has(now), `${about}: object ${n} is version ${now}, allowed ${[...allowed].join()}`);
        if (record !== undefined) assert.equal(record.bytes, recordOf(n, now).bytes, about);
        state[n] = new Set([now]);
      }
      while (!disk.isStopped) {
        const begun = new Map<number, number[]>();
        for (let count = 1 + random.below(6); count > 0; count -= 1) {
          const n = random.below(objectCount);
          const isPut = random.below(4) > 0;
          if (isPut) version += 1;
          begun.set(n, [...(begun.get(n) ?? []), isPut ? version : -1]);
          if (isPut) log.put({ ...recordOf(n, version), keptAt: instant(version) });
          else log.delete(idOf(n));
        }
        const isKept = await log.flush().then(() => true, () => false);
        for (const [n, versions] of begun) state[n] = isKept ? new Set(versions.slice(-1)) : new Set([...state[n]!, ...versions]);
        if (isKept) acknowledged += 1;
      }
      if (disk.has('log.compact')) disk.stops.compacting += 1;
      else disk.stops.writing += 1;
      await log.close().catch(() => undefined);
    }
  });
  assert.ok(acknowledged > lifeCount, `only ${acknowledged} batches were acknowledged`);
  for (const [where, count] of Object.entries(disk.stops)) assert.ok(count > lifeCount / 20, `only ${count} stops while ${where}`);
});

test.run();
