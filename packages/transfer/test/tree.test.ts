import { concat, fromHex, toHex } from '@srp/machine';
import { blockBytes, cryptLeaves, type FileId, fileIdOf, fileKeyOf, type FileTree, groupBytes, hashOf, isFileSize, isWhole, KnownTree, openGroup, TransferError, TreeBuilder, TreeShape, upperNode } from '@srp/transfer';
import { suite as identity } from '@srp/identity';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { slowKey, slowTree } from './reference/tree.js';
import { contentOf, groupOf, key, treeOf } from './support/files.js';

const test = suite('the tree of a file');
const seed = Number(process.env['SRP_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
console.log(`  seed ${seed}`);

/** Sizes about which a mistake would be made. */
const sizes = [0, 1, 1023, 1024, 1025, 2048, 32_767, 32_768, 32_769, 65_536, 100_000, 1_048_576, 1_048_577];

/** Every block that a sharer can send, by its position. */
const blocksOf = (tree: FileTree, content: Uint8Array): Uint8Array[] => {
  const { shape } = tree;
  const blocks: Uint8Array[] = [];
  for (let group = 0; group < shape.groupCount; group += 1) {
    const opened = openGroup(tree, group, groupOf(content, group));
    assert.ok(opened !== null);
    for (let i = 0; i < shape.leavesOf(group); i += 1) blocks[group * 32 + i] = opened.leaves.subarray(i * blockBytes, (i + 1) * blockBytes);
    if (opened.node !== null) blocks[shape.position(1, group)] = opened.node;
  }
  for (let position = 0; position < shape.blockCount; position += 1) blocks[position] ??= upperNode(tree, position) as Uint8Array;
  return blocks;
};

test('has the id and the blocks of its slow twin, for sizes about every edge', () => {
  for (const size of sizes) {
    const content = contentOf(size);
    const tree = treeOf(content);
    const slow = slowTree(key, content);
    assert.is(tree.id, slow.id, `${size} bytes`);
    assert.equal(blocksOf(tree, content).map(toHex), slow.blocks.map(toHex), `${size} bytes`);
    assert.ok(isWhole(tree));
    assert.is(toHex(fileKeyOf(key, identity.sha256(content))), toHex(slowKey(key, content)));
  }
});

test('has a shape that follows from the size: every block but the top stands once in a node above it', () => {
  fc.assert(
    fc.property(fc.oneof(fc.constantFrom(...sizes), fc.nat({ max: 3_000_000 })), (size) => {
      const shape = new TreeShape(size);
      const named = new Set<string>();
      for (let position = 0; position < shape.blockCount; position += 1) {
        const { level, index } = shape.locate(position);
        assert.is(shape.position(level, index), position);
        const parent = shape.parentOf(position);
        assert.is(parent === null, position === shape.topPosition);
        if (parent === null) continue;
        assert.ok(parent.slot < shape.childCount(parent.position) && parent.position > position);
        named.add(`${parent.position} ${parent.slot}`);
      }
      assert.is(named.size, shape.blockCount - 1);
      let bytes = 0;
      for (let group = 0; group < shape.groupCount; group += 1) bytes += shape.bytesOf(group);
      assert.is(bytes, size);
    }),
    { seed, numRuns: 60 },
  );
});

test('1 GiB is 4 levels of nodes above its leaves and 3.2 % more, 64 GiB is the most there is', () => {
  const gib = new TreeShape(2 ** 30);
  assert.equal(gib.counts, [1_048_576, 32_768, 1024, 32, 1]);
  assert.ok(gib.blockCount / gib.leafCount < 1.033);
  assert.is(new TreeShape(2 ** 36).leafCount * 16, 2 ** 30);
  for (const size of [-1, 0.5, Number.NaN, 2 ** 36 + 1]) {
    assert.not.ok(isFileSize(size));
    assert.throws(() => new TreeShape(size), (error: unknown) => error instanceof TransferError && error.code === 'FILE_SIZE_WRONG');
  }
});

test('a receiver takes every block of the file from the top down, in any order below a node, and no other', () => {
  fc.assert(
    fc.property(fc.oneof(fc.constantFrom(...sizes.slice(0, 11)), fc.nat({ max: 200_000 })), fc.nat(), (size, salt) => {
      const content = contentOf(size);
      const tree = treeOf(content);
      const blocks = blocksOf(tree, content);
      const known = new KnownTree(tree.id, tree.shape);
      const leaves: Uint8Array[] = [];
      const order = blocks.map((_, position) => position).sort((a, b) => tree.shape.locate(b).level - tree.shape.locate(a).level || ((a * 7919 + salt) % 97) - ((b * 7919 + salt) % 97));
      for (const position of order) {
        const block = blocks[position] as Uint8Array;
        assert.ok(known.canJudge(position));
        const wrong = block.with((salt + position) % blockBytes, (block[(salt + position) % blockBytes] ?? 0) ^ (1 + (salt % 255)));
        assert.is(known.judge(position, wrong), 'wrong');
        assert.is(known.judge(position, blocks[(position + 1) % blocks.length] as Uint8Array), blocks.length === 1 ? 'right' : 'wrong');
        assert.is(known.judge(position, block), 'right');
        if (position < tree.shape.leafCount) leaves[position] = cryptLeaves(key, position, block);
      }
      assert.is(toHex(concat(...leaves).subarray(0, size)), toHex(content));
      assert.is(toHex(known.upper() as Uint8Array), toHex(tree.upper));
    }),
    { seed, numRuns: 40 },
  );
});

test('a block whose parent has not come is not judged', () => {
  const content = contentOf(100_000);
  const tree = treeOf(content);
  const known = new KnownTree(tree.id, tree.shape);
  const blocks = blocksOf(tree, content);
  assert.is(known.judge(0, blocks[0] as Uint8Array), 'early');
  assert.is(known.judge(tree.shape.position(1, 0), blocks[tree.shape.position(1, 0)] as Uint8Array), 'early');
  assert.is(known.upper(), null);
  assert.is(known.nodes.size, 0);
});

test('another size is another file: no top of it is taken for a tree that is longer or shorter', () => {
  const content = contentOf(40_000);
  const tree = treeOf(content);
  const top = blocksOf(tree, content)[tree.shape.topPosition] as Uint8Array;
  for (const size of [0, 1, 39_999, 40_001, 65_536, 2 ** 30]) {
    const known = new KnownTree(tree.id, new TreeShape(size));
    assert.is(known.judge(known.shape.topPosition, top), 'wrong');
  }
});

test('a tree whose author names more blocks than its size has is no tree', () => {
  const shape = new TreeShape(3000);
  const leaves = cryptLeaves(key, 0, contentOf(4096));
  const node = new Uint8Array(1024);
  for (let i = 0; i < 4; i += 1) node.set(hashOf(leaves.subarray(1024 * i, 1024 * (i + 1))), 32 * i);
  const known = new KnownTree(fileIdOf(3000, hashOf(node)), shape);
  assert.is(known.judge(shape.topPosition, node), 'broken');
  assert.is(known.nodes.size, 0);
});

test('who waits for a file of 64 GiB holds the nodes that came, and no room for those that did not', () => {
  const known = new KnownTree('ab'.repeat(32) as FileId, new TreeShape(2 ** 36));
  assert.is(known.nodes.size, 0);
  assert.is(known.judge(known.shape.topPosition, new Uint8Array(1024)), 'wrong');
  const shape = new TreeShape(2 ** 36);
  const top = new Uint8Array(1024);
  const right = new KnownTree(fileIdOf(2 ** 36, hashOf(top)), shape);
  const before = process.memoryUsage().arrayBuffers;
  for (let i = 0; i < 100; i += 1) assert.is(new KnownTree(right.id, shape).judge(shape.topPosition, top), 'right');
  assert.ok(process.memoryUsage().arrayBuffers - before < 10 * 1024 * 1024, 'a hundred of them hold a top each');
  assert.is(right.upper(), null);
});

test('a sharer sends nothing of a file that was changed, cut or grown since', () => {
  for (const size of [500, 20_000, 100_000]) {
    const content = contentOf(size);
    const tree = treeOf(content);
    const plaintext = groupOf(content, 0);
    assert.ok(openGroup(tree, 0, plaintext) !== null);
    assert.is(openGroup(tree, 0, plaintext.with(size - 1 < plaintext.length ? size - 1 : 5, 1 + (plaintext[5] ?? 0))), null);
    assert.is(openGroup(tree, 0, plaintext.subarray(1)), null);
    assert.is(openGroup(tree, 0, concat(plaintext, Uint8Array.of(0))), null);
    assert.is(openGroup({ ...tree, key: new Uint8Array(32) }, 0, plaintext), null);
  }
});

test('nodes that a disk gave back are held to the id', () => {
  const tree = treeOf(contentOf(1_048_577));
  assert.ok(isWhole(tree));
  for (const at of [0, 31, 32, 1024, tree.upper.length - 1]) assert.not.ok(isWhole({ ...tree, upper: tree.upper.with(at, 255 ^ (tree.upper[at] ?? 0)) }));
  assert.not.ok(isWhole({ ...tree, upper: tree.upper.subarray(1024) }));
  assert.not.ok(isWhole({ ...tree, id: 'ab'.repeat(32) as FileId }));
  assert.ok(isWhole(treeOf(contentOf(10))));
});

test('the same content has one key among those who share a secret, another one among others, and no two contents have one', () => {
  const [a, b] = [identity.sha256(contentOf(10)), identity.sha256(contentOf(11))];
  assert.is(toHex(fileKeyOf(key, a)), toHex(fileKeyOf(key.slice(), a)));
  assert.is.not(toHex(fileKeyOf(key, a)), toHex(fileKeyOf(new Uint8Array(32), a)));
  assert.is.not(toHex(fileKeyOf(key, a)), toHex(fileKeyOf(key, b)));
});

test('a tree is made of whole groups in their order and nothing else', () => {
  const wrong = (run: () => unknown, message: RegExp) => assert.throws(run, (error: unknown) => error instanceof TransferError && error.code === 'FILE_CONTENT_WRONG' && message.test(error.message));
  const builder = new TreeBuilder(key, groupBytes + 5);
  wrong(() => builder.push(new Uint8Array(5)), /group 0 has 32768 bytes, got 5/);
  wrong(() => builder.finish(), /2 groups of 32768 bytes are needed, got 0/);
  builder.push(new Uint8Array(groupBytes));
  wrong(() => builder.push(new Uint8Array(groupBytes)), /group 1 has 5 bytes, got 32768/);
  builder.push(new Uint8Array(5));
  wrong(() => builder.push(new Uint8Array(0)), /group 2 has 0 bytes, got 0/);
  builder.finish();
});

test('ids are 64 hex characters, and a view or a Buffer is as good as an array', () => {
  assert.is(fromHex(treeOf(contentOf(5)).id).length, 32);
  const padded = Buffer.concat([Buffer.alloc(3), Buffer.from(contentOf(3000))]);
  assert.is(treeOf(padded.subarray(3)).id, treeOf(contentOf(3000)).id);
});

test.run();
