/**
 * What this peer knows of itself: where it listens, how others reach it, and whether its clock agrees with theirs. SPEC, Mesh: HELLO.
 *
 * Others tell, and may lie: an address counts only if this host has it, or a gateway says that it forwards it.
 */
import type { LinkOutput } from '@srp/link';
import { type Address, familyOf, type Instant, type PeerId, scopeOf } from '@srp/machine';
import type { NatBehaviour } from '@srp/wire';

/** How this peer can be reached, as it tells others. `openAt`: where everybody reaches it unasked, if anywhere. */
export interface Reach {
  readonly mapping: NatBehaviour;
  readonly filtering: NatBehaviour;
  readonly openAt: Address | null;
}

export class Self {
  /** What a gateway says to have opened for this peer. */
  mappedAt: Address | null = null;
  /** How its NAT maps, as far as that is known. */
  mapping: NatBehaviour = 'unknown';
  #addresses: readonly Address[] = [];
  #reach: Reach = { mapping: 'unknown', filtering: 'unknown', openAt: null };
  /** By how much this clock is ahead of each neighbour's, ms. */
  readonly #aheadMs = new Map<PeerId, number>();

  /** Where it listens. */
  get addresses(): readonly Address[] {
    return this.#addresses;
  }

  get reach(): Reach {
    return this.#reach;
  }

  /** The sockets are bound to these. One, as of 240.0.0.0/4, that no peer can have is left out: no frame takes it. */
  listens(addresses: readonly Address[]): void {
    this.#addresses = addresses.filter((address) => scopeOf(address) !== 'forbidden');
  }

  /** Where it says that it is: where it listens beyond this host, and with public IPv6, by which others soon see it, where IPv4 saw it. */
  named(seen: readonly Address[]): readonly Address[] {
    const outside = this.#addresses.filter((address) => scopeOf(address) !== 'loopback');
    const hasIpv6 = outside.some((address) => familyOf(address) === 6 && scopeOf(address) === 'public');
    const translated = hasIpv6 ? seen.filter((address) => familyOf(address) === 4 && scopeOf(address) === 'public' && !outside.includes(address)) : [];
    return [...translated, ...outside];
  }

  /** Others see it at these. */
  describe(seen: readonly Address[]): Reach {
    // Seen by others where it listens, so nothing translates: open, unless a firewall is before it. Or where a gateway says that it forwards.
    const openAt = seen.find((address) => this.#addresses.includes(address) || address === this.mappedAt) ?? null;
    const behaviour = openAt === null ? { mapping: this.mapping, filtering: 'unknown' as const } : { mapping: 'independent' as const, filtering: 'independent' as const };
    return (this.#reach = { ...behaviour, openAt });
  }

  /** A neighbour told the time, in whole seconds. */
  heardTime(now: Instant, { by, rttMs, theirTime }: Pick<Extract<LinkOutput, { kind: 'observed' }>, 'by' | 'rttMs' | 'theirTime'>): void {
    this.#aheadMs.set(by, now - rttMs / 2 - (1000 * theirTime + 500));
  }

  forget(peer: PeerId): void {
    this.#aheadMs.delete(peer);
  }

  /** By how much this clock is ahead of most neighbours'; `null` if nobody told the time. */
  clockAheadMs(): number | null {
    const sorted = [...this.#aheadMs.values()].sort((one, other) => one - other);
    return sorted[Math.floor(sorted.length / 2)] ?? null;
  }
}
