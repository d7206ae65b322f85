/** The matrix as a person reads it, and as a program does. */
import { kindNames } from './kinds.js';
import type { Conditions, Pair, PairRun } from './pair.js';
import type { Proof } from './proof.js';

/** One line: an entry for each run of each pair. */
export const jsonOf = (runs: readonly PairRun[]): string =>
  JSON.stringify({
    pairs: runs.map(({ a, b, under, isDelivered, path, ms, packets, againMs, lostCount }) => ({
      a, b, ...(under === undefined ? {} : { under: nameOf({ a, b, under }).slice(`${a}:${b} `.length) }), delivered: isDelivered, path, ms: rounded(ms), packets, ...(againMs === null ? {} : { again: rounded(againMs), lost: lostCount }),
    })),
  });

const rounded = (ms: number | null): number | null => (ms === null ? null : Math.round(ms * 10) / 10);

/** Every pair as a cell, then every pair as a line. */
export const tablesOf = (runs: readonly PairRun[]): string => (runs.some(({ under }) => under !== undefined) ? list(runs) : `${grid(runs)}\n\n${list(runs)}`);

/** What the figures were measured on. */
export const circumstances = (loss: number, cores: number, load: number): string =>
  `Cables without latency, ${loss * 100}% loss. ${cores} cores, load ${load.toFixed(1)}${load > cores ? ': more than one process for each core, which lengthens all times' : ''}.`;

const grid = (runs: readonly PairRun[]): string => {
  const names = kindNames.filter((name) => runs.some(({ a, b }) => a === name || b === name));
  const rows = names.map((row, k) => [row, ...names.map((column, j) => (j < k ? '' : cell(runs.filter((run) => isOf(run, { a: row, b: column })))))]);
  return aligned([['', ...names], ...rows]);
};

/** The path, if more than one in how many runs, and the median until both had heard each other. */
const cell = (runs: readonly PairRun[]): string => {
  const paths = (['direct', 'relayed', 'none'] as const).map((path) => ({ path, count: runs.filter((run) => run.path === path).length })).filter(({ count }) => count > 0);
  return paths.map(({ path, count }) => (count === runs.length ? path : `${count} ${path}`)).join(', ');
};

const list = (runs: readonly PairRun[]): string => {
  const hasAgain = runs.some(({ againMs }) => againMs !== null);
  const head = ['pair', 'runs', 'delivered', 'direct', 'ms p50', 'p95', 'direct ms p50', 'p95', 'packets p50', 'max', 'site to site', ...(hasAgain ? ['again ms p50', 'max', 'lost'] : [])];
  const rows = pairsOf(runs).map((pair) => {
    const own = runs.filter((run) => isOf(run, pair));
    const ms = known(own.map((run) => run.ms));
    const directMs = known(own.map((run) => run.directMs));
    const packets = own.map((run) => run.packets);
    const againMs = known(own.map((run) => run.againMs));
    return [
      nameOf(pair), String(own.length), String(ms.length), String(directMs.length),
      percentile(ms, 50), percentile(ms, 95), percentile(directMs, 50), percentile(directMs, 95), percentile(packets, 50), percentile(packets, 100),
      percentile(own.map((run) => run.betweenPackets), 50), ...(hasAgain ? [percentile(againMs, 50), percentile(againMs, 100), String(known(own.map((run) => run.lostCount)).reduce((sum, count) => sum + count, 0))] : []),
    ];
  });
  return aligned([head, ...rows]);
};

/** What the kernel's boxes proved to be. */
export const proofsOf = (proofs: readonly Proof[]): string =>
  aligned([
    ['kind', 'IPv', 'mapping', 'filtering', 'hairpin', 'ports', 'punchable', 'lifetime', 'as named'],
    ...proofs.map(({ kind, family, finding, faults }) => [
      kind, String(family), finding.mapping, finding.filtering, said(finding.hairpin), finding.ports?.join('-') ?? 'kept', said(finding.punchable), said(finding.lives), faults.length === 0 ? 'yes' : faults.join('; '),
    ]),
  ]);

const said = (answer: boolean | null): string => (answer === null ? '-' : answer ? 'yes' : 'no');

const isOf = (run: Pair, { a, b, under }: Pair): boolean => nameOf(run) === nameOf({ a, b, ...(under && { under }) }) || nameOf(run) === nameOf({ a: b, b: a, ...(under && { under }) });
const pairsOf = (runs: readonly PairRun[]): readonly Pair[] => [...new Map(runs.map((run) => [nameOf(run), run])).values()];
const known = (values: readonly (number | null)[]): readonly number[] => values.filter((value) => value !== null);

/** Nearest rank, whole. */
export const percentile = (values: readonly number[], share: number): string => {
  const sorted = [...values].sort((one, other) => one - other);
  const value = sorted[Math.max(0, Math.ceil((share / 100) * sorted.length) - 1)];
  return value === undefined ? '-' : String(Math.round(value));
};

const aligned = (rows: readonly (readonly string[])[]): string => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => row.map((text, column) => (column === 0 ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0))).join('  ').trimEnd()).join('\n');
};

export const nameOf = ({ a, b, under = {} }: Pair): string => [`${a}:${b}`, ...Object.entries(under).flatMap(([key, value]) => conditionOf(key as keyof Conditions, value))].join(' ');

/** What is told of a pair that differs from the others. */
const conditionOf = (key: keyof Conditions, value: unknown): readonly string[] => {
  const words: Readonly<Record<keyof Conditions, string | null>> = { loss: 'loss', lifetimeS: 'lifetime', idleS: 'idle', event: '', hasMulticast: 'multicast', limitS: null };
  const word = words[key];
  return word === null ? [] : [`${word} ${String(value)}`.trim()];
};
