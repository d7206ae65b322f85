// The runner is trusted by every other suite, so each way to a false green that uvu knows is tried on it.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const runner = fileURLToPath(new URL('../uvu-run.mjs', import.meta.url));
const uvu = "import { suite, test } from 'uvu';\n";
const good = "test('good', () => {});\n";
const bad = "test('bad', () => { throw new Error('wrong'); });\n";

/** What a file holds, what the last line says, and what the output must explain. */
const red = {
  'a failing test': [`${uvu}${good}${bad}test.run();`, '1 passed, 1 failed', /wrong/],
  'a before that throws': [`${uvu}test.before(() => { throw new Error('in before'); });${good}test.run();`, '0 passed, 1 failed', /in before/],
  'a before.each that throws': [
    `${uvu}test.before.each(() => { throw new Error('in each'); });${good}test.run();`,
    '0 passed, 1 failed',
    /in each/,
  ],
  'an after that throws': [`${uvu}test.after(() => { throw new Error('in after'); });${good}test.run();`, '0 passed, 1 failed', /in after/],
  'an after.each that throws': [
    `${uvu}test.after.each(() => { throw new Error('in each'); });${good}${good}test.run();`,
    '0 passed, 2 failed',
    /in each/,
  ],
  'a failing test and an after.each that throws': [
    `${uvu}test.after.each(() => { throw new Error('in each'); });${bad}test.run();`,
    '0 passed, 1 failed',
    /in each/,
  ],
  'a thrown string': [`${uvu}test('string', () => { throw 'a string'; });${good}test.run();`, '1 passed, 1 failed', /a string/],
  'a rejection with undefined': [`${uvu}test('none', () => Promise.reject());${good}test.run();`, '1 passed, 1 failed', /undefined/],
  'an error without a stack': [
    `${uvu}test('bare', () => { const e = new Error('bare'); e.stack = undefined; throw e; });test.run();`,
    '0 passed, 1 failed',
    /bare/,
  ],
  'a forgotten run()': [`${uvu}${good}`, '0 passed, 2 failed', /run\(\)/],
  'a second suite without run()': [`${uvu}${good}test.run(); suite('forgotten')('x', () => {});`, '1 passed, 1 failed', /forgotten/],
  'a run() that comes too late': [
    `${uvu}${good}test.run(); setTimeout(() => { const late = suite('late'); late('x', () => {}); late.run(); }, 100);`,
    '1 passed, 1 failed',
    /too late/,
  ],
  'a suite without a test': [`${uvu}test.run();`, '0 passed, 1 failed', /without a test/],
  'a .only left in': [`${uvu}${good}test.only('only', () => {});test.run();`, '1 passed, 1 failed', /skipped/],
  'a .skip left in': [`${uvu}${good}test.skip('skip', () => {});test.run();`, '1 passed, 1 failed', /skipped/],
  'an exit code set by a test': [`${uvu}test('code', () => { process.exitCode = 0; });test.run();`, '1 passed, 1 failed', /exitCode/],
  'an exit with 0 in a test': [`${uvu}test('exit', () => { process.exit(0); });test.run();`, '0 passed, 1 failed', /ended before/],
  'a promise that nothing settles': [`${uvu}test('never', () => new Promise(() => {}));test.run();`, '0 passed, 1 failed', /ended before/],
  'an unhandled rejection': [`${uvu}test('lost', () => { Promise.reject(new Error('lost')); });test.run();`, undefined, /lost/],
  'an error in a timer': [
    `${uvu}test('timer', () => new Promise(() => { setTimeout(() => { throw new Error('late'); }); }));test.run();`,
    '0 passed, 1 failed',
    /late/,
  ],
  'a module that does not load': ["import './absent.mjs';", '0 passed, 1 failed', /absent/],
  'a test without an end': [`${uvu}test('busy', () => new Promise(() => { setInterval(() => {}, 10); }));test.run();`, '0 passed, 1 failed', /no end/],
  'a timer left running': [`${uvu}test('leak', () => { setInterval(() => {}, 10); });test.run();`, '1 passed, 1 failed', /still open.*Timeout/],
  'a folder without tests': [undefined, '0 passed, 1 failed', /no test ran/],
};

const test = suite('uvu-run');

for (const [what, [source, last, explains]] of Object.entries(red)) {
  test(`is red for ${what}`, () => {
    const { status, stdout, lastLine } = runFixture({ 'a.test.mjs': source });
    assert.is(status, 1, stdout);
    if (last !== undefined) assert.is(lastLine, last, stdout);
    assert.match(lastLine, /^\d+ passed, [1-9]\d* failed$/);
    assert.match(stdout, explains);
  });
}

test('is green for good suites, in several files', () => {
  const two = `${uvu}${good}test.run(); const other = suite('other'); other('too', async () => {}); other.run();`;
  const { status, lastLine, stdout } = runFixture({ 'a.test.mjs': two, 'deep/b.test.mjs': `${uvu}${good}test.run();` });
  assert.is(status, 0, stdout);
  assert.is(lastLine, '3 passed, 0 failed');
});

test('lets a skip pass when asked to', () => {
  const { status, lastLine } = runFixture({ 'a.test.mjs': `${uvu}${good}test.skip('skip');test.run();` }, { SRP_ALLOW_SKIP: '1' });
  assert.is(status, 0);
  assert.is(lastLine, '1 passed, 0 failed');
});

function runFixture(files, env = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'srp-uvu-run-'));
  try {
    for (const [name, source] of Object.entries(files)) {
      if (source === undefined) continue;
      mkdirSync(join(folder, name, '..'), { recursive: true });
      writeFileSync(join(folder, name), source);
    }
    const options = { encoding: 'utf8', timeout: 20_000, env: { ...process.env, SRP_FILE_LIMIT_MS: '300', NO_COLOR: '1', ...env } };
    const { status, stdout } = spawnSync(process.execPath, [runner, folder], options);
    return { status, stdout, lastLine: stdout.trimEnd().split('\n').at(-1) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test.run();
