/**
 * The links of each own topic, and neighbours of any kind: searched for, chosen, renewed, and let go of where there are too many.
 * SPEC, Links.
 *
 * ```
 *   too few ──▶ FIND ──▶ PEERS ──▶ candidates ──▶ reach          too many came ──▶ drop one
 *   every 3 min, with few enough: one more is reached; with more than 8: a chosen one is dropped
 * ```
 *
 * When a round of a search is due says search.ts; whom to try of those heard of, candidates.ts. What always holds: how
 * many there are of one kind that came by themselves does not end a search, and nobody whom a lookup needs is dropped.
 */
import { type Bound, earliest, type Instant, type PeerId, type Random, sample, type TopicTag } from '@srp/machine';
import { type Peers } from '@srp/wire';
import { Candidates, type Reach } from './candidates.js';
import { chosenLeast, chosenMost, findFanout, guestsPerTopicMax, keepersNeededBelow, linksKept, linksMax, linksNeededForHot, neighboursWanted, peersMax, renewMs, subscribersWanted, trimBlindEvery, trimDraws, trimMs } from './constants.js';
import { type MeshOutput } from './contract.js';
import { type Neighbour, type Neighbours, type Subject } from './neighbours.js';
import { Search } from './search.js';

/** What links take: `isNeeded` tells whether a lookup needs a session. */
export interface LinksOptions {
  readonly self: PeerId;
  readonly neighbours: Neighbours;
  readonly random: Random;
  readonly isNeeded: (peer: PeerId) => boolean;
}

export class Links {
  readonly #self: PeerId;
  readonly #neighbours: Neighbours;
  readonly #random: Random;
  readonly #isNeeded: (peer: PeerId) => boolean;
  readonly #candidates: Candidates;
  /** One for each own topic, and one for neighbours of any kind. */
  readonly #searches = new Map<Subject, Search>();
  /** No later than the first renewal that is due. */
  #renewAt: Instant | null = null;
  /** When the first candidate that is left alone may be tried, if one is looked for. */
  #tryAt: Instant | null = null;

  constructor({ self, neighbours, random, isNeeded }: LinksOptions) {
    this.#self = self;
    this.#neighbours = neighbours;
    this.#random = random;
    this.#isNeeded = isNeeded;
    this.#candidates = new Candidates(random);
    this.#searches.set(null, new Search(random));
  }

  bounds(): readonly Bound[] {
    return this.#candidates.bounds();
  }

  deadline(): Instant | null {
    let first = earliest(this.#renewAt, this.#tryAt, this.#candidates.deadline());
    for (const search of this.#searches.values()) first = earliest(first, search.deadline());
    return first;
  }

  /** Whether a topic is an own one. */
  isOwn(tag: TopicTag): boolean {
    return this.#searches.has(tag);
  }

  /** The own topics. */
  tags(): readonly TopicTag[] {
    return [...this.#searches.keys()].filter((subject) => subject !== null);
  }

  /** What is looked for. */
  subjects(): readonly Subject[] {
    return [...this.#searches.keys()];
  }

  /** How many neighbours are still to be found. Those who came by themselves do not suffice, however many they are; and who chose enough lets others come. */
  lacks(subject: Subject): number {
    const chosen = this.#neighbours.countChosen(subject);
    return Math.max(chosenLeast - chosen, Math.min(wantedOf(subject) - this.#neighbours.count(subject), chosenMost - chosen));
  }

  /** Whether so few subscribers of a topic are known that others must keep its objects. Candidates alone do not make them many: who names them may lie. */
  isCold(tag: TopicTag): boolean {
    const links = this.#neighbours.count(tag);
    return links < linksNeededForHot || links + this.#candidates.count(tag) < keepersNeededBelow;
  }

  join(now: Instant, tag: TopicTag): void {
    const search = new Search(this.#random);
    this.#searches.set(tag, search);
    this.#planRenewal(now, search, trimMs);
  }

  /** False if the topic was none of the own ones. */
  leave(tag: TopicTag): boolean {
    this.#candidates.forget(tag);
    return this.#searches.delete(tag);
  }

  /** Whether a peer whose session opens was wanted here. */
  connected(peer: PeerId): boolean {
    return this.#candidates.connected(peer);
  }

  /** It could not be reached. */
  failed(now: Instant, peer: PeerId): void {
    this.#candidates.fail(now, peer);
  }

  /** It lives, and wanted no more of the session. */
  refused(now: Instant, peer: PeerId): void {
    this.#candidates.refused(now, peer);
  }

  /** A new neighbour is asked for whatever is lacking. */
  came(now: Instant, neighbour: Neighbour): readonly MeshOutput[] {
    const outputs: MeshOutput[] = [];
    for (const [subject, search] of this.#searches) {
      if (this.lacks(subject) <= 0) continue;
      if (!neighbour.asked.has(subject)) outputs.push(ask(neighbour, subject));
      if (neighbour.isChosen) search.found(now);
    }
    return outputs;
  }

  /** A neighbour answered what it was asked. */
  heardOf(via: Neighbour, { tag, peers }: Peers): void {
    for (const { peer } of peers.slice(0, peersMax)) {
      if (peer !== this.#self && !this.#neighbours.has(peer)) this.#candidates.add(peer, via.peer, tag);
    }
  }

  askAround(subject: Subject): readonly MeshOutput[] {
    return sample(this.#random, this.#neighbours.all(), findFanout).map((neighbour) => ask(neighbour, subject));
  }

  /** Somebody subscribes: of too many links, or guests, one that came by itself goes. */
  trim(tag: TopicTag): readonly MeshOutput[] {
    const links = this.#neighbours.subscribing(tag);
    if (links.size <= (this.isOwn(tag) ? linksMax : guestsPerTopicMax)) return [];
    return this.#letGo([...links].filter(({ isChosen }) => !isChosen), tag, 1);
  }

  /** Searches begin, rest or ask, and candidates are connected: whenever something has changed, or is due. */
  getOn(now: Instant): readonly MeshOutput[] {
    const outputs: MeshOutput[] = [];
    this.#tryAt = null;
    for (const [subject, search] of this.#searches) {
      const lacks = this.lacks(subject);
      search.set(now, lacks <= 0);
      if (search.isResting) continue;
      for (const reach of this.#choose(now, subject, lacks)) outputs.push({ kind: 'reach', ...reach });
      this.#tryAt = earliest(this.#tryAt, this.#candidates.leftAloneUntil(now, subject));
      if (search.take(now)) outputs.push(...this.askAround(subject));
    }
    return outputs;
  }

  /** Tries that took too long end, and links are renewed that are due. */
  wake(now: Instant): readonly MeshOutput[] {
    this.#candidates.expire(now);
    if (this.#renewAt === null || now < this.#renewAt) return [];
    this.#renewAt = null;
    const outputs: MeshOutput[] = [];
    for (const [subject, search] of this.#searches) {
      if (subject !== null && search.renewAt !== null && now >= search.renewAt) outputs.push(...this.#renew(now, subject, search));
      this.#renewAt = earliest(this.#renewAt, search.renewAt);
    }
    return outputs;
  }

  /**
   * With too many links one is let go. With few enough one is taken up from time to time, so that parts of a topic that lost
   * each other meet again; and somebody is asked for others.
   */
  #renew(now: Instant, tag: TopicTag, search: Search): readonly MeshOutput[] {
    const links = [...this.#neighbours.subscribing(tag)];
    const chosen = links.filter(({ isChosen }) => isChosen);
    if (links.length > linksKept && chosen.length > chosenLeast) {
      this.#planRenewal(now, search, trimMs);
      return this.#letGo(chosen, tag, this.#random.below(trimBlindEvery) === 0 ? 1 : trimDraws);
    }
    this.#planRenewal(now, search, renewMs);
    const reached = this.#choose(now, tag, 1).map((reach): MeshOutput => ({ kind: 'reach', ...reach }));
    return [...reached, ...sample(this.#random, this.#neighbours.all(), 1).map((neighbour) => ask(neighbour, tag))];
  }

  #planRenewal(now: Instant, search: Search, ms: number): void {
    search.planRenewal(now, ms);
    this.#renewAt = earliest(this.#renewAt, search.renewAt);
  }

  /** One of the links of a topic goes, if there is one that no other own topic needs, nor a lookup: of so many drawn a lazy one, if there is one. */
  #letGo(links: readonly Neighbour[], topic: TopicTag, draws: number): readonly MeshOutput[] {
    const own = this.tags().filter((tag) => tag !== topic);
    const free = links.filter(({ peer, tags }) => !this.#isNeeded(peer) && !own.some((tag) => tags.has(tag)));
    const drawn = sample(this.#random, free, draws);
    const spare = drawn.find(({ eager }) => !eager.has(topic)) ?? drawn[0];
    return spare === undefined ? [] : [{ kind: 'drop', peer: spare.peer }];
  }

  #choose(now: Instant, subject: Subject, lacks: number): readonly Reach[] {
    return this.#candidates.choose(now, subject, wantedOf(subject), lacks, (peer) => this.#neighbours.has(peer));
  }
}

/** FIND to a neighbour, which may answer once. `keepers`: who is not open and may keep objects is asked for as well. */
export const ask = (neighbour: Neighbour, subject: Subject, keepers = false): MeshOutput => {
  neighbour.asked.add(subject);
  return { kind: 'frame', to: neighbour.peer, frame: { kind: 'find', tag: subject, ...(keepers ? { keepers } : {}) } };
};

const wantedOf = (subject: Subject): number => (subject === null ? neighboursWanted : subscribersWanted);
