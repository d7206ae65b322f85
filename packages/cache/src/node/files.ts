/** The few calls of a file system that a log makes, so that a test can make each of them fail. */
import { constants, copyFile, mkdir, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { logFileMode } from '../constants.js';

/** An open file, read and written at offsets. */
export interface LogFile {
  /** Fills `into` from `position`; answers how many bytes there were. */
  read(into: Uint8Array, position: number): Promise<number>;
  /** Hands bytes to the operating system; answers how many it took, which may be fewer. */
  write(bytes: Uint8Array, position: number): Promise<number>;
  /** Waits until the bytes are on the disk. */
  sync(): Promise<void>;
  truncate(length: number): Promise<void>;
  size(): Promise<number>;
  close(): Promise<void>;
}

/** What a log asks of a folder. */
export interface LogFiles {
  /** Opens a file that is there, or answers `null`. Anything but a plain file throws. */
  open(path: string): Promise<LogFile | null>;
  /** Makes an empty file in the place of whatever had its name; a link is replaced, not followed. */
  create(path: string): Promise<LogFile>;
  rename(from: string, to: string): Promise<void>;
  copy(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
}

/** The real ones. */
export const nodeFiles: LogFiles = {
  open: async (path) => {
    const handle = await open(path, constants.O_RDWR | constants.O_NONBLOCK).catch(absent); // a pipe must not hang us
    if (handle === null) return null;
    if ((await handle.stat()).isFile()) return logFile(handle);
    await handle.close();
    throw new Error('it is not a plain file');
  },
  create: async (path) => {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await rm(path, { force: true });
    return logFile(await open(path, 'wx+', logFileMode));
  },
  rename: async (from, to) => {
    await rename(from, to);
    await syncFolder(dirname(to));
  },
  copy: async (from, to) => {
    await rm(to, { force: true });
    await copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  },
  remove: async (path) => rm(path, { force: true }),
};

/** Where a path leads when its links are followed, so that a rename replaces the file and not the link. */
export const realPath = async (path: string): Promise<string> => ((await stat(path).catch(absent)) === null ? path : realpath(path));

const logFile = (handle: Awaited<ReturnType<typeof open>>): LogFile => ({
  read: async (into, position) => (await handle.read(into, 0, into.length, position)).bytesRead,
  write: async (bytes, position) => (await handle.write(bytes, 0, bytes.length, position)).bytesWritten,
  sync: async () => handle.datasync(),
  truncate: async (length) => handle.truncate(length),
  size: async () => (await handle.stat()).size,
  close: async () => handle.close(),
});

const absent = (error: unknown): null => {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
  throw error;
};

/** A rename is on the disk when its folder is; where folders cannot be synced (Windows), the system decides. */
const syncFolder = async (path: string): Promise<void> => {
  try {
    const folder = await open(path, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  } catch {
    // The rename itself succeeded; only a power cut could tell the difference.
  }
};
