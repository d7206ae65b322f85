// After a move: who is silent is asked for through who is not.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import * as limits from '../dist/constants.js';
import { desk, home, peer, type Desk } from './helpers.js';

const test = suite('moves');

/** Whom it asked for, and whom it asked: `wanted via witness`. */
const asked = (nat: Desk, ms: number): readonly string[] =>
  nat.pass(ms).flatMap((output) => (output.kind === 'frame' && output.frame.kind === 'introduce' ? [`${numberOf(output.frame.peer)} via ${numberOf(output.to)}`] : []));
const numberOf = (one: string): number => Number.parseInt(one.slice(0, 4), 16);
const heard = (nat: Desk, ...from: readonly number[]): void => {
  for (const n of from) nat.tell({ kind: 'observed', by: peer(n), address: home(100, 5000) });
};

test('after a move, who is silent is asked for through those who have answered, and again 1.6 s later', () => {
  const nat = desk(1).open(2, 3, 4);
  nat.tell({ kind: 'network-changed' });
  heard(nat, 2, 3);
  assert.equal([...asked(nat, 200)].sort(), ['4 via 2', '4 via 3']);
  assert.equal(asked(nat, 1_599), []);
  assert.equal([...asked(nat, 1)].sort(), ['4 via 2', '4 via 3']);
  assert.equal(asked(nat, 60_000), [], 'no more than twice');
});

test('a move that everybody follows asks nobody for anything, nor does one that nobody follows', () => {
  const followed = desk(1).open(2, 3);
  followed.tell({ kind: 'network-changed' });
  heard(followed, 2, 3);
  assert.equal(asked(followed, 5_000), []);
  const alone = desk(1).open(2, 3);
  alone.tell({ kind: 'network-changed' });
  assert.equal(asked(alone, 5_000), []);
});

test('whose session ends after a move is not asked for any more', () => {
  const nat = desk(1).open(2, 3);
  nat.tell({ kind: 'network-changed' });
  heard(nat, 2);
  nat.tell({ kind: 'closed', peer: peer(3) });
  assert.equal(asked(nat, 5_000), []);
});

test('of many silent peers 32 are asked for, of four witnesses each', () => {
  const nat = desk(1).open(...Array.from({ length: 60 }, (_, k) => k + 2));
  nat.tell({ kind: 'network-changed' });
  heard(nat, ...Array.from({ length: 10 }, (_, k) => k + 2));
  assert.is(asked(nat, 200).length, limits.movedPeersMax * limits.movedWitnessesMax);
});

test.run();
