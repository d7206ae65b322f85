/**
 * One log, one process: two that append to one file would write over each other.
 *
 * The lock is a local socket that its owner listens on. The system closes it when the owner dies, however it dies, so
 * what a killed owner leaves behind answers nobody and is taken over. (A file with a process id in it would lie as
 * soon as the system gives that id to another process.) It does not see owners in another container or on another
 * machine: SPEC says that a log is not shared between them.
 *
 * Where the log's path is too long for a socket, the lock is in the folder for temporary files. There nobody may ever ask
 * for it again, so whoever takes such a lock removes what killed owners of others left.
 */
import { createHash, randomBytes } from 'node:crypto';
import { link, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { CacheError } from '../errors.js';

/** Lets go of a lock. */
export type Unlock = () => Promise<void>;

const attemptsMax = 5;
/** How often one asks whether it is its turn to look, and how long it waits in between, ms: 2 s in all. Guess, not measured. */
const turnsMax = 100;
const turnMs = 20;
/** The shortest of what systems allow a socket's path (macOS: 104 bytes with its terminator). */
const socketPathBytesMax = 103;
/** Locks in the folder for temporary files, and what a takeover that was killed leaves there. */
const asidePattern = /^(?:srp-[0-9a-f]{32}\.lock|\.srp-[0-9a-f]{12})$/;
/** Most of them that are looked at in one go: a tenth of a second. Guess, not measured. */
const sweepMax = 256;
/** What connecting says of a socket whose owner is gone, or of a file that is no socket. */
const deadCodes = new Set(['ECONNREFUSED', 'ENOENT', 'ENOTSOCK']);

/** Takes the lock of `path`, or throws `LOG_FILE_IN_USE`. */
export const lock = async (path: string): Promise<Unlock> => {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const name = socketOf(path);
  const unlock = await inTurn(name, async () => await take(name));
  if (unlock !== null) return unlock;
  throw new CacheError('LOG_FILE_IN_USE', `Cannot open packet log ${path}: one process at a time may use it, and another one does; end that one, or choose another path`);
};

/** `null`: somebody has it. */
const take = async (name: string): Promise<Unlock | null> => {
  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    const server = await listen(name);
    if (server !== null) {
      if (dirname(name) === tmpdir()) await sweep(name);
      return async () => await closed(server);
    }
    if (await isAnswered(name)) return null;
    await removeStale(name);
  }
  return null;
};

/**
 * One at a time looks whose a socket is and takes over a dead one: else a third finds the path free while a second looks at what a first has
 * just made there, and two have the lock. For this Linux has sockets without a file, which end with their process. Any user may take such a name, so nobody
 * waits for it long. On other systems two that start in the same few milliseconds after their owner was killed are not kept apart.
 */
const inTurn = async <Value>(name: string, work: () => Promise<Value>): Promise<Value> => {
  const turn = process.platform === 'linux' ? `\0srp-${createHash('sha256').update(resolve(name)).digest('hex')}` : null;
  let server: Server | null = null;
  for (let attempt = 0; turn !== null && server === null && attempt < turnsMax; attempt += 1) {
    server = await listen(turn).catch(() => null); // where such sockets are forbidden it goes on without
    if (server === null) await setTimeout(turnMs);
  }
  try {
    return await work();
  } finally {
    if (server !== null) await closed(server);
  }
};

const closed = async (server: Server): Promise<void> => await new Promise((resolve) => server.close(() => resolve()));

/** Beside the log, where everyone who opens it looks; elsewhere if that path is too long for a socket. */
const socketOf = (path: string): string => {
  const hash = createHash('sha256').update(path).digest('hex').slice(0, 32);
  if (process.platform === 'win32') return `\\\\.\\pipe\\srp-${hash}`;
  const beside = `${path}.lock`;
  const longest = Math.max(Buffer.byteLength(beside), Buffer.byteLength(asideOf(beside)));
  return longest <= socketPathBytesMax ? beside : join(tmpdir(), `srp-${hash}.lock`);
};

/** A server on the socket, or `null` if its path is taken. */
const listen = async (name: string): Promise<Server | null> =>
  await new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) => (error.code === 'EADDRINUSE' ? resolve(null) : reject(error)));
    server.listen(name, () => {
      server.unref(); // a lock keeps no process alive
      resolve(server);
    });
  });

const isAnswered = async (name: string): Promise<boolean> =>
  await new Promise((resolve) => {
    const socket = connect(name);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    // Busy, or another user's: whoever cannot be reached for such a reason is there.
    socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(!deadCodes.has(code ?? '')));
  });

/** Removes the locks beside `own` whose owners are gone. What cannot be removed, as another user's, stays. */
const sweep = async (own: string): Promise<void> => {
  const folder = dirname(own);
  const names = (await readdir(folder).catch(() => [])).filter((name) => asidePattern.test(name) && name !== basename(own));
  for (const name of names.slice(0, sweepMax)) {
    const other = join(folder, name);
    if (!(await isAnswered(other))) await removeStale(other).catch(() => undefined);
  }
};

/** Two may find a stale socket at once: who moved away the other's fresh one puts it back. */
const removeStale = async (name: string): Promise<void> => {
  const aside = asideOf(name);
  try {
    await rename(name, aside);
    if (await isAnswered(aside)) await link(aside, name);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'ENOENT' && code !== 'EEXIST') throw error;
  }
  await rm(aside, { force: true });
};

const asideOf = (name: string): string => join(dirname(name), `.srp-${randomBytes(6).toString('hex')}`);
