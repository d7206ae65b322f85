/**
 * Where the subscribers of a topic meet: the three open peers nearest to its position. SPEC, Rendezvous.
 *
 * ```
 *   join ──▶ lookup towards the topic ──▶ found, at most 3 ──10 min──▶ lookup ...
 *            asks with FIND, dials with HELLO: so who is asked knows who subscribes, while the session lives
 *   open ──▶ lookup towards the own position, so that those near it know this peer
 * ```
 *
 * It names whom to ask; the mesh asks, dials and lets go. What it holds is bounded by the own topics and the contacts.
 */
import { type Address, after, type Bound, earliest, type Instant, jittered, type PeerId, type Random } from '@srp/machine';
import { type PeerAddress, type Peers } from '@srp/wire';
import { bucketCount, bucketMax, closerMax, lookupAgainMs, lookupAskedMax, lookupDelayMs, lookupRepairMs, lookupSeedsMax, pauseJitter, peersMax, sparesMax, staleCheckMs } from '../constants.js';
import { type Subject } from '../neighbours.js';
import { type BlindSpot } from './blind-spot.js';
import { type Contacts } from './contacts.js';
import { Lookup } from './lookup.js';
import { positionOfPeer, topicPositions } from './position.js';

/** Somebody to be asked about a topic, or about this peer's own neighbourhood (`null`). */
export interface Question extends PeerAddress {
  readonly subject: Subject;
  /** Who introduces it, if it is not open. */
  readonly via?: readonly PeerId[];
  /** Whether it is asked for those that it could introduce, too. */
  readonly keepers?: boolean;
}

interface Meeting {
  /** Those under way: one for each day that counts. */
  lookups: readonly Lookup[];
  /** When the next ones begin. */
  nextAt: Instant;
  /** The nearest that answered, but for those where so many subscribe that one more makes no difference. */
  found: readonly PeerId[];
  /** All of those, as the last lookup found them. */
  nearest: readonly PeerId[];
  /** Who was asked by a lookup that runs, and named as many subscribers as one can. */
  readonly crowded: Set<PeerId>;
}

export class Rendezvous {
  readonly #self: PeerId;
  readonly #random: Random;
  readonly #contacts: Contacts;
  /** One for each own topic, and for an open peer one for itself. */
  readonly #meetings = new Map<Subject, Meeting>();
  readonly #blindSpot: () => BlindSpot;
  #ownAddress: Address | null = null;
  #staleAt: Instant | null = null;

  constructor(self: PeerId, random: Random, contacts: Contacts, blindSpot: () => BlindSpot) {
    this.#self = self;
    this.#random = random;
    this.#contacts = contacts;
    this.#blindSpot = blindSpot;
  }

  bounds(): readonly Bound[] {
    const candidates = [...this.#meetings.values()].flatMap(({ lookups }) => lookups.map(({ size }) => size));
    return [
      { name: 'mesh contacts', size: this.#contacts.size, max: bucketMax * bucketCount + sparesMax },
      { name: 'mesh candidates of a lookup', size: Math.max(0, ...candidates), max: lookupSeedsMax + lookupAskedMax * peersMax },
    ];
  }

  join(now: Instant, tag: Subject): void {
    this.#meetings.set(tag, { lookups: [], nextAt: after(now, lookupDelayMs), found: [], nearest: [], crowded: new Set() });
  }

  leave(tag: Subject): void {
    this.#meetings.delete(tag);
  }

  /** Where this peer is, if it is open. */
  locate(now: Instant, address: Address | null): void {
    if (address === this.#ownAddress) return;
    this.#ownAddress = address;
    this.#contacts.locate(now, address);
    this.#staleAt = address === null ? null : after(now, staleCheckMs);
    if (address === null) this.leave(null);
    else this.join(now, null);
  }

  /** A neighbour said whether it is open, and whether it may keep objects for others. */
  heard(now: Instant, peer: PeerId, address: Address, isOpen: boolean, keeps: boolean): void {
    if (!isOpen) this.#contacts.gone(peer);
    else if (this.#contacts.size === 0) {
      this.#contacts.seen(now, peer, address, keeps);
      // The first of several: the others answer in a moment.
      for (const meeting of this.#meetings.values()) if (meeting.lookups.length === 0 && now >= meeting.nextAt) meeting.nextAt = after(now, lookupDelayMs);
    } else this.#contacts.seen(now, peer, address, keeps);
  }

  /** A neighbour answered a question. */
  answered(peer: PeerId, address: Address, subject: Subject, { peers, closer }: Pick<Peers, 'peers' | 'closer'>): void {
    const meeting = this.#meetings.get(subject);
    let wasAsked = false;
    for (const lookup of meeting?.lookups ?? []) if (lookup.answered(peer, address, closer)) wasAsked = true;
    if (wasAsked && peers.length >= peersMax) meeting?.crowded.add(peer);
  }

  /** A peer could not be reached, or is gone; `wasRefused`: it lives, and has enough others. */
  failed(now: Instant, peer: PeerId, wasRefused: boolean): void {
    if (!wasRefused) this.#contacts.failed(peer);
    for (const meeting of this.#meetings.values()) {
      for (const lookup of meeting.lookups) lookup.failed(peer);
      if (!meeting.found.includes(peer)) continue;
      meeting.found = meeting.found.filter((other) => other !== peer);
      const repairAt = after(now, jittered(this.#random, lookupRepairMs, pauseJitter));
      if (!wasRefused && repairAt < meeting.nextAt) meeting.nextAt = repairAt;
    }
  }

  /** Whether a session with the peer is needed: it is asked, or one of those found, or of those that will be if nobody nearer answers. */
  needs(peer: PeerId): boolean {
    for (const { lookups, found } of this.#meetings.values()) {
      if (found.includes(peer) || lookups.some((lookup) => lookup.asks(peer) || lookup.nearest().some((near) => near.peer === peer))) return true;
    }
    return false;
  }

  /** Nobody is left who could be asked: all lookups begin anew. */
  again(now: Instant): void {
    for (const meeting of this.#meetings.values()) if (meeting.lookups.length === 0) meeting.nextAt = now;
  }

  /** Where the subscribers of a topic meet, as found last. */
  foundOf(tag: Subject): readonly PeerId[] {
    return this.#meetings.get(tag)?.found ?? [];
  }

  /** The open peers nearest to this one, as found last; sessions with them may be over. */
  nearestToSelf(): readonly PeerId[] {
    return this.#meetings.get(null)?.nearest ?? [];
  }

  /** The subjects that a peer is being asked about. */
  askedOf(peer: PeerId): readonly Subject[] {
    return [...this.#meetings].flatMap(([subject, { lookups }]) => (lookups.some((lookup) => lookup.asks(peer)) ? [subject] : []));
  }

  asksForKeepers(): boolean {
    return false;
  }

  /** The contacts nearest to what `asker` asks about, and of a topic as many that may keep it; those that `mayHearOf` lets it know. */
  closerFor(now: Instant, asker: PeerAddress, subject: Subject, mayHearOf: (contact: PeerAddress) => boolean): readonly PeerAddress[] {
    const targets = subject === null ? [positionOfPeer(asker.peer, asker.address)] : topicPositions(subject, now);
    const named = targets.map((target) => this.#contacts.nearest(target, closerMax, mayHearOf));
    if (subject !== null) named.push(...targets.map((target) => this.#contacts.nearestKeepers(target, closerMax, mayHearOf)));
    return [...new Map(named.flat().map((contact) => [contact.peer, contact])).values()].slice(0, peersMax);
  }

  /** Whom to ask now. */
  next(now: Instant): readonly Question[] {
    const questions: Question[] = [];
    for (const [subject, meeting] of this.#meetings) {
      if (now >= meeting.nextAt && this.#contacts.size > 0) this.#begin(now, subject, meeting);
      for (const lookup of meeting.lookups) {
        lookup.expire(now);
        for (const question of lookup.next(now)) questions.push({ ...question, subject });
      }
      this.#end(meeting);
    }
    if (this.#staleAt !== null && now >= this.#staleAt) {
      this.#staleAt = after(now, staleCheckMs);
      for (const contact of this.#contacts.stale(now)) questions.push({ ...contact, subject: null });
    }
    return questions;
  }

  deadline(): Instant | null {
    let first = this.#staleAt;
    for (const { lookups, nextAt } of this.#meetings.values()) {
      if (this.#contacts.size > 0) first = earliest(first, nextAt);
      for (const lookup of lookups) first = earliest(first, lookup.deadline());
    }
    return first;
  }

  #begin(now: Instant, subject: Subject, meeting: Meeting): void {
    const targets = subject !== null ? topicPositions(subject, now) : this.#ownAddress === null ? [] : [positionOfPeer(this.#self, this.#ownAddress)];
    meeting.lookups = targets.map((target) => new Lookup({ self: this.#self, target, seeds: this.#contacts.seeds(target, closerMax), hides: this.#blindSpot() }));
    meeting.nextAt = after(now, jittered(this.#random, lookupAgainMs, pauseJitter));
  }

  #end(meeting: Meeting): void {
    if (meeting.lookups.length === 0 || !meeting.lookups.every(({ isDone }) => isDone)) return;
    meeting.nearest = meeting.lookups.flatMap((lookup) => lookup.nearest().map(({ peer }) => peer));
    meeting.found = meeting.nearest.filter((peer) => !meeting.crowded.has(peer));
    meeting.crowded.clear();
    meeting.lookups = [];
  }
}
