/** One place in the network: a public host, or a box with a LAN behind it, which may itself be behind a carrier's box. */
import type { Address } from '@srp/machine';
import { carrierHostsMax, lanHostsMax } from './constants.js';
import { SimError } from './errors.js';
import { carrierHost, lanHost } from './hosts.js';
import type { NatBox } from './nat-box.js';
import { type Bandwidth, type Pipe, pipesOf } from './pipe.js';

/** Whoever listens at an address. `from` is what it sees as the sender's address. */
export interface Listener<Datagram> {
  /** False while the program sleeps: what comes is lost. */
  readonly isListening: boolean;
  arrived(from: Address, datagram: Datagram): void;
}

export class Site<Datagram> {
  /** Counted from 0 in order of making. */
  readonly number: number;
  /** The IP address that the site has outside of its box. */
  readonly host: string;
  readonly box: NatBox | null;
  /** The carrier's site that this one is behind; `null` if its address is public. */
  readonly behind: Site<Datagram> | null;
  /** The site of the public address it is seen at: itself, or the carrier's. */
  readonly root: Site<Datagram>;
  readonly up: Pipe | null;
  readonly down: Pipe | null;
  readonly listeners = new Map<Address, Listener<Datagram>>();
  /** Sites behind this one, by host. */
  readonly inner = new Map<string, Site<Datagram>>();
  /** The part of a partitioned network that the site is in; `null` if it is in all of them. */
  part: number | null = null;
  #lanHostCount = 0;
  #carrierHostCount = 0;

  constructor(number: number, host: string, box: NatBox | null, behind: Site<Datagram> | null, bandwidth: Bandwidth) {
    this.number = number;
    this.host = host;
    this.box = box;
    this.behind = behind;
    this.root = behind === null ? this : behind.root;
    const { up, down } = pipesOf(bandwidth);
    this.up = up;
    this.down = down;
  }

  /** The IP address of one more machine here, or of one more box. */
  nextHost(kind: 'lan' | 'carrier' = 'lan'): string {
    if (this.box === null) return this.host;
    if (kind === 'carrier') {
      if (this.#carrierHostCount >= carrierHostsMax) throw new SimError('HOSTS_EXHAUSTED', `Cannot add a box: a carrier has at most ${carrierHostsMax}`);
      this.#carrierHostCount += 1;
      return carrierHost(this.#carrierHostCount - 1);
    }
    if (this.#lanHostCount >= lanHostsMax) throw new SimError('HOSTS_EXHAUSTED', `Cannot add a host: a LAN has at most ${lanHostsMax}`);
    this.#lanHostCount += 1;
    return lanHost(this.#lanHostCount - 1);
  }
}
