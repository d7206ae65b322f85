/**
 * What happens to a datagram between two places: how long it takes, whether it is lost, doubled or late.
 *
 * The latency of a pair follows from the seed and the pair alone, whatever else happens; all other draws come
 * from one generator in the order of sending.
 */
import type { Random } from '@srp/machine';
import { jitterMsDefault, latencyMsDefault, latencySharesMax, placesMax, reorderingMsDefault, waysMax } from './constants.js';
import { SimError } from './errors.js';

/** How links behave. Shares are 0..1 and drawn for each datagram independently. */
export interface LinkOptions {
  /** One-way milliseconds: one number for all, or the range from which each pair draws its own. */
  readonly latencyMs?: number | readonly [number, number];
  /** Up to so many milliseconds on top, uniform, for each datagram anew. */
  readonly jitterMs?: number;
  /** Share of datagrams that vanish. */
  readonly loss?: number;
  /** Losses come in runs of so many datagrams of one direction of one pair, in the mean: 1 or more. 0: each is lost by itself. `loss` stays the share of all. */
  readonly burst?: number;
  /** Share of datagrams that come twice. */
  readonly duplication?: number;
  /** Share of datagrams that come up to `reorderingMs` later, so that others overtake them. */
  readonly reordering?: number;
  readonly reorderingMs?: number;
}

type LinkProfile = Required<LinkOptions>;

const perfect: LinkProfile = {
  latencyMs: latencyMsDefault,
  jitterMs: jitterMsDefault,
  loss: 0,
  burst: 0,
  duplication: 0,
  reordering: 0,
  reorderingMs: reorderingMsDefault,
};

const drawLimit = 2 ** 32;

export class Links {
  readonly #random: Random;
  readonly #shareOf: (label: string) => number;
  readonly #latencyShares = new Map<number, number>();
  readonly #pairs = new Map<number, LinkOptions>();
  /** Whether the last datagram from one place to another was lost. */
  readonly #wasLost = new Map<number, boolean>();
  #all: LinkProfile;

  /** `shareOf` gives a number 0..1 that depends on nothing but the seed and its label. Places are numbers. */
  constructor(options: LinkOptions, random: Random, shareOf: (label: string) => number) {
    this.#all = checked({ ...perfect, ...options });
    this.#random = random;
    this.#shareOf = shareOf;
  }

  /** Changes how all links behave from now on; what is not named stays. */
  change(options: LinkOptions): void {
    this.#all = checked({ ...this.#all, ...options });
  }

  /** Changes how one pair of places is linked, both ways, whatever all the others do. */
  changePair(a: number, b: number, options: LinkOptions): void {
    checked({ ...this.#all, ...options });
    const pair = pairOf(a, b);
    this.#pairs.set(pair, { ...this.#pairs.get(pair), ...options });
  }

  /** After how many milliseconds each copy of a datagram arrives; none if it is lost. */
  delays(from: number, to: number): readonly number[] {
    const pair = pairOf(from, to);
    const own = this.#pairs.size === 0 ? undefined : this.#pairs.get(pair);
    const profile = own === undefined ? this.#all : { ...this.#all, ...own };
    if (this.#isLost(from, to, profile)) return [];
    const latencyMs = this.#latency(pair, profile.latencyMs);
    const first = this.#delay(latencyMs, profile);
    return this.#happens(profile.duplication) ? [first, this.#delay(latencyMs, profile)] : [first];
  }

  #delay(latencyMs: number, { jitterMs, reordering, reorderingMs }: LinkProfile): number {
    const lateMs = this.#happens(reordering) ? this.#share() * reorderingMs : 0;
    return latencyMs + this.#share() * jitterMs + lateMs;
  }

  #latency(pair: number, latencyMs: LinkProfile['latencyMs']): number {
    if (typeof latencyMs === 'number') return latencyMs;
    let share = this.#latencyShares.get(pair);
    if (share === undefined) {
      share = this.#shareOf(`latency ${pair}`);
      if (this.#latencyShares.size >= latencySharesMax) this.#latencyShares.clear(); // each can be had again
      this.#latencyShares.set(pair, share);
    }
    return latencyMs[0] + share * (latencyMs[1] - latencyMs[0]);
  }

  /** Gilbert's model: a good state that loses nothing, a bad one that loses everything, and two chances of changing. */
  #isLost(from: number, to: number, { loss, burst }: LinkProfile): boolean {
    if (burst === 0 || loss <= 0 || loss >= 1) return this.#happens(loss);
    const way = from * placesMax + to;
    const before = this.#wasLost.get(way);
    const stays = 1 - 1 / burst;
    const begins = loss / (burst * (1 - loss));
    const isLost = this.#happens(before === undefined ? loss : before ? stays : begins);
    if (this.#wasLost.size >= waysMax) this.#wasLost.clear(); // the next datagram of each begins anew, with the same share
    this.#wasLost.set(way, isLost);
    return isLost;
  }

  #happens(share: number): boolean {
    return share > 0 && (share >= 1 || this.#share() < share);
  }

  #share(): number {
    return this.#random.below(drawLimit) / drawLimit;
  }
}

const pairOf = (a: number, b: number): number => (a < b ? a * placesMax + b : b * placesMax + a);

const checked = (profile: LinkProfile): LinkProfile => {
  for (const name of ['loss', 'duplication', 'reordering'] as const) {
    if (!(profile[name] >= 0 && profile[name] <= 1)) throw new SimError('NETWORK_OPTION_WRONG', `Cannot set links: ${name} must be a share 0..1, got ${profile[name]}`);
  }
  if (!(profile.burst === 0 || (profile.burst >= 1 && profile.burst * (1 - profile.loss) >= profile.loss))) {
    throw new SimError('NETWORK_OPTION_WRONG', `Cannot set links: burst must be 0, or at least 1 and loss / (1 - loss), got ${profile.burst}`);
  }
  for (const ms of [profile.jitterMs, profile.reorderingMs, profile.latencyMs].flat()) {
    if (!(ms >= 0 && Number.isFinite(ms))) throw new SimError('NETWORK_OPTION_WRONG', `Cannot set links: milliseconds must be finite and >= 0, got ${ms}`);
  }
  return profile;
};
