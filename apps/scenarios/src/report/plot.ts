/**
 * Reach against time as an SVG: one panel for each phase of each variant. The line is cov(t) of the median publish, the band
 * reaches from what 95% of the publishes have at least to what the best 5% have.
 */
import { curveTimesMs, type PublishResult } from '../experiment/result.js';
import type { Outcome } from '../scenario.js';
import { publishesOf, quantile } from './summary.js';

const panel = { width: 240, height: 150 };
const margin = { left: 46, top: 30, right: 14, bottom: 40 };
const perRow = 4;
/** Room for two lines of title. */
const titleHeight = 42;
const widthMin = 520;
/** Where the time axis may end: the first by which hardly any publish has more to reach. */
const axisEndsMs = [2_000, 5_000, 10_000] as const;
/** What 95% of the publishes have reached at least: the lower edge of the band. */
const low = 0.05;
const high = 0.95;
const style = `text { font: 11px sans-serif; fill: #333 } .axis { stroke: #999; fill: none } .grid { stroke: #e4e4e4 } .band { fill: #9ec5e8; opacity: .6 } .line { stroke: #14578f; stroke-width: 1.6; fill: none }`;

export const plot = (title: string, outcomes: readonly Outcome[]): string => {
  const panels = outcomes.flatMap(({ label, plan, runs }) =>
    plan.phases.flatMap(({ name }) => {
      const publishes = publishesOf(runs, name);
      return publishes.length === 0 ? [] : [{ name: [label, name].filter(Boolean).join(', '), publishes }];
    }),
  );
  const endMs = axisEndsMs.find((ms) => panels.every(({ publishes }) => edge(publishes, ms) === edge(publishes, axisEndsMs[2]))) ?? axisEndsMs[2];
  const columns = Math.max(1, Math.min(perRow, panels.length));
  const cell = { width: margin.left + panel.width + margin.right, height: margin.top + panel.height + margin.bottom };
  const size = { width: Math.max(widthMin, columns * cell.width), height: titleHeight + Math.max(1, Math.ceil(panels.length / columns)) * cell.height };
  const drawn = panels.map(({ name, publishes }, index) => {
    const x = (index % columns) * cell.width + margin.left;
    const y = titleHeight + Math.floor(index / columns) * cell.height + margin.top;
    return `<g transform="translate(${x} ${y})">\n${drawPanel(name, publishes, endMs)}\n</g>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" width="${size.width}" height="${size.height}">`,
    `<style>${style}</style>`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    `<text x="${margin.left}" y="18" font-weight="bold">${escaped(title)}</text>`,
    `<text x="${margin.left}" y="34">share of subscribers reached; line: median publish, band: 5th to 95th percentile</text>`,
    ...drawn,
    '</svg>\n',
  ].join('\n');
};

/** The lower edge of the band at a time. */
const edge = (publishes: readonly PublishResult[], ms: number): number => quantile(publishes.map(({ curve }) => curve[curveTimesMs.indexOf(ms)] ?? 0), low);

const drawPanel = (name: string, publishes: readonly PublishResult[], endMs: number): string => {
  const times = curveTimesMs.filter((ms) => ms <= endMs);
  const xOf = (ms: number): string => ((ms / endMs) * panel.width).toFixed(1);
  const across = (share: number): readonly number[] => times.map((_, at) => quantile(publishes.map(({ curve }) => curve[at] ?? 0), share));
  const [least, middle, most] = [across(low), across(0.5), across(high)];
  const point = (value: number, at: number): string => `${xOf(times[at] ?? 0)},${yOf(value)}`;
  const band = [...most.map(point), ...least.map(point).toReversed()].join(' ');
  const seconds = Array.from({ length: endMs / 1000 + 1 }, (_, second) => second);
  return [
    ...[0, 0.5, 1].map((share) => `<line class="grid" x1="0" x2="${panel.width}" y1="${yOf(share)}" y2="${yOf(share)}"/><text x="-6" y="${yOf(share)}" dy="4" text-anchor="end">${100 * share}%</text>`),
    ...seconds.map((second) => `<text x="${xOf(1000 * second)}" y="${panel.height + 15}" text-anchor="middle">${second}</text>`),
    `<polygon class="band" points="${band}"/>`,
    `<polyline class="line" points="${middle.map(point).join(' ')}"/>`,
    `<path class="axis" d="M0 0V${panel.height}H${panel.width}"/>`,
    `<text x="0" y="-8">${escaped(name)}, ${publishes.length} publishes</text>`,
    `<text x="${panel.width}" y="${panel.height + 30}" text-anchor="end">seconds after the publish</text>`,
  ].join('\n');
};

const yOf = (share: number): string => ((1 - share) * panel.height).toFixed(1);
const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
