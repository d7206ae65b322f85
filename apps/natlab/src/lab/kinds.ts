/** The kinds of network a peer may sit in, each with what the kernel must prove to do. */
import { blocks, type Box, boxes } from './box.js';

/** Words of RFC 4787: on what a mapping, or its filter, depends. */
export type Dependence = 'independent' | 'address' | 'address-and-port';

/** What the probe finds out. */
export interface Nature {
  /** Is the public port another for another destination? */
  readonly mapping: Dependence;
  /** Whose datagrams does a mapping let in? */
  readonly filtering: Dependence;
  /** Do datagrams of a host reach another of its own mappings by the public address? */
  readonly hairpin: boolean;
  /** Are ports translated at all, and into which range? `null`: each is the host's own. */
  readonly ports: readonly [low: number, high: number] | null;
  /** After a datagram that came unasked, does the answer to its sender still leave from the same mapping? `null`: no mapping to keep. */
  readonly punchable: boolean | null;
}

export interface Kind {
  readonly about: string;
  /** From the world inwards. */
  readonly boxes: readonly Box[];
  readonly families: readonly (4 | 6)[];
  /** Where both peers of a pair sit behind one box: on one LAN, or on ports that the LAN keeps apart. */
  readonly shared?: 'lan' | 'apart';
  /** Of IPv4; `null` where there is none. */
  readonly nature: Nature | null;
}

const ipv4 = [4] as const;
const restricted: Nature = { mapping: 'independent', filtering: 'address-and-port', hairpin: false, ports: null, punchable: true };
const cone: Nature = { ...restricted, filtering: 'independent' };
const symmetric: Nature = { ...restricted, mapping: 'address-and-port', ports: [1024, 65_535], punchable: null };

/** The seven of the matrix, in its order. */
export const matrixKinds = {
  open: { about: 'a public address, nothing in between', boxes: [boxes.router], families: ipv4, nature: { ...cone, hairpin: true } },
  'full-cone': { about: 'one mapping for all, open to all', boxes: [boxes.fullCone], families: ipv4, nature: cone },
  'address-restricted': { about: 'one mapping for all, open to addresses it spoke to', boxes: [boxes.addressRestricted], families: ipv4, nature: { ...cone, filtering: 'address' } },
  'port-restricted': { about: 'one mapping for all, open to addresses and ports it spoke to', boxes: [boxes.portRestricted], families: ipv4, nature: restricted },
  symmetric: { about: 'a random port of 64 512 for each destination', boxes: [boxes.symmetric], families: ipv4, nature: symmetric },
  'symmetric-block': { about: 'a random port of a block of 4096 for each destination', boxes: [boxes.symmetricBlock], families: ipv4, nature: { ...symmetric, ports: blocks.symmetric } },
  'carrier-grade': { about: 'a port-restricted box behind the carrier\'s, which gives a block of 2048', boxes: [boxes.carrier, boxes.portRestricted], families: ipv4, nature: { ...restricted, ports: blocks.carrier } },
} satisfies Record<string, Kind>;

/** Beside the matrix. */
export const specialKinds = {
  'one-nat': { about: 'both behind one port-restricted box, on one LAN', boxes: [boxes.portRestricted], families: ipv4, shared: 'lan', nature: restricted },
  'one-nat-hairpin': { about: 'both behind one full cone that turns datagrams round, on a LAN that keeps them apart', boxes: [boxes.hairpin], families: ipv4, shared: 'apart', nature: { ...cone, hairpin: true } },
  'dual-stack': { about: 'port-restricted for IPv4, and IPv6 behind a firewall', boxes: [boxes.portRestricted], families: [4, 6], nature: restricted },
  'ipv6-only': { about: 'IPv6 alone, behind a firewall', boxes: [boxes.portRestricted], families: [6], nature: null },
} satisfies Record<string, Kind>;

export type KindName = keyof typeof matrixKinds | keyof typeof specialKinds;

export const kinds: Readonly<Record<KindName, Kind>> = { ...matrixKinds, ...specialKinds };

export const matrixNames = Object.keys(matrixKinds) as readonly KindName[];
export const kindNames = Object.keys(kinds) as readonly KindName[];
