/**
 * Help for subscribers that reach few others, as behind a hard NAT: a neighbour that does not subscribe carries the
 * topic for them. SPEC, Support.
 *
 * ```
 *   subscriber with fewer than 2 links ──GRAFT──▶ open neighbour ──GRAFT──▶ 3 subscribers it knows
 *                                      ◀───────── objects ─────────────────
 * ```
 *
 * All three are links of one tree then. Nothing ends it but time: who still needs it says so again.
 */
import { after, type Bound, earliest, type Instant, type PeerId, type Random, sample, type TopicTag } from '@srp/machine';
import { supportAgainMs, supportedTopicsMax, supportForMs, supportParents, supportPerTopicMax, supportedBelow } from '../constants.js';
import { type Neighbour, type Neighbours } from '../neighbours.js';

/** A link that is to be made, with GRAFT. */
export interface Ask {
  readonly tag: TopicTag;
  readonly link: Neighbour;
}

export class Support {
  readonly #neighbours: Neighbours;
  readonly #random: Random;
  /** Own topics with few links: whom this peer asked for support, and when it asks again. */
  readonly #sought = new Map<TopicTag, { readonly from: PeerId; readonly againAt: Instant }>();
  /** Other topics that this peer carries, and when it looks after them again. */
  readonly #carried = new Map<TopicTag, Instant>();

  constructor(neighbours: Neighbours, random: Random) {
    this.#neighbours = neighbours;
    this.#random = random;
  }

  bounds(): readonly Bound[] {
    const links = [...this.#carried.keys()].map((tag) => this.#neighbours.adoptedOf(tag).size);
    return [
      { name: 'mesh topics carried', size: this.#carried.size, max: supportedTopicsMax },
      { name: 'mesh links of a topic carried', size: Math.max(0, ...links), max: supportPerTopicMax + supportParents },
    ];
  }

  carries(tag: TopicTag): boolean {
    return this.#carried.has(tag);
  }

  deadline(): Instant | null {
    let first: Instant | null = null;
    for (const { againAt } of this.#sought.values()) first = earliest(first, againAt);
    for (const at of this.#carried.values()) first = earliest(first, at);
    return first;
  }

  /** Looks after an own topic: whom to ask for support now. */
  seek(now: Instant, tag: TopicTag): readonly Ask[] {
    this.#neighbours.expireAdopted(now, tag);
    if (this.#neighbours.count(tag) >= supportedBelow) {
      this.#sought.delete(tag);
      return [];
    }
    const sought = this.#sought.get(tag);
    const known = sought === undefined ? undefined : this.#neighbours.get(sought.from);
    if (sought !== undefined && known !== undefined && now < sought.againAt) return [];
    const able = this.#neighbours.all().filter((neighbour) => neighbour.isOpen && !neighbour.tags.has(tag));
    const [link] = known !== undefined && able.includes(known) ? [known] : sample(this.#random, able, 1);
    if (link === undefined) {
      this.#sought.delete(tag);
      return [];
    }
    this.#sought.set(tag, { from: link.peer, againAt: after(now, supportAgainMs) });
    this.#neighbours.adopt(link, tag, after(now, supportForMs));
    return [{ tag, link }];
  }

  /** A session is over: whoever carried an own topic, or brought a carried one, is replaced soon. */
  lost(now: Instant, neighbour: Neighbour): void {
    for (const tag of this.#carried.keys()) if (this.#neighbours.adoptedOf(tag).has(neighbour)) this.#carried.set(tag, now);
  }

  leave(tag: TopicTag): void {
    this.#sought.delete(tag);
    this.#neighbours.disown(tag);
  }

  /** A subscriber asks this peer, which does not subscribe, for support. Returns whom to ask in turn, or `null` if there is no room. */
  asked(now: Instant, by: Neighbour, tag: TopicTag): readonly Ask[] | null {
    const adopted = this.#neighbours.adoptedOf(tag);
    if (!this.#carried.has(tag) && this.#carried.size >= supportedTopicsMax) return null;
    if (!adopted.has(by) && adopted.size >= supportPerTopicMax) return null;
    this.#neighbours.adopt(by, tag, after(now, supportForMs));
    by.seeksUntil.set(tag, after(now, supportForMs));
    by.eager.add(tag);
    if (this.#carried.has(tag)) return [];
    this.#carried.set(tag, after(now, supportAgainMs));
    return this.#parents(now, tag);
  }

  /** Carried topics that are due: parents are asked again, or others; what nobody asks for any more is let go. */
  wake(now: Instant): readonly Ask[] {
    const asks: Ask[] = [];
    for (const [tag, at] of [...this.#carried]) {
      if (now < at) continue;
      this.#neighbours.expireAdopted(now, tag);
      const isNeeded = [...this.#neighbours.adoptedOf(tag).keys()].some(({ seeksUntil }) => (seeksUntil.get(tag) ?? now) > now);
      if (!isNeeded) {
        this.#carried.delete(tag);
        this.#neighbours.disown(tag);
        continue;
      }
      this.#carried.set(tag, after(now, supportAgainMs));
      asks.push(...this.#parents(now, tag));
    }
    return asks;
  }

  #parents(now: Instant, tag: TopicTag): readonly Ask[] {
    const adopted = this.#neighbours.adoptedOf(tag);
    const subscribers = [...this.#neighbours.subscribersOf(tag)].flatMap((peer) => this.#neighbours.get(peer) ?? []).filter(({ seeksUntil }) => (seeksUntil.get(tag) ?? now) <= now);
    const kept = subscribers.filter((link) => adopted.has(link)).slice(0, supportParents);
    const fresh = sample(this.#random, subscribers.filter((link) => !adopted.has(link)), supportParents - kept.length);
    return [...kept, ...fresh].map((link) => {
      this.#neighbours.adopt(link, tag, after(now, supportForMs));
      return { tag, link };
    });
  }
}
