/** vectors/transfer.json: trees of files, block by block where they are small, and blocks that are refused. */
import { suite } from '@srp/identity';
import { toHex } from '@srp/machine';
import { fileKeyOf, KnownTree, type Verdict } from '@srp/transfer';
import { slowTree } from './reference/tree.js';
import { treeOf } from './support/files.js';

const secret = new Uint8Array(32).fill(0x5e);

/** Byte i of a content is i modulo 251. */
export const patternOf = (size: number): Uint8Array => Uint8Array.from({ length: size }, (_, i) => i % 251);

const files: readonly (readonly [string, number])[] = [
  ['an empty file: one leaf of keystream', 0],
  ['one byte', 1],
  ['one whole leaf', 1024],
  ['two leaves below one node', 1025],
  ['a group that is full', 32_768],
  ['two groups, the second of one leaf', 32_769],
  ['nodes on two levels', 100_000],
  ['nodes on three levels', 1_048_577],
];

export const makeVectors = () => ({
  'transfer.json': {
    version: 1,
    spec: 'Transfer: the tree',
    provenance:
      'Written by packages/transfer/test/vectors.ts. Ids, keys and blocks are confirmed by packages/transfer/test/reference/tree.ts, which ' +
      'makes them block by block with node:crypto. Byte i of every content is i modulo 251; secret is what those who share it have in common.',
    secret: toHex(secret),
    files: files.map(([description, size]) => {
      const content = patternOf(size);
      const contentHash = suite.sha256(content);
      const key = fileKeyOf(secret, contentHash);
      const { id, shape } = treeOf(content, key);
      const { blocks } = slowTree(key, content);
      return { description, size, contentHash: toHex(contentHash), key: toHex(key), counts: shape.counts, blockHashes: blocks.length <= 40 ? blocks.map((block) => toHex(suite.sha256(block))) : [], id };
    }),
    blocks: judged(),
  },
});

/** What a receiver that holds the nodes above makes of a block. */
const judged = (): readonly { readonly description: string; readonly size: number; readonly position: number; readonly change: readonly [number, number] | null; readonly verdict: Verdict }[] => {
  const size = 33_000;
  const key = fileKeyOf(secret, suite.sha256(patternOf(size)));
  const { id, shape } = treeOf(patternOf(size), key);
  const { blocks } = slowTree(key, patternOf(size));
  const cases: readonly (readonly [string, number, readonly [number, number] | null])[] = [
    ['the top', shape.topPosition, null],
    ['the top with one bit changed', shape.topPosition, [0, 1]],
    ['the top with a third child, of which the size knows nothing', shape.topPosition, [64, 1]],
    ['the node of the second group', shape.position(1, 1), null],
    ['the node of the second group with one bit changed where it is zero', shape.position(1, 1), [1023, 128]],
    ['the last leaf', shape.leafCount - 1, null],
    ['the last leaf with one bit changed in what fills it up', shape.leafCount - 1, [1023, 1]],
  ];
  return cases.map(([description, position, change]) => {
    const known = new KnownTree(id, shape);
    for (let above = shape.blockCount - 1; above > position; above -= 1) if (above >= shape.leafCount) known.judge(above, blocks[above] as Uint8Array);
    const block = Uint8Array.from(blocks[position] as Uint8Array);
    if (change !== null) block[change[0]] = (block[change[0]] ?? 0) ^ change[1];
    return { description, size, position, change, verdict: known.judge(position, block) };
  });
};
