/** Everything that neighbours can make a reconciler keep: each is listed, filled here, and never above what is said. */
import { Reconciler, type ReconcilerFrame, type ReconcilerOutput } from '@srp/cache';
import { after, type Bound, type Instant, instant, type PacketId, type PeerId, type ShortId, type TopicTag, wakeup } from '@srp/machine';
import { test } from 'uvu';
import { equal, ok } from 'uvu/assert';
import { frameIds, frameSymbols, neighboursMax, neighbourTagsMax, offersWaitingMax } from '../dist/constants.js';
import { Sketch } from '../dist/reconcile/sketch.js';
import { randomOf, sketchesOver } from './helpers.js';
import { start, tagOf } from './objects.js';
import { peerOf } from './reference/network.js';

/** The highest that each bound ever was, over all tests of this file. */
const highest = new Map<string, Bound>();

const id = (n: number): PacketId => n.toString(16).padStart(16, '0').padEnd(32, '0') as PacketId;
const short = (n: number): ShortId => n.toString(16).padStart(16, '0') as ShortId;
const shorts = (from: number, count: number): ShortId[] => Array.from({ length: count }, (_, i) => short(from + i));
const tags = (from: number, count: number): TopicTag[] => Array.from({ length: count }, (_, i) => tagOf(from + i));
const times = (count: number, act: (n: number) => void): void => {
  for (let n = 0; n < count; n += 1) act(n);
};

/** A reconciler that holds so many objects of each topic. */
class One {
  now: Instant = start;
  readonly held: readonly PacketId[];
  readonly #reconciler: Reconciler;

  constructor(heldCount = 0) {
    this.held = Array.from({ length: heldCount }, (_, n) => id(n));
    this.#reconciler = new Reconciler({
      random: randomOf(1),
      store: { knows: (one) => Number.parseInt(one, 16) < heldCount, passed: () => true, idsOf: () => this.held, sketchOf: sketchesOver(() => this.held), byShortId: () => [], byPrev: () => [] },
    });
  }

  give(input: Parameters<Reconciler['handle']>[1]): readonly ReconcilerOutput[] {
    const outputs = this.#reconciler.handle(this.now, input);
    for (const bound of this.#reconciler.bounds()) {
      ok(bound.size <= bound.max, `${bound.size} ${bound.name}; at most ${bound.max} are allowed`);
      if (bound.size >= (highest.get(bound.name)?.size ?? 0)) highest.set(bound.name, bound);
    }
    return outputs;
  }

  meet(n: number, shared: readonly TopicTag[] = [tagOf(1)]): PeerId {
    this.give({ kind: 'meet', peer: peerOf(n), tags: shared });
    return peerOf(n);
  }

  says(n: number, frame: ReconcilerFrame): void {
    this.give({ kind: 'frame', peer: peerOf(n), frame });
  }

  pass(ms: number): void {
    const end = after(this.now, ms);
    for (let at = this.#reconciler.deadline(); at !== null && at <= end; at = this.#reconciler.deadline()) {
      this.now = instant(Math.max(this.now, at));
      this.give(wakeup);
    }
    this.now = end;
  }
}

test('neighbours, topics shared with them, and what was pushed to them', () => {
  const one = new One();
  times(520, (n) => one.meet(n, tags(0, neighbourTagsMax)));
  one.meet(519, tags(0, neighbourTagsMax + 6));
  times(neighbourTagsMax + 6, (n) => one.give({ kind: 'pushed', peer: peerOf(519), tag: tagOf(n) }));
  times(12, (n) => one.give({ kind: 'compare', peer: peerOf(518), tag: tagOf(n), fetches: true }));
});

test('questions of neighbours, and lists that take a while', () => {
  const one = new One(14_000);
  times(neighbourTagsMax + 6, (n) => {
    one.says(1, { kind: 'sync-request', tag: tagOf(n), since: 0, state: 0, from: 0, count: frameSymbols, digest: 'ab'.repeat(12) });
    one.pass(100);
  });
  times(40, (n) => one.says(n, { kind: 'sync-request', tag: tagOf(1), since: 0, state: 0, from: 0, count: 0, digest: null }));
});

test('symbols that are of no use', () => {
  const one = new One(200);
  const { salt, state, ids, symbols } = ((sketch) => ({ salt: sketch.salt, state: sketch.state, ids: sketch.ids, symbols: sketch.symbols(0, frameSymbols) }))(new Sketch(tagOf(1), one.held, new Uint8Array(8)));
  const useless = symbols.map((symbol) => ({ ...symbol, low: (symbol.low ^ 0x5a5a) >>> 0 }));
  times(520, (n) => {
    const peer = one.meet(n);
    one.says(n, { kind: 'sync-symbols', tag: tagOf(1), salt, state, count: ids.size, from: 0, symbols: useless });
    one.give({ kind: 'gone', peer });
  });
});

test('objects that are offered and not sent, by one neighbour and by many', () => {
  const one = new One();
  times(neighboursMax, (n) => one.meet(n));
  times(9, (frame) => one.says(0, { kind: 'offer', tag: tagOf(1), ids: shorts(frame * frameIds.offer, frameIds.offer) }));
  times(4, (n) => one.says(n + 1, { kind: 'offer', tag: tagOf(1), ids: shorts(0, 1) }));
  times(neighboursMax, (n) => one.says(n, { kind: 'offer', tag: tagOf(1), ids: shorts(10_000 + 20 * n, 20) }));
});

test('neighbours that claim what they do not have, once and again and again', () => {
  for (const claimCount of [1, 3]) {
    const one = new One();
    times(neighboursMax, (n) => one.meet(n));
    times(claimCount, () => {
      times(neighboursMax, (n) => one.says(n, { kind: 'offer', tag: tagOf(1), ids: [short(n)] }));
      times(neighboursMax, (n) => one.says(n, { kind: 'offer', tag: tagOf(1), ids: [short(1_000_000 + n)] }));
      one.pass(20_000);
    });
  }
});

test('offers that wait for a moment', () => {
  const one = new One();
  one.meet(1);
  times(10, (n) => one.give({ kind: 'offer', peer: peerOf(1), tag: tagOf(1), ids: shorts((n * offersWaitingMax) / 8, offersWaitingMax / 8) }));
});

test('each of them was filled', () => {
  equal([...highest.values()].filter(({ size, max }) => size < max).map(({ name, size, max }) => `${name}: ${size} of ${max}`), []);
});

test.run();
