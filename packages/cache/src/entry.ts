/** One object in the cache, as the cache handles it: a row of the table by its name. Made for a moment and never kept. */
import type { Instant, PacketId, TopicTag } from '@srp/machine';
import { type Life, type Packet } from '@srp/wire';
import type { PacketRecord, Pool } from './record.js';
import type { Row, Table } from './table.js';

/** An object that is held. After it was removed it can be read until the next one comes in. */
export class Entry {
  readonly row: Row;
  readonly #table: Table;

  constructor(table: Table, row: Row) {
    this.#table = table;
    this.row = row;
  }

  get id(): PacketId {
    return this.#table.ids[this.row] as PacketId;
  }

  get tag(): TopicTag {
    return (this.#table.topics[this.row] as { readonly tag: TopicTag }).tag;
  }

  get pool(): Pool {
    return this.#table.poolOf(this.row);
  }

  get life(): Life {
    return this.#table.lifeOf(this.row);
  }

  /** Unix seconds. */
  get time(): number {
    return this.#table.time[this.row] as number;
  }

  get keptAt(): Instant {
    return this.#table.keptAt[this.row] as Instant;
  }

  get expiresAt(): Instant {
    return this.#table.expiresAt(this.row);
  }

  get ingress(): string | null {
    return this.#table.ingresses[this.row]?.key ?? null;
  }

  /** When its custody period ends; `null` if it has none. */
  get custodyAt(): Instant | null {
    return instantOf(this.#table.custodyAt[this.row]);
  }

  set custodyAt(at: Instant | null) {
    this.#table.custodyAt[this.row] = at ?? Number.NaN;
  }

  /** Set when it was sent on for the last time: then it goes. */
  get leavesAt(): Instant | null {
    return instantOf(this.#table.leavesAt[this.row]);
  }

  set leavesAt(at: Instant | null) {
    this.#table.leavesAt[this.row] = at ?? Number.NaN;
  }

  packet(): Packet {
    return this.#table.packet(this.row);
  }

  /** What is to be kept of it. `bytes`: its own, if they are at hand. */
  record(bytes: Uint8Array = this.#table.bytes(this.row)): PacketRecord {
    const { id, pool, keptAt, ingress } = this;
    return { id, pool, keptAt, ingress, bytes };
  }
}

const instantOf = (at: number | undefined): Instant | null => (at === undefined || Number.isNaN(at) ? null : (at as Instant));
