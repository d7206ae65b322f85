import { PacketCache, Reconciler, type ReconcilerFrame, type ReconcilerOutput, SeenFilter } from '@srp/cache';
import { after, type Instant, type PacketId, shortIdOf, wakeup } from '@srp/machine';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { answerMs, answerStep, askAgainMs, claimStallMs, frameIds, neighbourRates, offerFramesMax, roundMs, wholeRoundEvery } from '../dist/constants.js';
import { randomOf } from './helpers.js';
import { cheap, start, startSeconds, tagOf } from './objects.js';
import { Network, peerOf } from './reference/network.js';

const seed = Number(process.env['SRP_SEED'] ?? 20_261_123);
const tag = tagOf(1);
const ada = peerOf(0);
const bob = peerOf(1);
const id = (n: number): PacketId => (Math.imul(n + 1, 0x9e37_79b1) >>> 0).toString(16).padStart(8, '0').concat(n.toString(16).padStart(8, '0')).padEnd(32, 'a') as PacketId;
const ids = (from: number, to: number): PacketId[] => Array.from({ length: to - from }, (_, i) => id(from + i));
const shorts = (list: readonly PacketId[]): ReturnType<typeof shortIdOf>[] => list.map(shortIdOf);

/** A reconciler over a list that a test may change. */
const over = (held: PacketId[]): { reconciler: Reconciler; held: PacketId[]; act: Act } => {
  const reconciler = new Reconciler({
    random: randomOf(1),
    store: {
      knows: (short) => held.some((one) => one.startsWith(short)),
      passed: (short) => held.some((one) => one.startsWith(short)),
      idsOf: (of, since) => (of === tag && since <= startSeconds ? held : []),
      byShortId: (short) => held.filter((one) => one.startsWith(short)),
      byPrev: (prev, of) => (of === tag ? held.slice(held.indexOf(prev) + 1, held.indexOf(prev) + 2) : []),
    },
  });
  return { reconciler, held, act: (peer, frame, now = start) => reconciler.handle(now, { kind: 'frame', peer, frame }) };
};
type Act = (peer: typeof ada, frame: ReconcilerFrame, now?: Instant) => readonly ReconcilerOutput[];
const frames = (outputs: readonly ReconcilerOutput[]): ReconcilerFrame[] => outputs.flatMap((output) => (output.kind === 'frame' ? [output.frame] : []));
const drops = (outputs: readonly ReconcilerOutput[]): string[] => outputs.flatMap((output) => (output.kind === 'dropped' ? [output.reason] : []));

test('asks whom it meets, wants what is missing and offers what the other lacks', () => {
  const { reconciler, act } = over(ids(0, 10));
  assert.equal(reconciler.handle(start, { kind: 'meet', peer: bob, tags: [tag] }), [{ kind: 'frame', to: bob, frame: { kind: 'sync-request', tag, since: 0 } }]);
  const said = frames(act(bob, { kind: 'sync-ids', tag, part: 0, parts: 1, ids: shorts([...ids(3, 10), ...ids(20, 23)]) }));
  const [offer, want] = said;
  assert.is(said.length, 2);
  assert.ok(offer?.kind === 'offer' && want?.kind === 'want');
  assert.equal([...offer.ids].sort(), shorts(ids(0, 3)).sort());
  assert.equal(want.ids, shorts(ids(20, 23)));
});

test('says nothing more when both have the same', () => {
  const { reconciler, act } = over(ids(0, 100));
  reconciler.handle(start, { kind: 'meet', peer: bob, tags: [tag] });
  assert.equal(act(bob, { kind: 'sync-ids', tag, part: 0, parts: 1, ids: shorts(ids(0, 100)) }), []);
  assert.is(reconciler.stats().questionCount, 0);
});

test('answers in parts, a few at a time', () => {
  const count = 20 * frameIds.syncIds + 3;
  const { reconciler, act } = over(ids(0, count));
  let said = frames(act(bob, { kind: 'sync-request', tag, since: 0 }));
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
  assert.equal(frames(act(bob, { kind: 'sync-request', tag, since: 0 })), [{ kind: 'sync-ids', tag, part: 0, parts: 1, ids: [] }]);
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
  assert.equal(frames(reconciler.handle(after(start, answerMs), wakeup)), [{ kind: 'sync-request', tag, since: 0 }]);
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
