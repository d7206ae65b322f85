/**
 * npm run bench [-- names] [--json]: runs the benchmarks one after the other, each in a process of its own, so that none
 * finds memory or compiled code of another. docs/guides/benchmarks.md
 */
import { fork } from 'node:child_process';
import { arch, availableParallelism, cpus, loadavg, platform } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Bench, benches, chosen, commonFlags, unknown } from './benches.js';
import { type Found, told } from './row.js';

const help = `usage: npm run bench [-- names] [-- --json]

  names     rows or groups of rows; all if there are none
  --json    one object for each row, and nothing else, on stdout (npm run --silent bench -- --json)
  --tiny    one operation each: proves that they run, and says nothing about speed

rows: ${benches.flatMap(({ rows }) => rows).join(', ')}

How to read them: docs/guides/benchmarks.md`;

const { values, positionals } = parseArgs({
  options: { json: { type: 'boolean', default: false }, tiny: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
  allowPositionals: true,
});

const findingsOf = (bench: Bench): Promise<readonly Found[]> =>
  new Promise((resolve, reject) => {
    const one = fileURLToPath(new URL('one.js', import.meta.url));
    const child = fork(one, [bench.file, values.tiny ? 'tiny' : 'full'], { execArgv: [...commonFlags, ...(bench.flags ?? [])] });
    let findings: readonly Found[] | null = null;
    child.on('message', (message) => (findings = message as readonly Found[]));
    child.on('error', reject);
    child.on('close', (code) => {
      if (findings !== null && code === 0) resolve(findings);
      else reject(new Error(`Cannot measure ${bench.file}: its process ended with ${code ?? 'a signal'}`));
    });
  });

const describeMachine = (): string => {
  const [cpu] = cpus();
  const load = loadavg().map((average) => average.toFixed(1));
  return `Node ${process.versions.node}, ${platform()} ${arch()}, ${availableParallelism()} cores of ${cpu?.model ?? 'an unknown kind'}, load ${load.join(' ')}\n`;
};

const main = async (): Promise<void> => {
  const strange = unknown(positionals);
  if (values.help) console.log(help);
  else if (strange.length > 0) {
    console.error(`Cannot run ${strange.join(', ')}: no such row or group\n\n${help}`);
    process.exitCode = 2;
  } else {
    if (!values.json) console.log(describeMachine());
    for (const bench of chosen(positionals)) {
      for (const finding of await findingsOf(bench)) console.log(values.json ? JSON.stringify(finding.row) : told(finding));
    }
  }
};

await main();
