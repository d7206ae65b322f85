/**
 * Who keeps a topic for those who are away: the eight open peers nearest to its position, of which the first three are those where
 * its subscribers meet. SPEC, Keepers.
 *
 * ```
 *   seek ──▶ a lookup for each day that counts ──▶ keepers, at most 8 for each ──15 s──▶ their sessions are needed no more
 * ```
 *
 * It names whom to ask, as rendezvous.ts does, with the same contacts. Nothing that others say makes it seek; what it holds is
 * bounded by the seeks under way.
 */
import { type Address, after, type Bound, earliest, type Instant, type PeerId, type TopicTag } from '@srp/machine';
import { type Peers } from '@srp/wire';
import { keeperAskedMax, keepersNear, keeperSessionMs, keepersWanted, lookupSeedsMax, peersMax, seeksMax } from '../constants.js';
import { type Subject } from '../neighbours.js';
import { type BlindSpot } from '../routing/blind-spot.js';
import { type Contacts } from '../routing/contacts.js';
import { Lookup } from '../routing/lookup.js';
import { topicPositions } from '../routing/position.js';
import { type Question } from '../routing/rendezvous.js';

interface Seek {
  /** Those under way; none when it is over, and the sessions of those found are needed for a while. */
  lookups: readonly Lookup[];
  found: readonly PeerId[];
  endsAt: Instant | null;
  /** Who named as many subscribers as one can. */
  readonly crowded: Set<PeerId>;
}

/** What came of a seek. */
export interface Found {
  readonly tag: TopicTag;
  /** Nearest first, of each day that counts. */
  readonly peers: readonly PeerId[];
  readonly isNear: boolean;
  readonly isCrowded: boolean;
}

export class Keepers {
  readonly #self: PeerId;
  readonly #contacts: Contacts;
  readonly #blindSpot: () => BlindSpot;
  readonly #seeks = new Map<TopicTag, Seek>();

  constructor(self: PeerId, contacts: Contacts, blindSpot: () => BlindSpot) {
    this.#self = self;
    this.#contacts = contacts;
    this.#blindSpot = blindSpot;
  }

  bounds(): readonly Bound[] {
    const candidates = [...this.#seeks.values()].flatMap(({ lookups }) => lookups.map(({ size }) => size));
    return [
      { name: 'mesh keepers sought', size: this.#seeks.size, max: seeksMax },
      { name: 'mesh candidates of a keeper lookup', size: Math.max(0, ...candidates), max: lookupSeedsMax + keeperAskedMax * peersMax },
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

  /** Whether this peer itself is one, with some slack: among those nearest to the topic that it knows of. */
  keeps(now: Instant, tag: TopicTag): boolean {
    return topicPositions(tag, now).some((position) => this.#contacts.nearerCount(position) < keepersNear);
  }

  /** Those found last, as long as their sessions are needed. */
  foundOf(tag: TopicTag): readonly PeerId[] {
    return this.#seeks.get(tag)?.found ?? [];
  }

  /** Looks for them anew. Of more than so many topics the one sought first is let go; returns which. */
  seek(now: Instant, tag: TopicTag): TopicTag | null {
    const lookups = topicPositions(tag, now).map(
      (target) => new Lookup({ self: this.#self, target, seeds: this.#contacts.seeds(target, lookupSeedsMax), hides: this.#blindSpot(), wanted: keepersWanted, askedMax: keeperAskedMax }),
    );
    const found = this.foundOf(tag);
    this.#seeks.delete(tag);
    this.#seeks.set(tag, { lookups, found, endsAt: null, crowded: new Set() });
    const [first] = this.#seeks.keys();
    return this.#seeks.size > seeksMax && first !== undefined && this.#seeks.delete(first) ? first : null;
  }

  /** A neighbour answered a question. */
  answered(peer: PeerId, address: Address, subject: Subject, { peers, closer }: Pick<Peers, 'peers' | 'closer'>): void {
    const seek = subject === null ? undefined : this.#seeks.get(subject);
    if (seek === undefined) return;
    for (const lookup of seek.lookups) lookup.answered(peer, address, closer);
    if (peers.length >= peersMax) seek.crowded.add(peer);
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
    for (const [tag, { lookups, endsAt }] of this.#seeks) {
      if (endsAt !== null && now >= endsAt) this.#seeks.delete(tag);
      for (const lookup of lookups) {
        lookup.expire(now);
        for (const question of lookup.next(now)) questions.push({ ...question, subject: tag });
      }
    }
    return questions;
  }

  /** What came of the seeks that are over since. */
  finished(now: Instant): readonly Found[] {
    const outputs: Found[] = [];
    for (const [tag, seek] of this.#seeks) {
      if (seek.endsAt !== null || !seek.lookups.every(({ isDone }) => isDone)) continue;
      const peers = [...new Set(seek.lookups.flatMap((lookup) => lookup.nearest().map(({ peer }) => peer)))];
      const crowded = peers.filter((peer) => seek.crowded.has(peer)).length;
      seek.lookups = [];
      seek.found = peers;
      seek.endsAt = after(now, keeperSessionMs);
      outputs.push({ tag, peers, isNear: this.keeps(now, tag), isCrowded: 2 * crowded > peers.length });
    }
    return outputs;
  }
}
