/** Who is in a network and what lies between them: docs/guides/scenarios.md, "The world". */
import type { LinkOptions } from '@srp/sim';

/** The headline's world, unless told otherwise. Shares are 0..1. */
export interface Mix {
  /** Ordinary peers online, introducers not counted. */
  readonly nodes: number;
  /** Share of peers behind a hard NAT; the others are half address-restricted, half port-restricted. */
  readonly hard: number;
  /** Share of peers that subscribe to the topic; the others belong to another app. */
  readonly subscribed: number;
  readonly loss: number;
  /** In the mean so many datagrams of one direction of one pair are lost in a row; 0: each by itself. */
  readonly burst: number;
  /** One-way, of each pair, milliseconds. */
  readonly latencyMs: readonly [number, number];
}

export const headlineMix: Mix = { nodes: 128, hard: 0.3, subscribed: 0.5, loss: 0.01, burst: 0, latencyMs: [20, 145] };

/** Up to so much more for each datagram, milliseconds. */
const jitterMs = 5;
/** Introducers for so many ordinary peers. */
const nodesPerIntroducers = 128;
const introducersThen = 4;
/** How many introducers a newcomer knows. */
export const introducersKnown = 4;

/** Four, or as many in proportion when there are more than 128 peers. */
export const introducersFor = (nodes: number): number => Math.max(introducersThen, Math.ceil((nodes * introducersThen) / nodesPerIntroducers));

export const linksOf = ({ loss, burst, latencyMs }: Mix): LinkOptions => ({ latencyMs, jitterMs, loss, burst });

/** In what a mix differs from `from`, in words: nothing if the scenario is run to the letter. */
export const departures = (mix: Mix, from: Mix): readonly string[] => {
  const words: string[] = [];
  if (mix.nodes !== from.nodes) words.push(`nodes ${mix.nodes}`);
  for (const name of ['hard', 'subscribed', 'loss', 'burst'] as const) if (mix[name] !== from[name]) words.push(`${name} ${mix[name]}`);
  if (mix.latencyMs.join() !== from.latencyMs.join()) words.push(`latency ${mix.latencyMs.join('..')}`);
  return words;
};
