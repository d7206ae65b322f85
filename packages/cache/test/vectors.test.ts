/** The committed vectors: current, and confirmed by the slow twins. */
import { fromHex, type ShortId, toHex } from '@srp/machine';
import { createHash } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readVectors, vectorsSuite } from '../../../scripts/vectors.mjs';
import { symbolsOf } from './reference/symbols.js';
import { makeVectors } from './vectors.js';

interface SketchVectors {
  readonly digests: readonly { readonly description: string; readonly ids: readonly string[]; readonly digest: string }[];
  readonly sketches: readonly {
    readonly description: string;
    readonly tag: string;
    readonly salt: string;
    readonly ids: readonly ShortId[];
    readonly symbols: readonly { readonly sum: string; readonly check: number; readonly excess: number }[];
  }[];
}

const test = suite('committed vectors');
const { digests, sketches } = readVectors('sketch.json') as SketchVectors;

for (const { description, ids, digest } of digests) {
  test(`the digest of ${description} is that of SHA-256`, () => {
    assert.is(createHash('sha256').update(Buffer.from(ids.join(''), 'hex')).digest('hex').slice(0, 24), digest);
  });
}

for (const { description, tag, salt, ids, symbols } of sketches) {
  test(`the symbols of ${description} are those of the slow twin`, () => {
    const twin = symbolsOf(ids, salt, tag, symbols.length);
    for (const [i, { sum, check, excess }] of symbols.entries()) {
      const { high, low, ...rest } = twin[i]!;
      assert.equal({ sum, check, excess }, { sum: toHex(fromHex(high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0'))), ...rest });
    }
  });
}

test.run();
vectorsSuite(makeVectors());
