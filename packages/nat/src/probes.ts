/**
 * The budget of packets to addresses that have not proved themselves. SPEC 9.
 *
 * Others name addresses, so without a budget they could aim this peer at a victim. Three sliding windows
 * hold at once: packets per address and per host in a minute, and packets in all in a second. They are exact
 * counts, not token buckets: a bucket that has filled up lets twice its rate through.
 *
 * An address that answered (a session opened on it) was no victim: what was charged for it is given back.
 */
import { type Address, type Instant } from '@srp/machine';
import { probesPerAddressMax, probesPerHostMax, probesPerSecondMax, probesUnaskedPerSecondMax, probeWindowMs } from './constants.js';
import { hostKeyOf } from './rules.js';

interface Charge {
  readonly at: Instant;
  readonly address: Address;
  readonly host: string;
  readonly packets: number;
}

/** `later`: no room in this second. `spent`: this address or host has had its packets for now. */
export type ProbeAnswer = 'taken' | 'later' | 'spent';

const secondMs = 1_000;

/** Counts probes; never holds more than a minute of them, which the rate per second bounds. */
export class ProbeBudget {
  #charges: Charge[] = [];

  /** Takes room for `packets` to `address`, or none. `isAsked`: this peer itself asked to meet who is there. */
  take(now: Instant, address: Address, packets: number, isAsked: boolean): ProbeAnswer {
    this.#charges = this.#charges.filter((charge) => now - charge.at < probeWindowMs);
    const host = hostKeyOf(address);
    let ofAddress = 0;
    let ofHost = 0;
    let ofSecond = 0;
    for (const charge of this.#charges) {
      if (charge.address === address) ofAddress += charge.packets;
      if (charge.host === host) ofHost += charge.packets;
      if (now - charge.at < secondMs) ofSecond += charge.packets;
    }
    if (ofAddress + packets > probesPerAddressMax || ofHost + packets > probesPerHostMax) return 'spent';
    if (ofSecond + packets > (isAsked ? probesPerSecondMax : probesUnaskedPerSecondMax)) return 'later';
    this.#charges.push({ at: now, address, host, packets });
    return 'taken';
  }

  /** The address answered: its charges are given back. */
  prove(address: Address): void {
    this.#charges = this.#charges.filter((charge) => charge.address !== address);
  }

  /** Charges held; tests bound it. */
  get size(): number {
    return this.#charges.length;
  }
}
