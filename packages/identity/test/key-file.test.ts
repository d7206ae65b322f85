import { generateKeyPair, keyPairOf, seededRandom } from '@srp/identity';
import { loadKeyFile, loadOrCreateKeyFile, saveKeyFile, systemRandom } from '@srp/identity/node';
import { concat, toHex, utf8 } from '@srp/machine';
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite as uvu } from 'uvu';
import * as assert from 'uvu/assert';
import { linkNew } from '../dist/node/key-file.js';
import { decodeKeyFile, encodeKeyFile } from '../dist/node/key-file-format.js';

const test = uvu('key files');
const random = seededRandom(new Uint8Array(32).fill(21));
const keys = generateKeyPair(random);
const other = generateKeyPair(random);
const cheap = { N: 2 ** 14, r: 8, p: 1 };
const hasModes = process.platform !== 'win32';

let folder = '';
let path = '';
test.before.each(() => {
  folder = mkdtempSync(join(tmpdir(), 'srp-keys-'));
  path = join(folder, 'peer.key');
});
test.after.each(() => {
  rmSync(folder, { recursive: true, force: true });
});

const fails = async (code: string, attempt: Promise<unknown>): Promise<Error> => {
  try {
    await attempt;
  } catch (error) {
    assert.is((error as { code?: string }).code, code, String(error));
    return error as Error;
  }
  throw new Error(`it should have failed with ${code}`);
};
const put = (text: string | Uint8Array, mode = 0o600): void => writeFileSync(path, text, { mode });

test('give back the keys that were saved, for the owner alone, with nothing left beside them', async () => {
  await saveKeyFile(path, keys);
  assert.equal((await loadKeyFile(path)).privateKey, keys.privateKey);
  assert.equal((await loadKeyFile(path)).publicKey, keys.publicKey);
  if (hasModes) assert.is(statSync(path).mode & 0o777, 0o600);
  assert.equal(readdirSync(folder), ['peer.key']);
});

test('give back the keys under a passphrase, and hold them nowhere in the clear', async () => {
  await saveKeyFile(path, keys, { passphrase: 'six random words' });
  assert.equal((await loadKeyFile(path, { passphrase: 'six random words' })).privateKey, keys.privateKey);
  assert.not.ok(readFileSync(path, 'utf8').includes(toHex(keys.privateKey)));
  await fails('PASSPHRASE_NEEDED', loadKeyFile(path));
});

test('make the folders above them, closed to others', async () => {
  path = join(folder, 'a', 'b', 'peer.key');
  await saveKeyFile(path, keys);
  if (hasModes) assert.is(statSync(join(folder, 'a')).mode & 0o777, 0o700);
});

test('tell a wrong passphrase from a damaged file, and say what to do', async () => {
  const text = await encodeKeyFile(keys, systemRandom(), 'right', cheap);
  assert.equal((await decodeKeyFile(utf8(text), 'x', 'right')).privateKey, keys.privateKey);
  const wrong = await fails('PASSPHRASE_WRONG', decodeKeyFile(utf8(text), 'peer.key', 'wrong'));
  assert.match(wrong.message, /peer\.key.*whole.*try again/);
  await fails('PASSPHRASE_EMPTY', decodeKeyFile(utf8(text), 'x', ''));
  const damaged = await fails('KEY_FILE_DAMAGED', decodeKeyFile(utf8(text.replace(/(?<="sealed": ".{50})./, (digit) => (digit === '0' ? '1' : '0'))), 'peer.key', 'right'));
  assert.match(damaged.message, /left as it is.*backup.*move it away/);
});

test('take a passphrase however its letters are composed', async () => {
  const text = await encodeKeyFile(keys, systemRandom(), 'caf\u00e9', cheap);
  assert.equal((await decodeKeyFile(utf8(text), 'x', 'cafe\u0301')).privateKey, keys.privateKey);
});

test('are refused in the clear where a passphrase is expected', async () => {
  await saveKeyFile(path, keys);
  await fails('KEY_FILE_IN_THE_CLEAR', loadKeyFile(path, { passphrase: 'expected' }));
});

test('cut anywhere or with any character changed are damaged, never other keys', async () => {
  for (const passphrase of [undefined, 'p']) {
    const text = await encodeKeyFile(keys, systemRandom(), passphrase, cheap);
    // The last two characters are the closing brace and the end of the line; without the latter it is whole.
    for (let length = 0; length < text.length - 1; length += 7) await fails('KEY_FILE_DAMAGED', decodeKeyFile(utf8(text.slice(0, length)), 'x', passphrase));
    for (let at = text.indexOf('publicKey'); at < text.length - 1; at += 1) {
      if (/\s/.test(text[at] ?? '')) continue;
      const changed = text.slice(0, at) + (text[at] === '7' ? '3' : '7') + text.slice(at + 1);
      await fails('KEY_FILE_DAMAGED', decodeKeyFile(utf8(changed), 'x', passphrase));
    }
  }
});

test('of every shape but their own are refused before any work is done', async () => {
  const whole = JSON.parse(await encodeKeyFile(keys, systemRandom(), 'p', cheap)) as Record<string, unknown>;
  const shapes: [string, unknown][] = [
    ['KEY_FILE_DAMAGED', null],
    ['KEY_FILE_DAMAGED', []],
    ['KEY_FILE_DAMAGED', 'srp key 1'],
    ['KEY_FILE_DAMAGED', {}],
    ['KEY_FILE_DAMAGED', { format: 1 }],
    ['KEY_FILE_UNKNOWN', { format: 'srp key 2' }],
    ['KEY_FILE_DAMAGED', { ...whole, publicKey: 7 }],
    ['KEY_FILE_DAMAGED', { ...whole, publicKey: 'AA'.repeat(32) }],
    ['KEY_FILE_DAMAGED', { ...whole, scrypt: null }],
    ['KEY_FILE_DAMAGED', { ...whole, check: undefined }],
    ...[2 ** 30, 2 ** 21, 2 ** 13, 2 ** 14 + 1, -1, '16384', Number.NaN].map((N): [string, unknown] => ['KEY_FILE_DAMAGED', { ...whole, scrypt: { ...(whole['scrypt'] as object), N } }]),
    ...[1, 16, 1e9].map((r): [string, unknown] => ['KEY_FILE_DAMAGED', { ...whole, scrypt: { ...(whole['scrypt'] as object), r } }]),
  ];
  for (const [code, shape] of shapes) await fails(code, decodeKeyFile(utf8(JSON.stringify(shape)), 'x', 'p'));
});

test('have one way to be written, spaces aside', async () => {
  const clear = await encodeKeyFile(keys, systemRandom());
  const sealed = await encodeKeyFile(keys, systemRandom(), 'p', cheap);
  const spaced = clear.replaceAll(' "', '\t\r\n "').replaceAll(':', ' :');
  assert.equal((await decodeKeyFile(utf8(spaced), 'x')).privateKey, keys.privateKey);
  assert.equal((await decodeKeyFile(utf8(clear.replace('{', '{ "later": [1, { "two": null }],')), 'x')).privateKey, keys.privateKey);
  const padded = clear + ' '.repeat(4096 - clear.length);
  assert.equal((await decodeKeyFile(utf8(padded), 'x')).privateKey, keys.privateKey);
  for (const N of ['16384.0', '1.6384e4', '16384e0', '016384', '-16384', '1_6384', '"16384"', '16384, "N": 16384']) {
    await fails('KEY_FILE_DAMAGED', decodeKeyFile(utf8(sealed.replace('16384', N)), 'x', 'p'));
  }
  const others = [`${padded} `, `\u{feff}${clear}`, clear.replace('{', '{ "format": "srp key 1",'), clear.replace('srp', 's\\u0072p'), clear.replace('{', '{ "later": 1.0,'), `${clear}{}`, `[${clear}]`];
  for (const text of others) await fails('KEY_FILE_DAMAGED', decodeKeyFile(utf8(text), 'x'));
  await fails('KEY_FILE_DAMAGED', decodeKeyFile(concat(utf8(clear.replace('{', '{ "later": "')), Uint8Array.of(0xff), utf8('" }')), 'x'));
});

test('longer than any are damaged, however long, and read no further', async () => {
  const clear = await encodeKeyFile(keys, systemRandom());
  for (const more of [4097 - clear.length, 100_000]) {
    put(clear + ' '.repeat(more));
    const error = await fails('KEY_FILE_DAMAGED', loadOrCreateKeyFile(path));
    assert.match(error.message, /longer than 4096 bytes/);
  }
});

test('are never overwritten unasked, damaged or not', async () => {
  await saveKeyFile(path, keys);
  await fails('KEY_FILE_EXISTS', saveKeyFile(path, other));
  assert.equal((await loadOrCreateKeyFile(path)).publicKey, keys.publicKey);
  for (const damage of ['', '{', '{"format": "srp key 1"', 'hello', '\0'.repeat(400)]) {
    put(damage);
    await fails('KEY_FILE_DAMAGED', loadOrCreateKeyFile(path));
    await fails('KEY_FILE_EXISTS', saveKeyFile(path, other));
    assert.is(readFileSync(path, 'utf8'), damage);
  }
  put(`{"format":"srp key 9"}`);
  await fails('KEY_FILE_UNKNOWN', loadOrCreateKeyFile(path));
  assert.equal(readdirSync(folder), ['peer.key'], 'and nothing is left beside them');
});

test('are not overwritten on a disk without hard links either', async () => {
  const refuse = () => Promise.reject(Object.assign(new Error('no hard links here'), { code: 'EPERM' }));
  const temporary = join(folder, 'temporary');
  writeFileSync(temporary, 'new');
  put('old');
  await fails('EEXIST', linkNew(temporary, path, refuse));
  assert.is(readFileSync(path, 'utf8'), 'old');
  rmSync(path);
  await linkNew(temporary, path, refuse);
  assert.is(readFileSync(path, 'utf8'), 'new');
});

test('are replaced when asked, as to put them under a passphrase', async () => {
  await saveKeyFile(path, keys);
  await saveKeyFile(path, keys, { passphrase: 'now', replace: true });
  await fails('PASSPHRASE_NEEDED', loadKeyFile(path));
  await saveKeyFile(path, other, { replace: true });
  assert.equal((await loadKeyFile(path)).publicKey, other.publicKey);
  assert.equal(readdirSync(folder), ['peer.key']);
});

test('behind a symbolic link are replaced where they are, so that no old key stays behind', async () => {
  const real = join(folder, 'real.key');
  await saveKeyFile(real, keys);
  symlinkSync(real, path);
  await saveKeyFile(path, other, { replace: true });
  assert.equal((await loadKeyFile(real)).publicKey, other.publicKey);
  assert.is(readlinkSync(path), real);
});

test('are made when there are none, and are then the same each time', async () => {
  const made = await loadOrCreateKeyFile(path);
  assert.equal((await loadOrCreateKeyFile(path)).privateKey, made.privateKey);
  const seeded = await loadOrCreateKeyFile(join(folder, 'seeded.key'), seededRandom(new Uint8Array(32)));
  assert.equal(seeded.publicKey, generateKeyPair(seededRandom(new Uint8Array(32))).publicKey);
  assert.not.equal((await loadOrCreateKeyFile(join(folder, 'third.key'))).publicKey, made.publicKey);
});

test('that others can read are refused in the clear, not under a passphrase', async () => {
  if (!hasModes) return;
  await saveKeyFile(path, keys);
  for (const mode of [0o640, 0o604, 0o620, 0o644, 0o666]) {
    chmodSync(path, mode);
    const error = await fails('KEY_FILE_EXPOSED', loadOrCreateKeyFile(path));
    assert.match(error.message, /chmod 600/);
  }
  put(await encodeKeyFile(keys, systemRandom(), 'p', cheap));
  chmodSync(path, 0o644);
  assert.equal((await loadKeyFile(path, { passphrase: 'p' })).publicKey, keys.publicKey);
});

test('that are missing, a folder, a pipe or under a file fail each with its own words', async () => {
  await fails('KEY_FILE_MISSING', loadKeyFile(path));
  await fails('KEY_FILE_UNREADABLE', loadKeyFile(folder));
  await fails('KEY_FILE_EXISTS', saveKeyFile(folder, keys));
  await fails('KEY_FILE_UNWRITABLE', saveKeyFile(folder, keys, { replace: true }));
  put('x');
  await fails('KEY_FILE_UNREADABLE', loadKeyFile(join(path, 'below')));
  await fails('KEY_FILE_UNWRITABLE', saveKeyFile(join(path, 'below'), keys));
  if (hasModes) {
    const pipe = join(folder, 'pipe');
    assert.is(await run('mkfifo', [pipe]), '');
    await fails('KEY_FILE_UNREADABLE', loadKeyFile(pipe));
  }
  assert.is(readFileSync(path, 'utf8'), 'x');
});

test('do not quote their contents in an error', async () => {
  const secret = toHex(keys.privateKey);
  for (const text of [`{"format": "srp key 1", "privateKey": "${secret}"`, `{"format": "srp key 1", "publicKey": "${secret}", "privateKey": "${secret}", "check": "${secret}"}`, secret]) {
    const error = await fails('KEY_FILE_DAMAGED', decodeKeyFile(utf8(text), 'x'));
    assert.not.ok(`${error.stack ?? ''} ${String(error.cause)}`.includes(secret.slice(0, 8)));
  }
});

test('are the same for processes that start at once', async () => {
  const code = `import { loadOrCreateKeyFile } from '@srp/identity/node'; console.log(Buffer.from((await loadOrCreateKeyFile(process.argv[1])).publicKey).toString('hex'))`;
  const seen = await Promise.all(Array.from({ length: 4 }, () => run(process.execPath, ['--input-type=module', '-e', code, path])));
  assert.is(new Set(seen).size, 1);
  assert.is(seen[0]?.trim(), toHex((await loadKeyFile(path)).publicKey));
});

test('survive a kill at any moment of being replaced', async () => {
  await saveKeyFile(path, keys);
  const code = `
    import { generateKeyPair } from '@srp/identity';
    import { saveKeyFile, systemRandom } from '@srp/identity/node';
    console.log('ready');
    for (;;) await saveKeyFile(process.argv[1], generateKeyPair(systemRandom()), { replace: true });`;
  for (let round = 0; round < 3; round += 1) {
    const child = spawn(process.execPath, ['--input-type=module', '-e', code, path], { cwd: packageFolder, stdio: ['ignore', 'pipe', 'inherit'] });
    const closed = new Promise((resolve) => child.on('close', resolve));
    await new Promise((resolve) => child.stdout.once('data', resolve));
    const before = toHex((await loadKeyFile(path)).publicKey);
    // Some replacements happen, then the kill: as many as the round says, so that it strikes at different places.
    for (let seen = before, changes = 0; changes <= round; ) {
      const now = toHex((await loadKeyFile(path)).publicKey);
      if (now !== seen) changes += 1;
      seen = now;
    }
    child.kill('SIGKILL');
    await closed;
    await loadKeyFile(path);
  }
  for (const name of readdirSync(folder)) if (hasModes) assert.is(statSync(join(folder, name)).mode & 0o077, 0, `${name}, left over, is closed to others`);
});

test('take the key pair from its seed, whatever public key stands beside it', async () => {
  await saveKeyFile(path, { publicKey: other.publicKey, privateKey: keys.privateKey });
  assert.equal((await loadKeyFile(path)).publicKey, keyPairOf(keys.privateKey).publicKey);
});

const packageFolder = fileURLToPath(new URL('..', import.meta.url));

function run(command: string, options: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, options, { cwd: packageFolder, stdio: ['ignore', 'pipe', 'inherit'] });
    let out = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(out);
      else reject(new Error(`${command} ended with ${String(code)}`));
    });
  });
}

test.run();
