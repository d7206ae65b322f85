/**
 * npm run sim -- NAME: runs a scenario with some seeds, and tells what came of it. docs/guides/scenarios.md
 * Exit code 0; 1 if an invariant broke, an error was not caught, or with --check a target was missed; 2 if it was asked
 * for what it does not know.
 */
import { writeFileSync } from 'node:fs';
import type { RunResult, WorldResult } from './experiment/result.js';
import type { ExperimentJob, JobDone } from './job.js';
import { carryOutAll, speedOf } from './jobs.js';
import { help, type Options, readOptions, Wrong } from './options.js';
import { killed } from './killed/main.js';
import { ladder } from './ladder/main.js';
import { pairs } from './pairs/main.js';
import { real } from './real/real.js';
import { plot } from './report/plot.js';
import { shareOf, sum } from './report/summary.js';
import { isMet, shown, targetLines } from './report/targets.js';
import type { Outcome } from './scenario.js';
import { survival } from './survival/main.js';

const main = async (): Promise<number> => {
  const args = process.argv.slice(2);
  if (args[0] === 'real') return await real(args.slice(1));
  if (args[0] === 'pairs') return pairs(args.slice(1));
  if (args[0] === 'killed') return await killed(args.slice(1));
  if (args[0] === 'ladder') return ladder(args.slice(1));
  if (args[0] === 'survival') return await survival(args.slice(1));
  const options = readOptions(args);
  if (options === null) {
    console.log(help);
    return 0;
  }
  const { scenario, variants, nodes, title, seeds, trace, isJson } = options;
  const say = isJson ? console.error : console.log;
  const jobs = variants.flatMap((variant) => seeds.map((seed) => ({ ...variant, seed, trace: seed === seeds[0] ? trace : null })));
  const done = await carryOutAll<ExperimentJob, RunResult>(jobs, options.jobs, ({ label, seed }, ended) => {
    const run = [title, label, `seed ${seed}`].filter(Boolean).join(', ');
    if (ended.failure !== null) console.error(`\n${run}: ${ended.failure}\n\nAgain with\n  ${options.replay(seed)}\n`);
    else say(`${run}: ${(ended.cpuMs / 1000).toFixed(1)} s of processor time, ${(ended.residentBytes / 2 ** 20).toFixed(0)} MiB`);
  });
  const outcomes = variants.map((variant, index) => ({ ...variant, runs: done.slice(index * seeds.length, (index + 1) * seeds.length).flatMap(({ result }) => result ?? []) }));
  const { json, text, targets } = scenario.report(outcomes, options.replay);
  const uncaught = sum(done.map((one) => one.uncaught));
  const skipped = sum(done.map(({ result }) => result?.skipped ?? 0));
  const speed = speedOf(done);
  const heading = `${title}, ${seeds.length === 1 ? 'seed' : `${seeds.length} seeds from`} ${seeds[0] ?? 0}`;
  const closing = `  ${speed} virtual seconds a second and core; ${uncaught} errors not caught; ${skipped} publishes left out, as no subscriber was ready`;
  say(['', heading, '', text, '', ...targetLines(targets), '', worldOf(outcomes), closing].join('\n'));
  if (trace !== null) say(`\n${lifeOf(done)}`);
  if (isJson) console.log(JSON.stringify({ scenario: title, nodes, seeds: seeds.length, ...json, uncaught, virtualSecondsPerSecond: speed }));
  if (options.svg !== null) writeFileSync(options.svg, plot(heading, outcomes));
  return exitCode(options, done, targets.every(isMet));
};

const exitCode = ({ isCheck }: Options, done: readonly JobDone<RunResult>[], areMet: boolean): number => (done.some(({ failure }) => failure !== null) || (isCheck && !areMet) ? 1 : 0);

/** The life that was asked for, or which packets there are. */
const lifeOf = (done: readonly JobDone<RunResult>[]): string => {
  const results = done.flatMap(({ result }) => result ?? []);
  const packets = results.flatMap(({ seed, publishes }) => publishes.map(({ id, phase, atMs }) => `  ${id}  seed ${seed}, ${phase} at ${atMs} ms`));
  return results.find(({ life }) => life !== null)?.life ?? ['No packet of the first seed begins so, or more than one. These were published:', ...packets].join('\n');
};

/** What was drawn, beside what was asked for. */
const worldOf = (outcomes: readonly Outcome[]): string => {
  const worlds = outcomes.flatMap(({ runs }) => runs.map(({ world }) => world));
  const total = (field: keyof WorldResult): number => sum(worlds.map((world) => world[field]));
  const of = (part: keyof WorldResult, whole: keyof WorldResult): string => shown(shareOf(total(part), total(whole)), 'share');
  return `  drawn: ${of('hard', 'peers')} of ${total('peers')} peers behind hard NATs, ${of('subscribers', 'peers')} subscribers; ${of('lost', 'sent')} of the datagrams lost`;
};

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof Wrong)) throw error;
  console.error(`Cannot simulate: ${error.message}\n\n${help}`);
  process.exitCode = 2;
}
