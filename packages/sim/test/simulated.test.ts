/** What a failing test says, and what the environment asks of it. */
import { SimError } from '@srp/sim';
import { simulated } from '@srp/sim/node';
import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('simulated');

/** Two peers, of whom the second hears the first; it fails at every seed but 5. */
const failing = `
import { simulated } from '@srp/sim/node';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

test('some seeds are bad', simulated({ seed: 4 }, (net) => {
  const hub = net.peer({ name: 'hub' });
  const heard = net.peer({ name: 'alice', knows: [hub] }).join('tea');
  const tea = hub.join('tea');
  net.run(1_000);
  tea.publish('The kettle is on.');
  net.run(1_000);
  assert.is(heard.texts().length, process.env.SRP_SEED === '5' ? 1 : 2);
}));
test.run();
`;

const run = (file: string, args: readonly string[], env: Record<string, string>): { readonly output: string; readonly status: number | null } => {
  const cwd = fileURLToPath(new URL('..', import.meta.url));
  const { stdout, stderr, status } = spawnSync(process.execPath, [...args, file], { cwd, encoding: 'utf8', env: { ...process.env, NO_COLOR: '1', ...env } });
  return { output: stdout + stderr, status };
};

test('a failing test tells its seed, a command that runs it again, and what was published; that command tells a life', () => {
  const file = `.failing-${process.pid}.mjs`;
  const path = fileURLToPath(new URL(`../${file}`, import.meta.url));
  writeFileSync(path, failing);
  try {
    const first = run(file, ['--no-warnings'], {});
    assert.is(first.status, 1);
    const [, id] = /Seed 4, again with: SRP_SEED=4 node --no-warnings \.failing-\d+\.mjs\n.*Published, the last 1 of 1 .*\n +([0-9a-f]{16}) {2}hub at 1000\.0 ms/.exec(first.output) ?? [];
    assert.ok(id, first.output);
    const again = run(file, ['--no-warnings'], { SRP_SEED: '4', SRP_TRACE: id });
    assert.match(again.output, new RegExp(`^${id}[0-9a-f]{16,}\n.* hub publishes it\n.* alice shows it to its app \\(arrived\\)\n.* alice got it pushed; hub sent it`, 'm'));
    const other = run(file, [], { SRP_SEED: '5', SRP_TRACE: 'none' });
    assert.is(other.status, 0, other.output);
    assert.match(other.output, /SRP_TRACE=none: 0 packets of this network begin so/);
  } finally {
    rmSync(path);
  }
});

test('an error keeps its class and its own words, and what is none becomes one', () => {
  const messageOf = (thrown: unknown): string => {
    try {
      simulated({ seed: 9, replay: 'npm test -- nine' }, () => {
        throw thrown;
      })();
    } catch (error) {
      if (thrown instanceof Error) assert.is(error, thrown);
      return (error as Error).message;
    }
    throw new Error('it did not fail');
  };
  assert.is(messageOf(new RangeError('too few')), 'too few\n\nSeed 9, again with: npm test -- nine\nNothing was published.');
  assert.match(messageOf('a word'), /^a word\n\nSeed 9/);
});

test('a seed that is none is refused', () => {
  process.env['SRP_SEED'] = 'seven';
  try {
    assert.throws(simulated({ seed: 1 }, () => undefined), (error: unknown) => error instanceof SimError && error.code === 'NETWORK_OPTION_WRONG');
  } finally {
    delete process.env['SRP_SEED'];
  }
});

test.run();
