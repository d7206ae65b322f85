import { toHex } from '@srp/machine';
import { type CborValue, decodeCbor, encodeCbor, WireError } from '@srp/wire';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { passes } from './reference/cbor.js';
import { cborValue, damaged } from './support/arbitraries.js';
import { printSeed } from './support/random.js';

const test = suite('CBOR');
const seed = printSeed();
const bomb = (...bytes: number[]) => Uint8Array.from(bytes);

test('what is encoded comes back as it was', () => {
  fc.assert(
    fc.property(cborValue, (value) => {
      const result = decodeCbor(encodeCbor(value));
      assert.equal(result, { ok: true, value: sorted(value) });
    }),
    { seed, numRuns: 300 },
  );
});

test('the order in which a map was filled does not show', () => {
  const bytes = encodeCbor(new Map([[300, 1], [2, 2], [24, 3], [23, 4]]));
  assert.is(toHex(bytes), 'a402021704181803' + '19012c01');
});

test('the gate and its slow twin let the same bytes pass, and what passes has no second encoding', () => {
  const isMarked = (bytes: Uint8Array) => toHex(bytes).includes('efbbbf');
  fc.assert(
    fc.property(fc.oneof(damaged(cborValue.map(encodeCbor)), fc.uint8Array({ maxLength: 12 })), (bytes) => {
      const result = decodeCbor(bytes);
      if (result.ok) assert.equal(encodeCbor(result.value), bytes);
      if (!isMarked(bytes)) assert.is(result.ok, passes(bytes), toHex(bytes));
    }),
    { seed, numRuns: 2000 },
  );
});

test('what was decoded is of its own: plain bytes that outlive the input', () => {
  const bytes = encodeCbor([new Uint8Array(100).fill(7), 'text']);
  const result = decodeCbor(bytes);
  bytes.fill(0xff);
  assert.ok(result.ok);
  const [own] = result.value as [Uint8Array];
  assert.is(Object.getPrototypeOf(own), Uint8Array.prototype);
  assert.equal(own, new Uint8Array(100).fill(7));
});

test('what is encoded is of its own, too', () => {
  const first = encodeCbor([1, 2, 3]);
  const copy = toHex(first);
  encodeCbor([9, 9, 9]);
  assert.is(toHex(first), copy);
  assert.is(first.buffer.byteLength, first.length);
});

test('bytes that claim much cost little', () => {
  const claims = [
    bomb(0x9b, 0, 0, 0, 1, 0, 0, 0, 0),
    bomb(0xbb, 0, 0, 0, 1, 0, 0, 0, 0),
    bomb(0x5b, 0, 0, 0, 1, 0, 0, 0, 0),
    bomb(0x7a, 0xff, 0xff, 0xff, 0xff),
    bomb(0x9a, 0xff, 0xff, 0xff, 0xff, 0),
    bomb(0xba, 0xff, 0xff, 0xff, 0xff, 0),
    bomb(0x84, 0x9a, 0x7f, 0xff, 0xff, 0xff),
    new Uint8Array(1198).fill(0x81),
    new Uint8Array(1198).fill(0xa1),
    new Uint8Array(65_536).fill(0x81),
    bomb(0xc2, 0x5a, 0, 0, 0xff, 0xff, ...new Uint8Array(65_535).fill(0xff)),
  ];
  const before = process.memoryUsage();
  for (let round = 0; round < 2000; round += 1) for (const bytes of claims) assert.not.ok(decodeCbor(bytes).ok);
  const after = process.memoryUsage();
  assert.ok(after.arrayBuffers - before.arrayBuffers < 1 << 22);
  assert.ok(after.heapUsed - before.heapUsed < 1 << 26);
});

test('what passes takes at most a kilobyte of memory a byte, garbage included', () => {
  // The emptiest things there are: 255 arrays, maps, byte strings or texts of one byte each.
  for (const empty of [0x80, 0xa0, 0x40, 0x60]) {
    const bytes = bomb(0x98, 255, ...new Uint8Array(255).fill(empty));
    const kept: unknown[] = [];
    const before = process.memoryUsage();
    for (let round = 0; round < 100; round += 1) kept.push(decodeCbor(bytes));
    const after = process.memoryUsage();
    assert.ok(after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers < 1024 * kept.length * bytes.length);
  }
});

test('a caller who asks for what SRP does not speak is told at once', () => {
  let deep: CborValue = [];
  for (let i = 0; i < 4; i += 1) deep = [deep];
  const cyclic: unknown[] = [];
  cyclic.push(cyclic);
  const bad: [unknown, RegExp][] = [
    [-1, /a number must be an integer 0\.\.2\^53 - 1, got -1/],
    [0.5, /got 0\.5/],
    [Number.NaN, /got NaN/],
    [2 ** 53, /got 9007199254740992/],
    [1n, /got bigint/],
    [undefined, /got undefined/],
    [{ a: 1 }, /got object/],
    [new Date(0), /got object/],
    [/x/, /got object/],
    ['\ud800', /lone surrogate/],
    [`${'a'.repeat(100)}\udc00`, /lone surrogate/],
    ['\ufeffa', /cbor-text-marked/],
    [new Map([['a', 1]]), /a number must be/],
    [new Map([[-1, 1]]), /got -1/],
    [deep, /at most 4 levels/],
    [cyclic, /at most 4 levels/],
    [new Array(256).fill(0), /cbor-too-many-items/],
  ];
  for (const [value, message] of bad) {
    assert.throws(
      () => encodeCbor(value as CborValue),
      (error: unknown) => error instanceof WireError && error.code === 'CBOR_VALUE_UNSUPPORTED' && message.test(error.message),
      String(message),
    );
  }
});

test('minus zero is zero', () => {
  assert.equal(encodeCbor(-0), Uint8Array.of(0));
});

/** Maps in the order in which they travel: uvu compares maps in order. */
const sorted = (value: CborValue): CborValue => {
  if (Array.isArray(value)) return (value as readonly CborValue[]).map(sorted);
  if (value instanceof Map) return new Map([...(value as ReadonlyMap<number, CborValue>)].sort(([a], [b]) => a - b).map(([key, item]) => [key, sorted(item)]));
  return value;
};

test.run();
