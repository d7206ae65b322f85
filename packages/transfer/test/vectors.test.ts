/** The committed vectors: current, and what this package and its slow twin make of them. */
import { fromHex, toHex } from '@srp/machine';
import { fileKeyOf } from '@srp/transfer';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readVectors, vectorsSuite } from '../../../scripts/vectors.mjs';
import { slowKey, slowTree } from './reference/tree.js';
import { treeOf } from './support/files.js';
import { makeVectors, patternOf } from './vectors.js';

interface File {
  readonly description: string;
  readonly size: number;
  readonly contentHash: string;
  readonly key: string;
  readonly id: string;
}

const vectors = makeVectors();
vectorsSuite(vectors);
const committed = readVectors('transfer.json') as { readonly secret: string; readonly files: readonly File[]; readonly blocks: readonly { readonly description: string; readonly change: unknown; readonly verdict: string }[] };
const test = suite('committed trees');

for (const { description, size, contentHash, key, id } of committed.files) {
  test(description, () => {
    const content = patternOf(size);
    assert.is(toHex(fileKeyOf(fromHex(committed.secret), fromHex(contentHash))), key);
    assert.is(slowKey(fromHex(committed.secret), content).toString('hex'), key);
    assert.is(treeOf(content, fromHex(key)).id, id);
    assert.is(slowTree(fromHex(key), content).id, id);
  });
}

test('a block is right as it is, and wrong with any bit changed', () => {
  for (const { description, change, verdict } of committed.blocks) assert.is(verdict, change === null ? 'right' : 'wrong', description);
});

test.run();
