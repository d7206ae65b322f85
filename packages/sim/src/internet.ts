/**
 * The way of a datagram from one simulated machine to another. It knows sites, not peers.
 *
 * ```
 *   site: a public host        site: a NAT box and its LAN           site behind a carrier's site
 *   ┌────────────┐             ┌──────────────────────────────┐     ┌────────────────────────────┐
 *   │ 1.0.0.1    │◀── links ──▶│ 2.0.0.1    ◀─▶ 192.168.1.2   │     │ 100.64.0.0 ◀─▶ 192.168.1.2 │
 *   └────────────┘             │            ◀─▶ 100.64.0.0 ◀──┼─────┼─▶                          │
 *                              └──────────────────────────────┘     └────────────────────────────┘
 * ```
 *
 * Every LAN has the same addresses, so a private address means somebody else in every site. A datagram to a
 * host that is not there disappears, as it does on the real one.
 */
import { type Address, after, familyOf, hostOf, type Instant, type Random, scopeOf } from '@srp/machine';
import { lanLatencyMs } from './constants.js';
import { publicHost, publicHost6 } from './hosts.js';
import type { Links } from './links.js';
import { type NatBehaviour, NatBox } from './nat-box.js';
import type { Bandwidth } from './pipe.js';
import { Site } from './site.js';

/** A datagram under way to a site. */
export interface Arrival<Datagram> {
  readonly site: Site<Datagram>;
  readonly from: Address;
  readonly to: Address;
  readonly datagram: Datagram;
  readonly byteCount: number;
  /** It has yet to pass the connection of the site. */
  readonly isOutside: boolean;
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
  /** To an address where nobody is, or none that a network routes, or to a program that sleeps. */
  readonly vanished: number;
  /** Stopped by a partition. */
  readonly partitioned: number;
  /** Dropped before a connection that was full. */
  readonly congested: number;
}

/** What a site is like, besides its box. */
export interface SiteOptions<Datagram> {
  /** The site whose box this one's box is behind. */
  readonly behind?: Site<Datagram> | null;
  readonly family?: 4 | 6;
  readonly bandwidth?: Bandwidth;
}

export class Internet<Datagram> {
  readonly #links: Links;
  readonly #random: Random;
  readonly #schedule: (at: Instant, arrival: Arrival<Datagram>) => void;
  readonly #public = new Map<string, Site<Datagram>>();
  readonly #counts = { sent: 0, sentBytes: 0, arrived: 0, lost: 0, duplicated: 0, filtered: 0, vanished: 0, partitioned: 0, congested: 0 };
  #siteCount = 0;

  constructor(links: Links, random: Random, schedule: (at: Instant, arrival: Arrival<Datagram>) => void) {
    this.#links = links;
    this.#random = random;
    this.#schedule = schedule;
  }

  /** A new public address, or one behind a carrier's box, with a box of that behaviour or (`null`) of the host itself. */
  addSite(behaviour: NatBehaviour | null, { behind = null, family = 4, bandwidth = {} }: SiteOptions<Datagram> = {}): Site<Datagram> {
    const number = this.#siteCount;
    this.#siteCount += 1;
    const host = behind !== null ? behind.nextHost('carrier') : family === 4 ? publicHost(number) : publicHost6(number);
    const box = behaviour === null ? null : new NatBox(host, behaviour, this.#random.fork(behind === null ? host : `${number}`));
    const site = new Site<Datagram>(number, host, box, behind, bandwidth);
    if (behind === null) this.#public.set(host, site);
    else behind.inner.set(host, site);
    return site;
  }

  /** Takes a site away, with its box and whatever it is translating. */
  removeSite(site: Site<Datagram>): void {
    (site.behind === null ? this.#public : site.behind.inner).delete(site.host);
  }

  /** Puts each group of sites in a part of its own; no datagram passes from one part to another. Sites in no group reach all. */
  partition(groups: readonly (readonly Site<Datagram>[])[]): void {
    for (const site of this.#public.values()) site.part = null;
    for (const [part, sites] of groups.entries()) for (const site of sites) site.root.part = part;
  }

  traffic(): Traffic {
    return { ...this.#counts };
  }

  /** Sends from `inside`, an address in `site`. */
  send(now: Instant, site: Site<Datagram>, inside: Address, to: Address, datagram: Datagram, byteCount: number): void {
    this.#counts.sent += 1;
    this.#counts.sentBytes += byteCount;
    if (scopeOf(to) !== 'public') {
      this.#sendInLan(now, { site, from: inside, to, datagram, byteCount, isOutside: false });
      return;
    }
    let from: Address | null = inside;
    for (let at: Site<Datagram> | null = site; at !== null && from !== null; at = at.behind) if (at.box !== null) from = at.box.outbound(now, from, to);
    if (from === null) this.#counts.filtered += 1;
    else if (familyOf(from) !== familyOf(to)) this.#counts.vanished += 1;
    else this.#sendOut(now, site, { from, to, datagram, byteCount });
  }

  /** A datagram reaches the site it was sent to: perhaps through boxes, to whoever listens. */
  arrive(now: Instant, arrival: Arrival<Datagram>): void {
    const { site, from, datagram, byteCount } = arrival;
    if (arrival.isOutside && site.down !== null) {
      const throughAt = site.down.pass(now, byteCount);
      if (throughAt === null) this.#counts.congested += 1;
      else this.#schedule(throughAt, { ...arrival, isOutside: false });
      return;
    }
    // What comes from inside of a LAN to another host there passes no box.
    const to = site.box === null || site.host !== hostOf(arrival.to) ? arrival.to : site.box.inbound(now, from, arrival.to);
    if (to === null) {
      this.#counts.filtered += 1;
      return;
    }
    const inner = site.inner.size === 0 ? undefined : site.inner.get(hostOf(to));
    if (inner !== undefined) {
      this.arrive(now, { ...arrival, site: inner, to, isOutside: true });
      return;
    }
    const listener = site.listeners.get(to);
    if (listener?.isListening !== true) {
      this.#counts.vanished += 1;
      return;
    }
    this.#counts.arrived += 1;
    listener.arrived(from, datagram);
  }

  #sendInLan(now: Instant, arrival: Arrival<Datagram>): void {
    const { site, to } = arrival;
    if (site.box !== null && site.listeners.has(to)) this.#schedule(after(now, lanLatencyMs), arrival);
    else this.#counts.vanished += 1;
  }

  #sendOut(now: Instant, sender: Site<Datagram>, { from, to, datagram, byteCount }: Omit<Arrival<Datagram>, 'site' | 'isOutside'>): void {
    const target = this.#public.get(hostOf(to));
    const { root } = sender;
    if (target === undefined) {
      this.#counts.vanished += 1;
    } else if (target === root) {
      if (root.box?.behaviour.hairpins === true) this.#schedule(after(now, lanLatencyMs), { site: root, from, to, datagram, byteCount, isOutside: false });
      else this.#counts.filtered += 1;
    } else if (root.part !== null && target.part !== null && root.part !== target.part) {
      this.#counts.partitioned += 1;
    } else {
      const outAt = sender.up === null ? now : sender.up.pass(now, byteCount);
      if (outAt === null) this.#counts.congested += 1;
      else this.#pass(outAt, root, { site: target, from, to, datagram, byteCount, isOutside: true });
    }
  }

  #pass(at: Instant, from: Site<Datagram>, arrival: Arrival<Datagram>): void {
    const delays = this.#links.delays(from.number, arrival.site.number);
    if (delays.length === 0) this.#counts.lost += 1;
    if (delays.length > 1) this.#counts.duplicated += 1;
    for (const delayMs of delays) this.#schedule(after(at, delayMs), arrival);
  }
}
