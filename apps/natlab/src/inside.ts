/** The lab itself, in the room that main.ts made: it proves the boxes, runs the pairs, several at a time, and reports. */
import { availableParallelism, loadavg } from 'node:os';
import { kindNames } from './lab/kinds.js';
import { type PairRun, runPair } from './lab/pair.js';
import { prove, provable } from './lab/proof.js';
import { circumstances, jsonOf, nameOf, proofsOf, tablesOf } from './lab/report.js';
import { Gate } from './lab/shell.js';
import { type Options, readOptions } from './options.js';

/** Does `work` for all items, `atOnce` at a time. The results have the order of the items. */
const forAll = async <Item, Result>(items: readonly Item[], atOnce: number, work: (item: Item) => Promise<Result>): Promise<Result[]> => {
  const results: Result[] = [];
  const queue = [...items.entries()];
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) results[next[0]] = await work(next[1]);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  return results;
};

/** False if a box is not what it is named: then nothing that ran on it would mean anything. */
const proveAll = async ({ pairs, jobs, part, isJson }: Options): Promise<boolean> => {
  const used = part === 'proof' ? kindNames : [...new Set(pairs.flatMap(({ a, b }) => [a, b]))];
  const proofs = await forAll(used.filter(provable), jobs, prove);
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
  const sorted = options.pairs.flatMap((pair) => runs.filter(({ a, b }) => a === pair.a && b === pair.b));
  const about = circumstances(options.loss, availableParallelism(), loadavg()[0] ?? 0);
  console.log(options.isJson ? jsonOf(sorted) : `\n${tablesOf(sorted)}\n\n${about}`);
  return !options.isCheck || runs.every(({ isDelivered }) => isDelivered);
};

const toldOf = ({ path, ms, packets }: PairRun): string => `${path}${ms === null ? '' : `, heard in ${Math.round(ms)} ms`}, ${packets} packets`;

process.on('disconnect', () => process.exit(1)); // the door is gone
const options = readOptions(process.argv.slice(2));
if (options === null) throw new Error('The door answers --help');
const isProved = options.part === 'pairs' || (await proveAll(options));
const isFine = isProved && (options.part === 'proof' || (await runAll(options)));
process.exit(isFine ? 0 : 1);
