/**
 * Runs the demo in this process: tells what happens line by line, ends with a verdict, and returns the exit code. It is
 * bounded in time, and a signal ends it in good order too.
 */
import { parseArgs } from 'node:util';
import { count } from '../paint.js';
import { demoLimitMs, messages } from './constants.js';
import { play, type Variation } from './play.js';
import type { Verdict } from './verdict.js';

const usage = `usage: npm run demo -- [--json]

  Alice goes offline, Bob writes to her and goes offline, Alice comes back and reads it: real processes on 127.0.0.1,
  ended by SIGKILL. The exit code is 0 only if every message arrived, in order, signed by Bob, from peers that cannot
  read it.

  --json   the last line is a JSON object
  --help   this text`;

/** Resolves to the exit code: 0 if it came true, 1 if not, 2 for options that make no sense. */
export async function runDemo(words: readonly string[], variation: Variation = {}): Promise<number> {
  const options = optionsOf(words);
  if (typeof options === 'string') {
    console.error(`Cannot start the demo: ${options}`);
    return 2;
  }
  if (options.help) {
    console.log(usage);
    return 0;
  }
  const startedAt = performance.now();
  const secondsSoFar = (): number => Math.round((performance.now() - startedAt) / 10) / 100;
  const tell = (who: string, what: string): void => console.log(`[${secondsSoFar().toFixed(2).padStart(5)} s] ${who.padEnd(10)}  ${what}`);

  const { verdict, problem } = await bounded((signal) => play(tell, signal, variation));
  const expected = messages.length;
  const problems = [...(verdict?.problems ?? []), ...(problem === null ? [] : [problem])];
  const ok = problems.length === 0;
  const seconds = secondsSoFar();
  for (const one of problems) console.log(`  FAIL  ${one}`);
  console.log(
    ok
      ? `\nIt came true in ${seconds} s: all ${count(expected, 'message')} reached Alice in causal order, signed by Bob, from ${(verdict?.carriers ?? []).join(', ')}, who cannot read them.`
      : `\nIt did not come true (${seconds} s).`,
  );
  if (options.json) console.log(JSON.stringify({ demo: 'offline', delivered: verdict?.delivered ?? 0, expected, seconds, ok }));
  return ok ? 0 : 1;
}

/** Ends the work when its time is over or a signal asks for it. */
async function bounded(work: (signal: AbortSignal) => Promise<Verdict>): Promise<{ verdict: Verdict | null; problem: string | null }> {
  const controller = new AbortController();
  const stop = (why: string): void => controller.abort(new Error(why));
  const timer = setTimeout(() => stop(`not within ${demoLimitMs / 1000} s; a machine that is busy with other things may be too slow for it: try again when it is not`), demoLimitMs);
  const handlers = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((name) => [name, () => stop(`interrupted by ${name}`)] as const);
  for (const [name, handler] of handlers) process.on(name, handler);
  try {
    return { verdict: await work(controller.signal), problem: null };
  } catch (error) {
    return { verdict: null, problem: error instanceof Error ? error.message : String(error) };
  } finally {
    clearTimeout(timer);
    for (const [name, handler] of handlers) process.off(name, handler);
  }
}

function optionsOf(words: readonly string[]): { readonly json: boolean; readonly help: boolean } | string {
  try {
    const { values } = parseArgs({ args: [...words], options: { json: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false } } });
    return values;
  } catch (error) {
    return String(error instanceof Error ? error.message : error).split(/\.\s|\n/, 1)[0] ?? '';
  }
}
