/** Small versions of every scenario: that they run, what they print, and that a seed fixes it. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('scenarios');
const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const sim = (...args: string[]) => spawnSync(process.execPath, [main, ...args], { encoding: 'utf8' });

/** The last line of a run, without what depends on the machine. */
const figures = (...args: string[]): Record<string, unknown> => {
  const { stdout, stderr, status } = sim(...args, '--tiny', '--json');
  assert.is(status, 0, stderr);
  const { virtualSecondsPerSecond, ...rest } = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as Record<string, unknown>;
  assert.ok(Number(virtualSecondsPerSecond) > 0);
  return rest;
};

test('runs the headline, and prints its figures in one line that a seed fixes, however many run at once', () => {
  const [first, second] = [figures('headline', '--seeds', '2', '--jobs', '1'), figures('headline', '--seeds', '2', '--jobs', '2')];
  assert.equal(first, second);
  assert.equal(Object.keys(first), ['scenario', 'nodes', 'seeds', 'phases', 'retention', 'idlePacketsPerSecond', 'uncaught']);
  assert.equal([first['scenario'], first['nodes'], first['seeds'], first['uncaught']], ['headline (tiny, nodes 8)', 8, 2, 0]);
  const phases = first['phases'] as Record<string, Record<string, unknown>>;
  assert.equal(Object.keys(phases), ['S0', 'S1', 'S2']);
  assert.equal(Object.keys(phases['S0'] ?? {}), ['publishes', 't100', 'cov5s', 'copies', 'bytesPerPeer']);
  assert.equal(Object.keys(phases['S0']?.['t100'] ?? {}), ['reachedShare', 'meanMs', 'p50Ms', 'p95Ms', 'maxMs']);
});

test('refuses what it does not know', () => {
  for (const [args, why] of [
    [[], /name one scenario/],
    [['toaster'], /there is no scenario toaster/],
    [['headline', '--hard', '2'], /--hard must be a share 0..1, got 2/],
    [['headline', '--latency', 'slow'], /--latency must be milliseconds A..B, got slow/],
    [['headline', '--seeds', '0'], /--seeds must be a whole number of at least 1, got 0/],
  ] as const) {
    const { status, stderr } = sim(...args);
    assert.is(status, 2);
    assert.match(stderr, why);
  }
});

test.run();
