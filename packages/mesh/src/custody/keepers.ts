/**
 * Who keeps a topic for those who are away: the eight open peers nearest to its position, of which the first three are those where
 * its subscribers meet. SPEC, Keepers.
 *
 * ```
 *   seek ──▶ a lookup for each day that counts ──▶ keepers, at most 8 for each ──15 s──▶ their sessions are needed no more
 *                          └── fewer than 8 open ones ──▶ a lookup among those that answerers introduce ──▲
 * ```
 *
 * It names whom to ask, as rendezvous.ts does, with the same contacts. Nothing that others say makes it seek; what it holds is
 * bounded by the seeks under way.
 */
import { type Address, after, type Bound, BoundedMap, earliest, type Instant, type PeerId, type TopicTag } from '@srp/machine';
import { type PeerAddress, type Peers } from '@srp/wire';
import { introducedKeepersMax, keeperAskedMax, keepersNear, keeperSessionMs, keepersWanted, lookupSeedsMax, peersMax, seeksMax, viaMax } from '../constants.js';
import type { Neighbour, Neighbours, Subject } from '../neighbours.js';
import { type BlindSpot } from '../routing/blind-spot.js';
import { mayName } from '../routing/block.js';
import { type Contacts } from '../routing/contacts.js';
import { Lookup } from '../routing/lookup.js';
import { byDistance, placed, type Position, topicPositions } from '../routing/position.js';
import { type Question } from '../routing/rendezvous.js';
import type { Duty } from './duty.js';

interface Seek {
  /** Those under way; none when it is over, and the sessions of those found are needed for a while. */
  lookups: readonly Lookup[];
  found: readonly PeerId[];
  /** Those that were named as not open, and who introduces each. */
  readonly introduced: BoundedMap<PeerId, Introduced>;
  /** Whether they are asked now. */
  isWidened: boolean;
  endsAt: Instant | null;
  /** Who named as many subscribers as one can. */
  readonly crowded: Set<PeerId>;
}

interface Introduced extends PeerAddress {
  readonly via: readonly PeerId[];
}

/** What came of a seek. */
export interface Found {
  readonly tag: TopicTag;
  /** Nearest first, of each day that counts. */
  readonly peers: readonly PeerId[];
  readonly isNear: boolean;
  readonly isCrowded: boolean;
}

/** What the search for keepers looks up. */
export interface KeepersOptions {
  readonly self: PeerId;
  readonly contacts: Contacts;
  readonly neighbours: Neighbours;
  readonly duty: Duty;
  readonly blindSpot: () => BlindSpot;
}

export class Keepers {
  readonly #self: PeerId;
  readonly #contacts: Contacts;
  readonly #neighbours: Neighbours;
  readonly #duty: Duty;
  readonly #blindSpot: () => BlindSpot;
  readonly #seeks = new Map<TopicTag, Seek>();

  constructor({ self, contacts, neighbours, duty, blindSpot }: KeepersOptions) {
    this.#self = self;
    this.#contacts = contacts;
    this.#neighbours = neighbours;
    this.#duty = duty;
    this.#blindSpot = blindSpot;
  }

  bounds(): readonly Bound[] {
    const candidates = [...this.#seeks.values()].flatMap(({ lookups }) => lookups.map(({ size }) => size));
    return [
      { name: 'mesh keepers sought', size: this.#seeks.size, max: seeksMax },
      { name: 'mesh introduced keepers of a topic', size: Math.max(0, ...[...this.#seeks.values()].map(({ introduced }) => introduced.size)), max: introducedKeepersMax },
      { name: 'mesh candidates of a keeper lookup', size: Math.max(0, ...candidates), max: introducedKeepersMax + keeperAskedMax * peersMax },
    ];
  }

  deadline(): Instant | null {
    let first: Instant | null = null;
    for (const { lookups, endsAt } of this.#seeks.values()) {
      first = earliest(first, endsAt);
      for (const lookup of lookups) first = earliest(first, lookup.deadline());
    }
    return first;
  }

  /** Whether this peer itself is one, with some slack: among those nearest to the topic that it knows of. One that is not open does not know, and keeps what it is given. */
  keeps(now: Instant, tag: TopicTag): boolean {
    if (!this.#duty.keeps) return false;
    return !this.#duty.isOpen || topicPositions(tag, now).some((position) => this.#contacts.nearerCount(position) < keepersNear);
  }

  /** Those found last, as long as their sessions are needed. */
  foundOf(tag: TopicTag): readonly PeerId[] {
    return this.#seeks.get(tag)?.found ?? [];
  }

  /** Looks for them anew. Of more than so many topics the one sought first is let go; returns which. */
  seek(now: Instant, tag: TopicTag): TopicTag | null {
    const lookups = topicPositions(tag, now).map(
      (target) => new Lookup({ self: this.#self, target, seeds: this.#seeds(target), hides: this.#blindSpot(), wanted: keepersWanted, askedMax: keeperAskedMax }),
    );
    const found = this.foundOf(tag);
    this.#seeks.delete(tag);
    this.#seeks.set(tag, { lookups, found, introduced: new BoundedMap(introducedKeepersMax), isWidened: false, endsAt: null, crowded: new Set() });
    const [first] = this.#seeks.keys();
    return this.#seeks.size > seeksMax && first !== undefined && this.#seeks.delete(first) ? first : null;
  }

  /** Those that may keep it, before those that may know others. */
  #seeds(target: Position): readonly PeerAddress[] {
    const seeds = [...this.#contacts.nearestKeepers(target, lookupSeedsMax), ...this.#contacts.seeds(target, lookupSeedsMax)];
    return [...new Map(seeds.map((seed) => [seed.peer, seed])).values()].slice(0, lookupSeedsMax);
  }

  /** A neighbour answered a question. */
  answered({ peer, address, keeps }: Pick<Neighbour, 'peer' | 'address' | 'keeps'>, subject: Subject, { peers, closer, keepers = [] }: Omit<Peers, 'kind' | 'tag'>): void {
    const seek = subject === null ? undefined : this.#seeks.get(subject);
    if (seek === undefined) return;
    let wasAsked = false;
    for (const lookup of seek.lookups) if (lookup.answered(peer, address, seek.isWidened ? keepers : closer, keeps)) wasAsked = true;
    if (peers.length >= peersMax) seek.crowded.add(peer);
    if (wasAsked) for (const name of keepers.slice(0, peersMax)) this.#introduces(seek, peer, address, name);
  }

  /** Of more than 64 the first ones count: who names many does not push out others. */
  #introduces({ introduced, lookups }: Seek, by: PeerId, seenAt: Address, name: PeerAddress): void {
    if (name.peer === this.#self || name.peer === by || !mayName(seenAt, name.address)) return;
    const { via = [] } = introduced.get(name.peer) ?? {};
    if (lookups.length === 0 || via.length >= viaMax || (via.length === 0 && introduced.size >= introducedKeepersMax)) return;
    introduced.set(name.peer, { ...name, via: [...via, by] });
  }

  /** Neighbours that are not open and may keep objects of a topic, those nearest to it: to be named where open ones are few. */
  introducedFor(now: Instant, subject: Subject, count: number, accept: (neighbour: Neighbour) => boolean): readonly PeerAddress[] {
    const isOneOfThem = this.#duty.keeps && this.#duty.isOpen;
    if (subject === null || this.#contacts.keeperCount() + Number(isOneOfThem) >= keepersWanted) return [];
    const [target] = topicPositions(subject, now);
    const all = this.#neighbours.all().filter((neighbour) => neighbour.keeps && neighbour.isIntroduced && accept(neighbour)).map(placed);
    return target === undefined ? [] : all.sort(byDistance(target)).slice(0, Math.min(count, peersMax)).map(({ peer, address }) => ({ peer, address }));
  }

  /** A peer could not be reached, or is gone. */
  failed(peer: PeerId): void {
    for (const seek of this.#seeks.values()) {
      for (const lookup of seek.lookups) lookup.failed(peer);
      seek.found = seek.found.filter((other) => other !== peer);
    }
  }

  /** Whether a session with the peer is needed. */
  needs(peer: PeerId): boolean {
    for (const { lookups, found } of this.#seeks.values()) {
      if (found.includes(peer) || lookups.some((lookup) => lookup.asks(peer) || lookup.nearest().some((near) => near.peer === peer))) return true;
    }
    return false;
  }

  /** The topics that a peer is being asked about. */
  askedOf(peer: PeerId): readonly Subject[] {
    return [...this.#seeks].flatMap(([tag, { lookups }]) => (lookups.some((lookup) => lookup.asks(peer)) ? [tag] : []));
  }

  /** Whom to ask now. */
  next(now: Instant): readonly Question[] {
    const questions: Question[] = [];
    for (const [tag, seek] of this.#seeks) {
      if (seek.endsAt !== null && now >= seek.endsAt) this.#seeks.delete(tag);
      for (const lookup of seek.lookups) lookup.expire(now);
      this.#widen(seek);
      for (const lookup of seek.lookups) {
        for (const question of lookup.next(now)) {
          const via = seek.isWidened ? seek.introduced.get(question.peer)?.via : undefined;
          questions.push({ ...question, subject: tag, ...(via === undefined ? {} : { via }) });
        }
      }
    }
    return questions;
  }

  /** Where fewer than eight open peers keep a topic, those that they introduce make up the number. */
  #widen(seek: Seek): void {
    if (seek.endsAt !== null || seek.isWidened || seek.introduced.size === 0 || !seek.lookups.every(({ isDone }) => isDone)) return;
    const found = seek.lookups.map((lookup) => ({ target: lookup.target, peers: lookup.nearest().map(({ peer }) => peer) }));
    seek.isWidened = true;
    seek.found = [...new Set(found.flatMap(({ peers }) => peers))];
    const named = [...seek.introduced.values()].map((one) => placed(one));
    seek.lookups = found
      .filter(({ peers }) => peers.length < keepersWanted)
      .map(({ target, peers }) => new Lookup({ self: this.#self, target, seeds: named.toSorted(byDistance(target)), seedsMax: introducedKeepersMax, hides: this.#blindSpot(), wanted: keepersWanted - peers.length, askedMax: keeperAskedMax }));
  }

  /** What came of the seeks that are over since. */
  finished(now: Instant): readonly Found[] {
    const outputs: Found[] = [];
    for (const [tag, seek] of this.#seeks) {
      if (seek.endsAt !== null || !seek.lookups.every(({ isDone }) => isDone)) continue;
      const peers = [...new Set([...(seek.isWidened ? seek.found : []), ...seek.lookups.flatMap((lookup) => lookup.nearest().map(({ peer }) => peer))])];
      const crowded = peers.filter((peer) => seek.crowded.has(peer)).length;
      seek.lookups = [];
      seek.found = peers;
      seek.endsAt = after(now, keeperSessionMs);
      outputs.push({ tag, peers, isNear: this.keeps(now, tag), isCrowded: 2 * crowded > peers.length });
    }
    return outputs;
  }
}
