/** npm run sim -- ladder: docs/guides/scenarios.md, "ladder". */
import { parse, whole } from '../options.js';
import { table } from '../report/table.js';
import { type Climb, climb, fileBytes, hasArrived, messagesPerClimb, steps } from './climb.js';

const flags = {
  seed: { type: 'string', default: '1' },
  seeds: { type: 'string', default: '3' },
  json: { type: 'boolean', default: false },
  check: { type: 'boolean', default: false },
} as const;

/** Answers the exit code. Throws `Wrong` for a command line that cannot be meant. */
export const ladder = (args: readonly string[]): number => {
  const { values } = parse(args, flags);
  const first = whole('seed', values.seed, 0);
  const seeds = Array.from({ length: whole('seeds', values.seeds, 1) }, (_, i) => first + i);
  const climbs = steps.flatMap((_, step) => seeds.map((seed) => climb(step, seed)));
  (values.json ? console.error : console.log)(told(climbs));
  if (values.json) console.log(JSON.stringify({ scenario: 'ladder', seeds: seeds.length, steps: steps.map((step, k) => ({ ...step, runs: climbs.filter((one) => one.step === k + 1) })) }));
  return values.check && !climbs.every(hasArrived) ? 1 : 0;
};

const told = (climbs: readonly Climb[]): string =>
  table(
    ['step', 'line', 'met', 'file whole', 'of the line', 'messages', 'slowest'],
    steps.map(({ bitsPerSecond, latencyMs, loss, burst }, k) => {
      const runs = climbs.filter(({ step }) => step === k + 1);
      const times = runs.flatMap(({ fileMs }) => fileMs ?? []);
      const seconds = (values: readonly (number | null)[]): string => range(values.map((ms) => (ms === null ? 'never' : (ms / 1000).toFixed(1))), 's');
      const messages = runs.flatMap(({ messageMs }) => messageMs);
      return [
        String(k + 1),
        `${bitsPerSecond / 1_000_000} Mbit/s, ${latencyMs} ms, ${100 * loss} %${burst === 0 ? '' : ` in ${burst}`}`,
        seconds(runs.map(({ metMs }) => metMs)),
        `${runs.filter(({ isWhole }) => isWhole).length} of ${runs.length}, ${seconds(runs.map(({ fileMs }) => fileMs))}`,
        range(times.map((ms) => ((100 * 8000 * fileBytes) / ms / bitsPerSecond).toFixed(0)), '%'),
        `${messages.length} of ${messagesPerClimb * runs.length}`,
        messages.length === 0 ? '-' : `${(Math.max(...messages) / 1000).toFixed(1)} s`,
      ];
    }),
  );

const range = (values: readonly string[], unit: string): string => {
  const sorted = [...values].sort((a, b) => Number(a) - Number(b));
  if (sorted.length === 0) return '-';
  return sorted[0] === sorted.at(-1) ? `${sorted[0]} ${unit}` : `${sorted[0]}..${sorted.at(-1)} ${unit}`;
};
