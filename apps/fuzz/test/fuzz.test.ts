/** A short run over every target with a fixed seed, and the fuzzer held to finding what is put there to be found. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Chance } from '../dist/chance.js';
import { formatCase, parseCase } from '../dist/replay.js';
import { replay, run } from '../dist/run.js';
import type { Subject, Target } from '../dist/target.js';

const test = suite('fuzzer');
const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const fuzz = (...args: string[]) => spawnSync(process.execPath, [main, ...args], { encoding: 'utf8' });
setFlagsFromString('--expose-gc');
const tools = { now: () => performance.now(), cpu: () => performance.now(), collect: (): void => undefined };
const withMemory = { ...tools, collect: runInNewContext('gc') as () => void };

/** A target of three random bytes a time; `subject` says what it does with them. */
const fake = (subject: () => Partial<Subject>, limits: Partial<Target> = {}): Target => ({
  name: 'fake',
  inputsPerCase: 500,
  inputMsMax: 1000,
  grownBytesMax: 2 ** 21,
  make: (chance) => chance.bytes(3),
  open: () => ({ feed: () => undefined, check: () => undefined, ...subject() }),
  ...limits,
});
const failureOf = async (target: Target, by = tools) => {
  const { failure } = await run({ targets: [target], seed: 1, until: { cases: 20 }, ...by });
  assert.ok(failure);
  assert.equal(parseCase(formatCase(failure)), { target: 'fake', inputs: failure.inputs });
  assert.is(typeof (await replay(target, failure.inputs, by)), 'string', 'it does not fail again');
  return failure;
};

test('finds nothing in a short run over all targets, and says what it fed', () => {
  const { stdout, stderr, status } = fuzz('--cases', '1', '--seed', '1');
  assert.is(stderr, '');
  assert.is(status, 0, stdout);
  assert.match(stdout, /^seed 1\n/);
  for (const name of ['object', 'frame', 'cbor', 'datagram', 'invite', 'link', 'sync', 'peer', 'key-file', 'packet-log']) assert.match(stdout, new RegExp(`^${name} +[1-9]\\d* inputs`, 'm'));
  assert.match(stdout, /\nnothing failed\n$/);
});

test('feeds a case again, and refuses what it does not know', () => {
  assert.match(fuzz('--replay', 'cbor:ff,00').stdout, /2 input\(s\) fed to cbor: nothing failed/);
  for (const [args, why] of [
    [['--replay', 'nothing'], /a case is written/],
    [['--replay', 'cbor:zz'], /Cannot read hex/],
    [['--target', 'toaster'], /there is no target toaster/],
    [['--seconds', 'soon'], /--seconds must be a whole number of at least 1, got soon/],
    [['60'], /Unexpected argument '60'/],
  ] as const) {
    const { status, stderr } = fuzz(...args);
    assert.is(status, 2);
    assert.match(stderr, why);
  }
});

test('makes the same inputs of the same seed', () => {
  const drawn = (seed: number, label: string) => [new Chance(seed, label)].map((chance) => [chance.word(), chance.below(1000), [...chance.bytes(9)]])[0];
  assert.equal(drawn(1, 'a'), drawn(1, 'a'));
  assert.not.equal(drawn(1, 'a'), drawn(2, 'a'));
  assert.not.equal(drawn(1, 'a'), drawn(1, 'b'));
});

test('finds an input that throws, and gives that one alone', async () => {
  const target = fake(() => ({
    feed: ([first]) => {
      if (first === 0x42) throw new Error('found');
    },
  }));
  const { inputs, what } = await failureOf(target);
  assert.match(what, /found/);
  assert.is(inputs.length, 1);
  assert.is(inputs[0]?.[0], 0x42);
});

test('finds what only two inputs together break, and leaves out the others', async () => {
  const target = fake(() => {
    const seen = new Set<number>();
    return {
      feed: ([first = 0]) => void seen.add(first),
      check: () => {
        if (seen.has(7) && seen.has(9)) throw new TypeError('broken');
      },
    };
  });
  const { inputs } = await failureOf(target);
  assert.equal(inputs.map(([first]) => first).sort(), [7, 9]);
});

test('finds a rejection, and something thrown that is no error', async () => {
  assert.match((await failureOf(fake(() => ({ feed: () => Promise.reject(new Error('later')) })))).what, /later/);
  const text: unknown = 'a text';
  const thrower = (): void => {
    throw text;
  };
  assert.match((await failureOf(fake(() => ({ check: thrower })))).what, /no Error was thrown: a text/);
});

test('finds an input that takes too long, unless it was the machine', async () => {
  let clock = 0;
  const timed = { now: () => clock, cpu: () => clock, collect: () => undefined };
  const slow = (isAlways: boolean) => {
    let opened = 0;
    return fake(() => {
      opened += 1;
      return { feed: () => void (clock += isAlways || opened === 1 ? 2000 : 1) };
    });
  };
  const until = { cases: 1 };
  assert.match((await run({ targets: [slow(true)], seed: 1, until, ...timed })).failure?.what ?? '', /took 2000 ms, more than 1000/);
  assert.is((await run({ targets: [slow(false)], seed: 1, until, ...timed })).failure, null);
});

test('finds that every input leaves something behind', async () => {
  const kept: number[][] = [];
  const target = fake(() => ({ feed: () => void kept.push(Array.from({ length: 1000 }, (_, i) => i / 3)) }));
  assert.match((await failureOf(target, withMemory)).what, /MiB are held after the case, more than 2\.0 MiB/);
});

test.run();
