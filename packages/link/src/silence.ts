/**
 * How long this peer may be silent before a NAT or a firewall in front of it forgets whom to let in. SPEC, Liveness (L-46 to L-48).
 *
 * ```
 *   nothing known: 25 s ──▶ heard in two networks after longer silences:
 *                           nine tenths of the second longest of them
 *                       ──▶ had to ask although the other side should have: three quarters of that silence, 12 s at least
 *   who is told to be free to ask (nothing translates its address) is left to ask later still, to find out more
 * ```
 *
 * It is measured here alone: what others say about their own silence changes when they are asked, never what is known of ours.
 */
import { after, BoundedMap, type Instant } from '@srp/machine';
import { keepaliveLeastMs, keepaliveMaxMs, keepaliveUnknownMs, provenNetworksMax, silenceAgainMs, silenceFailedShare, silenceForEver, silenceProvenShare, silenceToldMax, silenceTrialFactor } from './constants.js';

/** How long the other side of a session may be left, as it said last: at most {@link keepaliveMaxMs}; `isFree`: nothing translates its address. */
export interface Told {
  readonly ms: number;
  readonly isFree: boolean;
}

/** What counts while the other side has said nothing. */
export const untold: Told = { ms: keepaliveUnknownMs, isFree: false };

/** What each byte of a PING or PONG says: made once, since thousands of sessions hold one. */
const readings = Array.from({ length: silenceForEver }, (_, seconds): Told => (seconds === 0 ? untold : { ms: Math.min(Math.max(1000 * seconds, keepaliveLeastMs), keepaliveMaxMs), isFree: false }));
const free: Told = { ms: keepaliveMaxMs, isFree: true };

/** Reads what a PING or PONG says, 0..255. */
export const toldBy = (seconds: number): Told => readings[seconds] ?? free;

export class Silence {
  /** The longest silence after which somebody of a network was heard here. */
  readonly #proven = new BoundedMap<string, number>(provenNetworksMax);
  #isFree = false;
  /** The silence after which nothing came in any more, and when that was. */
  #failed: { readonly ms: number; readonly at: Instant } | null = null;
  #knownMs = keepaliveUnknownMs;

  /** Whether nothing translates our address, as far as others see it. */
  get isFree(): boolean {
    return this.#isFree;
  }

  /** How long our mappings are known to live, or taken to. */
  get knownMs(): number {
    return this.#isFree ? keepaliveMaxMs : this.#knownMs;
  }

  free(isFree: boolean): void {
    this.#isFree = isFree;
  }

  /** How long we may be left by a peer of whom that was told. One that is free finds out whether it may be longer than is known. */
  allowedMs(now: Instant, other: Told): number {
    if (this.#isFree || !other.isFree) return this.knownMs;
    if (this.#failed !== null && now >= after(this.#failed.at, silenceAgainMs)) this.#failed = null;
    return Math.min(silenceTrialFactor * this.#knownMs, this.#ceilingMs);
  }

  /** The same as a PING or PONG says it. */
  toldTo(now: Instant, other: Told): number {
    return this.#isFree ? silenceForEver : Math.min(Math.floor(this.allowedMs(now, other) / 1000), silenceToldMax);
  }

  /** Somebody of a network was heard, to whom nothing had been sent for so long. */
  heard(network: string, ms: number): void {
    if (ms <= (this.#proven.get(network) ?? keepaliveLeastMs)) return;
    this.#proven.set(network, Math.min(ms, keepaliveMaxMs));
    this.#find();
  }

  /** Somebody answered, who had not come through after so long a silence. */
  failed(now: Instant, ms: number): void {
    this.#failed = { ms: Math.min(ms, this.#failed?.ms ?? ms), at: now };
    for (const [network, proven] of [...this.#proven.entries()]) if (proven > this.#ceilingMs) this.#proven.set(network, this.#ceilingMs);
    this.#find();
  }

  /** This host is elsewhere, or may be. */
  forget(): void {
    this.#proven.clear();
    this.#failed = null;
    this.#find();
  }

  get #ceilingMs(): number {
    return this.#failed === null ? keepaliveMaxMs : Math.max(silenceFailedShare * this.#failed.ms, keepaliveLeastMs);
  }

  #find(): void {
    const [, second = 0] = [...this.#proven.values()].sort((a, b) => b - a);
    this.#knownMs = Math.min(Math.max(silenceProvenShare * second, keepaliveUnknownMs), this.#ceilingMs);
  }
}
