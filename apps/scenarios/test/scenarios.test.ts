/** Small versions of every scenario: that they run, what they print, and that a seed fixes it. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number | null;
}

type Figures = Record<string, unknown>;

const test = suite('scenarios');
const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const sim = (...args: string[]): Promise<Ended> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [main, ...args]);
    const said = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said.stderr += text));
    child.on('close', (status) => resolve({ ...said, status }));
  });

/** The last line of a run, without what depends on the machine. */
const figures = async (...args: string[]): Promise<Figures> => {
  const { stdout, stderr, status } = await sim(...args, '--tiny', '--json');
  assert.is(status, 0, stderr);
  const { virtualSecondsPerSecond, ...rest } = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as Figures;
  assert.ok(Number(virtualSecondsPerSecond) > 0);
  return rest;
};

const phaseKeys = ['publishes', 't100', 'cov5s', 'copies', 'bytesPerPeer'];
const timeKeys = ['reachedShare', 'meanMs', 'p50Ms', 'p95Ms', 'maxMs'];
const keysOf = (value: unknown): readonly string[] => Object.keys(value as Figures);
const at = (value: unknown, ...path: readonly string[]): unknown => path.reduce((inner, key) => (inner as Figures)[key], value);

test('prints the figures of the headline in one line', async () => {
  const line = await figures('headline');
  assert.equal(keysOf(line), ['scenario', 'nodes', 'seeds', 'phases', 'retention', 'idlePacketsPerSecond', 'uncaught']);
  assert.equal([line['scenario'], line['nodes'], line['seeds'], line['uncaught']], ['headline (tiny)', 8, 1, 0]);
  assert.equal(keysOf(line['phases']), ['S0', 'S1', 'S2']);
  for (const phase of ['S0', 'S1', 'S2']) {
    assert.equal(keysOf(at(line, 'phases', phase)), phaseKeys);
    assert.equal(keysOf(at(line, 'phases', phase, 't100')), timeKeys);
  }
  assert.ok(Number(at(line, 'phases', 'S0', 'publishes')) > 0);
  assert.equal(keysOf(at(line, 'retention', 'end+10s')), ['S0', 'S1', 'S2']);
});

test('prints the same for the same seeds, however many run at once', async () => {
  const [one, two] = await Promise.all([figures('flash', '--seeds', '2', '--jobs', '1'), figures('flash', '--seeds', '2', '--jobs', '2')]);
  assert.equal(one, two);
  assert.equal(keysOf(one['phases']), ['before', 'flash', 'after']);
  assert.equal(keysOf(one['readyMs']), ['share', 'p50', 'p95', 'max']);
});

test('runs the other scenarios, and prints their figures', async () => {
  const [loss, partition, scale, rules] = await Promise.all([figures('loss'), figures('partition'), figures('scale'), figures('seed-rule')]);
  assert.equal(loss['loss'], [0.05, 0.2]);
  assert.equal((loss['t100'] as readonly unknown[]).map(keysOf), [timeKeys, timeKeys]);
  assert.equal(keysOf(partition['phases']), ['before', 'apart', 'healed']);
  assert.equal(keysOf(partition['retention']), ['healed+10s', 'healed+30s']);
  assert.equal(rules['rules'], ['fan-out 3', 'mesh']);
  assert.equal(scale['nodes'], [8]);
  for (const column of ['idlePacketsPerSecond', 'bytesPerNodePerPublish', 'joinDatagrams']) assert.ok(Number((scale[column] as readonly unknown[])[0]) > 0, column);
});

test('says which target is missed, fails for it if asked to, and gives another world another name', async () => {
  const { stdout, status } = await sim('quiet', '--tiny', '--check', '--hard', '0.6', '--burst', '0.2x20', '--latency', '20..40', '--seed', '5');
  assert.match(stdout, /^quiet \(tiny, hard 0\.6, loss 0\.2, burst 20, latency 20\.\.40\), seed 5$/m);
  assert.match(stdout, /MISSED {2}datagrams a second and peer +\d+\.\d\d +at most 1\.00/);
  assert.is(status, 1);
});

test('draws reach against time, and tells the life of the packet it names', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'srp-sim-'));
  const file = join(folder, 'reach.svg');
  const first = await sim('loss', '--tiny', '--loss', '0', '--svg', file);
  const trace = /(loss .* --trace [0-9a-f]{8})/.exec(first.stdout)?.[1]?.split(' ');
  assert.ok(trace, first.stdout);
  const second = await sim(...trace);
  assert.match(second.stdout, /sub-\d+-\S+ publishes it\n.*shows it to its app \(arrived\)/s);
  const drawing = readFileSync(file, 'utf8');
  assert.is(drawing.match(/<polyline/g)?.length, 1);
  assert.not.match(drawing, /NaN|undefined/);
  rmSync(folder, { recursive: true });
});

test('refuses what it does not know', async () => {
  for (const [args, why] of [
    [[], /name one scenario/],
    [['toaster'], /there is no scenario toaster/],
    [['headline', '--hard', '2'], /--hard must be a share 0..1, got 2/],
    [['headline', '--burst', '0.2x0'], /--burst must be a whole number of at least 1, got 0/],
    [['headline', '--burst', '8'], /--burst must be a share 0..1, got 8/],
    [['headline', '--burst', '0.9x2'], /--burst must have runs of at least share \/ \(1 - share\), got 0.9x2/],
    [['headline', '--burst', '0.2', '--loss', '0.2'], /--loss and --burst both say how much is lost/],
    [['headline', '--latency', 'slow'], /--latency must be milliseconds A..B, got slow/],
    [['headline', '--seeds', '0'], /--seeds must be a whole number of at least 1, got 0/],
  ] as const) {
    const { status, stderr } = await sim(...args);
    assert.is(status, 2);
    assert.match(stderr, why);
  }
});

test.run();
