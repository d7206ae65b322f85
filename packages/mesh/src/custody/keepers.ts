/**
 * Who keeps a topic for those who are away: the eight open peers nearest to its position, of which the first three are those where
 * its subscribers meet. SPEC, Keepers.
 *
 * ```
 *   seek ──▶ a lookup for each day that counts ──▶ keepers, at most 8 for each ──15 s──▶ their sessions are needed no more
 *                          └── fewer than 4 open ones ──▶ FIND, keepers too ──▶ a lookup among those that are introduced ──▲
 * ```
 *
 * It names whom to ask, as rendezvous.ts does, with the same contacts. Nothing that others say makes it seek; what it holds is
 * bounded by the seeks under way.
 */
import { type Address, after, type Bound, BoundedMap, earliest, type Instant, isDue, type PeerId, type TopicTag } from '@srp/machine';
import { type PeerAddress, type Peers } from '@srp/wire';
import { askedToKeepMax, askedToKeepMs, introducedKeepersMax, keeperAskedMax, keepersFirst, keepersNear, keeperSessionMs, keepersWanted, lookupAnswerMs, lookupSeedsMax, openKeepersEnough, peersMax, seeksMax, viaMax } from '../constants.js';
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
  /** Open peers are looked for; those that answered are asked whom they could introduce; these are looked for. */
  stage: 'open' | 'asking' | 'introduced';
  /** Who is asked that and has not answered, and until when. */
  readonly pending: Map<PeerId, PeerAddress>;
  askingUntil: Instant | null;
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
  /** The nearest six of each day that counts, nearest first, and those that are introduced. */
  readonly peers: readonly PeerId[];
  /** Those behind them. */
  readonly spares: readonly PeerId[];
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
  /** When this peer was asked to keep a topic, if it is not open. */
  readonly #askedAt = new BoundedMap<TopicTag, Instant>(askedToKeepMax);

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
      { name: 'mesh topics asked to keep', size: this.#askedAt.size, max: askedToKeepMax },
      { name: 'mesh candidates of a keeper lookup', size: Math.max(0, ...candidates), max: introducedKeepersMax + keeperAskedMax * peersMax },
    ];
  }

  deadline(): Instant | null {
    let first: Instant | null = null;
    for (const { lookups, endsAt, askingUntil } of this.#seeks.values()) {
      first = earliest(first, endsAt, askingUntil);
      for (const lookup of lookups) first = earliest(first, lookup.deadline());
    }
    return first;
  }

  /** Whether this peer itself is one. */
  keeps(now: Instant, tag: TopicTag): boolean {
    return this.#duty.keeps && this.#isNear(now, tag);
  }

  /** Whether it is one, or will be when it has been there for long enough: an open one with some slack, if it is among those nearest to the topic that it knows of; another if it was asked lately. */
  #isNear(now: Instant, tag: TopicTag): boolean {
    if (!this.#duty.isWilling) return false;
    if (this.#duty.isOpen) return topicPositions(tag, now).some((position) => this.#contacts.nearerCount(position) < keepersNear);
    const at = this.#askedAt.get(tag);
    return at !== undefined && now - at < askedToKeepMs;
  }

  /** A neighbour seeks keepers of a topic, and has found this peer. */
  asked(now: Instant, tag: TopicTag): void {
    if (!this.#duty.isOpen && this.#duty.keeps) this.#askedAt.set(tag, now);
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
    this.#seeks.set(tag, { lookups, found, introduced: new BoundedMap(introducedKeepersMax), stage: 'open', pending: new Map(), askingUntil: null, endsAt: null, crowded: new Set() });
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
    let wasAsked = seek.pending.delete(peer);
    for (const lookup of seek.lookups) if (lookup.answered(peer, address, seek.stage === 'introduced' ? keepers : closer, keeps)) wasAsked = true;
    if (peers.length >= peersMax) seek.crowded.add(peer);
    if (wasAsked) for (const name of keepers.slice(0, peersMax)) this.#introduces(seek, peer, address, name);
  }

  /** Of more than 64 the first ones count: who names many does not push out others. */
  #introduces({ introduced }: Seek, by: PeerId, seenAt: Address, name: PeerAddress): void {
    if (name.peer === this.#self || name.peer === by || !mayName(seenAt, name.address)) return;
    const { via = [] } = introduced.get(name.peer) ?? {};
    if (via.length >= viaMax || (via.length === 0 && introduced.size >= introducedKeepersMax)) return;
    introduced.set(name.peer, { ...name, via: [...via, by] });
  }

  /** Neighbours that are not open and may keep objects of a topic, those nearest to it: to be named to who asks for them. */
  introducedFor(now: Instant, subject: Subject, count: number, accept: (neighbour: Neighbour) => boolean): readonly PeerAddress[] {
    if (subject === null) return [];
    const [target] = topicPositions(subject, now);
    const all = this.#neighbours.all().filter((neighbour) => neighbour.keeps && neighbour.isIntroduced && accept(neighbour)).map(placed);
    return target === undefined ? [] : all.sort(byDistance(target)).slice(0, Math.min(count, peersMax)).map(({ peer, address }) => ({ peer, address }));
  }

  /** A peer could not be reached, or is gone. */
  failed(peer: PeerId): void {
    for (const seek of this.#seeks.values()) {
      for (const lookup of seek.lookups) lookup.failed(peer);
      seek.pending.delete(peer);
      seek.found = seek.found.filter((other) => other !== peer);
    }
  }

  /** Whether a session with the peer is needed. */
  needs(peer: PeerId): boolean {
    for (const { lookups, found, pending } of this.#seeks.values()) {
      if (found.includes(peer) || pending.has(peer) || lookups.some((lookup) => lookup.asks(peer) || lookup.nearest().some((near) => near.peer === peer))) return true;
    }
    return false;
  }

  /** The topics that a peer is being asked about. */
  askedOf(peer: PeerId): readonly Subject[] {
    return [...this.#seeks].flatMap(([tag, { lookups, pending }]) => (pending.has(peer) || lookups.some((lookup) => lookup.asks(peer)) ? [tag] : []));
  }

  asksForKeepers(subject: Subject): boolean {
    return subject !== null && (this.#seeks.get(subject)?.stage ?? 'open') !== 'open';
  }

  /** Whom to ask now. */
  next(now: Instant): readonly Question[] {
    const questions: Question[] = [];
    for (const [tag, seek] of this.#seeks) {
      if (seek.endsAt !== null && now >= seek.endsAt) this.#seeks.delete(tag);
      for (const lookup of seek.lookups) lookup.expire(now);
      for (const one of this.#widen(now, seek)) questions.push({ ...one, subject: tag, keepers: true });
      for (const lookup of seek.lookups) {
        for (const question of lookup.next(now)) {
          const via = seek.stage === 'introduced' ? seek.introduced.get(question.peer)?.via : undefined;
          questions.push({ ...question, subject: tag, keepers: seek.stage === 'introduced', ...(via === undefined ? {} : { via }) });
        }
      }
    }
    return questions;
  }

  /** Where fewer than four open peers keep a topic, those that answered are asked whom they could introduce, and these make up the number. Returns whom to ask that. */
  #widen(now: Instant, seek: Seek): readonly PeerAddress[] {
    if (seek.endsAt !== null) return [];
    if (seek.stage === 'open' && isPoor(seek)) {
      seek.stage = 'asking';
      seek.askingUntil = after(now, lookupAnswerMs);
      for (const one of seek.lookups.flatMap((lookup) => lookup.answerers())) seek.pending.set(one.peer, one);
      return [...seek.pending.values()];
    }
    if (seek.stage === 'asking' && (seek.pending.size === 0 || isDue(now, seek.askingUntil))) this.#seekIntroduced(seek);
    return [];
  }

  #seekIntroduced(seek: Seek): void {
    const named = [...seek.introduced.values()].map((one) => placed(one));
    const found = seek.lookups.map((lookup) => ({ target: lookup.target, peers: lookup.nearest().map(({ peer }) => peer) }));
    seek.stage = 'introduced';
    seek.askingUntil = null;
    seek.pending.clear();
    seek.found = [...new Set(found.flatMap(({ peers }) => peers))];
    seek.lookups = found
      .filter(({ peers }) => peers.length < openKeepersEnough && named.length > 0)
      .map(({ target, peers }) => new Lookup({ self: this.#self, target, seeds: named.toSorted(byDistance(target)), seedsMax: introducedKeepersMax, hides: this.#blindSpot(), wanted: keepersWanted - peers.length, askedMax: keeperAskedMax }));
  }

  /** What came of the seeks that are over since. */
  finished(now: Instant): readonly Found[] {
    const outputs: Found[] = [];
    for (const [tag, seek] of this.#seeks) {
      if (seek.endsAt !== null || seek.stage === 'asking' || !seek.lookups.every(({ isDone }) => isDone)) continue;
      const ofDays = seek.lookups.map((lookup) => lookup.nearest().map(({ peer }) => peer));
      const peers = [...new Set(seek.stage === 'introduced' ? [...seek.found, ...ofDays.flat()] : ofDays.flatMap((found) => found.slice(0, keepersFirst)))];
      const found = [...new Set([...peers, ...ofDays.flat()])];
      const crowded = found.filter((peer) => seek.crowded.has(peer)).length;
      seek.lookups = [];
      seek.found = found;
      seek.endsAt = after(now, keeperSessionMs);
      outputs.push({ tag, peers, spares: found.slice(peers.length), isNear: this.#isNear(now, tag), isCrowded: 2 * crowded > found.length });
    }
    return outputs;
  }
}

/** Whether all open ones are found, and are fewer than four. */
const isPoor = ({ lookups }: Seek): boolean =>
  lookups.every(({ isDone }) => isDone) && lookups.some((lookup) => lookup.nearest().length < openKeepersEnough) && lookups.some((lookup) => lookup.answerers().length > 0);
