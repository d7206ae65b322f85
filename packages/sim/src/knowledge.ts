/**
 * What addresses a running peer may know, as far as the network can tell from outside: sessions are sealed, so
 * nobody sees who names which address. But an address can only have come
 *
 * 1. from its app, its host or its disk, or as the source of a datagram that it got, or of one of its own that somebody got: first hand; or
 * 2. from a peer that spoke to it, after that peer knew the address first hand.
 *
 * Any other address is invented, guessed or planted, and a datagram to it breaks an invariant. (Two peers
 * passing on hearsay would break it too: an introducer names only what it sees itself.)
 *
 * Both lists have a bound. A peer that outgrows one is no longer held to the rule: it may miss a breach then, and
 * invents none.
 */
import { type Address, hostOf, type Instant } from '@srp/machine';
import { addressesKnownMax, speakersKnownMax } from './constants.js';

/** What was last heard of a speaker. */
interface Heard {
  /** When it sent the last thing that arrived. */
  at: Instant;
  /** Where that came from: known first hand. */
  from: Address;
}

export class Knowledge {
  readonly #firstHand = new Map<Address, Instant>();
  readonly #hosts = new Map<string, Instant>();
  readonly #told = new Set<Address>();
  readonly #heard = new Map<Knowledge, Heard>();
  /** Since when it may know addresses that are not listed any more. */
  #unlistedSince: Instant | null = null;

  /** The peer knows the address first hand from now on. */
  learn(at: Instant, address: Address): void {
    if (this.#firstHand.has(address)) return;
    if (this.#firstHand.size < addressesKnownMax) {
      this.#firstHand.set(address, at);
      if (!this.#hosts.has(hostOf(address))) this.#hosts.set(hostOf(address), at);
    } else {
      this.#unlistedSince ??= at;
    }
  }

  /** Something that `speaker` sent at `saidAt` has come, from there. Returns when it sent the last thing before that came, or `null`. */
  hear(at: Instant, speaker: Knowledge, saidAt: Instant, from: Address): Instant | null {
    const heard = this.#heard.get(speaker);
    if (heard === undefined) {
      if (this.#heard.size >= speakersKnownMax) this.#forgetOne(saidAt);
      this.#heard.set(speaker, { at: saidAt, from });
      this.#bothLearn(at, speaker, from);
      return null;
    }
    if (heard.from !== from) this.#bothLearn(at, speaker, from);
    heard.from = from;
    const before = heard.at;
    if (before < saidAt) heard.at = saidAt;
    return before;
  }

  /** When `speaker` sent the last thing that arrived here, or `null`. */
  heardAt(speaker: Knowledge): Instant | null {
    return this.#heard.get(speaker)?.at ?? null;
  }

  /** Whether the peer can have come by the address honestly. */
  mayKnow(address: Address): boolean {
    if (this.#unlistedSince !== null || this.#firstHand.has(address) || this.#told.has(address)) return true;
    for (const [speaker, { at }] of this.#heard) {
      if (!speaker.#knewAt(address, at)) continue;
      this.#told.add(address);
      return true;
    }
    return false;
  }

  /** Whether the peer can have come by some address of the host honestly. */
  mayKnowHost(host: string): boolean {
    if (this.#unlistedSince !== null || this.#hosts.has(host)) return true;
    return [...this.#heard].some(([speaker, { at }]) => (speaker.#hosts.get(host) ?? speaker.#unlistedSince ?? Infinity) <= at);
  }

  /** The peer's program has ended: it sends nothing any more. What it knew first hand others may have from it. */
  end(): void {
    this.#heard.clear();
    this.#told.clear();
  }

  /** Of the mappings that a guessing peer makes, next to none is seen by anybody: only those that are count. */
  #bothLearn(at: Instant, speaker: Knowledge, from: Address): void {
    this.learn(at, from);
    speaker.learn(at, from);
  }

  #knewAt(address: Address, at: Instant): boolean {
    const since = this.#firstHand.get(address) ?? this.#unlistedSince;
    return since !== null && since <= at;
  }

  #forgetOne(at: Instant): void {
    const oldest = this.#heard.keys().next();
    if (oldest.done !== true) this.#heard.delete(oldest.value);
    this.#unlistedSince ??= at;
  }
}
