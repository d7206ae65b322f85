/**
 * One process a directory: two would write one packet log and sign with one chain.
 *
 * The lock is a local socket that its holder listens on, named by the directory. The system closes it when the
 * process dies, however it dies, so a lock is never stale for longer than a connection attempt; a lock file
 * with a process id in it would be, as soon as the id is used again.
 */
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { PeerError } from '../errors.js';

/** Held until `release`, or until the process ends. */
export interface DirectoryLock {
  release(): Promise<void>;
}

/** Takes the lock of an existing directory. Throws DIRECTORY_IN_USE if a living process holds it. */
export const lockDirectory = async (directory: string): Promise<DirectoryLock> => {
  const path = socketPath(await realpath(directory));
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const server = await listen(path);
    if (server !== null) return { release: async () => await new Promise((resolve) => server.close(() => resolve())) };
    if (await isAnswered(path)) break;
    rmSync(path, { force: true }); // left behind by a process that was killed
  }
  throw new PeerError('DIRECTORY_IN_USE', `Cannot open ${directory}: another process has it open; close that one or choose another directory`);
};

const socketPath = (directory: string): string => {
  const name = `srp-${createHash('sha256').update(`${userInfo().username}\0${directory}`).digest('hex').slice(0, 24)}`;
  return process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : join(tmpdir(), `${name}.lock`);
};

const listen = async (path: string): Promise<Server | null> =>
  await new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(null);
      else reject(new PeerError('DIRECTORY_IN_USE', `Cannot lock a directory through ${path}: ${error.message}`, { cause: error }));
    });
    server.listen(path, () => {
      server.unref();
      resolve(server);
    });
  });

const isAnswered = async (path: string): Promise<boolean> =>
  await new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
