/**
 * npm run fuzz -- --seconds 60 --seed 1: feeds hostile input to everything that reads bytes. docs/guides/benchmarks.md
 * Exit code 0 if nothing failed, 1 if something did, 2 if it was asked for what it does not know.
 */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { formatCase, parseCase } from './replay.js';
import { type Failure, replay, type Report, run } from './run.js';
import { targets } from './targets.js';

const help = `usage: npm run fuzz -- [options]

  --seconds N       how long (10)
  --seed N          fixes every input; drawn and printed if absent
  --target NAME     this target alone; may be repeated
  --cases N         instead of a time: so many cases of each target
  --replay CASE     feed a case that failed: TARGET:HEX,HEX,... or @FILE that holds one

targets: ${targets.map(({ name }) => name).join(', ')}`;

/** Longer than this a case goes into a file: command lines have an end. */
const commandCharactersMax = 20_000;

class Wrong extends Error {}

const number = (name: string, text: string, min: number): number => {
  const value = Number(text);
  if (text.trim() === '' || !Number.isSafeInteger(value) || value < min) throw new Wrong(`--${name} must be a whole number of at least ${min}, got ${text}`);
  return value;
};

const read = () => {
  try {
    return parseArgs({
      options: {
        seconds: { type: 'string', default: '10' },
        seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 32)) },
        target: { type: 'string', multiple: true, default: [] },
        cases: { type: 'string' },
        replay: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new Wrong(error instanceof Error ? error.message : String(error));
  }
};

const targetOf = (name: string): (typeof targets)[number] => {
  const found = targets.find((target) => target.name === name);
  if (found === undefined) throw new Wrong(`there is no target ${name}`);
  return found;
};

/** Prints what failed and how to see it again. */
const tell = (failure: Failure): void => {
  console.log(`\nFAILED ${failure.target}: ${failure.what}\n`);
  if (failure.inputs.length === 0) return;
  const text = formatCase(failure);
  if (text.length <= commandCharactersMax) console.log(`${failure.inputs.length} input(s); again with\n  npm run fuzz -- --replay ${text}`);
  else {
    const file = join(mkdtempSync(join(tmpdir(), 'srp-fuzz-')), 'case');
    writeFileSync(file, text);
    console.log(`${failure.inputs.length} input(s), in hex in ${file}; again with\n  npm run fuzz -- --replay @${file}`);
  }
};

const tellCounts = ({ inputCounts, slowestMs }: Report): void => {
  for (const [name, count] of inputCounts) console.log(`${name.padEnd(12)} ${String(count).padStart(9)} inputs, the slowest ${(slowestMs.get(name) ?? 0).toFixed(1)} ms`);
};

const main = async (): Promise<number> => {
  const values = read();
  if (values.help) {
    console.log(help);
    return 0;
  }
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const now = (): number => performance.now();
  const cpu = (): number => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  };
  if (values.replay !== undefined) {
    const text = values.replay.startsWith('@') ? readFileSync(values.replay.slice(1), 'utf8') : values.replay;
    const { target, inputs } = parseCase(text);
    const what = await replay(targetOf(target), inputs, { cpu, collect });
    console.log(what === null ? `${inputs.length} input(s) fed to ${target}: nothing failed` : `FAILED ${target}: ${what}`);
    return what === null ? 0 : 1;
  }
  const seed = number('seed', values.seed, 0);
  const chosen = values.target.length === 0 ? targets : values.target.map(targetOf);
  const until = values.cases === undefined ? { end: now() + 1000 * number('seconds', values.seconds, 1) } : { cases: number('cases', values.cases, 1) };
  console.log(`seed ${seed}`);
  // What fails outside of a case has no case to tell.
  process.once('uncaughtExceptionMonitor', () => console.error(`An error that nobody caught, with seed ${seed}:`));
  const report = await run({ targets: chosen, seed, until, now, cpu, collect });
  tellCounts(report);
  if (report.failure === null) console.log('nothing failed');
  else tell(report.failure);
  return report.failure === null ? 0 : 1;
};

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof Wrong) && !(error instanceof RangeError)) throw error;
  console.error(`Cannot fuzz: ${error.message}\n\n${help}`);
  process.exitCode = 2;
}
