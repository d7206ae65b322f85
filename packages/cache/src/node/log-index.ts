/** Where each object of a log stands in its file, and how many bytes of the file still matter. */
import type { PacketId } from '@srp/machine';
import type { Batch } from './batch.js';

/** Where a record stands. */
export interface Place {
  offset: number;
  readonly length: number;
  /** Where a compaction under way has copied it to, or -1. */
  movedTo: number;
}

/** The places of all that lives, always in the order of the file. */
export class LogIndex {
  #liveBytes = 0;
  readonly #places = new Map<PacketId, Place>();

  get size(): number {
    return this.#places.size;
  }

  get liveBytes(): number {
    return this.#liveBytes;
  }

  has(id: PacketId): boolean {
    return this.#places.has(id);
  }

  put(id: PacketId, offset: number, length: number): void {
    this.delete(id); // so that a new place is the last in the map, as it is in the file
    this.#places.set(id, { offset, length, movedTo: -1 });
    this.#liveBytes += length;
  }

  delete(id: PacketId): void {
    const place = this.#places.get(id);
    if (place === undefined) return;
    this.#places.delete(id);
    this.#liveBytes -= place.length;
  }

  /** Deletes `id` unless it was put again since it stood in `place`; answers whether it was deleted. */
  drop(id: PacketId, place: Place): boolean {
    if (this.#places.get(id) !== place) return false;
    this.delete(id);
    return true;
  }

  /** Takes over what a batch did, written at `offset`. */
  apply(batch: Batch, offset: number): void {
    for (const entry of batch.entries) {
      if (entry.kind === 'put') this.put(entry.id, offset + entry.offset, entry.length);
      else this.delete(entry.id);
    }
  }

  /** A live walk in the order of the file: it sees what is put and deleted meanwhile. */
  entries(): IterableIterator<[PacketId, Place]> {
    return this.#places.entries();
  }

  /** After a compaction: what was copied stands where it was copied to, what came later has moved by `shift`. */
  moveTo(shift: number): void {
    for (const place of this.#places.values()) {
      place.offset = place.movedTo >= 0 ? place.movedTo : place.offset + shift;
      place.movedTo = -1;
    }
  }
}
