import fc from 'fast-check';
import { compareConcurrent, inCausalOrder } from '@srp/stream';
import { test } from 'uvu';
import { equal, is, ok } from 'uvu/assert';
import { Heap } from '../dist/heap.js';
import { object } from './helpers.js';
import { history, shapes, shuffled } from './history.js';
import { slowOrder } from './reference/slow-order.js';

const ids = (items: readonly { readonly id: string }[]): readonly string[] => items.map(({ id }) => id);

test('concurrent objects sort by time, then ms, then id', () => {
  const sorted = [object('c1'), object('a2', null, [], { ms: 5 }), object('b2', null, [], { ms: 5 }), object('a2x', null, [], { ms: 6 }), object('a3')];
  for (const [n, a] of sorted.entries()) for (const [m, b] of sorted.entries()) is(Math.sign(compareConcurrent(a, b)), Math.sign(n - m));
  equal(ids(inCausalOrder(sorted.toReversed())), ids(sorted));
});

test('what is named comes first, whatever the clocks say', () => {
  const answer = object('b1', null, ['a9']);
  const question = object('a9');
  equal(ids(inCausalOrder([answer, object('c5'), question])), ['c5', 'a9', 'b1']);
});

test('the order is the same for every permutation, and that of the slow twin', () => {
  fc.assert(
    fc.property(shapes(60), fc.integer(), (shape, seed) => {
      const objects = history(shape);
      const expected = ids(slowOrder(objects));
      is(expected.length, objects.length);
      equal(ids(inCausalOrder(objects)), expected);
      equal(ids(inCausalOrder(shuffled(objects, Math.abs(seed)))), expected);
    }),
    { numRuns: 150 },
  );
});

test('it is also that of the twin when most of the history is not there', () => {
  fc.assert(
    fc.property(shapes(60), (shape) => {
      const objects = history(shape).filter((_, n) => n % 3 === 0);
      equal(ids(inCausalOrder(shuffled(objects, shape.seed))), ids(slowOrder(objects)));
    }),
    { numRuns: 100 },
  );
});

test('one more object at the end of the history moves no other', () => {
  fc.assert(
    fc.property(shapes(60), (shape) => {
      const objects = history(shape);
      const before = ids(inCausalOrder(objects.slice(0, -1)));
      equal(ids(inCausalOrder(objects)).filter((id) => id !== objects.at(-1)!.id), before);
    }),
    { numRuns: 100 },
  );
});

test('a circle, which no hash allows, still gives one order', () => {
  const circle = [object('a3', 'b2'), object('b2', 'c1'), object('c1', 'a3'), object('d0', null, ['a3']), object('e4', 'e4'), object('f9', 'a3'), object('g8', 'f9')];
  const expected = ids(slowOrder(circle));
  equal([...expected].sort(), ids(circle).toSorted());
  equal(ids(inCausalOrder(circle)), expected);
  equal(ids(inCausalOrder(circle.toReversed())), expected);
});

test('a long history is sorted in one go', () => {
  const chain = Array.from({ length: 20_000 }, (_, n) => object(`a${n}`, n === 0 ? null : `a${n - 1}`, [], { time: 20_000 - n }));
  equal(ids(inCausalOrder(chain.toReversed())), ids(chain));
});

test('the heap gives what a sorted array gives', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -5, max: 20 })), (steps) => {
      const heap = new Heap<number>((a, b) => a - b);
      const twin: number[] = [];
      for (const step of steps) {
        if (step < 0) {
          is(heap.pop(), twin.shift());
        } else {
          heap.push(step);
          twin.push(step);
          twin.sort((a, b) => a - b);
        }
      }
      while (twin.length > 0) is(heap.pop(), twin.shift());
      ok(heap.pop() === undefined);
    }),
  );
});

test.run();
