/** The cache against a plain Map, over random histories in a small world: few objects, so that everything happens often. */
import { type CacheInput, type CacheOutput, PacketCache, type PacketRecord, pools } from '@srp/cache';
import { instant, type PacketId, shortIdOf, wakeup } from '@srp/machine';
import type { Life } from '@srp/wire';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { budgetBytesMin } from '../dist/constants.js';
import { randomOf } from './helpers.js';
import { cheap, start, startSeconds, tagOf } from './objects.js';
import { PlainCache } from './reference/plain-cache.js';

const seed = Number(process.env['SRP_SEED'] ?? 20_261_122);

const chain = Array.from({ length: 4 }, (_, n) => cheap({ n }));
const objectOf = (n: number): ReturnType<typeof cheap> =>
  chain[n - 200] ??
  cheap({
    n,
    life: (n % 4) as Life,
    topic: n % 3,
    author: n % 2,
    time: startSeconds - (n % 7) * 100,
    prev: n % 4 < 2 ? chain[n % 4]!.id : null,
    bodyBytes: 40 + ((n * 197) % 1025),
  });

const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('insert' as const), n: fc.nat(203), pool: fc.constantFrom(...pools), postage: fc.nat(16), net: fc.nat(4) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove' as const), n: fc.nat(203) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('taken' as const), n: fc.nat(203) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('join' as const, 'leave' as const), n: fc.nat(2) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(0, 1, 1000, 10_000, 60_000, 600_000, 7_200_000, 80_000_000) }) },
);

for (const [name, budgetBytes] of [['a tight budget', budgetBytesMin], ['room for all', 4 * 1024 * 1024]] as const) {
  test(`agrees with a plain Map, and keeps within its budget, with ${name}`, () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 250 }), fc.nat(1000), (steps, randomSeed) => {
        const cache = new PacketCache({ budgetBytes, random: randomOf(randomSeed) });
        const plain = new PlainCache();
        const disk = new Map<PacketId, PacketRecord>();
        let now = start;
        const act = (input: CacheInput): void => {
          const outputs: CacheOutput[] = [...cache.handle(now, input)];
          if (input.kind !== 'wakeup') plain.follow(now, input, outputs);
          for (let rest = 0; input.kind === 'wakeup' || cache.deadline() === now; rest += 1) {
            const more = cache.handle(now, wakeup);
            if (input.kind === 'wakeup' && rest === 0) plain.follow(now, input, outputs);
            plain.follow(now, wakeup, more);
            outputs.push(...more);
            const deadline = cache.deadline();
            if (deadline === null || deadline > now) break;
          }
          for (const output of outputs) {
            if (output.kind === 'put') disk.set(output.record.id, output.record);
            if (output.kind === 'delete') assert.ok(disk.delete(output.id), 'deletes what it put');
            if (output.kind === 'evicted') assert.is(budgetBytes, budgetBytesMin, 'evicts only for want of room');
          }
          assert.ok(cache.stats().bytes <= budgetBytes, 'within the budget');
        };
        for (const one of steps) {
          if (one.kind === 'insert') act({ kind: 'insert', packet: objectOf(one.n), postage: one.postage, pool: one.pool, ingress: one.net === 0 ? null : `4:192.0.${one.net}` });
          else if (one.kind === 'remove') act({ kind: 'remove', id: objectOf(one.n).id });
          else if (one.kind === 'taken') act({ kind: 'taken', ids: [shortIdOf(objectOf(one.n).id), shortIdOf(objectOf(one.n + 1).id)] });
          else if (one.kind === 'wait') {
            now = instant(now + one.ms);
            act(wakeup);
          } else act({ kind: one.kind, tag: tagOf(one.n) });
        }
        const ids = plain.ids();
        assert.is(cache.stats().entryCount, ids.length);
        for (const id of ids) {
          assert.is(cache.get(id)?.id, id);
          assert.equal([...cache.byShortId(shortIdOf(id))].sort(), plain.byShortId(shortIdOf(id)));
          assert.is(cache.hasShort(shortIdOf(id)), true);
        }
        for (const { id } of chain) {
          const all = plain.byPrev(id);
          const some = cache.byPrev(id);
          assert.is(some.length, Math.min(all.length, 8));
          for (const one of some) assert.ok(all.includes(one));
        }
        for (const n of [0, 1, 2]) {
          for (const since of [0, startSeconds - 300]) assert.equal([...cache.idsOf(tagOf(n), since)].sort(), plain.idsOf(tagOf(n), since));
        }
        // What is on the disk is what is held, but for what lives two minutes.
        assert.equal([...disk.keys()].sort(), ids.filter((id) => plain.held.get(id)?.packet.life !== 0));
        // And a cache that is empty in the end owes nothing.
        now = instant(start + 9 * 86_400_000);
        act(wakeup);
        assert.equal(cache.stats().bytesByPart, { unsent: 0, topics: 0, duty: 0, strangers: 0 });
        assert.is(cache.deadline(), null);
        assert.is(disk.size, 0);
      }),
      { numRuns: 60, seed },
    );
  });
}

test.run();
