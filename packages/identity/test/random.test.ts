import { seededRandom } from '@srp/identity';
import { systemRandom } from '@srp/identity/node';
import { concat, readU32, toHex } from '@srp/machine';
import { createCipheriv, createHmac } from 'node:crypto';
import { suite as uvu } from 'uvu';
import * as assert from 'uvu/assert';

const test = uvu('randomness');
const seed = Uint8Array.from({ length: 32 }, (_, i) => i);

/** The slow twin: the definition, on node's own ciphers, all blocks at once. */
const hmac = (key: Uint8Array, ...parts: readonly (string | Uint8Array)[]): Uint8Array => {
  const mac = createHmac('sha256', key);
  for (const part of parts) mac.update(part);
  return mac.digest();
};
const streamOf = (from: Uint8Array, blocks: number): string => {
  let key = hmac(from, 'srp1 random stream');
  let stream = '';
  for (let i = 0; i < blocks; i += 1) {
    const block = createCipheriv('chacha20', key, new Uint8Array(16)).update(new Uint8Array(512));
    key = block.subarray(0, 32);
    stream += toHex(block.subarray(32));
  }
  return stream;
};
const forkSeeds = (from: Uint8Array, ...labels: readonly string[]): Uint8Array[] => {
  let key = hmac(from, 'srp1 random fork');
  return labels.map((label) => {
    const child = hmac(key, Uint8Array.of(1), label);
    key = hmac(key, Uint8Array.of(0));
    return child;
  });
};

test('is what its definition says, however it is drawn', () => {
  const expected = streamOf(seed, 3);
  assert.is(toHex(seededRandom(seed).bytes(1440)), expected);
  const random = seededRandom(seed);
  const pieces = [0, 1, 31, 447, 1, 2, 500, 458].map((count) => random.bytes(count));
  assert.is(toHex(concat(...pieces)), expected);
});

test('forks by number and label, whatever was drawn', () => {
  const [first, second] = forkSeeds(seed, 'mesh', 'mesh');
  const random = seededRandom(seed);
  const one = random.fork('mesh');
  random.bytes(100);
  const two = random.fork('mesh');
  assert.is(toHex(one.bytes(40)), streamOf(first ?? seed, 1).slice(0, 80));
  assert.is(toHex(two.bytes(40)), streamOf(second ?? seed, 1).slice(0, 80));
  assert.is(toHex(random.bytes(40)), streamOf(seed, 1).slice(200, 280), 'a fork draws nothing from its parent');
  const [nested] = forkSeeds(first ?? seed, 'cache');
  assert.is(toHex(one.fork('cache').bytes(40)), streamOf(nested ?? seed, 1).slice(0, 80));
  assert.not.equal(seededRandom(seed).fork('a').bytes(32), seededRandom(seed).fork('b').bytes(32));
});

test('copies its seed', () => {
  const own = seed.slice();
  const random = seededRandom(own);
  own.fill(0);
  assert.equal(random.bytes(600), seededRandom(seed).bytes(600));
});

test('gives what was drawn to one caller alone', () => {
  const random = seededRandom(seed);
  random.bytes(32).fill(0);
  assert.is(toHex(random.bytes(32)), streamOf(seed, 1).slice(64, 128));
});

for (const [name, random] of Object.entries({ 'a seeded generator': seededRandom(seed), 'the system': systemRandom() })) {
  test(`draws numbers below a limit evenly from ${name}`, () => {
    for (const limit of [1, 2, 3, 10, 1000]) {
      const counts = new Array<number>(limit).fill(0);
      const draws = 300 * Math.min(limit, 10);
      for (let i = 0; i < draws; i += 1) {
        const drawn = random.below(limit);
        assert.ok(Number.isInteger(drawn) && drawn >= 0 && drawn < limit);
        counts[drawn] = (counts[drawn] ?? 0) + 1;
      }
      if (limit <= 10) for (const count of counts) assert.ok(count > 200 && (limit === 1 || count < 420), `${limit}: ${counts.join()}`);
    }
    assert.ok(random.below(2 ** 32) < 2 ** 32);
  });

  test(`refuses limits and counts without meaning from ${name}`, () => {
    const refused = (run: () => unknown) => assert.throws(run, (error: unknown) => (error as { code?: string }).code === 'RANDOM_RANGE_WRONG');
    for (const limit of [0, -1, 1.5, 2 ** 32 + 1, Number.NaN, Infinity]) refused(() => random.below(limit));
    for (const count of [-1, 1.5, Number.NaN, Infinity]) refused(() => random.bytes(count));
  });
}

test('draws a number from the next four bytes, wherever a block ends', () => {
  const [numbers, bytes] = [seededRandom(seed), seededRandom(seed)];
  for (let i = 0; i < 1000; i += 1) {
    assert.is(numbers.below(2 ** 32), readU32(bytes.bytes(4), 0));
    if (i % 7 === 0) assert.equal(numbers.bytes(i % 5), bytes.bytes(i % 5));
  }
});

test('is never the same from the system', () => {
  assert.not.equal(systemRandom().bytes(32), systemRandom().bytes(32));
  assert.not.equal(systemRandom().fork('a').bytes(32), systemRandom().fork('a').bytes(32));
  assert.is(Object.getPrototypeOf(systemRandom().bytes(4)), Uint8Array.prototype);
});

test('refuses a seed of another length', () => {
  assert.throws(() => seededRandom(new Uint8Array(16)), /32 bytes, got 16/);
});

test.run();
