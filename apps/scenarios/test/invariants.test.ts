/** Every scenario is held to the invariants of the simulator: one peer of its own that breaks one ends the run. */
import { instant, makeAddress } from '@srp/machine';
import { type PeerInput, type PeerOutput, PeerProtocol } from '@srp/peer/protocol';
import { type Invariant, type MachineMaker, type PeerMachine, SimError } from '@srp/sim';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Experiment } from '../dist/experiment/experiment.js';
import { hastened } from '../dist/experiment/plan.js';
import type { Variant } from '../dist/scenario.js';
import { scenarios } from '../dist/scenarios.js';

const test = suite('invariants');
/** The scenario as `--tiny` runs it. */
const tiny = (name: string): readonly Variant[] => {
  const scenario = scenarios.find((one) => one.name === name)!;
  return scenario.variants({ ...scenario.mix, nodes: 8 }).map((variant) => ({ ...variant, plan: hastened(variant.plan, 10) }));
};

/** The first peer for which `applies` puts its outputs through `change`, and no other. */
const oneBreaks = (applies: (output: PeerOutput, among: readonly PeerOutput[], input: PeerInput) => boolean, change: (output: never) => readonly PeerOutput[]): MachineMaker => {
  let broken: PeerMachine | null = null;
  return (options) => {
    const machine = new PeerProtocol(options);
    const handle = machine.handle.bind(machine);
    machine.handle = (now, input) => {
      const outputs = handle(now, input);
      return outputs.flatMap((output) => (applies(output, outputs, input) && (broken ??= machine) === machine ? change(output as never) : [output]));
    };
    return machine;
  };
};

const breaks = (invariant: Invariant, variant: Variant, machine: MachineMaker): void => {
  assert.throws(() => new Experiment({ ...variant, seed: 3, machine }).run(), (error: unknown) => {
    assert.instance(error, SimError, String(error));
    assert.is((error as SimError).invariant, invariant);
    assert.match((error as SimError).message, /Seed 3\n/);
    return true;
  });
};

type Of<Kind extends PeerOutput['kind']> = Extract<PeerOutput, { kind: Kind }>;
const isTransmit = ({ kind }: PeerOutput): boolean => kind === 'transmit';
const isArrival = (output: PeerOutput): boolean => output.kind === 'delivered' && output.how === 'arrived';
const isKeptAndShown = ({ kind }: PeerOutput, among: readonly PeerOutput[]): boolean => kind === 'put' && among.some(isArrival);
const twice = (output: PeerOutput): readonly PeerOutput[] => [output, output];
const withByte = (at: number, value: (before: number) => number) => (output: Of<'put'>): readonly PeerOutput[] => {
  const bytes = output.record.bytes.slice();
  bytes[at] = value(bytes[at]!);
  return [{ ...output, record: { ...output.record, bytes } }];
};

const spinning: MachineMaker = (options) => Object.assign(new PeerProtocol(options), { deadline: () => instant(0) });
const overfull: MachineMaker = (options) => Object.assign(new PeerProtocol(options), { bounds: () => [{ name: 'letters', size: 10, max: 9 }] });
const throwing = (): never => {
  throw new TypeError('I did not expect that');
};
const oversized = (): MachineMaker => oneBreaks(isTransmit, (output: Of<'transmit'>) => [{ ...output, bytes: new Uint8Array(1_233) }]);

const mutations: readonly (readonly [Invariant, MachineMaker])[] = [
  ['datagram-size', oversized()],
  ['address-told', oneBreaks(isTransmit, (output: Of<'transmit'>) => [output, { ...output, to: makeAddress('203.0.113.9', 4_000)! }])],
  ['delivered-once', oneBreaks(isArrival, twice)],
  ['delivered-true', oneBreaks(isArrival, (output: Of<'delivered'>) => [{ ...output, delivery: { ...output.delivery, payload: new Uint8Array(256) } }])],
  ['delivered-signed', oneBreaks(isKeptAndShown, withByte(100, (before) => before ^ 1))],
  ['postage-falls', oneBreaks(isKeptAndShown, withByte(1, () => 16))],
  ['within-bounds', overfull],
  ['never-throws', oneBreaks(isTransmit, throwing)],
  ['never-spins', spinning],
];

test('a run of peers as they are breaks none', () => {
  for (const variant of tiny('loss')) new Experiment({ ...variant, seed: 3 }).run();
});

for (const [invariant, machine] of mutations) {
  test(`a peer that breaks ${invariant} ends the run`, () => breaks(invariant, tiny('loss')[0]!, machine));
}

test('in every scenario', () => {
  for (const { name } of scenarios) {
    for (const variant of tiny(name)) breaks('datagram-size', variant, oversized());
  }
});

test('the command line tells seed and moment, the command that runs it again, and fails', () => {
  const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));
  const fixture = new URL('fixtures/delivers-twice.mjs', import.meta.url).href;
  const env = { ...process.env, NODE_OPTIONS: `--import ${fixture}` };
  const { status, stderr } = spawnSync(process.execPath, [main, 'flash', '--tiny', '--seed', '3', '--hard', '0.5'], { encoding: 'utf8', env });
  assert.is(status, 1, stderr);
  assert.match(stderr, /flash \(tiny, hard 0\.5\), seed 3: sub-\S+ delivers [0-9a-f]+ to its app a second time, \d+\.\d+ ms after the start\./);
  assert.match(stderr, /Seed 3\n {2}Before that:\n/);
  assert.match(stderr, /Again with\n {2}npm run sim -- flash --hard 0\.5 --tiny --seed 3\n/);
});

test.run();
