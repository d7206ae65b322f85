import { type LogStorage, type MemoryDisk, openMemoryLog, type PacketLog, packetLogConformance } from '@srp/cache/log';
import { openPacketLog } from '@srp/cache/node';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { randomOf } from './helpers.js';

const inFile = async (): Promise<LogStorage> => {
  const folder = await mkdtemp(join(tmpdir(), 'srp-cache-'));
  return {
    // A small limit, so that the histories meet compactions.
    open: async () => openPacketLog(join(folder, 'deep', 'packets.log'), { compactBytesMin: 2048 }),
    discard: async () => rm(folder, { recursive: true, force: true }),
  };
};

const inMemory = (): LogStorage => {
  const disk: MemoryDisk = new Map();
  return { open: () => Promise.resolve(openMemoryLog(disk)) };
};

for (const [name, make] of [['file', inFile], ['memory', inMemory]] as const) {
  const test = suite(`packet log: ${name}`);
  for (const check of packetLogConformance(make, { random: randomOf(5) })) test(check.name, check.run);
  test.run();
}

const test = suite('the conformance of packet logs');

/** A memory log with one fault. */
const faulty = (fault: (log: PacketLog) => Partial<PacketLog>) => (): LogStorage => {
  const storage = inMemory();
  return {
    open: async () => {
      const opened = await storage.open();
      const { log } = opened;
      const whole: PacketLog = {
        put: (record) => log.put(record),
        delete: (id) => log.delete(id),
        flush: async () => log.flush(),
        close: async () => log.close(),
        stats: () => log.stats(),
      };
      return { ...opened, log: { ...whole, ...fault(log) } };
    },
  };
};

/** The names of the promises it breaks. */
const broken = async (make: () => LogStorage): Promise<string[]> => {
  const names: string[] = [];
  for (const { name, run } of packetLogConformance(make, { random: randomOf(5), histories: 5 })) await run().catch(() => names.push(name));
  return names;
};

test('finds nothing wrong with a log that wraps another', async () => {
  assert.equal(await broken(faulty(() => ({}))), []);
});

test('finds a log that forgets to delete, changes a time, or answers after its end', async () => {
  assert.equal(await broken(faulty(() => ({ delete: () => true }))), [
    'forgets what was deleted, also over a restart, and takes it again',
    'closes once, and does nothing afterwards',
    'counts what it keeps',
    'agrees with a plain Map over any sequence of puts, deletes, flushes and restarts',
  ]);
  assert.ok((await broken(faulty((log) => ({ put: (record) => log.put({ ...record, keptAt: 0 as typeof record.keptAt }) })))).includes('gives back each field of what was flushed'));
  assert.equal(await broken(faulty(() => ({ flush: () => Promise.resolve() }))), ['closes once, and does nothing afterwards', 'counts what it keeps']);
});

test('the log in memory and the checks need no Node', async () => {
  for (const name of ['index', 'memory-log', 'conformance', 'checked', 'packet-log']) {
    const text = await readFile(new URL(`../src/log/${name}.ts`, import.meta.url), 'utf8');
    assert.not.match(text, /from 'node:|from '\.\.\/node|\bBuffer\b|\bsetImmediate\b|\bprocess\.[a-z]/, name);
  }
});

test.run();
