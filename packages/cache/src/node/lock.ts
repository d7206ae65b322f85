/**
 * One log, one process: two that append to one file would write over each other.
 *
 * The lock is a file beside the log that names its owner's process. It appears by `link`, which the system makes
 * whole or not at all, and outlives a killed owner; the next one finds no such process and takes it over. It does
 * not see owners in another container or on another machine: SPEC says that a log is not shared between them.
 */
import { randomBytes } from 'node:crypto';
import { constants, copyFile, link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { logFileMode } from '../constants.js';
import { CacheError } from '../errors.js';

/** Lets go of a lock. */
export type Unlock = () => Promise<void>;

const held = new Set<string>();
const attemptsMax = 5;
const linkless: ReadonlySet<unknown> = new Set(['EPERM', 'EACCES', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);

/** Takes the lock of `path`, or throws `LOG_FILE_IN_USE`. */
export const lock = async (path: string): Promise<Unlock> => {
  const name = `${path}.lock`;
  const own = `${name}.${randomBytes(6).toString('hex')}`;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  if (held.has(name)) throw inUse(path, process.pid);
  held.add(name);
  try {
    await writeFile(own, `${process.pid}\n`, { flag: 'wx', mode: logFileMode });
    for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
      if (await linked(own, name)) {
        return async () => {
          await rm(name, { force: true });
          held.delete(name);
        };
      }
      const owner = await ownerOf(name);
      if (owner !== null && isAlive(owner)) throw inUse(path, owner);
      await removeStale(name, `${own}.stale`, owner);
    }
    throw inUse(path, null);
  } catch (error) {
    held.delete(name);
    throw error;
  } finally {
    await rm(own, { force: true });
  }
};

const linked = async (from: string, to: string): Promise<boolean> => {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    if (!linkless.has(codeOf(error))) throw error;
    return copied(from, to);
  }
};

/** For file systems without hard links: not whole at every moment, an empty lock counts as stale. */
const copied = async (from: string, to: string): Promise<boolean> => {
  try {
    await copyFile(from, to, constants.COPYFILE_EXCL);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
};

/** The process that a lock names, or `null` if it names none. */
const ownerOf = async (name: string): Promise<number | null> => {
  try {
    const text = await readFile(name, 'utf8');
    return /^\d{1,10}\n$/.test(text) ? Number(text) : null;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
};

/** Our own number on a lock we do not hold is that of a killed process which had it before us. */
const isAlive = (pid: number): boolean => {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
};

/** Two may find a stale lock at once: who moved away the other's fresh one puts it back. */
const removeStale = async (name: string, aside: string, owner: number | null): Promise<void> => {
  try {
    await rename(name, aside);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  if ((await ownerOf(aside)) !== owner) await linked(aside, name);
  await rm(aside, { force: true });
};

const inUse = (path: string, owner: number | null): CacheError =>
  new CacheError(
    'LOG_FILE_IN_USE',
    `Cannot open packet log ${path}: one process at a time may use it, and process ${owner ?? 'unknown'} does; ` +
      `end that one, choose another path, or delete ${path}.lock if that process is no peer`,
  );

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);
