/**
 * This peer as an introducer: it knows both sides, so it can tell each where the other is. SPEC, Meeting.
 *
 * ```
 *        A ── INTRODUCE B ──▶ I                     A and B have a session with I, perhaps
 *        A ◀── CALL B, at b ── I ── CALL A, at a ──▶ B     through a NAT that lets nobody else in
 *        A ══ INIT ═════════════════════════════▶ B
 *        A ◀═════════════════════════════ PUNCH ══ B     each opens its own NAT towards the other
 * ```
 *
 * It names only addresses it sees itself, so nobody can have a third party called. Nothing is acknowledged: each
 * CALL goes out twice with one token, and who hears nothing asks again.
 */
import { type Address, after, BoundedMap, type Instant, type PeerId, type Random, toHex, TokenBucket } from '@srp/machine';
import { callRepeatMs, callRepeatsMax, introducedPairsMax, introducedQuietMs, introductionBurst, introductionsInAllBurst, introductionsInAllPerSecond, introductionsPerSecond } from './constants.js';
import { type Call } from '@srp/wire';
import { channelOf } from './relayed.js';
import { mayTell } from './rules.js';

/** What leaves this file: frames, and a channel by which this peer will pass on between the two. */
export type IntroducerOutput = Addressed | { readonly kind: 'relay'; readonly channel: number; readonly ends: readonly [PeerId, PeerId] };

/** Why nobody was introduced. */
export type IntroductionRefusal = 'unknown-peer' | 'introduced-lately' | 'introductions-limit' | 'scope-mismatch' | 'self';

/** A frame on its way to a peer. */
export interface Addressed {
  readonly kind: 'frame';
  readonly to: PeerId;
  readonly frame: Call;
}

/** One side of an introduction: a peer, where it is seen, and how often it may be part of one. */
export interface Introducible {
  readonly peer: PeerId;
  readonly address: Address;
  readonly asks: TokenBucket;
  readonly askedFor: TokenBucket;
}

/** Fresh limits of one session. */
export const introductionLimits = (): Pick<Introducible, 'asks' | 'askedFor'> => ({
  asks: new TokenBucket(introductionsPerSecond, introductionBurst),
  askedFor: new TokenBucket(introductionsPerSecond, introductionBurst),
});

/** Answers INTRODUCE with a CALL to both. */
export class Introducer {
  readonly #random: Random;
  readonly #inAll = new TokenBucket(introductionsInAllPerSecond, introductionsInAllBurst);
  readonly #pairs = new BoundedMap<string, Instant>(introducedPairsMax);
  #repeats: (Addressed & { readonly dueAt: Instant })[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  /** Introduces `asker` to `wanted`; a reason if that is not done. */
  introduce(now: Instant, asker: Introducible, wanted: Introducible, out: IntroducerOutput[]): IntroductionRefusal | null {
    if (asker.peer === wanted.peer) return 'self';
    const pair = [asker, wanted].map(({ peer, address }) => `${peer} ${address}`).sort().join();
    const before = this.#pairs.get(pair);
    // Both may ask at once, or one again because it is impatient: the CALLs are on their way. Who has moved since needs others.
    if (before !== undefined && now - before < introducedQuietMs) return 'introduced-lately';
    // Each side is told only what it will believe; if one side cannot be told, the other starts.
    const canTellAsker = mayTell(asker.address, wanted.address);
    const canTellWanted = mayTell(wanted.address, asker.address);
    if (!canTellAsker && !canTellWanted) return 'scope-mismatch';
    if (!asker.asks.take(now) || !wanted.askedFor.take(now) || !this.#inAll.take(now)) return 'introductions-limit';
    this.#pairs.set(pair, now);
    const token = toHex(this.#random.bytes(8));
    if (canTellAsker && canTellWanted) out.push({ kind: 'relay', channel: channelOf(token), ends: [asker.peer, wanted.peer] });
    if (canTellWanted) this.#call(now, wanted, asker, token, !canTellAsker, out);
    if (canTellAsker) this.#call(now, asker, wanted, token, true, out);
    return null;
  }

  /** Sends the second copies that are due, to those `isLive` still. */
  wake(now: Instant, isLive: (peer: PeerId) => boolean, out: IntroducerOutput[]): void {
    const first = this.#repeats[0];
    if (first === undefined || first.dueAt > now) return;
    const due = this.#repeats.filter((repeat) => repeat.dueAt <= now);
    this.#repeats = this.#repeats.filter((repeat) => repeat.dueAt > now);
    for (const { to, frame } of due) if (isLive(to)) out.push({ kind: 'frame', to, frame });
  }

  /** When the next copy is due. */
  deadline(): Instant | null {
    return this.#repeats[0]?.dueAt ?? null;
  }

  #call(now: Instant, whom: Introducible, other: Introducible, token: string, initiator: boolean, out: IntroducerOutput[]): void {
    const addressed: Addressed = { kind: 'frame', to: whom.peer, frame: { kind: 'call', peer: other.peer, address: other.address, token, initiator } };
    out.push(addressed);
    if (this.#repeats.length < callRepeatsMax) this.#repeats.push({ ...addressed, dueAt: after(now, callRepeatMs) });
  }
}
