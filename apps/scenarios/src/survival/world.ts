/** The world of survival and its times: docs/guides/scenarios.md, "survival". Plain values: another process carries it out. */
import type { Life } from '@srp/sim';

export const policies = ['keepers', 'seed', 'none'] as const;
/** Who keeps objects of others: keepers chosen by position, whoever was pushed to (the rule this protocol began with), or nobody. */
export type Policy = (typeof policies)[number];

export interface World {
  /** Ordinary peers, up or down; authors and readers are among them, introducers are not. */
  readonly nodes: number;
  /** Packets of one run, each of an author and for a reader of its own, in a topic of its own. */
  readonly packets: number;
  /** From a packet's publish to the return of its reader. */
  readonly hours: number;
  /** Mean length of a session, and of the time between two. */
  readonly onHours: number;
  readonly offHours: number;
  /** Share of peers with a public address; they alone can be keepers. */
  readonly open: number;
  /** Of the others the share behind a hard NAT; the rest is half address-restricted, half port-restricted. */
  readonly hard: number;
  /** Introducers, of which each peer knows 4; `null`: one for 256 nodes, 4 at least. */
  readonly introducers: number | null;
  /** So many more public peers are up at any time, each for two minutes in the mean and never again. */
  readonly visitors: number;
  /** So many more public peers are always up, and lie: liar.ts. */
  readonly liars: number;
  readonly loss: number;
  /** Share of peers that each lookup cannot see. */
  readonly blind: number;
  readonly policy: Policy;
  /** What a peer finds when it starts again: its keys and the peers it knew, and its cache only if that is on disk. */
  readonly cache: 'disk' | 'ram';
  /** Life class of the packets. */
  readonly life: Life;
  /** For so long the network runs before the first publish, ms. */
  readonly warmUpMs: number;
}

export const survivalWorld: World = {
  nodes: 1_024,
  packets: 20,
  hours: 24,
  onHours: 2,
  offHours: 4,
  open: 0.15,
  hard: 0.3,
  introducers: null,
  visitors: 0,
  liars: 0,
  loss: 0.02,
  blind: 0.1,
  policy: 'keepers',
  cache: 'disk',
  life: 2,
  warmUpMs: 2_400_000,
};

/** The shortest life class that lasts so long. */
export const lifeFor = (hours: number): Life => (hours <= 24 ? 2 : 3);

export const hourMs = 3_600_000;
/** One introducer for so many peers, four at least. */
const nodesPerIntroducer = 256;
const introducersLeast = 4;
export const introducersOf = ({ nodes, introducers }: Pick<World, 'nodes' | 'introducers'>): number => introducers ?? Math.max(introducersLeast, Math.ceil(nodes / nodesPerIntroducer));
/** How many introducers a peer knows. */
export const introducersKnown = 4;

/** Mean length of a visitor's only session. */
export const visitMs = 120_000;

/** From one publish to the next. */
export const publishEveryMs = 30_000;
/** A reader is up for so long, and off for so long before its packet is published. */
export const readerUpMs = 600_000;
export const readerOffMs = 300_000;
/** An author is up for so long before it publishes; so long after, it is gone for ever. */
export const authorUpMs = 120_000;
export const authorGoneMs = 5_000;
/** For so long a reader that has returned may take. */
export const findWithinMs = 60_000;
/** How often in the life of a packet its copies are counted. */
export const samples = 48;
/** How much each packet carries. */
export const payloadBytes = 256;
