/** The conformance vectors of this package, made anew: `npm run vectors` writes them. */
import type { VectorFile } from '../../../scripts/vectors.mjs';
import { cborVectors } from './vectors/cbor.js';
import { frameVectors } from './vectors/frames.js';
import { objectVectors } from './vectors/object.js';

export const makeVectors = (): Record<'object.json' | 'frames.json' | 'cbor-gate.json', VectorFile> => ({
  'object.json': objectVectors(),
  'frames.json': frameVectors(),
  'cbor-gate.json': cborVectors(),
});
