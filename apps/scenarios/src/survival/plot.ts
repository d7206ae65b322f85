/** Survival as an SVG: the share of packets that somebody holds, and how many hold one, against time; one colour for each policy. */
import type { Figures } from './report.js';

const panel = { width: 330, height: 170 };
const margin = { left: 56, top: 34, right: 18, bottom: 42 };
const titleHeight = 44;
const colours = ['#14578f', '#b3541e', '#4b7f3a'];
const style = 'text { font: 11px sans-serif; fill: #333 } .axis { stroke: #999; fill: none } .grid { stroke: #e4e4e4 } .line { stroke-width: 1.6; fill: none } .thin { stroke-dasharray: 4 3 }';

export type Drawn = Pick<Figures, 'policy' | 'curve' | 'found' | 'packets'>;

export const plotSurvival = (title: string, all: readonly Drawn[]): string => {
  const hours = Math.max(...all.flatMap(({ curve }) => curve.hours));
  const copies = Math.max(1, ...all.flatMap(({ curve }) => curve.copies));
  const cell = { width: margin.left + panel.width + margin.right, height: margin.top + panel.height + margin.bottom };
  const size = { width: 2 * cell.width, height: titleHeight + cell.height + 18 * all.length };
  const shares = all.flatMap(({ curve }, index) => [line(curve.hours, curve.alive, hours, 1, index), line(curve.hours, curve.online, hours, 1, index, ' thin')]);
  const counts = all.map(({ curve }, index) => line(curve.hours, curve.copies, hours, copies, index));
  const legend = all.map(({ policy, packets, found }, index) => {
    const y = titleHeight + cell.height + 18 * index;
    return `<path class="line" stroke="${colours[index % colours.length] ?? ''}" d="M${margin.left} ${y - 4}h24"/><text x="${margin.left + 32}" y="${y}">${escaped(policy)}: ${packets} packets, ${(100 * found).toFixed(1)}% found by a reader who returned at the end</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" width="${size.width}" height="${size.height}">`,
    `<style>${style}</style>`,
    '<rect width="100%" height="100%" fill="#fff"/>',
    `<text x="${margin.left}" y="18" font-weight="bold">${escaped(title)}</text>`,
    panelAt(0, 'packets that somebody holds (dashed: somebody who is up)', [[0, '0%'], [0.5, '50%'], [1, '100%']], hours, shares),
    panelAt(cell.width, 'peers that hold a packet, up or down, in the mean', [0, 0.5, 1].map((share) => [share, (share * copies).toFixed(0)]), hours, counts),
    ...legend,
    '</svg>\n',
  ].join('\n');
};

const panelAt = (x: number, name: string, marks: readonly (readonly [number, string])[], hours: number, lines: readonly string[]): string =>
  [
    `<g transform="translate(${x + margin.left} ${titleHeight + margin.top})">`,
    `<text x="0" y="-10">${escaped(name)}</text>`,
    ...marks.map(([share, text]) => `<line class="grid" x1="0" x2="${panel.width}" y1="${yOf(share)}" y2="${yOf(share)}"/><text x="-6" y="${yOf(share)}" dy="4" text-anchor="end">${text}</text>`),
    ...[0, 0.25, 0.5, 0.75, 1].map((share) => `<text x="${(share * panel.width).toFixed(1)}" y="${panel.height + 15}" text-anchor="middle">${Number((share * hours).toFixed(2))}</text>`),
    ...lines,
    `<path class="axis" d="M0 0V${panel.height}H${panel.width}"/>`,
    `<text x="${panel.width}" y="${panel.height + 30}" text-anchor="end">hours after the publish</text>`,
    '</g>',
  ].join('\n');

const line = (hours: readonly number[], values: readonly number[], hoursMax: number, valueMax: number, index: number, extra = ''): string => {
  const points = values.map((value, at) => `${(((hours[at] ?? 0) / hoursMax) * panel.width).toFixed(1)},${yOf(value / valueMax)}`);
  return `<polyline class="line${extra}" stroke="${colours[index % colours.length] ?? ''}" points="${points.join(' ')}"/>`;
};

const yOf = (share: number): string => ((1 - share) * panel.height).toFixed(1);
const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
