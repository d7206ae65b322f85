/** What a plan gave, in real processes or in the simulator. */
import { mean, quantile, rounded, shareOf, sum } from '../report/summary.js';
import type { RealPlan } from './plan.js';

/** Datagrams that peers put out or got; UDP payload. */
export interface Counts {
  readonly sent: number;
  readonly sentBytes: number;
  /** Of them those with an object of the plan in them. */
  readonly carrying: number;
  readonly carryingBytes: number;
  /** Received, with an object in it. */
  readonly received: number;
}

export const noCounts: Counts = { sent: 0, sentBytes: 0, carrying: 0, carryingBytes: 0, received: 0 };

/** What one peer saw. Introducers arrive at nothing and publish nothing. */
export interface PeerRecord {
  /** Numbers of the publishes, and when: any clock, as long as all peers have the same. */
  readonly published: readonly (readonly [number: number, atMs: number])[];
  readonly arrived: readonly (readonly [number: number, atMs: number])[];
  /** Shown again, altered, or never published. */
  readonly wrong: number;
  /** What was counted since the start, at each of {@link countTimes}. */
  readonly counts: readonly Counts[];
  /** How late timers of its process fired, of some; nothing of a simulated peer. */
  readonly lateMs: readonly number[];
}

/** When peers note what they have counted: as the rest begins, at the first publish, at the end. */
export const countTimes = ({ restFromMs, publishes, endMs }: RealPlan): readonly [number, number, number] => [restFromMs, publishes[0]?.atMs ?? endMs, endMs];

/** The figures that are compared. */
export interface Figures {
  readonly publishes: number;
  /** Of all pairs of a publish and a subscriber that did not publish it, the share reached within 10 s of the end. */
  readonly reachedShare: number;
  readonly wrong: number;
  /** Datagrams with a packet, received by anyone, for each subscriber reached. */
  readonly copies: number;
  readonly datagramsPerDelivery: number;
  readonly bytesPerDelivery: number;
  /** Everything sent, for each second and peer, introducers counted. */
  readonly restDatagrams: number;
  readonly restBytes: number;
  readonly publishingDatagrams: number;
  readonly publishingBytes: number;
  /** From the call of publish to each subscriber's callback. */
  readonly latencyMs: { readonly mean: number; readonly p50: number; readonly p95: number; readonly max: number };
}

export const figuresOf = (plan: RealPlan, records: readonly PeerRecord[]): Figures => {
  const publishedAt = new Map(records.flatMap(({ published }) => published));
  const latencies = records.flatMap(({ arrived }) => arrived.map(([number, atMs]) => atMs - (publishedAt.get(number) ?? NaN)));
  const due = plan.publishes.length * (plan.peers.filter(({ isSubscriber }) => isSubscriber).length - 1);
  const between = (from: number, field: keyof Counts): number => sum(records.map(({ counts }) => (counts[from + 1]?.[field] ?? 0) - (counts[from]?.[field] ?? 0)));
  const [restAtMs, firstMs, endMs] = countTimes(plan);
  const restSeconds = ((firstMs - restAtMs) / 1000) * records.length;
  const publishingSeconds = ((endMs - firstMs) / 1000) * records.length;
  const reached = latencies.length;
  return {
    publishes: publishedAt.size,
    reachedShare: shareOf(reached, due),
    wrong: sum(records.map(({ wrong }) => wrong)),
    copies: rounded(between(1, 'received') / reached, 3),
    datagramsPerDelivery: rounded(between(1, 'carrying') / reached, 3),
    bytesPerDelivery: rounded(between(1, 'carryingBytes') / reached, 1),
    restDatagrams: rounded(between(0, 'sent') / restSeconds, 3),
    restBytes: rounded(between(0, 'sentBytes') / restSeconds, 1),
    publishingDatagrams: rounded(between(1, 'sent') / publishingSeconds, 3),
    publishingBytes: rounded(between(1, 'sentBytes') / publishingSeconds, 1),
    latencyMs: { mean: rounded(mean(latencies), 2), p50: rounded(quantile(latencies, 0.5), 2), p95: rounded(quantile(latencies, 0.95), 2), max: rounded(quantile(latencies, 1), 2) },
  };
};
