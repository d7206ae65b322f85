/** What reads files that a crash, a bad disk or somebody else has changed: key files and packet logs. */
import { equal, ok } from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { CacheError, type PacketRecord } from '@srp/cache';
import { openPacketLog } from '@srp/cache/node';
import { IdentityError, keyPairOf, suite } from '@srp/identity';
import { loadKeyFile, saveKeyFile } from '@srp/identity/node';
import { equalBytes, fromHex, readU16, readU32, toHex, utf8, writeU32 } from '@srp/machine';
import type { Chance } from '../chance.js';
import { mutated } from '../mutate.js';
import { author, packets, start } from '../samples.js';
import type { Subject, Target } from '../target.js';

/** A subject with a directory of its own. */
const inDirectory = async (subject: (path: string) => Omit<Subject, 'close'>): Promise<Subject> => {
  const directory = await mkdtemp(join(tmpdir(), 'srp-fuzz-'));
  return { ...subject(join(directory, 'file')), close: () => rm(directory, { recursive: true }) };
};

// Key files

const passphrase = 'correct horse';

/** The text of a key file, its check made to fit whatever it says now: so that what comes behind the check is reached too. */
const keyFileText = (fields: Readonly<Record<string, unknown>>): Uint8Array => {
  const bytes = (value: unknown): Uint8Array => (typeof value === 'string' && /^(?:[0-9a-f]{2})*$/.test(value) ? fromHex(value) : new Uint8Array(0));
  const check = suite.sha256(utf8('srp1 key file'), bytes(fields['publicKey']), Uint8Array.of(0), bytes(fields['privateKey']));
  return utf8(JSON.stringify({ ...fields, check: toHex(check) }));
};

const keyFileFields = { format: 'srp key 1', publicKey: toHex(author.publicKey), privateKey: toHex(author.privateKey) };
const sealedFields = { format: 'srp key 1', publicKey: keyFileFields.publicKey, scrypt: { N: 16_384, r: 8, p: 1, salt: '00'.repeat(16) }, sealed: '00'.repeat(72) };
const strangeValues: readonly unknown[] = [null, 0, -1, 1e99, '', 'srp key 2', 'zz', '00'.repeat(31), '00'.repeat(32), 'ff'.repeat(32), [], {}, true, { N: 2 ** 30, r: 8, p: 1, salt: '00' }, { N: 16_384.5, r: 8, p: 1 }];

const strangeKeyFile = (chance: Chance): Uint8Array => {
  if (chance.oneIn(2)) return mutated(chance, [keyFileText(keyFileFields), keyFileText(sealedFields)]);
  const fields: Record<string, unknown> = { ...(chance.oneIn(3) ? sealedFields : keyFileFields) };
  for (let left = 1 + chance.below(3); left > 0; left -= 1) fields[chance.pick(Object.keys(fields))] = chance.pick(strangeValues);
  return keyFileText(fields);
};

/** A key file is read, or refused with one of the codes of its package. */
const keyFile: Target = {
  name: 'key-file',
  inputsPerCase: 60,
  inputMsMax: 2000,
  grownBytesMax: 8 * 1024 * 1024,
  make: strangeKeyFile,
  open: () =>
    inDirectory((path) => ({
      feed: async (input) => {
        await writeFile(path, input, { mode: 0o600 });
        for (const options of [{}, { passphrase }]) {
          try {
            const { publicKey, privateKey } = await loadKeyFile(path, options);
            ok(equalBytes(keyPairOf(privateKey).publicKey, publicKey));
          } catch (error) {
            if (!(error instanceof IdentityError)) throw error;
            ok(!error.message.includes(keyFileFields.privateKey), 'the message tells the key');
          }
        }
        ok(equalBytes(await readFile(path), input), 'the file was changed');
      },
      check: async () => {
        await saveKeyFile(path, author, { replace: true });
        ok(equalBytes((await loadKeyFile(path)).privateKey, author.privateKey));
      },
    })),
};

// Packet logs

const record = (index: number): PacketRecord => {
  const { id, bytes } = packets[index % packets.length] as (typeof packets)[number];
  return { id, bytes, pool: index % 2 === 0 ? 'own' : 'stranger', keptAt: start, ingress: index % 3 === 0 ? '4:192.0.2' : null };
};

// The layout of packages/cache/src/node/format.ts: enough to find the records and make their CRC fit again.
const headerCopyBytes = 24;
const recordHeadBytes = 11;

const recordsOf = (log: Uint8Array): readonly (readonly [start: number, end: number])[] => {
  const found: [number, number][] = [];
  for (let at = 2 * headerCopyBytes; at + recordHeadBytes <= log.length; ) {
    const end = at + recordHeadBytes + readU16(log, at + 8);
    found.push([at, end]);
    at = end;
  }
  return found;
};

/** Makes the CRC of the record at these offsets fit. */
const reseal = (log: Uint8Array, from: number, to: number): void => writeU32(log, from + 4, crc32(log.subarray(from + 8, to), readU32(log, 16)));

/** A log of all objects, one of them deleted, with a mark and a seed that are always the same. */
const goodLog = await (async (): Promise<Uint8Array> => {
  const directory = await mkdtemp(join(tmpdir(), 'srp-fuzz-'));
  const path = join(directory, 'log');
  const { log } = await openPacketLog(path);
  for (let i = 0; i < packets.length; i += 1) log.put(record(i));
  log.delete(record(0).id);
  await log.close();
  const bytes = new Uint8Array(await readFile(path));
  await rm(directory, { recursive: true });
  for (const at of [0, headerCopyBytes]) {
    writeU32(bytes, at + 12, 0x6d61_726b);
    writeU32(bytes, at + 16, 0x7365_6564);
    writeU32(bytes, at + 20, crc32(bytes.subarray(at, at + 20)));
  }
  for (const [from, to] of recordsOf(bytes)) {
    writeU32(bytes, from, 0x6d61_726b);
    reseal(bytes, from, to);
  }
  return bytes;
})();

/** A log with changes inside of one record whose CRC fits nevertheless, as whoever may write the file could make it. */
const resealed = (chance: Chance): Uint8Array => {
  const log = new Uint8Array(goodLog);
  const [from, to] = chance.pick(recordsOf(goodLog));
  const changed = mutated(chance, [log.slice(from + 10, to)]).subarray(0, to - from - 10);
  log.set(changed, from + 10);
  reseal(log, from, to);
  return log;
};

const fileErrors = new Set(['LOG_FILE_FOREIGN', 'LOG_VERSION_UNKNOWN']);

/** A log opens whatever it holds, or is left alone; what it then takes is there when it is opened again. */
const packetLog: Target = {
  name: 'packet-log',
  inputsPerCase: 20,
  inputMsMax: 1000,
  grownBytesMax: 8 * 1024 * 1024,
  make: (chance) => (chance.oneIn(3) ? resealed(chance) : mutated(chance, [goodLog])),
  open: () =>
    inDirectory((path) => ({
      feed: async (input) => {
        await writeFile(path, input);
        try {
          const { log, records } = await openPacketLog(path);
          ok(records.length <= packets.length * 3, `${records.length} records of ${packets.length}`);
          ok(log.put(record(1)));
          await log.close();
        } catch (error) {
          if (!(error instanceof CacheError) || !fileErrors.has(error.code)) throw error;
          ok(equalBytes(await readFile(path), input), 'a file that is no log was changed');
          return;
        }
        const again = await openPacketLog(path);
        await again.log.close();
        equal(again.records.at(-1)?.id, record(1).id, 'what was put is not the last record');
        equal(again.report.damagedBytes, 0, 'damage is left in a log that was opened');
      },
      check: async () => {
        await writeFile(path, goodLog);
        const { log, records } = await openPacketLog(path);
        await log.close();
        equal(records.length, packets.length - 1);
      },
    })),
};

export const files: readonly Target[] = [keyFile, packetLog];
