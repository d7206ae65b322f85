import { PacketCache, Reconciler, type ReconcilerFrame, type ReconcilerOutput, type ReconcilerStore, SeenFilter } from '@srp/cache';
import { after, type Instant, type PacketId, type ShortId, shortIdOf, type TopicTag, wakeup } from '@srp/machine';
import { encodeFrame } from '@srp/wire';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { answerMs, answerStep, askAgainMs, claimIdsMax, claimStallMs, frameIds, frameSymbols, listAgainMs, neighbourRates, offerFramesMax, offersWaitingMax, offerWaitMs, pushedAsksMax, questionsMax, roundMs, wholeRoundEvery } from '../dist/constants.js';
import { IdSet } from '../dist/reconcile/id-set.js';
import { Sketch } from '../dist/reconcile/sketch.js';
import { randomOf, sketchesOver } from './helpers.js';
import { cheap, start, startSeconds, tagOf } from './objects.js';
import { Network, peerOf } from './reference/network.js';

/** What a peer with these ids asks first; and the question for the list. */
const listPlease = { kind: 'sync-request', tag: tagOf(1), since: 0, state: 0, from: 0, count: 0, digest: null } as const;
const first = (held: readonly PacketId[], since = 0): ReconcilerFrame => ({ ...listPlease, since, count: frameSymbols, digest: new IdSet(held).digest() });

const seed = Number(process.env['SRP_SEED'] ?? 20_261_123);
const tag = tagOf(1);
const ada = peerOf(0);
const bob = peerOf(1);
const id = (n: number): PacketId => (Math.imul(n + 1, 0x9e37_79b1) >>> 0).toString(16).padStart(8, '0').concat(n.toString(16).padStart(8, '0')).padEnd(32, 'a') as PacketId;
const ids = (from: number, to: number): PacketId[] => Array.from({ length: to - from }, (_, i) => id(from + i));
const shorts = (list: readonly PacketId[]): ReturnType<typeof shortIdOf>[] => list.map(shortIdOf);

/** A reconciler over a list that a test may change. */
const over = (held: PacketId[], more: Pick<ReconcilerStore, 'keeps' | 'offersTo'> = {}): { reconciler: Reconciler; held: PacketId[]; act: Act } => {
  const idsOf = (of: TopicTag, since: number): PacketId[] => (of === tag && since <= startSeconds ? held : []);
  const reconciler = new Reconciler({
    random: randomOf(1),
    store: {
      knows: (short) => held.some((one) => one.startsWith(short)),
      passed: (short) => held.some((one) => one.startsWith(short)),
      idsOf,
      sketchOf: sketchesOver(idsOf),
      byShortId: (short) => held.filter((one) => one.startsWith(short)),
      byPrev: (prev, of) => (of === tag ? held.slice(held.indexOf(prev) + 1, held.indexOf(prev) + 2) : []),
      ...more,
    },
  });
  return { reconciler, held, act: (peer, frame, now = start) => reconciler.handle(now, { kind: 'frame', peer, frame }) };
};
type Act = (peer: typeof ada, frame: ReconcilerFrame, now?: Instant) => readonly ReconcilerOutput[];
const frames = (outputs: readonly ReconcilerOutput[]): ReconcilerFrame[] => outputs.flatMap((output) => (output.kind === 'frame' ? [output.frame] : []));
/** What tells a cache that the neighbour has all but these. */
const agreed = (lacking: readonly ShortId[]): ReconcilerOutput => ({ kind: 'agreed', tag, since: 0, askedAt: start, lacking });
const drops = (outputs: readonly ReconcilerOutput[]): string[] => outputs.flatMap((output) => (output.kind === 'dropped' ? [output.reason] : []));

test('asks whom it meets, wants what is missing and offers what the other lacks', () => {
  const { reconciler, act } = over(ids(0, 10));
  assert.equal(reconciler.handle(start, { kind: 'meet', peer: bob, tags: [tag] }), [{ kind: 'frame', to: bob, frame: first(ids(0, 10)) }]);
  const said = frames(act(bob, { kind: 'sync-ids', tag, part: 0, parts: 1, ids: shorts([...ids(3, 10), ...ids(20, 23)]) }));
  const [offer, want] = said;
  assert.is(said.length, 2);
  assert.ok(offer?.kind === 'offer' && want?.kind === 'want');
  assert.equal([...offer.ids].sort(), shorts(ids(0, 3)).sort());
  assert.equal(want.ids, shorts(ids(20, 23)));
});

test('offers nothing to whom it need not, but wants what it has', () => {
  const { reconciler, act } = over(ids(0, 10), { offersTo: () => false });
  reconciler.handle(start, { kind: 'meet', peer: bob, tags: [tag] });
  const said = frames(act(bob, { kind: 'sync-ids', tag, part: 0, parts: 1, ids: shorts([...ids(3, 10), ...ids(20, 23)]) }));
  assert.equal(said, [{ kind: 'want', ids: shorts(ids(20, 23)) }]);
});

test('a comparison tells what the neighbour lacks, and offers nothing by itself', () => {
  for (const fetches of [true, false]) {
    const { reconciler, act } = over(ids(0, 10));
    assert.equal(frames(reconciler.handle(start, { kind: 'compare', peer: bob, tag, fetches })), [first(ids(0, 10))]);
    const outputs = act(bob, { kind: 'sync-ids', tag, part: 0, parts: 1, ids: shorts([...ids(3, 10), ...ids(20, 23)]) });
    assert.equal(outputs.filter(({ kind }) => kind === 'compared'), [{ kind: 'compared', peer: bob, tag, lacking: shorts(ids(0, 3)), isWhole: true }]);
    assert.equal(frames(outputs), fetches ? [{ kind: 'want', ids: shorts(ids(20, 23)) }] : []);
    reconciler.handle(start, { kind: 'offer', peer: bob, tag, ids: shorts(ids(0, 3)) });
    assert.equal(frames(reconciler.handle(after(start, offerWaitMs), wakeup)).map(({ kind }) => kind), ['offer']);
    // It is asked again at once, unlike in a round: who keeps a topic for others is compared rarely.
    assert.is(frames(reconciler.handle(after(start, offerWaitMs), { kind: 'compare', peer: bob, tag, fetches })).length, 1);
    const same = act(bob, { kind: 'sync-symbols', tag, salt: '00'.repeat(8), state: 0, count: 10, from: 0, symbols: [] }, after(start, offerWaitMs));
    assert.equal(same, [{ ...agreed([]), askedAt: after(start, offerWaitMs) }, { kind: 'compared', peer: bob, tag, lacking: [], isWhole: true }]);
  }
});

test('what is offered within a moment shares a datagram', () => {
  const { reconciler } = over(ids(0, 30));
  const carl = peerOf(2);
  for (const peer of [bob, carl]) reconciler.handle(start, { kind: 'meet', peer, tags: [tag] });
  const offer = (peer: typeof bob, list: readonly PacketId[], ms: number): ReconcilerFrame[] => frames(reconciler.handle(after(start, ms), { kind: 'offer', peer, tag, ids: shorts(list) }));
  const said = (ms: number): ReconcilerFrame[] => frames(reconciler.handle(after(start, ms), wakeup)).filter(({ kind }) => kind === 'offer');
  for (let n = 0; n < 20; n += 1) for (const peer of [bob, carl]) assert.equal(offer(peer, [id(n)], n), []);
  assert.equal(said(offerWaitMs - 1), []);
  assert.is(reconciler.deadline(), after(start, offerWaitMs));
  assert.equal(said(offerWaitMs).map((frame) => frame.kind === 'offer' && [...frame.ids].sort()), [shorts(ids(0, 20)).sort(), shorts(ids(0, 20)).sort()]);
  offer(bob, [id(1)], offerWaitMs);
  reconciler.handle(after(start, offerWaitMs), { kind: 'gone', peer: bob });
  assert.equal(said(3 * offerWaitMs), [], 'it is gone');
  offer(carl, Array.from({ length: offersWaitingMax + 1 }, (_, n) => id(n)), 3 * offerWaitMs);
  assert.is(reconciler.bounds().find(({ name }) => name === 'reconciler offers')?.size, 0, 'more than so many do not wait');
});

test('a comparison with many, or without an answer: as many as may wait, and silence', () => {
  const { reconciler } = over(ids(0, 3));
  const others = Array.from({ length: questionsMax + 3 }, (_, n) => peerOf(10 + n));
  const asked = others.flatMap((peer) => frames(reconciler.handle(start, { kind: 'compare', peer, tag, fetches: false })));
  assert.is(asked.length, questionsMax);
  let now = start;
  const outputs: ReconcilerOutput[] = [];
  for (let at = reconciler.deadline(); at !== null && at - start < 60_000; at = reconciler.deadline()) outputs.push(...reconciler.handle((now = at), wakeup));
  assert.ok(now > start);
  assert.equal(outputs.filter(({ kind }) => kind === 'compared'), []);
  assert.equal(new Set(outputs.flatMap((output) => (output.kind === 'frame' ? [output.to] : []))).size, others.length, 'those that had to wait were asked too');
});

test('what is offered of a topic that is kept for others is wanted, at a rate', () => {
  const { act, held } = over([], { keeps: (_now, of) => of === tag });
  const offer = (from: number, to: number, now = start): ShortId[] => frames(act(bob, { kind: 'offer', tag, ids: shorts(ids(from, to)) }, now)).flatMap((frame) => (frame.kind === 'want' ? frame.ids : []));
  const wanted = offer(0, 100);
  assert.is(wanted.length, 100);
  assert.equal(frames(act(ada, { kind: 'offer', tag, ids: shorts(ids(0, 100)) })), [], 'one neighbour is asked at a time');
  held.push(...ids(0, 100));
  assert.equal(offer(0, 100, after(start, 1_000)), [], 'what is here is not wanted');
  let count = 100;
  for (let from = 100; from < 1_500; from += 100) {
    assert.ok(offer(from, from + 100, after(start, 2_000)).length <= claimIdsMax);
    count = from;
  }
  const { burst } = neighbourRates.keptIds;
  assert.ok(count > burst);
  const drop = drops(act(bob, { kind: 'offer', tag, ids: shorts(ids(2_000, 2_100)) }, after(start, 2_000)));
  assert.equal(drop, ['too-often']);
});

const bytesOf = (said: readonly ReconcilerFrame[]): number => said.reduce((sum, frame) => sum + encodeFrame(frame).length, 0);

test('two that have the same find out in 64 bytes', () => {
  for (const count of [0, 1, 500, 14_000]) {
    const [a, b] = [over(ids(0, count)), over(ids(0, count))];
    const asked = frames(a.reconciler.handle(start, { kind: 'meet', peer: bob, tags: [tag] }));
    const answered = frames(b.act(ada, asked[0]!));
    assert.equal(answered, [{ kind: 'sync-symbols', tag, salt: '00'.repeat(8), state: 0, count, from: 0, symbols: [] }]);
    assert.ok(bytesOf([...asked, ...answered]) <= 64);
    assert.equal(a.act(bob, answered[0]!), [agreed([])]);
    assert.is(a.reconciler.stats().questionCount, 0);
  }
});

/** Two peers talk until they are silent; the frames of each, and what is asked again and again is counted. */
const talk = (a: ReturnType<typeof over>, b: ReturnType<typeof over>): { said: ReconcilerFrame[]; byA: ReconcilerFrame[]; questions: number } => {
  const said: ReconcilerFrame[] = [];
  const byA: ReconcilerFrame[] = [];
  let questions = 0;
  let forB = frames(a.reconciler.handle(start, { kind: 'meet', peer: bob, tags: [tag] }));
  while (forB.length > 0) {
    said.push(...forB);
    byA.push(...forB);
    if (forB.some(({ kind }) => kind === 'sync-request')) questions += 1;
    let forA = forB.flatMap((frame) => frames(b.act(ada, frame)));
    for (let now = b.reconciler.deadline(); b.reconciler.stats().answerCount > 0 && now !== null; now = b.reconciler.deadline()) forA = [...forA, ...frames(b.reconciler.handle(now, wakeup))];
    said.push(...forA);
    forB = forA.flatMap((frame) => frames(a.act(bob, frame)));
  }
  return { said, byA, questions };
};
const listed = (said: readonly ReconcilerFrame[], kind: 'want' | 'offer'): string[] => said.flatMap((frame) => (frame.kind === kind ? [...frame.ids] : [])).sort();
const negotiated = (said: readonly ReconcilerFrame[]): ReconcilerFrame[] => said.filter(({ kind }) => kind.startsWith('sync'));

test('a few differences among thousands are told in one datagram', () => {
  const { said, byA, questions } = talk(over(ids(0, 5010)), over([...ids(10, 5010), ...ids(6000, 6005)]));
  assert.equal(listed(byA, 'offer'), shorts(ids(0, 10)).sort());
  assert.equal(listed(byA, 'want'), shorts(ids(6000, 6005)).sort());
  assert.is(questions, 1);
  assert.equal(negotiated(said).map(({ kind }) => kind), ['sync-request', 'sync-symbols']);
});

test('a hundred differences among thousands take one more round trip, and 3 kB at most', () => {
  const { said, byA, questions } = talk(over(ids(0, 14_000)), over([...ids(50, 14_000), ...ids(20_000, 20_050)]));
  assert.equal(listed(byA, 'offer'), shorts(ids(0, 50)).sort());
  assert.equal(listed(byA, 'want'), shorts(ids(20_000, 20_050)).sort());
  assert.ok(questions <= 3, `${questions} questions`);
  assert.ok(bytesOf(negotiated(said)) <= 3_000, `${bytesOf(negotiated(said))} bytes`);
  assert.ok(said.every((frame) => encodeFrame(frame).length + 29 <= 1200), 'every datagram has at most 1200 bytes');
});

test('thousands of differences are told by symbols, and sets with little in common by their lists', () => {
  const some = talk(over(ids(0, 14_000)), over([...ids(500, 14_000), ...ids(20_000, 20_500)]));
  assert.not(negotiated(some.said).some(({ kind }) => kind === 'sync-ids'));
  const wanted = listed(some.byA, 'want');
  assert.is(wanted.length, claimIdsMax, 'as many as are asked for at once');
  assert.ok(wanted.every((one) => shorts(ids(20_000, 20_500)).includes(one as ShortId)));
  assert.ok(bytesOf(negotiated(some.said)) <= 30_000);
  const all = talk(over(ids(0, 3000)), over(ids(5000, 8000)));
  assert.is(negotiated(all.said).filter(({ kind }) => kind === 'sync-ids').length, Math.ceil(3000 / frameIds.syncIds));
  assert.ok(bytesOf(negotiated(all.said)) <= 3000 * 8 + 2000);
});

test('who has nothing gets the list, and a list of one datagram comes at once', () => {
  const { said } = talk(over([]), over(ids(0, 2000)));
  assert.equal(negotiated(said).slice(0, 4).map(({ kind }) => kind), ['sync-request', 'sync-symbols', 'sync-request', 'sync-ids']);
  const small = talk(over(ids(0, 5000)), over(ids(0, frameIds.syncIds)));
  assert.equal(negotiated(small.said).map(({ kind }) => kind), ['sync-request', 'sync-ids']);
});

test('begins again when the set changes while it is told', () => {
  const held = ids(0, 1200);
  const a = over(ids(1000, 1200));
  const b = over(held);
  const asked = frames(a.reconciler.handle(start, { kind: 'meet', peer: bob, tags: [tag] }));
  const parts = frames(b.act(ada, asked[0]!));
  held.push(...ids(9000, 9003));
  assert.is(parts.length, 1);
  const more = { ...listPlease, state: (parts[0] as { state: number }).state, from: frameSymbols, count: 500 };
  const anew = frames(b.act(ada, more));
  assert.ok(anew.every((frame) => frame.kind === 'sync-symbols' && frame.count === 1203));
  assert.is(anew.length, Math.ceil((frameSymbols + 500) / frameSymbols));
  assert.is((anew[0] as { from: number }).from, 0);
});

test('symbols stand still for who goes on, though objects come', () => {
  const network = new Network(1, 1, 0);
  const [node] = network.nodes as [Network['nodes'][0]];
  for (const one of ids(0, 1000)) node.hold(one, tag);
  const ask = (frame: ReconcilerFrame): ReconcilerFrame[] => frames(node.reconciler.handle(start, { kind: 'frame', peer: bob, frame }));
  const [begun] = ask(first([]));
  assert.ok(begun?.kind === 'sync-symbols');
  for (const one of ids(5000, 5010)) node.hold(one, tag);
  const [next] = ask({ ...listPlease, state: begun.state, from: frameSymbols, count: 10 });
  assert.ok(next?.kind === 'sync-symbols' && next.from === frameSymbols && next.count === 1000);
  const [later] = ask(first([]));
  assert.ok(later?.kind === 'sync-symbols' && later.count === 1010, 'who begins is told all');
});

test('asks for as many symbols again as were lost', () => {
  const a = over(ids(0, 1000));
  const b = over(ids(100, 1100));
  let now = start;
  const [asked] = frames(a.reconciler.handle(now, { kind: 'meet', peer: bob, tags: [tag] }));
  let said = frames(b.act(ada, asked!)).flatMap((frame) => frames(a.act(bob, frame)));
  let drop = true;
  for (let round = 0; round < 8 && a.reconciler.stats().questionCount > 0; round += 1) {
    const answers = said.flatMap((frame) => frames(b.act(ada, frame)));
    assert.ok(answers.length > 0);
    if (drop) answers.splice(0, 2); // the next ones are asked for when the last one came
    drop = false;
    said = answers.flatMap((frame) => frames(a.act(bob, frame, now)));
    if (said.length === 0 && a.reconciler.stats().questionCount > 0) {
      now = a.reconciler.deadline()!;
      said = frames(a.reconciler.handle(now, wakeup));
    }
  }
  assert.equal(listed(said, 'want'), shorts(ids(1000, 1100)).sort());
  assert.ok(now - start < answerMs);
});

test('asks for the list when symbols are of no use, and not again soon', () => {
  const { reconciler, act } = over(ids(0, 300));
  let now = start;
  const run = (): string[] => {
    const kinds: string[] = [];
    let said = frames(reconciler.handle(now, { kind: 'meet', peer: bob, tags: [tag] }));
    for (let round = 0; round < 12 && said.length > 0; round += 1) {
      kinds.push(...said.map((frame) => (frame.kind === 'sync-request' ? (frame.count === 0 ? 'list' : 'symbols') : frame.kind)));
      // Counts as of the same set, sums that no id gives.
      const same = new Sketch(tag, ids(0, 300), new Uint8Array(8));
      said = said.flatMap((frame) => {
        if (frame.kind !== 'sync-request' || frame.count === 0) return [];
        const symbols = same.symbols(frame.from, frame.from + frame.count).map((symbol, i) => ({ ...symbol, low: i }));
        return Array.from({ length: Math.ceil(frame.count / 84) }, (_, part) => frames(act(bob, { kind: 'sync-symbols', tag, salt: same.salt, state: 2, count: 300, from: frame.from + part * 84, symbols: symbols.slice(part * 84, part * 84 + 84) }, now))).flat();
      });
    }
    return kinds;
  };
  const once = run();
  assert.is(once.at(-1), 'list');
  assert.ok(once.length < 10);
  assert.equal(frames(act(bob, { kind: 'sync-ids', tag, part: 0, parts: 1, ids: shorts(ids(0, 300)).slice(0, 100) }, now)).map(({ kind }) => kind), ['offer', 'offer']);
  now = after(now, 60_000);
  assert.not(run().includes('list'));
  assert.is(reconciler.stats().questionCount, 0);
  now = after(now, listAgainMs);
  assert.ok(run().includes('list'));
});

test('says nothing more when both have the same', () => {
  const { reconciler, act } = over(ids(0, 100));
  reconciler.handle(start, { kind: 'meet', peer: bob, tags: [tag] });
  assert.equal(act(bob, { kind: 'sync-ids', tag, part: 0, parts: 1, ids: shorts(ids(0, 100)) }), [agreed([])]);
  assert.is(reconciler.stats().questionCount, 0);
});

test('answers in parts, a few at a time', () => {
  const count = 20 * frameIds.syncIds + 3;
  const { reconciler, act } = over(ids(0, count));
  let said = frames(act(bob, listPlease));
  assert.is(said.length, answerStep.parts);
  assert.is(reconciler.deadline(), after(start, answerStep.ms));
  while (reconciler.stats().answerCount > 0) {
    const more = frames(reconciler.handle(reconciler.deadline()!, wakeup));
    assert.ok(more.length <= answerStep.parts);
    said = [...said, ...more];
  }
  assert.is(said.length, 21);
  const listed = said.flatMap((frame) => (frame.kind === 'sync-ids' ? frame.ids : []));
  assert.equal(listed, shorts(ids(0, count)));
  for (const [part, frame] of said.entries()) assert.ok(frame.kind === 'sync-ids' && frame.part === part && frame.parts === 21);
});

test('answers that there is nothing', () => {
  const { act } = over([]);
  for (const question of [listPlease, first(ids(0, 1))]) assert.equal(frames(act(bob, question)), [{ kind: 'sync-ids', tag, part: 0, parts: 1, ids: [] }]);
});

test('gives what is wanted, by id or by the one before it', () => {
  const { act } = over(ids(0, 5));
  assert.equal(act(bob, { kind: 'want', ids: shorts([id(1), id(77), id(3)]) }), [{ kind: 'give', to: bob, ids: [id(1), id(3)] }]);
  assert.equal(act(bob, { kind: 'want-after', tag, prev: id(2) }), [{ kind: 'give', to: bob, ids: [id(3)] }]);
  assert.equal(act(bob, { kind: 'want', ids: shorts([id(78)]) }), []);
  assert.equal(act(bob, { kind: 'want-after', tag: tagOf(2), prev: id(2) }), []);
});

test('takes up an offer for a shared topic', () => {
  const { reconciler, act } = over(ids(0, 5));
  reconciler.handle(start, { kind: 'meet', peer: bob, tags: [tag] });
  assert.equal(frames(act(bob, { kind: 'offer', tag, ids: shorts(ids(3, 7)) })), [{ kind: 'want', ids: shorts(ids(5, 7)) }]);
  assert.is(reconciler.stats().wantedCount, 2);
});

test('takes up an offer for a topic of others once, as fast as strangers may send, and waits for nothing', () => {
  const { reconciler, act } = over(ids(0, 5));
  const { burst, perSecond } = neighbourRates.strangersIds;
  assert.equal(frames(act(bob, { kind: 'offer', tag, ids: shorts(ids(3, 7)) })), [{ kind: 'want', ids: shorts(ids(5, 7)) }]);
  assert.is(reconciler.stats().wantedCount, 0);
  assert.is(reconciler.deadline(), null);
  const wanted = (outputs: readonly ReconcilerOutput[]): number => frames(outputs).reduce((sum, frame) => sum + (frame.kind === 'want' ? frame.ids.length : 0), 0);
  let sum = 2;
  for (let n = 0; n < 4; n += 1) sum += wanted(act(bob, { kind: 'offer', tag, ids: shorts(ids(100 * (n + 1), 100 * (n + 1) + 60)) }));
  assert.is(sum, burst);
  const more = act(bob, { kind: 'offer', tag, ids: shorts(ids(900, 960)) }, after(start, 1000));
  assert.is(wanted(more), perSecond);
  assert.equal(drops(more), ['too-often']);
});

test('asks once more when no answer comes, and then lets it be', () => {
  const { reconciler } = over([]);
  reconciler.handle(start, { kind: 'meet', peer: bob, tags: [tag] });
  assert.is(reconciler.deadline(), after(start, answerMs));
  assert.equal(frames(reconciler.handle(after(start, answerMs), wakeup)), [first([])]);
  assert.equal(frames(reconciler.handle(after(start, 2 * answerMs), wakeup)), []);
  assert.is(reconciler.stats().questionCount, 0);
});

test('offers nothing when a part of the answer is lost, but wants what it heard of', () => {
  const { reconciler, act } = over(ids(0, 400));
  reconciler.handle(start, { kind: 'meet', peer: bob, tags: [tag] });
  assert.equal(frames(act(bob, { kind: 'sync-ids', tag, part: 0, parts: 2, ids: shorts([id(1), id(900)]) })), [{ kind: 'want', ids: shorts([id(900)]) }]);
  const late = frames(reconciler.handle(after(start, answerMs), wakeup));
  assert.is(late.filter(({ kind }) => kind === 'offer').length, 0);
  assert.is(reconciler.stats().questionCount, 0);
});

test('offers a part of very many, another part each time', () => {
  const count = 2 * offerFramesMax * frameIds.offer;
  const { reconciler, act } = over(ids(0, count));
  const firsts = new Set<string>();
  for (let round = 0; round < 4; round += 1) {
    const now = after(start, round * 2 * askAgainMs);
    reconciler.handle(now, { kind: 'meet', peer: bob, tags: [tag] });
    const offers = frames(act(bob, { kind: 'sync-ids', tag, part: 0, parts: 1, ids: [] }, now));
    assert.is(offers.length, offerFramesMax);
    firsts.add(offers[0]?.kind === 'offer' ? (offers[0].ids[0] ?? '') : '');
  }
  assert.is(firsts.size, 4);
});

test('asks another neighbour for what the first does not send', () => {
  const { reconciler, act } = over([]);
  for (const peer of [ada, bob]) {
    reconciler.handle(start, { kind: 'meet', peer, tags: [tag] });
    act(peer, { kind: 'sync-ids', tag, part: 0, parts: 1, ids: shorts(ids(0, 3)) });
  }
  assert.is(reconciler.stats().wantedCount, 3);
  let now = start;
  const asked: string[] = [];
  while (asked.filter((to) => to === bob).length === 0 && now < start + 10_000) {
    now = reconciler.deadline()!;
    for (const output of reconciler.handle(now, wakeup)) if (output.kind === 'frame' && output.frame.kind === 'want') asked.push(output.to);
  }
  assert.ok(asked.includes(bob));
  assert.ok(now - start <= 3 * (claimStallMs + 300), `${now - start} ms`);
});

test('a neighbour that is gone costs nothing more, and others are asked at once', () => {
  const { reconciler, act } = over([]);
  for (const peer of [ada, bob]) {
    reconciler.handle(start, { kind: 'meet', peer, tags: [tag] });
    act(peer, { kind: 'sync-ids', tag, part: 0, parts: 1, ids: shorts(ids(0, 3)) });
  }
  assert.equal(reconciler.handle(start, { kind: 'gone', peer: ada }), [{ kind: 'frame', to: bob, frame: { kind: 'want', ids: shorts(ids(0, 3)) } }]);
  reconciler.handle(start, { kind: 'gone', peer: bob });
  assert.equal({ ...reconciler.stats(), dropped: {} }, { neighbourCount: 0, questionCount: 0, answerCount: 0, wantedCount: 0, dropped: {} });
  reconciler.handle(after(start, 2 * roundMs), wakeup);
  assert.is(reconciler.deadline(), null);
});

test('compares the last hour each minute, and the whole topic now and then', () => {
  const { reconciler, act } = over(ids(0, 3));
  const asked: number[] = [];
  let now = start;
  const see = (outputs: readonly ReconcilerOutput[]): void => {
    for (const frame of frames(outputs)) {
      if (frame.kind !== 'sync-request') continue;
      asked.push(frame.since);
      act(bob, { kind: 'sync-ids', tag, part: 0, parts: 1, ids: shorts(ids(0, 3)) }, now);
    }
  };
  see(reconciler.handle(start, { kind: 'meet', peer: bob, tags: [tag] }));
  const times: number[] = [start];
  while (asked.length < 2 * wholeRoundEvery + 1) {
    now = reconciler.deadline()!;
    see(reconciler.handle(now, wakeup));
    if (asked.length > times.length) times.push(now);
  }
  assert.equal(asked.map((since) => since > 0), [false, true, true, true, true, true, false, true, true, true, true, true, false]);
  for (let i = 1; i < times.length; i += 1) {
    const wait = times[i]! - times[i - 1]!;
    assert.ok(wait >= roundMs / 2 && wait <= 1.5 * roundMs, `${wait} ms`);
  }
});

/** A reconciler that has just been through a round with Bob, and when it asks him after something was pushed to him, s; he has it after so many questions. */
const askedAfterPush = (hasItAfter: number, forMs: number): readonly number[] => {
  const { reconciler, held, act } = over(ids(0, 3));
  const before = shorts(held);
  let now = start;
  const see = (outputs: readonly ReconcilerOutput[], has: readonly ShortId[]): boolean => {
    const isAsked = frames(outputs).some(({ kind }) => kind === 'sync-request');
    if (isAsked) act(bob, { kind: 'sync-ids', tag, part: 0, parts: 1, ids: [...has] }, after(now, 80));
    return isAsked;
  };
  see(reconciler.handle(now, { kind: 'meet', peer: bob, tags: [tag] }), before);
  do now = reconciler.deadline()!;
  while (!see(reconciler.handle(now, wakeup), before));
  const pushedAt = after(now, 1_000);
  held.push(id(3));
  reconciler.handle(pushedAt, { kind: 'pushed', peer: bob, tag });
  reconciler.handle(pushedAt, { kind: 'pushed', peer: peerOf(7), tag }); // who is no neighbour
  reconciler.handle(pushedAt, { kind: 'pushed', peer: bob, tag: tagOf(2) }); // what is not shared
  const asked: number[] = [];
  for (now = reconciler.deadline()!; now < pushedAt + forMs; now = reconciler.deadline()!) {
    if (see(reconciler.handle(now, wakeup), asked.length + 1 >= hasItAfter ? shorts(held) : before)) asked.push((now - pushedAt) / 1_000);
  }
  return asked;
};

test('asks soon whether what was pushed came, and again until the neighbour has it', () => {
  const quietMs = roundMs / 2 - 1_000; // the next round comes no sooner
  assert.equal(askedAfterPush(1, quietMs), [2]);
  assert.equal(askedAfterPush(3, quietMs), [2, 5, 8]);
  assert.equal(askedAfterPush(5, quietMs), [2, 5, 8, 11, 21]);
});

test('does not ask for ever whether what was pushed came', () => {
  const hour = askedAfterPush(Number.POSITIVE_INFINITY, 3_600_000);
  const rounds = 3_600_000 / (roundMs / 2);
  assert.ok(hour.length <= rounds + pushedAsksMax, `${hour.length}`);
  assert.is(hour.filter((s) => s < 12).length, 4);
});

test('two quiet sets become equal, whatever they were, with loss and reordering', () => {
  fc.assert(
    fc.property(fc.nat(300), fc.nat(300), fc.nat(600), fc.integer({ min: 0, max: 20 }), fc.nat(10_000), (mine, theirs, both, loss, netSeed) => {
      const network = new Network(2, netSeed, loss);
      const [a, b] = network.nodes as [Network['nodes'][0], Network['nodes'][0]];
      for (const one of ids(0, both)) for (const node of [a, b]) node.hold(one, tag);
      for (const one of ids(1000, 1000 + mine)) a.hold(one, tag);
      for (const one of ids(2000, 2000 + theirs)) b.hold(one, tag);
      network.meet(a, b, [tag]);
      const total = both + mine + theirs;
      const done = network.run(30 * 60_000, () => a.held.size === total && b.held.size === total);
      assert.is.not(done, null, `not equal after half an hour: ${a.held.size} and ${b.held.size} of ${total}`);
      if (loss === 0) assert.ok(done! - start < 20_000, `took ${done! - start} ms without loss`);
      assert.ok(!a.drops.includes('muted') && !b.drops.includes('muted'), 'no honest neighbour is muted');
    }),
    { numRuns: 25, seed },
  );
});

test('a crowd becomes equal, and little is fetched twice', () => {
  const network = new Network(12, 5, 2);
  for (const [n, node] of network.nodes.entries()) {
    for (const one of ids(100 * n, 100 * n + 30)) node.hold(one, tag);
    for (const one of ids(5000, 5100)) node.hold(one, tag);
  }
  for (const [n, node] of network.nodes.entries()) for (const step of [1, 3]) network.meet(node, network.nodes[(n + step) % 12]!, [tag]);
  const total = 12 * 30 + 100;
  const done = network.run(20 * 60_000, () => network.nodes.every(({ held }) => held.size === total));
  assert.is.not(done, null);
  const given = network.nodes.reduce((sum, { sent }) => sum + sent.objects, 0);
  assert.ok(given < 1.3 * 12 * (total - 130), `${given} objects were sent, ${12 * (total - 130)} were missing`);
});

test('works with a cache and a filter as its store', () => {
  const make = (from: number): { cache: PacketCache; reconciler: Reconciler } => {
    const cache = new PacketCache({ random: randomOf(from), budgetBytes: 1024 * 1024 });
    const seen = new SeenFilter({ random: randomOf(from) });
    for (let n = from; n < from + 20; n += 1) cache.handle(start, { kind: 'insert', packet: cheap({ n }), postage: 10, pool: 'subscribed', ingress: null });
    const reconciler = new Reconciler({
      random: randomOf(from),
      store: {
        knows: (short) => cache.hasShort(short) || seen.has(short),
        passed: (short) => cache.hasShort(short) || seen.has(short),
        idsOf: (of, since) => cache.idsOf(of, since),
        sketchOf: (now, of, since, mayMake) => cache.sketchOf(now, of, since, mayMake),
        byShortId: (short) => cache.byShortId(short),
        byPrev: (prev, of) => cache.byPrev(prev, of),
      },
    });
    return { cache, reconciler };
  };
  const a = make(0);
  const b = make(10);
  const pass = (from: typeof a, to: typeof a, outputs: readonly ReconcilerOutput[]): void => {
    for (const output of outputs) {
      if (output.kind === 'frame') pass(to, from, to.reconciler.handle(start, { kind: 'frame', peer: from === a ? ada : bob, frame: output.frame }));
      if (output.kind === 'give') for (const one of output.ids) to.cache.handle(start, { kind: 'insert', packet: from.cache.get(one)!, postage: 9, pool: 'subscribed', ingress: null });
    }
  };
  pass(a, b, a.reconciler.handle(start, { kind: 'meet', peer: bob, tags: [tag] }));
  pass(b, a, b.reconciler.handle(start, { kind: 'meet', peer: ada, tags: [tag] }));
  assert.equal([...a.cache.idsOf(tag)].sort(), [...b.cache.idsOf(tag)].sort());
  assert.is(a.cache.stats().entryCount, 30);
});

test.run();
