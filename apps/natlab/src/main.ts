#!/usr/bin/env node
/**
 * The door of the lab. It reads the command line, looks whether the lab can be had here, and lets it run in a room of its own:
 *
 * ```
 * main.js ── unshare (room.ts) ── inside.js ── ip netns exec ── peers, probes
 * ```
 */
import { fileURLToPath } from 'node:url';
import { networkOf } from './lab/pair.js';
import { help, type Options, readOptions, Wrong } from './options.js';
import { complaint, enter } from './room.js';

const main = async (args: readonly string[]): Promise<number> => {
  const options = readOptions(args);
  if (options === null) {
    console.log(help);
    return 0;
  }
  const [first] = options.pairs;
  if (options.part === 'script') {
    if (first !== undefined) console.log(networkOf('lab', first, options).draft.script);
    return 0;
  }
  const why = complaint();
  return why === null ? await run(args) : skipped(why, options);
};

const run = async (args: readonly string[]): Promise<number> => {
  const child = enter(fileURLToPath(new URL('inside.js', import.meta.url)), args);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => child.kill('SIGKILL'));
  return await new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 130)));
};

const skipped = (why: string, { isRequired, part }: Options): number => {
  const what = part === 'proof' ? 'The proof of the boxes was' : part === 'pairs' ? 'The matrix was' : 'The proof of the boxes and the matrix were';
  console.error(`natlab SKIPPED: ${why}`);
  console.error(`  ${what} not run. The lab needs Linux, root (or user namespaces), iproute2, iptables and nftables.`);
  return isRequired ? 1 : 0;
};

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof Wrong)) throw error;
  console.error(`Cannot run the lab: ${error.message}\n\n${help}`);
  process.exitCode = 2;
}
