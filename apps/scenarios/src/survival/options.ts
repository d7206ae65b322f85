/** What the command line says of survival. */
import { availableParallelism } from 'node:os';
import { parse, share, whole, Wrong } from '../options.js';
import { lifeFor, policies, survivalWorld, type World } from './world.js';

export const help = `usage: npm run sim -- survival [options]

  --nodes N          ordinary peers, up or down (1024)
  --hours H          from a publish to the return of its reader (24); more than 24 make the packets live a week
  --policy P         keepers; seed, the rule this protocol began with; or none, nobody keeps anything for others (keepers)
  --packets K        packets of each seed (20)
  --seeds K          so many seeds, one run each (5)
  --seed S           the first of them (1)
  --json             the figures as one line of JSON, the last on stdout
  --check            exit code 1 if a target is missed
  --svg FILE         draw who holds what against time
  --beside FILE      draw those of another run's line of JSON too
  --trace ID         tell the life of the packet whose id begins so, with the first seed
  --jobs J           runs at a time (as many as there are cores)
  --tiny             24 peers, 2 packets, half an hour and one seed: shows that it runs, and nothing else

Another world than the scenario's own, which changes the name that is printed:
  --on H, --off H    mean length of a session, and of the time between two, hours (2 and 4)
  --open X           share of peers with a public address, which alone are keepers where there are eight (0.15)
  --hard X           of the others, the share behind hard NATs (0.3)
  --introducers N    introducers, which are public and keep nothing (one for 256 nodes, 4 at least)
  --visitors N       so many more public peers at any time, each up for two minutes in the mean and never again (0)
  --liars N          so many more public peers, always up, which take what they are given to keep, say that they have it, and have nothing (0)
  --loss X           share of datagrams that are lost (0.02)
  --blind X          share of peers that each lookup cannot see (0.1)
  --cache C          disk, or ram: what a peer kept is gone when its session ends (disk)

What it is exactly and how to read the figures: docs/guides/scenarios.md`;

/** What `--tiny` makes of it. */
const tiny = { nodes: 24, packets: 2, hours: 0.5, onHours: 1, offHours: 0.5, open: 0.5, warmUpMs: 1_200_000 };

export interface SurvivalOptions {
  readonly world: World;
  readonly seeds: readonly number[];
  /** `survival`, and in what it departs from its definition. Nodes, hours and policy are told beside it. */
  readonly title: string;
  readonly isJson: boolean;
  readonly isCheck: boolean;
  readonly svg: string | null;
  readonly beside: string | null;
  readonly trace: string | null;
  readonly jobs: number;
  /** The command that runs one seed again. */
  readonly replay: (seed: number) => string;
}

const flags = {
  nodes: { type: 'string' },
  hours: { type: 'string' },
  policy: { type: 'string' },
  packets: { type: 'string' },
  on: { type: 'string' },
  off: { type: 'string' },
  open: { type: 'string' },
  hard: { type: 'string' },
  introducers: { type: 'string' },
  visitors: { type: 'string' },
  liars: { type: 'string' },
  loss: { type: 'string' },
  blind: { type: 'string' },
  cache: { type: 'string' },
  seeds: { type: 'string' },
  seed: { type: 'string', default: '1' },
  json: { type: 'boolean', default: false },
  check: { type: 'boolean', default: false },
  svg: { type: 'string' },
  beside: { type: 'string' },
  trace: { type: 'string' },
  jobs: { type: 'string', default: String(availableParallelism()) },
  tiny: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** What changes the world, and so stands in the command that runs a seed again. */
const ofWorld = ['nodes', 'hours', 'policy', 'packets', 'on', 'off', 'open', 'hard', 'introducers', 'visitors', 'liars', 'loss', 'blind', 'cache'] as const;

const seedsDefault = 5;

/** Options, or `null` if help is asked for. `args` without the scenario's name. Throws {@link Wrong}. */
export const readSurvival = (args: readonly string[]): SurvivalOptions | null => {
  const { values, positionals } = parse(args, flags);
  if (positionals.length > 0) throw new Wrong(`survival takes options alone, got ${positionals.join(' ')}`);
  if (values.help) return null;
  const own: World = values.tiny ? { ...survivalWorld, ...tiny } : survivalWorld;
  const read = <Value>(flag: (typeof ofWorld)[number], of: (name: string, text: string) => Value, absent: Value): Value => (values[flag] === undefined ? absent : of(flag, values[flag]));
  const hours = read('hours', positive, own.hours);
  const world: World = {
    ...own,
    nodes: read('nodes', (name, text) => whole(name, text, 2), own.nodes),
    packets: read('packets', (name, text) => whole(name, text, 1), own.packets),
    hours,
    life: lifeFor(hours),
    policy: read('policy', oneOf(policies), own.policy),
    onHours: read('on', positive, own.onHours),
    offHours: read('off', positive, own.offHours),
    open: read('open', share, own.open),
    hard: read('hard', share, own.hard),
    introducers: read('introducers', (name, text) => whole(name, text, 1), own.introducers),
    visitors: read('visitors', (name, text) => whole(name, text, 0), own.visitors),
    liars: read('liars', (name, text) => whole(name, text, 0), own.liars),
    loss: read('loss', share, own.loss),
    blind: read('blind', share, own.blind),
    cache: read('cache', oneOf(['disk', 'ram'] as const), own.cache),
  };
  if (hours > hoursMax) throw new Wrong(`--hours must be at most ${hoursMax}, the longest life of a packet, got ${hours}`);
  if (world.nodes <= 2 * world.packets) throw new Wrong(`--nodes must be more than an author and a reader for each packet, ${2 * world.packets}, got ${world.nodes}`);
  const first = whole('seed', values.seed, 0);
  const count = values.seeds === undefined ? (values.tiny || values.trace !== undefined ? 1 : seedsDefault) : whole('seeds', values.seeds, 1);
  const kept = [...ofWorld.flatMap((flag) => (values[flag] === undefined ? [] : [`--${flag} ${values[flag]}`])), ...(values.tiny ? ['--tiny'] : [])];
  return {
    world,
    seeds: Array.from({ length: count }, (_, k) => first + k),
    title: titleOf(world, own, values.tiny),
    isJson: values.json,
    isCheck: values.check,
    svg: values.svg ?? null,
    beside: values.beside ?? null,
    trace: values.trace ?? null,
    jobs: whole('jobs', values.jobs, 1),
    replay: (seed) => ['npm run sim -- survival', ...kept, '--seeds 1', `--seed ${seed}`].join(' '),
  };
};

const hoursMax = 168;

const titleOf = (world: World, own: World, isTiny: boolean): string => {
  const words = isTiny ? ['tiny'] : [];
  for (const name of ['onHours', 'offHours', 'open', 'hard', 'introducers', 'visitors', 'liars', 'loss', 'blind', 'cache'] as const) if (world[name] !== own[name]) words.push(`${name.replace('Hours', '')} ${world[name]}`);
  return words.length === 0 ? 'survival' : `survival (${words.join(', ')})`;
};

const positive = (name: string, text: string): number => {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value))) throw new Wrong(`--${name} must be a number above 0, got ${text}`);
  return value;
};

const oneOf =
  <Value extends string>(allowed: readonly Value[]) =>
  (name: string, text: string): Value => {
    const found = allowed.find((one) => one === text);
    if (found === undefined) throw new Wrong(`--${name} must be one of ${allowed.join(', ')}, got ${text}`);
    return found;
  };
