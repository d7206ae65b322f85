/** Figures of many runs of one plan, taken together. docs/guides/scenarios.md, "Measures". */
import type { PublishResult, RunResult, TrafficResult } from '../experiment/result.js';

export interface PhaseSummary {
  readonly publishes: number;
  readonly t100: { readonly reachedShare: number; readonly meanMs: number; readonly p50Ms: number; readonly p95Ms: number; readonly maxMs: number };
  /** The mean of cov(5 s). */
  readonly cov5s: number;
  readonly copies: number;
  readonly bytesPerPeer: number;
}

/** The value below which a share of the values lies, by the nearest rank; 0 of none. */
export const quantile = (values: readonly number[], share: number): number => values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(values.length * share) - 1)] ?? 0;

export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

export const mean = (values: readonly number[]): number => (values.length === 0 ? 0 : sum(values) / values.length);

/** So many digits after the point and no more: figures are compared between machines. */
export const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));

const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

/** Rounded down: a share is 1 only if nothing is missing. Of nothing it is 0, so that a run in which nothing happened reaches no target. */
export const shareOf = (part: number, whole: number): number => Math.floor(ratio(part, whole) * 1e6) / 1e6;

/** cov(5 s) in the curve. */
const at5s = 100;

export const publishesOf = (runs: readonly RunResult[], phase: string): readonly PublishResult[] => runs.flatMap(({ publishes }) => publishes.filter((one) => one.phase === phase));

export const summarize = (publishes: readonly PublishResult[]): PhaseSummary => {
  const times = publishes.map(({ t100Ms }) => t100Ms);
  const total = (field: 'stayed' | 'stayedReached' | 'received' | 'reached' | 'sentBytes'): number => sum(publishes.map((one) => one[field]));
  return {
    publishes: publishes.length,
    t100: {
      reachedShare: shareOf(total('stayedReached'), total('stayed')),
      meanMs: rounded(mean(times), 1),
      p50Ms: rounded(quantile(times, 0.5), 1),
      p95Ms: rounded(quantile(times, 0.95), 1),
      maxMs: rounded(quantile(times, 1), 1),
    },
    cov5s: rounded(mean(publishes.map(({ curve }) => curve[at5s] ?? 0)), 4),
    copies: rounded(ratio(total('received'), total('reached')), 3),
    bytesPerPeer: rounded(ratio(total('sentBytes'), total('reached')), 1),
  };
};

/** Of each phase, the share of its packets that subscribers held then. */
export const retentionAt = (runs: readonly RunResult[], label: string, phases: readonly string[]): Readonly<Record<string, number>> => {
  const counts = runs.flatMap(({ retention }) => retention.filter((one) => one.label === label));
  const of = (phase: string, field: 'pairs' | 'held'): number => sum(counts.map((one) => one.phases[phase]?.[field] ?? 0));
  return Object.fromEntries(phases.map((phase) => [phase, shareOf(of(phase, 'held'), of(phase, 'pairs'))]));
};

/** A second and peer, introducers counted. */
export const perSecondAndPeer = (runs: readonly RunResult[], of: (run: RunResult) => TrafficResult | undefined): { readonly datagrams: number; readonly bytes: number } => {
  const seconds = sum(runs.map((run) => (of(run)?.seconds ?? 0) * (run.nodes + run.introducers)));
  const total = (field: 'datagrams' | 'bytes'): number => sum(runs.map((run) => of(run)?.[field] ?? 0));
  return { datagrams: rounded(ratio(total('datagrams'), seconds), 3), bytes: rounded(ratio(total('bytes'), seconds), 1) };
};
