/** The lab itself, in the room that main.ts made: it proves the boxes, runs the pairs, several at a time, and reports. */
import { availableParallelism, loadavg } from 'node:os';
import { familiesOf, type Family, type KindName, kindNames, kinds } from './lab/kinds.js';
import { type PairRun, runInside, runPair } from './lab/pair.js';
import { type Proof, prove } from './lab/proof.js';
import { circumstances, jsonOf, nameOf, proofsOf, tablesOf } from './lab/report.js';
import { forAll, Gate } from './lab/turns.js';
import { type Options, readOptions } from './options.js';

/** On a busy machine an answer may come too late; a box that is wrong is wrong again. */
const proveTwice = async ({ name, family }: { readonly name: KindName; readonly family: Family }): Promise<Proof> => {
  const proof = await prove(name, family);
  return proof.faults.length === 0 ? proof : await prove(name, family);
};

/** False if a box is not what it is named: then nothing that ran on it would mean anything. */
const proveAll = async ({ pairs, jobs, part, isJson }: Options): Promise<boolean> => {
  const used = part === 'proof' ? kindNames : [...new Set(pairs.flatMap(({ a, b }) => [a, b]))];
  const boxes = used.flatMap((name) => familiesOf(kinds[name]).map((family) => ({ name, family })));
  const proofs = await forAll(boxes, jobs, proveTwice);
  console.error(`What the kernel's boxes proved to be:\n\n${proofsOf(proofs)}\n`);
  if (part === 'proof' && isJson) console.log(JSON.stringify({ proofs }));
  return proofs.every(({ faults }) => faults.length === 0);
};

const runAll = async (options: Options): Promise<boolean> => {
  const todo = Array.from({ length: options.runCount }, () => options.pairs).flat();
  const busy = new Gate(Math.max(1, Math.floor(availableParallelism() / 2)));
  let doneCount = 0;
  const runs = await forAll(todo, options.jobs, async (pair) => {
    const run = await runPair(pair, options, busy);
    console.error(`[${++doneCount}/${todo.length}] ${nameOf(pair)} ${toldOf(run)}`);
    return run;
  });
  const sorted = [...runs.keys()].sort((one, other) => (one % options.pairs.length) - (other % options.pairs.length)).flatMap((k) => runs[k] ?? []);
  const about = circumstances(options.loss, availableParallelism(), loadavg()[0] ?? 0);
  console.log(options.isJson ? jsonOf(sorted) : `\n${tablesOf(sorted)}\n\n${about}`);
  return !options.isCheck || runs.every(isAsExpected);
};

/** Delivered both ways, by the right path, and again after what happened then. */
const isAsExpected = ({ isDelivered, path, expected, isHeardAgain }: PairRun): boolean => isDelivered && path === (expected ?? path) && isHeardAgain !== false;

const toldOf = ({ path, ms, packets, againMs }: PairRun): string =>
  `${path}${ms === null ? '' : `, heard in ${Math.round(ms)} ms`}, ${packets} packets${againMs === null ? '' : `, again in ${Math.round(againMs)} ms`}`;

process.on('disconnect', () => process.exit(1)); // the door is gone
const options = readOptions(process.argv.slice(2));
if (options === null) throw new Error('The door answers --help');
const [firstPair] = options.pairs;
if (options.command !== null && firstPair !== undefined) process.exit(await runInside(firstPair, options, options.command));
const isProved = options.part === 'pairs' || (await proveAll(options));
const isFine = isProved && (options.part === 'proof' || (await runAll(options)));
process.exit(isFine ? 0 : 1);
