/**
 * A packet log in one append-only file. SPEC, Cache; ADR 4.
 *
 * ```
 *  put, delete ──▶ batch ──(end of the tick)──▶ write ──▶ index ──▶ flush resolves
 *                    ▲                            │
 *                    └── fills while a write is ──┘       one write at a time, in order
 * ```
 *
 * Invariants: the file up to `#end` is a header and whole records; the index names exactly what lives in it; bytes
 * behind `#end` are cut off before anything else is written there.
 */
import type { PacketId } from '@srp/machine';
import { batchEntriesMax, compactBytesMin, compactRatio, logRecordsMax, logStepBytes, pendingBytesMax } from '../constants.js';
import { CacheError } from '../errors.js';
import type { PacketRecord } from '../record.js';
import { Batch } from './batch.js';
import { compact, writeFully } from './compaction.js';
import type { LogFile, LogFiles } from './files.js';
import { encodeDelete, encodePut, headerBytes, type Salt } from './format.js';
import type { LogIndex } from './log-index.js';
import type { PacketLog, PacketLogStats } from '../log/packet-log.js';

/** What a log is made of when it was opened. */
export interface FileLogParts {
  readonly files: LogFiles;
  readonly path: string;
  readonly file: LogFile;
  readonly salt: Salt;
  readonly index: LogIndex;
  readonly end: number;
  /** Whether a flush waits for the disk. */
  readonly isSynced: boolean;
  /** Smallest file worth a compaction, bytes. */
  readonly compactBytesMin?: number;
  readonly unlock: () => Promise<void>;
}

/** See {@link PacketLog}. */
export class FilePacketLog implements PacketLog {
  readonly #parts: FileLogParts;
  readonly #index: LogIndex;
  #file: LogFile;
  #end: number;
  /** A write failed and what it left behind could not be cut off. */
  #isTailDirty = false;
  /** Batches in order; the last one fills. */
  readonly #pending: Batch[] = [];
  #writing: Batch | null = null;
  #isScheduled = false;
  #held: { readonly promise: Promise<void>; readonly release: () => void } | null = null;
  #compaction: Promise<void> | null = null;
  /** After a compaction failed, the file length at which to try again. */
  #compactAgainAt = 0;
  #closing: Promise<void> | null = null;
  #lostCount = 0;
  #failure: string | null = null;
  #compactionCount = 0;

  constructor(parts: FileLogParts) {
    this.#parts = parts;
    this.#index = parts.index;
    this.#file = parts.file;
    this.#end = parts.end;
  }

  put(record: PacketRecord): boolean {
    this.#checkOpen('put an object');
    const bytes = encodePut(this.#parts.salt, record);
    if (!this.#index.has(record.id) && this.#index.size + this.#pendingCount() >= logRecordsMax) return this.#refuse();
    return this.#add('put', record.id, bytes);
  }

  delete(id: PacketId): boolean {
    this.#checkOpen('delete an object');
    return this.#add('delete', id, encodeDelete(this.#parts.salt, id));
  }

  async flush(): Promise<void> {
    this.#checkOpen('flush');
    await this.#flushed();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  stats(): PacketLogStats {
    return {
      recordCount: this.#index.size,
      liveBytes: this.#index.liveBytes,
      logBytes: this.#end,
      pendingBytes: this.#pendingBytes(),
      lostCount: this.#lostCount,
      failure: this.#failure,
      compactionCount: this.#compactionCount,
    };
  }

  /** Rewrites the file now; what `openPacketLog` does with a damaged one. Rejects if the disk does. */
  async compactNow(): Promise<void> {
    await (this.#compaction ?? this.#startCompaction());
  }

  /** Resolves when no compaction runs; never rejects. */
  async settled(): Promise<void> {
    while (this.#compaction !== null) await this.#compaction.catch(() => undefined);
  }

  #add(kind: 'put' | 'delete', id: PacketId, record: Uint8Array): boolean {
    // Deletes may use a quarter more than puts: what makes room must not be refused for want of room.
    const limit = kind === 'put' ? pendingBytesMax : pendingBytesMax * 1.25;
    if (this.#pendingBytes() + record.length > limit) return this.#refuse();
    this.#filling().add(kind, id, record);
    if (!this.#isScheduled && this.#writing === null) {
      this.#isScheduled = true;
      setImmediate(() => {
        this.#isScheduled = false;
        void this.#write();
      });
    }
    return true;
  }

  #refuse(): false {
    this.#lostCount += 1;
    return false;
  }

  /** The batch that takes the next record; none grows so long that indexing it holds the thread. */
  #filling(): Batch {
    const last = this.#pending.at(-1);
    if (last !== undefined && last.entries.length < batchEntriesMax) return last;
    const batch = new Batch();
    this.#pending.push(batch);
    return batch;
  }

  #pendingCount(): number {
    return this.#pending.reduce((sum, { entries }) => sum + entries.length, this.#writing?.entries.length ?? 0);
  }

  #pendingBytes(): number {
    return this.#pending.reduce((sum, { length }) => sum + length, this.#writing?.length ?? 0);
  }

  async #flushed(): Promise<void> {
    const batches = this.#writing === null ? this.#pending : [this.#writing, ...this.#pending];
    await Promise.all(batches.map(async ({ done }) => done));
  }

  /** Writes batches until none is left. Never rejects: each batch hears its own outcome. */
  async #write(): Promise<void> {
    if (this.#writing !== null) return;
    for (let batch = this.#pending.shift(); batch !== undefined; batch = this.#pending.shift()) {
      this.#writing = batch;
      if (this.#held !== null) await this.#held.promise;
      const error = await this.#append(batch);
      this.#writing = null;
      batch.settle(error);
    }
    this.#compactIfDue();
  }

  async #append(batch: Batch): Promise<CacheError | null> {
    let at = this.#end;
    try {
      if (this.#isTailDirty) await this.#file.truncate(this.#end);
      this.#isTailDirty = true;
      for (const piece of batch.pieces(logStepBytes)) {
        await writeFully(this.#file, piece, at);
        at += piece.length;
      }
      if (this.#parts.isSynced) await this.#file.sync();
      this.#isTailDirty = false;
      this.#index.apply(batch, this.#end);
      this.#end = at;
      this.#failure = null;
      return null;
    } catch (cause) {
      this.#lostCount += batch.entries.length;
      this.#failure = cause instanceof Error ? cause.message : String(cause);
      const message = `Cannot write packet log ${this.#parts.path}: ${batch.entries.length} records are not kept (${this.#failure}); free space or check the disk`;
      return new CacheError('LOG_WRITE_FAILED', message, { cause });
    }
  }

  #compactIfDue(): void {
    const min = Math.max(this.#parts.compactBytesMin ?? compactBytesMin, this.#compactAgainAt);
    if (this.#closing !== null || this.#compaction !== null || this.#end < min) return;
    if (this.#end < headerBytes + compactRatio * this.#index.liveBytes) return;
    this.#startCompaction().catch(() => undefined);
  }

  #startCompaction(): Promise<void> {
    const run = this.#compact().finally(() => {
      this.#compaction = null;
      this.#release();
      this.#compactIfDue(); // what was written meanwhile may have died meanwhile
    });
    this.#compaction = run;
    return run;
  }

  async #compact(): Promise<void> {
    const { files, path, salt } = this.#parts;
    const temporary = temporaryOf(path);
    let target: LogFile | null = null;
    try {
      target = await files.create(temporary);
      const done = await compact(
        {
          file: this.#file,
          index: this.#index,
          salt,
          end: () => this.#end,
          isClosing: () => this.#closing !== null,
          hold: () => this.#hold(),
        },
        target,
      );
      if (done === null) throw new Error('the log closes');
      await files.rename(temporary, path);
      const old = this.#file;
      this.#file = target;
      this.#end = done.end;
      this.#index.moveTo(done.shift);
      this.#isTailDirty = false;
      this.#lostCount += done.lostCount;
      this.#compactionCount += 1;
      this.#compactAgainAt = 0;
      await old.close();
    } catch (error) {
      this.#compactAgainAt = 2 * this.#end; // a full disk is no reason to try at every write
      if (target !== null && this.#file !== target) {
        await target.close();
        await files.remove(temporary);
      }
      throw error;
    }
  }

  /** Lets the write under way end and no other begin, until {@link #release}. */
  async #hold(): Promise<void> {
    const waitsFor = this.#writing;
    let release: () => void = () => undefined;
    const promise = new Promise<void>((resolve) => {
      release = resolve;
    });
    this.#held = { promise, release };
    if (waitsFor !== null) await waitsFor.done.catch(() => undefined);
  }

  #release(): void {
    this.#held?.release();
    this.#held = null;
  }

  async #close(): Promise<void> {
    try {
      await this.settled();
      await this.#flushed();
    } finally {
      await this.#file.close();
      await this.#parts.unlock();
    }
  }

  #checkOpen(action: string): void {
    if (this.#closing !== null) throw new CacheError('LOG_CLOSED', `Cannot ${action}: packet log ${this.#parts.path} is closed`);
  }
}

/** Where a compaction writes before it takes the log's name. */
export const temporaryOf = (path: string): string => `${path}.compact`;
