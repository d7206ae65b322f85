/**
 * A file on its way here. It gets its name when it is whole, and not before.
 *
 * ```
 *   name.srp-part     what has come, in its place          ──all of it──▶ name
 *   name.srp-state    of which file, and how far it is whole from the front
 * ```
 *
 * The state is written after what it speaks of has reached the disk, so it is true whenever the process or the machine ends: who
 * fetches the same file to the same name goes on there.
 */
import { type FileHandle, link, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { concat } from '@srp/machine';
import { type FileId, groupBytes } from '@srp/transfer';
import { checkpointBytes, writeSoonMs } from '../constants.js';
import { PeerError } from '../errors.js';
import { readWhole } from './file-tree.js';

interface State {
  readonly id: FileId;
  readonly size: number;
  readonly groups: number;
}

export class PartFile {
  readonly path: string;
  /** The first group that is not on disk. */
  readonly firstGroup: number;
  readonly id: FileId;
  readonly #size: number;
  readonly #file: FileHandle;
  readonly #written = new Set<number>();
  readonly #waiting = new Map<number, Uint8Array>();
  #writing: Promise<void> | null = null;
  #groups: number;
  #noted: number;
  #noting: Promise<void> = Promise.resolve();

  private constructor(path: string, id: FileId, size: number, file: FileHandle, groups: number) {
    this.path = path;
    this.id = id;
    this.#size = size;
    this.#file = file;
    this.firstGroup = groups;
    this.#groups = groups;
    this.#noted = groups;
  }

  /** Opens what there is of a file, or begins it. Throws FILE_EXISTS, FILE_NOT_WRITTEN. */
  static async open(path: string, id: FileId, size: number): Promise<PartFile> {
    if (await isThere(path)) throw exists(path);
    return await written(path, async () => {
      await mkdir(dirname(path), { recursive: true });
      const groups = await groupsOf(path, id, size);
      const file = await open(`${path}.srp-part`, groups > 0 ? 'r+' : 'w+');
      try {
        // Another file's state must not outlive its beginning.
        if (groups === 0) await note(path, { id, size, groups });
      } catch (error) {
        await file.close();
        throw error;
      }
      return new PartFile(path, id, size, file, groups);
    });
  }

  /** Writes a group; resolves when the system has it. Throws FILE_NOT_WRITTEN. */
  async write(group: number, bytes: Uint8Array): Promise<void> {
    this.#waiting.set(group, bytes);
    // Groups that come while others are written are written together: a call costs more than its bytes.
    this.#writing ??= setTimeout(writeSoonMs).then(async () => await this.#writeWaiting()).finally(() => (this.#writing = null));
    await this.#writing;
    if (this.#waiting.has(group)) await this.write(group, bytes);
  }

  /** Reads what was written. Throws FILE_CHANGED if it is not there. */
  async read(offset: number, length: number): Promise<Uint8Array> {
    return await readWhole(this.#file, this.path, offset, length);
  }

  async #writeWaiting(): Promise<void> {
    await written(this.path, async () => {
      for (let run = this.#takeRun(); run.length > 0; run = this.#takeRun()) {
        const [[first] = [0]] = run;
        await writeAll(this.#file, run.map(([, bytes]) => bytes), first * groupBytes);
        for (const [group] of run) this.#written.add(group);
        while (this.#written.delete(this.#groups)) this.#groups += 1;
      }
      if ((this.#groups - this.#noted) * groupBytes < checkpointBytes) return;
      this.#noted = this.#groups;
      await this.#note();
    });
  }

  /** Groups that wait and stand one after the other. */
  #takeRun(): readonly (readonly [number, Uint8Array])[] {
    const run: (readonly [number, Uint8Array])[] = [];
    let group = Math.min(...this.#waiting.keys());
    for (let bytes = this.#waiting.get(group); bytes !== undefined; bytes = this.#waiting.get(group)) {
      run.push([group, bytes]);
      this.#waiting.delete(group);
      group += 1;
    }
    return run;
  }

  /** Gives the file its name. Throws FILE_EXISTS if there is one by now, FILE_NOT_WRITTEN. */
  async finish(): Promise<void> {
    await written(this.path, async () => {
      await this.#noting;
      await this.#file.truncate(this.#size);
      await this.#file.sync();
      await this.#file.close();
      await named(this.path);
      await rm(`${this.path}.srp-state`, { force: true });
    });
  }

  /** Stops; what has come is kept. Never rejects. */
  async close(): Promise<void> {
    await this.#note().catch(() => undefined);
    await this.#file.close().catch(() => undefined);
  }

  /** Stops; nothing is kept. Never rejects. */
  async discard(): Promise<void> {
    await this.#noting.catch(() => undefined);
    await this.#file.close().catch(() => undefined);
    for (const end of ['part', 'state']) await rm(`${this.path}.srp-${end}`, { force: true }).catch(() => undefined);
  }

  async #note(): Promise<void> {
    const groups = this.#groups;
    this.#noting = this.#noting.catch(() => undefined).then(async () => {
      await this.#file.datasync();
      await note(this.path, { id: this.id, size: this.#size, groups });
    });
    await this.#noting;
  }
}

/** Writes these one after the other, all of them. */
const writeAll = async (file: FileHandle, parts: readonly Uint8Array[], offset: number): Promise<void> => {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const { bytesWritten } = await file.writev(parts, offset);
  if (bytesWritten === length) return;
  // Rare: the disk is nearly full, or a signal came. What is left is written piece by piece, and the error shows.
  const rest = concat(...parts).subarray(bytesWritten);
  for (let at = 0; at < rest.length; ) at += (await file.write(rest, at, rest.length - at, offset + bytesWritten + at)).bytesWritten;
};

/** How many groups of this file the disk has, from the front on. */
const groupsOf = async (path: string, id: FileId, size: number): Promise<number> => {
  try {
    const state = JSON.parse(await readFile(`${path}.srp-state`, 'utf8')) as Partial<State> | null;
    const { size: there } = await stat(`${path}.srp-part`);
    const groups = state?.groups ?? 0;
    const isOfIt = state?.id === id && state.size === size && Number.isInteger(groups) && groups > 0 && groups <= Math.max(1, Math.ceil(size / groupBytes));
    return isOfIt && there >= Math.min(size, groups * groupBytes) ? groups : 0;
  } catch {
    return 0; // there is none, or it cannot be read: the file is fetched from its beginning
  }
};

const note = async (path: string, state: State): Promise<void> => {
  await writeFile(`${path}.srp-state.new`, JSON.stringify(state));
  await rename(`${path}.srp-state.new`, `${path}.srp-state`);
};

/** A link fails where there is a file by that name, which a rename would replace. Some file systems have none. */
const named = async (path: string): Promise<void> => {
  try {
    await link(`${path}.srp-part`, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST' || (await isThere(path))) throw exists(path);
    await rename(`${path}.srp-part`, path);
    return;
  }
  await rm(`${path}.srp-part`);
};

const isThere = async (path: string): Promise<boolean> => await stat(path).then(() => true, () => false);

const exists = (path: string): PeerError => new PeerError('FILE_EXISTS', `Cannot fetch to ${path}: there is a file by that name`);

const written = async <Value>(path: string, write: () => Promise<Value>): Promise<Value> => {
  try {
    return await write();
  } catch (cause) {
    if (cause instanceof PeerError) throw cause;
    const isFull = ['ENOSPC', 'EDQUOT', 'EFBIG'].includes((cause as NodeJS.ErrnoException).code ?? '');
    throw new PeerError('FILE_NOT_WRITTEN', `Cannot fetch to ${path}: ${isFull ? 'the disk is full; free space and fetch it again, and it goes on where it was' : String(cause)}`, { cause });
  }
};
