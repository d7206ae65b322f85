/**
 * Finds entries by id, by short id, by the object before them and by topic.
 *
 * One map serves ids and short ids: two objects with one short id (2^32 work for who wants to make a pair) form a chain.
 * Objects of one author with one `prev` form another, which he may make as long as the cache is; it is doubly linked, so that
 * leaving it costs the same wherever one stands. What others hang on that `prev` stands in chains of theirs.
 */
import { type PacketId, type Random, type ShortId, shortIdOf, type TopicTag } from '@srp/machine';
import { successorsMax } from './constants.js';
import { type Entry, type Link, linkOf } from './entry.js';
import { Sketches } from './reconcile/sketches.js';

/** All entries, by every name. */
export class EntryIndex {
  #size = 0;
  readonly #byShort = new Map<ShortId, Entry>();
  readonly #byLink = new Map<Link, Entry>();
  readonly #byTag = new Map<TopicTag, Set<Entry>>();
  /** Topics as they are compared with neighbours. */
  readonly sketches: Sketches;

  constructor(random: Random) {
    this.sketches = new Sketches({ random, idsOf: (tag, since) => this.idsOf(tag, since) });
  }

  get size(): number {
    return this.#size;
  }

  get(id: PacketId): Entry | null {
    let entry = this.#byShort.get(shortIdOf(id)) ?? null;
    while (entry !== null && entry.id !== id) entry = entry.twin;
    return entry;
  }

  hasShort(id: ShortId): boolean {
    return this.#byShort.has(id);
  }

  byShort(id: ShortId): readonly Entry[] {
    const found: Entry[] = [];
    for (let entry = this.#byShort.get(id) ?? null; entry !== null; entry = entry.twin) found.push(entry);
    return found;
  }

  /** What follows an object that is held, by its author; at most 8, the latest first. */
  byPrev(prev: PacketId): readonly Entry[] {
    const author = this.get(prev)?.shares?.author.key;
    const found: Entry[] = [];
    if (author === undefined) return found;
    for (let entry = this.#byLink.get(linkOf(prev, author)) ?? null; entry !== null && found.length < successorsMax; entry = entry.nextSuccessor) found.push(entry);
    return found;
  }

  /** In the order in which they came; a live view. */
  byTag(tag: TopicTag): ReadonlySet<Entry> {
    return this.#byTag.get(tag) ?? nobody;
  }

  /** Those of a topic with a time of at least `since`, in the order in which they came. */
  idsOf(tag: TopicTag, since: number): readonly PacketId[] {
    const ids: PacketId[] = [];
    for (const entry of this.byTag(tag)) if (entry.time >= since) ids.push(entry.id);
    return ids;
  }

  add(entry: Entry): void {
    this.#size += 1;
    this.sketches.changed(entry.tag, entry.time, entry.id, 1);
    const short = shortIdOf(entry.id);
    entry.twin = this.#byShort.get(short) ?? null;
    this.#byShort.set(short, entry);
    if (entry.link !== null) {
      const next = this.#byLink.get(entry.link) ?? null;
      entry.nextSuccessor = next;
      if (next !== null) next.previousSuccessor = entry;
      this.#byLink.set(entry.link, entry);
    }
    const group = this.#byTag.get(entry.tag);
    if (group === undefined) this.#byTag.set(entry.tag, new Set([entry]));
    else group.add(entry);
  }

  remove(entry: Entry): void {
    this.#size -= 1;
    this.sketches.changed(entry.tag, entry.time, entry.id, -1);
    this.#removeShort(entry);
    if (entry.link !== null) this.#removeSuccessor(entry, entry.link);
    const group = this.#byTag.get(entry.tag);
    group?.delete(entry);
    if (group?.size === 0) this.#byTag.delete(entry.tag);
  }

  #removeShort(entry: Entry): void {
    const short = shortIdOf(entry.id);
    let before: Entry | null = null;
    for (let at = this.#byShort.get(short) ?? null; at !== null && at !== entry; at = at.twin) before = at;
    if (before !== null) before.twin = entry.twin;
    else if (entry.twin !== null) this.#byShort.set(short, entry.twin);
    else this.#byShort.delete(short);
    entry.twin = null;
  }

  #removeSuccessor(entry: Entry, link: Link): void {
    const { nextSuccessor: next, previousSuccessor: previous } = entry;
    if (next !== null) next.previousSuccessor = previous;
    if (previous !== null) previous.nextSuccessor = next;
    else if (next !== null) this.#byLink.set(link, next);
    else this.#byLink.delete(link);
    entry.nextSuccessor = null;
    entry.previousSuccessor = null;
  }
}

const nobody: ReadonlySet<Entry> = new Set();
