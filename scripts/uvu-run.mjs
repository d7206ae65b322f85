#!/usr/bin/env node
// Runs uvu suites in the current folder and counts honestly.
// usage: node --import tsx scripts/uvu-run.mjs [dir] [pattern]
import { pathToFileURL } from 'node:url';
import { parse } from 'uvu/parse';

globalThis.UVU_DEFER = 1;
globalThis.UVU_QUEUE = [];
globalThis.UVU_INDEX = 0;
await import('uvu');

const [dir = 'test', pattern = String.raw`\.test\.[cm]?[jt]s$`] = process.argv.slice(2);
const fileLimitMs = Number(process.env.UVU_FILE_TIMEOUT_MS ?? 120_000);
let passed = 0;
let failed = 0;
let skipped = 0;
let where = '(start)';
let done = false;

const bad = (what) => {
  failed += 1;
  console.log(`\n  FAIL  ${where}: ${what}`);
};
const finish = () => {
  if (done) return;
  done = true;
  if (passed + failed === 0) bad('no test ran');
  if (skipped > 0) bad(`${skipped} test(s) skipped (.skip, .only)`);
  console.log(`\n${passed} passed, ${failed} failed`);
  process.exit(failed > 0 ? 1 : 0);
};
process.on('uncaughtException', (e) => {
  bad(`uncaught ${e?.stack ?? String(e)}`);
  finish();
});
process.on('unhandledRejection', (e) => {
  bad(`unhandled rejection ${e?.stack ?? String(e)}`);
  finish();
});
process.on('exit', (code) => {
  if (done) return;
  process.exitCode = code || 1;
  console.log(`\n  FAIL  ${where}: the process ended before the tests did\n\n${passed} passed, ${failed + 1} failed`);
});
const { suites } = await parse(dir, pattern);
for (const { name, file } of suites) {
  where = name;
  console.log(name);
  const dog = setTimeout(() => {
    bad(`no end after ${fileLimitMs} ms`);
    finish();
  }, fileLimitMs);
  const group = [];
  globalThis.UVU_QUEUE[0] = group;
  try {
    await import(pathToFileURL(file).href);
    if (group.length === 0) bad('no suite: is .run() missing?');
    for (const run of group) {
      const [errors, ok, skip, total] = await run();
      passed += ok;
      failed += total - ok;
      skipped += skip;
      if (typeof errors === 'string') console.log(`\n${errors}`);
      if (total === 0) bad('a suite with no test');
      if (ok < total && typeof errors !== 'string') console.log(`\n  FAIL  ${where}: ${total - ok} test(s) not run or lost`);
    }
  } catch (e) {
    bad(e?.stack ?? String(e));
  }
  clearTimeout(dog);
}
finish();
