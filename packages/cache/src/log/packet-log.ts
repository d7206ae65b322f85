/** What keeps a peer's objects over a restart. SPEC, Cache. The same contract for a file and for memory. */
import type { PacketId } from '@srp/machine';
import type { PacketRecord } from '../record.js';

/** Numbers about a log, fresh on each reading. */
export interface PacketLogStats {
  /** Objects that are kept. */
  readonly recordCount: number;
  /** Bytes those objects take in the log. */
  readonly liveBytes: number;
  /** Bytes of the log, dead records included. */
  readonly logBytes: number;
  /** Bytes accepted and not yet handed to the operating system. */
  readonly pendingBytes: number;
  /** Puts and deletes refused because too much was waiting, or lost because a write failed. */
  readonly lostCount: number;
  /** Why the last write failed, or `null` if it did not. */
  readonly failure: string | null;
  /** Times the log was rewritten. */
  readonly compactionCount: number;
}

/** Keeps objects. One process uses it at a time. */
export interface PacketLog {
  /**
   * Keeps an object, in the place of an earlier one of the same id. Buffered: it is safe once a {@link flush} that was
   * called after it has resolved. Answers false, and keeps nothing, if too much is waiting already or the log is full.
   * Throws `RangeError` on a record no log can hold, `LOG_CLOSED` after {@link close}.
   */
  put(record: PacketRecord): boolean;
  /** Lets go of an object; unknown ids are no mistake. Buffered and answered as {@link put}. */
  delete(id: PacketId): boolean;
  /**
   * Resolves when everything accepted so far is handed to the operating system, where it survives the death of this
   * process (and a power cut, if the log was opened with `sync`). Rejects with `LOG_WRITE_FAILED` if some of it could
   * not be written; that part is lost, and the log goes on.
   */
  flush(): Promise<void>;
  /** Flushes, then lets go of the file. Twice is once. */
  close(): Promise<void>;
  stats(): PacketLogStats;
}

/** What opening a log found out. */
export interface PacketLogReport {
  /** Records read, deletes and replaced ones included. */
  readonly recordCount: number;
  /** Bytes that are no record and were skipped. */
  readonly damagedBytes: number;
  /** Runs of such bytes. */
  readonly damagedRegions: number;
  /** Bytes of a last record that a kill cut off; no damage, nobody was told that it is kept. */
  readonly tornBytes: number;
  /** Whether the header could not be read, so that every record in the file is lost. */
  readonly isHeaderLost: boolean;
  /** Objects let go because there were more than a log may hold. */
  readonly overflowCount: number;
  /** Where the damaged file was copied to, or `null` if it was whole. */
  readonly damagedCopy: string | null;
}

/** An open log, and what it held. */
export interface OpenedPacketLog {
  readonly log: PacketLog;
  /** In the order in which they were last put. They came from a disk: hand them to the cache's `restore`, which checks each. */
  readonly records: readonly PacketRecord[];
  readonly report: PacketLogReport;
}
