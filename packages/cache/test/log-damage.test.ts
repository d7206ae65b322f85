import { openPacketLog } from '@srp/cache/node';
import { instant } from '@srp/machine';
import { copyFileSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeHeader, encodeDelete, encodeHeader, encodePut, headerBytes, recordBytesMax } from '../dist/node/format.js';
import { codeOf, errorOf, idOf, inFolder, randomOf, recordOf } from './helpers.js';

const seed = Number(process.env['SRP_SEED'] ?? 20_261_120);

/** Each has a file of its own; all at one time, since a disk may take half a second for each sync. */
const atOnce = async (count: number, test: (n: number) => Promise<void>): Promise<void> => {
  await Promise.all(Array.from({ length: count }, async (_, n) => await test(n)));
};

const filled = async (path: string, count: number): Promise<void> => {
  const { log } = await openPacketLog(path);
  for (let n = 0; n < count; n += 1) log.put(recordOf(n));
  await log.close();
};

test('bits flipped anywhere cost the records they hit, and no other', async () => {
  const random = randomOf(seed);
  await inFolder(async (folder) => {
    const whole = join(folder, 'whole');
    await filled(whole, 40);
    const bytes = readFileSync(whole);
    await atOnce(40, async (round) => {
      const path = join(folder, `log-${round}`);
      const damaged = Buffer.from(bytes);
      const flips = 1 + random.below(3);
      for (let i = 0; i < flips; i += 1) damaged[random.below(damaged.length)]! ^= 1 << random.below(8);
      writeFileSync(path, damaged);
      const { log, records, report } = await openPacketLog(path);
      const about = `seed ${seed}, round ${round}`;
      assert.ok(records.length >= 40 - flips, `${about}: ${records.length} of 40 after ${flips} flips`);
      for (const record of records) assert.equal(record, recordOf(Number.parseInt(record.id, 16)), about);
      if (records.length < 39) assert.is.not(report.damagedCopy, null, about);
      if (report.damagedCopy !== null) assert.equal(readFileSync(report.damagedCopy), damaged, about);
      // It goes on from there, and the next opening finds nothing wrong.
      log.put(recordOf(1000));
      await log.close();
      const again = await openPacketLog(path);
      assert.equal(again.records, [...records, recordOf(1000)], about);
      assert.is(again.report.damagedBytes + again.report.tornBytes, 0, about);
      assert.is(again.report.damagedCopy, null, about);
      await again.log.close();
    });
  });
});

test('a file cut off anywhere gives every record in front of the cut', async () => {
  await inFolder(async (folder) => {
    const whole = join(folder, 'whole');
    await filled(whole, 3);
    const size = statSync(whole).size;
    const ends = [headerBytes];
    for (let n = 0; n < 3; n += 1) ends.push(ends[n]! + encodePut({ mark: 0, seed: 0 }, recordOf(n)).length);
    const lengths: number[] = [];
    for (let length = headerBytes; length <= size; length += length < headerBytes + 40 ? 1 : 23) lengths.push(length);
    await atOnce(lengths.length, async (n) => {
      const length = lengths[n] ?? 0;
      const path = join(folder, `cut-${length}`);
      copyFileSync(whole, path);
      truncateSync(path, length);
      const { log, records, report } = await openPacketLog(path);
      const expected = ends.filter((end) => end <= length).length - 1;
      assert.is(records.length, expected, `cut at ${length}`);
      assert.is(report.tornBytes, length - ends[expected]!, `cut at ${length}`);
      assert.is(report.damagedCopy, null);
      await log.close();
      assert.is(statSync(path).size, ends[expected], 'the torn record is gone from the disk');
    });
  });
});

test('one damaged copy of the header costs nothing', async () => {
  await inFolder(async (folder) => {
    const places = [0, 5, 9, 13, 17, 22, 24, 30, 33, 47];
    await atOnce(places.length, async (n) => {
      const at = places[n] ?? 0;
      const path = join(folder, `log-${at}`);
      await filled(path, 2);
      const bytes = readFileSync(path);
      bytes[at]! ^= 0x10;
      writeFileSync(path, bytes);
      const { log, records } = await openPacketLog(path);
      assert.is(records.length, 2, `byte ${at}`);
      await log.close();
      assert.is(decodeHeader(readFileSync(path)).kind, 'log');
      const header = decodeHeader(readFileSync(path));
      assert.ok(header.kind === 'log' && header.isWhole, 'the header is whole again');
    });
  });
});

test('a header that nobody can read is kept aside, and a new log begins', async () => {
  await inFolder(async (folder) => {
    const path = join(folder, 'log');
    await filled(path, 2);
    const bytes = readFileSync(path);
    bytes[14]! ^= 1;
    bytes[40]! ^= 1;
    writeFileSync(path, bytes);
    const { log, records, report } = await openPacketLog(path);
    assert.equal(records, []);
    assert.is(report.isHeaderLost, true);
    assert.equal(readFileSync(report.damagedCopy!), bytes);
    log.put(recordOf(5));
    await log.close();
    const again = await openPacketLog(path);
    assert.equal(again.records, [recordOf(5)]);
    await again.log.close();
  });
});

test('a header cut off anywhere is kept aside, and a new log begins', async () => {
  await inFolder(async (folder) => {
    await atOnce(headerBytes, async (length) => {
      const path = join(folder, `log-${length}`);
      await filled(path, 1);
      truncateSync(path, length);
      const { log, records, report } = await openPacketLog(path);
      assert.equal(records, [], `cut at ${length}`);
      // From 24 bytes on, one copy is whole and says that there is nothing behind it.
      if (length > 0) assert.is(report.damagedCopy, `${path}.damaged`, `cut at ${length}`);
      log.put(recordOf(7));
      await log.close();
      const again = await openPacketLog(path);
      assert.equal(again.records, [recordOf(7)], `cut at ${length}`);
      await again.log.close();
    });
  });
});

test('a foreign file is refused with advice, and not touched', async () => {
  await inFolder(async (folder) => {
    const contents = [Buffer.from('{"my":"diary"}'), Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a]), Buffer.alloc(4096), Buffer.from('x')];
    for (const content of contents) {
      const path = join(folder, 'diary.json');
      writeFileSync(path, content);
      const error = await errorOf(openPacketLog(path));
      assert.is(error.code, 'LOG_FILE_FOREIGN');
      assert.match(error.message, /Cannot open packet log .*diary\.json: .*choose another path, or move the file away/);
      assert.equal(readFileSync(path), content);
      assert.not(existsSync(`${path}.lock`));
      assert.not(existsSync(`${path}.damaged`));
    }
  });
});

test('a log of a later version is refused with advice, and not touched', async () => {
  await inFolder(async (folder) => {
    const path = join(folder, 'log');
    const { crc32 } = await import('node:zlib');
    const header = Buffer.from(encodeHeader({ mark: 1, seed: 2 }));
    for (const at of [0, 24]) {
      header.writeUInt16BE(2, at + 8);
      header.writeUInt32BE(crc32(header.subarray(at, at + 20)), at + 20);
    }
    writeFileSync(path, header);
    assert.is(await codeOf(openPacketLog(path)), 'LOG_VERSION_UNKNOWN');
    assert.equal(readFileSync(path), header);
  });
});

test('a folder, a pipe and a place that cannot be written are refused with a code', async () => {
  await inFolder(async (folder) => {
    mkdirSync(join(folder, 'sub'));
    assert.is(await codeOf(openPacketLog(join(folder, 'sub'))), 'LOG_FILE_UNUSABLE');
    const { execFileSync } = await import('node:child_process');
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    assert.is(await codeOf(openPacketLog(join(folder, 'pipe'))), 'LOG_FILE_UNUSABLE');
    writeFileSync(join(folder, 'file'), '');
    assert.is(await codeOf(openPacketLog(join(folder, 'file', 'log'))), 'LOG_FILE_UNUSABLE');
  });
});

test('a link to a log stays a link', async () => {
  await inFolder(async (folder) => {
    const path = join(folder, 'real');
    await filled(path, 1);
    symlinkSync(path, join(folder, 'link'));
    const { log, records } = await openPacketLog(join(folder, 'link'));
    assert.is(records.length, 1);
    assert.is(await codeOf(openPacketLog(path)), 'LOG_FILE_IN_USE');
    await log.close();
  });
});

test('a file in the place of a compaction is removed only if it is one', async () => {
  await inFolder(async (folder) => {
    const path = join(folder, 'log');
    await filled(path, 1);
    copyFileSync(path, `${path}.compact`);
    const first = await openPacketLog(path);
    assert.not(existsSync(`${path}.compact`));
    await first.log.close();
    writeFileSync(`${path}.compact`, 'holiday plans');
    assert.is(await codeOf(openPacketLog(path)), 'LOG_FILE_FOREIGN');
    assert.is(readFileSync(`${path}.compact`, 'utf8'), 'holiday plans');
  });
});

test('a stranger who writes a record into the body of an object does not get it read, wherever the damage is', async () => {
  await inFolder(async (folder) => {
    // The stranger guesses neither mark nor seed of this file; it knows the format and uses another file's.
    const path = join(folder, 'log');
    const guessed = { mark: 0x12345678, seed: 0x9abcdef0 };
    const body = Buffer.concat(Array.from({ length: 30 }, () => encodeDelete(guessed, idOf(1))));
    const { log } = await openPacketLog(path);
    log.put(recordOf(1));
    log.put({ ...recordOf(2), bytes: body });
    log.put(recordOf(3));
    await log.close();
    const bytes = readFileSync(path);
    const from = bytes.indexOf(body);
    bytes[from - 30]! ^= 1; // the head of record 2: a reader now looks for the next mark, inside the body
    writeFileSync(path, bytes);
    const again = await openPacketLog(path);
    assert.equal(again.records.map(({ id }) => id), [idOf(1), idOf(3)]);
    assert.is(again.report.damagedRegions, 1);
    await again.log.close();
  });
});

test('a long run of garbage at the end is damage, not a torn record', async () => {
  await inFolder(async (folder) => {
    const path = join(folder, 'log');
    await filled(path, 2);
    const garbage = Buffer.alloc(recordBytesMax + 1, 0xee);
    writeFileSync(path, Buffer.concat([readFileSync(path), garbage]));
    const { log, records, report } = await openPacketLog(path);
    assert.is(records.length, 2);
    assert.is(report.damagedBytes, garbage.length);
    assert.is.not(report.damagedCopy, null);
    await log.close();
  });
});

test('a bit flipped in the last record is damage, and said to be: a kill leaves no whole record that is wrong', async () => {
  await inFolder(async (folder) => {
    const path = join(folder, 'log');
    await filled(path, 3);
    const bytes = readFileSync(path);
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
    writeFileSync(path, bytes);
    const { log, records, report } = await openPacketLog(path);
    assert.is(records.length, 2);
    assert.is(report.damagedRegions, 1);
    assert.is(report.tornBytes, 0);
    assert.ok(report.damagedCopy !== null && existsSync(report.damagedCopy));
    await log.close();
  });
});

test('a file larger than any step is read in steps, and the thread stays free', async () => {
  await inFolder(async (folder) => {
    const path = join(folder, 'log');
    const { log } = await openPacketLog(path);
    for (let n = 0; n < 3000; n += 1) log.put({ ...recordOf(n, 0, 1198), keptAt: instant(n) });
    await log.close();
    let turns = 0;
    let isReading = true;
    const count = (): void => {
      turns += 1;
      if (isReading) setImmediate(count);
    };
    setImmediate(count);
    const again = await openPacketLog(path);
    isReading = false;
    assert.is(again.records.length, 3000);
    assert.ok(turns > 10, `others had ${turns} turns meanwhile`); // how long one takes is for the benchmark to say
    await again.log.close();
  });
});

test.run();
