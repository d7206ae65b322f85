/**
 * Rewrites a log without what is dead in it, while it goes on being written. ADR 4.
 *
 * ```
 *   old  │ header │ a │ ✗ │ b │ ✗ │ c │ d │ e ...      d, e: written since the start
 *                   │       │       │   └──────┐
 *   new  │ header │ a │ b │ c │ d │ e             1. copy what lives, checked    2. copy what came since, as it is,
 *                                                    until little is left        3. hold the writers, copy the rest,
 *                                                                                   sync, rename
 * ```
 *
 * Until the rename the old file is the log: it has every acknowledged record, and a kill leaves a file that the next
 * opening removes. Each step reads at most 64 KiB and gives the thread back.
 */
import type { PacketId } from '@srp/machine';
import { logStepBytes } from '../constants.js';
import type { LogFile } from './files.js';
import { encodeHeader, headerBytes, parseRecord, type Salt } from './format.js';
import type { LogIndex, Place } from './log-index.js';

/** What a compaction needs of the log it rewrites. */
export interface CompactionSource {
  readonly file: LogFile;
  readonly index: LogIndex;
  readonly salt: Salt;
  /** Where the written part ends; grows while the compaction runs. */
  end(): number;
  /** Whether the log is closing, so that the work would be for nothing. */
  isClosing(): boolean;
  /** Waits for the write under way and lets no other begin. */
  hold(): Promise<void>;
}

/** What was done: the new file's end, and how far records behind the start have moved. `null`: the log closes. */
export type Compacted = { readonly end: number; readonly shift: number; readonly lostCount: number } | null;

/**
 * Fills `target`. When it resolves with a value, the source is held and `target` has all it has; the caller renames,
 * swaps and lets the writers go. Rejects if a disk does; the caller lets the writers go and stays with the old file.
 */
export const compact = async (source: CompactionSource, target: LogFile): Promise<Compacted> => {
  const start = source.end();
  await writeFully(target, encodeHeader(source.salt), 0);
  const lost: [PacketId, Place][] = [];
  let at = headerBytes;
  for (const run of runs(source.index, start)) {
    if (source.isClosing()) return null;
    at = await copyRun(source, target, run, at, lost);
  }
  const shift = at - start;
  let copied = start;
  while (source.end() - copied > logStepBytes) {
    if (source.isClosing()) return null;
    copied = await copyTail(source, target, copied, shift);
  }
  await target.sync(); // most of it now, so that the writers are held only for the rest
  await source.hold();
  while (copied < source.end()) copied = await copyTail(source, target, copied, shift);
  await target.sync();
  const lostCount = lost.filter(([id, place]) => source.index.drop(id, place)).length;
  return { end: copied + shift, shift, lostCount };
};

type Run = readonly (readonly [PacketId, Place])[];

/** What lives in front of `before`, in stretches that one step reads, gaps included. */
function* runs(index: LogIndex, before: number): Generator<Run> {
  let run: [PacketId, Place][] = [];
  let first = 0;
  for (const [id, place] of index.entries()) {
    if (place.offset >= before) break;
    if (run.length > 0 && place.offset + place.length - first > logStepBytes) {
      yield run;
      run = [];
    }
    if (run.length === 0) first = place.offset;
    run.push([id, place]);
  }
  if (run.length > 0) yield run;
}

const copyRun = async ({ file, salt }: CompactionSource, target: LogFile, run: Run, at: number, lost: [PacketId, Place][]): Promise<number> => {
  const first = run[0]?.[1].offset ?? 0;
  const last = run[run.length - 1]?.[1];
  const bytes = Buffer.allocUnsafe((last === undefined ? 0 : last.offset + last.length) - first);
  await readFully(file, bytes, first);
  let end = 0;
  for (const [id, place] of run) {
    const offset = place.offset - first;
    if (parseRecord(salt, bytes, offset).kind === 'put') {
      place.movedTo = at + end;
      bytes.copyWithin(end, offset, offset + place.length);
      end += place.length;
    } else lost.push([id, place]); // the disk went bad under us
  }
  await writeFully(target, bytes.subarray(0, end), at);
  return at + end;
};

const copyTail = async (source: CompactionSource, target: LogFile, from: number, shift: number): Promise<number> => {
  const bytes = new Uint8Array(Math.min(logStepBytes, source.end() - from));
  await readFully(source.file, bytes, from);
  await writeFully(target, bytes, from + shift);
  return from + bytes.length;
};

const readFully = async (file: LogFile, into: Uint8Array, position: number): Promise<void> => {
  let done = 0;
  while (done < into.length) {
    const count = await file.read(into.subarray(done), position + done);
    if (count === 0) throw new Error(`the file ends at ${position + done}, ${into.length - done} bytes early`);
    done += count;
  }
};

/** Writes all of `bytes`, however few the system takes at a time. */
export const writeFully = async (file: LogFile, bytes: Uint8Array, position: number): Promise<void> => {
  let done = 0;
  while (done < bytes.length) {
    const count = await file.write(bytes.subarray(done), position + done);
    if (count === 0) throw new Error(`the system takes no more bytes at ${position + done}`);
    done += count;
  }
};
