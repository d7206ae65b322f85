/**
 * The objects in the cache as columns: one row for each, with its place in every index. Internal.
 *
 * An object of JavaScript for each would take five times as much, and a collector that walks over all of them now and then.
 * Here a row is some 130 bytes in arrays of numbers, besides its id, its bytes (blocks.ts) and whom it is charged to
 * (ledger.ts). Row 0 stands for none, in every column that names a row.
 *
 * A row that was freed can be read until the next one is taken.
 */
import { decodePacket, expiresAt, type Life, type Packet } from '@srp/wire';
import { type Instant, type PacketId } from '@srp/machine';
import { Blocks, blocksOf } from './blocks.js';
import { blockCharge, entryOverheadBytes } from './constants.js';
import type { Ingress, Party } from './ledger.js';
import type { Topic } from './entry-index.js';
import { type Pool, pools } from './record.js';
import { twice } from './twice.js';

/** A row of the table; 0 is none. */
export type Row = number;

/** An object that comes in. */
export interface Incoming {
  readonly packet: Packet;
  /** Those of `packet`, with the postage it has left. */
  readonly bytes: Uint8Array;
  readonly keptAt: Instant;
  /** When its custody period ends; `null` if it has none. */
  readonly custodyAt: Instant | null;
}

/** Rows a table begins with: eight numbers lie beside their array, more lie in memory of their own. */
export const rowsMin = 8;

export class Table {
  readonly #blocks = new Blocks();
  #rows = 1;
  #free: Row = 0;

  // What it is. No instant: not a number.
  readonly ids: PacketId[] = ['' as PacketId];
  life = new Uint8Array(rowsMin);
  pool = new Uint8Array(rowsMin);
  time = new Uint32Array(rowsMin);
  keptAt = new Float64Array(rowsMin);
  custodyAt = new Float64Array(rowsMin);
  leavesAt = new Float64Array(rowsMin);
  byteCount = new Uint16Array(rowsMin);
  firstBlock = new Uint32Array(rowsMin);

  // Where it is: in the heap of deadlines, in its part of the budget, among what its ingress brought, by its names.
  heapAt = new Uint32Array(rowsMin);
  partAt = new Uint32Array(rowsMin);
  ingressAt = new Uint32Array(rowsMin);
  shortHash = new Uint32Array(rowsMin);
  shortNext = new Uint32Array(rowsMin);
  /** What it follows, as two hashes; both 0 if nothing. */
  linkHash = new Uint32Array(rowsMin);
  linkCheck = new Uint32Array(rowsMin);
  linkNext = new Uint32Array(rowsMin);
  successor = new Uint32Array(rowsMin);
  predecessor = new Uint32Array(rowsMin);
  topicNext = new Uint32Array(rowsMin);
  topicPrevious = new Uint32Array(rowsMin);

  // Whose it is.
  readonly topics: Topic[] = [];
  readonly authorShares: Party[] = [];
  readonly topicShares: Party[] = [];
  readonly ingresses: (Ingress | null)[] = [];

  /** Takes a row; it is in no index yet. */
  add({ packet, bytes, keptAt, custodyAt }: Incoming, id: PacketId, pool: Pool): Row {
    const row = this.#take();
    this.ids[row] = id;
    this.life[row] = packet.life;
    this.setPool(row, pool);
    this.time[row] = packet.time;
    this.keptAt[row] = keptAt;
    this.custodyAt[row] = custodyAt ?? Number.NaN;
    this.leavesAt[row] = Number.NaN;
    this.byteCount[row] = bytes.length;
    this.firstBlock[row] = this.#blocks.put(bytes);
    return row;
  }

  free(row: Row): void {
    this.#blocks.delete(this.firstBlock[row] as number);
    this.shortNext[row] = this.#free;
    this.#free = row;
  }

  poolOf(row: Row): Pool {
    return pools[this.pool[row] as number] as Pool;
  }

  setPool(row: Row, pool: Pool): void {
    this.pool[row] = pools.indexOf(pool);
  }

  lifeOf(row: Row): Life {
    return this.life[row] as Life;
  }

  expiresAt(row: Row): Instant {
    return expiresAt({ life: this.lifeOf(row), time: this.time[row] as number });
  }

  /** When something is to be done about it. */
  dueAt(row: Row): Instant {
    const leavesAt = this.leavesAt[row] as number;
    const next = Number.isNaN(leavesAt) ? (this.custodyAt[row] as number) : leavesAt;
    const expiry = this.expiresAt(row);
    return next < expiry ? (next as Instant) : expiry;
  }

  /** Bytes of memory it takes, its own and those around it. */
  charge(row: Row): number {
    return blocksOf(this.byteCount[row] as number) * blockCharge + entryOverheadBytes;
  }

  bytes(row: Row): Uint8Array {
    return this.#blocks.get(this.firstBlock[row] as number, this.byteCount[row] as number);
  }

  packet(row: Row): Packet {
    const read = decodePacket(this.bytes(row));
    if (!read.ok) throw new TypeError(`Cannot read an object in the cache: ${read.reason}`); // it was read before it came in
    return read.value;
  }

  #take(): Row {
    if (this.#free !== 0) {
      const row = this.#free;
      this.#free = this.shortNext[row] as number;
      return row;
    }
    if (this.#rows === this.life.length) this.#grow();
    this.#rows += 1;
    return this.#rows - 1;
  }

  #grow(): void {
    this.life = twice(this.life);
    this.pool = twice(this.pool);
    this.time = twice(this.time);
    this.keptAt = twice(this.keptAt);
    this.custodyAt = twice(this.custodyAt);
    this.leavesAt = twice(this.leavesAt);
    this.byteCount = twice(this.byteCount);
    this.firstBlock = twice(this.firstBlock);
    this.heapAt = twice(this.heapAt);
    this.partAt = twice(this.partAt);
    this.ingressAt = twice(this.ingressAt);
    this.shortHash = twice(this.shortHash);
    this.shortNext = twice(this.shortNext);
    this.linkHash = twice(this.linkHash);
    this.linkCheck = twice(this.linkCheck);
    this.linkNext = twice(this.linkNext);
    this.successor = twice(this.successor);
    this.predecessor = twice(this.predecessor);
    this.topicNext = twice(this.topicNext);
    this.topicPrevious = twice(this.topicPrevious);
  }
}
