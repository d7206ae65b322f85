import { SeenFilter } from '@srp/cache';
import { after, type PacketId, shortIdOf } from '@srp/machine';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { seenGenerationMax, seenGenerationMs } from '../dist/constants.js';
import { idOf, randomOf } from './helpers.js';
import { start } from './objects.js';

const scattered = (n: number): PacketId => (Math.imul(n, 0x9e37_79b1) >>> 0).toString(16).padStart(8, '0').concat(n.toString(16).padStart(24, '0')) as PacketId;

test('knows an id by its first 8 bytes once it was remembered', () => {
  const filter = new SeenFilter({ random: randomOf(1) });
  assert.not(filter.has(scattered(5)));
  assert.is(filter.remember(start, scattered(5)), true);
  assert.is(filter.remember(start, scattered(5)), false);
  assert.ok(filter.has(scattered(5)) && filter.has(shortIdOf(scattered(5))));
  assert.not(filter.has(scattered(6)));
});

test('the id of all zeros is an id', () => {
  const filter = new SeenFilter({ random: randomOf(1) });
  assert.not(filter.has(idOf(0)));
  assert.is(filter.remember(start, idOf(0)), true);
  assert.is(filter.remember(start, idOf(0)), false);
  assert.ok(filter.has(idOf(0)));
});

test('remembers the last 65 536 and never more than twice as many', () => {
  const filter = new SeenFilter({ random: randomOf(2) });
  const count = 3 * seenGenerationMax + 1000;
  for (let n = 0; n < count; n += 1) {
    filter.remember(start, scattered(n));
    if (n % 10_000 === 0) assert.ok(filter.size <= 2 * seenGenerationMax);
  }
  assert.ok(filter.size <= 2 * seenGenerationMax);
  for (let n = count - seenGenerationMax; n < count; n += 1) assert.ok(filter.has(scattered(n)), `${n} is forgotten`);
  let false_ = 0;
  for (let n = count; n < count + 100_000; n += 1) if (filter.has(scattered(n))) false_ += 1;
  assert.is(false_, 0);
});

test('forgets what is more than two generations old', () => {
  const filter = new SeenFilter({ random: randomOf(3) });
  filter.remember(start, scattered(1));
  filter.remember(after(start, seenGenerationMs - 1), scattered(2));
  assert.ok(filter.has(scattered(1)));
  filter.remember(after(start, seenGenerationMs), scattered(3));
  assert.ok(filter.has(scattered(1)), 'one generation old');
  filter.remember(after(start, 2 * seenGenerationMs), scattered(4));
  assert.not(filter.has(scattered(1)));
  assert.ok(filter.has(scattered(3)));
});

test('ids chosen to crowd without the secret do not, and with it they only end a generation early', () => {
  // All share their low word: against a table that takes it for the place, every look would walk past all of them.
  const filter = new SeenFilter({ random: randomOf(4), generationMax: 1024 });
  const crowd = Array.from({ length: 1024 }, (_, n) => `00000001${n.toString(16).padStart(8, '0')}${'0'.repeat(16)}` as PacketId);
  for (const id of crowd) filter.remember(start, id);
  assert.ok(filter.size > 1000);
  for (const id of crowd) assert.ok(filter.has(id));
});

test('refuses a size that is no power of two', () => {
  for (const generationMax of [0, 64, 100, 2 ** 25, Number.NaN]) {
    assert.throws(() => new SeenFilter({ random: randomOf(1), generationMax }), /generationMax must be a power of two/);
  }
});

test('agrees with a plain Set as long as nothing has to be forgotten', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(300), { maxLength: 400 }), fc.nat(100), (numbers, seed) => {
      const filter = new SeenFilter({ random: randomOf(seed), generationMax: 512 });
      const plain = new Set<PacketId>();
      for (const n of numbers) {
        assert.is(filter.has(scattered(n)), plain.has(scattered(n)));
        assert.is(filter.remember(start, scattered(n)), !plain.has(scattered(n)));
        plain.add(scattered(n));
      }
      assert.is(filter.size, plain.size);
    }),
    { numRuns: 50 },
  );
});

test.run();
