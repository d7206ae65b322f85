/** Files between peers as a whole: from one, from several, from those who lie or stall, over lines that lose, and over disks that lag. */
import { instant, type PeerId } from '@srp/machine';
import { fileIdOf, type FileTree, hashOf, openGroup, TransferError, type TransferInput, type TransferOutput, Transfers, TreeShape, type UploadLimits, upperNode } from '@srp/transfer';
import { decodeBlock, encodeBlocks, type Holds, type NoBlock, type Pull } from '@srp/wire';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { contentOf, groupOf, key, treeOf } from './support/files.js';
import { type Host, type Meddling, worldOf } from './support/line.js';

const test = suite('transfers');
const seed = Number(process.env['SRP_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
console.log(`  seed ${seed}`);
const line = { bitsPerSecond: 100_000_000, rttMs: 20 };
const photo = contentOf(3 * 1024 * 1024 + 77);
const photoTree = treeOf(photo);

/** Everything a machine puts out on its way to another peer is a block or a frame for it. */
const ofKind = <Kind extends TransferOutput['kind']>(outputs: readonly TransferOutput[], kind: Kind) => outputs.filter((one): one is Extract<TransferOutput, { kind: Kind }> => one.kind === kind);

const arrived = (host: Host, content: Uint8Array): void => {
  assert.equal(host.fetched, [1]);
  assert.ok(Buffer.compare(host.written.get(1) as Uint8Array, content) === 0);
};

test('a file of any size arrives whole, whatever is lost and however late the disk is', () => {
  fc.assert(
    fc.property(fc.oneof(fc.constantFrom(0, 1, 1024, 1025, 32_768, 32_769, 1_048_577), fc.nat({ max: 300_000 })), fc.nat({ max: 30 }), fc.constantFrom(0, 3, 12), fc.nat({ max: 40 }), fc.integer({ min: 1, max: 250 }), (size, loss, burst, diskMs, worldSeed) => {
      const content = contentOf(size);
      const tree = treeOf(content);
      const { world, hosts } = worldOf({ ...line, loss: loss / 100, burst: burst === 0 ? 0 : Math.max(burst, 1) }, 2, worldSeed);
      const [ann, ben] = hosts as [Host, Host];
      ann.diskMs = diskMs;
      ben.diskMs = diskMs;
      ann.share(tree, content);
      ben.fetch(1, tree, [ann]);
      world.run(300_000, () => ben.fetched.length > 0);
      arrived(ben, content);
    }),
    { seed, numRuns: 40 },
  );
});

test('three that have a file give it together, each as fast as it can', () => {
  const { world, hosts } = worldOf(line, 4);
  const [ben, ...sharers] = hosts as [Host, Host, Host, Host];
  for (const sharer of sharers) sharer.share(photoTree, photo);
  ben.fetch(1, photoTree, sharers);
  world.run(60_000, () => ben.fetched.length > 0);
  arrived(ben, photo);
  for (const { blocksGiven } of sharers) assert.ok(blocksGiven > 300, sharers.map((one) => one.blocksGiven).join(' '));
});

/** What a source may do that does not mean well. */
const deeds: Readonly<Record<string, () => Meddling>> = {
  'a source that changes a bit of each block does not keep a file from whoever has another source': () => (output) => (output.kind === 'block' ? { ...output, bytes: output.bytes.with(500, 1 ^ (output.bytes[500] ?? 0)) } : output),
  'a source that sends one block for all others does not keep a file from whoever has another source': () => {
    let first: Uint8Array | null = null;
    return (output) => {
      if (output.kind !== 'block') return output;
      first ??= output.bytes;
      const asked = decodeBlock(output.bytes);
      const given = decodeBlock(first);
      return asked.ok && given.ok ? { ...output, bytes: encodeBlocks({ ...asked.value, bytes: given.value.bytes })[0]! } : null;
    };
  },
  'a source that promises and stalls does not keep a file from whoever has another source': () => (output) => (output.kind === 'block' ? null : output),
  'a source that gives the nodes and no leaf does not keep a file from whoever has another source': () => (output) => {
    const block = output.kind === 'block' ? decodeBlock(output.bytes) : null;
    return block?.ok === true && block.value.position < photoTree.shape.leafCount ? null : output;
  },
  'a source that says of each block that it has none does not keep a file from whoever has another source': () => (output) =>
    output.kind === 'block' ? { kind: 'frame', to: output.to, frame: { kind: 'no-block', transfer: 1, reason: 'absent', range: { first: 0, count: 64 } } } : output,
  'a source that is always busy does not keep a file from whoever has another source': () => (output) => {
    const block = output.kind === 'block' ? decodeBlock(output.bytes) : null;
    return block?.ok === true && output.kind === 'block' ? { kind: 'frame', to: output.to, frame: { kind: 'no-block', transfer: 1, reason: 'busy', range: { first: block.value.position, count: 1 } } } : output;
  },
  'a source that sends blocks of another position does not keep a file from whoever has another source': () => (output) => {
    const block = output.kind === 'block' ? decodeBlock(output.bytes) : null;
    return block?.ok === true && output.kind === 'block' ? { ...output, bytes: encodeBlocks({ ...block.value, position: block.value.position + 1 })[0]! } : output;
  },
};

for (const [title, deed] of Object.entries(deeds)) {
  test(title, () => {
    const { world, hosts } = worldOf(line, 3);
    const [ben, mallory, ann] = hosts as [Host, Host, Host];
    mallory.share(photoTree, photo);
    mallory.meddling = deed();
    ann.share(photoTree, photo);
    ben.fetch(1, photoTree, [mallory]);
    world.run(3_000);
    ben.input({ kind: 'source', transfer: 1, peer: ann.id });
    world.run(20_000, () => ben.fetched.length > 0);
    arrived(ben, photo);
  });
}

test('those who fetch a file at one time give each other what they have, and its sharer gives it little more than once', () => {
  const alone = worldOf({ bitsPerSecond: 8_000_000, rttMs: 50, isOwn: true }, 5);
  const together = worldOf({ bitsPerSecond: 8_000_000, rttMs: 50, isOwn: true }, 5);
  const tookMs = [alone, together].map(({ world, hosts }) => {
    const [ann, ...readers] = hosts as [Host, Host, Host, Host, Host];
    ann.share(photoTree, photo);
    readers.forEach((reader, i) => reader.fetch(0x1234_5678 * (i + 1) % 2 ** 32, photoTree, [ann, ...readers.filter((other) => other !== reader && world === together.world)]));
    world.run(60_000, () => readers.every(({ fetched }) => fetched.length > 0));
    for (const { fetched, written } of readers) assert.ok(Buffer.compare(written.get(fetched[0] ?? 0) as Uint8Array, photo) === 0);
    return world.at;
  });
  const [ann, ...readers] = together.hosts as [Host, Host, Host, Host, Host];
  const times = ann.blocksGiven / photoTree.shape.blockCount;
  console.log(`  ${tookMs.map((ms) => `${(ms / 1000).toFixed(1)} s`).join(' and ')}, ${times.toFixed(2)} times`);
  assert.ok(times < 2.5, `${times.toFixed(2)} times instead of 4`);
  assert.ok((tookMs[1] ?? 0) < 0.6 * (tookMs[0] ?? 0), tookMs.join(' '));
  for (const { dropped } of readers) assert.is(dropped.filter((reason) => reason.startsWith('source')).length, 0);
});

test('however many fetch a long file, and whenever they begin, it comes to all of them', () => {
  const long = contentOf(9 * 1024 * 1024 + 5);
  const tree = treeOf(long);
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat({ max: 3_000 }), fc.integer({ min: 1, max: 2 ** 32 - 1 })), { minLength: 2, maxLength: 4 }), fc.nat({ max: 2_000 }), fc.nat({ max: 5 }), (begins, away, loss) => {
      const { world, hosts } = worldOf({ bitsPerSecond: 50_000_000, rttMs: 20, isOwn: true, loss: loss / 100 }, begins.length + 1);
      const [ann, ...readers] = hosts as [Host, ...Host[]];
      world.later(away, () => ann.share(tree, long));
      readers.forEach((reader, i) => {
        const [at, transfer] = begins[i] ?? [0, 1];
        world.later(at, () => reader.fetch(transfer, tree, [ann, ...readers.filter((other) => other !== reader)]));
      });
      world.run(120_000, () => readers.every(({ fetched }) => fetched.length > 0));
      for (const { fetched, written } of readers) {
        assert.is(fetched.length, 1);
        assert.ok(Buffer.compare(written.get(fetched[0] ?? 0) as Uint8Array, long) === 0);
      }
    }),
    { seed, numRuns: 8 },
  );
});

test('who has some of a file gives what he has, whoever else is gone, and is asked for the rest when he has it', () => {
  const { world, hosts } = worldOf(line, 3);
  const [ann, ben, cleo] = hosts as [Host, Host, Host];
  ann.share(photoTree, photo);
  ben.fetch(1, photoTree, [ann]);
  world.run(60_000, () => (ben.progress(1)?.bytes ?? 0) > 1_000_000);
  ben.input({ kind: 'gone', peer: ann.id });
  world.run(world.at + 1_000);
  const held = ben.progress(1)?.bytes ?? 0;
  assert.ok(held > 1_000_000 && held < photo.length - 200_000, `${held}`);
  const before = ann.blocksGiven;
  cleo.fetch(1, photoTree, [ben]);
  world.run(world.at + 5_000);
  assert.is(cleo.progress(1)?.bytes, held);
  assert.equal(cleo.dropped, []);
  ben.input({ kind: 'source', transfer: 1, peer: ann.id });
  world.run(world.at + 60_000, () => ben.fetched.length > 0);
  ben.share(photoTree, photo);
  world.run(world.at + 60_000, () => cleo.fetched.length > 0);
  arrived(cleo, photo);
  assert.ok(ann.blocksGiven - before < photoTree.shape.blockCount, 'cleo has it from ben alone');
});

test('of a fetch that goes on after a restart others get what came since, and of one that is not to be shared nothing', () => {
  const { world, hosts } = worldOf(line, 4);
  const [ann, ben, cleo, dan] = hosts as [Host, Host, Host, Host];
  ann.share(photoTree, photo);
  ben.fetch(1, photoTree, [ann], 40);
  world.run(60_000, () => (ben.progress(1)?.bytes ?? 0) > 60 * 32_768);
  ben.input({ kind: 'gone', peer: ann.id });
  world.run(world.at + 1_000);
  const came = (ben.progress(1)?.bytes ?? 0) - 40 * 32_768;
  cleo.fetch(1, photoTree, [ben]);
  world.run(world.at + 5_000);
  assert.is(cleo.progress(1)?.bytes, came);
  cleo.input({ kind: 'cancel', transfer: 1 });
  const { id, key: fileKey, shape } = photoTree;
  dan.written.set(1, new Uint8Array(shape.size));
  dan.input({ kind: 'fetch', transfer: 1, id, key: fileKey, size: shape.size, firstGroup: 0, share: false });
  dan.input({ kind: 'source', transfer: 1, peer: ben.id });
  world.run(world.at + 5_000);
  assert.is(dan.progress(1)?.bytes, came);
  cleo.fetch(2, photoTree, [dan]);
  world.run(world.at + 5_000);
  assert.is(dan.blocksGiven, 0);
});

test('of two fetches of one file others get what the first has, and what the second has once the first is over', () => {
  const { world, hosts } = worldOf({ ...line, bitsPerSecond: 8_000_000 }, 3);
  const [ann, ben, cleo] = hosts as [Host, Host, Host];
  ann.share(photoTree, photo);
  ben.fetch(1, photoTree, []);
  ben.fetch(2, photoTree, [ann]);
  world.run(2_000);
  ben.input({ kind: 'gone', peer: ann.id });
  world.run(world.at + 1_000);
  const came = ben.progress(2)?.bytes ?? 0;
  assert.ok(came > 500_000 && came < photo.length, `${came}`);
  cleo.fetch(1, photoTree, [ben]);
  world.run(world.at + 10_000);
  assert.is(cleo.progress(1)?.bytes, 0, 'the first fetch has nothing, whatever the second has');
  assert.equal(ben.changed, []);
  ben.input({ kind: 'cancel', transfer: 1 });
  world.run(world.at + 20_000);
  assert.is(cleo.progress(1)?.bytes, came);
  ben.input({ kind: 'source', transfer: 2, peer: ann.id });
  world.run(world.at + 60_000, () => ben.fetched.length > 0);
  assert.equal(ben.fetched, [2]);
});

test('a source that takes back what it said it has is counted and left, and the file comes from others', () => {
  const { world, hosts } = worldOf(line, 3);
  const [ben, mallory, ann] = hosts as [Host, Host, Host];
  ann.share(photoTree, photo);
  mallory.share(photoTree, photo);
  const says = (until: number): TransferOutput => ({ kind: 'frame', to: ben.id, frame: { kind: 'holds', transfer: 1, from: 0, until, also: [] } });
  let said = 0;
  // It promises all, and when it is asked says that it has nothing.
  mallory.meddling = (output) => (output.kind === 'block' ? says((said += 1) % 2 === 1 ? photoTree.shape.groupCount : 0) : output);
  ben.fetch(1, photoTree, [mallory]);
  world.run(10_000);
  assert.ok(ben.dropped.includes('source-false'), ben.dropped.join(' '));
  assert.ok(said < 300, `asked for ${said} blocks in ten seconds`);
  ben.input({ kind: 'source', transfer: 1, peer: ann.id });
  world.run(30_000, () => ben.fetched.length > 0);
  arrived(ben, photo);
});

test('what a source says it has, or refuses, more often than it was asked is counted and not looked at', () => {
  const machine = new Transfers();
  const peer = 'ab'.repeat(32) as PeerId;
  machine.handle(instant(0), { kind: 'fetch', transfer: 1, id: photoTree.id, key, size: photo.length, firstGroup: 0 });
  machine.handle(instant(0), { kind: 'source', transfer: 1, peer });
  const dropped = (at: number, frame: Holds | NoBlock): number => {
    let count = 0;
    for (let i = 0; i < 100; i += 1) count += ofKind(machine.handle(instant(at), { kind: 'frame', peer, frame }), 'dropped').length;
    return count;
  };
  const holds: Holds = { kind: 'holds', transfer: 1, from: 0, until: 1, also: [] };
  assert.is(dropped(1, holds), 84, 'sixteen may come at once');
  assert.ok(dropped(1_001, holds) >= 95, 'four come in a second, and one for each PULL');
  assert.is(dropped(1_002, { kind: 'no-block', transfer: 1, reason: 'busy', range: { first: 0, count: 1 } }), 100);
});

test('a source that says it has groups and gives none is counted and left ever longer', () => {
  const { world, hosts } = worldOf(line, 3);
  const [ben, mallory, ann] = hosts as [Host, Host, Host];
  ann.share(photoTree, photo);
  mallory.share(photoTree, photo);
  let asked = 0;
  mallory.meddling = (output) => {
    if (output.kind !== 'block') return output;
    asked += 1;
    return asked === 1 ? { kind: 'frame', to: ben.id, frame: { kind: 'holds', transfer: 1, from: 0, until: photoTree.shape.groupCount, also: [] } } : null;
  };
  ben.fetch(1, photoTree, [mallory, ann]);
  world.run(30_000, () => ben.fetched.length > 0);
  arrived(ben, photo);
  ben.fetch(2, photoTree, [mallory]);
  world.run(world.at + 60_000);
  const stalls = ben.dropped.filter((reason) => reason === 'source-stalled').length;
  assert.ok(stalls > 2 && stalls < 12, `${stalls}`);
});

test('many sources that promise and stall do not keep a file from one that gives, although it came last', () => {
  const { world, hosts } = worldOf(line, 9);
  const [ben, ann, ...stalling] = hosts as [Host, Host, ...Host[]];
  for (const one of stalling) {
    one.share(photoTree, photo);
    one.meddling = (output) => (output.kind === 'block' ? null : output);
  }
  ann.share(photoTree, photo);
  ben.fetch(1, photoTree, [...stalling, ann]);
  world.run(60_000, () => ben.fetched.length > 0);
  arrived(ben, photo);
});

/** What a peer may answer to a PULL that has nothing of the file, or gives nothing: frames for who asked. */
const emptyWords: Readonly<Record<string, (pull: Pull) => readonly (Holds | NoBlock)[]>> = {
  'say that they are busy': ({ transfer, ranges }) => ranges.map((range) => ({ kind: 'no-block', transfer, reason: 'busy', range })),
  'say that they have nothing so far': ({ transfer }) => [{ kind: 'holds', transfer, from: 0, until: 0, also: [] }],
};

for (const [what, answer] of Object.entries(emptyWords)) {
  test(`five who ${what} do not hand the one block that can be asked for to each other, and more than there are places for leave one to who has it`, () => {
    for (const count of [5, 32]) {
      const { world, hosts } = worldOf(line, 2 + count);
      const [ben, ann, ...empty] = hosts as [Host, Host, ...Host[]];
      const content = photo.subarray(0, 20_000);
      const tree = treeOf(content);
      ann.share(tree, content);
      for (const one of empty) {
        one.input = (input) => {
          if (input.kind !== 'frame' || input.frame.kind !== 'pull') return;
          for (const frame of answer(input.frame)) world.later(10, () => ben.input({ kind: 'frame', peer: one.id, frame }));
        };
      }
      ben.fetch(1, tree, empty);
      world.run(2_000);
      ben.input({ kind: 'source', transfer: 1, peer: ann.id });
      world.run(10_000, () => ben.fetched.length > 0);
      arrived(ben, content);
    }
  });
}

test('who sends what nobody asked for is silent about what it was asked for, which others then give', () => {
  const { world, hosts } = worldOf(line, 3);
  const [ben, ann, mallory] = hosts as [Host, Host, Host];
  ann.share(photoTree, photo);
  mallory.input = () => undefined;
  const babble = (): void => {
    ben.input({ kind: 'blocks', peer: mallory.id, blocks: [{ transfer: 1, position: 2_900, bytes: new Uint8Array(1024) }] });
    world.later(100, babble);
  };
  world.later(50, babble);
  ben.fetch(1, photoTree, [ann, mallory]);
  world.run(20_000, () => ben.fetched.length > 0);
  arrived(ben, photo);
});

test('those whom nobody named take sixteen places, which who gives nothing leaves to the next', () => {
  const { world, hosts } = worldOf(line, 42);
  const [ben, ann, ...crowd] = hosts as [Host, Host, ...Host[]];
  ann.share(photoTree, photo);
  ben.fetch(1, photoTree, []);
  const taken = (): number => ben.machine.bounds().find(({ name }) => name === 'transfer sources')?.size ?? 0;
  for (const one of crowd) {
    one.input = () => undefined;
    ben.input({ kind: 'source', transfer: 1, peer: one.id, isNamed: false });
  }
  assert.is(taken(), 16);
  world.run(3_000);
  ben.input({ kind: 'source', transfer: 1, peer: ann.id, isNamed: false });
  assert.is(taken(), 16);
  world.run(60_000, () => ben.fetched.length > 0);
  arrived(ben, photo);
});

test('a source that never has anything is asked once in five seconds, and believed when it has', () => {
  const { world, hosts } = worldOf(line, 3);
  const [ann, ben, cleo] = hosts as [Host, Host, Host];
  ben.fetch(1, photoTree, []);
  let asked = 0;
  ben.meddling = (output) => (output.kind === 'frame' && output.frame.kind === 'holds' ? ((asked += 1), output) : output);
  cleo.fetch(1, photoTree, [ben]);
  world.run(60_000);
  assert.ok(asked > 5 && asked < 30, `${asked}`);
  ann.share(photoTree, photo);
  ben.input({ kind: 'source', transfer: 1, peer: ann.id });
  world.run(world.at + 60_000, () => ben.fetched.length > 0);
  arrived(ben, photo);
  ben.share(photoTree, photo);
  world.run(world.at + 60_000, () => cleo.fetched.length > 0);
  arrived(cleo, photo);
});

test('a file whose author filled its end up with anything but zeros is no file, and nobody is blamed who gives it', () => {
  const padding = (size: number): FileTree => ({ ...treeOf(contentOf(Math.ceil(size / 1024) * 1024)), shape: new TreeShape(size) });
  for (const size of [1, 1000, 40_000, 1_100_000]) {
    const content = contentOf(Math.ceil(size / 1024) * 1024);
    const whole = padding(size);
    const opened = (group: number) => openGroup(treeOf(content), group, groupOf(content, group));
    const top = size < 1024 ? opened(0)?.leaves : whole.shape.topLevel === 1 ? opened(0)?.node : upperNode(whole, whole.shape.topPosition);
    const forged = { ...whole, id: fileIdOf(size, hashOf(top as Uint8Array)) };
    const { world, hosts } = worldOf(line, 2);
    const [ben, mallory] = hosts as [Host, Host];
    mallory.input = (input) => {
      if (input.kind !== 'frame' || input.frame.kind !== 'pull') return;
      for (const { first, count } of input.frame.ranges) {
        for (let position = first; position < first + count; position += 1) {
          const { level, index } = forged.shape.locate(position);
          const group = level === 0 ? Math.floor(index / 32) : index;
          const bytes = level > 1 ? upperNode(forged, position) : level === 1 ? opened(group)?.node : opened(group)?.leaves.subarray((index % 32) * 1024, (index % 32 + 1) * 1024);
          world.later(10, () => ben.input({ kind: 'blocks', peer: mallory.id, blocks: [{ transfer: 1, position, bytes: bytes as Uint8Array }] }));
        }
      }
    };
    ben.fetch(1, forged, [mallory]);
    world.run(20_000, () => ben.broken.length > 0);
    assert.equal([ben.broken, ben.fetched, ben.dropped], [[1], [], []], `${size} bytes`);
    assert.is(ben.progress(1), null);
  }
});

test('a source that sent one wrong block is asked no more, for this file alone', () => {
  const { world, hosts } = worldOf(line, 2);
  const [ben, mallory] = hosts as [Host, Host];
  mallory.share(photoTree, photo);
  let sent = 0;
  mallory.meddling = (output) => (output.kind === 'block' && (sent += 1) === 50 ? { ...output, bytes: output.bytes.with(500, 1 ^ (output.bytes[500] ?? 0)) } : output);
  ben.fetch(1, photoTree, [mallory]);
  world.run(10_000);
  assert.is(ben.dropped.filter((reason) => reason === 'block-wrong').length, 1);
  ben.input({ kind: 'source', transfer: 1, peer: mallory.id });
  world.run(20_000);
  assert.equal(ben.fetched, []);
  assert.ok(!ben.machine.uses(world.at, mallory.id));
  const small = contentOf(5000);
  mallory.share(treeOf(small), small);
  ben.fetch(2, treeOf(small), [mallory]);
  world.run(30_000);
  assert.equal(ben.fetched, [2]);
});

test('blocks that nobody asked for cost a count each and nothing more', () => {
  const machine = new Transfers();
  const now = instant(0);
  const peer = 'ab'.repeat(32) as PeerId;
  const block = { transfer: 1, position: 0, bytes: new Uint8Array(1024) };
  assert.equal(machine.handle(now, { kind: 'blocks', peer, blocks: [block] }), [{ kind: 'dropped', reason: 'transfer-unknown' }]);
  machine.handle(now, { kind: 'fetch', transfer: 1, id: photoTree.id, key, size: photo.length, firstGroup: 0 });
  assert.equal(machine.handle(now, { kind: 'blocks', peer, blocks: [block] }), [{ kind: 'dropped', reason: 'block-unasked' }]);
  machine.handle(now, { kind: 'source', transfer: 1, peer });
  for (const position of [0, 5, photoTree.shape.blockCount - 2, photoTree.shape.blockCount, 0xffff_ffff]) {
    assert.equal(ofKind(machine.handle(now, { kind: 'blocks', peer, blocks: [{ ...block, position }] }), 'dropped').map(({ reason }) => reason), ['block-unasked']);
  }
  assert.equal(machine.handle(now, { kind: 'frame', peer, frame: { kind: 'no-block', transfer: 9, reason: 'unknown', range: { first: 0, count: 1 } } }), [{ kind: 'dropped', reason: 'transfer-unknown' }]);
});

test('whatever bytes a source sends, in whatever order: nothing throws, nothing wrong is written, nothing grows', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat({ max: photoTree.shape.blockCount }), fc.nat({ max: 5 }), fc.nat({ max: 255 })), { maxLength: 300 }), (said) => {
      const machine = new Transfers();
      const peers = ['aa', 'bb', 'cc'].map((two) => two.repeat(32) as PeerId);
      machine.handle(instant(0), { kind: 'fetch', transfer: 1, id: photoTree.id, key, size: photo.length, firstGroup: 0 });
      let at = 0;
      for (const [position, what, ms] of said) {
        const peer = peers[position % 3] as PeerId;
        const inputs: TransferInput[] = [
          { kind: 'source', transfer: 1, peer },
          { kind: 'blocks', peer, blocks: [{ transfer: 1, position, bytes: new Uint8Array(1024).fill(ms) }] },
          { kind: 'frame', peer, frame: { kind: 'no-block', transfer: 1, reason: (['unknown', 'absent', 'unreadable', 'busy'] as const)[ms % 4] ?? 'busy', range: { first: position, count: 1 + (ms % 64) } } },
          { kind: 'gone', peer },
          { kind: 'frame', peer, frame: { kind: 'holds', transfer: 1, from: position % 90, until: (position % 90) + (ms % 90), also: ms % 3 === 0 ? [] : [(position % 90) + (ms % 90) + ms + 1] } },
          { kind: 'frame', peer, frame: { kind: 'pull', transfer: ms, file: photoTree.id.slice(0, 32), ranges: [{ first: position, count: 1 + (ms % 64) }] } },
        ];
        at += ms;
        const outputs = [...machine.handle(instant(at), inputs[what] as TransferInput), ...machine.handle(instant(at), { kind: 'wakeup' })];
        assert.equal(ofKind(outputs, 'write'), []);
        for (const { size, max } of machine.bounds()) assert.ok(size <= max);
      }
    }),
    { seed, numRuns: 60 },
  );
});

test('a fetch goes on from what is on disk, and brings nothing of it again', () => {
  const { world, hosts } = worldOf(line, 2);
  const [ann, ben] = hosts as [Host, Host];
  ann.share(photoTree, photo);
  ben.fetch(1, photoTree, [ann], 60);
  assert.is(ben.progress(1)?.bytes, 60 * 32_768);
  world.run(60_000, () => ben.fetched.length > 0);
  assert.ok(ann.blocksGiven < (photo.length - 60 * 32_768) / 1024 + 60);
  assert.ok(Buffer.compare((ben.written.get(1) as Uint8Array).subarray(60 * 32_768), photo.subarray(60 * 32_768)) === 0);
  ben.fetch(2, photoTree, [], photoTree.shape.groupCount);
  assert.equal(ben.fetched, [1, 2]);
});

test('a sharer that starts anew is asked again, and the file arrives', () => {
  const { world, hosts } = worldOf({ ...line, bitsPerSecond: 5_000_000 }, 2);
  const [ann, ben] = hosts as [Host, Host];
  ann.share(photoTree, photo);
  ben.fetch(1, photoTree, [ann]);
  world.run(2_000);
  const before = ben.progress(1)?.bytes ?? 0;
  assert.ok(before > 100_000 && before < photo.length);
  ann.machine = new Transfers();
  world.run(4_000);
  ann.share(photoTree, photo);
  world.run(60_000, () => ben.fetched.length > 0);
  arrived(ben, photo);
});

test('a source without a session any more is asked again when it has one', () => {
  const { world, hosts } = worldOf({ ...line, bitsPerSecond: 5_000_000 }, 2);
  const [ann, ben] = hosts as [Host, Host];
  ann.share(photoTree, photo);
  ben.fetch(1, photoTree, [ann]);
  world.run(1_000);
  ben.input({ kind: 'gone', peer: ann.id });
  ann.input({ kind: 'gone', peer: ben.id });
  assert.ok(!ben.machine.uses(world.at, ann.id) && !ann.machine.uses(world.at, ben.id));
  world.run(2_000);
  ben.input({ kind: 'source', transfer: 1, peer: ann.id });
  assert.ok(ben.machine.uses(world.at, ann.id));
  world.run(60_000, () => ben.fetched.length > 0);
  arrived(ben, photo);
});

test('a disk that does not write holds a fetch up at 4 MiB, and one that does not read asks for 16 groups', () => {
  const long = contentOf(12 * 1024 * 1024);
  const tree = treeOf(long);
  const { world, hosts } = worldOf(line, 3);
  const [ann, ben, cleo] = hosts as [Host, Host, Host];
  ann.share(tree, long);
  ben.diskMs = null;
  ben.fetch(1, tree, [ann]);
  world.run(20_000);
  const held = ben.progress(1)?.bytes ?? 0;
  assert.ok(held >= 4 * 1024 * 1024 && held < 8 * 1024 * 1024, `${held}`);
  cleo.diskMs = null;
  const reads: TransferOutput[] = [];
  cleo.meddling = (output) => (output.kind === 'read' ? (reads.push(output), null) : output);
  cleo.share(tree, long);
  const ranges = Array.from({ length: 30 }, (_, i) => ({ first: 64 * i, count: 2 }));
  cleo.input({ kind: 'frame', peer: ben.id, frame: { kind: 'pull', transfer: 1, file: tree.id.slice(0, 32), ranges } });
  assert.is(reads.length, 16);
  for (const { size, max } of [...ben.machine.bounds(), ...cleo.machine.bounds()]) assert.ok(size <= max);
});

test('one that is slow holds up no more than 256 groups, whatever others give', () => {
  const long = contentOf(12 * 1024 * 1024);
  const tree = treeOf(long);
  const { world, hosts } = worldOf(line, 2);
  const [ann, ben] = hosts as [Host, Host];
  ann.share(tree, long);
  ann.meddling = (output) => {
    const block = output.kind === 'block' ? decodeBlock(output.bytes) : null;
    return block?.ok === true && block.value.position === 5 ? null : output;
  };
  ben.fetch(1, tree, [ann]);
  world.run(20_000);
  assert.is(ben.progress(1)?.bytes, 255 * 32_768);
  for (const { size, max } of ben.machine.bounds()) assert.ok(size <= max);
});

test('who asks for more than a window is told so, who asks for a file or block that is not there too, and nothing is read for it', () => {
  const machine = new Transfers();
  const now = instant(0);
  const peer = 'ab'.repeat(32) as PeerId;
  machine.handle(now, { kind: 'share', tree: photoTree });
  const pull = (first: number, count = 64, file = photoTree.id.slice(0, 32)) => machine.handle(now, { kind: 'frame', peer, frame: { kind: 'pull', transfer: 7, file, ranges: [{ first, count }] } });
  const refused = (outputs: readonly TransferOutput[]) => ofKind(outputs, 'frame').map(({ frame }) => (frame.kind === 'no-block' ? frame.reason : frame.kind));
  assert.equal(refused(pull(0, 64, 'ab'.repeat(16))), ['unknown']);
  assert.equal(refused(pull(photoTree.shape.blockCount - 1, 2)), ['absent']);
  for (let i = 0; i < 64; i += 1) assert.equal(refused(pull(64 * (i % 40))), []);
  const tooMuch = pull(0);
  assert.equal(refused(tooMuch), ['busy']);
  assert.equal(ofKind(tooMuch, 'dropped').map(({ reason }) => reason), ['pull-too-much']);
});

test('what is asked for at once goes out in turns, with room for others in between, and what is asked for in vain for six seconds does not', () => {
  const machine = new Transfers();
  const [greedy, modest] = ['ab', 'cd'].map((two) => two.repeat(32) as PeerId) as [PeerId, PeerId];
  const disk = (at: number, outputs: readonly TransferOutput[]): readonly TransferOutput[] =>
    outputs.flatMap((output) => (output.kind === 'read' ? disk(at, machine.handle(instant(at), { ...output, bytes: groupOf(photo, output.group) })) : [output]));
  const pull = (at: number, peer: PeerId, first: number, count: number) => disk(at, machine.handle(instant(at), { kind: 'frame', peer, frame: { kind: 'pull', transfer: 7, file: photoTree.id.slice(0, 32), ranges: [{ first, count }] } }));
  const given = (outputs: readonly TransferOutput[], peer: PeerId): number => ofKind(outputs, 'block').filter(({ to }) => to === peer).length;
  machine.handle(instant(0), { kind: 'share', tree: photoTree });
  let count = 0;
  for (let i = 0; i < 64; i += 1) count += given(pull(0, greedy, 64 * (i % 40), 64), greedy);
  assert.is(count, 256);
  const next = [...pull(0, modest, 0, 32), ...disk(1, machine.handle(instant(1), { kind: 'wakeup' }))];
  assert.is(given(next, modest), 32);
  assert.is(given(next, greedy), 256 - 32);
  const late = machine.handle(instant(6_001), { kind: 'wakeup' });
  assert.is(given(late, greedy), 0);
  assert.ok(ofKind(late, 'dropped').every(({ reason }) => reason === 'pull-late'));
  assert.is(machine.deadline(), null);
});

test('a sharer gives no more than its limits, and as much to each who asks', () => {
  const perSecond = (upload: UploadLimits, count: number): readonly number[] => {
    const { world, hosts } = worldOf({ ...line, isOwn: true }, 1 + count);
    const [ann, ...readers] = hosts as [Host, ...Host[]];
    ann.machine = new Transfers({ upload });
    ann.share(photoTree, photo);
    readers.forEach((reader, i) => reader.input({ kind: 'fetch', transfer: i + 1, id: photoTree.id, key, size: photo.length, firstGroup: 0, share: false }));
    readers.forEach((reader, i) => reader.input({ kind: 'source', transfer: i + 1, peer: ann.id }));
    for (const [i, reader] of readers.entries()) reader.written.set(i + 1, new Uint8Array(photo.length));
    world.run(3_000);
    const before = readers.map((reader, i) => reader.progress(i + 1)?.bytes ?? 0);
    world.run(13_000);
    return readers.map((reader, i) => ((reader.progress(i + 1)?.bytes ?? 0) - (before[i] ?? 0)) / 10);
  };
  const isAbout = (value: number, wanted: number, tolerance: number): boolean => Math.abs(value - wanted) < tolerance * wanted;
  const three = perSecond({ bytesPerSecond: 200_000 }, 3);
  const sum = three.reduce((all, one) => all + one, 0);
  console.log(`  ${three.join(' ')}`);
  assert.ok(isAbout(sum, 200_000, 0.1), `${sum}`);
  for (const one of three) assert.ok(isAbout(one, sum / 3, 0.2), three.join(' '));
  const [one = 0, two = 0] = perSecond({ bytesPerSecond: 1_000_000, bytesPerSecondEach: 100_000 }, 2);
  assert.ok(isAbout(one, 100_000, 0.15) && isAbout(two, 100_000, 0.15), `${one} ${two}`);
  const [slow = 0] = perSecond({ bytesPerSecond: 10_240 }, 1);
  assert.ok(slow > 6_000 && slow < 11_000, `${slow}`);
});

test('a file that was changed since it was shared is given to nobody, and its app is told', () => {
  const { world, hosts } = worldOf(line, 2);
  const [ann, ben] = hosts as [Host, Host];
  ann.share(photoTree, photo.with(40_000, 1 + (photo[40_000] ?? 0)));
  ben.fetch(1, photoTree, [ann]);
  world.run(5_000);
  assert.equal(ann.changed, [photoTree.id]);
  assert.equal(ben.fetched, []);
  assert.equal(ben.dropped, []);
});

test('a file that cannot be read is not given, nor one that is shared no longer', () => {
  const { world, hosts } = worldOf(line, 2);
  const [ann, ben] = hosts as [Host, Host];
  ann.share(photoTree, photo);
  ann.files.clear();
  ben.fetch(1, photoTree, [ann]);
  world.run(3_000);
  assert.is(ben.progress(1)?.bytes, 0);
  ann.share(photoTree, photo);
  world.run(5_000, () => (ben.progress(1)?.bytes ?? 0) > 0);
  ann.input({ kind: 'unshare', id: photoTree.id });
  world.run(6_000);
  const before = ben.progress(1)?.bytes;
  world.run(20_000);
  assert.is(ben.progress(1)?.bytes, before);
  assert.equal(ben.fetched, []);
});

test('what was cancelled asks for nothing any more', () => {
  const { world, hosts } = worldOf({ ...line, bitsPerSecond: 5_000_000 }, 2);
  const [ann, ben] = hosts as [Host, Host];
  ann.share(photoTree, photo);
  ben.fetch(1, photoTree, [ann]);
  world.run(1_000);
  ben.input({ kind: 'cancel', transfer: 1 });
  world.run(1_500);
  const given = ann.blocksGiven;
  world.run(10_000);
  assert.is(ann.blocksGiven, given);
  assert.is(ben.progress(1), null);
  assert.is(ben.machine.deadline(), null);
  assert.equal(ben.fetched, []);
});

test('who has fetched a file in one go can share it: what is needed besides its bytes comes with it', () => {
  const { world, hosts } = worldOf(line, 2);
  const [ann, ben] = hosts as [Host, Host];
  ann.share(photoTree, photo);
  let upper: Uint8Array | null = null;
  ben.meddling = (output) => {
    if (output.kind === 'fetched') upper = output.upper;
    return output;
  };
  ben.fetch(1, photoTree, [ann]);
  world.run(60_000, () => ben.fetched.length > 0);
  assert.equal(upper, photoTree.upper);
});

test('progress tells bytes, rate and sources, and only of what is under way', () => {
  const { world, hosts } = worldOf({ ...line, bitsPerSecond: 8_000_000 }, 2);
  const [ann, ben] = hosts as [Host, Host];
  ann.share(photoTree, photo);
  ben.fetch(1, photoTree, [ann]);
  assert.equal(ben.progress(1), { bytes: 0, size: photo.length, bytesPerSecond: 0, sources: 0 });
  world.run(2_500);
  const { bytesPerSecond = 0, sources } = ben.progress(1) ?? {};
  assert.ok(bytesPerSecond > 600_000 && bytesPerSecond < 1_050_000, `${bytesPerSecond}`);
  assert.is(sources, 1);
  assert.is(ben.progress(2), null);
});

test('a caller that asks for what cannot be is told at once', () => {
  const machine = new Transfers();
  const wrong = (code: string, input: Partial<Extract<TransferInput, { kind: 'fetch' }>>) =>
    assert.throws(() => machine.handle(instant(0), { kind: 'fetch', transfer: 1, id: photoTree.id, key, size: 10, firstGroup: 0, ...input }), (error: unknown) => error instanceof TransferError && error.code === code);
  wrong('FILE_SIZE_WRONG', { size: -1 });
  wrong('FETCH_WRONG', { key: new Uint8Array(31) });
  wrong('FETCH_WRONG', { firstGroup: 2 });
  for (let transfer = 0; transfer < 64; transfer += 1) machine.handle(instant(0), { kind: 'fetch', transfer, id: photoTree.id, key, size: 10, firstGroup: 0 });
  wrong('FETCH_WRONG', { transfer: 5 });
  wrong('FETCHES_FULL', { transfer: 64 });
});

test('the sharer reads what it gives, in groups of 32 KiB, each as long as it should be', () => {
  const machine = new Transfers();
  const peer = 'ab'.repeat(32) as PeerId;
  machine.handle(instant(0), { kind: 'share', tree: photoTree });
  const last = photoTree.shape.groupCount - 1;
  const outputs = machine.handle(instant(0), { kind: 'frame', peer, frame: { kind: 'pull', transfer: 7, file: photoTree.id.slice(0, 32), ranges: [{ first: 0, count: 2 }, { first: photoTree.shape.leafCount - 1, count: 1 }] } });
  assert.equal(ofKind(outputs, 'read'), [
    { kind: 'read', id: photoTree.id, transfer: null, group: 0, offset: 0, length: 32_768 },
    { kind: 'read', id: photoTree.id, transfer: null, group: last, offset: last * 32_768, length: photo.length - last * 32_768 },
  ]);
  assert.equal(machine.handle(instant(1), { kind: 'read', id: photoTree.id, transfer: null, group: last, bytes: groupOf(photo, last) }), []);
  const given = ofKind(machine.handle(instant(2), { kind: 'read', id: photoTree.id, transfer: null, group: 0, bytes: groupOf(photo, 0) }), 'block').map(({ bytes }) => decodeBlock(bytes));
  assert.equal(given.map((block) => block.ok && block.value.position), [0, 1, photoTree.shape.leafCount - 1]);
});

test.run();
