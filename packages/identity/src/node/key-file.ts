/**
 * Key files on a disk: readable by their owner alone, written whole or not at all, never overwritten unasked.
 * Their text is `key-file-format.ts`.
 *
 * A write goes to a temporary file beside the target, which is synced and then linked (a new file: fails if one is
 * there) or renamed (a replacement) into place; then the folder is synced. Killed at any moment, the target is the old
 * file, the new file, or absent as before. A temporary file may be left over, readable by its owner alone.
 */
import { type Random, toHex } from '@srp/machine';
import { constants } from 'node:fs';
import { type FileHandle, link, lstat, mkdir, open, realpath, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { exposedModeBits, keyFileBytesMax, keyFileMode } from '../constants.js';
import { IdentityError } from '../errors.js';
import { generateKeyPair, type KeyPair } from '../keys.js';
import { decodeKeyFile, encodeKeyFile, isInTheClear } from './key-file-format.js';
import { systemRandom } from './system-random.js';

export interface LoadOptions {
  /** What the key is under. Compared in NFKC. Without it the file must hold its key in the clear, and with it must not. */
  readonly passphrase?: string | undefined;
}

export interface SaveOptions {
  /** Puts the key under a passphrase: half a second of scrypt now and at each load. */
  readonly passphrase?: string | undefined;
  /** Whether a file that is there may be replaced, as to change the passphrase. Default: no. */
  readonly replace?: boolean | undefined;
}

/**
 * The keys in the file at `path`. Nothing is ever written. Throws `KEY_FILE_MISSING`, `KEY_FILE_DAMAGED`,
 * `KEY_FILE_UNKNOWN`, `KEY_FILE_EXPOSED` (in the clear, and others may read it), `KEY_FILE_UNREADABLE`,
 * `KEY_FILE_IN_THE_CLEAR`, `PASSPHRASE_NEEDED`, `PASSPHRASE_WRONG`.
 */
export const loadKeyFile = async (path: string, options: LoadOptions = {}): Promise<KeyPair> => {
  const { bytes, mode } = await readBytes(path);
  if (isInTheClear(bytes) && isExposed(mode)) {
    throw new IdentityError('KEY_FILE_EXPOSED', `Cannot load ${path}: others on this machine can read it (mode ${octal(mode)}). If nobody has, run: chmod 600 ${path}`);
  }
  return decodeKeyFile(bytes, path, options.passphrase);
};

/**
 * Writes `keys` to `path`, mode 0600, with the folders above it if they are missing. Throws `KEY_FILE_EXISTS` if a file
 * is there and `replace` is not set, `KEY_FILE_EXPOSED` if the disk keeps no modes and there is no passphrase,
 * `KEY_FILE_UNWRITABLE`, `PASSPHRASE_EMPTY`.
 */
export const saveKeyFile = async (path: string, keys: KeyPair, options: SaveOptions = {}): Promise<void> => {
  const text = await encodeKeyFile(keys, systemRandom(), options.passphrase);
  try {
    await makeFolder(dirname(path));
    await writeWhole(options.replace === true ? await targetOf(path) : path, text, options);
  } catch (error) {
    if (error instanceof IdentityError) throw error;
    if (codeOf(error) === 'EEXIST') {
      throw new IdentityError('KEY_FILE_EXISTS', `Cannot save to ${path}: something is there already, and it may be somebody's only key. Choose another path, or give replace: true`);
    }
    throw new IdentityError('KEY_FILE_UNWRITABLE', `Cannot save to ${path}: ${codeOf(error) ?? 'unknown'}. Check the folder and its permissions`, { cause: error });
  }
};

/**
 * The keys in the file at `path`; if there is no file, new ones, which are on the disk when this resolves. A file that
 * cannot be loaded is never replaced. Two processes that start at once get the same keys. Throws as
 * {@link loadKeyFile} and {@link saveKeyFile} do.
 */
export const loadOrCreateKeyFile = async (path: string, random: Random = systemRandom(), options: LoadOptions = {}): Promise<KeyPair> => {
  try {
    return await loadKeyFile(path, options);
  } catch (error) {
    if (!(error instanceof IdentityError && error.code === 'KEY_FILE_MISSING')) throw error;
  }
  try {
    await saveKeyFile(path, generateKeyPair(random), options);
  } catch (error) {
    if (!(error instanceof IdentityError && error.code === 'KEY_FILE_EXISTS')) throw error; // another process was first
  }
  return loadKeyFile(path, options);
};

/** What the file holds; of one that is too long, enough to show it. */
async function readBytes(path: string): Promise<{ bytes: Uint8Array; mode: number }> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, constants.O_RDONLY | (process.platform === 'win32' ? 0 : constants.O_NONBLOCK)); // a pipe must not hold us up
    const mode = await modeOf(file);
    const buffer = new Uint8Array(keyFileBytesMax + 1);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
    return { bytes: buffer.subarray(0, bytesRead), mode };
  } catch (error) {
    if (error instanceof IdentityError) throw error;
    if (codeOf(error) === 'ENOENT') throw new IdentityError('KEY_FILE_MISSING', `Cannot load ${path}: there is no such file`);
    throw new IdentityError('KEY_FILE_UNREADABLE', `Cannot load ${path}: ${codeOf(error) ?? 'it is no regular file'}. Check the path and its permissions`, { cause: error });
  } finally {
    await file?.close();
  }
}

async function modeOf(file: FileHandle): Promise<number> {
  const status = await file.stat();
  if (!status.isFile()) throw new TypeError('Cannot read: no regular file');
  return status.mode;
}

/** The folder and those above it. That a file stands in the way must not look as if the key file were there. */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw codeOf(error) === 'EEXIST' ? Object.assign(new Error('A file stands where a folder should be', { cause: error }), { code: 'ENOTDIR' }) : error;
  }
}

/** Where a replacement goes: through a symbolic link to what it points at, or the old key would stay behind there. */
async function targetOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return path;
    throw error;
  }
}

async function writeWhole(path: string, text: string, options: SaveOptions): Promise<void> {
  const temporary = `${path}.${toHex(systemRandom().bytes(8))}.tmp`;
  try {
    const file = await open(temporary, 'wx', keyFileMode);
    try {
      await file.chmod(keyFileMode);
      const { mode } = await file.stat();
      if (options.passphrase === undefined && isExposed(mode)) {
        throw new IdentityError('KEY_FILE_EXPOSED', `Cannot save to ${path}: this disk does not keep others out (mode ${octal(mode)} after chmod 600). Give a passphrase or choose another path`);
      }
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    if (options.replace === true) await rename(temporary, path);
    else await linkNew(temporary, path);
    await syncFolder(dirname(path));
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Puts the temporary file in its place, or fails with EEXIST. For this file and its test alone, which has its own `linkFile`. */
export async function linkNew(temporary: string, path: string, linkFile: (from: string, to: string) => Promise<void> = link): Promise<void> {
  try {
    await linkFile(temporary, path);
  } catch (error) {
    if (!['EPERM', 'ENOTSUP', 'ENOSYS', 'EOPNOTSUPP', 'EMLINK'].includes(codeOf(error) ?? '')) throw error;
    await renameNew(temporary, path);
  }
}

/** For a disk without hard links: between the look and the rename another process can slip in, and would lose. */
async function renameNew(temporary: string, path: string): Promise<void> {
  try {
    await lstat(path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    return rename(temporary, path);
  }
  throw Object.assign(new Error('exists'), { code: 'EEXIST' });
}

/** Makes the new name last through a power cut. Windows has no such call and needs none. */
async function syncFolder(folder: string): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(folder, 'r');
    await handle.sync();
  } catch (error) {
    if (!['EISDIR', 'EPERM', 'EACCES', 'EINVAL', 'ENOTSUP'].includes(codeOf(error) ?? '')) throw error;
  } finally {
    await handle?.close();
  }
}

/** Windows reports modes that say nothing about who may read. */
const isExposed = (mode: number): boolean => process.platform !== 'win32' && (mode & exposedModeBits) !== 0;

const octal = (mode: number): string => `0${(mode & 0o777).toString(8)}`;

const codeOf = (error: unknown): string | undefined => (error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined);
