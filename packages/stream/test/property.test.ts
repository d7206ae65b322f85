import fc from 'fast-check';
import { after, type Instant, type PacketId, wakeup } from '@srp/machine';
import { CausalStream, inCausalOrder, type StreamObject, type StreamOutput } from '@srp/stream';
import { test } from 'uvu';
import { equal, is, ok } from 'uvu/assert';
import { heldMax, wantsMax } from '../dist/constants.js';
import { author, deliveredBy, feed, pid, start, testRandom } from './helpers.js';
import { history, shapes, shuffled } from './history.js';
import { slowDelivery } from './reference/slow-order.js';

const namedBy = (object: StreamObject): readonly PacketId[] => [...new Set([...(object.prev === null ? [] : [object.prev]), ...object.parents])].filter((id) => id !== object.id);

test('while no time passes, causal delivers exactly what its slow twin delivers', () => {
  fc.assert(
    fc.property(shapes(50), fc.nat(), (shape, seed) => {
      const arrivals = shuffled(history(shape), seed);
      const stream = new CausalStream({ mode: 'causal', random: testRandom() });
      equal(arrivals.flatMap((object) => deliveredBy(feed(stream, start, object))), slowDelivery(arrivals));
      equal(stream.pending(), []);
      equal(stream.missing(), []);
      is(stream.deadline(), null);
    }),
    { numRuns: 150 },
  );
});

test('when the common past comes last, every peer delivers in the one causal order', () => {
  fc.assert(
    fc.property(shapes(50), fc.nat(), (shape, seed) => {
      const root: StreamObject = { id: pid('f'.repeat(32)), author: author('r'), prev: null, parents: [], time: 999, ms: 0 };
      const objects = history(shape).map((object) => (namedBy(object).length === 0 ? { ...object, parents: [root.id] } : object));
      const stream = new CausalStream({ mode: 'causal', random: testRandom() });
      for (const object of shuffled(objects, seed)) equal(deliveredBy(feed(stream, start, object)), []);
      equal(deliveredBy(feed(stream, start, root)), inCausalOrder([root, ...objects]).map(({ id }) => id));
    }),
    { numRuns: 100 },
  );
});

test('peers that lose, repair, repeat and reorder end with the same order, each object once and after its past', () => {
  fc.assert(
    fc.property(shapes(50), fc.nat(), fc.integer({ min: 0, max: 60 }), (shape, seed, lossPercent) => {
      const objects = history(shape);
      const orders = [1, 2, 3].map((peer) => {
        const { delivered, isInOrder } = lossyPeer(objects, seed + peer, lossPercent);
        equal([...delivered].sort(), objects.map(({ id }) => id).toSorted(), 'each once');
        ok(isInOrder);
        const byId = new Map(objects.map((object) => [object.id, object]));
        return inCausalOrder(delivered.map((id) => byId.get(id)!)).map(({ id }) => id);
      });
      equal(orders[1], orders[0]);
      equal(orders[2], orders[0]);
    }),
    { numRuns: 60 },
  );
});

/** A causal peer that loses arrivals; questions are answered after a while, or lost as well; reconciling brings the rest after 20 s. */
const lossyPeer = (objects: readonly StreamObject[], seed: number, lossPercent: number): { readonly delivered: readonly PacketId[]; readonly isInOrder: boolean } => {
  const random = testRandom(seed);
  const stream = new CausalStream({ mode: 'causal', random: testRandom(seed) });
  const byId = new Map(objects.map((object) => [object.id, object]));
  const coming: { readonly at: Instant; readonly object: StreamObject }[] = [];
  const send = (object: StreamObject | undefined, at: Instant): void => {
    if (object !== undefined && random.below(100) >= lossPercent) coming.push({ at, object });
  };
  shuffled(objects, seed).forEach((object, n) => send(object, after(start, 5 * n + random.below(300))));
  for (const object of objects) coming.push({ at: after(start, 20_000 + random.below(100)), object });
  const delivered: PacketId[] = [];
  let isInOrder = true;
  const take = (outputs: readonly StreamOutput[], now: Instant): void => {
    for (const output of outputs) {
      if (output.kind === 'deliver') {
        if (output.gap || output.missing.length > 0 || namedBy(byId.get(output.id)!).some((id) => !delivered.includes(id))) isInOrder = false;
        delivered.push(output.id);
      } else if (output.kind === 'want') {
        for (const id of output.ids) send(byId.get(id), after(now, 50 + random.below(200)));
      }
    }
  };
  for (;;) {
    const next = coming.reduce<(typeof coming)[number] | null>((first, one) => (first === null || one.at < first.at ? one : first), null);
    const wakeAt = stream.deadline();
    if (next !== null && (wakeAt === null || next.at <= wakeAt)) {
      coming.splice(coming.indexOf(next), 1);
      take(feed(stream, next.at, next.object), next.at);
    } else if (wakeAt !== null) {
      take(stream.handle(wakeAt, wakeup), wakeAt);
    } else {
      return { delivered, isInOrder };
    }
  }
};

test('live delivers every object in the call that brings it, and its missing is exactly what was not delivered before', () => {
  fc.assert(
    fc.property(shapes(50), fc.nat(), (shape, seed) => {
      const stream = new CausalStream({ mode: 'live', random: testRandom() });
      const seen = new Set<string>();
      for (const object of shuffled(history(shape), seed)) {
        const outputs = feed(stream, start, object).filter((output) => output.kind === 'deliver');
        if (seen.has(object.id)) {
          equal(outputs, []);
        } else {
          equal(outputs, [{ kind: 'deliver', id: object.id, missing: namedBy(object).filter((id) => !seen.has(id)), gap: false }]);
          seen.add(object.id);
        }
      }
    }),
    { numRuns: 100 },
  );
});

/** What a hostile member may feed: any name, itself, circles, too many parents, things that never come. */
const hostile = fc.array(
  fc.record({
    id: fc.integer({ min: 0, max: 30 }),
    author: fc.integer({ min: 0, max: 2 }),
    prev: fc.option(fc.integer({ min: 0, max: 40 })),
    parents: fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 12 }),
    time: fc.integer({ min: 0, max: 3 }),
    restored: fc.boolean(),
    waitMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 20_000 })),
  }),
  { maxLength: 60 },
);

test('whatever members send: each id once, nothing held beyond 30 s, missing is true, and the end is quiet', () => {
  fc.assert(
    fc.property(hostile, fc.constantFrom('live' as const, 'causal' as const), fc.nat(), (steps, mode, seed) => {
      const stream = new CausalStream({ mode, random: testRandom(seed) });
      const cameAt = new Map<PacketId, Instant>();
      const delivered = new Set<PacketId>();
      const gaveUp = new Set<PacketId>();
      let now: Instant = start;
      const take = (outputs: readonly StreamOutput[]): void => {
        for (const output of outputs) {
          if (output.kind === 'gave-up') {
            ok(!delivered.has(output.id), 'gave up what it has');
            gaveUp.add(output.id);
          }
          if (output.kind === 'want') ok(output.ids.length > 0 && output.ids.length <= 60 && output.ids.every((id) => !cameAt.has(id)), 'asked for what it has');
          if (output.kind !== 'deliver') continue;
          ok(!delivered.has(output.id), 'twice');
          ok(output.missing.every((id) => !delivered.has(id)), 'missing what was delivered');
          if (mode === 'causal') is(output.gap, output.missing.length > 0);
          else if (output.gap) ok(output.missing.length > 0);
          ok(now - cameAt.get(output.id)! <= (mode === 'live' ? 0 : 30_000), 'held too long');
          delivered.add(output.id);
        }
      };
      const pass = (until: Instant): void => {
        for (let at = stream.deadline(); at !== null && at <= until; at = stream.deadline()) {
          now = at;
          take(stream.handle(now, wakeup));
        }
        now = until;
      };
      for (const { id, author: by, prev, parents, time, restored, waitMs } of steps) {
        const object: StreamObject = { id: pid(`${id}`), author: author(`${by}`), prev: prev === null ? null : pid(`${prev}`), parents: parents.map((n) => pid(`${n}`)), time, ms: 0 };
        if (!cameAt.has(object.id)) cameAt.set(object.id, now);
        take(stream.handle(now, { kind: 'object', from: null, restored, ...object }));
        ok(stream.missing().length <= wantsMax && stream.pending().length <= heldMax);
        pass(after(now, waitMs));
      }
      pass(after(now, 30_000));
      equal([...delivered].sort(), [...cameAt.keys()].sort(), 'everything that came was delivered');
      equal(stream.pending(), []);
      pass(after(now, 2 * 3_600_000));
      is(stream.deadline(), null);
    }),
    { numRuns: 300 },
  );
});

test.run();
