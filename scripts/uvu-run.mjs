#!/usr/bin/env node
// Runs the uvu suites of a folder in one process and counts honestly: whatever is not surely green is red.
//
//   usage: node --import tsx scripts/uvu-run.mjs [dir] [pattern]       (dir: test, pattern: \.test\.[cm]?[jt]s$)
//
// uvu's own runner is green when a hook throws, when something that is no Error is thrown, when run() was forgotten,
// when no file matched, when .only stayed in, when a test sets the exit code; and it waits for ever for a socket that
// was left open. Here each of these is a failure; scripts/test/uvu-run.test.mjs holds one fixture of each.
//
//   SRP_ALLOW_SKIP=1         lets .only and .skip pass, for work on one test
//   SRP_FILE_LIMIT_MS=...    the time a file has (120 000)
//
// The last line is always `N passed, N failed`; the exit code is 0 only if N failed is 0 failed.
import { register } from 'node:module';
import { pathToFileURL } from 'node:url';
import { inspect } from 'node:util';
import { parse } from 'uvu/parse';

const fileLimitMs = Number(process.env.SRP_FILE_LIMIT_MS ?? 120_000);
const drainLimitMs = 2_000;
const allowsSkip = process.env.SRP_ALLOW_SKIP === '1';
const [dir = 'test', pattern = String.raw`\.test\.[cm]?[jt]s$`] = process.argv.slice(2);

let passed = 0;
let failed = 0;
let skipped = 0;
let runs = 0;
let where = dir;
let isDone = false;

// uvu reads these when it loads: suites queue up in [0] and wait for us.
globalThis.UVU_DEFER = 1;
globalThis.UVU_QUEUE = [[]];
globalThis.UVU_INDEX = 0;
const tracked = new URL('./uvu/tracked.mjs', import.meta.url).href;
register('./uvu/hook.mjs', { parentURL: import.meta.url, data: { tracked } });
const { ledger } = await import(tracked);

process.on('uncaughtException', (error) => abort(`uncaught: ${text(error)}`));
process.on('unhandledRejection', (reason) => abort(`unhandled rejection: ${text(reason)}`));
process.on('exit', (code) => {
  if (isDone) return;
  fail('the process ended before the tests did (a promise that nothing settles, or process.exit)');
  report();
  process.exitCode = code || 1;
});

const { suites: files } = await parse(dir, pattern).catch((error) => abort(text(error)));
for (const { name, file } of files) await runFile(name, file);
where = dir;
if (passed + failed === 0) fail(`no test ran (${files.length} files match ${pattern})`);
if (skipped > 0 && !allowsSkip) fail(`${skipped} skipped by .only or .skip`);

// What is still open now was left open by a test. The loop runs dry at once when nothing is.
process.once('beforeExit', finish);
setTimeout(() => abort(`still open after the last test: ${process.getActiveResourcesInfo().join(', ')}`), drainLimitMs).unref();

async function runFile(name, file) {
  where = name;
  console.log(name);
  // Unreferenced: a test that waits for nothing must let the process end, which is noticed at once.
  const limit = setTimeout(() => abort(`no end after ${fileLimitMs} ms`), fileLimitMs).unref();
  const queue = [];
  globalThis.UVU_QUEUE[0] = queue;
  try {
    await import(pathToFileURL(file).href);
    if (queue.length === 0) fail('no suite ran: is run() missing?');
    for (const entry of ledger.suites) {
      if (entry.waiting > 0) fail(`${entry.waiting} test(s) of suite "${entry.name}" never run: run() is missing after them`);
      entry.waiting = 0;
    }
    for (const run of queue) await runSuite(run);
  } catch (error) {
    fail(text(error));
  }
  clearTimeout(limit);
}

async function runSuite(run) {
  runs += 1;
  const [errors, ok, skips, total] = await run();
  passed += ok;
  failed += total - ok;
  skipped += skips;
  if (typeof errors === 'string') console.log(`\n${errors}`);
  for (const lost of ledger.lost) console.log(`  FAIL  ${where}: ${lost}`);
  if (ledger.lost.size > 0) console.log(`  ${total - ok} test(s) failed or never ran for it`);
  if (ledger.lost.size > 0 && total === ok) fail('a hook threw');
  ledger.lost.clear();
  if (total === 0) fail('a suite without a test');
  if (process.exitCode !== undefined) {
    fail(`a test set process.exitCode to ${process.exitCode}`);
    process.exitCode = undefined;
  }
}

function fail(what) {
  failed += 1;
  console.log(`\n  FAIL  ${where}: ${what}`);
}

function report() {
  isDone = true;
  console.log(`\n${passed} passed, ${failed} failed`);
}

function finish() {
  if (isDone) return;
  if (ledger.runs !== runs) fail(`${ledger.runs - runs} suite(s) called run() too late, after their file was done`);
  report();
  process.exitCode = failed > 0 ? 1 : 0;
}

/** Ends the run where it stands, as a failure; nothing that a test left behind can keep the process alive. */
function abort(what) {
  if (isDone) return;
  fail(what);
  report();
  process.exit(1);
}

function text(thrown) {
  return typeof thrown?.stack === 'string' ? thrown.stack : inspect(thrown);
}
