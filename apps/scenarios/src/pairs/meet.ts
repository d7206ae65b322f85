/** Two simulated peers behind two boxes that start at one moment and know four introducers: how they come together, and for how many packets. */
import { natBehaviours, type NatBehaviour, type NatKind, Network, type SimPeer } from '@srp/sim';

/** The kinds of the kernel's lab, docs/guides/natlab.md. `ports`: how many a box chooses among for each remote; `null` if it has one for all. */
interface Kind {
  readonly name: string;
  readonly box: NatKind | NatBehaviour | null;
  readonly ports: number | null;
  /** Whether it lets in exactly whom was written to, port and all. */
  readonly isStrict: boolean;
  /** What the box is behind. */
  readonly carrier?: NatBehaviour;
}

/** Ports that a simulated box draws from: 1024..65534. */
const allPorts = 64_511;
const blockPorts = 4_096;
const carrierPorts = 2_048;

export const kinds: readonly Kind[] = [
  { name: 'open', box: null, ports: null, isStrict: false },
  { name: 'full-cone', box: 'full-cone', ports: null, isStrict: false },
  { name: 'address-restricted', box: 'address-restricted', ports: null, isStrict: false },
  { name: 'port-restricted', box: 'port-restricted', ports: null, isStrict: true },
  { name: 'symmetric', box: 'hard', ports: allPorts, isStrict: true },
  { name: 'symmetric-block', box: { ...natBehaviours.hard, ports: { block: blockPorts } }, ports: blockPorts, isStrict: true },
  { name: 'carrier-grade', box: 'port-restricted', ports: null, isStrict: true, carrier: { ...natBehaviours['port-restricted'], ports: { block: carrierPorts } } },
];

export type Pair = readonly [Kind, Kind];

/** Each with each, and with one of its own. */
export const allPairs: readonly Pair[] = kinds.flatMap((one, at) => kinds.slice(at).map((other): Pair => [one, other]));

/** What came of one run. */
export interface Meeting {
  /** When both had a session, and when both had a direct path, ms; `null` if not in time. */
  readonly sessionMs: number | null;
  readonly directMs: number | null;
  /** PUNCH that one peer sent by its own socket, and by those opened for guessing; of both the larger. */
  readonly guesses: number;
  readonly opened: number;
}

/** Packets that a side may spend: SPEC, Birthday, and three to one address besides. */
export const guessesMax = 1_024 + 3;
export const openedMax = 256;

const sockets = 256;
const limitMs = 12_000;
const punchBytes = 9;

/** The share of runs that the mathematics allow: all, none, or those in which one of 1024 guesses finds one of 256 ports. */
export const expectedShare = ([one, other]: Pair): number => {
  const [ports, facing] = one.ports === null ? [other.ports, one] : [one.ports, other];
  if (ports === null) return 1;
  if (facing.ports !== null) return 0;
  if (!facing.isStrict) return 1;
  let missed = 1;
  for (let i = 0; i < guessesMax - 3 && i < ports - sockets; i += 1) missed *= 1 - sockets / (ports - i);
  return 1 - missed;
};

export const meet = (seed: number, [one, other]: Pair): Meeting => {
  const net = new Network({ seed });
  const introducers: SimPeer[] = [];
  for (let i = 0; i < 4; i += 1) introducers.push(net.peer({ name: `introducer ${i}`, knows: introducers }));
  net.run(5_000);
  const [a, b] = [start(net, one, introducers), start(net, other, introducers)];
  const spent = [count(a), count(b)];
  for (const peer of [a, b]) peer.join('tea');
  const from = net.now;
  const msUntil = (isSo: () => boolean): number | null => (net.runUntil(isSo, Math.max(0, from + limitMs - net.now)) ? net.now - from : null);
  const paths = (): readonly (string | undefined)[] => [pathOf(a, b), pathOf(b, a)];
  const sessionMs = msUntil(() => paths().every((path) => path !== undefined));
  const directMs = msUntil(() => paths().every((path) => path === 'direct'));
  net.run(2_000); // nothing more may leave once it is found
  return { sessionMs, directMs, guesses: Math.max(...spent.map(({ guesses }) => guesses)), opened: Math.max(...spent.map(({ opened }) => opened)) };
};

const start = (net: Network, { box, carrier }: Kind, knows: readonly SimPeer[]): SimPeer => {
  if (box === null) return net.peer({ knows });
  return net.peer({ nat: net.nat(box, carrier === undefined ? {} : { behind: net.nat(carrier) }), knows });
};

const pathOf = (one: SimPeer, other: SimPeer): 'direct' | 'relayed' | undefined => {
  const session = one.neighbours().find(({ peer }) => peer === other.id);
  return session === undefined ? undefined : (session.relay ?? null) === null ? 'direct' : 'relayed';
};

const count = (peer: SimPeer): { guesses: number; opened: number } => {
  const spent = { guesses: 0, opened: 0 };
  peer.onOutput = (output) => {
    if (output.kind !== 'transmit' || output.bytes.length !== punchBytes) return;
    if (output.socket === undefined) spent.guesses += 1;
    else spent.opened += 1;
  };
  return spent;
};
