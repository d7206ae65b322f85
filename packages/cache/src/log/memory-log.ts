/**
 * A packet log without a disk, for runtimes that have none, for tests and the simulator: what is flushed outlives the log, not
 * the process. Nothing here needs Node.
 */
import type { PacketId } from '@srp/machine';
import { CacheError } from '../errors.js';
import type { PacketRecord } from '../record.js';
import { checked } from './checked.js';
import type { OpenedPacketLog, PacketLog, PacketLogStats } from './packet-log.js';

/** What a memory log is kept in: the disk of a peer that the simulator kills and starts again. */
export type MemoryDisk = Map<PacketId, PacketRecord>;

/** Opens a log over `disk`. What was not flushed when the log is dropped is gone, as after a kill. */
export const openMemoryLog = (disk: MemoryDisk = new Map()): OpenedPacketLog => ({
  log: new MemoryPacketLog(disk),
  records: [...disk.values()],
  report: { recordCount: disk.size, damagedBytes: 0, damagedRegions: 0, tornBytes: 0, isHeaderLost: false, overflowCount: 0, damagedCopy: null },
});

class MemoryPacketLog implements PacketLog {
  readonly #disk: MemoryDisk;
  #pending: (() => void)[] = [];
  #isClosed = false;

  constructor(disk: MemoryDisk) {
    this.#disk = disk;
  }

  put(record: PacketRecord): boolean {
    this.#checkOpen('put an object');
    const copy = { ...record, keptAt: checked(record).keptAt as PacketRecord['keptAt'], bytes: new Uint8Array(record.bytes) };
    this.#pending.push(() => {
      this.#disk.delete(copy.id);
      this.#disk.set(copy.id, copy);
    });
    return true;
  }

  delete(id: PacketId): boolean {
    this.#checkOpen('delete an object');
    this.#pending.push(() => this.#disk.delete(id));
    return true;
  }

  async flush(): Promise<void> {
    this.#checkOpen('flush');
    await this.#flushed();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#flushed();
  }

  stats(): PacketLogStats {
    return { recordCount: this.#disk.size, liveBytes: 0, logBytes: 0, pendingBytes: 0, lostCount: 0, failure: null, compactionCount: 0 };
  }

  async #flushed(): Promise<void> {
    const pending = this.#pending;
    this.#pending = [];
    await Promise.resolve();
    for (const write of pending) write();
  }

  #checkOpen(action: string): void {
    if (this.#isClosed) throw new CacheError('LOG_CLOSED', `Cannot ${action}: the memory log is closed`);
  }
}
