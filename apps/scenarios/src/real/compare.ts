/** What the simulator predicts, and whether the real processes agree. */
import { table } from '../report/table.js';
import { shown } from '../report/targets.js';
import type { Figures } from './result.js';

/** One figure of both. */
export interface Row {
  readonly what: string;
  readonly real: number;
  /** Of the seeds: the mean and the extremes. */
  readonly simulated: { readonly mean: number; readonly min: number; readonly max: number };
  readonly unit: 'share' | 'number' | 'ms';
  /** By what share the real figure may lie outside of what the seeds gave; `null` if nothing is asked of it. */
  readonly tolerance: number | null;
}

/**
 * What a packet costs is decided by the same code on both sides, and by chance: a quarter beyond what the seeds gave is agreement,
 * for who waits long asks again for what is on its way already. What else is sent depends on timers, which a loaded machine fires late:
 * half.
 */
const costTolerance = 0.25;
const trafficTolerance = 0.5;

/**
 * Past this no cost is held against the simulator's: where each timer is later than any answer on loopback could be, peers take each other
 * for gone and ask for everything twice. Milliseconds, of one timer in twenty.
 */
export const lateMsMax = 100;

export const compare = (real: Figures, simulated: readonly Figures[], lateMs = 0): readonly Row[] => {
  const [cost, traffic] = lateMs > lateMsMax ? [null, null] : [costTolerance, trafficTolerance];
  const row = (what: string, unit: Row['unit'], tolerance: number | null, of: (figures: Figures) => number): Row => {
    const values = simulated.map(of);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return { what, real: of(real), simulated: { mean, min: Math.min(...values), max: Math.max(...values) }, unit, tolerance };
  };
  return [
    row('subscribers reached', 'share', 0, ({ reachedShare }) => reachedShare),
    row('shown again, altered or invented', 'number', 0, ({ wrong }) => wrong),
    row('copies received a delivery', 'number', cost, ({ copies }) => copies),
    row('datagrams a delivery', 'number', cost, ({ datagramsPerDelivery }) => datagramsPerDelivery),
    row('bytes a delivery', 'number', cost, ({ bytesPerDelivery }) => bytesPerDelivery),
    row('publishing: datagrams/s a peer', 'number', traffic, ({ publishingDatagrams }) => publishingDatagrams),
    row('publishing: bytes/s a peer', 'number', traffic, ({ publishingBytes }) => publishingBytes),
    row('at rest: datagrams/s a peer', 'number', traffic, ({ restDatagrams }) => restDatagrams),
    row('at rest: bytes/s a peer', 'number', traffic, ({ restBytes }) => restBytes),
    row('time to a subscriber, mean', 'ms', null, ({ latencyMs }) => latencyMs.mean),
    row('p50', 'ms', null, ({ latencyMs }) => latencyMs.p50),
    row('p95', 'ms', null, ({ latencyMs }) => latencyMs.p95),
    row('longest', 'ms', null, ({ latencyMs }) => latencyMs.max),
  ];
};

/** Within what the seeds gave, or no more than the tolerance outside of it. */
export const agrees = ({ real, simulated: { min, max }, tolerance }: Row): boolean => tolerance === null || (real >= min * (1 - tolerance) && real <= max * (1 + tolerance));

export const ratioOf = ({ real, simulated }: Row): number | null => (simulated.mean === 0 ? null : real / simulated.mean);

export const rowsTold = (rows: readonly Row[]): string =>
  table(
    ['', 'real', 'simulated', 'least', 'most', 'real : simulated', ''],
    rows.map((row) => {
      const { what, real, simulated, unit, tolerance } = row;
      const text = (value: number): string => (unit === 'share' ? shown(value, 'share') : unit === 'ms' ? `${value.toFixed(1)} ms` : value.toFixed(2));
      const verdict = tolerance === null ? '' : agrees(row) ? 'agrees' : 'DIFFERS';
      return [what, text(real), text(simulated.mean), text(simulated.min), text(simulated.max), ratioOf(row)?.toFixed(2) ?? '-', verdict];
    }),
  );
