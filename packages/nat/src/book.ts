/**
 * The address book: peers this one has talked to lately, and where. SPEC, Address book.
 *
 * It is what a peer starts from when it comes back. Only addresses of real sessions get in. It is bounded twice: in
 * all, and per public network, so that one subnet full of keys cannot push everybody else out. Nor can a throng that
 * comes and goes: who has a session now, or was named by the user, stays.
 *
 * It is kept as a JSON value; what is read back is as untrusted as any file a user may have edited.
 */
import { type Address, type Instant, networkOf, parseAddress, type PeerId, scopeOf } from '@srp/machine';
import { bookEntriesReadMax, bookPeersMax, bookPeersPerNetworkMax } from './constants.js';
import { refusalOf } from './rules.js';

/** A peer and where it was last. */
export interface RememberedPeer {
  readonly peer: PeerId;
  readonly address: Address;
  /** Unix milliseconds. */
  readonly seenAt: number;
}

/** The address book as plain JSON. */
export interface StoredBook {
  readonly version: 1;
  /** The one seen last comes last. */
  readonly peers: readonly RememberedPeer[];
}

/** How many entries of a stored book were taken over, and how many were not. */
export interface Restored {
  readonly kept: number;
  readonly dropped: number;
}

/** At most 64 peers; a `Map` in order of age, the youngest last. */
export class AddressBook {
  readonly #self: PeerId;
  readonly #isKept: (peer: PeerId) => boolean;
  readonly #peers = new Map<PeerId, RememberedPeer>();

  /** `isKept`: whether a peer stays in the book while it can. */
  constructor(self: PeerId, isKept: (peer: PeerId) => boolean) {
    this.#self = self;
    this.#isKept = isKept;
  }

  /** A session with `peer` is open at `address`. */
  seen(now: Instant, peer: PeerId, address: Address): void {
    if (peer !== this.#self && refusalOf(address) === null) this.#add({ peer, address, seenAt: Math.floor(now) });
  }

  /** Where `peer` was last, or `null`. */
  addressOf(peer: PeerId): Address | null {
    return this.#peers.get(peer)?.address ?? null;
  }

  get size(): number {
    return this.#peers.size;
  }

  /** Everyone in the book, the one seen last first. */
  remembered(): readonly RememberedPeer[] {
    return [...this.#peers.values()].reverse();
  }

  /** The book as a JSON value. */
  stored(): StoredBook {
    return { version: 1, peers: [...this.#peers.values()] };
  }

  /** Takes over what is sound in `value`, as older than everyone in the book. Never throws. */
  restore(value: unknown): Restored {
    const entries = isRecord(value) && value['version'] === 1 && Array.isArray(value['peers']) ? (value['peers'] as readonly unknown[]) : null;
    if (entries === null) return { kept: 0, dropped: value === undefined || value === null ? 0 : 1 };
    // The file ends with the youngest.
    const read = entries.slice(-bookEntriesReadMax).map(rememberedOf).filter((entry) => entry !== null && entry.peer !== this.#self) as RememberedPeer[];
    const before = [...this.#peers.values()];
    const ofFile = new Set(read.map((entry) => entry.peer));
    this.#peers.clear();
    for (const entry of [...read.sort((a, b) => a.seenAt - b.seenAt), ...before]) this.#add(entry);
    for (const { peer } of before) ofFile.delete(peer);
    const kept = [...ofFile].filter((peer) => this.#peers.has(peer)).length;
    return { kept, dropped: entries.length - kept };
  }

  #add(entry: RememberedPeer): void {
    this.#peers.delete(entry.peer);
    this.#peers.set(entry.peer, entry);
    if (scopeOf(entry.address) === 'public') {
      const network = networkOf(entry.address);
      const neighbours = [...this.#peers.values()].filter((other) => scopeOf(other.address) === 'public' && networkOf(other.address) === network);
      if (neighbours.length > bookPeersPerNetworkMax) this.#forgetOldest(neighbours);
    }
    if (this.#peers.size > bookPeersMax) this.#forgetOldest([...this.#peers.values()]);
  }

  /** The oldest that need not stay goes; if all must, the youngest, which has just come. */
  #forgetOldest(from: readonly RememberedPeer[]): void {
    const leaving = from.find(({ peer }) => !this.#isKept(peer)) ?? from.at(-1);
    if (leaving !== undefined) this.#peers.delete(leaving.peer);
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** One entry, read field by field. */
const rememberedOf = (value: unknown): RememberedPeer | null => {
  if (!isRecord(value)) return null;
  const { peer, address: text, seenAt } = value;
  if (typeof peer !== 'string' || !/^[0-9a-f]{64}$/.test(peer)) return null;
  if (typeof seenAt !== 'number' || !Number.isSafeInteger(seenAt) || seenAt < 0) return null;
  const address = typeof text === 'string' && text.length <= 64 ? parseAddress(text) : null;
  if (address === null || refusalOf(address) !== null) return null;
  return { peer: peer as PeerId, address, seenAt };
};
