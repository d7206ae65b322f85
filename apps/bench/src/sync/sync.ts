/**
 * Question: what does it cost two peers to find out how their caches of a topic differ?
 *
 * Method: two sets of 14 000 ids that differ by 0, 1, 10, 100, 1000 or wholly, half of the difference on each side, and a
 * network that loses 0 or 20 % of the datagrams of each way. Ours are two reconcilers. Counted is what is said, lost or not,
 * both ways, as payload of datagrams, until the one who asks knows what it lacks: not the objects, nor the frames that
 * fetch or offer them, nor headers of sessions and of UDP. CPU time is that of both sides, of peers that compared the topic
 * before: what the answerer keeps for all who ask, and the asker's own ids, are at hand. What it takes to make them is told
 * beside. Medians over several pairs of sets.
 * Control: the trie of the earlier implementation and a plain range-based method, on the same sets, counted by the same
 * rules. The trie ends when both have the same, since it sends objects as it goes.
 * Limits: no bandwidth, no time, one pair of peers, nothing comes while they compare. The trie's figures are of few pairs of
 * sets: they hardly vary without loss, and one takes seconds.
 */
import type { Effort } from '../measure.js';
import { quantile } from '../row.js';
import { compareOurs, type OurCost } from './ours.js';
import { compareRanges } from './ranges.js';
import type { SyncFinding, SyncRow } from './row.js';
import { losses, randomOf, setsOf } from './sets.js';
import { compareTries } from './trie.js';

const lossesPercent = [0, 20];
const differences = [0, 1, 10, 100, 1000, null]; // null: wholly

/** Pairs of sets each way is given, and ids in a set. */
const full = { ours: 15, ranges: 5, tries: 1, size: 14_000 };
const tiny = { ours: 1, ranges: 1, tries: 1, size: 600 };

export const run = async ({ rounds }: Effort): Promise<readonly SyncFinding[]> => {
  const effort = rounds > 1 ? full : tiny;
  const findings: SyncFinding[] = [];
  if (rounds > 1) warmUp(effort.size);
  for (const loss of lossesPercent) {
    for (const difference of differences) findings.push(await measured(effort, Math.min(difference ?? Infinity, 2 * effort.size), loss));
  }
  return findings;
};

const measured = async (effort: typeof full, difference: number, loss: number): Promise<SyncFinding> => {
  const pair = (seed: number) => {
    const random = randomOf(1000 * difference + seed);
    return { random, sets: setsOf(random, effort.size, difference), isLost: losses(random, loss) };
  };
  const each = <Result>(count: number, one: (made: ReturnType<typeof pair>) => Result): Result[] => Array.from({ length: count }, (_, seed) => one(pair(seed)));
  const ours = each(effort.ours, ({ random, sets, isLost }) => compareOurs(random, sets, isLost, true));
  const cold = each(3, ({ random, sets, isLost }) => compareOurs(random, sets, isLost, false));
  const ranges = each(effort.ranges, ({ sets, isLost }) => compareRanges(sets, isLost));
  const tries = await Promise.all(each(effort.tries, ({ sets, isLost }) => compareTries(sets, isLost)));
  const middle = (figure: keyof OurCost): number => Number(median(ours.map((one) => one[figure])).toPrecision(4));
  const row: SyncRow = {
    name: 'sync',
    difference,
    loss,
    bytes: middle('bytes'),
    datagrams: middle('datagrams'),
    roundTrips: middle('roundTrips'),
    cpuMs: middle('cpuMs'),
    trieBytes: median(tries.map(({ bytes }) => bytes)),
    rangeBytes: median(ranges.map(({ bytes }) => bytes)),
  };
  const most = (figure: keyof OurCost): number => Math.max(...ours.map((one) => one[figure]));
  const datagrams = { tries: median(tries.map((one) => one.datagrams)), ranges: median(ranges.map((one) => one.datagrams)) };
  const coldMs = median(cold.map(({ cpuMs }) => cpuMs));
  const text = [
    `sync, ${difference} differ, ${loss} % lost  (median of ${effort.ours})`,
    `  ours   ${row.bytes} bytes (at most ${most('bytes')}), ${row.datagrams} datagrams, ${row.roundTrips} round trips (at most ${most('roundTrips')}), ${row.cpuMs} ms of CPU, ${coldMs.toFixed(1)} with nothing at hand`,
    `  trie   ${row.trieBytes} bytes, ${datagrams.tries} datagrams        @socketsupply/socket 0.5.4`,
    `  range  ${row.rangeBytes} bytes, ${datagrams.ranges} datagrams`,
    ...verdicts(row),
    '',
  ].join('\n');
  return { row, text };
};

/** What was aimed at, where 14 000 ids are compared without loss. */
const verdicts = ({ difference, loss, bytes, roundTrips, cpuMs }: SyncRow): string[] => {
  const verdict = (isMet: boolean, words: string): string => `  target: ${words}: ${isMet ? 'met' : 'MISSED'}`;
  if (loss > 0) return [];
  if (difference === 0) return [verdict(bytes <= 64, 'at most 64 bytes')];
  if (difference === 100) return [verdict(bytes <= 2500 && roundTrips <= 2, 'at most 2500 bytes, and one round trip after the first'), verdict(cpuMs <= 10, 'at most 10 ms')];
  return [];
};

const warmUp = (size: number): void => {
  for (let n = 0; n < 15; n += 1) {
    const random = randomOf(n);
    compareOurs(random, setsOf(random, size, 100), () => false, true);
  }
};

const median = (values: readonly number[]): number => quantile(values, 0.5);
