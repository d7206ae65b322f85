import { spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { cleanUp, demoFile, freshFolder, Program, until } from './tools/programs.js';

const test = suite('the demo');
test.after.each(cleanUp);

/** Runs with a temporary directory of its own, to see that nothing is left in it. */
const start = (args: readonly string[]): { program: Program; folder: string } => {
  const folder = freshFolder();
  return { folder, program: new Program(process.execPath, args, { ...process.env, TMPDIR: folder }) };
};

/** The demo with something taken away, as a program: its exit code is what counts. */
const variant = (folder: string, variation: object): string => {
  const file = join(folder, 'variant.mjs');
  writeFileSync(file, `import { runDemo } from ${JSON.stringify(new URL('../dist/demo/run.js', import.meta.url).href)};\nprocess.exitCode = await runDemo(['--json'], ${JSON.stringify(variation)});\n`);
  return file;
};

const lastLineOf = (program: Program): unknown => JSON.parse(program.stdout.trimEnd().split('\n').at(-1) ?? '');

/** Children of a process; the kernel knows. */
const childrenOf = (pid: number): number[] => {
  const { stdout } = spawnSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' });
  return stdout.split('\n').map(Number).filter((child) => child > 0);
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

const left = (folder: string): string[] => readdirSync(folder).filter((name) => name.startsWith('srp-demo'));

test('comes true: what Bob wrote reaches Alice through peers that cannot read it', async () => {
  const { program, folder } = start([demoFile, '--json']);
  assert.is(await program.ended, 0, program.stdout + program.stderr);
  const { seconds, ...verdict } = lastLineOf(program) as { seconds: number };
  assert.equal(verdict, { demo: 'offline', delivered: 3, expected: 3, ok: true });
  assert.ok(seconds > 0 && seconds < 60);
  assert.match(program.stdout, /Alice +is killed \(SIGKILL\)[\s\S]*Bob +is killed \(SIGKILL\)[\s\S]*Alice +comes back[\s\S]*It came true/);
  assert.equal(left(folder), []);
});

test('fails when the relays keep nothing, as they must for what is published with life 0', async () => {
  const folder = freshFolder();
  const { program } = start([variant(folder, { isFleeting: true, waitMs: 1500 })]);
  assert.is(await program.ended, 1, program.stdout + program.stderr);
  assert.match(program.stdout, /FAIL {2}Alice received 0 of 3 messages/);
  const { delivered, ok } = lastLineOf(program) as { delivered: number; ok: boolean };
  assert.equal([delivered, ok], [0, false]);
});

test('fails when Bob does not write all of it', async () => {
  const folder = freshFolder();
  const { program } = start([variant(folder, { messages: ['only this'], waitMs: 1500 })]);
  assert.is(await program.ended, 1, program.stdout + program.stderr);
  assert.match(program.stdout, /FAIL {2}Bob published 1 of 3 messages/);
});

test('leaves no process and no file behind when it is interrupted', async () => {
  const { program, folder } = start([demoFile, '--json']);
  await program.until(() => program.stdout.includes('relay 3'), 'the relays');
  const children = childrenOf(program.child.pid ?? 0);
  assert.ok(children.length >= 4, String(children));
  program.child.kill('SIGINT');
  assert.is(await program.ended, 1);
  assert.equal(children.filter(isAlive), []);
  assert.equal(left(folder), []);
  assert.match(program.stdout, /interrupted by SIGINT/);
  assert.match(JSON.stringify(lastLineOf(program)), /"ok":false/);
});

test('leaves no process behind when it is killed itself', async () => {
  const { program } = start([demoFile]);
  await program.until(() => program.stdout.includes('relay 3'), 'the relays');
  const children = childrenOf(program.child.pid ?? 0);
  program.child.kill('SIGKILL');
  await program.ended;
  await until(() => !children.some(isAlive), 'the end of its children');
});

test('answers a bad option in one line, and prints its help', () => {
  const bad = spawnSync(process.execPath, [demoFile, '--fast'], { encoding: 'utf8' });
  assert.is(bad.status, 2);
  assert.match(bad.stderr, /^Cannot start the demo: [^\n]+\n$/);
  const help = spawnSync(process.execPath, [demoFile, '--help'], { encoding: 'utf8' });
  assert.is(help.status, 0);
  assert.match(help.stdout, '--json');
});

test.run();
