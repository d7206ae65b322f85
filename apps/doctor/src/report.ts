/** The diagnosis as a person reads it, and as a program does. */
import type { Findings } from './examine.js';
import type { Check, Diagnosis, PairVerdict, State } from './judge.js';

const marks: Readonly<Record<State, string>> = { good: 'ok', fair: 'so-so', bad: 'BAD', unknown: '?' };
const others: Readonly<Record<PairVerdict['with'], string>> = {
  open: 'peers that everybody reaches',
  cone: 'peers behind a NAT with one port for all, as most home routers',
  symmetric: 'peers behind a NAT with a port for each destination, as many mobile networks',
};
const paths: Readonly<Record<PairVerdict['path'], string>> = {
  direct: 'directly',
  either: 'through a relay at first, and directly after some seconds of guessing ports, as a rule',
  relayed: 'through a relay',
  unknown: 'not known',
  none: 'not at all',
};

export const textOf = ({ summary, checks, pairs, kind }: Diagnosis, { tookMs }: Findings): string => {
  const width = Math.max(...checks.map(({ name }) => name.length));
  const lineOf = ({ name, state, says, advice }: Check): string =>
    [`  ${name.padEnd(width)}  ${marks[state].padEnd(5)}  ${says}`, ...(advice === null ? [] : [`  ${' '.repeat(width + 9)}→ ${advice}`])].join('\n');
  const meets = kind === 'unknown' || kind === 'none' ? [] : ['', 'It meets', ...pairs.map((pair) => `  ${others[pair.with]}: ${paths[pair.path]}`)];
  return [summary, '', ...checks.map(lineOf), ...meets, '', `Looked for ${(tookMs / 1000).toFixed(1)} s.`].join('\n');
};

/** One line. */
export const jsonOf = ({ isWell, kind, summary, checks, pairs }: Diagnosis, { network, tookMs }: Findings): string =>
  JSON.stringify({ ok: isWell, kind, summary, checks, pairs, network, seconds: Math.round(tookMs / 100) / 10 });
