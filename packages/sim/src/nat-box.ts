/**
 * A NAT box by the behaviour that RFC 4787 names. It translates, and lets in what its filter allows.
 *
 * ```
 *             inside                     outside
 *   10.0.0.2:5000 ──▶ mapping ──▶ 203.0.113.1:41234 ──▶ remote       one mapping for: every remote (independent),
 *                     │                                                 each host, each host and port (dependent)
 *                     └─ filter: who was sent to through it             a filter entry and a mapping live as long
 * ```
 *
 * A mapping and each entry of its filter expire `lifetimeMs` after the last datagram through them.
 */
import { type Address, after, hostOf, type Instant, makeAddress, portOf, type Random } from '@srp/machine';
import { mappingLifetimeMs, natPortMax, natPortMin } from './constants.js';
import { SimError } from './errors.js';

/** Of which remote endpoints a mapping or a filter makes a difference. RFC 4787 section 4.1 and 5. */
export type NatDependence = 'endpoint-independent' | 'address-dependent' | 'address-and-port-dependent';

/** How a box behaves. */
export interface NatBehaviour {
  /** For which remotes one inner port keeps one outer port. */
  readonly mapping: NatDependence;
  /** Which remotes get in: everyone, hosts that were sent to, or exactly endpoints that were sent to. */
  readonly filtering: NatDependence;
  /** How long an unused mapping lives, milliseconds. */
  readonly lifetimeMs: number;
  /** Whether the outer port is drawn, or the inner one if it is free, or drawn from blocks of so many ports next to each other, of which each host inside has its own, as carriers do it. */
  readonly ports: 'random' | 'preserved' | { readonly block: number };
  /** Whether a datagram that was let in keeps the mapping alive, besides those that go out. */
  readonly isRefreshedByInbound: boolean;
  /** Whether two hosts inside reach each other by their outer addresses. */
  readonly hairpins: boolean;
}

/** The usual boxes by their usual names. */
export type NatKind = 'full-cone' | 'address-restricted' | 'port-restricted' | 'hard';

const easy = { mapping: 'endpoint-independent', lifetimeMs: mappingLifetimeMs, ports: 'random', isRefreshedByInbound: true, hairpins: false } as const;

/** What the names mean; a box of your own is one of these with a field changed. */
export const natBehaviours: Readonly<Record<NatKind, NatBehaviour>> = {
  'full-cone': { ...easy, filtering: 'endpoint-independent' },
  'address-restricted': { ...easy, filtering: 'address-dependent' },
  'port-restricted': { ...easy, filtering: 'address-and-port-dependent' },
  hard: { ...easy, mapping: 'address-and-port-dependent', filtering: 'address-and-port-dependent' },
};

interface Mapping {
  readonly inside: Address;
  /** What the remotes of this mapping have in common. */
  readonly endpoint: string;
  readonly outside: Address;
  expiresAt: Instant;
  /** Until when what came of a remote is let in. */
  readonly filter: Map<string, { until: Instant }>;
}

export class NatBox {
  /** The public IP address of the box. */
  readonly host: string;
  readonly behaviour: NatBehaviour;
  readonly #random: Random;
  readonly #byInside = new Map<Address, Map<string, Mapping>>();
  readonly #byPort = new Map<number, Mapping>();
  /** First ports of the blocks that each host inside has, and all that are taken. */
  readonly #blocks = new Map<string, number[]>();
  readonly #taken = new Set<number>();
  #sweptAt: Instant | null = null;

  /** Throws NETWORK_OPTION_WRONG. */
  constructor(host: string, behaviour: NatBehaviour, random: Random) {
    const { ports } = behaviour;
    if (typeof ports === 'object' && !(Number.isInteger(ports.block) && ports.block >= 1 && ports.block <= natPortMax - natPortMin + 1)) {
      throw new SimError('NETWORK_OPTION_WRONG', `Cannot make a NAT box: a block must have 1..${natPortMax - natPortMin + 1} ports, got ${ports.block}`);
    }
    this.host = host;
    this.behaviour = behaviour;
    this.#random = random;
  }

  /** Mappings that are held; expired ones go when new ones come. */
  get size(): number {
    return this.#byPort.size;
  }

  /** The box is switched off and on: every mapping and every block of ports is forgotten. */
  reboot(): void {
    for (const held of [this.#byInside, this.#byPort, this.#blocks, this.#taken]) held.clear();
  }

  /** A datagram goes out. Returns the address that `to` will see, or `null` if every port is taken. */
  outbound(now: Instant, inside: Address, to: Address): Address | null {
    const endpoint = endpointOf(to, this.behaviour.mapping);
    const mapping = this.#alive(now, this.#byInside.get(inside)?.get(endpoint)) ?? this.#open(now, endpoint, inside);
    if (mapping === null) return null;
    this.#refresh(now, mapping, to);
    return mapping.outside;
  }

  /** A datagram comes in. Returns whom inside it is for, or `null` if the box does not let it in. */
  inbound(now: Instant, from: Address, to: Address): Address | null {
    const mapping = this.#alive(now, this.#byPort.get(portOf(to)));
    if (mapping === null) return null;
    const { filtering, isRefreshedByInbound } = this.behaviour;
    const allowed = mapping.filter.get(endpointOf(from, filtering));
    if (filtering !== 'endpoint-independent' && (allowed === undefined || allowed.until <= now)) return null;
    if (!isRefreshedByInbound) return mapping.inside;
    if (allowed === undefined) this.#refresh(now, mapping, from);
    else allowed.until = mapping.expiresAt = after(now, this.behaviour.lifetimeMs);
    return mapping.inside;
  }

  #refresh(now: Instant, mapping: Mapping, remote: Address): void {
    mapping.expiresAt = after(now, this.behaviour.lifetimeMs);
    const endpoint = endpointOf(remote, this.behaviour.filtering);
    const allowed = mapping.filter.get(endpoint);
    if (allowed === undefined) mapping.filter.set(endpoint, { until: mapping.expiresAt });
    else allowed.until = mapping.expiresAt;
  }

  #alive(now: Instant, mapping: Mapping | undefined): Mapping | null {
    if (mapping === undefined) return null;
    if (mapping.expiresAt > now) return mapping;
    const mappings = this.#byInside.get(mapping.inside);
    mappings?.delete(mapping.endpoint);
    if (mappings?.size === 0) this.#byInside.delete(mapping.inside);
    this.#byPort.delete(portOf(mapping.outside));
    return null;
  }

  #open(now: Instant, endpoint: string, inside: Address): Mapping | null {
    this.#sweep(now);
    const port = this.#freePort(inside);
    const outside = port === null ? null : makeAddress(this.host, port);
    if (port === null || outside === null) return null;
    const mapping = { inside, endpoint, outside, expiresAt: now, filter: new Map<string, { until: Instant }>() };
    const mappings = this.#byInside.get(inside) ?? new Map<string, Mapping>();
    mappings.set(endpoint, mapping);
    this.#byInside.set(inside, mappings);
    this.#byPort.set(port, mapping);
    return mapping;
  }

  #freePort(inside: Address): number | null {
    const { ports } = this.behaviour;
    if (typeof ports === 'object') return this.#portInBlocks(hostOf(inside), ports.block);
    if (ports === 'preserved' && !this.#byPort.has(portOf(inside))) return portOf(inside);
    return this.#portAmong(natPortMin, natPortMax - natPortMin + 1);
  }

  /** From a random one on, the first port that is free. */
  #portAmong(least: number, count: number): number | null {
    const first = this.#random.below(count);
    for (let step = 0; step < count; step += 1) {
      const port = least + ((first + step) % count);
      if (!this.#byPort.has(port)) return port;
    }
    return null;
  }

  /** A port in a block of the host; when all of them are full, in a new one. */
  #portInBlocks(host: string, size: number): number | null {
    const own = this.#blocks.get(host) ?? [];
    this.#blocks.set(host, own);
    for (const least of own) {
      const port = this.#portAmong(least, size);
      if (port !== null) return port;
    }
    const count = Math.floor((natPortMax - natPortMin + 1) / size);
    const first = this.#random.below(count);
    for (let step = 0; step < count; step += 1) {
      const least = natPortMin + ((first + step) % count) * size;
      if (this.#taken.has(least)) continue;
      this.#taken.add(least);
      own.push(least);
      return this.#portAmong(least, size);
    }
    return null;
  }

  /** Once a lifetime, before something new is opened: expired mappings and filter entries go. */
  #sweep(now: Instant): void {
    if (this.#sweptAt !== null && now - this.#sweptAt < this.behaviour.lifetimeMs) return;
    this.#sweptAt = now;
    for (const mapping of this.#byPort.values()) {
      if (this.#alive(now, mapping) === null) continue;
      for (const [endpoint, { until }] of mapping.filter) if (until <= now) mapping.filter.delete(endpoint);
    }
  }
}

/** What two remotes must have in common to be one for a box. */
const endpointOf = (remote: Address, dependence: NatDependence): string => {
  switch (dependence) {
    case 'endpoint-independent':
      return '';
    case 'address-dependent':
      return hostOf(remote);
    case 'address-and-port-dependent':
      return remote;
  }
};
