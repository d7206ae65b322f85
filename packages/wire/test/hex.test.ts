import { fromHex, toHex } from '@srp/machine';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isZero, readHex, writeHex } from '../dist/hex.js';
import { printSeed } from './support/random.js';

const test = suite('hex');

test('reads and writes what the plain forms do, at any offset', () => {
  printSeed();
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 64 }), fc.nat({ max: 9 }), (bytes, offset) => {
      const hex = toHex(bytes);
      const written = new Uint8Array(offset + bytes.length + 1);
      assert.ok(writeHex(written, offset, hex, bytes.length));
      assert.equal(written.slice(offset, -1), fromHex(hex));
      assert.is(readHex(written, offset, bytes.length), hex);
    }),
  );
});

test('takes nothing but lowercase hex of the right length', () => {
  for (const bad of ['', '0', '000', 'zz', 'AB', '0g', '\u0660\u0661', ' 0', '0\u0100']) {
    assert.not.ok(writeHex(new Uint8Array(1), 0, bad, 1), bad);
  }
  for (const bad of [undefined, null, 0, ['0', '0']]) {
    assert.not.ok(writeHex(new Uint8Array(1), 0, bad as never, 1));
  }
});

test('sees whether bytes are zero, within their bounds alone', () => {
  assert.ok(isZero(Uint8Array.of(1, 0, 0, 1), 1, 2));
  assert.not.ok(isZero(Uint8Array.of(1, 0, 0, 1), 1, 3));
});

test.run();
