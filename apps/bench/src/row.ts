/** What a benchmark found, and how it is told. */
import type { SyncFinding } from './sync/row.js';

/** One line of `--json`. Smaller is better, whatever the unit, but for MB/s. */
export interface Row {
  readonly name: string;
  readonly unit: string;
  /** The median of `runs` samples, as are `peer` and `floor`. */
  readonly ours: number;
  /** Another way to do the same, and its name; `null` where there is none. */
  readonly peer: number | null;
  readonly peerName: string | null;
  /** The least that any way has to do. */
  readonly floor: number | null;
  readonly floorName: string | null;
  /** peer / ours: how many times better ours is. */
  readonly ratioToPeer: number | null;
  /** ours / floor: how many times the floor ours costs. */
  readonly ratioToFloor: number | null;
  /** Samples of each. */
  readonly runs: number;
  /** Further ways to do the same, by name, where there are some. */
  readonly others?: Readonly<Record<string, number>>;
  /** Figures beside it, where there are some; the file of the benchmark says what they are. */
  readonly extra?: Readonly<Record<string, SideBySide>>;
}

/** One figure of each candidate. */
export type SideBySide = Readonly<Record<'ours' | 'peer' | 'floor', number>>;

/** The samples of one candidate. */
export interface Measured {
  readonly name: string;
  readonly samples: readonly number[];
}

/** What a benchmark answers: its row, the samples' spread, and what they were to be. */
export interface Finding {
  readonly row: Row;
  /** The tenth and the ninetieth of a hundred samples. */
  readonly spread: Readonly<Record<'ours' | 'peer' | 'floor', readonly [number, number] | null>>;
  /** Sentences for a reader: what was aimed at, what follows. */
  readonly remarks: readonly string[];
}

/** A target of a row, in words that a reader can check against the numbers. */
export interface Target {
  readonly toPeerMin?: number;
  readonly toFloorMax?: number;
  readonly oursMax?: number;
}

/** A row of any kind, and how it is told. */
export type Found = Finding | SyncFinding;

/** What a row is called, and what is said beside its numbers. */
export interface Asked {
  readonly name: string;
  readonly unit: string;
  readonly target?: Target;
  readonly remarks?: readonly string[];
  readonly extra?: Readonly<Record<string, SideBySide>>;
  /** More is better: the ratios are turned round, so that they say the same as ever. */
  readonly isMoreBetter?: boolean;
}

export const finding = (
  { name, unit, target = {}, remarks = [], extra, isMoreBetter = false }: Asked,
  { ours, peer, others = [], floor }: { readonly ours: readonly number[]; readonly peer: Measured | null; readonly others?: readonly (Measured | null)[]; readonly floor: Measured | null },
): Finding => {
  const oursMedian = quantile(ours, 0.5);
  const peerMedian = peer === null ? null : quantile(peer.samples, 0.5);
  const floorMedian = floor === null ? null : quantile(floor.samples, 0.5);
  const row: Row = {
    name,
    unit,
    ours: rounded(oursMedian),
    peer: peerMedian === null ? null : rounded(peerMedian),
    peerName: peer?.name ?? null,
    floor: floorMedian === null ? null : rounded(floorMedian),
    floorName: floor?.name ?? null,
    ratioToPeer: peerMedian === null ? null : rounded(isMoreBetter ? oursMedian / peerMedian : peerMedian / oursMedian),
    ratioToFloor: floorMedian === null ? null : rounded(isMoreBetter ? floorMedian / oursMedian : oursMedian / floorMedian),
    runs: ours.length,
    ...(others.length === 0 ? {} : { others: Object.fromEntries(others.flatMap((other) => (other === null ? [] : [[other.name, rounded(quantile(other.samples, 0.5))]]))) }),
    ...(extra === undefined ? {} : { extra: Object.fromEntries(Object.entries(extra).map(([figure, { ours: one, peer: other, floor: least }]) => [figure, { ours: finely(one), peer: finely(other), floor: finely(least) }])) }),
  };
  return { row, spread: { ours: spreadOf(ours), peer: spreadOf(peer?.samples), floor: spreadOf(floor?.samples) }, remarks: [...verdicts(row, target), ...remarks] };
};

/** The value below which `share` of the samples lie. */
export const quantile = (samples: readonly number[], share: number): number => {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const below = sorted[Math.floor(at)] ?? Number.NaN;
  const above = sorted[Math.ceil(at)] ?? Number.NaN;
  return below + (above - below) * (at - Math.floor(at));
};

/** A finding as lines of text. */
export const told = (found: Found): string => {
  if ('text' in found) return found.text;
  const { row, spread, remarks } = found;
  const line = (label: string, value: number, range: readonly [number, number] | null, what: string): string =>
    `  ${label.padEnd(6)} ${shown(value).padStart(9)} ${row.unit.padEnd(12)} ${(range === null ? '' : `${shown(range[0])} .. ${shown(range[1])}`).padEnd(20)} ${what}`.trimEnd();
  const lines = [`${row.name}  (median and spread of ${row.runs})`, line('ours', row.ours, spread.ours, '')];
  if (row.peer !== null) lines.push(line('peer', row.peer, spread.peer, `x ${shown(row.ratioToPeer ?? 0)}  ${row.peerName ?? ''}`));
  for (const [name, value] of Object.entries(row.others ?? {})) lines.push(line('other', value, null, `x ${shown(value / row.ours)}  ${name}`));
  if (row.floor !== null) lines.push(line('floor', row.floor, spread.floor, `: ${shown(row.ratioToFloor ?? 0)}  ${row.floorName ?? ''}`));
  for (const [name, figure] of Object.entries(row.extra ?? {})) lines.push(`  ${name}: ours ${shown(figure.ours)}, peer ${shown(figure.peer)}, floor ${shown(figure.floor)}`);
  return [...lines, ...remarks.map((remark) => `  ${remark}`), ''].join('\n');
};

const verdicts = ({ unit, ours, ratioToPeer, ratioToFloor }: Row, { toPeerMin, toFloorMax, oursMax }: Target): readonly string[] => {
  const verdict = (isMet: boolean, words: string): string => `target: ${words}: ${isMet ? 'met' : 'MISSED'}`;
  return [
    ...(toPeerMin === undefined ? [] : [verdict((ratioToPeer ?? 0) >= toPeerMin, `at least ${toPeerMin} times better than the peer`)]),
    ...(toFloorMax === undefined ? [] : [verdict((ratioToFloor ?? Infinity) <= toFloorMax, `at most ${toFloorMax} times the floor`)]),
    ...(oursMax === undefined ? [] : [verdict(ours <= oursMax, `at most ${oursMax} ${unit}`)]),
  ];
};

const spreadOf = (samples: readonly number[] | undefined): readonly [number, number] | null => (samples === undefined ? null : [quantile(samples, 0.1), quantile(samples, 0.9)]);

/** Four digits that count. */
const rounded = (value: number): number => Number(value.toPrecision(4));
/** Six: of a hundred thousand deliveries, a single one that is missing shows. */
const finely = (value: number): number => Number(value.toPrecision(6));
const shown = (value: number): string => (value >= 1000 ? value.toFixed(0) : String(Number(value.toPrecision(3))));
