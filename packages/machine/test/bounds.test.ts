import { test } from 'uvu';
import { equal, is, throws } from 'uvu/assert';
import { BoundedMap, Counter, earliest, instant, isDue, jittered, type Random, sample, SrpError, TokenBucket, unixSeconds } from '@srp/machine';

/** A counter that looks random enough to shuffle with, and is not. */
const counting = (): Random => {
  let state = 1;
  const random: Random = {
    bytes: (count) => Uint8Array.from({ length: count }, () => random.below(256)),
    below: (limit) => {
      state = (state * 48271) % 0x7fffffff;
      return state % limit;
    },
    fork: () => counting(),
  };
  return random;
};

test('a full map lets its oldest entry go and says which', () => {
  const map = new BoundedMap<string, number>(2);
  is(map.set('a', 1), null);
  is(map.set('b', 2), null);
  is(map.touch('a'), 1);
  equal(map.set('c', 3), ['b', 2]);
  equal([...map.entries()], [['a', 1], ['c', 3]]);
  for (let i = 0; i < 1000; i += 1) map.set(`k${i}`, i);
  is(map.size, 2);
  throws(() => new BoundedMap(0), /max must be an integer >= 1, got 0/);
});

test('looking at an entry does not make it younger', () => {
  const map = new BoundedMap<string, number>(2);
  map.set('a', 1);
  map.set('b', 2);
  is(map.get('a'), 1);
  equal(map.set('c', 3), ['a', 1]);
});

test('whatever is done to it, a map holds what a list of keys by age would hold', () => {
  const random = counting();
  const map = new BoundedMap<number, number>(8);
  let young: number[] = [];
  for (let i = 0; i < 5000; i += 1) {
    const key = random.below(24);
    const others = young.filter((known) => known !== key);
    switch (random.below(8)) {
      case 0:
        is(map.delete(key), others.length < young.length);
        young = others;
        break;
      case 1:
        if (map.touch(key) !== undefined) young = [...others, key];
        break;
      default: {
        const gone = map.set(key, i);
        young = [...others, key];
        is(gone?.[0], young.length > 8 ? young.shift() : undefined);
      }
    }
    equal([...map.keys()], young);
  }
  map.clear();
  for (let key = 0; key < 8; key += 1) is(map.set(key, key), null);
  equal(map.set(8, 8), [0, 0]);
});

test('a bucket tells what is left, and when so much is there', () => {
  const bucket = new TokenBucket(10, 3);
  is(bucket.readyAt(), null);
  is(bucket.left(instant(1000)), 3);
  is(bucket.take(instant(1000), 3), true);
  equal([bucket.readyAt(), bucket.readyAt(2)], [instant(1100), instant(1200)]);
  is(bucket.left(instant(1150)), 1.5);
  is(bucket.readyAt(), instant(1150));
});

test('a bucket gives its burst, then its rate', () => {
  const bucket = new TokenBucket(10, 3);
  const at = instant(1_000_000);
  equal([0, 1, 2, 3].map(() => bucket.take(at)), [true, true, true, false]);
  is(bucket.take(instant(1_000_099)), false);
  is(bucket.take(instant(1_000_100)), true);
  is(bucket.take(instant(9_000_000), 3), true);
  is(bucket.take(instant(9_000_000)), false);
});

test('a counter counts by reason', () => {
  const dropped = new Counter<'forged' | 'late'>();
  dropped.add('forged');
  dropped.add('forged', 2);
  is(dropped.get('forged'), 3);
  is(dropped.get('late'), 0);
  equal(dropped.snapshot(), { forged: 3 });
});

test('a sample has different members and leaves its source alone', () => {
  const from = [1, 2, 3, 4, 5];
  const random = counting();
  for (let i = 0; i < 50; i += 1) is(new Set(sample(random, from, 3)).size, 3);
  is(sample(random, from, 9).length, 5);
  equal(from, [1, 2, 3, 4, 5]);
});

test('jitter stays within its share', () => {
  const random = counting();
  for (let i = 0; i < 100; i += 1) {
    const ms = jittered(random, 1000, 0.2);
    is(ms >= 800 && ms <= 1200, true);
  }
});

test('the earliest deadline wins and none is null', () => {
  is(earliest(null, null), null);
  is(earliest(instant(5), null, instant(3)), 3);
  is(unixSeconds(instant(1999)), 1);
  equal([isDue(instant(3), null), isDue(instant(2), instant(3)), isDue(instant(3), instant(3)), isDue(instant(4), instant(3))], [false, false, true, true]);
  throws(() => instant(Number.NaN), /must be finite/);
});

test('an error carries its code and its cause', () => {
  const cause = new Error('below');
  const error = new SrpError('SOME_CODE', 'Cannot do it: rule, got value', { cause });
  is(error.code, 'SOME_CODE');
  is(error.cause, cause);
  is(error instanceof Error, true);
});

test.run();
