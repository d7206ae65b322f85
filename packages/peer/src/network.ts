/** What a peer has found out about the network it is in, as an app is told. */
import { type Address, type PeerId, scopeOf } from '@srp/machine';
import { type Filtering, judge, type Mapping, type MappingMethod, type PortMapping } from '@srp/nat';
import { lanPeersMax } from './constants.js';
import type { PeerProtocol } from './protocol/index.js';

/** What a peer has found out about the network it is in. All of it may change. */
export interface NetworkReport {
  /** Where this peer listens, as its own host sees it, farthest reach first. */
  readonly listening: readonly Address[];
  /** Where other peers see it, at most one address for this host, the local network and the world, and each family. */
  readonly observed: readonly Address[];
  /** Whether the NAT before it, if any, gives all destinations one port. `unknown` until three or four networks have told. */
  readonly mapping: Mapping;
  /**
   * Whom it, or a firewall, lets in at a port that this peer sends from: everybody, hosts that it has sent something, or exactly addresses and ports
   * that it has. `unknown` until {@link Peer.examine} has found out.
   */
  readonly filtering: Filtering;
  /** Where everybody reaches this peer unasked, if anywhere, and if no firewall keeps strangers out of that port: others see it where it listens, or where the gateway forwards. */
  readonly openAt: Address | null;
  readonly portMapping: {
    /** `granted` is what the gateway says; others see this peer there: `confirmed`; they see it elsewhere: `contradicted`. */
    readonly state: 'off' | 'asking' | 'none' | 'granted' | 'confirmed' | 'contradicted';
    readonly by: MappingMethod | null;
    readonly address: Address | null;
    /** Why there is none. */
    readonly why: string | null;
  };
  /** Finding peers on the local network by multicast. `failed`: on some interface it cannot be had, and why. */
  readonly lan: { readonly state: 'off' | 'on' | 'failed'; readonly found: number; readonly why: string | null };
  /** By how much this clock is ahead of the neighbours', the median, milliseconds, exact to half a second; `null`: nobody has told. */
  readonly clockAheadMs: number | null;
}

/** What became of discovery. */
export class LanReport {
  readonly #isOff: boolean;
  readonly #found = new Set<PeerId>();
  #why: string | null = null;

  constructor(lan: 'all' | 'loopback' | 'off') {
    this.#isOff = lan === 'off';
  }

  found(peer: PeerId): void {
    if (this.#found.size < lanPeersMax) this.#found.add(peer);
  }

  failed(why: string): void {
    this.#why = why;
  }

  report(): NetworkReport['lan'] {
    return { state: this.#isOff ? 'off' : this.#why === null ? 'on' : 'failed', found: this.#found.size, why: this.#why };
  }
}

/** What the gateway said. */
export class PortReport {
  #state: 'off' | 'asking' | 'answered';
  #mapping: PortMapping | null = null;
  #why: string | null = null;

  constructor(portMapping: 'auto' | 'off') {
    this.#state = portMapping === 'off' ? 'off' : 'asking';
  }

  mapped(mapping: PortMapping | null, why: string | null): void {
    this.#state = 'answered';
    this.#mapping = mapping;
    this.#why = why;
  }

  report(observed: readonly Address[]): NetworkReport['portMapping'] {
    const mapping = this.#mapping;
    if (mapping === null) return { state: this.#state === 'answered' ? 'none' : this.#state, by: null, address: null, why: this.#why };
    const verdict = judge(mapping.external, observed);
    return { state: verdict === 'unconfirmed' ? 'granted' : verdict, by: mapping.by, address: mapping.external, why: verdict === 'contradicted' ? contradiction(mapping.external) : null };
  }
}

const contradiction = (external: Address): string =>
  scopeOf(external) === 'public' ? 'others see this host at another address: a second NAT is before the gateway, or it does not tell the truth' : 'the gateway itself has no public address: a second NAT is before it';

export const reportOf = (protocol: PeerProtocol, listening: readonly Address[], lan: LanReport, portMapping: PortReport): NetworkReport => {
  const { addresses: observed } = protocol.selfView();
  const { mapping, openAt } = protocol.reach();
  return { listening, observed, mapping, filtering: protocol.filtering(), openAt, portMapping: portMapping.report(observed), lan: lan.report(), clockAheadMs: protocol.clockAheadMs() };
};
