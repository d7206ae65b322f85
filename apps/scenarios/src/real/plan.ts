/** What is done to real processes, and to simulated peers after them: the same plan. Milliseconds from its start. */
import { seededRandom } from '@srp/identity';
import { sample, writeU32 } from '@srp/machine';
import { pick, uniform } from '../experiment/draw.js';
import { every } from '../experiment/plan.js';

/** The topic of half of the peers; the others belong to another app, as in the simulated scenarios. */
export const topicNames = ['topic T', 'topic of another app'] as const;

/** Each publish carries as much as one object has room for. */
export const messageBytes = 1_023;
/** Bytes of a datagram with such an object in it: only a bundle that is full to the last byte is as long, so that those with one can be told by their size. */
export const carryingBytes = 1_227;

export interface PeerPlan {
  readonly startMs: number;
  readonly isSubscriber: boolean;
}

export interface RealPlan {
  readonly seed: number;
  /** Peers that are up from the start, know each other, and neither subscribe nor publish. */
  readonly introducers: number;
  readonly peers: readonly PeerPlan[];
  /** `peer` is an index into `peers`. */
  readonly publishes: readonly { readonly atMs: number; readonly peer: number }[];
  /** From then until the first publish nothing happens. */
  readonly restFromMs: number;
  /** Nothing is counted after it; who still lacks a packet is given {@link patienceMs} more. */
  readonly endMs: number;
}

/** As long as it takes to count as reached in the simulated scenarios. */
export const patienceMs = 10_000;

const introducers = 2;

/** Starts, rest, publishes, and time for the last of them. */
const times = { startsMs: 5_000, restFromMs: 14_000, publishFromMs: 20_000, everyMs: 500, publishes: 20, tailMs: 3_000 };
/** Shows that it runs. */
const tinyTimes: typeof times = { startsMs: 300, restFromMs: 1_500, publishFromMs: 3_000, everyMs: 150, publishes: 8, tailMs: 1_400 };

/** A seed fixes who subscribes, who publishes and when; not what the system's randomness and clocks give real peers. */
export const planOf = (nodes: number, seed: number, isTiny: boolean): RealPlan => {
  const { startsMs, restFromMs, publishFromMs, everyMs, publishes, tailMs } = isTiny ? tinyTimes : times;
  const random = seededRandom(seedBytes(seed)).fork('plan');
  const subscribers = sample(random, [...Array(nodes).keys()], Math.ceil(nodes / 2));
  return {
    seed,
    introducers,
    peers: Array.from({ length: nodes }, (_, index) => ({ startMs: uniform(random, 0, startsMs), isSubscriber: subscribers.includes(index) })),
    publishes: every(publishFromMs, everyMs, publishes).map((atMs) => ({ atMs, peer: pick(random, subscribers) })),
    restFromMs,
    endMs: publishFromMs + everyMs * publishes + tailMs,
  };
};

/** What the publish of this number carries: every process can tell whether it got it unchanged. */
export const messageOf = ({ seed }: RealPlan, number: number): Uint8Array => {
  const bytes = seededRandom(seedBytes(seed)).fork(`message ${number}`).bytes(messageBytes);
  writeU32(bytes, 0, number);
  return bytes;
};

const seedBytes = (seed: number): Uint8Array => {
  const bytes = new Uint8Array(32);
  writeU32(bytes, 0, seed);
  return bytes;
};
