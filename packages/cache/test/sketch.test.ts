/** Sketches: what they are, that a difference comes out of them exactly, and what symbols of a liar may cost. */
import { instant, type PacketId, type ShortId, type TopicTag } from '@srp/machine';
import { Sketches } from '@srp/cache';
import type { SyncSymbol } from '@srp/wire';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { saltMs, sketchChangesMax, sketchesMax, sketchSymbols, syncSymbolsMax } from '../dist/constants.js';
import { Difference } from '../dist/reconcile/difference.js';
import { IdSet } from '../dist/reconcile/id-set.js';
import { hasherOf, Sketch } from '../dist/reconcile/sketch.js';
import { SipHasher } from '../dist/reconcile/siphash.js';
import { randomOf } from './helpers.js';
import { tagOf } from './objects.js';
import { sipHash } from './reference/siphash.js';
import { placesOf, symbolsOf } from './reference/symbols.js';

const seed = Number(process.env['SRP_SEED'] ?? 20_261_125);
const tag = tagOf(1);
const salt = (n: number): Uint8Array => randomOf(n).bytes(8);
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const many = (count: number, from: number): PacketId[] => {
  const random = randomOf(from);
  return Array.from({ length: count }, () => hex(random.bytes(16)) as PacketId);
};
const short = (id: PacketId): ShortId => id.slice(0, 16) as ShortId;
const sorted = <Item>(items: readonly Item[]): Item[] => [...items].sort();

/** Reads symbols of `theirs`, a datagram at a time, until the difference is known. */
const compared = (mine: readonly PacketId[], theirs: readonly PacketId[], n = 1): { difference: Difference; symbols: number } => {
  const sketch = new Sketch(tag, theirs, salt(n));
  const difference = new Difference(tag, new IdSet(mine), { salt: sketch.salt, count: sketch.ids.size });
  let [at, verdict] = [0, 'open'];
  for (; verdict === 'open' && at < syncSymbolsMax; at += 84) verdict = difference.add(at, sketch.symbols(at, at + 84));
  assert.is(verdict, 'decoded');
  return { difference, symbols: at };
};

test('the hash is SipHash-2-4', () => {
  const key = Uint8Array.from({ length: 16 }, (_, i) => i);
  // Appendix A of the paper, and the eighth of the vectors in the authors' program.
  assert.is(sipHash(key, key.subarray(0, 15)), 0xa129ca6149be45e5n);
  assert.is(sipHash(key, key.subarray(0, 8)), 0x93f5f5799a932462n);
  const hasher = new SipHasher(key);
  hasher.hash(0x0001_0203, 0x0405_0607);
  assert.equal([hasher.high >>> 0, hasher.low >>> 0], [0x93f5_f579, 0x9a93_2462]);
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), fc.uint8Array({ minLength: 8, maxLength: 8 }), (anyKey, id) => {
      const view = new DataView(id.buffer);
      const any = new SipHasher(anyKey);
      any.hash(view.getUint32(0), view.getUint32(4));
      assert.is((BigInt(any.high >>> 0) << 32n) | BigInt(any.low >>> 0), sipHash(anyKey, id));
    }),
    { seed, numRuns: 300 },
  );
});

test('the symbols are those of the slow twin', () => {
  for (const count of [0, 1, 2, 50, 300]) {
    const ids = many(count, count + 1);
    const sketch = new Sketch(tag, ids, salt(count));
    assert.equal(sketch.symbols(0, 200), symbolsOf(ids.map(short), sketch.salt, tag, 200));
  }
  assert.is(new Sketch(tag, [], salt(1)).symbols(4000, 9000).length, syncSymbolsMax - 4000);
});

test('an id is in symbol i with a chance of about 1 / (1 + i/2)', () => {
  const counts = new Array<number>(600).fill(0);
  const ids = 6000;
  const sketch = new Sketch(tag, many(ids, 3), salt(3));
  for (const [i, { excess }] of sketch.symbols(0, 600).entries()) counts[i] = excess + Math.floor((2 * ids) / (i + 2));
  for (const [from, to] of [[0, 1], [1, 2], [2, 5], [5, 20], [20, 100], [100, 600]] as const) {
    const expected = Array.from({ length: to - from }, (_, n) => ids / (1 + (from + n) / 2)).reduce((sum, one) => sum + one);
    const seen = counts.slice(from, to).reduce((sum, one) => sum + one);
    assert.ok(Math.abs(seen / expected - 1) < 0.08, `symbols ${from} to ${to}: ${seen} for ${expected}`);
  }
  const touched = placesOf(sipHash(new Uint8Array(16), new Uint8Array(8)), sketchSymbols).length;
  assert.ok(touched >= 3 && touched <= 30);
});

test('what comes out of two sets is their difference, exactly', () => {
  const size = fc.oneof(fc.nat(5), fc.nat(60), fc.nat(400));
  fc.assert(
    fc.property(size, size, fc.oneof(fc.nat(5), fc.nat(800)), fc.nat(1_000_000), (ours, theirs, both, n) => {
      const [left, right, common] = [many(ours, n + 1), many(theirs, n + 2), many(both, n + 3)];
      const { difference } = compared([...left, ...common], [...common, ...right], n);
      assert.equal(sorted(difference.mine()), sorted(left.map(short)));
      assert.equal(sorted(difference.theirs()), sorted(right.map(short)));
    }),
    { seed, numRuns: 60 },
  );
});

test('a hundred differences take about a hundred and fifty symbols, however large the sets are', () => {
  for (const common of [0, 14_000]) {
    const both = many(common, 5);
    const { symbols } = compared([...both, ...many(50, 6)], [...both, ...many(50, 7)], 8);
    assert.ok(symbols <= 252, `${symbols} symbols`);
  }
});

test('the first datagram tells how many differ', () => {
  for (const count of [100, 1000, 10_000]) {
    const ratios = Array.from({ length: 21 }, (_, n) => {
      const sketch = new Sketch(tag, many(count / 2, 2 * n), salt(n));
      const difference = new Difference(tag, new IdSet(many(count / 2, 2 * n + 1)), { salt: sketch.salt, count: count / 2 });
      difference.add(0, sketch.symbols(0, 84));
      return difference.estimate() / count;
    }).sort((a, b) => a - b);
    assert.ok(ratios[10]! > 0.8 && ratios[10]! < 1.2, `median ${ratios[10]}`);
    assert.ok(ratios[0]! > 0.5 && ratios[20]! < 1.9, `${ratios[0]} .. ${ratios[20]}`);
  }
});

test('symbols that are lost are made up for by others, in any order', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 }), fc.nat(1000), (count, n) => {
      const theirs = many(count, n + 1);
      const sketch = new Sketch(tag, theirs, salt(n));
      const difference = new Difference(tag, new IdSet([]), { salt: sketch.salt, count: theirs.length });
      const random = randomOf(n);
      const parts = Array.from({ length: 40 }, (_, part) => part * 84).filter((from) => from === 0 || random.below(100) >= 20);
      for (let i = 1; i + 1 < parts.length; i += 2) [parts[i], parts[i + 1]] = [parts[i + 1]!, parts[i]!];
      for (const from of [...parts, 0]) difference.add(from, sketch.symbols(from, from + 84));
      assert.equal(sorted(difference.theirs()), sorted(theirs.map(short)));
    }),
    { seed, numRuns: 40 },
  );
});

test('a sketch that was kept while objects came and went is the one that would be made now', () => {
  const change = fc.record({ n: fc.nat(40), isThere: fc.boolean(), settles: fc.nat(4).map((n) => n === 0) });
  const pool = many(41, 9);
  fc.assert(
    fc.property(fc.array(change, { maxLength: 120 }), fc.boolean(), (changes, looksFirst) => {
      const held = new Set(pool.slice(0, 20));
      const kept = new Sketch(tag, [...held], salt(1));
      if (looksFirst) assert.type(kept.state, 'number');
      for (const { n, isThere, settles } of changes) {
        const id = pool[n] as PacketId;
        if (isThere) held.add(id);
        else held.delete(id);
        kept.change(id, isThere ? 1 : -1); // also where that is no news
        if (settles) kept.settle();
      }
      kept.settle();
      const fresh = new Sketch(tag, [...held], salt(1));
      assert.equal(kept.symbols(0, 100), fresh.symbols(0, 100));
      assert.is(kept.ids.digest(), fresh.ids.digest());
      assert.is(kept.ids.size, held.size);
    }),
    { seed, numRuns: 80 },
  );
});

test('changes wait until they are settled, and too many make a sketch of no use', () => {
  const sketch = new Sketch(tag, many(10, 1), salt(1));
  const { state } = sketch;
  for (const [n, id] of many(sketchChangesMax + 1, 2).entries()) assert.is(sketch.change(id, 1), n < sketchChangesMax);
  assert.is(sketch.state, state);
  sketch.settle();
  assert.is.not(sketch.state, state);
  assert.is(sketch.ids.size, 11 + sketchChangesMax);
});

test('digests are the same for the same ids, in whatever order, and for no others', () => {
  const ids = many(100, 1);
  const digest = new IdSet(ids).digest();
  assert.is(new IdSet([...ids].reverse().concat(ids)).digest(), digest);
  assert.is.not(new IdSet(ids.slice(1)).digest(), digest);
  assert.match(digest, /^[0-9a-f]{24}$/);
  const set = new IdSet(ids.slice(1));
  set.add(Number.parseInt(ids[0]!.slice(0, 8), 16), Number.parseInt(ids[0]!.slice(8, 16), 16));
  assert.is(set.digest(), digest);
});

test('the sketches of the topics asked about last are kept, for an hour, and follow what comes and goes', () => {
  const held = many(300, 1);
  let made = 0;
  const sketches = new Sketches({ random: randomOf(1), idsOf: () => ((made += 1), held) });
  const at = (ms: number, of: TopicTag, since = 0): Sketch => sketches.of(instant(ms), of, since, () => true)!;
  const first = at(0, tag);
  assert.is(at(saltMs - 1, tag), first);
  assert.is(made, 1);
  for (const [time, of] of [[5, tag], [5, tagOf(2)]] as const) sketches.changed(of, time, many(1, 7)[0]!, 1);
  first.settle();
  assert.is(first.ids.size, 301);
  const hot = at(0, tag, 100);
  sketches.changed(tag, 99, many(1, 8)[0]!, 1);
  hot.settle();
  assert.is(hot.ids.size, 300, 'what is older is none of it');
  assert.is.not(at(saltMs, tag).salt, first.salt);
  for (let n = 0; n < 3 * sketchesMax; n += 1) at(0, tagOf(n + 10));
  assert.is(sketches.size, sketchesMax);
  const kept = sketches.size;
  for (const id of many(sketchChangesMax + 1, 5)) sketches.changed(tagOf(3 * sketchesMax + 9), 1, id, 1);
  assert.is(sketches.size, kept - 1, 'one with too many changes is let go');
  assert.is(sketches.of(instant(0), tagOf(999), 0, (count) => count < 300), null);
});

test('symbols of nobody never throw, never name what is here, and give no more ids than they are', () => {
  const own = many(60, 1);
  const ownShorts = new Set(own.map(short));
  const u32 = fc.nat({ max: 0xffff_ffff });
  const excess = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff }));
  const junk = fc.record<SyncSymbol>({ high: u32, low: u32, check: u32, excess });
  // One that looks as if it held one id: made by who knows the salt.
  const hasher = hasherOf('00'.repeat(8), tag);
  const forged = fc.tuple(fc.oneof(u32, fc.constantFrom(...own).map((id) => Number.parseInt(id.slice(0, 8), 16))), u32, fc.constantFrom(-1, 0, 1, 2)).map(([high, low, more]): SyncSymbol => {
    hasher.hash(high, low);
    return { high, low, check: hasher.low >>> 0, excess: more };
  });
  fc.assert(
    fc.property(fc.array(fc.record({ from: fc.nat({ max: syncSymbolsMax }), symbols: fc.array(fc.oneof(junk, forged), { maxLength: 84 }) }), { maxLength: 12 }), fc.constantFrom(0, 1, 60, 0xffff_ffff), (frames, count) => {
      const difference = new Difference(tag, new IdSet(own), { salt: '00'.repeat(8), count });
      for (const { from, symbols } of frames) difference.add(from, symbols);
      assert.ok(difference.found <= difference.received && difference.received <= syncSymbolsMax);
      assert.ok(difference.theirs().every((id) => !ownShorts.has(id)), 'an id that is here is not missing');
      assert.ok(difference.mine().every((id) => ownShorts.has(id)), 'an id that is not here is not offered');
      assert.ok(difference.estimate() >= 0);
    }),
    { seed, numRuns: 200 },
  );
});

test('symbols that promise one id after the other are cut off', () => {
  // Each symbol holds the same id again: an honest set has none twice.
  const hasher = hasherOf('00'.repeat(8), tag);
  hasher.hash(7, 7);
  const check = hasher.low >>> 0;
  const difference = new Difference(tag, new IdSet([]), { salt: '00'.repeat(8), count: 0 });
  const symbols = Array.from({ length: 84 }, (): SyncSymbol => ({ high: 7, low: 7, check, excess: 1 }));
  assert.is(difference.add(0, symbols), 'contradictory', 'symbol 0 holds one more than there are');
  const hopeful = new Difference(tag, new IdSet([]), { salt: '00'.repeat(8), count: 1 });
  let verdict = 'open';
  for (let from = 0; from < syncSymbolsMax; from += 84) verdict = hopeful.add(from, symbols.map((symbol, i) => ({ ...symbol, excess: from + i === 0 ? 0 : 1 })));
  assert.is.not(verdict, 'decoded');
  assert.ok(hopeful.theirs().length <= 1);
});

test('ids made to fall into the same symbols hide themselves and nothing else', () => {
  // Two ids with one hash take 2^32 tries; the twin lets us pretend: their symbols hold both or none.
  const theirs = many(20, 1);
  const sketch = new Sketch(tag, theirs, salt(1));
  const pair = many(2, 2).map((id) => BigInt(`0x${short(id)}`));
  const sum = pair[0]! ^ pair[1]!;
  const places = new Set(placesOf(0x1234_5678_9abc_def0n, syncSymbolsMax));
  const difference = new Difference(tag, new IdSet([]), { salt: sketch.salt, count: 22 });
  const expected = (count: number, i: number): number => Math.floor((2 * count) / (i + 2));
  const symbols = sketch.symbols(0, 252).map((symbol, i): SyncSymbol => {
    const hasBoth = places.has(i);
    return { high: (symbol.high ^ (hasBoth ? Number(sum >> 32n) : 0)) >>> 0, low: (symbol.low ^ (hasBoth ? Number(sum & 0xffff_ffffn) : 0)) >>> 0, check: symbol.check, excess: symbol.excess + expected(20, i) - expected(22, i) + (hasBoth ? 2 : 0) };
  });
  let verdict = 'open';
  for (let from = 0; from < 252; from += 84) verdict = difference.add(from, symbols.slice(from, from + 84));
  assert.is(verdict, 'open');
  assert.equal(sorted(difference.theirs()), sorted(theirs.map(short)));
  assert.ok(difference.estimate() < 30);
});

test.run();
