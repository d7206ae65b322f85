/** What a neighbour may cost: each bound of a reconciler, filled by somebody who means it. */
import { Reconciler, type ReconcilerFrame, type ReconcilerOutput, Sketches } from '@srp/cache';
import { after, type Instant, instant, type PacketId, type PeerId, type ShortId, shortIdOf, wakeup } from '@srp/machine';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { answerPartsMax, answersMax, claimIdsMax, claimMs, failedClaimsMax, frameIds, mutedMax, muteMs, neighbourRates, neighboursMax, neighbourTagsMax, neighbourWantsMax, questionMs, questionsMax, restartsMax, totalRates, wantsMax } from '../dist/constants.js';
import { Sketch } from '../dist/reconcile/sketch.js';
import { randomOf, sketchesOver } from './helpers.js';
import { start, tagOf } from './objects.js';
import { peerOf } from './reference/network.js';

const tag = tagOf(1);
const liar = peerOf(666);
const listPlease = { kind: 'sync-request', tag, since: 0, state: 0, from: 0, count: 0, digest: null } as const;
const firstQuestion = { ...listPlease, count: 84, digest: 'ab'.repeat(12) };
const sketch = { kind: 'sync-symbols', tag, salt: '11'.repeat(8), state: 7, count: 0, from: 0, symbols: [] } as const;
const short = (n: number): ShortId => n.toString(16).padStart(16, '0') as ShortId;
const shorts = (from: number, count: number): ShortId[] => Array.from({ length: count }, (_, i) => short(from + i));
const id = (n: number): PacketId => short(n).padEnd(32, '0') as PacketId;

const make = (held: readonly PacketId[] = [], seed = 1): { reconciler: Reconciler; hear: (peer: PeerId, frame: ReconcilerFrame, now?: Instant) => readonly ReconcilerOutput[] } => {
  const known = new Set(held.map(shortIdOf));
  const reconciler = new Reconciler({
    random: randomOf(seed),
    store: {
      knows: (one) => known.has(one),
      passed: (one) => known.has(one),
      idsOf: () => held,
      sketchOf: sketchesOver(() => held, seed),
      byShortId: (one) => (known.has(one) ? [one.padEnd(32, '0') as PacketId] : []),
      byPrev: () => held.slice(0, 8),
    },
  });
  return { reconciler, hear: (peer, frame, now = start) => reconciler.handle(now, { kind: 'frame', peer, frame }) };
};
const drops = (outputs: readonly ReconcilerOutput[]): string[] => outputs.flatMap((output) => (output.kind === 'dropped' ? [output.reason] : []));
const count = (outputs: readonly ReconcilerOutput[], kind: string): number => outputs.filter((output) => output.kind === 'frame' && output.frame.kind === kind).length;

/** Runs to `until`, and answers what was said. */
const run = (reconciler: Reconciler, from: number, until: number): { now: Instant; outputs: ReconcilerOutput[] } => {
  const outputs: ReconcilerOutput[] = [];
  let now = instant(from);
  for (let step = 0; step < 100_000; step += 1) {
    const deadline = reconciler.deadline();
    if (deadline === null || deadline > until) return { now: instant(until), outputs };
    now = instant(Math.max(now, deadline));
    outputs.push(...reconciler.handle(now, wakeup));
  }
  throw new Error('no end');
};

test('a neighbour that claims what it does not have is not believed for an hour, also when it comes back', () => {
  const { reconciler, hear } = make();
  let now = start;
  for (let claim = 0; claim < failedClaimsMax; claim += 1) {
    reconciler.handle(now, { kind: 'meet', peer: liar, tags: [tag] });
    assert.is(count(hear(liar, { kind: 'offer', tag, ids: shorts(1000 * claim, claimIdsMax) }, now), 'want'), 2);
    ({ now } = run(reconciler, now, now + 10_000));
  }
  assert.equal(drops(hear(liar, { kind: 'offer', tag, ids: shorts(9000, 10) }, now)), ['muted']);
  assert.is(reconciler.stats().wantedCount, 0);
  reconciler.handle(now, { kind: 'gone', peer: liar });
  assert.equal(reconciler.handle(now, { kind: 'meet', peer: liar, tags: [tag] }), []);
  assert.equal(drops(hear(liar, { kind: 'offer', tag, ids: shorts(9000, 10) }, now)), ['muted']);
  assert.equal(drops(hear(liar, { kind: 'sync-ids', tag, part: 0, parts: 1, ids: shorts(1, 3) }, now)), ['muted']);
  now = after(now, muteMs);
  assert.is(count(hear(liar, { kind: 'offer', tag, ids: shorts(9000, 10) }, now), 'want'), 1);
});

test('liars that take turns are muted like one, however many are neighbours', () => {
  const { reconciler, hear } = make();
  const liars = Array.from({ length: neighboursMax }, (_, n) => peerOf(n));
  let now = start;
  for (const peer of liars) reconciler.handle(now, { kind: 'meet', peer, tags: [tag] });
  for (let claim = 0; claim < failedClaimsMax; claim += 1) {
    for (const [n, peer] of liars.entries()) hear(peer, { kind: 'offer', tag, ids: [short(1000 * claim + n)] }, now);
    ({ now } = run(reconciler, now, now + 10_000));
  }
  const muted = liars.filter((peer) => drops(hear(peer, { kind: 'offer', tag, ids: [short(9000)] }, now)).includes('muted'));
  assert.is(muted.length, mutedMax);
});

test('a liar with a truth among its lies is muted as well', () => {
  const held: PacketId[] = [];
  const { reconciler, hear } = make(held);
  reconciler.handle(start, { kind: 'meet', peer: liar, tags: [tag] });
  let now = start;
  for (let claim = 0; claim < failedClaimsMax; claim += 1) {
    hear(liar, { kind: 'offer', tag, ids: [...shorts(1000 * claim, claimIdsMax - 1), short(500_000 + claim)] }, now);
    ({ now } = run(reconciler, now, now + 10_000));
  }
  assert.equal(drops(hear(liar, { kind: 'offer', tag, ids: shorts(90_000, 3) }, now)), ['muted']);
});

test('a liar delays what others have by seconds, not for good', () => {
  const { reconciler, hear } = make();
  const honest = peerOf(1);
  for (const peer of [liar, honest]) reconciler.handle(start, { kind: 'meet', peer, tags: [tag] });
  hear(liar, { kind: 'offer', tag, ids: shorts(0, 60) });
  assert.is(count(hear(honest, { kind: 'offer', tag, ids: shorts(0, 60) }), 'want'), 0, 'one WANT for one id at a time');
  const { outputs } = run(reconciler, start, start + 5_000);
  assert.ok(outputs.some((output) => output.kind === 'frame' && output.to === honest && output.frame.kind === 'want'));
});

test('a neighbour that lets objects trickle in holds the others for fifteen seconds at most', () => {
  const held: PacketId[] = [];
  const known = new Set<ShortId>();
  const reconciler = new Reconciler({
    random: randomOf(1),
    store: { knows: (one) => known.has(one), passed: (one) => known.has(one), idsOf: () => held, sketchOf: sketchesOver(() => held), byShortId: () => [], byPrev: () => [] },
  });
  const honest = peerOf(1);
  for (const peer of [liar, honest]) {
    reconciler.handle(start, { kind: 'meet', peer, tags: [tag] });
    reconciler.handle(start, { kind: 'frame', peer, frame: { kind: 'offer', tag, ids: shorts(0, 100) } });
  }
  let askedAt: number | null = null;
  for (let tick = 1; tick < 40 && askedAt === null; tick += 1) {
    known.add(short(tick)); // one object every 0.9 s: the claim never stalls
    const { outputs } = run(reconciler, start + (tick - 1) * 900, start + tick * 900);
    if (outputs.some((output) => output.kind === 'frame' && output.to === honest && output.frame.kind === 'want')) askedAt = tick * 900;
  }
  assert.ok(askedAt !== null && askedAt <= claimMs + 1000, `the honest one was asked after ${askedAt} ms`);
});

test('a neighbour whose objects come and are refused is no liar', () => {
  const { reconciler, hear } = make();
  let now = start;
  reconciler.handle(now, { kind: 'meet', peer: liar, tags: [tag] });
  for (let claim = 0; claim < 2 * failedClaimsMax; claim += 1) {
    const ids = shorts(1000 * claim, 50);
    assert.is(count(hear(liar, { kind: 'offer', tag, ids }, now), 'want'), 1);
    for (const one of ids) reconciler.handle(now, { kind: 'came', peer: liar, id: one });
    reconciler.handle(now, { kind: 'came', peer: peerOf(5), id: short(1) });
    ({ now } = run(reconciler, now, now + 10_000));
  }
  assert.is(reconciler.stats().wantedCount, 0);
});

test('an id list nobody asked for is ignored, and one that contradicts itself', () => {
  const { reconciler, hear } = make();
  const part = (n: number, parts: number): ReconcilerFrame => ({ kind: 'sync-ids', tag, part: n, parts, ids: [short(n + 1)] });
  assert.equal(drops(hear(liar, part(0, 1))), ['not-asked']);
  reconciler.handle(start, { kind: 'meet', peer: liar, tags: [tag] });
  assert.equal(drops(hear(liar, { ...part(0, 1), tag: tagOf(2) } as ReconcilerFrame)), ['not-asked']);
  assert.equal(drops(hear(liar, part(0, 3))), []);
  assert.equal(drops(hear(liar, part(0, 3))), ['part-inconsistent']);
  assert.equal(drops(hear(liar, part(1, 4))), ['part-inconsistent']);
  assert.equal(drops(hear(peerOf(2), part(1, 3))), ['not-asked']);
  const other = make();
  other.reconciler.handle(start, { kind: 'meet', peer: liar, tags: [tag] });
  assert.equal(drops(other.hear(liar, part(0, answerPartsMax + 1))), ['part-inconsistent']);
});

test('an answer that trickles in holds a question for twenty seconds at most', () => {
  const { reconciler, hear } = make();
  reconciler.handle(start, { kind: 'meet', peer: liar, tags: [tag] });
  for (let second = 0; second < 20; second += 1) hear(liar, { kind: 'sync-ids', tag, part: second, parts: 96, ids: [] }, after(start, second * 1000));
  reconciler.handle(after(start, questionMs), wakeup);
  assert.is(reconciler.stats().questionCount, 0);
});

const zero = { high: 0, low: 0, check: 0, excess: 0 };
const junk = (length: number): typeof zero[] => Array.from({ length }, (_, i) => ({ high: i, low: 1, check: 2, excess: 0 }));

test('symbols nobody asked for are ignored, and those of another set', () => {
  const { reconciler, hear } = make(Array.from({ length: 1000 }, (_, n) => id(n)));
  const theirs = new Sketch(tag, Array.from({ length: 1000 }, (_, n) => id(n + 100)), new Uint8Array(8));
  const some = (from: number): ReconcilerFrame => ({ ...sketch, salt: theirs.salt, state: theirs.state, count: 1000, from, symbols: theirs.symbols(from, from + 84) });
  assert.equal(drops(hear(liar, some(0))), ['not-asked']);
  reconciler.handle(start, { kind: 'meet', peer: liar, tags: [tag] });
  assert.equal(drops(hear(liar, { ...some(0), tag: tagOf(2) } as ReconcilerFrame)), ['not-asked']);
  assert.equal(drops(hear(liar, some(84))), ['not-asked'], 'the first ones come first');
  assert.is(count(hear(liar, some(0)), 'sync-request'), 1);
  assert.equal(drops(hear(liar, some(4000))), ['not-asked']);
  assert.equal(drops(hear(liar, { ...some(84), count: 1001 } as ReconcilerFrame)), ['part-inconsistent']);
  for (let restart = 1; restart < 5; restart += 1) {
    assert.equal(drops(hear(liar, { ...some(0), state: restart } as ReconcilerFrame)), restart <= restartsMax ? [] : ['part-inconsistent']);
  }
  assert.equal(drops(hear(peerOf(2), some(0))), ['not-asked']);
});

test('symbols without end are asked for eight times at most, and cost a bounded time', () => {
  const { reconciler, hear } = make(Array.from({ length: 14_000 }, (_, n) => id(n)));
  // Counts of a set of which 1 400 ids differ, so that more are asked for; and no sum that decodes.
  const theirs = new Sketch(tag, Array.from({ length: 14_000 }, (_, n) => id(n + 700)), new Uint8Array(8));
  let now = start;
  let asked = reconciler.handle(now, { kind: 'meet', peer: liar, tags: [tag] });
  let symbols = 0;
  let frames = 0;
  const began = process.cpuUsage();
  while (reconciler.stats().questionCount > 0 && frames < 1000) {
    const next: ReconcilerOutput[] = [];
    for (const output of asked) {
      if (output.kind !== 'frame' || output.frame.kind !== 'sync-request') continue;
      const { from, count: wanted } = output.frame;
      symbols += wanted;
      frames += 1;
      const told = theirs.symbols(from, from + wanted).map((symbol) => ({ ...symbol, low: (symbol.low ^ 0x5a5a) >>> 0 }));
      for (let at = 0; at < wanted; at += 84) next.push(...hear(liar, { ...sketch, salt: theirs.salt, count: 14_000, from: from + at, symbols: told.slice(at, at + 84) }, now));
    }
    asked = next;
    if (asked.length > 0) continue;
    now = reconciler.deadline()!;
    asked = reconciler.handle(now, wakeup);
  }
  const { user, system } = process.cpuUsage(began);
  assert.ok(symbols > 2000 && symbols <= 4096, `${symbols} symbols`);
  assert.ok(now - start <= questionMs);
  assert.ok((user + system) / 1000 < 400, `${(user + system) / 1000} ms`);
  assert.is(reconciler.stats().wantedCount, 0);
});

test('a neighbour whose symbols contradict themselves three times is not believed for an hour', () => {
  const { reconciler, hear } = make([id(1), id(2)]);
  let now = start;
  for (let time = 0; time < failedClaimsMax; time += 1) {
    reconciler.handle(now, { kind: 'meet', peer: liar, tags: [tag] });
    assert.equal(drops(hear(liar, { ...sketch, count: 5, symbols: [{ ...zero, excess: 1 }] }, now)), ['symbols-contradictory']);
    now = after(now, 20_000);
  }
  assert.equal(drops(hear(liar, { ...sketch, symbols: junk(2) }, now)), ['muted']);
  assert.equal(reconciler.handle(now, { kind: 'meet', peer: liar, tags: [tag] }), []);
});

test('ids that symbols give and nobody sends are claims like any other', () => {
  const { reconciler, hear } = make();
  let now = start;
  for (let claim = 0; claim < failedClaimsMax; claim += 1) {
    const theirs = new Sketch(tag, Array.from({ length: 40 }, (_, n) => id(1000 * claim + n)), new Uint8Array(8));
    reconciler.handle(now, { kind: 'meet', peer: liar, tags: [tag] });
    const outputs = hear(liar, { kind: 'sync-symbols', tag, salt: theirs.salt, state: theirs.state, count: 40, from: 0, symbols: theirs.symbols(0, 84) }, now);
    assert.is(count(outputs, 'want'), 1);
    ({ now } = run(reconciler, now, now + 20_000));
  }
  assert.equal(drops(hear(liar, { ...sketch, symbols: junk(2) }, now)), ['muted']);
});

test('who asks for symbols leaves nothing behind, and gets what a budget allows', () => {
  const held = Array.from({ length: 14_000 }, (_, n) => id(n));
  const { reconciler, hear } = make(held);
  let parts = count(hear(liar, firstQuestion), 'sync-symbols');
  assert.is(parts, 1);
  for (let n = 0; n < 60; n += 1) parts += count(hear(liar, { ...listPlease, state: 1, from: 84, count: 4012 }), 'sync-symbols');
  assert.ok(parts > 100 && parts <= neighbourRates.parts.burst, `${parts} datagrams`);
  assert.equal({ ...reconciler.stats(), dropped: {} }, { neighbourCount: 1, questionCount: 0, answerCount: 0, wantedCount: 0, dropped: {} });
  assert.is(reconciler.deadline(), null);
});

test('sketches that others cause to be made are bounded', () => {
  const held = Array.from({ length: 14_000 }, (_, n) => id(n));
  let made = 0;
  const idsOf = (): readonly PacketId[] => held;
  const sketches = new Sketches({ random: randomOf(1), idsOf });
  const reconciler = new Reconciler({
    random: randomOf(1),
    store: {
      knows: () => true,
      passed: () => true,
      idsOf,
      sketchOf: (now, of, since, mayMake) => sketches.of(now, of, since, (ids) => (mayMake(ids) ? ((made += 1), true) : false)),
      byShortId: () => [],
      byPrev: () => [],
    },
  });
  for (let n = 0; n < 40; n += 1) for (let ask = 0; ask < 10; ask += 1) reconciler.handle(start, { kind: 'frame', peer: peerOf(n), frame: { ...firstQuestion, since: 100 * n + ask } });
  assert.ok(made >= 4 && made <= totalRates.sketchUnits.burst / 14, `${made} sketches`);
});

test('what is wanted of one neighbour and of all is bounded', () => {
  const { reconciler, hear } = make();
  let next = 0;
  for (let n = 0; n < 20; n += 1) {
    const peer = peerOf(n);
    reconciler.handle(start, { kind: 'meet', peer, tags: [tag] });
    const reasons: string[] = [];
    for (let frame = 0; frame < 13; frame += 1) {
      reasons.push(...drops(hear(peer, { kind: 'offer', tag, ids: shorts(next, frameIds.offer) })));
      next += frameIds.offer;
    }
    assert.ok(reasons.includes('wants-full'), `neighbour ${n}: ${reasons.join()}`);
    assert.ok(reconciler.stats().wantedCount <= Math.min(wantsMax, (n + 1) * (neighbourWantsMax + claimIdsMax)));
  }
  assert.is(reconciler.stats().wantedCount, wantsMax);
});

test('a flood of offers is cut off by its rate', () => {
  const { reconciler, hear } = make();
  reconciler.handle(start, { kind: 'meet', peer: liar, tags: [tag] });
  let taken = 0;
  for (let n = 0; n < 200; n += 1) if (!drops(hear(liar, { kind: 'offer', tag, ids: shorts(n * 148, 148) })).includes('too-often')) taken += 1;
  assert.ok(taken * 148 <= neighbourRates.offeredIds.burst);
});

test('a flood of questions costs one answer in ten seconds and topic', () => {
  const { hear } = make([id(1)]);
  let answers = 0;
  for (let n = 0; n < 400; n += 1) answers += count(hear(liar, listPlease, after(start, n * 100)), 'sync-ids');
  assert.ok(answers >= 4 && answers <= 7, `${answers} answers in 40 s`);
});

test('who is met again and again is asked about a topic no more often than it answers', () => {
  const { reconciler, hear } = make();
  let asked = 0;
  for (let ms = 0; ms < 60_000; ms += 500) {
    const now = after(start, ms);
    asked += count(reconciler.handle(now, { kind: 'meet', peer: liar, tags: [tag] }), 'sync-request');
    hear(liar, { ...sketch, salt: '00'.repeat(8), state: 0 }, now);
  }
  assert.is(asked, 3 + 5);
});

test('questions about more and more topics are bounded by the parts of their answers', () => {
  const held = Array.from({ length: 14_000 }, (_, n) => id(n));
  const { reconciler, hear } = make(held);
  let parts = 0;
  let now = start;
  for (let n = 0; n < 300; n += 1) {
    parts += count(hear(liar, { ...listPlease, tag: tagOf(n) }, now), 'sync-ids');
    const later = run(reconciler, now, now + 100);
    parts += count(later.outputs, 'sync-ids');
    ({ now } = later);
  }
  const seconds = (now - start) / 1000;
  assert.ok(parts <= neighbourRates.parts.burst + neighbourRates.parts.perSecond * seconds + 1, `${parts} parts in ${seconds} s`);
});

test('answers under way are bounded', () => {
  const held = Array.from({ length: 10_000 }, (_, n) => id(n));
  const { reconciler, hear } = make(held);
  const reasons = Array.from({ length: answersMax + 5 }, (_, n) => drops(hear(peerOf(n), listPlease))).flat();
  assert.is(reconciler.stats().answerCount, answersMax);
  assert.equal(reasons, Array.from({ length: 5 }, () => 'busy'));
  assert.equal(drops(hear(peerOf(0), { ...listPlease, tag: tagOf(2) })), ['busy'], 'one at a time for each');
});

test('an answer never lists more than a cache holds', () => {
  const held = Array.from({ length: 20_000 }, (_, n) => id(n));
  const { reconciler, hear } = make(held);
  const first = hear(liar, listPlease);
  const all = [...first, ...run(reconciler, start, start + 5_000).outputs];
  assert.is(count(all, 'sync-ids'), answerPartsMax);
  const last = all.at(-1);
  assert.ok(last?.kind === 'frame' && last.frame.kind === 'sync-ids' && last.frame.ids.at(-1) === short(19_999), 'the latest are among them');
});

test('questions open at once are bounded, and the others follow', () => {
  const { reconciler, hear } = make();
  for (let n = 0; n < 100; n += 1) {
    reconciler.handle(start, { kind: 'meet', peer: peerOf(n), tags: [tag] });
    assert.ok(reconciler.stats().questionCount <= questionsMax);
  }
  assert.is(reconciler.stats().questionCount, questionsMax);
  const outputs = hear(peerOf(0), { kind: 'sync-ids', tag, part: 0, parts: 1, ids: [] });
  assert.is(count(outputs, 'sync-request'), 1);
});

test('neighbours and their topics are bounded', () => {
  const { reconciler } = make();
  for (let n = 0; n < neighboursMax + 50; n += 1) reconciler.handle(start, { kind: 'meet', peer: peerOf(n), tags: [tag] });
  assert.is(reconciler.stats().neighbourCount, neighboursMax);
  const tags = Array.from({ length: neighbourTagsMax + 10 }, (_, n) => tagOf(n + 1));
  const one = make();
  one.reconciler.handle(start, { kind: 'meet', peer: liar, tags });
  for (const [n, each] of tags.entries()) one.hear(liar, { kind: 'offer', tag: each, ids: [short(n)] }, after(start, n * 1000));
  assert.is(one.reconciler.stats().wantedCount, neighbourTagsMax, 'what is wanted of shared topics is waited for');
});

test('what one neighbour and what all get is bounded', () => {
  const held = Array.from({ length: 60 }, (_, n) => id(n));
  const { hear } = make(held);
  const given = (outputs: readonly ReconcilerOutput[]): number => outputs.reduce((sum, output) => sum + (output.kind === 'give' ? output.ids.length : 0), 0);
  let one = 0;
  for (let n = 0; n < 30; n += 1) one += given(hear(liar, { kind: 'want', ids: shorts(0, 60) }));
  assert.is(one, neighbourRates.objects.burst);
  let all = one;
  for (let n = 0; n < 10; n += 1) for (let frame = 0; frame < 5; frame += 1) all += given(hear(peerOf(n), { kind: 'want', ids: shorts(0, 60) }));
  assert.is(all, totalRates.objects.burst);
  let after_ = 0;
  for (let n = 0; n < 10; n += 1) after_ += given(hear(liar, { kind: 'want-after', tag, prev: id(1) }, after(start, n)));
  assert.ok(after_ <= 4);
});

test('a flood of any frame is cut off by its rate', () => {
  const { hear } = make();
  const reasons = Array.from({ length: 1000 }, () => drops(hear(liar, { kind: 'want', ids: [short(5)] }))).flat();
  assert.is(reasons.length, 1000 - neighbourRates.frames.burst);
  assert.ok(reasons.every((reason) => reason === 'too-often'));
});

test('so many liars are remembered and no more', () => {
  const { reconciler, hear } = make();
  const count_ = mutedMax + 4;
  let now = start;
  for (let n = 0; n < count_; n += 1) {
    const peer = peerOf(n);
    reconciler.handle(now, { kind: 'meet', peer, tags: [tag] });
    for (let claim = 0; claim < failedClaimsMax; claim += 1) {
      hear(peer, { kind: 'offer', tag, ids: [short(n * 10 + claim)] }, now);
      while (reconciler.stats().wantedCount > 0) {
        now = reconciler.deadline()!;
        reconciler.handle(now, wakeup);
      }
    }
    reconciler.handle(now, { kind: 'gone', peer });
  }
  assert.ok(now - start < muteMs, 'all of them within the hour');
  const isMuted = (n: number): boolean => reconciler.handle(now, { kind: 'meet', peer: peerOf(n), tags: [tag] }).length === 0;
  assert.not(isMuted(0), 'the first was forgotten');
  assert.ok(isMuted(count_ - 1) && isMuted(4));
});

test('any words in any order are answered without a throw, and forgotten when their speakers are gone', () => {
  const frame = fc.oneof<fc.Arbitrary<ReconcilerFrame>[]>(
    fc.record({ kind: fc.constant('want' as const), ids: fc.uniqueArray(fc.nat(40).map(short), { minLength: 1, maxLength: 8 }) }),
    fc.record({ kind: fc.constant('want-after' as const), tag: fc.nat(2).map(tagOf), prev: fc.nat(40).map(id) }),
    fc.record({ kind: fc.constant('offer' as const), tag: fc.nat(2).map(tagOf), ids: fc.uniqueArray(fc.nat(40).map(short), { minLength: 1, maxLength: 8 }) }),
    fc.constantFrom<ReconcilerFrame>(listPlease, firstQuestion, { ...listPlease, since: 4_294_967_295 }, { ...listPlease, tag: tagOf(2), state: 5, from: 84, count: 4012 }),
    fc.record({ kind: fc.constant('sync-symbols' as const), tag: fc.nat(2).map(tagOf), salt: fc.constant(sketch.salt), state: fc.nat(1), count: fc.constantFrom(0, 20, 0xffff_ffff), from: fc.constantFrom(0, 84, 4090), symbols: fc.array(fc.record({ high: fc.constant(0), low: fc.nat(40), check: fc.nat(1), excess: fc.integer({ min: -2, max: 2 }) }), { maxLength: 6 }) }),
    fc.record({ kind: fc.constant('sync-ids' as const), tag: fc.nat(2).map(tagOf), part: fc.nat(2), parts: fc.integer({ min: 1, max: 3 }), ids: fc.uniqueArray(fc.nat(40).map(short), { maxLength: 8 }) }),
  );
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('frame' as const), n: fc.nat(3), frame }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('meet' as const), n: fc.nat(3), tags: fc.uniqueArray(fc.nat(2).map(tagOf), { maxLength: 3 }) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('gone' as const), n: fc.nat(3) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(0, 100, 1000, 5000, 60_000) }) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 150 }), fc.nat(1000), (steps, seed) => {
      const { reconciler } = make(Array.from({ length: 20 }, (_, n) => id(n)), seed);
      let now = start;
      for (const one of steps) {
        if (one.kind === 'wait') ({ now } = run(reconciler, now, now + one.ms));
        else if (one.kind === 'frame') reconciler.handle(now, { kind: 'frame', peer: peerOf(one.n), frame: one.frame });
        else if (one.kind === 'meet') reconciler.handle(now, { kind: 'meet', peer: peerOf(one.n), tags: one.tags });
        else {
          const outputs = reconciler.handle(now, { kind: 'gone', peer: peerOf(one.n) });
          assert.ok(outputs.every((output) => output.kind !== 'frame' || output.to !== peerOf(one.n)), 'nothing is said to who is gone');
        }
      }
      for (const n of [0, 1, 2, 3]) reconciler.handle(now, { kind: 'gone', peer: peerOf(n) });
      assert.equal(run(reconciler, now, now + 200_000).outputs, []);
      const { neighbourCount, questionCount, answerCount, wantedCount } = reconciler.stats();
      assert.equal([neighbourCount, questionCount, answerCount, wantedCount, reconciler.deadline()], [0, 0, 0, 0, null]);
    }),
    { numRuns: 100, seed: Number(process.env['SRP_SEED'] ?? 20_261_124) },
  );
});

test.run();
