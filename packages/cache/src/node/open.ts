/**
 * Opens a packet log, whatever a crash has left of it. SPEC, Cache.
 *
 * | found at the path                         | what happens                                                   |
 * | ----------------------------------------- | -------------------------------------------------------------- |
 * | nothing, or an empty file                 | a new log                                                      |
 * | a log                                     | its records                                                    |
 * | a log whose last record was cut off       | its whole records; the rest is cut off                         |
 * | a log with damage                         | what can be read; a copy of the file is kept as `PATH.damaged` |
 * | the front of a log, header unreadable     | nothing; a copy is kept as `PATH.damaged`, and a new log begun |
 * | a log of a later version                  | `LOG_VERSION_UNKNOWN`; the file is left alone                  |
 * | anything else                             | `LOG_FILE_FOREIGN`; the file is left alone                     |
 */
import { randomBytes } from 'node:crypto';
import { readU32 } from '@srp/machine';
import { logTakenAtOnce } from '../constants.js';
import { CacheError } from '../errors.js';
import { writeFully } from './compaction.js';
import { FilePacketLog, temporaryOf } from './file-log.js';
import { type LogFile, type LogFiles, nodeFiles, realPath } from './files.js';
import { decodeHeader, encodeHeader, type Header, headerBytes, recordAt, type Salt } from './format.js';
import { lock, type Unlock } from './lock.js';
import { LogIndex } from './log-index.js';
import type { OpenedPacketLog, PacketLogReport } from '../log/packet-log.js';
import type { PacketRecord } from '../record.js';
import { type Recovered, recover } from './recover.js';

/** How to open a log. */
export interface PacketLogOptions {
  /** Whether a flush waits until the disk has the bytes, so that they survive a power cut. Slower; default false. */
  readonly sync?: boolean;
  /** Bytes of a file before it is worth a compaction; default 1 MiB. */
  readonly compactBytesMin?: number;
}

/**
 * Opens the log at `path`, or makes one; folders are made as needed. Throws `CacheError`: `LOG_FILE_FOREIGN`,
 * `LOG_VERSION_UNKNOWN`, `LOG_FILE_IN_USE`, `LOG_FILE_UNUSABLE`.
 *
 * @example
 * const { log, records } = await openPacketLog('chat/packets.log');
 */
export const openPacketLog = async (path: string, options: PacketLogOptions = {}): Promise<OpenedPacketLog> => openWith(nodeFiles, path, options);

/** {@link openPacketLog} over another file system; tests make it fail. */
export const openWith = async (files: LogFiles, path: string, options: PacketLogOptions): Promise<OpenedPacketLog> => {
  let unlock: Unlock | null = null;
  let file: LogFile | null = null;
  try {
    const target = await realPath(path);
    unlock = await lock(target);
    await removeLeftover(files, temporaryOf(target));
    file = await files.open(target);
    const header = file === null || (await file.size()) === 0 ? null : await readHeader(file);
    if (header?.kind === 'foreign') throw foreign(target);
    if (header?.kind === 'newer') throw newer(target, header.version);
    return await opened({ files, path: target, options, unlock }, file, header);
  } catch (cause) {
    await file?.close().catch(() => undefined);
    await unlock?.();
    if (cause instanceof CacheError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CacheError('LOG_FILE_UNUSABLE', `Cannot open packet log ${path}: ${why}; check the path, its permissions and the disk`, { cause });
  }
};

interface Opening {
  readonly files: LogFiles;
  readonly path: string;
  readonly options: PacketLogOptions;
  readonly unlock: Unlock;
}

const opened = async (opening: Opening, file: LogFile | null, header: Header | null): Promise<OpenedPacketLog> => {
  if (file === null || header?.kind !== 'log') {
    const isHeaderLost = header !== null;
    const damagedCopy = isHeaderLost ? await keepCopy(opening) : null;
    await file?.close();
    const salt = freshSalt();
    return {
      log: logOf(opening, await createLog(opening, salt), salt, new LogIndex(), headerBytes),
      records: [],
      report: { ...nothing, isHeaderLost, damagedCopy },
    };
  }
  const found = await recover(file, header.salt);
  const isDamaged = found.damagedRegions > 0 || !header.isWhole;
  const damagedCopy = isDamaged ? await keepCopy(opening) : null;
  if (found.end < (await file.size())) await file.truncate(found.end);
  const { index, records } = await takenFrom(found);
  const log = logOf(opening, file, header.salt, index, found.end);
  if (isDamaged) await log.compactNow();
  return { log, records, report: reportOf(found, damagedCopy) };
};

const nothing: PacketLogReport = {
  recordCount: 0,
  damagedBytes: 0,
  damagedRegions: 0,
  tornBytes: 0,
  isHeaderLost: false,
  overflowCount: 0,
  damagedCopy: null,
};

const reportOf = ({ recordCount, damagedBytes, damagedRegions, tornBytes, overflowCount }: Recovered, damagedCopy: string | null): PacketLogReport => ({
  recordCount,
  damagedBytes,
  damagedRegions,
  tornBytes,
  isHeaderLost: false,
  overflowCount,
  damagedCopy,
});

const readHeader = async (file: LogFile): Promise<Header> => {
  const bytes = new Uint8Array(headerBytes);
  return decodeHeader(bytes.subarray(0, await file.read(bytes, 0)));
};

const freshSalt = (): Salt => {
  const bytes = randomBytes(8);
  return { mark: readU32(bytes, 0), seed: readU32(bytes, 4) };
};

/** A header appears in one piece: a kill leaves either no log or a whole one. */
const createLog = async ({ files, path }: Opening, salt: Salt): Promise<LogFile> => {
  const temporary = temporaryOf(path);
  const file = await files.create(temporary);
  try {
    await writeFully(file, encodeHeader(salt), 0);
    await file.sync();
    await files.rename(temporary, path);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
};

/** A compaction that a kill ended leaves its file. Only a log's own is removed. */
const removeLeftover = async (files: LogFiles, path: string): Promise<void> => {
  const file = await files.open(path);
  if (file === null) return;
  const isOurs = (await file.size()) === 0 || (await readHeader(file)).kind !== 'foreign';
  await file.close();
  if (!isOurs) throw foreign(path);
  await files.remove(path);
};

/** One copy is kept, the latest: damage again and again must not fill the disk. */
const keepCopy = async ({ files, path }: Opening): Promise<string> => {
  const copy = `${path}.damaged`;
  await files.copy(path, copy);
  return copy;
};

/** What lives in the log: where, and what it says. */
const takenFrom = async ({ live }: Recovered): Promise<{ readonly index: LogIndex; readonly records: readonly PacketRecord[] }> => {
  const index = new LogIndex();
  const records: PacketRecord[] = [];
  for (const [id, { offset, length, bytes, at }] of live) {
    index.put(id, offset, length);
    records.push(recordAt(bytes, at));
    if (index.size % logTakenAtOnce === 0) await new Promise(setImmediate); // gives the thread back
  }
  return { index, records };
};

const logOf = ({ files, path, options, unlock }: Opening, file: LogFile, salt: Salt, index: LogIndex, end: number): FilePacketLog =>
  new FilePacketLog({
    files,
    path,
    file,
    salt,
    index,
    end,
    isSynced: options.sync ?? false,
    unlock,
    ...(options.compactBytesMin === undefined ? {} : { compactBytesMin: options.compactBytesMin }),
  });

const foreign = (path: string): CacheError =>
  new CacheError('LOG_FILE_FOREIGN', `Cannot open packet log ${path}: the file is no packet log, and was left as it is; choose another path, or move the file away`);

const newer = (path: string, version: number): CacheError =>
  new CacheError(
    'LOG_VERSION_UNKNOWN',
    `Cannot open packet log ${path}: it is of version ${version}, this program reads version 1, and the file was left as it is; update the program, or move the file away`,
  );
