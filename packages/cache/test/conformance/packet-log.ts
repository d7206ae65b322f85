/**
 * What every packet log promises, as a function of how to open one. Run against the file and the memory; whoever
 * writes another one runs it too.
 */
import type { PacketRecord } from '@srp/cache';
import type { OpenedPacketLog } from '@srp/cache/node';
import type { PacketId } from '@srp/machine';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { idOf, recordOf } from '../helpers.js';

/** One place to keep things, opened again and again. */
export interface Storage {
  open(): Promise<OpenedPacketLog>;
  discard(): Promise<void>;
}

const byId = (records: readonly PacketRecord[]): Map<PacketId, PacketRecord> => new Map(records.map((record) => [record.id, record]));

export const packetLogSuite = (name: string, make: () => Promise<Storage>): void => {
  const test = suite(`packet log: ${name}`);
  const check = (title: string, body: (storage: Storage) => Promise<void>): void => {
    test(title, async () => {
      const storage = await make();
      try {
        await body(storage);
      } finally {
        await storage.discard();
      }
    });
  };

  check('is empty when it is new', async (storage) => {
    const { log, records, report } = await storage.open();
    assert.equal(records, []);
    assert.is(report.damagedCopy, null);
    await log.close();
  });

  check('gives back each field of what was flushed', async (storage) => {
    const kept = [0, 1, 2, 3, 4, 5].map((n) => recordOf(n));
    const first = await storage.open();
    for (const record of kept) assert.ok(first.log.put(record));
    await first.log.flush();
    await first.log.close();
    const second = await storage.open();
    assert.equal(second.records, kept);
    await second.log.close();
  });

  check('gives back what was put before close, without a flush', async (storage) => {
    const first = await storage.open();
    first.log.put(recordOf(1));
    await first.log.close();
    const second = await storage.open();
    assert.equal(second.records, [recordOf(1)]);
    await second.log.close();
  });

  check('keeps the last of several puts, in its place', async (storage) => {
    const first = await storage.open();
    for (const record of [recordOf(1), recordOf(2), recordOf(1, 1)]) first.log.put(record);
    await first.log.close();
    const second = await storage.open();
    assert.equal(second.records, [recordOf(2), recordOf(1, 1)]);
    await second.log.close();
  });

  check('forgets what was deleted, also over a restart, and takes it again', async (storage) => {
    const first = await storage.open();
    first.log.put(recordOf(1));
    first.log.put(recordOf(2));
    await first.log.flush();
    first.log.delete(idOf(1));
    first.log.delete(idOf(77));
    await first.log.close();
    const second = await storage.open();
    assert.equal(second.records, [recordOf(2)]);
    second.log.delete(idOf(2));
    second.log.put(recordOf(1, 3));
    await second.log.close();
    const third = await storage.open();
    assert.equal(third.records, [recordOf(1, 3)]);
    await third.log.close();
  });

  check('floors a fraction of a millisecond', async (storage) => {
    const first = await storage.open();
    first.log.put({ ...recordOf(1), keptAt: (recordOf(1).keptAt + 0.75) as PacketRecord['keptAt'] });
    await first.log.close();
    const second = await storage.open();
    assert.equal(second.records, [recordOf(1)]);
    await second.log.close();
  });

  check('does not change when the caller changes its bytes afterwards', async (storage) => {
    const first = await storage.open();
    const record = recordOf(1);
    first.log.put(record);
    record.bytes.fill(0);
    await first.log.close();
    const second = await storage.open();
    assert.equal(second.records, [recordOf(1)]);
    await second.log.close();
  });

  check('refuses at once what it could not read back', async (storage) => {
    const { log } = await storage.open();
    assert.throws(() => log.put({ ...recordOf(1), bytes: new Uint8Array(0) }), /it must have 1\.\.2048 bytes, got 0/);
    assert.throws(() => log.put({ ...recordOf(1), bytes: new Uint8Array(2049) }), /got 2049/);
    assert.throws(() => log.put({ ...recordOf(1), ingress: '' }), /ingress must be null or 1\.\.64 bytes, got 0/);
    assert.throws(() => log.put({ ...recordOf(1), ingress: 'x'.repeat(65) }), /got 65/);
    assert.throws(() => log.put({ ...recordOf(1), id: 'abcd' as PacketId }), /its id has 16 bytes, got 2/);
    await log.close();
    const again = await storage.open();
    assert.equal(again.records, []);
    await again.log.close();
  });

  check('closes once, and does nothing afterwards', async (storage) => {
    const { log } = await storage.open();
    await Promise.all([log.close(), log.close()]);
    const closed = (error: Error & { code?: string }): boolean => error.code === 'LOG_CLOSED';
    assert.throws(() => log.put(recordOf(1)), closed);
    assert.throws(() => log.delete(idOf(1)), closed);
    assert.is(await log.flush().then(() => null, closed), true);
  });

  check('counts what it keeps', async (storage) => {
    const { log } = await storage.open();
    for (let n = 0; n < 10; n += 1) log.put(recordOf(n));
    log.delete(idOf(3));
    await log.flush();
    assert.is(log.stats().recordCount, 9);
    assert.is(log.stats().lostCount, 0);
    await log.close();
  });

  test('agrees with a plain Map over any sequence of puts, deletes, flushes and restarts', async () => {
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.record({ kind: fc.constant('put' as const), n: fc.nat(12), version: fc.nat(3) }) },
      { weight: 3, arbitrary: fc.record({ kind: fc.constant('delete' as const), n: fc.nat(12) }) },
      { weight: 1, arbitrary: fc.constantFrom({ kind: 'flush' as const }, { kind: 'restart' as const }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const storage = await make();
        const model = new Map<PacketId, PacketRecord>();
        let { log } = await storage.open();
        for (const one of steps) {
          if (one.kind === 'put') {
            const record = recordOf(one.n, one.version);
            log.put(record);
            model.delete(record.id);
            model.set(record.id, record);
          } else if (one.kind === 'delete') {
            log.delete(idOf(one.n));
            model.delete(idOf(one.n));
          } else if (one.kind === 'flush') await log.flush();
          else {
            await log.close();
            const again = await storage.open();
            assert.equal([...byId(again.records).entries()], [...model.entries()]);
            ({ log } = again);
          }
        }
        await log.close();
        const last = await storage.open();
        assert.equal(last.records, [...model.values()]);
        await last.log.close();
        await storage.discard();
      }),
      { numRuns: 40 },
    );
  });

  test.run();
};
