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

export type Family = 4 | 6;

export interface Kind {
  readonly about: string;
  /** From the world inwards. */
  readonly boxes: readonly Box[];
  /** Of each family of addresses that its hosts have. */
  readonly natures: Readonly<Partial<Record<Family, Nature>>>;
  /** Where both peers of a pair sit behind one box: on one LAN, or on ports that the LAN keeps apart. */
  readonly shared?: 'lan' | 'apart';
}

const restricted: Nature = { mapping: 'independent', filtering: 'address-and-port', hairpin: false, ports: null, punchable: true };
const cone: Nature = { ...restricted, filtering: 'independent' };
const symmetric: Nature = { ...restricted, mapping: 'address-and-port', ports: [1024, 65_535], punchable: null };
/** Without translation a host reaches itself by its address, at home. */
const plain = { hairpin: true } as const;

/** The seven of the matrix, in its order. */
export const matrixKinds = {
  open: { about: 'a public address, nothing in between', boxes: [boxes.router], natures: { 4: { ...cone, ...plain } } },
  'full-cone': { about: 'one mapping for all, open to all', boxes: [boxes.fullCone], natures: { 4: cone } },
  'address-restricted': { about: 'one mapping for all, open to addresses it spoke to', boxes: [boxes.addressRestricted], natures: { 4: { ...cone, filtering: 'address' } } },
  'port-restricted': { about: 'one mapping for all, open to addresses and ports it spoke to', boxes: [boxes.portRestricted], natures: { 4: restricted } },
  symmetric: { about: 'a random port of 64 512 for each destination', boxes: [boxes.symmetric], natures: { 4: symmetric } },
  'symmetric-block': { about: 'a random port of a block of 4096 for each destination', boxes: [boxes.symmetricBlock], natures: { 4: { ...symmetric, ports: blocks.symmetric } } },
  'carrier-grade': {
    about: 'a port-restricted box behind the carrier\'s, which gives a block of 2048',
    boxes: [boxes.carrier, boxes.portRestricted],
    natures: { 4: { ...restricted, ports: blocks.carrier } },
  },
} satisfies Record<string, Kind>;

/** Beside the matrix. */
export const specialKinds = {
  'three-nats': {
    about: 'a port-restricted box behind another, behind the carrier\'s',
    boxes: [boxes.carrier, boxes.portRestricted, boxes.portRestricted],
    natures: { 4: { ...restricted, ports: blocks.carrier } },
  },
  mapped: { about: 'a port-restricted box that opens ports for who asks, by PCP, NAT-PMP or UPnP', boxes: [boxes.mapped], natures: { 4: restricted } },
  'one-nat': { about: 'both behind one port-restricted box, on one LAN', boxes: [boxes.portRestricted], natures: { 4: restricted }, shared: 'lan' },
  'one-nat-hairpin': {
    about: 'both behind one full cone that turns datagrams round, on a LAN that keeps them apart',
    boxes: [boxes.hairpin],
    natures: { 4: { ...cone, hairpin: true } },
    shared: 'apart',
  },
  'dual-stack': { about: 'port-restricted for IPv4, and IPv6 behind a firewall', boxes: [boxes.portRestricted], natures: { 4: restricted, 6: { ...restricted, ...plain } } },
  'ipv6-only': { about: 'IPv6 alone, behind a firewall', boxes: [boxes.portRestricted], natures: { 6: { ...restricted, ...plain } } },
} satisfies Record<string, Kind>;

export type KindName = keyof typeof matrixKinds | keyof typeof specialKinds;

export const kinds: Readonly<Record<KindName, Kind>> = { ...matrixKinds, ...specialKinds };

export const matrixNames = Object.keys(matrixKinds) as readonly KindName[];
export const kindNames = Object.keys(kinds) as readonly KindName[];

export const familiesOf = ({ natures }: Kind): readonly Family[] => ([4, 6] as const).filter((family) => natures[family] !== undefined);
