// Runs turbo tasks and sums up what their suites counted. Exactly one line closes the output: N passed, N failed.
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { root, run } from './process.mjs';

const runs = join(root, '.turbo', 'runs');
const countLine = /^(\d+) passed, (\d+) failed$/;

/** Resolves to the exit code: 0 only if turbo succeeded, no suite counted a failure, and something was counted. */
export async function tally(tasks, flags) {
  mkdirSync(runs, { recursive: true });
  const before = new Set(readdirSync(runs));
  const code = await run('turbo', ['run', ...tasks, '--continue=dependencies-successful', '--summarize', ...flags]);
  const summaries = readdirSync(runs).filter((name) => !before.has(name));
  const outcomes = summaries.flatMap((name) => {
    const { tasks: done } = JSON.parse(readFileSync(join(runs, name), 'utf8'));
    rmSync(join(runs, name));
    return done;
  });
  for (const task of outcomes) {
    const lines = task.execution?.exitCode === 0 ? [] : failuresOf(logOf(task));
    if (lines.length > 0) console.log(`\n${task.taskId}\n${lines.join('\n')}`);
  }
  const { passed, failed } = sum(outcomes.map(countOf), code);
  console.log(`\n${passed} passed, ${failed} failed`);
  return failed > 0 ? code || 1 : code;
}

/** What one finished task contributes. A task that failed without counting a failure is one failure itself. */
export function countOf(task) {
  const exitCode = task.execution?.exitCode;
  const counted = exitCode === undefined ? undefined : lastCount(logOf(task));
  const { passed, failed } = counted ?? { passed: 0, failed: 0 };
  return { passed, failed: exitCode !== undefined && exitCode !== 0 ? Math.max(failed, 1) : failed };
}

const logOf = ({ logFile }) => (logFile && existsSync(join(root, logFile)) ? readFileSync(join(root, logFile), 'utf8') : '');

/** What failed in a task, from its log: said once more at the end, where it is not lost among what went well. At most 40 lines. */
export function failuresOf(log) {
  const lines = stripVTControlCharacters(log).split(/\r?\n/);
  const isNamed = (line) => /^\s+FAIL\s|: error TS|^\s+\d+:\d+\s+error\s/.test(line);
  return lines.flatMap((line, at) => (isNamed(line) ? [line, ...(line.includes('FAIL') ? lines.slice(at + 1, at + 3) : [])] : [])).slice(0, 40);
}

/** The sum, made honest: turbo failing with no failure counted, or no test at all, is a failure. */
export function sum(counts, turboCode) {
  let passed = 0;
  let failed = 0;
  for (const count of counts) {
    passed += count.passed;
    failed += count.failed;
  }
  if (failed === 0 && (turboCode !== 0 || passed === 0)) failed = 1;
  return { passed, failed };
}

/** The last count line of a log, without the colours. */
export function lastCount(log) {
  const lines = stripVTControlCharacters(log).split(/\r?\n/);
  for (const line of lines.reverse()) {
    const match = countLine.exec(line.trim());
    if (match) return { passed: Number(match[1]), failed: Number(match[2]) };
  }
  return undefined;
}
