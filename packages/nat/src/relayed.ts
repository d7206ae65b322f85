/**
 * Sessions that go through a relay: when to begin one, when to look for something better, and whom to ask for another. SPEC, Relays.
 *
 * ```
 *   CALL ──▶ INIT straight ── no session yet ──▶ INIT through who called ──▶ relayed ── ever more rarely: INTRODUCE ──▶ direct
 *                                                                              ▲                                          │
 *                                                                              └─────── in doubt: INTRODUCE ──────────────┘
 * ```
 *
 * A CALL offers a channel: the first 4 bytes of its token name it, and who called keeps it. The direct way has a head start of a
 * round trip or so, within which it works where it works at all: then nothing goes through the relay.
 */
import { after, BoundedMap, earliest, type Instant, jittered, type PeerId, type Random } from '@srp/machine';
import type { Call, Introduce } from '@srp/wire';
import { callAnswerMs, doubtedAskedMax, directHeadStartMaxMs, directHeadStartMinMs, directHeadStartMs, introducersMax, knownByMax, reachesMax, relayedFirstRetryMs, relayedRetryMaxMs, relayedRetryMs, retryJitter } from './constants.js';

/** What leaves this file. */
export type RelayedOutput =
  | { readonly kind: 'frame'; readonly to: PeerId; readonly frame: Introduce }
  | { readonly kind: 'accept'; readonly peer: PeerId; readonly relay: PeerId; readonly channel: number }
  | { readonly kind: 'connect-relayed'; readonly peer: PeerId };

interface RelayedSession {
  readonly relay: PeerId;
  retryAt: Instant;
  /** From the next look for a direct path to the one after it. */
  nextMs: number;
  /** When one was last looked for, or the session began to be relayed. */
  triedAt: Instant;
}

/** Whether files or streams need the session with a peer. */
export type InUse = (now: Instant, peer: PeerId) => boolean;

/** The channel that a token names. */
export const channelOf = (token: string): number => Number.parseInt(token.slice(0, 8), 16);

export class Relayed {
  readonly #self: PeerId;
  readonly #random: Random;
  /** Who may introduce this peer to somebody: has a session that is not relayed. */
  readonly #isDirect: (peer: PeerId) => boolean;
  readonly #isInUse: InUse;
  /** Who was called and has no session yet, and until when the direct way has time. */
  readonly #waiting = new BoundedMap<PeerId, Instant>(reachesMax);
  readonly #sessions = new Map<PeerId, RelayedSession>();
  /** Who called for whom, the last first. */
  readonly #knownBy = new BoundedMap<PeerId, readonly PeerId[]>(knownByMax);
  /** Sessions whose path may be dead, and those for which a better one is looked for: until when a CALL counts as asked for. */
  readonly #doubted = new Map<PeerId, Instant>();
  readonly #asked = new BoundedMap<PeerId, Instant>(reachesMax);

  constructor(self: PeerId, random: Random, isDirect: (peer: PeerId) => boolean, isInUse: InUse) {
    this.#isInUse = isInUse;
    this.#self = self;
    this.#random = random;
    this.#isDirect = isDirect;
  }

  /** Calls and sessions that something is still to be done for. */
  get size(): number {
    return this.#waiting.size + this.#sessions.size;
  }

  /** `by`, which answers in `rttMs`, called for a peer and will relay. */
  called(now: Instant, by: PeerId, rttMs: number, { peer, token, initiator }: Call, isLive: boolean, out: RelayedOutput[]): void {
    const others = this.#knownBy.get(peer)?.filter((other) => other !== by) ?? [];
    this.#knownBy.set(peer, [by, ...others].slice(0, introducersMax));
    out.push({ kind: 'accept', peer, relay: by, channel: channelOf(token) });
    if (this.isDoubted(now, peer)) out.push({ kind: 'connect-relayed', peer });
    else if (!isLive && !this.#waiting.has(peer)) this.#waiting.set(peer, after(now, headStartMs(rttMs) + (initiator ? 0 : directHeadStartMaxMs)));
  }

  /** Whether the path of its session is in doubt. */
  isDoubted(now: Instant, peer: PeerId): boolean {
    const until = this.#doubted.get(peer);
    return until !== undefined && now < until;
  }

  /** Whether this peer itself asked lately to be called for a peer with a session. */
  hasAsked(now: Instant, peer: PeerId): boolean {
    const until = this.#asked.get(peer);
    return until !== undefined && now < until;
  }

  /** A session is open, or moved; through a relay or (`null`) not. */
  at(now: Instant, peer: PeerId, relay: PeerId | null): void {
    this.#waiting.delete(peer);
    this.#doubted.delete(peer);
    if (relay === null) this.#sessions.delete(peer);
    else this.#sessions.set(peer, { ...(this.#sessions.get(peer) ?? { retryAt: this.#nextRetry(now, relayedFirstRetryMs), nextMs: relayedRetryMs, triedAt: now }), relay });
  }

  /** A session is over, or no relay is to be tried any more. Who was relayed by that peer needs another one. */
  gone(now: Instant, peer: PeerId, out: RelayedOutput[]): void {
    this.#waiting.delete(peer);
    this.#doubted.delete(peer);
    this.#sessions.delete(peer);
    for (const [relayed, { relay }] of this.#sessions) if (relay === peer) this.doubted(now, relayed, out);
  }

  /** The path of a session may be dead, its relay with it: others are asked for a channel, and where the peer is now. */
  doubted(now: Instant, peer: PeerId, out: RelayedOutput[]): void {
    this.#doubted.set(peer, after(now, callAnswerMs));
    this.#ask(now, peer, doubtedAskedMax, this.#sessions.get(peer)?.relay ?? null, out);
  }

  /** Does what is due. */
  wake(now: Instant, out: RelayedOutput[]): void {
    for (const [peer, at] of this.#waiting.entries()) {
      if (at > now) continue;
      this.#waiting.delete(peer);
      out.push({ kind: 'connect-relayed', peer });
    }
    for (const [peer, session] of this.#sessions) {
      // Who moves much by a relay gains most by a direct path, and loses it to nobody: one question a minute.
      const isInUse = now - session.triedAt >= relayedRetryMs && this.#isInUse(now, peer);
      if (session.retryAt > now && !isInUse) continue;
      session.triedAt = now;
      if (isInUse) session.nextMs = relayedRetryMs;
      session.retryAt = this.#nextRetry(now, session.nextMs);
      session.nextMs = Math.min(2 * session.nextMs, relayedRetryMaxMs);
      if (this.#self < peer) this.#ask(now, peer, 1, null, out);
    }
  }

  deadline(): Instant | null {
    let next: Instant | null = null;
    for (const [, at] of this.#waiting.entries()) next = earliest(next, at);
    for (const { retryAt } of this.#sessions.values()) next = earliest(next, retryAt);
    return next;
  }

  /** Asks those who called for the peer last, and can be reached without a relay. */
  #ask(now: Instant, peer: PeerId, countMax: number, except: PeerId | null, out: RelayedOutput[]): void {
    const able = this.#knownBy.get(peer)?.filter((other) => other !== except && this.#isDirect(other)) ?? [];
    this.#asked.set(peer, after(now, callAnswerMs));
    for (const to of able.slice(0, countMax)) out.push({ kind: 'frame', to, frame: { kind: 'introduce', peer } });
  }

  #nextRetry(now: Instant, ms: number): Instant {
    return after(now, jittered(this.#random, ms, retryJitter));
  }
}

/** What the direct way has: a round trip takes about as long as one to who called. */
const headStartMs = (rttMs: number): number => Math.min(Math.max(rttMs + directHeadStartMs, directHeadStartMinMs), directHeadStartMaxMs);
