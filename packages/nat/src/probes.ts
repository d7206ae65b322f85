/**
 * The budget of packets to addresses that have not proved themselves. SPEC, Probes.
 *
 * Others name addresses, so without a budget they could aim this peer at a victim. Three sliding windows
 * hold at once: packets per address and per host in a minute, and packets in all in a second. They count each packet
 * at the time it leaves, exactly: a token bucket that has filled up lets twice its rate through.
 *
 * An address that answered (a session opened on it) was no victim: what was charged for it is given back.
 */
import { type Address, after, type Instant } from '@srp/machine';
import { probesPerAddressMax, probesPerHostMax, probesPerSecondMax, probesUnaskedPerSecondMax, probeWindowMs } from './constants.js';
import { hostKeyOf } from './rules.js';

/** One packet, at the time it will leave. */
interface Charge {
  readonly at: Instant;
  readonly address: Address;
  readonly host: string;
}

/** `later`: no room in some second. `spent`: this address or host has had its packets for now. */
export type ProbeAnswer = 'taken' | 'later' | 'spent';

const secondMs = 1_000;

/** Counts probes; never holds more than a minute of them, which the rate per second bounds. */
export class ProbeBudget {
  #charges: Charge[] = [];

  /**
   * Takes room for packets to `address`, each so many ms from now, or for none. `isAsked`: this peer itself asked
   * to meet who is there.
   */
  take(now: Instant, address: Address, delaysMs: readonly number[], isAsked: boolean): ProbeAnswer {
    this.#charges = this.#charges.filter((charge) => now - charge.at < probeWindowMs);
    const host = hostKeyOf(address);
    const ofAddress = this.#charges.filter((charge) => charge.address === address).length;
    const ofHost = this.#charges.filter((charge) => charge.host === host).length;
    if (ofAddress + delaysMs.length > probesPerAddressMax || ofHost + delaysMs.length > probesPerHostMax) return 'spent';
    // Only what leaves within a second of one of the new packets can share a second with it.
    const times: number[] = this.#charges.map((charge) => charge.at).filter((at) => at > now - secondMs);
    const max = isAsked ? probesPerSecondMax : probesUnaskedPerSecondMax;
    for (const delayMs of delaysMs) {
      times.push(now + delayMs);
      if (fullestSecond(times, now + delayMs) > max) return 'later';
    }
    for (const delayMs of delaysMs) this.#charges.push({ at: after(now, delayMs), address, host });
    return 'taken';
  }

  /** The address answered: its charges are given back. */
  prove(address: Address): void {
    this.#charges = this.#charges.filter((charge) => charge.address !== address);
  }

  /** Packets charged; tests bound it. */
  get size(): number {
    return this.#charges.length;
  }
}

/** The most of `times` that any second with `at` in it holds; such a second may as well begin at one of them. */
const fullestSecond = (times: readonly number[], at: number): number =>
  Math.max(...times.filter((start) => start > at - secondMs && start <= at).map((start) => times.filter((time) => time >= start && time < start + secondMs).length));
