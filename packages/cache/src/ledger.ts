/**
 * Who holds how much of a pool, and which of its objects goes first. SPEC, Cache, eviction.
 *
 * ```
 *   score = (1 + age / life) x greed(author) x greed(topic) x greed(ingress)
 *   greed = bytes held / fair share, at least 1;   fair share = bytes of the pool / min(parties, fairParties)
 * ```
 *
 * The worst of 8 taken at random goes, so a flood mostly evicts itself: by author, by topic, and, against one who makes
 * keys by the thousand, by the network that brought it. The cap on parties is the other half of that defence: thousands of
 * keys with one object each do not make an author with twenty look greedy.
 *
 * Invariant: the bytes of the entries are those of the authors, and those of the topics. A share without bytes is
 * forgotten, so nothing here outgrows the entries.
 */
import type { Instant, Random, TopicTag } from '@srp/machine';
import { evictionSample, fairParties, partyBytes } from './constants.js';
import type { Entry } from './entry.js';

/** What one party holds of a pool. */
export interface Share {
  readonly key: string;
  bytes: number;
}

/** The entries of one pool. */
export class Ledger {
  #entryBytes = 0;
  readonly #entries: Entry[] = [];
  readonly #authors = new Map<string, Share>();
  readonly #topics = new Map<string, Share>();
  readonly #ingresses = new Map<string, Share>();

  /** Bytes of memory this pool takes: its entries, and what is kept about who they are charged to. */
  get bytes(): number {
    return this.#entryBytes + partyBytes * (this.#authors.size + this.#topics.size + this.#ingresses.size);
  }

  get size(): number {
    return this.#entries.length;
  }

  add(entry: Entry, author: string): void {
    this.#entryBytes += entry.charge;
    entry.shares = {
      author: grown(this.#authors, author, entry.charge),
      topic: grown(this.#topics, entry.tag, entry.charge),
      ingress: entry.ingress === null ? null : grown(this.#ingresses, entry.ingress, entry.charge),
    };
    entry.tag = entry.shares.topic.key as TopicTag; // one string for the whole topic
    entry.poolAt = this.#entries.push(entry) - 1;
  }

  /** Takes an entry out; answers its author, for the pool it may move to. */
  remove(entry: Entry): string {
    const { shares } = entry;
    const last = this.#entries.pop();
    if (shares === null || last === undefined) throw new TypeError('Cannot remove an entry: it is in no pool');
    if (last !== entry) {
      this.#entries[entry.poolAt] = last;
      last.poolAt = entry.poolAt;
    }
    this.#entryBytes -= entry.charge;
    shrink(this.#authors, shares.author, entry.charge);
    shrink(this.#topics, shares.topic, entry.charge);
    if (shares.ingress !== null) shrink(this.#ingresses, shares.ingress, entry.charge);
    entry.poolAt = -1;
    entry.shares = null;
    return shares.author.key;
  }

  /** Which one goes: the worst of a few at random and of `also`. `spared` never goes. `null` if there is no other. */
  worst(now: Instant, random: Random, also: Entry | null, spared: Entry | null): Entry | null {
    let worst = also;
    let score = also === null ? -1 : this.score(now, also);
    let drawn = random.below(0xffff_ffff) + 1; // one strong draw, stretched: nothing secret hangs on the other seven
    for (let i = 0; i < evictionSample && this.#entries.length > 0; i += 1) {
      drawn = xorshift32(drawn);
      const entry = this.#entries[drawn % this.#entries.length];
      if (entry === undefined || entry === spared) continue;
      const own = this.score(now, entry);
      if (own > score) {
        worst = entry;
        score = own;
      }
    }
    return worst;
  }

  /** How ready an entry of this pool is to go, 1 at least. */
  score(now: Instant, entry: Entry): number {
    const { shares } = entry;
    if (shares === null) return 0;
    const ingress = shares.ingress === null ? 1 : this.#greed(shares.ingress, this.#ingresses.size, fairParties.ingress);
    return (
      (1 + entry.ageShare(now)) *
      this.#greed(shares.author, this.#authors.size, fairParties.author) *
      this.#greed(shares.topic, this.#topics.size, fairParties.topic) *
      ingress
    );
  }

  #greed(share: Share, parties: number, partiesMax: number): number {
    return Math.max(1, (share.bytes * Math.min(parties, partiesMax)) / this.#entryBytes);
  }
}

/** Marsaglia, Xorshift RNGs, 2003: a full period over all 32-bit numbers but zero. */
const xorshift32 = (value: number): number => {
  let next = value ^ (value << 13);
  next ^= next >>> 17;
  next ^= next << 5;
  return next >>> 0;
};

const grown = (shares: Map<string, Share>, key: string, bytes: number): Share => {
  const share = shares.get(key) ?? { key, bytes: 0 };
  if (share.bytes === 0) shares.set(key, share);
  share.bytes += bytes;
  return share;
};

const shrink = (shares: Map<string, Share>, share: Share, bytes: number): void => {
  share.bytes -= bytes;
  if (share.bytes === 0) shares.delete(share.key);
};
