/** How fast files go over lines of many kinds, and what else goes over them meanwhile. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { contentOf, treeOf } from './support/files.js';
import { type Host, type LineOptions, quantile, TcpLike, worldOf } from './support/line.js';

const test = suite('the pace of a transfer');
const mbit = 1_000_000;
const line = { bitsPerSecond: 20 * mbit, rttMs: 50 };
/** Long enough for every one of these: nobody comes to its end. */
const endless = contentOf(48 * 1024 * 1024);
const endlessTree = treeOf(endless);
const other = endless.subarray(0, 40 * 1024 * 1024);
const otherTree = treeOf(other);

/** Bytes that came here until now. */
const came = (host: Host, transfer = 1): number => host.progress(transfer)?.bytes ?? host.written.get(transfer)?.length ?? 0;

/** One transfer of 20 s over a line that loses this share. */
const fills = (loss: number, least: number, jitterMs = 0): void => {
  const { world, hosts } = worldOf({ ...line, loss, jitterMs }, 2);
  const [ann, ben] = hosts as [Host, Host];
  ann.share(endlessTree, endless);
  ben.fetch(1, endlessTree, [ann]);
  world.run(20_000);
  const share = came(ben) / (20_000 * world.bytesPerMs);
  const standing = quantile(world.queueMs, 0.95);
  console.log(`  ${(100 * share).toFixed(1)} %, queue p50 ${quantile(world.queueMs, 0.5).toFixed(0)} p95 ${standing.toFixed(0)} ms`);
  assert.ok(share > least, `${share}`);
  assert.ok(standing < 100, `${standing}`);
};

test('fills at least 85 % of 20 Mbit/s over 50 ms that loses nothing, and its queue stays below 100 ms', () => fills(0, 0.85));
test('fills at least 85 % of 20 Mbit/s over 50 ms that loses 1 %, and its queue stays below 100 ms', () => fills(0.01, 0.85));
test('fills at least 75 % of 20 Mbit/s over 50 ms that loses 5 %, and its queue stays below 100 ms', () => fills(0.05, 0.75));

test('fills at least 75 % of 20 Mbit/s over 50 ms that loses 1 %, where datagrams overtake each other by up to 15 ms each way', () => fills(0.01, 0.75, 15));

test('two transfers share a line within 20 %, also when one comes 5 s later, and their queue stays below 100 ms', () => {
  const { world, hosts } = worldOf(line, 3);
  const [ann, ben, cleo] = hosts as [Host, Host, Host];
  ann.share(endlessTree, endless);
  ann.share(otherTree, other);
  ben.fetch(1, endlessTree, [ann]);
  world.later(5_000, () => cleo.fetch(1, otherTree, [ann]));
  world.run(10_000);
  const before = [came(ben), came(cleo)] as const;
  world.queueMs.length = 0;
  world.run(22_000);
  const [first, second] = [came(ben) - before[0], came(cleo) - before[1]];
  console.log(`  ${((100 * first) / (first + second)).toFixed(1)} % and ${((100 * second) / (first + second)).toFixed(1)} %, queue p95 ${quantile(world.queueMs, 0.95).toFixed(0)} ms`);
  assert.ok(Math.min(first, second) / Math.max(first, second) > 0.8, `${first} ${second}`);
  assert.ok(quantile(world.queueMs, 0.95) < 100);
});

test('one that behaves as TCP keeps more than half of the line', () => {
  const { world, hosts } = worldOf({ ...line, queueMs: 100 }, 2);
  const [ann, ben] = hosts as [Host, Host];
  ann.share(endlessTree, endless);
  ben.fetch(1, endlessTree, [ann]);
  const tcp = new TcpLike(world, line.rttMs);
  world.later(2_000, () => tcp.start());
  world.run(4_000);
  const before = [came(ben), tcp.bytes] as const;
  world.run(20_000);
  const capacity = 16_000 * world.bytesPerMs;
  const [ours, its] = [(came(ben) - before[0]) / capacity, (tcp.bytes - before[1]) / capacity];
  console.log(`  TCP ${(100 * its).toFixed(0)} %, ours ${(100 * ours).toFixed(0)} %`);
  assert.ok(its > 0.5, `${its}`);
});

test('a message crosses a busy line in under 300 ms, every one of them', () => {
  const { world, hosts } = worldOf(line, 2);
  const [ann, ben] = hosts as [Host, Host];
  ann.share(endlessTree, endless);
  ben.fetch(1, endlessTree, [ann]);
  const took: number[] = [];
  const say = (): void => {
    const at = world.at;
    world.down('chat', 1198, () => took.push(world.at - at));
    if (at < 8_000) world.later(50, say);
  };
  say();
  world.run(9_000);
  console.log(`  p50 ${quantile(took, 0.5).toFixed(0)} ms, longest ${Math.max(...took).toFixed(0)} ms`);
  assert.ok(took.length > 150 && Math.max(...took) < 300);
});

test('a line whose queue is shorter than the target is not flooded', () => {
  const { world, hosts } = worldOf({ ...line, queueMs: 8 }, 2);
  const [ann, ben] = hosts as [Host, Host];
  ann.share(endlessTree, endless);
  ben.fetch(1, endlessTree, [ann]);
  world.run(10_000);
  const share = came(ben) / (10_000 * world.bytesPerMs);
  console.log(`  ${(100 * share).toFixed(1)} % of the line, ${((100 * (ann.blocksGiven * 1024 - came(ben))) / came(ben)).toFixed(0)} % sent in vain`);
  assert.ok(share > 0.75, `${share}`);
  assert.ok(ann.blocksGiven * 1024 < 1.2 * came(ben));
});

/** 1 MiB over a line of the ladder that others measure themselves by. */
const arrives = (bad: LineOptions): void => {
  const content = contentOf(1024 * 1024);
  const tree = treeOf(content);
  for (const seed of [1, 2, 3]) {
    const { world, hosts } = worldOf({ ...bad, queueMs: 1000 }, 2, seed);
    const [ann, ben] = hosts as [Host, Host];
    ann.share(tree, content);
    ben.fetch(1, tree, [ann]);
    world.run(1_200_000, () => ben.fetched.length > 0);
    assert.equal(ben.fetched, [1]);
    assert.ok(Buffer.compare(ben.written.get(1) as Uint8Array, content) === 0);
    console.log(`  ${(world.at / 1000).toFixed(0)} s, ${((100 * content.length * 8) / (world.at / 1000) / bad.bitsPerSecond).toFixed(0)} % of the line`);
  }
};

test('1 MiB arrives whole over 10 Mbit/s, 100 ms, 2 % lost in bursts of 4', () => arrives({ bitsPerSecond: 10 * mbit, rttMs: 100, loss: 0.02, burst: 4 }));
test('1 MiB arrives whole over 2 Mbit/s, 200 ms, 5 % lost in bursts of 10', () => arrives({ bitsPerSecond: 2 * mbit, rttMs: 200, loss: 0.05, burst: 10 }));
test('1 MiB arrives whole over 1 Mbit/s, 300 ms, 8 % lost in bursts of 16', () => arrives({ bitsPerSecond: mbit, rttMs: 300, loss: 0.08, burst: 16 }));
test('1 MiB arrives whole over 500 kbit/s, 450 ms, 12 % lost in bursts of 25', () => arrives({ bitsPerSecond: 500_000, rttMs: 450, loss: 0.12, burst: 25 }));
test('1 MiB arrives whole over 256 kbit/s, 800 ms, 25 % lost in bursts of 40', () => arrives({ bitsPerSecond: 256_000, rttMs: 800, loss: 0.25, burst: 40 }));

test.run();
