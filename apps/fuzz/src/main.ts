/** npm run fuzz: feeds every target in turn and prints what came of it. */
import { parseArgs } from 'node:util';
import { run } from './run.js';
import { targets } from './targets/index.js';

const help = `usage: npm run fuzz -- [--seconds N] [--seed N] [--target NAME] [--inputs N]

  --seconds N     how long in all (default 60), shared by the targets
  --inputs N      so many inputs a target instead
  --seed N        an integer; the same seed feeds the same inputs (default: from the clock, and printed)
  --target NAME   one of ${Object.keys(targets).join(', ')}

Exits with 1 and prints the input as hex when something went wrong that never must.`;

const fail = (message: string): never => {
  console.error(`${message}\n\n${help}`);
  process.exit(2);
};

const whole = (name: string, text: string | undefined, fallback: number): number => {
  if (text === undefined) return fallback;
  const value = Number(text);
  return Number.isSafeInteger(value) && value >= 0 ? value : fail(`Cannot fuzz: --${name} must be a whole number, got ${text}`);
};

const read = (): { seconds?: string; inputs?: string; seed?: string; target?: string; help?: boolean } => {
  try {
    return parseArgs({ options: { seconds: { type: 'string' }, inputs: { type: 'string' }, seed: { type: 'string' }, target: { type: 'string' }, help: { type: 'boolean' } } }).values;
  } catch (error) {
    return fail(`Cannot fuzz: ${error instanceof Error ? error.message : String(error)}`);
  }
};

const options = read();
if (options.help === true) {
  console.log(help);
  process.exit(0);
}
const names = options.target === undefined ? Object.keys(targets) : [options.target];
const seed = whole('seed', options.seed, Math.floor(Date.now() / 1000));
const inputs = options.inputs === undefined ? undefined : whole('inputs', options.inputs, 0);
const ms = (whole('seconds', options.seconds, 60) * 1000) / names.length;

console.log(`seed ${seed}`);
let failures = 0;
for (const name of names) {
  const make = targets[name] ?? fail(`Cannot fuzz: there is no target ${name}`);
  const { inputs: fed, slowestMs, failure } = run(name, make, seed, inputs === undefined ? { ms } : { inputs });
  console.log(`${name.padEnd(10)} ${String(fed).padStart(9)} inputs, the slowest ${slowestMs.toFixed(1)} ms${failure === null ? '' : '  FAILED'}`);
  if (failure === null) continue;
  failures += 1;
  console.log(`${failure.what}\ninput ${failure.number}: ${failure.input}\nagain: npm run fuzz -- --target ${name} --seed ${seed} --inputs ${failure.number + 1}`);
}
process.exitCode = failures === 0 ? 0 : 1;
