/** npm run sim -- pairs: docs/guides/scenarios.md, "pairs". */
import { parse, whole, Wrong } from '../options.js';
import { quantile, rounded } from '../report/summary.js';
import { allPairs, expectedShare, guessesMax, kinds, meet, openedMax, type Meeting, type Pair } from './meet.js';

const flags = {
  pairs: { type: 'string', default: 'all' },
  seed: { type: 'string', default: '1' },
  seeds: { type: 'string', default: '20' },
  json: { type: 'boolean', default: false },
  check: { type: 'boolean', default: false },
} as const;

/** How far the share of direct paths may be from what the mathematics allow. */
const toleranceShare = 0.01;

export interface Figures {
  readonly a: string;
  readonly b: string;
  readonly runs: number;
  /** Runs with a session, and with a direct path. */
  readonly sessions: number;
  readonly direct: number;
  readonly expected: number;
  readonly sessionMs: number;
  readonly directMs: number;
  /** The most in any run. */
  readonly guesses: number;
  readonly opened: number;
}

/** Answers the exit code. Throws `Wrong` for a command line that cannot be meant. */
export const pairs = (args: readonly string[]): number => {
  const { values } = parse(args, flags);
  const first = whole('seed', values.seed, 0);
  const seeds = Array.from({ length: whole('seeds', values.seeds, 1) }, (_, i) => first + i);
  const all = pairsOf(values.pairs).map((pair) => {
    const figures = figuresOf(pair, seeds.map((seed) => meet(seed, pair)));
    (values.json ? console.error : console.log)(told(figures));
    return figures;
  });
  if (values.json) console.log(JSON.stringify({ scenario: 'pairs', seeds: seeds.length, pairs: all }));
  return values.check && !all.every(isAsItShould) ? 1 : 0;
};

export const figuresOf = (pair: Pair, runs: readonly Meeting[]): Figures => {
  const sessions = runs.flatMap(({ sessionMs }) => sessionMs ?? []);
  const direct = runs.flatMap(({ directMs }) => directMs ?? []);
  const median = (times: readonly number[]): number => (times.length === 0 ? 0 : rounded(quantile(times, 0.5), 0));
  return {
    a: pair[0].name,
    b: pair[1].name,
    runs: runs.length,
    sessions: sessions.length,
    direct: direct.length,
    expected: expectedShare(pair),
    sessionMs: median(sessions),
    directMs: median(direct),
    guesses: Math.max(...runs.map(({ guesses }) => guesses)),
    opened: Math.max(...runs.map(({ opened }) => opened)),
  };
};

/** Few runs scatter: three standard deviations of so many are allowed besides. */
export const isAsItShould = ({ runs, sessions, direct, expected, guesses, opened }: Figures): boolean =>
  sessions === runs && Math.abs(direct / runs - expected) <= toleranceShare + 3 * Math.sqrt((expected * (1 - expected)) / runs) && guesses <= guessesMax && opened <= openedMax;

const told = (figures: Figures): string => {
  const { a, b, runs, sessions, direct, expected, sessionMs, directMs, guesses, opened } = figures;
  const paths = `direct ${direct} of ${runs}, ${(100 * expected).toFixed(2)} % expected`;
  return `${isAsItShould(figures) ? ' ' : '!'} ${a}:${b}  session ${sessions}, p50 ${sessionMs} ms; ${paths}, p50 ${directMs} ms; at most ${guesses} guesses, ${opened} opened`;
};

const pairsOf = (text: string): readonly Pair[] => {
  if (text === 'all') return allPairs;
  return text.split(',').map((pair) => {
    const [one, other, ...more] = pair.split(':').map((name) => kinds.find((kind) => kind.name === name));
    if (one === undefined || other === undefined || more.length > 0) throw new Wrong(`--pairs must be all or A:B of ${kinds.map(({ name }) => name).join(', ')}, got ${pair}`);
    return [one, other];
  });
};
