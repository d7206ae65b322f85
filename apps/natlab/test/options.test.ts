import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readOptions, Wrong } from '../dist/options.js';

const test = suite('options');
const pairsOf = (...args: string[]): readonly string[] => readOptions(args)!.pairs.map(({ a, b }) => `${a}:${b}`);

test('without any, every pair of the seven kinds is run once', () => {
  const { pairs, runCount, loss, lifetimeS, idleS, part, isRequired } = readOptions([], {})!;
  assert.is(pairs.length, 28);
  assert.equal({ runCount, loss, lifetimeS, idleS, part, isRequired }, { runCount: 1, loss: 0, lifetimeS: null, idleS: null, part: 'all', isRequired: false });
});

test('pairs are named in groups, or one by one', () => {
  assert.is(pairsOf('--pairs', 'easy').length, 15);
  assert.not.ok(pairsOf('--pairs', 'easy').some((name) => name.includes('symmetric')));
  assert.ok(pairsOf('--pairs', 'special').includes('one-nat:one-nat'));
  assert.ok(readOptions(['--pairs', 'shapes'])!.pairs.every(({ expected }) => expected !== undefined));
  assert.is(readOptions(['--reboot'])!.event, 'reboot');
  assert.equal(pairsOf('--pairs', 'symmetric:open,open:open'), ['symmetric:open', 'open:open']);
});

test('what cannot be meant is refused with what could be', () => {
  const refused = (pattern: RegExp, ...args: string[]): void => assert.throws(() => readOptions(args), (error: unknown) => error instanceof Wrong && pattern.test(error.message));
  refused(/got open:moon/, '--pairs', 'open:moon');
  refused(/got open/, '--pairs', 'open');
  refused(/shares a box is of one kind/, '--pairs', 'one-nat:open');
  refused(/--runs must be a whole number 1\.\.10000, got 1\.5/, '--runs', '1.5');
  refused(/--loss must be a share 0\.\.0\.9, got 1/, '--loss', '1');
  refused(/'--dance'/, '--dance');
});

test('a server that wants no skip says so by an option or by its environment', () => {
  assert.is(readOptions(['--required'], {})!.isRequired, true);
  assert.is(readOptions([], { SRP_NATLAB: 'required' })!.isRequired, true);
});

test.run();
