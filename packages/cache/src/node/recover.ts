/**
 * Reads a log from its first record to its last, over whatever damage lies between. SPEC, Cache.
 *
 * ```
 *  header │ put │ put │▒▒▒▒▒▒▒│ delete │ put │ put │▒▒
 *                      damage: look           torn tail: what a kill in the middle of a write leaves,
 *                      for the next mark      shorter than one record and with nothing behind it
 * ```
 *
 * The file is read in steps, with the thread free between them. Nothing here writes.
 */
import type { PacketId } from '@srp/machine';
import { logReadBytes, logRecordsMax, logStepBytes } from '../constants.js';
import type { LogFile } from './files.js';
import { headerBytes, markBytes, parseRecord, recordBytesMax, type Salt } from './format.js';

/** Where a put stands that lives: in the file, and at `at` of what was read of it. */
export interface Located {
  readonly offset: number;
  readonly length: number;
  readonly bytes: Buffer;
  readonly at: number;
}

/** What a log holds, and what of it could not be read. */
export interface Recovered {
  /** In the order in which they were last put. */
  readonly live: ReadonlyMap<PacketId, Located>;
  /** Records that were read, deletes and replaced ones included. */
  readonly recordCount: number;
  /** Where the last good record ends. */
  readonly end: number;
  /** Bytes between good records, or behind the last one, that are no record. A torn tail is not counted. */
  readonly damagedBytes: number;
  /** Runs of such bytes. */
  readonly damagedRegions: number;
  /** Bytes of the record that a kill cut off. */
  readonly tornBytes: number;
  /** Objects let go because the log held more than {@link logRecordsMax}. */
  readonly overflowCount: number;
}

/** Reads all records of `file`. Rejects only if the disk does. */
export const recover = async (file: LogFile, salt: Salt): Promise<Recovered> => {
  const window = new Window(file, headerBytes);
  let stepFrom = headerBytes;
  const mark = Buffer.from(markBytes(salt));
  const live = new Map<PacketId, Located>();
  const found = { recordCount: 0, end: headerBytes, damagedBytes: 0, damagedRegions: 0, tornBytes: 0, overflowCount: 0 };
  let damageFrom: number | null = null;
  let isCutOff = false;
  for (;;) {
    const parsed = parseRecord(salt, window.bytes, window.offset);
    if (parsed.kind === 'put' || parsed.kind === 'delete') {
      if (damageFrom !== null) {
        found.damagedBytes += window.position - damageFrom;
        found.damagedRegions += 1;
        damageFrom = null;
      }
      const { kind, id, length } = parsed;
      if (kind === 'delete') live.delete(id);
      else if (place(live, id, { offset: window.position, length, bytes: window.bytes, at: window.offset })) found.overflowCount += 1;
      window.offset += length;
      found.recordCount += 1;
      found.end = window.position;
      if (found.end - stepFrom >= logStepBytes) {
        stepFrom = found.end;
        await new Promise(setImmediate); // gives the thread back
      }
      continue;
    }
    if (parsed.kind === 'short' && (await window.more())) continue;
    if (window.left === 0) break;
    if (damageFrom === null) {
      damageFrom = window.position;
      isCutOff = parsed.kind === 'short'; // a whole record that is wrong was not left so by a kill
    }
    await seek(window, mark);
  }
  if (damageFrom !== null) {
    const rest = window.position - damageFrom;
    if (isCutOff && rest < recordBytesMax) found.tornBytes = rest;
    else {
      found.damagedBytes += rest;
      found.damagedRegions += 1;
    }
  }
  return { live, ...found };
};

/** Moves on to the next mark, or to the end of the file. */
const seek = async (window: Window, mark: Buffer): Promise<void> => {
  window.offset += 1;
  for (;;) {
    const at = window.bytes.indexOf(mark, window.offset);
    if (at >= 0) {
      window.offset = at;
      return;
    }
    window.offset = Math.max(window.offset, window.bytes.length - mark.length + 1); // a mark may lie across the edge
    if (await window.more()) continue;
    window.offset = window.bytes.length;
    return;
  }
};

/** Keeps an object as the last one put; answers whether the oldest had to go. */
const place = (live: Map<PacketId, Located>, id: PacketId, located: Located): boolean => {
  live.delete(id);
  live.set(id, located);
  if (live.size <= logRecordsMax) return false;
  for (const oldest of live.keys()) {
    live.delete(oldest);
    break;
  }
  return true;
};

/** The part of a file that is in memory: what is not parsed yet. What follows it is being read meanwhile. */
class Window {
  bytes: Buffer = Buffer.alloc(0);
  /** Where the reader stands in `bytes`. */
  offset = 0;
  readonly #file: LogFile;
  #start: number;
  #ahead: Promise<Piece>;

  constructor(file: LogFile, start: number) {
    this.#file = file;
    this.#start = start;
    this.#ahead = this.#read(start);
  }

  /** Where the reader stands in the file. */
  get position(): number {
    return this.#start + this.offset;
  }

  get left(): number {
    return this.bytes.length - this.offset;
  }

  /** Forgets what was parsed and takes more; false at the end of the file. What is left is less than a record, for which each piece has room in front. */
  async more(): Promise<boolean> {
    const { room, count } = await this.#ahead;
    if (count === 0) return false;
    this.#ahead = this.#read(this.#start + this.bytes.length + count);
    const rest = this.bytes.subarray(this.offset);
    const from = recordBytesMax - rest.length;
    room.set(rest, from);
    this.#start += this.offset;
    this.offset = 0;
    this.bytes = room.subarray(from, recordBytesMax + count);
    return true;
  }

  #read(position: number): Promise<Piece> {
    const room = Buffer.allocUnsafeSlow(recordBytesMax + logReadBytes);
    const reading = this.#file.read(room.subarray(recordBytesMax), position).then((count) => ({ room, count }));
    reading.catch(() => undefined); // it may fail before anybody waits for it
    return reading;
  }
}

/** `count` bytes of a file, behind room for a record. */
interface Piece {
  readonly room: Buffer;
  readonly count: number;
}
