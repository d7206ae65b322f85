/**
 * The way of a datagram from one simulated machine to another. It knows sites, not peers.
 *
 * ```
 *   site: a public host        site: a NAT box and its LAN
 *   ┌────────────┐             ┌──────────────────────────────┐
 *   │ 198.18.0.1 │◀── links ──▶│ 198.18.1.1 ◀─▶ 192.168.1.2   │
 *   └────────────┘             │                192.168.1.3   │
 *                              └──────────────────────────────┘
 * ```
 *
 * Every LAN has the same addresses, so a private address means somebody else in every site. A datagram to a
 * host that is not there disappears, as it does on the real one.
 */
import { type Address, after, hostOf, type Instant, type Random, scopeOf } from '@srp/machine';
import { lanHostsMax, lanLatencyMs } from './constants.js';
import { SimError } from './errors.js';
import { lanHost, publicHost } from './hosts.js';
import type { Links } from './links.js';
import { type NatBehaviour, NatBox } from './nat-box.js';

/** Whoever listens at an address. `from` is what it sees as the sender's address. */
export interface Listener<Datagram> {
  arrived(from: Address, datagram: Datagram): void;
}

/** A datagram under way to a site. */
export interface Arrival<Datagram> {
  readonly site: Site<Datagram>;
  readonly from: Address;
  readonly to: Address;
  readonly datagram: Datagram;
}

/** What became of datagrams, counted. `sent` is the sum of all the others but `duplicated`, less those under way. */
export interface Traffic {
  readonly sent: number;
  readonly sentBytes: number;
  readonly arrived: number;
  /** Lost by a link. */
  readonly lost: number;
  /** Second copies that a link made. */
  readonly duplicated: number;
  /** Kept out by a NAT box, or not let out for want of a port. */
  readonly filtered: number;
  /** To an address where nobody is, or none that a network routes. */
  readonly vanished: number;
  /** Stopped by a partition. */
  readonly partitioned: number;
}

/** One public address: a host of its own, or a box with a LAN behind it. */
export class Site<Datagram> {
  /** Counted from 0 in order of making. */
  readonly number: number;
  readonly host: string;
  readonly box: NatBox | null;
  readonly listeners = new Map<Address, Listener<Datagram>>();
  /** The part of a partitioned network that the site is in; `null` if it is in all of them. */
  part: number | null = null;
  #hostCount = 0;

  constructor(number: number, host: string, box: NatBox | null) {
    this.number = number;
    this.host = host;
    this.box = box;
  }

  /** The IP address of one more machine here. */
  nextHost(): string {
    if (this.box === null) return this.host;
    if (this.#hostCount >= lanHostsMax) throw new SimError('HOSTS_EXHAUSTED', `Cannot add a host: a LAN has at most ${lanHostsMax}`);
    this.#hostCount += 1;
    return lanHost(this.#hostCount - 1);
  }
}

export class Internet<Datagram> {
  readonly #links: Links;
  readonly #random: Random;
  readonly #schedule: (at: Instant, arrival: Arrival<Datagram>) => void;
  readonly #sites = new Map<string, Site<Datagram>>();
  readonly #counts = { sent: 0, sentBytes: 0, arrived: 0, lost: 0, duplicated: 0, filtered: 0, vanished: 0, partitioned: 0 };

  constructor(links: Links, random: Random, schedule: (at: Instant, arrival: Arrival<Datagram>) => void) {
    this.#links = links;
    this.#random = random;
    this.#schedule = schedule;
  }

  /** A new public address, behind a box of that behaviour or (`null`) of the host itself. */
  addSite(behaviour: NatBehaviour | null): Site<Datagram> {
    const number = this.#sites.size;
    const host = publicHost(number);
    const site = new Site<Datagram>(number, host, behaviour === null ? null : new NatBox(host, behaviour, this.#random.fork(host)));
    this.#sites.set(host, site);
    return site;
  }

  /** Puts each group of sites in a part of its own; no datagram passes from one part to another. Sites in no group reach all. */
  partition(groups: readonly (readonly Site<Datagram>[])[]): void {
    for (const site of this.#sites.values()) site.part = null;
    for (const [part, sites] of groups.entries()) for (const site of sites) site.part = part;
  }

  traffic(): Traffic {
    return { ...this.#counts };
  }

  /** Sends from `inside`, an address in `site`. Returns the address the world sees, or `null` if it stays in the LAN or gets no port. */
  send(now: Instant, site: Site<Datagram>, inside: Address, to: Address, datagram: Datagram, byteCount: number): Address | null {
    this.#counts.sent += 1;
    this.#counts.sentBytes += byteCount;
    if (scopeOf(to) !== 'public') {
      this.#sendInLan(now, site, inside, to, datagram);
      return null;
    }
    const from = site.box === null ? inside : site.box.outbound(now, inside, to);
    if (from === null) this.#counts.filtered += 1;
    else this.#sendOut(now, site, from, to, datagram);
    return from;
  }

  /** A datagram reaches the site it was sent to: perhaps through a box, to whoever listens. */
  arrive(now: Instant, { site, from, to, datagram }: Arrival<Datagram>): void {
    const isOutside = scopeOf(to) === 'public';
    const inside = site.box === null || !isOutside ? to : site.box.inbound(now, from, to);
    if (inside === null) {
      this.#counts.filtered += 1;
      return;
    }
    const listener = site.listeners.get(inside);
    if (listener === undefined) {
      this.#counts.vanished += 1;
      return;
    }
    this.#counts.arrived += 1;
    listener.arrived(from, datagram);
  }

  #sendInLan(now: Instant, site: Site<Datagram>, from: Address, to: Address, datagram: Datagram): void {
    if (site.box !== null && site.listeners.has(to)) this.#schedule(after(now, lanLatencyMs), { site, from, to, datagram });
    else this.#counts.vanished += 1;
  }

  #sendOut(now: Instant, site: Site<Datagram>, from: Address, to: Address, datagram: Datagram): void {
    const target = this.#sites.get(hostOf(to));
    if (target === undefined) {
      this.#counts.vanished += 1;
    } else if (target === site) {
      if (site.box?.behaviour.hairpins === true) this.#schedule(after(now, lanLatencyMs), { site, from, to, datagram });
      else this.#counts.filtered += 1;
    } else if (site.part !== null && target.part !== null && site.part !== target.part) {
      this.#counts.partitioned += 1;
    } else {
      const delays = this.#links.delays(site.number, target.number);
      if (delays.length === 0) this.#counts.lost += 1;
      if (delays.length > 1) this.#counts.duplicated += 1;
      for (const delayMs of delays) this.#schedule(after(now, delayMs), { site: target, from, to, datagram });
    }
  }
}
