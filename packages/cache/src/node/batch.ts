/** What waits to be written: records one behind the other, and who waits for them. */
import type { PacketId } from '@srp/machine';

/** Where a record stands in its batch, and what it does. */
export interface BatchEntry {
  readonly kind: 'put' | 'delete';
  readonly id: PacketId;
  readonly offset: number;
  readonly length: number;
}

/** Records that are written together. */
export class Batch {
  readonly entries: BatchEntry[] = [];
  /** Settles when the batch is written, or cannot be. */
  readonly done: Promise<void>;
  readonly settle: (error: Error | null) => void;
  readonly #parts: Uint8Array[] = [];
  #length = 0;

  constructor() {
    let settle: (error: Error | null) => void = () => undefined;
    this.done = new Promise((resolve, reject) => {
      settle = (error) => (error === null ? resolve() : reject(error));
    });
    this.done.catch(() => undefined); // a batch nobody waits for may fail unheard: the log counts it
    this.settle = settle;
  }

  get length(): number {
    return this.#length;
  }

  add(kind: 'put' | 'delete', id: PacketId, record: Uint8Array): void {
    this.entries.push({ kind, id, offset: this.#length, length: record.length });
    this.#parts.push(record);
    this.#length += record.length;
  }

  /** The records in pieces of about `size` bytes, so that joining them never takes long. */
  *pieces(size: number): Generator<Uint8Array> {
    let from = 0;
    while (from < this.#parts.length) {
      let length = 0;
      let to = from;
      while (to < this.#parts.length && length < size) {
        length += this.#parts[to]?.length ?? 0;
        to += 1;
      }
      yield Buffer.concat(this.#parts.slice(from, to), length);
      from = to;
    }
  }
}
