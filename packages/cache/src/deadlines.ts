/** A heap of rows by when something is due about them. A row knows its place, so it leaves in log n steps. */
import type { Instant } from '@srp/machine';
import { type Row, rowsMin, type Table } from './table.js';
import { twice } from './twice.js';

/** The rows by `dueAt`, the earliest first. */
export class Deadlines {
  readonly #table: Table;
  #heap = new Uint32Array(rowsMin);
  /** Of each place of the heap, beside it, so that rising and sinking read nothing else. */
  #dueAt = new Float64Array(rowsMin);
  #size = 0;

  constructor(table: Table) {
    this.#table = table;
  }

  /** When the first is due. */
  get first(): Instant | null {
    return this.#size === 0 ? null : (this.#dueAt[0] as Instant);
  }

  /** The first if it is due, 0 if none is; it stays. */
  due(now: Instant): Row {
    return this.#size > 0 && (this.#dueAt[0] as number) <= now ? (this.#heap[0] as Row) : 0;
  }

  add(row: Row): void {
    if (this.#size === this.#heap.length) {
      this.#heap = twice(this.#heap);
      this.#dueAt = twice(this.#dueAt);
    }
    this.#size += 1;
    this.#rise(this.#size - 1, row, this.#table.dueAt(row));
  }

  remove(row: Row): void {
    const at = this.#table.heapAt[row] as number;
    this.#size -= 1;
    const last = this.#heap[this.#size] as Row;
    if (last !== row) this.#place(at, last, this.#dueAt[this.#size] as number);
  }

  /** Puts a row whose `dueAt` has changed into its place. */
  moved(row: Row): void {
    this.#place(this.#table.heapAt[row] as number, row, this.#table.dueAt(row));
  }

  #place(at: number, row: Row, dueAt: number): void {
    if (at > 0 && (this.#dueAt[(at - 1) >> 1] as number) > dueAt) this.#rise(at, row, dueAt);
    else this.#sink(at, row, dueAt);
  }

  #rise(from: number, row: Row, dueAt: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if ((this.#dueAt[parent] as number) <= dueAt) break;
      this.#set(at, this.#heap[parent] as Row, this.#dueAt[parent] as number);
      at = parent;
    }
    this.#set(at, row, dueAt);
  }

  #sink(from: number, row: Row, dueAt: number): void {
    let at = from;
    for (;;) {
      const left = 2 * at + 1;
      if (left >= this.#size) break;
      const child = left + 1 < this.#size && (this.#dueAt[left + 1] as number) < (this.#dueAt[left] as number) ? left + 1 : left;
      if ((this.#dueAt[child] as number) >= dueAt) break;
      this.#set(at, this.#heap[child] as Row, this.#dueAt[child] as number);
      at = child;
    }
    this.#set(at, row, dueAt);
  }

  #set(at: number, row: Row, dueAt: number): void {
    this.#heap[at] = row;
    this.#dueAt[at] = dueAt;
    this.#table.heapAt[row] = at;
  }
}
