/**
 * Help for subscribers that reach few others, as behind a hard NAT: a neighbour that does not subscribe carries the
 * topic for them. SPEC, Support.
 *
 * ```
 *   subscriber with fewer than 2 links ──GRAFT──▶ open neighbour ──GRAFT──▶ 3 subscribers it knows
 *                                      ◀──GRAFT──
 *                                      ◀───────── objects ─────────────────
 * ```
 *
 * All three are links of one tree then. Nothing ends it but time: who still needs it says so again. Who has no room is
 * silent, and another is asked. What always holds: nobody has more than a share of what this peer carries, and only a
 * subscriber is a link of a topic that is carried.
 */
import { after, type Bound, earliest, type Instant, type PeerId, type Random, sample, type TopicTag } from '@srp/machine';
import { linksMax, supportAgainMs, supportAnswerMs, supportChances, supportedBelow, supportedOfOneMax, supportedTopicsMax, supportForMs, supportParents, supportPerTopicMax, supportTurnMs } from '../constants.js';
import { type Neighbour, type Neighbours } from '../neighbours.js';

/** A link that is to be made, with GRAFT. */
export interface Ask {
  readonly tag: TopicTag;
  readonly link: Neighbour;
}

/** Who was asked to carry an own topic. */
interface Sought {
  readonly from: PeerId;
  readonly askedAt: Instant;
  readonly againAt: Instant;
  /** When another is asked in any case. */
  readonly turnAt: Instant;
  /** How often it may still leave a question unanswered; all of them: it has answered the last one. */
  readonly chances: number;
  /** The pause after the last question; none before the first, and after an answer. */
  readonly pauseMs: number;
}

export class Support {
  readonly #neighbours: Neighbours;
  readonly #random: Random;
  /** Own topics with few links. */
  readonly #sought = new Map<TopicTag, Sought>();
  /** Other topics that this peer carries, and when it looks after them again. */
  readonly #carried = new Map<TopicTag, Instant>();

  /** No later than the first end of a link that was adopted for an own topic. */
  #endsAt: Instant | null = null;

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
    let first = this.#endsAt;
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
    const asked = sought === undefined ? undefined : this.#neighbours.get(sought.from);
    if (sought !== undefined && asked !== undefined && now < sought.againAt) return [];
    const able = [...this.#neighbours.open()].filter(({ tags }) => !tags.has(tag));
    const others = able.filter((neighbour) => neighbour !== asked);
    const isKept = sought !== undefined && sought.chances > 0 && now < sought.turnAt && asked !== undefined && able.includes(asked);
    const [link] = isKept ? [asked] : sample(this.#random, others.length > 0 ? others : able, 1);
    if (link === undefined) {
      this.#sought.delete(tag);
      return [];
    }
    const pauseMs = Math.min(Math.max(supportAnswerMs, 2 * (sought?.pauseMs ?? 0)), supportAgainMs);
    const [chances, turnAt] = isKept ? [sought.chances - 1, sought.turnAt] : [0, after(now, supportTurnMs)];
    this.#sought.set(tag, { from: link.peer, askedAt: now, againAt: after(now, pauseMs), turnAt, chances, pauseMs });
    this.#adopt(now, link, tag);
    return [{ tag, link }];
  }

  /** A neighbour that does not subscribe carries an own topic: it was asked to, or others asked it. More than there is room for do not count. */
  offered(now: Instant, by: Neighbour, tag: TopicTag): void {
    const adopted = this.#neighbours.adoptedOf(tag);
    if (!adopted.has(by) && adopted.size >= linksMax) return;
    this.#adopt(now, by, tag);
    const sought = this.#sought.get(tag);
    // The first answer to each question alone counts: else who sends them without end would put the next question off.
    if (sought?.from === by.peer && sought.chances < supportChances) this.#sought.set(tag, { ...sought, chances: supportChances, pauseMs: 0, againAt: after(sought.askedAt, supportAgainMs) });
  }

  /** A session is over: whoever carried an own topic, or brought a carried one, is replaced soon. */
  lost(now: Instant, neighbour: Neighbour): void {
    for (const tag of this.#carried.keys()) if (this.#neighbours.adoptedOf(tag).has(neighbour)) this.#carried.set(tag, now);
  }

  /** The topic is an own one from now on. Those it was carried for are links of it anyway. */
  join(tag: TopicTag): void {
    this.#carried.delete(tag);
    for (const until of this.#neighbours.adoptedOf(tag).values()) this.#endsAt = earliest(this.#endsAt, until);
  }

  leave(tag: TopicTag): void {
    this.#sought.delete(tag);
    this.#neighbours.disown(tag);
  }

  /** A subscriber asks this peer, which does not subscribe, for support. Returns whom to send GRAFT, the asker first, or `null` if there is no room. */
  asked(now: Instant, by: Neighbour, tag: TopicTag): readonly Ask[] | null {
    const adopted = this.#neighbours.adoptedOf(tag);
    if (!this.#carried.has(tag) && this.#carried.size >= supportedTopicsMax) return null;
    if (!by.seeksUntil.has(tag) && by.seeksUntil.size >= supportedOfOneMax) return null;
    if (!adopted.has(by) && adopted.size >= supportPerTopicMax) return null;
    this.#neighbours.adopt(by, tag, after(now, supportForMs));
    by.seeksUntil.set(tag, after(now, supportForMs));
    const answer = { tag, link: by };
    if (this.#carried.has(tag)) return [answer];
    this.#carried.set(tag, after(now, supportAgainMs));
    return [answer, ...this.#parents(now, tag)];
  }

  /** Carried topics that are due: parents are asked again, or others; what nobody asks for any more is let go. */
  wake(now: Instant): readonly Ask[] {
    if (this.#endsAt !== null && now >= this.#endsAt) this.#endsAt = this.#neighbours.expireAllAdopted(now);
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

  #adopt(now: Instant, link: Neighbour, tag: TopicTag): void {
    const until = after(now, supportForMs);
    this.#neighbours.adopt(link, tag, until);
    this.#endsAt = earliest(this.#endsAt, until);
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
