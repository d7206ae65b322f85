/**
 * A port of the gateway, asked for, renewed and given back: when, not how. SPEC, Port mapping.
 *
 * ```
 *            ask                granted                half of its life
 *   resting ─────▶ asking ─────────────────▶ holding ──────────────────▶ asking, holding on
 *      ▲              │ refused                 ▲                            │ refused, and its life is over
 *      └──────────────┘                         └────────── granted ─────────┤
 *      ▲                                                                     │
 *      └─────────────────────────────────────────────────────────────────────┘
 * ```
 *
 * What a gateway grants is what it says, and no more: {@link judge} tells whether others see this peer there.
 */
import { type Address, after, earliest, familyOf, hostOf, type Instant, type Machine, scopeOf, unreachable, type Wakeup } from '@srp/machine';
import { askGatewayAgainMs, askGatewayAgainMaxMs, leaseMaxS, leaseMinS } from '../constants.js';

/** How a gateway was asked. */
export type MappingMethod = 'pcp' | 'nat-pmp' | 'upnp';

/** What a gateway says: what comes to `external` goes to this peer. */
export interface PortMapping {
  readonly by: MappingMethod;
  /** IP address of the gateway. */
  readonly gateway: string;
  readonly external: Address;
  readonly lifetimeS: number;
}

export type LeaseInput =
  /** The answer to `ask`. */
  | { readonly kind: 'granted'; readonly mapping: PortMapping }
  | { readonly kind: 'refused'; readonly why: string }
  /** This host may have another gateway now. */
  | { readonly kind: 'network-changed' }
  | { readonly kind: 'stop' }
  | Wakeup;

export type LeaseOutput =
  /** Ask the gateways; one `granted` or `refused` answers. The port `held`, if any, is wished for again. */
  | { readonly kind: 'ask'; readonly held: PortMapping | null }
  /** Give it back. */
  | { readonly kind: 'release'; readonly mapping: PortMapping }
  /** There is a mapping, or none any more, and why. */
  | { readonly kind: 'mapped'; readonly mapping: PortMapping | null; readonly why: string | null };

interface Held {
  readonly mapping: PortMapping;
  readonly renewAt: Instant;
  readonly endsAt: Instant;
}

export class PortLease implements Machine<LeaseInput, LeaseOutput> {
  #held: Held | null = null;
  /** `null`: the gateways are being asked. */
  #askAt: Instant | null;
  #refusals = 0;
  /** The network changed while the gateways of the one before were being asked. */
  #isStale = false;
  #isStopped = false;

  /** The first wakeup, which is due `at` once, asks. */
  constructor(at: Instant) {
    this.#askAt = at;
  }

  handle(now: Instant, input: LeaseInput): readonly LeaseOutput[] {
    const out: LeaseOutput[] = [];
    if (this.#isStopped) return out;
    switch (input.kind) {
      case 'granted':
        this.#granted(now, input.mapping, out);
        break;
      case 'refused':
        this.#refused(now, input.why, out);
        break;
      case 'network-changed':
        this.#refusals = 0;
        if (this.#askAt === null) this.#isStale = true;
        else this.#askAt = now;
        break;
      case 'stop':
        this.#isStopped = true;
        if (this.#held !== null) out.push({ kind: 'release', mapping: this.#held.mapping });
        break;
      case 'wakeup':
        break;
      default:
        unreachable(input);
    }
    this.#act(now, out);
    return out;
  }

  deadline(): Instant | null {
    return this.#isStopped ? null : earliest(this.#askAt, this.#held?.endsAt ?? null);
  }

  #act(now: Instant, out: LeaseOutput[]): void {
    if (this.#isStopped) return;
    if (this.#held !== null && now >= this.#held.endsAt) {
      this.#held = null;
      out.push({ kind: 'mapped', mapping: null, why: 'the gateway did not renew it' });
    }
    if (this.#askAt === null || now < this.#askAt) return;
    this.#askAt = null;
    out.push({ kind: 'ask', held: this.#held?.mapping ?? null });
  }

  #granted(now: Instant, mapping: PortMapping, out: LeaseOutput[]): void {
    if (mapping.lifetimeS < leaseMinS) {
      out.push({ kind: 'release', mapping });
      this.#refused(now, `it would live for ${mapping.lifetimeS} s alone`, out);
      return;
    }
    const lifeMs = Math.min(mapping.lifetimeS, leaseMaxS) * 1000;
    const isNew = this.#held?.mapping.external !== mapping.external || this.#held.mapping.by !== mapping.by;
    this.#held = { mapping, renewAt: after(now, lifeMs / 2), endsAt: after(now, lifeMs) };
    this.#refusals = 0;
    this.#askAt = this.#isStale ? now : this.#held.renewAt;
    this.#isStale = false;
    if (isNew) out.push({ kind: 'mapped', mapping, why: null });
  }

  #refused(now: Instant, why: string, out: LeaseOutput[]): void {
    const pauseMs = Math.min(askGatewayAgainMs * 2 ** this.#refusals, askGatewayAgainMaxMs);
    this.#refusals = Math.min(this.#refusals + 1, 16);
    this.#askAt = this.#isStale ? now : after(now, pauseMs);
    this.#isStale = false;
    if (this.#held === null) out.push({ kind: 'mapped', mapping: null, why });
  }
}

/**
 * Whether a mapping is believed. `confirmed`: others see this peer just there. `contradicted`: it is no public address, or others see
 * this peer at another host, so that something else translates behind this gateway, or it lies. Else nobody has said.
 */
export const judge = (external: Address, seen: readonly Address[]): 'confirmed' | 'contradicted' | 'unconfirmed' => {
  if (scopeOf(external) !== 'public') return 'contradicted';
  if (seen.includes(external)) return 'confirmed';
  const elsewhere = seen.some((address) => scopeOf(address) === 'public' && familyOf(address) === familyOf(external) && hostOf(address) !== hostOf(external));
  return elsewhere ? 'contradicted' : 'unconfirmed';
};
