/**
 * The budget of packets to addresses that have not proved themselves. SPEC, Probes.
 *
 * Others name addresses, so without a budget they could aim this peer at a victim. Three sliding windows
 * hold at once: packets per address and per host in a minute, and packets in all in a second. They count each packet
 * when it leaves, exactly: a token bucket that has filled up lets twice its rate through.
 *
 * What nobody here asked for has less of each than there is, so it can take nothing away from what somebody did.
 * An address that answered (a session opened on it) was no victim: what was charged for it is given back.
 */
import { type Address, type Instant } from '@srp/machine';
import { probesForFirstPerSecond, probesPerAddressMax, probesPerHostMax, probesPerSecondMax, probesUnaskedPerAddressMax, probesUnaskedPerHostMax, probesUnaskedPerSecondMax, probeWindowMs } from './constants.js';
import { hostKeyOf } from './rules.js';

/** One packet that left. */
interface Charge {
  readonly at: Instant;
  readonly address: Address;
  readonly host: string;
}

/** What a packet is for. */
export interface Purpose {
  /** Whether this peer itself asked to meet who is there. */
  readonly isAsked: boolean;
  /** Whether something left for the address before it, for the same purpose. */
  readonly isRepeat: boolean;
}

/** `later`: no room in this second. `spent`: this address or host has had its packets for now. */
export type ProbeAnswer = 'taken' | 'later' | 'spent';

const secondMs = 1_000;

/** Counts probes; never holds more than a minute of them, which the rate per second bounds. */
export class ProbeBudget {
  #charges: Charge[] = [];

  /** Takes room for one packet to `address` that leaves now, or for none. */
  take(now: Instant, address: Address, { isAsked, isRepeat }: Purpose): ProbeAnswer {
    const oldest = this.#charges.findIndex(({ at }) => now - at < probeWindowMs); // they are in order of time
    this.#charges.splice(0, oldest < 0 ? this.#charges.length : oldest);
    const host = hostKeyOf(address);
    let toAddress = 0;
    let toHost = 0;
    let inSecond = 0;
    for (const charge of this.#charges) {
      if (charge.address === address) toAddress += 1;
      if (charge.host === host) toHost += 1;
      if (now - charge.at < secondMs) inSecond += 1;
    }
    if (toAddress >= (isAsked ? probesPerAddressMax : probesUnaskedPerAddressMax)) return 'spent';
    if (toHost >= (isAsked ? probesPerHostMax : probesUnaskedPerHostMax)) return 'spent';
    const max = (isAsked ? probesPerSecondMax : probesUnaskedPerSecondMax) - (isRepeat ? probesForFirstPerSecond : 0);
    if (inSecond >= max) return 'later';
    this.#charges.push({ at: now, address, host });
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
