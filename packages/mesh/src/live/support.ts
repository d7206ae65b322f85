/**
 * Help for subscribers that reach few others, as behind a hard NAT, or all by one relay: neighbours that do not subscribe
 * carry the topic for them. SPEC, Support.
 *
 * ```
 *   subscriber with fewer than 2 ways  ──GRAFT──▶ as many open neighbours ──GRAFT──▶ 3 subscribers each knows
 *                       as are missing ◀──GRAFT──
 *                                      ◀───────── objects ─────────────────
 * ```
 *
 * All of them are links of one tree then. Nothing ends it but time: who still needs it says so again. Who has no room is
 * silent, and another is asked. Whoever is asked may keep objects back: so there are two ways in all, carriers being of different networks, and each of these is left for
 * another in time, or as soon as it has not brought what came otherwise. What always holds: nobody has more than a share of what
 * this peer carries, and only a subscriber is a link of a topic that is carried.
 */
import { type Address, after, type Bound, BoundedMap, earliest, type Instant, jittered, networkOf, type PeerId, type Random, sample, type ShortId, type TopicTag } from '@srp/machine';
import { linksMax, pauseJitter, supportAgainMs, supportAnswerMs, supportBroughtMin, supportCameMax, supportChances, supportedBelow, supportedOfOneMax, supportedTopicsMax, supportForMs, supportParents, supportPerTopicMax, supportSettledMs, supportTurnMs } from '../constants.js';
import { type Neighbour, type Neighbours } from '../neighbours.js';

/** A link that is to be made, with GRAFT. */
export interface Ask {
  readonly tag: TopicTag;
  readonly link: Neighbour;
}

/** Who was asked to carry an own topic. */
interface Sought {
  readonly from: PeerId;
  /** When it was asked first. */
  readonly since: Instant;
  readonly askedAt: Instant;
  readonly againAt: Instant;
  /** When another is asked in any case. */
  readonly turnAt: Instant;
  /** How often it may still leave a question unanswered; all of them: it has answered the last one. */
  readonly chances: number;
  /** The pause after the last question; none before the first, and after an answer. */
  readonly pauseMs: number;
}

/** An own topic whose subscribers are reached by few ways. */
interface Need {
  /** Those who were asked, at most 2. */
  carriers: readonly Sought[];
  /** Objects that came lately: when, and who brought or announced each. */
  readonly came: BoundedMap<ShortId, { readonly at: Instant; readonly by: Set<PeerId> }>;
}

/** A topic that this peer carries. */
interface Carried {
  /** When it looks after it again. */
  readonly againAt: Instant;
  /** When one of those who bring it is left for another. */
  readonly turnAt: Instant;
  /** Subscribers that were asked to push it to this peer. */
  readonly parents: readonly PeerId[];
}

export class Support {
  readonly #neighbours: Neighbours;
  readonly #random: Random;
  readonly #needs = new Map<TopicTag, Need>();
  readonly #carried = new Map<TopicTag, Carried>();

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
      { name: 'mesh objects that came for lack of links', size: Math.max(0, ...[...this.#needs.values()].map(({ came }) => came.size)), max: supportCameMax },
      { name: 'mesh links of a topic carried', size: Math.max(0, ...links), max: supportPerTopicMax + supportParents },
    ];
  }

  carries(tag: TopicTag): boolean {
    return this.#carried.has(tag);
  }

  deadline(): Instant | null {
    let first = this.#endsAt;
    for (const { carriers } of this.#needs.values()) for (const { againAt } of carriers) first = earliest(first, againAt);
    for (const { againAt } of this.#carried.values()) first = earliest(first, againAt);
    return first;
  }

  /** Looks after an own topic: whom to ask for support now. */
  seek(now: Instant, tag: TopicTag): readonly Ask[] {
    this.#neighbours.expireAdopted(now, tag);
    const ways = this.#neighbours.waysTo(tag, supportedBelow);
    const wanted = supportedBelow - ways.size;
    if (wanted <= 0) {
      this.#needs.delete(tag);
      return [];
    }
    const need = this.#needs.get(tag) ?? { carriers: [], came: new BoundedMap(supportCameMax) };
    const asks: Ask[] = [];
    const places = Array.from({ length: wanted }, (_, at) => need.carriers[at]);
    need.carriers = need.carriers.slice(0, wanted);
    for (const before of places) {
      const others = need.carriers.filter((one) => one !== before);
      const next = this.#carrier(now, tag, need, before, others, ways, asks);
      need.carriers = next === null ? others : [...others, next];
    }
    if (need.carriers.length > 0) this.#needs.set(tag, need);
    else this.#needs.delete(tag);
    return asks;
  }

  /** An object of an own topic came, from those or announced by them. */
  came(now: Instant, tag: TopicTag, id: ShortId, by: Iterable<PeerId>): void {
    this.#needs.get(tag)?.came.set(id, { at: now, by: new Set(by) });
  }

  /** A neighbour sent or announced an object, which may have come before. */
  brought(by: PeerId, tag: TopicTag, ids: readonly ShortId[]): void {
    const came = this.#needs.get(tag)?.came;
    for (const id of came === undefined ? [] : ids) came?.get(id)?.by.add(by);
  }

  /** A neighbour that does not subscribe carries an own topic: it was asked to, or others asked it. More than there is room for do not count. */
  offered(now: Instant, by: Neighbour, tag: TopicTag): void {
    const adopted = this.#neighbours.adoptedOf(tag);
    if (!adopted.has(by) && adopted.size >= linksMax) return;
    this.#adopt(now, by, tag);
    const need = this.#needs.get(tag);
    // The first answer to each question alone counts: else who sends them without end would put the next question off.
    const answered = (sought: Sought): Sought => ({ ...sought, chances: supportChances, pauseMs: 0, againAt: after(sought.askedAt, supportAgainMs) });
    if (need !== undefined) need.carriers = need.carriers.map((sought) => (sought.from === by.peer && sought.chances < supportChances ? answered(sought) : sought));
  }

  /** A session is over: whoever carried an own topic, or brought a carried one, is replaced soon. */
  lost(now: Instant, neighbour: Neighbour): void {
    for (const [tag, carried] of this.#carried) if (this.#neighbours.adoptedOf(tag).has(neighbour)) this.#carried.set(tag, { ...carried, againAt: now });
  }

  /** The topic is an own one from now on. Those it was carried for are links of it anyway. */
  join(tag: TopicTag): void {
    this.#carried.delete(tag);
    for (const until of this.#neighbours.adoptedOf(tag).values()) this.#endsAt = earliest(this.#endsAt, until);
  }

  leave(tag: TopicTag): void {
    this.#needs.delete(tag);
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
    return [answer, ...this.#askParents(now, tag, { parents: [], turnAt: now })];
  }

  /** Carried topics that are due: subscribers are asked again, or others; what nobody asks for any more is let go. */
  wake(now: Instant): readonly Ask[] {
    if (this.#endsAt !== null && now >= this.#endsAt) this.#endsAt = this.#neighbours.expireAllAdopted(now);
    const asks: Ask[] = [];
    for (const [tag, carried] of [...this.#carried]) {
      if (now < carried.againAt) continue;
      this.#neighbours.expireAdopted(now, tag);
      const isNeeded = [...this.#neighbours.adoptedOf(tag).keys()].some(({ seeksUntil }) => (seeksUntil.get(tag) ?? now) > now);
      if (!isNeeded) {
        this.#carried.delete(tag);
        this.#neighbours.disown(tag);
        continue;
      }
      asks.push(...this.#askParents(now, tag, carried));
    }
    return asks;
  }

  /** One of those that carry an own topic, asked if that is due; or another instead. `null` if there is nobody. */
  #carrier(now: Instant, tag: TopicTag, need: Need, before: Sought | undefined, others: readonly Sought[], ways: ReadonlySet<Address>, asks: Ask[]): Sought | null {
    const asked = before === undefined ? undefined : this.#neighbours.get(before.from);
    if (before !== undefined && asked !== undefined && now < before.againAt) return before;
    const taken = new Set(others.flatMap(({ from }) => this.#neighbours.get(from) ?? []).map(({ address }) => networkOf(address)));
    const able = [...this.#neighbours.open()].filter(({ tags, address }) => !tags.has(tag) && !taken.has(networkOf(address)));
    const fresh = able.filter((neighbour) => neighbour !== asked);
    const apart = fresh.filter(({ address }) => !ways.has(address));
    const isKept = before !== undefined && asked !== undefined && able.includes(asked) && before.chances > 0 && now < before.turnAt && !keepsBack(now, before, need) && (apart.length === 0 || !ways.has(asked.address));
    const [link] = isKept ? [asked] : sample(this.#random, [apart, fresh, able].find(({ length }) => length > 0) ?? [], 1);
    if (link === undefined) return null;
    const pauseMs = Math.min(Math.max(supportAnswerMs, 2 * (before?.pauseMs ?? 0)), supportAgainMs);
    const { since, turnAt, chances } = isKept ? { ...before, chances: before.chances - 1 } : { since: now, turnAt: after(now, jittered(this.#random, supportTurnMs, pauseJitter)), chances: 0 };
    this.#adopt(now, link, tag);
    asks.push({ tag, link });
    return { from: link.peer, since, askedAt: now, againAt: after(now, pauseMs), turnAt, chances, pauseMs };
  }

  #adopt(now: Instant, link: Neighbour, tag: TopicTag): void {
    const until = after(now, supportForMs);
    this.#neighbours.adopt(link, tag, until);
    this.#endsAt = earliest(this.#endsAt, until);
  }

  /** Asks those subscribers again to push a carried topic, one of them left for another if that is due. */
  #askParents(now: Instant, tag: TopicTag, { parents, turnAt }: Omit<Carried, 'againAt'>): readonly Ask[] {
    const isTurn = now >= turnAt;
    const able = [...this.#neighbours.subscribing(tag)].filter(({ seeksUntil }) => (seeksUntil.get(tag) ?? now) <= now);
    const before = able.filter(({ peer }) => parents.includes(peer));
    const kept = isTurn ? sample(this.#random, before, supportParents - 1) : before;
    const others = able.filter((link) => !before.includes(link));
    const fresh = sample(this.#random, others, supportParents - kept.length);
    const links = [...kept, ...fresh, ...before.filter((link) => !kept.includes(link))].slice(0, supportParents);
    this.#carried.set(tag, { againAt: after(now, supportAgainMs), turnAt: isTurn ? after(now, supportTurnMs / supportParents) : turnAt, parents: links.map(({ peer }) => peer) });
    return links.map((link) => {
      this.#neighbours.adopt(link, tag, after(now, supportForMs));
      return { tag, link };
    });
  }
}

/** Whether a carrier has brought less than half of what came otherwise since it was asked. */
const keepsBack = (now: Instant, { from, since }: Sought, { came }: Need): boolean => {
  const settled = [...came.values()].filter(({ at }) => at > since && now - at >= supportSettledMs);
  return settled.length >= supportBroughtMin && 2 * settled.filter(({ by }) => by.has(from)).length < settled.length;
};
