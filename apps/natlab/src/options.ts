/** What the command line says. */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { limitSDefault, pairsPerCore } from './constants.js';
import { eventNames } from './lab/topology.js';
import { type KindName, kindNames, kinds, matrixNames } from './lab/kinds.js';
import type { Conditions, Pair } from './lab/pair.js';

export const help = `usage: npm run natlab -- [options]

  --pairs WHICH      all (default): the 28 pairs of the matrix; easy: the 15 of them whose mappings do not depend on the destination;
                     special: beside the matrix; shapes: what networks do besides, each with a path that --check expects; or A:B,C:D
  --runs K           so many runs of each pair (1)
  --loss X           share of datagrams that are lost, each way (0)
  --lifetime S       a mapping lives so many seconds (the kernel's own 30, and 120 after an answer)
  --no-multicast     peers on one LAN do not find each other by multicast
  --limit S          so long a pair has to get direct (${limitSDefault})
  --idle S           then be silent so long, speak again, and time that too
  --move             then give the first peer's host other addresses, speak again, and time that too
  --renumber         the same with the public address of its NAT alone
  --reboot           the same, but its NAT forgets all mappings and gives other ports
  --jobs J           pairs at a time (${pairsPerCore} for each core)
  --json             the matrix as one line of JSON, the only one on stdout
  --check            exit code 1 if a run did not deliver in both directions, or went another way than it should
  --inside COMMAND   make the network of the first pair, run a shell command on the first peer's host, and end with its exit code;
                     $SRP_INTRODUCERS names the helpers, and $SRP_OTHER runs what follows on the second peer's host
  --prove            prove that the boxes are what they are named, and stop
  --unproved         do not prove it first
  --show             print the script that makes the network of the first pair, and stop
  --required         not being able to run here is a failure, as with SRP_NATLAB=required

${kindNames.map((name) => `  ${name.padEnd(18)} ${kinds[name].about}`).join('\n')}

What it measures and how to read it: docs/guides/natlab.md`;

/** The command line cannot be meant. */
export class Wrong extends Error {}

export interface Options extends Conditions {
  readonly pairs: readonly Pair[];
  readonly runCount: number;
  readonly jobs: number;
  readonly isJson: boolean;
  readonly isCheck: boolean;
  readonly isRequired: boolean;
  /** What is done: everything, only the proof or only the pairs, or no more than printing the script. */
  readonly part: 'all' | 'proof' | 'pairs' | 'script' | 'inside';
  /** What to run on the first peer's host instead. */
  readonly command: string | null;
}

const flags = {
  pairs: { type: 'string', default: 'all' },
  runs: { type: 'string', default: '1' },
  loss: { type: 'string', default: '0' },
  lifetime: { type: 'string' },
  limit: { type: 'string', default: String(limitSDefault) },
  idle: { type: 'string' },
  move: { type: 'boolean', default: false },
  renumber: { type: 'boolean', default: false },
  reboot: { type: 'boolean', default: false },
  'no-multicast': { type: 'boolean', default: false },
  jobs: { type: 'string', default: String(availableParallelism() * pairsPerCore) },
  json: { type: 'boolean', default: false },
  check: { type: 'boolean', default: false },
  inside: { type: 'string' },
  prove: { type: 'boolean', default: false },
  unproved: { type: 'boolean', default: false },
  show: { type: 'boolean', default: false },
  required: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** Options, or `null` if help is asked for. Throws {@link Wrong}. */
export const readOptions = (args: readonly string[], environment: Readonly<Record<string, string | undefined>> = process.env): Options | null => {
  const values = parse(args);
  if (values.help) return null;
  return {
    pairs: pairsOf(values.pairs),
    runCount: number('runs', values.runs, 1, 10_000),
    loss: number('loss', values.loss, 0, 0.9, 'a share'),
    lifetimeS: values.lifetime === undefined ? null : number('lifetime', values.lifetime, 1, 3600),
    limitS: number('limit', values.limit, 1, 600),
    idleS: values.idle === undefined ? null : number('idle', values.idle, 1, 3600),
    event: eventNames.find((name) => values[name]) ?? null,
    hasMulticast: !values['no-multicast'],
    jobs: number('jobs', values.jobs, 1, 64),
    isJson: values.json,
    isCheck: values.check,
    isRequired: values.required || environment['SRP_NATLAB'] === 'required',
    command: values.inside ?? null,
    part: values.inside !== undefined ? 'inside' : values.show ? 'script' : values.prove ? 'proof' : values.unproved ? 'pairs' : 'all',
  };
};

const parse = (args: readonly string[]) => {
  try {
    return parseArgs({ args: [...args], options: flags }).values;
  } catch (error) {
    throw new Wrong(error instanceof Error ? error.message : String(error));
  }
};

const number = (name: string, text: string, min: number, max: number, what: 'a whole number' | 'a share' = 'a whole number'): number => {
  const value = Number(text);
  const isKind = what === 'a share' || Number.isInteger(value);
  if (text.trim() === '' || !isKind || !(value >= min && value <= max)) throw new Wrong(`--${name} must be ${what} ${min}..${max}, got ${text}`);
  return value;
};

const pairsOf = (text: string): readonly Pair[] => {
  switch (text) {
    case 'all':
      return pairsAmong(matrixNames);
    case 'easy':
      return pairsAmong(matrixNames.filter((name) => kinds[name].natures[4]?.mapping === 'independent'));
    case 'special':
      return specialPairs;
    case 'shapes':
      return shapes;
    default:
      return text.split(',').map(pairOf);
  }
};

const pairsAmong = (names: readonly KindName[]): readonly Pair[] => names.flatMap((a, k) => names.slice(k).map((b) => ({ a, b })));

const specialPairs: readonly Pair[] = [
  { a: 'three-nats', b: 'three-nats' },
  { a: 'mapped', b: 'symmetric' },
  { a: 'one-nat', b: 'one-nat' },
  { a: 'one-nat-hairpin', b: 'one-nat-hairpin' },
  { a: 'dual-stack', b: 'dual-stack' },
  { a: 'dual-stack', b: 'port-restricted' },
  { a: 'ipv6-only', b: 'dual-stack' },
  { a: 'ipv6-only', b: 'port-restricted' },
];

/** What a network does besides being a NAT, and the path that must come of it. */
const shapes: readonly Pair[] = [
  { a: 'three-nats', b: 'three-nats', expected: 'direct' },
  { a: 'three-nats', b: 'port-restricted', expected: 'direct' },
  { a: 'three-nats', b: 'symmetric-block', expected: 'direct', under: { limitS: 30 } },
  { a: 'mapped', b: 'symmetric', expected: 'direct' },
  ...(['one-nat', 'one-nat-hairpin'] as const).map((name): Pair => ({ a: name, b: name, expected: 'direct', under: { hasMulticast: false } })),
  { a: 'ipv6-only', b: 'dual-stack', expected: 'direct' },
  { a: 'ipv6-only', b: 'port-restricted', expected: 'relayed' },
  ...eventNames.map((event): Pair => ({ a: 'port-restricted', b: 'port-restricted', expected: 'direct', under: { event } })),
  { a: 'full-cone', b: 'symmetric', expected: 'direct', under: { event: 'reboot' } },
  { a: 'port-restricted', b: 'port-restricted', expected: 'direct', under: { lifetimeS: 20, idleS: 45 } },
  { a: 'port-restricted', b: 'port-restricted', expected: 'direct', under: { loss: 0.2, limitS: 30 } },
];

const pairOf = (text: string): Pair => {
  const [a, b, ...more] = text.split(':').map((name) => kindNames.find((one) => one === name));
  if (a === undefined || b === undefined || more.length > 0) throw new Wrong(`--pairs must be all, easy, special or A:B of ${kindNames.join(', ')}, got ${text}`);
  if (a !== b && (kinds[a].shared ?? kinds[b].shared) !== undefined) throw new Wrong(`--pairs: who shares a box is of one kind, got ${text}`);
  return { a, b };
};
