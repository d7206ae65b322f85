/**
 * Relaying, from both sides: channels that this peer keeps for two others, and channels that another one keeps for it. SPEC, Relays.
 *
 * ```
 *   A ── RELAY c ─▶ R ── RELAY c ─▶ B        R has a session with both; the datagram inside is theirs, and R cannot read it
 * ```
 *
 * R knows a datagram of a channel by its number and the address it comes from, that of the session with A, and passes it on as it
 * is. A and B know it by its number and the address of R. So whoever does not know the number, or cannot write from that address,
 * reaches nobody; who does reaches a link that believes nothing that is not sealed.
 *
 * Invariants: nothing is passed on for a channel that this peer did not offer, or to somebody who has not spoken on it, but for
 * five datagrams to knock with; never a RELAY inside a RELAY; never through a session that is relayed itself.
 */
import { type Address, after, earliest, type Instant, type PeerId, TokenBucket } from '@srp/machine';
import { datagramType, relayBytesBurst, relayBytesPerSecond, relayChannelsMax, relayIdleMs, relayKnocksMax, relayOfferMs, relayOffersMax, relayedPathsMax } from './constants.js';
import { isRelayed, offeredAt, type Path, type RelayedPath, relayedPath, remoteOf, socketOf } from './path.js';
import type { Sessions } from './sessions.js';

/** One end of a channel, to the relay. */
interface End {
  readonly peer: PeerId;
  hasSpoken: boolean;
  /** Datagrams that it got before it spoke. */
  knockCount: number;
}

interface Channel {
  readonly ends: readonly [End, End];
  readonly bytes: TokenBucket;
  /** Whether anything came on it. Before that it is an offer, which costs nothing. */
  isUsed: boolean;
  usedAt: Instant;
}

/** A way through a relay, to one of its ends. */
interface RelayWay {
  readonly path: RelayedPath;
  readonly channel: number;
  readonly relay: PeerId;
  /** Who is at the other end. */
  readonly peer: PeerId;
  /** Where the relay was last. */
  address: Address;
  /** Whether anything came by it. */
  isUsed: boolean;
  usedAt: Instant;
}

export class Relays {
  readonly #sessions: Sessions;
  readonly #channels = new Map<number, Channel>();
  readonly #ways = new Map<RelayedPath, RelayWay>();
  /** No later than the first of them that is left for too long: so not all are looked at for each datagram that is passed on. */
  #expiresAt: Instant | null = null;

  constructor(sessions: Sessions) {
    this.#sessions = sessions;
  }

  /** Channels that this peer keeps for others, used or offered. */
  get channelCount(): number {
    return this.#channels.size;
  }

  /** Those of them on which anything came. */
  get usedCount(): number {
    let count = 0;
    for (const { isUsed } of this.#channels.values()) if (isUsed) count += 1;
    return count;
  }

  /** Ways through others' channels. */
  get wayCount(): number {
    return this.#ways.size;
  }

  /** This peer will pass on between two of its neighbours. */
  offer(now: Instant, channel: number, [one, other]: readonly [PeerId, PeerId]): void {
    this.#expire(now);
    if (this.#channels.has(channel)) return;
    if (this.#channels.size >= relayOffersMax) dropOldestUnused(this.#channels);
    this.#channels.set(channel, { ends: [endOf(one), endOf(other)], bytes: new TokenBucket(relayBytesPerSecond, relayBytesBurst), isUsed: false, usedAt: now });
    this.#expiresAt = earliest(this.#expiresAt, after(now, relayOfferMs));
  }

  /** Agrees to hear `peer` through a relay, which offered it. */
  accept(now: Instant, relay: PeerId, channel: number, peer: PeerId): void {
    const address = this.#directAddressOf(relay);
    if (address === null || relay === peer) return;
    const path = relayedPath(relay, channel, address);
    this.#expire(now);
    if (this.#ways.has(path) || (this.#ways.size >= relayedPathsMax && !dropOldestUnused(this.#ways))) return;
    this.#ways.set(path, { path, channel, relay, peer, address, isUsed: false, usedAt: now });
    this.#expiresAt = earliest(this.#expiresAt, after(now, relayOfferMs));
  }

  /** The newest way to `peer` that a relay offered and that may still be open, or `null`. */
  pathTo(now: Instant, peer: PeerId): RelayedPath | null {
    const open = [...this.#ways.values()].filter((way) => way.peer === peer && now - way.usedAt < relayIdleMs && this.#directAddressOf(way.relay) !== null);
    return open.at(-1)?.path ?? null;
  }

  /** Who must be at the other end of a path. */
  peerOf(path: RelayedPath): PeerId | null {
    return this.#ways.get(path)?.peer ?? null;
  }

  /** The address at which this host sees what comes by a path: of who is there, or of the relay. */
  addressOf(path: Path): Address {
    return isRelayed(path) ? this.#ways.get(path)?.address ?? offeredAt(path) : remoteOf(path);
  }

  /** The way that a datagram of a channel came, or `null`. */
  wayFrom(now: Instant, from: Address, channel: number): RelayedPath | null {
    for (const way of this.#ways.values()) {
      if (way.channel !== channel || this.#directAddressOf(way.relay) !== from) continue;
      way.address = from;
      way.isUsed = true;
      way.usedAt = now;
      return way.path;
    }
    return null;
  }

  /** Where a datagram by this path has to go, and under which channel; `null` if the relay is gone. */
  wayTo(now: Instant, path: RelayedPath): { readonly address: Address; readonly channel: number } | null {
    const way = this.#ways.get(path);
    const address = way === undefined ? null : this.#directAddressOf(way.relay);
    if (way === undefined || address === null) return null;
    way.address = address;
    way.usedAt = now;
    return way;
  }

  /**
   * Where a datagram of one's own channels has to go on to; `null` if it came by none of them. `refused`: it goes no further,
   * because the channel is idle for too long, the other end has not agreed, or there is too much.
   */
  passOn(now: Instant, from: Address, channel: number, bytes: number): Address | 'refused' | null {
    const open = this.#channels.get(channel);
    const sender = open?.ends.find(({ peer }) => this.#directAddressOf(peer) === from);
    if (open === undefined || sender === undefined) return null;
    const receiver = open.ends[0] === sender ? open.ends[1] : open.ends[0];
    const to = this.#directAddressOf(receiver.peer);
    this.#expire(now);
    if (to === null || !this.#channels.has(channel) || (!open.isUsed && this.usedCount >= relayChannelsMax)) return 'refused';
    if (!open.isUsed) open.usedAt = now;
    open.isUsed = true;
    sender.hasSpoken = true;
    if (!receiver.hasSpoken && receiver.knockCount >= relayKnocksMax) return 'refused';
    if (!open.bytes.take(now, bytes)) return 'refused';
    if (!receiver.hasSpoken) receiver.knockCount += 1;
    else open.usedAt = now; // who knocks at a door that nobody opens keeps no channel
    return to;
  }

  /** Where a session is that is neither relayed itself nor by a socket of its own. */
  #directAddressOf(peer: PeerId): Address | null {
    const path = this.#sessions.get(peer)?.address ?? null;
    return path === null || isRelayed(path) || socketOf(path) !== 0 ? null : remoteOf(path);
  }

  #expire(now: Instant): void {
    if (this.#expiresAt === null || now < this.#expiresAt) return;
    this.#expiresAt = null;
    for (const all of [this.#channels, this.#ways] as const) {
      for (const [key, { isUsed, usedAt }] of all) {
        const expiresAt = after(usedAt, isUsed ? relayIdleMs : relayOfferMs);
        if (now >= expiresAt) (all as Map<typeof key, unknown>).delete(key);
        else this.#expiresAt = earliest(this.#expiresAt, expiresAt);
      }
    }
  }
}

const endOf = (peer: PeerId): End => ({ peer, hasSpoken: false, knockCount: 0 });

/** What is in use is never pushed out by what is only offered. Answers whether there is room now. */
const dropOldestUnused = <Key>(all: Map<Key, { readonly isUsed: boolean }>): boolean => {
  for (const [key, { isUsed }] of all) if (!isUsed) return all.delete(key);
  return false;
};

/** Whether a relay passes this on: what sessions are made of, and nothing else. */
export const isRelayable = (inner: Uint8Array): boolean => {
  const [type = 0] = inner;
  return type >= datagramType.init && type <= datagramType.data;
};
