/**
 * The chain of each author: which object is the last, and where a chain forks. SPEC, Order.
 *
 * ```
 *   A1 <- A2 <- A3      a chain: each names the one before it, A3 is its tip
 *          ^--- A3'     a fork: two signed objects of one author with one prev
 *   A4                  a new chain after a lost state: legal, two tips, no fork
 * ```
 *
 * Objects come in any order: a tip is one whose successor has not come.
 */
import { type AuthorId, BoundedMap, type PacketId, type ShortId } from '@srp/machine';
import { authorsMax, chainLinksMax, tipsPerAuthorMax } from './constants.js';
import { type CausalItem, compareConcurrent, type Place } from './order.js';

/** An object of which order needs the author as well. */
export interface StreamObject extends CausalItem {
  readonly author: AuthorId;
  /** How the id of the author's object after this one begins, as he says; `null` or absent: he did not know it. */
  readonly next?: ShortId | null;
  /** It has its place in the order and is not for the application: a part of a message, or a manifest that lists nothing. */
  readonly isSilent?: boolean;
  /** What it is nothing without: it is delivered when all of these are here, in either mode. */
  readonly parts?: readonly PacketId[];
  /** Bytes that its caller keeps while it is held; 0 if absent. */
  readonly bytes?: number;
}

export class Chains {
  readonly #own: AuthorId | null;
  #ownTips: readonly Place[] = [];
  readonly #tips = new BoundedMap<AuthorId, readonly Place[]>(authorsMax);
  /** `prev` and author to the first object that names them. */
  readonly #next = new BoundedMap<string, PacketId>(chainLinksMax);

  /** `own`: the author whose last object is never forgotten, since his next one needs it. */
  constructor(own: AuthorId | null) {
    this.#own = own;
  }

  /** Takes in an object for the first time. Returns the two ends of a fork, or `null`. */
  add(object: StreamObject): readonly [PacketId, PacketId] | null {
    const { id, author, time, ms } = object;
    const prev = object.prev === id ? null : object.prev;
    let tips = this.#tipsOf(author).filter((tip) => tip.id !== prev);
    if (!this.#next.has(linkOf(id, author))) tips = [...tips, { id, time, ms }];
    this.#setTips(author, tips);

    if (prev === null) return null;
    const link = linkOf(prev, author);
    const first = this.#next.get(link);
    if (first !== undefined) return [first, id];
    this.#next.set(link, id);
    return null;
  }

  /** The latest object of `author` that none of his others follows; the latest by his own time, if he has several. */
  lastOf(author: AuthorId): PacketId | null {
    let last: Place | null = null;
    for (const tip of this.#tipsOf(author)) if (last === null || compareConcurrent(tip, last) > 0) last = tip;
    return last?.id ?? null;
  }

  /** Whether an object is known that names this one of the same author as its `prev`. */
  isFollowed({ id, author }: StreamObject): boolean {
    return this.#next.has(linkOf(id, author));
  }

  #tipsOf(author: AuthorId): readonly Place[] {
    return (author === this.#own ? this.#ownTips : this.#tips.get(author)) ?? [];
  }

  #setTips(author: AuthorId, tips: readonly Place[]): void {
    const kept = tips.length <= tipsPerAuthorMax ? tips : [...tips].sort(compareConcurrent).slice(-tipsPerAuthorMax);
    if (author === this.#own) this.#ownTips = kept;
    else this.#tips.set(author, kept);
  }
}

const linkOf = (prev: PacketId, author: AuthorId): string => `${prev}${author}`;
