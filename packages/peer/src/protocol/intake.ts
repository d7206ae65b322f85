/**
 * The path of a received object up to the point where it is believed. SPEC, Receiving an object.
 *
 * ```
 * bytes ─▶ layout ─▶ age, postage ─▶ id, seen? ─▶ rate ─▶ signature ─▶ admitted
 *          12 ns      ...            3 us                  60 us
 * ```
 *
 * The order is the defence: what is cheap to check comes first, so that a flood is refused before it costs
 * a signature check. An id counts as seen only after its signature held, since anyone can put a false
 * signature under a true id.
 */
import { SeenFilter } from '@srp/cache';
import { BoundedMap, type Instant, type PacketId, type PeerId, type Random, refused, type ShortId, shortIdOf, TokenBucket, type TopicTag } from '@srp/machine';
import { checkPacket, decodePacket, type Packet, type PacketRefusal, pullPostage, verifyPacket, withPostage } from '@srp/wire';
import { askedIdsMax, carriedBurst, carriedPerSecond, neighbourRatesMax, ownTopicBurst, ownTopicPerSecond, strangerBurst, strangerPerSecond, strangersSeenMax } from '../constants.js';

/** Why an object goes no further. */
export type IntakeRefusal = PacketRefusal | 'duplicate' | 'forged' | 'too-fast';

/** An admitted packet and whether it had been asked for; or why it was refused. */
export type Admission =
  | { readonly ok: true; readonly value: Packet; readonly wasAsked: boolean }
  | {
      readonly ok: false;
      readonly reason: IntakeRefusal;
      /** It came, and only its age is wrong by our clock. */
      readonly lateId?: ShortId;
      /** It is a duplicate of this. */
      readonly again?: { readonly id: PacketId; readonly tag: TopicTag };
    };

interface Rates {
  readonly own: TokenBucket;
  readonly carried: TokenBucket;
  readonly strangers: TokenBucket;
  /** It has sent a false signature: from then on its rate also counts what was asked for. */
  hasForged: boolean;
}

export class Intake {
  /** Objects of joined topics: whatever was delivered, or might have been. */
  readonly #own: SeenFilter;
  /** Objects of other topics. Forgotten when a topic is joined: what only passed through is then wanted again. */
  readonly #strangers: SeenFilter;
  readonly #asked = new BoundedMap<ShortId, true>(askedIdsMax);
  readonly #rates = new BoundedMap<PeerId, Rates>(neighbourRatesMax);

  readonly #holds: (id: PacketId) => boolean;

  /** `holds`: whether the cache has an object. */
  constructor(random: Random, holds: (id: PacketId) => boolean) {
    this.#holds = holds;
    this.#own = new SeenFilter({ random: random.fork('own') });
    this.#strangers = new SeenFilter({ random: random.fork('strangers'), generationMax: strangersSeenMax });
  }

  /** We ask for this object: it may come at any rate, and with postage as if it were fresh from its author. */
  expect(id: ShortId): void {
    this.#asked.set(id, true);
  }

  /** An object of ours, or one the disk held: known from now on. */
  remember(now: Instant, id: PacketId, isOwnTopic: boolean): void {
    (isOwnTopic ? this.#own : this.#strangers).remember(now, id);
  }

  /** Whether an object of a joined topic was here, so that it need not be fetched. */
  hadOwn(id: ShortId): boolean {
    return this.#own.has(id);
  }

  /** Whether an object of any topic was here. */
  had(id: ShortId): boolean {
    return this.#own.has(id) || this.#strangers.has(id);
  }

  /** The neighbour is gone, and its account with it. */
  forget(peer: PeerId): void {
    this.#rates.delete(peer);
  }

  /** Judges bytes from `from`; topics that this peer carries for others have a rate of their own. An admitted packet carries the postage it has from here on. */
  admit(now: Instant, from: PeerId, bytes: Uint8Array, isOwnTopic: (tag: TopicTag) => boolean, isCarried: (tag: TopicTag) => boolean): Admission {
    const parsed = decodePacket(bytes);
    if (!parsed.ok) return parsed;
    const packet = parsed.value;
    const refusal = checkPacket(packet, now);
    if (refusal !== null) return { ...refused(refusal), lateId: shortIdOf(packet.id) };
    const isOwn = isOwnTopic(packet.tag);
    const wasAsked = this.#asked.has(shortIdOf(packet.id));
    if (this.#own.has(packet.id) || (!isOwn && !wasAsked && this.#strangers.has(packet.id)) || this.#holds(packet.id)) return { ...refused('duplicate'), again: { id: packet.id, tag: packet.tag } };
    const rates = this.#ratesOf(from);
    const isExcused = wasAsked && !rates.hasForged;
    const rate = isOwn ? rates.own : isCarried(packet.tag) ? rates.carried : rates.strangers;
    if (!isExcused && !rate.take(now)) return refused('too-fast');
    if (!verifyPacket(packet)) {
      rates.hasForged = true;
      return refused('forged');
    }
    this.remember(now, packet.id, isOwn);
    this.#asked.delete(shortIdOf(packet.id));
    return { ok: true, value: withPostage(packet, wasAsked ? pullPostage(packet, now) : Math.max(0, packet.postage - 1)), wasAsked };
  }

  #ratesOf(peer: PeerId): Rates {
    const known = this.#rates.touch(peer);
    if (known !== undefined) return known;
    const fresh = { own: new TokenBucket(ownTopicPerSecond, ownTopicBurst), carried: new TokenBucket(carriedPerSecond, carriedBurst), strangers: new TokenBucket(strangerPerSecond, strangerBurst), hasForged: false };
    this.#rates.set(peer, fresh);
    return fresh;
  }
}
