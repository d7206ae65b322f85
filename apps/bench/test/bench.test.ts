/** Each benchmark runs and tells well-formed rows. Nothing here is a test of speed: one tiny iteration has none. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { finding, quantile, type Row, told } from '../dist/row.js';
import type { SyncRow } from '../dist/sync/row.js';

const test = suite('benchmarks');
const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const bench = (...args: string[]) => spawnSync(process.execPath, [main, ...args], { encoding: 'utf8' });

const names = [
  'wire/object',
  'wire/decode',
  'peer/receive-fresh',
  'peer/receive-duplicate',
  'identity/seal-open',
  'identity/verify-many',
  'link/session',
  'peer/rss-idle',
  'gossip/cpu',
  'gossip/bytes',
  'gossip/cpu-16x1',
  'gossip/bytes-16x1',
  'gossip/cpu-16x4',
  'gossip/bytes-16x4',
  'gossip/cpu-32x1',
  'gossip/bytes-32x1',
  'gossip/cpu-paced',
  'gossip/bytes-paced',
  'gossip/join',
  'stream/file',
  'stream/bytes',
  'sync',
  'cache/insert',
  'cache/lookup',
  'cache/write',
  'cache/open',
  'cache/blocked',
  'cache/disk',
  'cache/rss',
  'cache/flood',
  'stream/order',
];

/** What of the embedded stores can be loaded here: both, wherever there is a build of their native code. */
const canLoad = async (name: string): Promise<boolean> => import(name).then(() => true, () => false);

test('all run and print one object for each row', async () => {
  const stores = [(await canLoad('classic-level')) ? 'classic-level 3.0.0' : null, ...((await canLoad('lmdb')) ? ['lmdb 3.5.6'] : [])];
  const { stdout, stderr, status } = bench('--json', '--tiny');
  assert.is(stderr, '');
  assert.is(status, 0);
  const all = stdout.trimEnd().split('\n').map((line) => JSON.parse(line) as Row | SyncRow);
  assert.equal([...new Set(all.map(({ name }) => name))], names);
  const syncs = all.filter((row): row is SyncRow => row.name === 'sync');
  assert.equal(syncs.map(({ loss, difference }) => [loss, difference]), [0, 20].flatMap((loss) => [0, 1, 10, 100, 1000, 1200].map((difference) => [loss, difference])));
  for (const row of syncs) {
    assert.equal(Object.keys(row), ['name', 'difference', 'loss', 'bytes', 'datagrams', 'roundTrips', 'cpuMs', 'trieBytes', 'rangeBytes']);
    assert.ok([row.bytes, row.datagrams, row.roundTrips, row.trieBytes, row.rangeBytes].every((figure) => figure > 0) && row.cpuMs >= 0, JSON.stringify(row));
  }
  const rows = all.filter((row): row is Row => row.name !== 'sync');
  for (const row of rows) {
    if (row.name.startsWith('cache/') && row.name !== 'cache/rss' && row.name !== 'cache/flood') assert.equal([row.peerName, ...Object.keys(row.others ?? {})], stores, row.name);
    assert.equal(Object.keys(row), ['name', 'unit', 'ours', 'peer', 'peerName', 'floor', 'floorName', 'ratioToPeer', 'ratioToFloor', 'runs', ...(['others', 'extra'] as const).filter((key) => key in row)]);
    for (const [name, value] of Object.entries(row.others ?? {})) assert.ok(value > 0, name);
    for (const [name, figure] of Object.entries(row.extra ?? {})) assert.equal(Object.keys(figure), ['ours', 'peer', 'floor'], name);
    assert.is(row.extra?.['delivered']?.ours ?? 1, 1, row.name);
    assert.type(row.unit, 'string');
    assert.ok(row.ours > 0 && row.runs === 1, row.name);
    const turned = (ratio: number): number => (row.unit === 'MB/s' ? 1 / ratio : ratio);
    for (const [value, name, ratio, of] of [
      [row.peer, row.peerName, row.ratioToPeer, turned((row.peer ?? 0) / row.ours)],
      [row.floor, row.floorName, row.ratioToFloor, turned(row.ours / (row.floor ?? 0))],
    ] as const) {
      assert.is(value === null, name === null);
      assert.is(value === null, ratio === null);
      if (ratio !== null) assert.ok(Math.abs(ratio / of - 1) < 0.01, `${row.name}: ${ratio} is not ${of}`);
    }
    assert.ok(row.peer !== null || row.floor !== null, `${row.name} is compared with nothing`);
  }
});

test('are chosen by row and by group, and told in words', () => {
  const { stdout, status } = bench('wire/decode', 'link', '--tiny');
  assert.is(status, 0);
  assert.equal(stdout.split('\n').filter((line) => /^\w+\/[\w-]+ /.test(line)).map((line) => line.split(' ')[0]), ['wire/decode', 'link/session']);
  assert.match(stdout, /^Node \d+\.\d+\.\d+, /);
});

test('explain themselves, and refuse a name that none has', () => {
  const { stdout } = bench('--help');
  for (const name of names) assert.ok(stdout.includes(name), name);
  const { status, stderr } = bench('wires');
  assert.is(status, 2);
  assert.match(stderr, /Cannot run wires: no such row or group/);
});

test('tell medians, ratios and whether a target was met', () => {
  const found = finding(
    { name: 'a/b', unit: 'ns', target: { toPeerMin: 5, toFloorMax: 2, oursMax: 9 }, remarks: ['and more'], extra: { heads: { ours: 1, peer: 2.25, floor: 3 } } },
    { ours: [30, 10, 20], peer: { name: 'theirs', samples: [90, 100, 110] }, floor: { name: 'the least', samples: [8, 8, 8] } },
  );
  assert.equal(found.row, { name: 'a/b', unit: 'ns', ours: 20, peer: 100, peerName: 'theirs', floor: 8, floorName: 'the least', ratioToPeer: 5, ratioToFloor: 2.5, runs: 3, extra: { heads: { ours: 1, peer: 2.25, floor: 3 } } });
  assert.is(
    told(found),
    [
      'a/b  (median and spread of 3)',
      '  ours          20 ns           12 .. 28',
      '  peer         100 ns           92 .. 108            x 5  theirs',
      '  floor          8 ns           8 .. 8               : 2.5  the least',
      '  heads: ours 1, peer 2.25, floor 3',
      '  target: at least 5 times better than the peer: met',
      '  target: at most 2 times the floor: MISSED',
      '  target: at most 9 ns: MISSED',
      '  and more',
      '',
    ].join('\n'),
  );
  assert.is(quantile([1, 2, 3, 4], 0.5), 2.5);
});

test.run();
