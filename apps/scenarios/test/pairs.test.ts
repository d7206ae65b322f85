/** Pairs of boxes in the simulator: as many direct paths as the mathematics allow, for no more packets than SPEC allows. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { figuresOf, isAsItShould } from '../dist/pairs/main.js';
import { allPairs, expectedShare, meet } from '../dist/pairs/meet.js';

const test = suite('pairs');
const pairOf = (a: string, b: string) => allPairs.find(([one, other]) => one.name === a && other.name === b)!;

test('with 256 of 64 511 ports open, 1024 guesses find one in 98.4 of 100 cases, and with 4096 always', () => {
  assert.ok(Math.abs(expectedShare(pairOf('port-restricted', 'symmetric')) - 0.984) < 0.001);
  assert.ok(expectedShare(pairOf('port-restricted', 'symmetric-block')) > 0.999_999);
  assert.is(expectedShare(pairOf('address-restricted', 'symmetric')), 1);
  assert.is(expectedShare(pairOf('symmetric', 'symmetric')), 0);
});

test('every pair of boxes has a session, and a direct path where it can, within its packets', () => {
  for (const [k, pair] of allPairs.entries()) {
    const isGuessed = pair.some(({ ports }) => ports !== null) && pair.some(({ ports, isStrict }) => ports === null && isStrict);
    const seeds = Array.from({ length: isGuessed ? 4 : 1 }, (_, i) => 10 * k + i);
    const figures = figuresOf(pair, seeds.map((seed) => meet(seed, pair)));
    assert.ok(isAsItShould(figures), JSON.stringify(figures));
  }
});

test.run();
