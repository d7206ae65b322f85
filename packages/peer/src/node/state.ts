/**
 * What a peer keeps in its directory, besides the packet log:
 *
 * | file        | what                                                  | if damaged                               |
 * | ----------- | ----------------------------------------------------- | ---------------------------------------- |
 * | author.key  | the keys that sign what the user publishes            | an error; it is never overwritten        |
 * | peer.key    | the keys of this installation                         | an error; it is never overwritten        |
 * | packets.log | the shared cache, see @srp/cache                      | what can be read is kept, a copy is made |
 * | peers.json  | recently known peers and addresses                    | set aside as peers.json.damaged          |
 * | shares/     | files that are shared, see share-store.ts             | they are shared no longer                |
 */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CacheError } from '@srp/cache';
import { type OpenedPacketLog, openPacketLog, type PacketLog, type PacketLogReport } from '@srp/cache/node';
import type { KeyPair } from '@srp/identity';
import { loadOrCreateKeyFile } from '@srp/identity/node';
import { PeerError } from '../errors.js';

/** An opened directory: read, and locked until `log` is closed. */
export interface PeerDirectory {
  readonly authorKeys: KeyPair;
  readonly peerKeys: KeyPair;
  readonly log: PacketLog;
  readonly records: OpenedPacketLog['records'];
  readonly book: unknown;
  /** Sentences for the user about what was damaged; empty if nothing was. */
  readonly warnings: readonly string[];
  saveBook(book: unknown): Promise<void>;
}

/**
 * Opens (or makes, mode 0700) a peer's directory.
 *
 * Throws DIRECTORY_IN_USE, DIRECTORY_UNUSABLE, and what the key files and the packet log throw.
 */
export const openDirectory = async (path: string, passphrase: string | undefined): Promise<PeerDirectory> => {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new PeerError('DIRECTORY_UNUSABLE', `Cannot open ${path}: a directory that can be written is needed (${String(cause)})`, { cause });
  }
  // The log comes first: its lock is the directory's.
  const { log, records, report } = await openLog(path);
  try {
    const authorKeys = await loadOrCreateKeyFile(join(path, 'author.key'), undefined, passphrase === undefined ? {} : { passphrase });
    const peerKeys = await loadOrCreateKeyFile(join(path, 'peer.key'));
    const bookPath = join(path, 'peers.json');
    const { book, warning } = await readBook(bookPath);
    let saved: Promise<void> = Promise.resolve();
    return {
      authorKeys,
      peerKeys,
      log,
      records,
      book,
      warnings: [...warningsOf(report), ...(warning === null ? [] : [warning])],
      saveBook: async (value) => {
        // One after the other: two at once would take the new file away from under each other.
        saved = saved.catch(() => undefined).then(async () => {
          await writeFile(`${bookPath}.new`, JSON.stringify(value), { mode: 0o600 });
          await rename(`${bookPath}.new`, bookPath);
        });
        await saved;
      },
    };
  } catch (error) {
    await log.close();
    throw error;
  }
};

const openLog = async (path: string): Promise<OpenedPacketLog> => {
  try {
    return await openPacketLog(join(path, 'packets.log'));
  } catch (cause) {
    if (!(cause instanceof CacheError && cause.code === 'LOG_FILE_IN_USE')) throw cause;
    throw new PeerError('DIRECTORY_IN_USE', `Cannot open ${path}: another process has it open; close that one or choose another directory`, { cause });
  }
};

const warningsOf = ({ damagedBytes, damagedCopy, isHeaderLost, overflowCount }: PacketLogReport): string[] => {
  const copied = damagedCopy === null ? '' : `; the damaged file was copied to ${damagedCopy}`;
  return [
    ...(isHeaderLost ? [`The packet log was too damaged to read, and a new one was begun${copied}`] : []),
    ...(damagedBytes > 0 && !isHeaderLost ? [`The packet log was damaged: ${damagedBytes} bytes could not be read, all else was kept${copied}`] : []),
    ...(overflowCount > 0 ? [`The packet log held too much: its ${overflowCount} oldest packets were let go`] : []),
  ];
};

/** The book is a help and no more: whatever is wrong with it, the peer starts. */
const readBook = async (path: string): Promise<{ book: unknown; warning: string | null }> => {
  try {
    return { book: JSON.parse(await readFile(path, 'utf8')) as unknown, warning: null };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { book: null, warning: null };
  }
  try {
    await rename(path, `${path}.damaged`);
    return { book: null, warning: `The list of known peers was damaged; it was set aside as ${path}.damaged and a new one begun` };
  } catch (error) {
    return { book: null, warning: `The list of known peers in ${path} could neither be read nor be set aside: ${String(error)}` };
  }
};
