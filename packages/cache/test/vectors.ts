/** vectors/sketch.json: digests and coded symbols of sets of ids. */
import { fromHex, type PacketId, type ShortId, toHex } from '@srp/machine';
import type { VectorFile } from '../../../scripts/vectors.mjs';
import { IdSet } from '../dist/reconcile/id-set.js';
import { Sketch } from '../dist/reconcile/sketch.js';
import { randomOf } from './helpers.js';
import { tagOf } from './objects.js';

const idsOf = (count: number): ShortId[] => {
  const random = randomOf(count);
  return Array.from({ length: count }, () => toHex(random.bytes(8)) as ShortId);
};
const salt = '0011223344556677';
const tag = tagOf(1);
const sets: readonly (readonly [string, readonly ShortId[]])[] = [
  ['no ids', []],
  ['one id', ['0001020304050607' as ShortId]],
  ['ids whose halves are large', ['ffffffff00000000', 'ffffffffffffffff', '80000000ffffffff'] as ShortId[]],
  ['30 ids', idsOf(30)],
];

/** The conformance vectors of this package, made anew: `npm run vectors` writes them. */
export const makeVectors = (): Record<'sketch.json', VectorFile> => ({
  'sketch.json': {
    version: 1,
    spec: 'Cache negotiation',
    provenance: 'Written by packages/cache/test/vectors.ts; confirmed by packages/cache/test/reference, which makes the symbols with BigInt from the rule alone.',
    digests: sets.map(([description, ids]) => ({ description, rule: 'C-37', ids: [...ids].sort(), digest: new IdSet(ids).digest() })),
    sketches: sets.map(([description, ids]) => {
      const sketch = new Sketch(tag, ids as readonly string[] as readonly PacketId[], fromHex(salt));
      const symbols = sketch.symbols(0, 24).map(({ high, low, check, excess }) => ({ sum: toHex(new Uint8Array([high, low].flatMap((half) => [half >>> 24, half >>> 16, half >>> 8, half].map((byte) => byte & 255)))), check, excess }));
      return { description, rule: 'C-38', tag, salt, ids: [...ids].sort(), symbols };
    }),
  },
});
