/** npm run sim -- survival: docs/guides/scenarios.md, "survival". */
import { readFileSync, writeFileSync } from 'node:fs';
import type { SurvivalJob } from '../job.js';
import { carryOutAll, speedOf } from '../jobs.js';
import { Wrong } from '../options.js';
import { sum } from '../report/summary.js';
import { isMet, targetLines } from '../report/targets.js';
import { help, readSurvival } from './options.js';
import { type Drawn, plotSurvival } from './plot.js';
import { failures, figuresOf, targetsOf, textOf } from './report.js';
import type { SurvivalResult } from './result.js';

/** `args` without the scenario's name. The exit code. */
export const survival = async (args: readonly string[]): Promise<number> => {
  const options = readSurvival(args);
  if (options === null) {
    console.log(help);
    return 0;
  }
  const { world, seeds, title, trace, replay, isJson } = options;
  const say = isJson ? console.error : console.log;
  const beside = options.beside === null ? [] : [besideOf(options.beside)];
  const jobs = seeds.map((seed) => ({ seed, world, trace: seed === seeds[0] ? trace : null }));
  const done = await carryOutAll<SurvivalJob, SurvivalResult>(jobs, options.jobs, ({ seed }, { failure, cpuMs, residentBytes }) => {
    if (failure === null) say(`seed ${seed}: ${(cpuMs / 1000).toFixed(0)} s of processor time, ${(residentBytes / 2 ** 20).toFixed(0)} MiB`);
    else console.error(`\nseed ${seed}: ${failure}\n\nAgain with\n  ${replay(seed)}\n`);
  });
  const runs = done.flatMap(({ result }) => result ?? []);
  const figures = figuresOf(world, runs);
  const targets = targetsOf(figures);
  const uncaught = sum(done.map((one) => one.uncaught));
  const speed = speedOf(done);
  const heading = `${title}: ${world.nodes} peers, ${world.hours} h, policy ${world.policy}, ${seeds.length === 1 ? 'seed' : `${seeds.length} seeds from`} ${seeds[0] ?? 0}`;
  say(['', heading, '', textOf(figures, runs), ...failures(runs, replay), '', ...targetLines(targets), '', `  ${speed} virtual seconds a second and core; ${uncaught} errors not caught`].join('\n'));
  if (trace !== null) say(`\n${runs[0]?.life ?? 'No packet of the first seed begins so, or more than one.'}`);
  if (options.svg !== null) writeFileSync(options.svg, plotSurvival(heading, [figures, ...beside]));
  if (isJson) {
    const { packets, hours, alive, found, transmissionsPerPacketDay, copies, policy, ...more } = figures;
    console.log(JSON.stringify({ scenario: title, nodes: world.nodes, seeds: seeds.length, packets, hours, alive, found, transmissionsPerPacketDay, copies, policy, ...more, uncaught, virtualSecondsPerSecond: speed }));
  }
  return done.some(({ failure }) => failure !== null) || (options.isCheck && !targets.every(isMet)) ? 1 : 0;
};

/** What `--json` printed of another run. */
const besideOf = (file: string): Drawn => {
  try {
    const line = JSON.parse(readFileSync(file, 'utf8').trimEnd().split('\n').at(-1) ?? '') as Drawn;
    if (!Array.isArray(line.curve.alive)) throw new TypeError('it has no curve');
    return line;
  } catch (error) {
    throw new Wrong(`--beside must be a file whose last line is what --json printed: ${error instanceof Error ? error.message : String(error)}`);
  }
};
