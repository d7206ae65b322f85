/** What the command line says. */
import { availableParallelism } from 'node:os';
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { departures, type Mix } from './experiment/mix.js';
import { hastened } from './experiment/plan.js';
import type { Scenario, Variant } from './scenario.js';
import { scenarios } from './scenarios.js';

export const help = `usage: npm run sim -- NAME [options]

  --nodes N          ordinary peers online
  --seeds K          so many seeds, one run each (1)
  --seed S           the first of them (1)
  --json             the figures as one line of JSON, the last on stdout
  --check            exit code 1 if a target is missed
  --svg FILE         draw reach against time
  --trace ID         tell the life of the packet whose id begins so, with the first seed
  --tiny             8 peers, and everything ten times faster: shows that it runs, and nothing else
  --jobs J           runs at a time (as many as there are cores)

Another world than the scenario's own, which changes the name that is printed:
  --hard X           share of peers behind hard NATs
  --subscribed X     share of peers that subscribe to the topic
  --loss X           share of datagrams that are lost, each by itself
  --burst X, XxN     share of datagrams that are lost in runs of N of one pair, in the mean (8)
  --latency A..B     one-way latency of each pair, milliseconds

${scenarios.map(({ name, about }) => `  ${name.padEnd(18)} ${about}`).join('\n')}
  survival           packets whose authors are gone, a day later; has options of its own: npm run sim -- survival --help
  pairs              two peers behind two boxes, every pair of kinds; takes --pairs A:B,..., --seed, --seeds, --json, --check
  ladder             a file and messages over nine lines, each worse than the one before; takes --seed, --seeds, --json, --check
  killed             a file between two processes that are killed again and again; takes --mb, --kills, --json
  real               32 processes over UDP beside the simulator; takes --nodes, --seed, --seeds, --tiny, --json, --check

What each is exactly and how to read the figures: docs/guides/scenarios.md`;

/** What `--tiny` makes of a scenario. */
const tinyNodes = 8;
const tinyTimes = 10;

/** How many datagrams are lost in a row, in the mean. */
const burstDefault = 8;

/** The command line cannot be meant. */
export class Wrong extends Error {}

export interface Options {
  readonly scenario: Scenario;
  readonly variants: readonly Variant[];
  readonly nodes: number;
  /** The scenario's name, and in what it departs from its definition. */
  readonly title: string;
  readonly seeds: readonly number[];
  readonly isJson: boolean;
  readonly isCheck: boolean;
  readonly svg: string | null;
  readonly trace: string | null;
  readonly jobs: number;
  /** The command that runs one seed again. */
  readonly replay: (seed: number) => string;
}

const flags = {
  nodes: { type: 'string' },
  seeds: { type: 'string', default: '1' },
  seed: { type: 'string', default: '1' },
  tiny: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  check: { type: 'boolean', default: false },
  svg: { type: 'string' },
  trace: { type: 'string' },
  jobs: { type: 'string', default: String(availableParallelism()) },
  hard: { type: 'string' },
  subscribed: { type: 'string' },
  loss: { type: 'string' },
  burst: { type: 'string' },
  latency: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

/** Options, or `null` if help is asked for. Throws {@link Wrong}. */
export const readOptions = (args: readonly string[]): Options | null => {
  const { values, positionals } = parse(args, flags);
  if (values.help) return null;
  const [name, ...more] = positionals;
  if (name === undefined || more.length > 0) throw new Wrong(`name one scenario, got ${positionals.length}`);
  const scenario = scenarios.find((one) => one.name === name);
  if (scenario === undefined) throw new Wrong(`there is no scenario ${name}`);
  const own: Mix = values.tiny ? { ...scenario.mix, nodes: tinyNodes } : scenario.mix;
  const mix: Mix = {
    ...own,
    ...(values.nodes === undefined ? {} : { nodes: whole('nodes', values.nodes, 2) }),
    ...(values.hard === undefined ? {} : { hard: share('hard', values.hard) }),
    ...(values.subscribed === undefined ? {} : { subscribed: share('subscribed', values.subscribed) }),
    ...losses(values),
    ...(values.latency === undefined ? {} : { latencyMs: range(values.latency) }),
  };
  const differs = [...(values.tiny ? ['tiny'] : []), ...departures(mix, own)];
  const variants = scenario.variants(mix);
  const first = whole('seed', values.seed, 0);
  const kept = (['nodes', 'hard', 'subscribed', 'loss', 'burst', 'latency'] as const).flatMap((flag) => (values[flag] === undefined ? [] : [`--${flag} ${values[flag]}`]));
  if (values.tiny) kept.push('--tiny');
  return {
    scenario,
    variants: values.tiny ? variants.map((variant) => ({ ...variant, plan: hastened(variant.plan, tinyTimes) })) : variants,
    nodes: mix.nodes,
    title: differs.length === 0 ? name : `${name} (${differs.join(', ')})`,
    seeds: Array.from({ length: whole('seeds', values.seeds, 1) }, (_, k) => first + k),
    isJson: values.json,
    isCheck: values.check,
    svg: values.svg ?? null,
    trace: values.trace ?? null,
    jobs: whole('jobs', values.jobs, 1),
    replay: (seed) => ['npm run sim --', name, ...kept, `--seed ${seed}`].join(' '),
  };
};

/** Throws {@link Wrong} for a flag that is not there. */
export const parse = <Flags extends NonNullable<ParseArgsConfig['options']>>(args: readonly string[], options: Flags): ReturnType<typeof parseArgs<{ args: string[]; options: Flags; allowPositionals: true }>> => {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new Wrong(error instanceof Error ? error.message : String(error));
  }
};

export const whole = (name: string, text: string, min: number): number => {
  const value = Number(text);
  if (text.trim() === '' || !Number.isSafeInteger(value) || value < min) throw new Wrong(`--${name} must be a whole number of at least ${min}, got ${text}`);
  return value;
};

export const share = (name: string, text: string): number => {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 1)) throw new Wrong(`--${name} must be a share 0..1, got ${text}`);
  return value;
};

/** `--loss` or `--burst`. */
const losses = ({ loss, burst }: { readonly loss?: string | undefined; readonly burst?: string | undefined }): Partial<Mix> => {
  if (burst === undefined) return loss === undefined ? {} : { loss: share('loss', loss), burst: 0 };
  if (loss !== undefined) throw new Wrong('--loss and --burst both say how much is lost: give one of them');
  const [part = '', runs = String(burstDefault), ...rest] = burst.split('x');
  if (rest.length > 0) throw new Wrong(`--burst must be a share or a share x a length, got ${burst}`);
  const lost = { loss: share('burst', part), burst: whole('burst', runs, 1) };
  if (lost.burst * (1 - lost.loss) < lost.loss) throw new Wrong(`--burst must have runs of at least share / (1 - share), got ${burst}`);
  return lost;
};

const range = (text: string): readonly [number, number] => {
  const [from = NaN, to = from] = text.split('..').map(Number);
  if (!(from >= 0 && to >= from && Number.isFinite(to))) throw new Wrong(`--latency must be milliseconds A..B, got ${text}`);
  return [from, to];
};
