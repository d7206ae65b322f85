/**
 * Finds rows by id, by short id, by the object before them and by topic.
 *
 * ```
 *   short id ─hash▶ bucket ─▶ row ─▶ row              ids are compared; two objects with one short id (2^32 work for
 *                                                     who wants to make a pair) are two rows of one bucket
 *   link     ─hash▶ bucket ─▶ row ─────▶ row          one for each link: an author's and what he names as `prev`
 *                              ▼
 *                             row ─▶ row ─▶ ...       the others with that link, a fork: as many as he likes
 *   topic    ─▶ row ◀─▶ row ◀─▶ row                   in the order in which they came
 * ```
 *
 * The hashes are keyed, so that nobody chooses ids that crowd in one bucket. Whoever forks without end pays with a chain of
 * his own: what others hang on the same `prev` has a link of theirs.
 */
import type { PacketId, Random, ShortId, TopicTag } from '@srp/machine';
import { successorsMax } from './constants.js';
import { flat } from './flat.js';
import { type KeyedHash, keyedHash, wordAt } from './keyed-hash.js';
import { Sketches } from './reconcile/sketches.js';
import { type Row, rowsMin, type Table } from './table.js';

/** The objects of one topic, whatever pool they are in. */
export interface Topic {
  readonly tag: TopicTag;
  first: Row;
  last: Row;
}

/** Where somebody stands who goes through a topic in steps, while its objects come and go. */
export interface Walk {
  at: Row;
}

/** All rows, by every name. */
export class EntryIndex {
  readonly #table: Table;
  readonly #hash: KeyedHash;
  #size = 0;
  #byShort = new Uint32Array(rowsMin);
  #byLink = new Uint32Array(rowsMin);
  readonly #topics = new Map<TopicTag, Topic>();
  readonly #walks = new Set<Walk>();
  /** Topics as they are compared with neighbours. */
  readonly sketches: Sketches;

  constructor(table: Table, random: Random) {
    this.#table = table;
    this.#hash = keyedHash(random.fork('index'));
    this.sketches = new Sketches({ random, idsOf: (tag, since) => this.idsOf(tag, since) });
  }

  get size(): number {
    return this.#size;
  }

  get(id: PacketId): Row {
    for (let row = this.#bucketOf(id); row !== 0; row = this.#table.shortNext[row] as Row) if (this.#table.ids[row] === id) return row;
    return 0;
  }

  hasShort(id: ShortId): boolean {
    for (let row = this.#bucketOf(id); row !== 0; row = this.#table.shortNext[row] as Row) if (this.#table.ids[row]?.startsWith(id) === true) return true;
    return false;
  }

  byShort(id: ShortId): readonly Row[] {
    const found: Row[] = [];
    for (let row = this.#bucketOf(id); row !== 0; row = this.#table.shortNext[row] as Row) if (this.#table.ids[row]?.startsWith(id) === true) found.push(row);
    return found;
  }

  /** What follows an object that is held, by its author; at most 8, the latest first. */
  byPrev(prev: PacketId): readonly Row[] {
    const held = this.get(prev);
    const found: Row[] = [];
    if (held === 0) return found;
    const { key: author } = this.#table.authorShares[held] as { readonly key: string };
    for (let row = this.#head(this.#linkHash(prev, author), this.#linkCheck(prev, author)); row !== 0 && found.length < successorsMax; row = this.#table.successor[row] as Row) found.push(row);
    return found;
  }

  /** Goes through a topic, in the order in which its objects came; {@link step} until it gives 0, or {@link end}. */
  walk(tag: TopicTag): Walk {
    const walk = { at: this.#firstOf(tag) };
    this.#walks.add(walk);
    return walk;
  }

  step(walk: Walk): Row {
    const row = walk.at;
    if (row === 0) this.end(walk);
    else walk.at = this.#after(row);
    return row;
  }

  end(walk: Walk): void {
    this.#walks.delete(walk);
  }

  /** The topics of which something is held. */
  tags(): IterableIterator<TopicTag> {
    return this.#topics.keys();
  }

  /** The least life of those of a topic, life class 0 left out; 0 if there are none. */
  shortestLifeOf(tag: TopicTag): number {
    let shortest = 0;
    for (let row = this.#firstOf(tag); row !== 0; row = this.#after(row)) {
      const life = this.#table.life[row] as number;
      if (life > 0 && (shortest === 0 || life < shortest)) shortest = life;
    }
    return shortest;
  }

  /** Those of a topic with a time of at least `since`, in the order in which they came. */
  idsOf(tag: TopicTag, since: number): readonly PacketId[] {
    const ids: PacketId[] = [];
    for (let row = this.#firstOf(tag); row !== 0; row = this.#after(row)) if ((this.#table.time[row] as number) >= since) ids.push(this.#table.ids[row] as PacketId);
    return ids;
  }

  add(row: Row, tag: TopicTag, prev: PacketId | null, author: string): void {
    const table = this.#table;
    const id = table.ids[row] as PacketId;
    this.#size += 1;
    if (this.#size > this.#byShort.length) this.#grow();
    this.sketches.changed(tag, table.time[row] as number, id, 1);
    table.shortHash[row] = this.#shortHash(id);
    this.#addShort(row);
    table.linkHash[row] = prev === null ? 0 : this.#linkHash(prev, author);
    table.linkCheck[row] = prev === null ? 0 : this.#linkCheck(prev, author);
    if (prev !== null) this.#addLink(row);
    this.#addToTopic(row, tag);
  }

  remove(row: Row): void {
    const { ids, time, linkCheck } = this.#table;
    this.#size -= 1;
    this.sketches.changed((this.#table.topics[row] as Topic).tag, time[row] as number, ids[row] as PacketId, -1);
    this.#removeShort(row);
    if (linkCheck[row] !== 0) this.#removeLink(row);
    this.#removeFromTopic(row);
  }

  // By short id

  #shortHash(id: string): number {
    return this.#hash(wordAt(id, 0), wordAt(id, 8));
  }

  #bucketOf(id: string): Row {
    return this.#byShort[this.#shortHash(id) & (this.#byShort.length - 1)] as Row;
  }

  #addShort(row: Row): void {
    const bucket = (this.#table.shortHash[row] as number) & (this.#byShort.length - 1);
    this.#table.shortNext[row] = this.#byShort[bucket] as Row;
    this.#byShort[bucket] = row;
  }

  #removeShort(row: Row): void {
    const { shortHash, shortNext } = this.#table;
    unchain(this.#byShort, (shortHash[row] as number) & (this.#byShort.length - 1), shortNext, row, shortNext[row] as Row);
  }

  // By what it follows

  #linkHash(prev: PacketId, author: string): number {
    return this.#hash(this.#hash(wordAt(prev, 0), wordAt(prev, 8)) ^ wordAt(author, 0), wordAt(author, 8));
  }

  /** Beside the hash, so that two links are hardly ever taken for one. Never 0. */
  #linkCheck(prev: PacketId, author: string): number {
    return (this.#hash(this.#hash(wordAt(prev, 16), wordAt(author, 8)) ^ wordAt(prev, 24), wordAt(author, 0)) | 1) >>> 0;
  }

  /** The latest that has this link. */
  #head(hash: number, check: number): Row {
    const { linkHash, linkCheck, linkNext } = this.#table;
    let row = this.#byLink[hash & (this.#byLink.length - 1)] as Row;
    while (row !== 0 && (linkHash[row] !== hash || linkCheck[row] !== check)) row = linkNext[row] as Row;
    return row;
  }

  #addLink(row: Row): void {
    const { linkHash, linkCheck, successor, predecessor } = this.#table;
    const head = this.#head(linkHash[row] as number, linkCheck[row] as number);
    if (head !== 0) {
      this.#unlinkHead(head, row);
      predecessor[head] = row;
    } else this.#linkHead(row);
    successor[row] = head;
    predecessor[row] = 0;
  }

  #removeLink(row: Row): void {
    const { successor, predecessor } = this.#table;
    const [next, previous] = [successor[row] as Row, predecessor[row] as Row];
    if (next !== 0) predecessor[next] = previous;
    if (previous !== 0) successor[previous] = next;
    else this.#unlinkHead(row, next);
  }

  #linkHead(row: Row): void {
    const bucket = (this.#table.linkHash[row] as number) & (this.#byLink.length - 1);
    this.#table.linkNext[row] = this.#byLink[bucket] as Row;
    this.#byLink[bucket] = row;
  }

  /** Takes a head out of its bucket, and puts another of the same link into its place, or none. */
  #unlinkHead(head: Row, other: Row): void {
    const { linkHash, linkNext } = this.#table;
    const next = linkNext[head] as Row;
    if (other !== 0) linkNext[other] = next;
    unchain(this.#byLink, (linkHash[head] as number) & (this.#byLink.length - 1), linkNext, head, other === 0 ? next : other);
  }

  // By topic

  #firstOf(tag: TopicTag): Row {
    return this.#topics.get(tag)?.first ?? 0;
  }

  #after(row: Row): Row {
    return this.#table.topicNext[row] as Row;
  }

  #addToTopic(row: Row, tag: TopicTag): void {
    const { topics, topicNext, topicPrevious } = this.#table;
    let topic = this.#topics.get(tag);
    if (topic === undefined) {
      topic = { tag: flat(tag), first: row, last: 0 };
      this.#topics.set(topic.tag, topic);
    } else topicNext[topic.last] = row;
    topics[row] = topic;
    topicPrevious[row] = topic.last;
    topicNext[row] = 0;
    topic.last = row;
  }

  #removeFromTopic(row: Row): void {
    const { topics, topicNext, topicPrevious } = this.#table;
    const topic = topics[row] as Topic;
    const [next, previous] = [topicNext[row] as Row, topicPrevious[row] as Row];
    for (const walk of this.#walks) if (walk.at === row) walk.at = next;
    if (previous !== 0) topicNext[previous] = next;
    else topic.first = next;
    if (next !== 0) topicPrevious[next] = previous;
    else topic.last = previous;
    if (topic.first === 0) this.#topics.delete(topic.tag);
  }

  /** Twice as many buckets: half a millisecond for as many rows as a cache holds. */
  #grow(): void {
    const rows = this.#rows();
    this.#byShort = new Uint32Array(2 * this.#byShort.length);
    this.#byLink = new Uint32Array(this.#byShort.length);
    for (const row of rows) {
      this.#addShort(row);
      if (this.#table.linkCheck[row] !== 0 && this.#table.predecessor[row] === 0) this.#linkHead(row);
    }
  }

  #rows(): Row[] {
    const rows: Row[] = [];
    for (const topic of this.#topics.values()) for (let row = topic.first; row !== 0; row = this.#after(row)) rows.push(row);
    return rows;
  }
}

/** Takes a row out of the chain of a bucket and puts what follows, or its successor, into its place. */
const unchain = (buckets: Uint32Array, bucket: number, nexts: Uint32Array, row: Row, instead: Row): void => {
  let before = 0;
  for (let at = buckets[bucket] as Row; at !== row; at = nexts[at] as Row) before = at;
  if (before === 0) buckets[bucket] = instead;
  else nexts[before] = instead;
};
