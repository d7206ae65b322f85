/**
 * The open peers this one had to do with itself: the routing table. SPEC, Rendezvous.
 *
 * ```
 *   bits in common with the own position:   0      1      2    ...   31 and more
 *   bucket, at most 8 contacts,           ┌────┐ ┌────┐ ┌────┐      ┌────┐
 *   at most 2 of one /16 or /32           └────┘ └────┘ └────┘      └────┘
 *   and 64 spares, of any position and network, for whom no place was free
 * ```
 *
 * While the own address is not known there are spares alone; in a network of up to 64 open peers everyone is held.
 * Whoever is there and answers stays, however many come after him: newcomers take free places, or those of contacts that
 * failed or were silent for half an hour although they were to be tried. A spare takes a place when it is heard of again.
 *
 * What always holds, tested in test/contacts.test.ts: at most 8 x 32 + 64 = 320 contacts; never this peer itself; never an
 * address somebody else told.
 */
import { type Address, after, type Instant, type PeerId, scopeOf } from '@srp/machine';
import { type PeerAddress } from '@srp/wire';
import { bucketCount, bucketMax, contactFailuresMax, contactLostMs, contactStaleMs, sparesMax, staleMax } from '../constants.js';
import { blockOf, fitsBlock } from './block.js';
import { byDistance, commonBits, compareDistance, type Placed, placed, type Position, positionOfPeer } from './position.js';

interface Contact extends Placed {
  readonly block: string | null;
  /** The number of its bucket; `null` for a spare. */
  bucket: number | null;
  heardAt: Instant;
  /** When it was last heard of or given out to be tried again. */
  triedAt: Instant;
  /** Whether it may keep objects for others. */
  keeps: boolean;
  /** How often it failed since it was heard of. */
  failures: number;
}

export class Contacts {
  readonly #self: PeerId;
  /** In the order they were first heard of. */
  readonly #all = new Map<PeerId, Contact>();
  #own: Position | null = null;

  constructor(self: PeerId) {
    this.#self = self;
  }

  get size(): number {
    return this.#all.size;
  }

  addressOf(peer: PeerId): Address | undefined {
    return this.#all.get(peer)?.address;
  }

  /** This peer's own address became known, changed, or (`null`) is not known any more. Who was known longest chooses first anew. */
  locate(now: Instant, address: Address | null): void {
    const own = address === null ? null : positionOfPeer(this.#self, address);
    if (own === this.#own) return;
    this.#own = own;
    const contacts = [...this.#all.values()];
    this.#all.clear();
    for (const contact of contacts) this.#place(now, { ...contact, bucket: null });
  }

  /** `peer`, which is open, answered from `address`; `keeps`: it may keep objects for others. Returns whether it is held. */
  seen(now: Instant, peer: PeerId, address: Address, keeps = true): boolean {
    if (peer === this.#self || scopeOf(address) === 'forbidden') return false;
    const known = this.#all.get(peer);
    if (known?.address === address) {
      known.heardAt = now;
      known.triedAt = now;
      known.failures = 0;
      known.keeps = keeps;
      return known.bucket !== null || this.#place(now, known);
    }
    this.#all.delete(peer);
    return this.#place(now, { ...placed({ peer, address }), block: blockOf(address), bucket: null, heardAt: now, triedAt: now, keeps, failures: 0 });
  }

  /** It did not answer. It is not named any more until it is heard of; the third time in a row it is forgotten. */
  failed(peer: PeerId): void {
    const contact = this.#all.get(peer);
    if (contact === undefined) return;
    contact.failures += 1;
    if (contact.failures >= contactFailuresMax) this.#all.delete(peer);
  }

  /** It is no open peer any more. */
  gone(peer: PeerId): void {
    this.#all.delete(peer);
  }

  /** The `count` contacts nearest to a position that did not fail and that `accept` takes: whom to name to others. */
  nearest(position: Position, count: number, accept: (contact: PeerAddress) => boolean = () => true): readonly PeerAddress[] {
    return this.#sorted(position, (contact) => contact.failures === 0 && accept(contact)).slice(0, count);
  }

  /** The nearest of those that may keep objects for others. */
  nearestKeepers(position: Position, count: number, accept: (contact: PeerAddress) => boolean = () => true): readonly PeerAddress[] {
    return this.#sorted(position, (contact) => contact.failures === 0 && contact.keeps && accept(contact)).slice(0, count);
  }

  /** Whether a peer is a contact that did not fail and may keep objects for others. */
  isKeeper(peer: PeerId): boolean {
    const contact = this.#all.get(peer);
    return contact?.failures === 0 && contact.keeps;
  }

  /** How many of them are nearer to a position than this peer; no number is enough where its own place is not known. */
  nearerCount(position: Position): number {
    const own = this.#own;
    if (own === null) return Infinity;
    let count = 0;
    for (const contact of this.#all.values()) if (contact.failures === 0 && contact.keeps && compareDistance(position, contact.position, own) < 0) count += 1;
    return count;
  }

  /** Whom to ask first oneself: the nearest; those that failed are better than nobody, since it may have been the own network. */
  seeds(position: Position, count: number): readonly PeerAddress[] {
    const failed = this.#sorted(position, ({ failures }) => failures > 0);
    return [...this.nearest(position, count), ...failed].slice(0, count);
  }

  /** At most 8 to be tried again, which were not heard of or tried for 15 min, the longest first. They count as being tried. */
  stale(now: Instant): readonly PeerAddress[] {
    const due = [...this.#all.values()].filter(({ triedAt }) => now >= after(triedAt, contactStaleMs));
    const chosen = due.sort((a, b) => a.triedAt - b.triedAt).slice(0, staleMax);
    for (const contact of chosen) contact.triedAt = now;
    return chosen.map(({ peer, address }) => ({ peer, address }));
  }

  #sorted(position: Position, accept: (contact: Contact) => boolean): readonly PeerAddress[] {
    const nearestFirst = [...this.#all.values()].filter(accept).sort(byDistance(position));
    return nearestFirst.map(({ peer, address }) => ({ peer, address }));
  }

  /** Gives a newcomer or a spare a place in its bucket, else one among the spares. Returns whether it has one. */
  #place(now: Instant, contact: Contact): boolean {
    const bucket = this.#own === null ? null : Math.min(commonBits(this.#own, contact.position), bucketCount - 1);
    if (bucket !== null && this.#makeRoom(now, contact, bucket)) contact.bucket = bucket;
    else if (!this.#all.has(contact.peer) && !this.#makeRoom(now, contact, null)) return false;
    this.#all.set(contact.peer, contact);
    return true;
  }

  /** Whether there is room for one more in a bucket, or (`null`) among the spares; who is lost goes to make it. */
  #makeRoom(now: Instant, { block }: Contact, bucket: number | null): boolean {
    const there: Contact[] = [];
    for (const other of this.#all.values()) if (other.bucket === bucket) there.push(other);
    const fits = bucket === null || fitsBlock(block, there);
    if (fits && there.length < (bucket === null ? sparesMax : bucketMax)) return true;
    const lost = there.find((other) => isLost(now, other) && (fits || other.block === block));
    return lost !== undefined && this.#all.delete(lost.peer);
  }
}

const isLost = (now: Instant, { failures, heardAt }: Contact): boolean => failures > 0 || now >= after(heardAt, contactLostMs);
