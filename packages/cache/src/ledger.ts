/**
 * Who holds how much of one part of the budget, and which object goes first. SPEC, Cache, Who gets the room.
 *
 * ```
 *   score = (1 + age / life) x greed(author) x greed(topic) x greed(ingress)
 *   greed = bytes held / fair share, at least 1;   fair share = bytes of the part / min(parties, fairParties)
 * ```
 *
 * The worst of 8 taken at random goes, so a flood mostly evicts itself: by author, by topic, and, against one who makes
 * keys by the thousand, by the network that brought it. The cap on parties is the other half of that defence: thousands of
 * keys with one object each do not make an author with twenty look greedy.
 *
 * Invariant: the bytes of the entries are those of the authors, and those of the topics. A party without bytes is
 * forgotten, so nothing here outgrows the entries.
 */
import type { Instant, Random, TopicTag } from '@srp/machine';
import { lifeMs } from '@srp/wire';
import { evictionSample, fairParties, partyBytes } from './constants.js';
import { type Row, rowsMin, type Table } from './table.js';
import { twice } from './twice.js';

/** What one party holds of a part. */
export interface Party {
  readonly key: string;
  /** How many parties came before it. */
  readonly rank: number;
  bytes: number;
}

/** A network, and what it brought. */
export interface Ingress extends Party {
  readonly rows: Row[];
}

/** To whom an object is charged. */
export interface Charged {
  readonly author: string;
  readonly tag: TopicTag;
  readonly ingress: string | null;
}

/** One part of the budget. */
export class Ledger {
  readonly #table: Table;
  #rows = new Uint32Array(rowsMin);
  #size = 0;
  #entryBytes = 0;
  #partyCount = 0;
  readonly #authors = new Map<string, Party>();
  readonly #topics = new Map<string, Party>();
  readonly #ingresses = new Map<string, Ingress>();

  constructor(table: Table) {
    this.#table = table;
  }

  /** Bytes of memory this part takes: its entries, and what is kept about who they are charged to. */
  get bytes(): number {
    return this.#entryBytes + partyBytes * (this.#authors.size + this.#topics.size + this.#ingresses.size);
  }

  get size(): number {
    return this.#size;
  }

  rows(): readonly Row[] {
    return [...this.#rows.subarray(0, this.#size)];
  }

  add(row: Row, { author, tag, ingress }: Charged): void {
    const charge = this.#table.charge(row);
    this.#entryBytes += charge;
    this.#table.authorShares[row] = this.#grown(this.#authors, author, charge, plain);
    this.#table.topicShares[row] = this.#grown(this.#topics, tag, charge, plain);
    const from = ingress === null ? null : this.#grown(this.#ingresses, ingress, charge, withRows);
    this.#table.ingresses[row] = from;
    if (from !== null) this.#table.ingressAt[row] = from.rows.push(row) - 1;
    if (this.#size === this.#rows.length) this.#rows = twice(this.#rows);
    this.#rows[this.#size] = row;
    this.#table.partAt[row] = this.#size;
    this.#size += 1;
  }

  /** Takes a row out; answers whom it was charged to, for the part it may move to. */
  remove(row: Row): Charged {
    const { charge, author, topic, ingress } = this.#chargesOf(row);
    this.#size -= 1;
    const last = this.#rows[this.#size] as Row;
    const at = this.#table.partAt[row] as number;
    this.#rows[at] = last;
    this.#table.partAt[last] = at;
    this.#entryBytes -= charge;
    shrink(this.#authors, author, charge);
    shrink(this.#topics, topic, charge);
    if (ingress !== null) {
      const lastOfIt = ingress.rows.pop() as Row;
      const atOfIt = this.#table.ingressAt[row] as number;
      if (lastOfIt !== row) ingress.rows[atOfIt] = lastOfIt;
      this.#table.ingressAt[lastOfIt] = atOfIt;
      shrink(this.#ingresses, ingress, charge);
    }
    return { author: author.key, tag: topic.key as TopicTag, ingress: ingress?.key ?? null };
  }

  /** Which one goes: the worst of a few at random and of `also`, if `mayGo`. 0 if there is none. */
  worst(now: Instant, random: Random, also: Row, mayGo: (row: Row) => boolean): Row {
    return this.#worstOf(now, random, this.#rows, this.#size, also, mayGo);
  }

  /** The same among what one ingress brought. */
  worstFrom(ingress: string, now: Instant, random: Random, also: Row, mayGo: (row: Row) => boolean): Row {
    const rows = this.#ingresses.get(ingress)?.rows ?? [];
    return this.#worstOf(now, random, rows, rows.length, also, mayGo);
  }

  /** How ready a row of this part is to go, 1 at least. */
  score(now: Instant, row: Row): number {
    const { author, topic, ingress } = this.#chargesOf(row);
    return (
      (1 + this.#ageShare(now, row)) *
      this.#greed(author, this.#authors.size, fairParties.author) *
      this.#greed(topic, this.#topics.size, fairParties.topic) *
      (ingress === null ? 1 : this.#greed(ingress, this.#ingresses.size, fairParties.ingress))
    );
  }

  #worstOf(now: Instant, random: Random, rows: ArrayLike<Row>, count: number, also: Row, mayGo: (row: Row) => boolean): Row {
    let worst = also;
    let score = also === 0 ? -1 : this.score(now, also);
    let drawn = random.below(0xffff_ffff) + 1; // one strong draw, stretched: nothing secret hangs on the other seven
    for (let i = 0; i < evictionSample && count > 0; i += 1) {
      drawn = xorshift32(drawn);
      const row = rows[drawn % count] as Row;
      if (!mayGo(row)) continue;
      const own = this.score(now, row);
      if (own > score) {
        worst = row;
        score = own;
      }
    }
    return worst;
  }

  #chargesOf(row: Row): { readonly charge: number; readonly author: Party; readonly topic: Party; readonly ingress: Ingress | null } {
    const { authorShares, topicShares, ingresses } = this.#table;
    const [author, topic] = [authorShares[row], topicShares[row]];
    if (author === undefined || topic === undefined) throw new TypeError('Cannot look at an entry: it is in no part');
    return { charge: this.#table.charge(row), author, topic, ingress: ingresses[row] ?? null };
  }

  /** How far its life is over, 0..1. */
  #ageShare(now: Instant, row: Row): number {
    const { time } = this.#table;
    return Math.min(1, Math.max(0, (now - (time[row] as number) * 1000) / lifeMs(this.#table.lifeOf(row))));
  }

  #grown<Kind extends Party>(parties: Map<string, Kind>, key: string, bytes: number, make: (key: string, rank: number) => Kind): Kind {
    let party = parties.get(key);
    if (party === undefined) {
      party = make(key, this.#partyCount);
      this.#partyCount += 1;
      parties.set(key, party);
    }
    party.bytes += bytes;
    return party;
  }

  #greed(party: Party, parties: number, partiesMax: number): number {
    return Math.max(1, (party.bytes * Math.min(parties, partiesMax)) / this.#entryBytes);
  }
}

/** Marsaglia, Xorshift RNGs, 2003: a full period over all 32-bit numbers but zero. */
const xorshift32 = (value: number): number => {
  let next = value ^ (value << 13);
  next ^= next >>> 17;
  next ^= next << 5;
  return next >>> 0;
};

const plain = (key: string, rank: number): Party => ({ key, rank, bytes: 0 });
const withRows = (key: string, rank: number): Ingress => ({ key, rank, bytes: 0, rows: [] });

const shrink = <Kind extends Party>(parties: Map<string, Kind>, party: Kind, bytes: number): void => {
  party.bytes -= bytes;
  if (party.bytes === 0) parties.delete(party.key);
};
