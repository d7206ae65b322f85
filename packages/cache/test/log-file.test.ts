import type { PacketRecord } from '@srp/cache';
import { openPacketLog, type PacketLog } from '@srp/cache/node';
import type { PacketId } from '@srp/machine';
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compactRatio, logRecordsMax, pendingBytesMax } from '../dist/constants.js';
import { FilePacketLog } from '../dist/node/file-log.js';
import { type LogFile, type LogFiles, nodeFiles } from '../dist/node/files.js';
import { openWith } from '../dist/node/open.js';
import { codeOf, errorOf, idOf, inFolder, randomOf, recordOf } from './helpers.js';

interface Faults {
  /** Bytes the disk still takes. */
  room: number;
  /** Most bytes it takes at a time. */
  bite: number;
  truncateFails: boolean;
  syncFails: boolean;
  renameFails: boolean;
}

/** The real file system with faults that a test turns on. */
const faulty = (faults: Faults): LogFiles => {
  const full = (): Error => Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  const wrap = (file: LogFile): LogFile => ({
    read: async (into, position) => file.read(into, position),
    write: async (bytes, position) => {
      const count = Math.min(bytes.length, faults.bite, faults.room);
      if (count <= 0) throw full();
      faults.room -= count;
      return file.write(bytes.subarray(0, count), position);
    },
    sync: async () => (faults.syncFails ? Promise.reject(new Error('EIO: sync')) : file.sync()),
    truncate: async (length) => (faults.truncateFails ? Promise.reject(new Error('EIO: truncate')) : file.truncate(length)),
    size: async () => file.size(),
    close: async () => file.close(),
  });
  return {
    ...nodeFiles,
    open: async (path) => {
      const file = await nodeFiles.open(path);
      return file === null ? null : wrap(file);
    },
    create: async (path) => wrap(await nodeFiles.create(path)),
    rename: async (from, to) => (faults.renameFails ? Promise.reject(new Error('EIO: rename')) : nodeFiles.rename(from, to)),
  };
};

const noFaults = (): Faults => ({ room: Infinity, bite: Infinity, truncateFails: false, syncFails: false, renameFails: false });
const ids = (records: readonly PacketRecord[]): PacketId[] => records.map(({ id }) => id);

test('a disk that takes a few bytes at a time gets all of them', async () => {
  await inFolder(async (folder) => {
    const path = join(folder, 'log');
    const { log } = await openWith(faulty({ ...noFaults(), bite: 100 }), path, {});
    for (let n = 0; n < 20; n += 1) log.put(recordOf(n));
    await log.close();
    const again = await openPacketLog(path);
    assert.equal(again.records, Array.from({ length: 20 }, (_, n) => recordOf(n)));
    await again.log.close();
  });
});

test('a full disk is said at the flush, and the log goes on when there is room again', async () => {
  await inFolder(async (folder) => {
    const path = join(folder, 'log');
    const faults = noFaults();
    const { log } = await openWith(faulty(faults), path, {});
    log.put(recordOf(1));
    await log.flush();
    faults.room = 500; // some of the next records get through, and part of one
    for (let n = 2; n < 8; n += 1) log.put(recordOf(n));
    assert.match((await errorOf(log.flush())).message, /6 records are not kept \(ENOSPC: no space left on device, write\); free space/);
    assert.is(log.stats().lostCount, 6);
    assert.match(log.stats().failure ?? '', /ENOSPC/);
    faults.room = Infinity;
    log.delete(idOf(1));
    log.put(recordOf(9));
    await log.flush();
    assert.is(log.stats().failure, null);
    await log.close();
    const again = await openPacketLog(path);
    assert.equal(ids(again.records), [idOf(9)]);
    assert.is(again.report.damagedBytes + again.report.tornBytes, 0);
    await again.log.close();
  });
});

test('nothing is written behind what a failed write left, until that is cut off', async () => {
  await inFolder(async (folder) => {
    const path = join(folder, 'log');
    const faults = noFaults();
    const { log } = await openWith(faulty(faults), path, {});
    log.put(recordOf(1));
    await log.flush();
    // The whole delete of 1 gets to the disk, the put behind it does not: the batch has failed, and 1 is kept.
    faults.room = 27 + 50;
    faults.truncateFails = true;
    log.delete(idOf(1));
    log.put(recordOf(2));
    assert.is(await codeOf(log.flush()), 'LOG_WRITE_FAILED');
    faults.room = Infinity;
    log.put(recordOf(3));
    assert.is(await codeOf(log.flush()), 'LOG_WRITE_FAILED', 'still not cut off');
    faults.truncateFails = false;
    log.put(recordOf(4));
    await log.flush();
    assert.is(log.stats().recordCount, 2);
    await log.close();
    const again = await openPacketLog(path);
    assert.equal(ids(again.records), [idOf(1), idOf(4)]);
    await again.log.close();
  });
});

test('with sync a flush fails when the disk does', async () => {
  await inFolder(async (folder) => {
    const faults = noFaults();
    const { log } = await openWith(faulty(faults), join(folder, 'log'), { sync: true });
    faults.syncFails = true;
    log.put(recordOf(1));
    assert.is(await codeOf(log.flush()), 'LOG_WRITE_FAILED');
    faults.syncFails = false;
    log.put(recordOf(1));
    await log.flush();
    await log.close();
  });
});

test('a compaction that cannot finish leaves the log as it was, and is not tried at every write', async () => {
  await inFolder(async (folder) => {
    const path = join(folder, 'log');
    const faults = noFaults();
    let creations = 0;
    const files = faulty(faults);
    const { log } = await openWith({ ...files, create: async (name) => ((creations += 1), files.create(name)) }, path, { compactBytesMin: 4096 });
    creations = 0;
    faults.renameFails = true;
    for (let version = 0; version < 60; version += 1) {
      log.put(recordOf(1, version));
      await log.flush();
      await settled(log);
    }
    assert.ok(creations >= 1 && creations <= 8, `${creations} compactions were begun`);
    assert.not(existsSync(`${path}.compact`));
    faults.renameFails = false;
    await log.close();
    const again = await openPacketLog(path);
    assert.equal(again.records, [recordOf(1, 59)]);
    await again.log.close();
  });
});

test('the file stays within twice what lives in it, however often that changes', async () => {
  await inFolder(async (folder) => {
    const path = join(folder, 'log');
    const random = randomOf(7);
    const { log } = await openPacketLog(path, { compactBytesMin: 16 * 1024 });
    const live = new Map<number, PacketRecord>();
    for (let round = 0; round < 300; round += 1) {
      for (let i = 0; i < 10; i += 1) {
        const n = random.below(50);
        if (random.below(3) === 0) {
          live.delete(n);
          log.delete(idOf(n));
        } else {
          const record = recordOf(n, round);
          live.set(n, record);
          log.put(record);
        }
      }
      await log.flush();
      if (round % 10 === 0) await settled(log); // a slow disk compacts less often, and the file is longer meanwhile
    }
    await settled(log);
    const { logBytes, liveBytes, compactionCount } = log.stats();
    assert.ok(compactionCount > 10, `${compactionCount} compactions`);
    assert.ok(logBytes <= compactRatio * Math.max(liveBytes, 16 * 1024) + 16 * 1024, `${logBytes} bytes for ${liveBytes}`);
    await log.close();
    assert.is(statSync(path).size, log.stats().logBytes);
    const again = await openPacketLog(path);
    assert.equal(new Map(again.records.map((record) => [record.id, record])), new Map([...live].map(([n, record]) => [idOf(n), record])));
    await again.log.close();
  });
});

test('a compaction takes with it what is written while it runs', async () => {
  await inFolder(async (folder) => {
    const path = join(folder, 'log');
    const { log } = await openPacketLog(path, { compactBytesMin: 64 * 1024 });
    for (let version = 0; version < 2; version += 1) for (let n = 0; n < 400; n += 1) log.put(recordOf(n, version, 1000));
    await log.flush(); // the compaction starts after this write
    for (let turn = 0; turn < 40; turn += 1) {
      log.put(recordOf(turn, 5, 1000)); // moves one that may be copied already
      log.delete(idOf(399 - turn));
      log.put(recordOf(1000 + turn, 0, 1000));
      await new Promise((done) => setImmediate(done));
    }
    await log.flush();
    await settled(log);
    assert.ok(log.stats().compactionCount >= 1);
    await log.close();
    const again = await openPacketLog(path);
    const found = new Map(again.records.map((record) => [record.id, record]));
    assert.is(found.size, 400);
    for (let n = 0; n < 360; n += 1) assert.equal(found.get(idOf(n)), recordOf(n, n < 40 ? 5 : 1, 1000));
    for (let turn = 0; turn < 40; turn += 1) assert.equal(found.get(idOf(1000 + turn)), recordOf(1000 + turn, 0, 1000));
    await again.log.close();
  });
});

test('closing in the middle of a compaction keeps everything', async () => {
  await inFolder(async (folder) => {
    const path = join(folder, 'log');
    const { log } = await openPacketLog(path, { compactBytesMin: 64 * 1024 });
    for (let version = 0; version < 3; version += 1) for (let n = 0; n < 500; n += 1) log.put(recordOf(n, version, 1000));
    await log.flush();
    await log.close();
    assert.equal(readdirSync(folder), ['log']);
    const again = await openPacketLog(path);
    assert.is(again.records.length, 500);
    await again.log.close();
  });
});

test('what waits to be written is bounded, and a refused put is counted', async () => {
  await inFolder(async (folder) => {
    const { log } = await openPacketLog(join(folder, 'log'));
    const record = recordOf(1, 0, 1198);
    let accepted = 0;
    while (log.put(record)) accepted += 1;
    const { pendingBytes, lostCount } = log.stats();
    assert.ok(pendingBytes <= pendingBytesMax && pendingBytes > pendingBytesMax - 1300, `${pendingBytes} bytes wait`);
    assert.is(lostCount, 1);
    let deletes = 0;
    while (log.delete(idOf(1))) deletes += 1;
    assert.ok(deletes > 1000, 'deletes get through longer');
    assert.ok(log.stats().pendingBytes <= pendingBytesMax * 1.25);
    await log.flush();
    assert.is(log.stats().pendingBytes, 0);
    assert.is(log.stats().recordCount, 0);
    assert.ok(accepted > 3000);
    assert.ok(log.put(record), 'there is room again');
    await log.close();
  });
});

test('a log holds so many objects and no more', async () => {
  await inFolder(async (folder) => {
    const { log } = await openPacketLog(join(folder, 'log'));
    const small = recordOf(0, 0, 1);
    for (let n = 0; n < logRecordsMax; n += 1) {
      while (!log.put({ ...small, id: idOf(n) })) await log.flush();
    }
    await log.flush();
    assert.is(log.put({ ...small, id: idOf(logRecordsMax) }), false);
    assert.is(log.put({ ...small, id: idOf(5) }), true, 'one it has may change');
    log.delete(idOf(0));
    await log.flush();
    assert.is(log.put({ ...small, id: idOf(logRecordsMax) }), true);
    await log.close();
  });
});

test('two in one process cannot use one log', async () => {
  await inFolder(async (folder) => {
    const path = join(folder, 'log');
    const { log } = await openPacketLog(path);
    assert.is(await codeOf(openPacketLog(path)), 'LOG_FILE_IN_USE');
    await log.close();
    const again = await openPacketLog(path);
    await again.log.close();
  });
});

test('two processes cannot use one log, and a dead one holds nothing', async () => {
  await inFolder(async (folder) => {
    const path = join(folder, 'log');
    const holder = spawn(process.execPath, ['--input-type=module', '-e', `
      import { openPacketLog } from '@srp/cache/node';
      await openPacketLog(${JSON.stringify(path)});
      console.log('open');
      setInterval(() => {}, 1000);
    `], { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((done) => holder.stdout.once('data', done));
    const error = await errorOf(openPacketLog(path));
    assert.is(error.code, 'LOG_FILE_IN_USE');
    assert.match(error.message, /another one does; end that one, or choose another path/);
    holder.kill('SIGKILL');
    await new Promise((done) => holder.once('close', done));
    const { log } = await openPacketLog(path);
    await log.close();
    assert.equal(readdirSync(folder), ['log']);
  });
});

/** What a killed owner leaves behind: the socket of a process that is gone. */
const leaveStaleLock = async (path: string): Promise<void> => {
  const child = spawn(process.execPath, ['-e', 'require("node:net").createServer().listen(process.argv[1], () => process.kill(process.pid, "SIGKILL"))', `${path}.lock`]);
  await new Promise((done) => child.once('close', done));
  assert.ok(existsSync(`${path}.lock`));
};

test('a lock whose owner was killed is taken over, and so is a file that is no lock', async () => {
  await inFolder(async (folder) => {
    const path = join(folder, 'log');
    await leaveStaleLock(path);
    await (await openPacketLog(path)).log.close();
    assert.not(existsSync(`${path}.lock`));
    writeFileSync(`${path}.lock`, 'left by somebody else');
    await (await openPacketLog(path)).log.close();
    assert.equal(readdirSync(folder), ['log']);
  });
});

test('locks of logs with long paths do not pile up where temporary files are', async () => {
  await inFolder(async (folder) => {
    const before = process.env['TMPDIR'];
    process.env['TMPDIR'] = folder;
    try {
      const hashOf = (n: number): string => n.toString(16).padStart(32, '0');
      for (let n = 0; n < 3; n += 1) await leaveStaleLock(join(folder, `srp-${hashOf(n)}`));
      const live = createServer().listen(join(folder, `srp-${hashOf(9)}.lock`));
      writeFileSync(join(folder, 'srp-keep.lock'), 'of another program');
      const { log } = await openPacketLog(join(folder, 'long'.repeat(25), 'log'));
      const kept = [`srp-${hashOf(9)}.lock`, 'srp-keep.lock'];
      assert.is(readdirSync(folder).filter((name) => name.endsWith('.lock')).length, kept.length + 1, 'and its own');
      assert.is(await codeOf(openPacketLog(join(folder, 'long'.repeat(25), 'log'))), 'LOG_FILE_IN_USE');
      await log.close();
      assert.equal(readdirSync(folder).filter((name) => name.endsWith('.lock')).sort(), kept);
      await new Promise((done) => live.close(done));
    } finally {
      if (before === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = before;
    }
  });
});

test('of ten who find a stale lock at once, one gets it', async () => {
  await inFolder(async (folder) => {
    const path = join(folder, 'log');
    for (let round = 0; round < (process.platform === 'linux' ? 20 : 1); round += 1) { // before they took turns two or three got it in 2 rounds of 60
      await leaveStaleLock(path);
      const openings = await Promise.all(Array.from({ length: 10 }, async () => openPacketLog(path).catch(String)));
      const logs = openings.filter((opening) => typeof opening === 'object');
      assert.is(logs.length, 1);
      for (const opening of openings) if (typeof opening === 'string') assert.match(opening, /one process at a time may use it/);
      await logs[0]!.log.close();
    }
  });
});

test('a path too long for a socket is locked all the same', async () => {
  await inFolder(async (folder) => {
    const path = join(folder, 'a'.repeat(120), 'log');
    const { log } = await openPacketLog(path);
    assert.is(await codeOf(openPacketLog(path)), 'LOG_FILE_IN_USE');
    await log.close();
    await (await openPacketLog(path)).log.close();
  });
});

test('only its owner may read a log', async () => {
  await inFolder(async (folder) => {
    const path = join(folder, 'sub', 'log');
    const { log } = await openPacketLog(path);
    assert.is(statSync(path).mode & 0o777, 0o600);
    assert.is(statSync(join(folder, 'sub')).mode & 0o777, 0o700);
    await log.close();
  });
});

/** Waits until no compaction runs. */
const settled = async (log: PacketLog): Promise<void> => {
  assert.instance(log, FilePacketLog);
  if (log instanceof FilePacketLog) await log.settled();
};

test.run();
