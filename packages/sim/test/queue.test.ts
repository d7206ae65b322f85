import { seededRandom } from '@srp/identity';
import { instant } from '@srp/machine';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { EventQueue } from '../dist/queue.js';

const test = suite('event queue');

test('gives events out by time, and by order of pushing within one instant', () => {
  const random = seededRandom(new Uint8Array(32).fill(7));
  const queue = new EventQueue<number>();
  const pushed = Array.from({ length: 2_000 }, (_, number) => ({ at: instant(random.below(200)), number }));
  for (const { at, number } of pushed) queue.push(at, number);
  const expected = [...pushed].sort((a, b) => a.at - b.at || a.number - b.number);
  assert.is(queue.size, 2_000);
  assert.equal(
    expected.map(() => queue.pop()?.event),
    expected.map(({ number }) => number),
  );
});

test('keeps its order while events come and go', () => {
  const random = seededRandom(new Uint8Array(32).fill(8));
  const queue = new EventQueue<number>();
  const waiting: number[] = [];
  for (let round = 0; round < 2_000; round += 1) {
    if (random.below(3) > 0) {
      const at = random.below(1_000);
      waiting.push(at);
      queue.push(instant(at), at);
    } else {
      waiting.sort((a, b) => a - b);
      assert.is(queue.nextAt(), waiting[0] ?? null);
      assert.is(queue.pop()?.event, waiting.shift());
    }
  }
});

test('is empty when everything was taken', () => {
  const queue = new EventQueue<string>();
  assert.is(queue.pop(), null);
  queue.push(instant(5), 'one');
  assert.is(queue.pop()?.event, 'one');
  assert.is(queue.nextAt(), null);
});

test.run();
