/**
 * What addresses a running peer may know, as far as the network can tell from outside: sessions are sealed, so
 * nobody sees who names which address. But an address can only have come
 *
 * 1. from its app, its host or its disk, or as the source of a datagram: first hand; or
 * 2. from a peer that spoke to it, after that peer knew the address first hand.
 *
 * Any other address is invented, guessed or planted, and a datagram to it breaks an invariant. (Two peers
 * passing on hearsay would break it too: an introducer names only what it sees itself.)
 *
 * Both lists have a bound. A peer that outgrows one is no longer held to the rule: it may miss a breach then, and
 * invents none.
 */
import type { Address, Instant } from '@srp/machine';
import { addressesKnownMax, speakersKnownMax } from './constants.js';

export class Knowledge {
  readonly #firstHand = new Map<Address, Instant>();
  readonly #told = new Set<Address>();
  readonly #heardAt = new Map<Knowledge, Instant>();
  /** Since when it may know addresses that are not listed any more. */
  #unlistedSince: Instant | null = null;

  /** The peer knows the address first hand from now on. */
  learn(at: Instant, address: Address): void {
    if (this.#firstHand.has(address)) return;
    if (this.#firstHand.size < addressesKnownMax) this.#firstHand.set(address, at);
    else this.#unlistedSince ??= at;
  }

  /** Something that `speaker` sent at `saidAt` has arrived. */
  hear(speaker: Knowledge, saidAt: Instant): void {
    const before = this.#heardAt.get(speaker);
    if (before === undefined && this.#heardAt.size >= speakersKnownMax) this.#forgetOne(saidAt);
    if (before === undefined || before < saidAt) this.#heardAt.set(speaker, saidAt);
  }

  /** When `speaker` sent the last thing that arrived here, or `null`. */
  heardAt(speaker: Knowledge): Instant | null {
    return this.#heardAt.get(speaker) ?? null;
  }

  /** Whether the peer can have come by the address honestly. */
  mayKnow(address: Address): boolean {
    if (this.#unlistedSince !== null || this.#firstHand.has(address) || this.#told.has(address)) return true;
    for (const [speaker, saidAt] of this.#heardAt) {
      if (!speaker.#knewAt(address, saidAt)) continue;
      this.#told.add(address);
      return true;
    }
    return false;
  }

  /** The peer's program has ended: it sends nothing any more. What it knew first hand others may have from it. */
  end(): void {
    this.#heardAt.clear();
    this.#told.clear();
  }

  #knewAt(address: Address, at: Instant): boolean {
    const since = this.#firstHand.get(address) ?? this.#unlistedSince;
    return since !== null && since <= at;
  }

  #forgetOne(at: Instant): void {
    const oldest = this.#heardAt.keys().next();
    if (oldest.done !== true) this.#heardAt.delete(oldest.value);
    this.#unlistedSince ??= at;
  }
}
