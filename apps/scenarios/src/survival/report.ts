/** What the runs of survival say together. */
import { mean, quantile, rounded, shareOf } from '../report/summary.js';
import { table } from '../report/table.js';
import { shown, type Target } from '../report/targets.js';
import { lastOf, type Sample, type SurvivalResult } from './result.js';
import { samples, type World } from './world.js';

/** How packets fare as they grow old: one value for each moment, from the publish to the return. */
export interface Curve {
  readonly hours: readonly number[];
  /** Share of packets that somebody holds, and that somebody holds who is up. */
  readonly alive: readonly number[];
  readonly online: readonly number[];
  /** In the mean. */
  readonly copies: readonly number[];
}

export interface Figures {
  readonly packets: number;
  readonly hours: number;
  readonly alive: number;
  readonly found: number;
  readonly transmissionsPerPacketDay: number;
  readonly copies: number;
  readonly policy: string;
  readonly online: number;
  readonly foundMs: { readonly p50: number; readonly p95: number; readonly max: number };
  readonly introducersHeld: number;
  readonly datagramsPerPeerHour: number;
  readonly meanOnline: number;
  readonly curve: Curve;
}

export const figuresOf = ({ hours, policy }: World, runs: readonly SurvivalResult[]): Figures => {
  const packets = runs.flatMap((run) => run.packets);
  const ends = packets.map(lastOf);
  const times = packets.flatMap(({ foundMs }) => foundMs ?? []);
  return {
    packets: packets.length,
    hours,
    alive: aliveShare(ends),
    found: shareOf(times.length, packets.length),
    transmissionsPerPacketDay: rounded((mean(packets.map(({ sent }) => sent)) * 24) / hours, 1),
    copies: rounded(mean(ends.map(({ copies }) => copies)), 1),
    policy,
    online: shareOf(ends.filter((end) => end.online > 0).length, ends.length),
    foundMs: { p50: Math.round(quantile(times, 0.5)), p95: Math.round(quantile(times, 0.95)), max: Math.round(quantile(times, 1)) },
    introducersHeld: Math.max(0, ...runs.map((run) => run.introducersHeld)),
    datagramsPerPeerHour: rounded(mean(runs.map((run) => run.datagramsPerPeerHour)), 0),
    meanOnline: rounded(mean(runs.map((run) => run.meanOnline)), 0),
    curve: curveOf(hours, packets.map(({ curve }) => curve)),
  };
};

const aliveShare = (moments: readonly Sample[]): number => shareOf(moments.filter(({ copies }) => copies > 0).length, moments.length);

const curveOf = (hours: number, curves: readonly (readonly Sample[])[]): Curve => {
  const moments = Array.from({ length: samples + 1 }, (_, at) => curves.flatMap((curve) => curve[at] ?? []));
  return {
    hours: moments.map((_, at) => rounded((hours * at) / samples, 2)),
    alive: moments.map(aliveShare),
    online: moments.map((all) => shareOf(all.filter(({ online }) => online > 0).length, all.length)),
    copies: moments.map((all) => rounded(mean(all.map(({ copies }) => copies)), 1)),
  };
};

/** All of a day; of a week 99.9 %. */
const shareLeast = (hours: number): number => (hours <= 24 ? 1 : 0.999);
const transmissionsMost = 100;

export const targetsOf = ({ hours, alive, found, transmissionsPerPacketDay }: Figures): readonly Target[] => [
  { what: `packets alive after ${hours} h`, is: alive, atLeast: shareLeast(hours), unit: 'share' },
  { what: `packets found after ${hours} h`, is: found, atLeast: shareLeast(hours), unit: 'share' },
  { what: 'transmissions a packet and day', is: transmissionsPerPacketDay, atMost: transmissionsMost, unit: 'number' },
];

export const textOf = (figures: Figures, runs: readonly SurvivalResult[]): string => {
  const { packets, alive, online, found, foundMs, transmissionsPerPacketDay, copies, datagramsPerPeerHour, meanOnline, introducersHeld } = figures;
  const times = [foundMs.p50, foundMs.p95, foundMs.max].map((ms) => shown(ms, 'ms'));
  const row = [String(packets), shown(alive, 'share'), shown(online, 'share'), shown(found, 'share'), ...times, copies.toFixed(1), transmissionsPerPacketDay.toFixed(1)];
  return [
    table(['packets', 'alive', 'at somebody up', 'found', 'p50', 'p95', 'max', 'copies', 'sent a day'], [row]),
    '',
    `  ${meanOnline} of the peers up on average; ${datagramsPerPeerHour} datagrams of all kinds an hour and peer that is up`,
    `  ${runs[0]?.introducers ?? 0} introducers, which held ${introducersHeld} objects at most`,
  ].join('\n');
};

/** Which packets were lost or not found, and what to type to see their lives. */
export const failures = (runs: readonly SurvivalResult[], replay: (seed: number) => string): readonly string[] =>
  runs.flatMap(({ seed, packets }) =>
    packets
      .filter((packet) => lastOf(packet).copies === 0 || packet.foundMs === null)
      .map((packet) => {
        const { copies, online } = lastOf(packet);
        const lostAt = packet.curve.findLastIndex((moment) => moment.copies > 0);
        const what = copies > 0 ? `not found, with ${copies} copies, ${online} of them up` : `lost after ${((100 * (lostAt + 1)) / samples).toFixed(0)} % of the time`;
        return `  ${what}; ${replay(seed)} --trace ${packet.id.slice(0, 8)}`;
      }),
  );
