/**
 * The text of a key file. SPEC "Keys, topics and sealing" 9.
 *
 * ```
 * { "format": "srp key 1",                         in the clear          under a passphrase
 *   "publicKey": 32 bytes,
 *   "privateKey": 32 bytes,                        here                  -
 *   "scrypt": { "N", "r": 8, "p": 1, "salt": 16 }  -                     here
 *   "sealed": nonce 24 ‖ ciphertext 32 ‖ tag 16    -                     here
 *   "check": SHA-256 of all bytes above }
 * ```
 *
 * Bytes are lowercase hex. `check` needs no key: it tells a damaged file from a wrong passphrase, which a tag alone
 * cannot. It proves nothing against someone who can write the file; the tag does, for a file under a passphrase.
 */
import { suite } from '#suite';
import { concat, equalBytes, fromHex, type Random, toHex, utf8, utf8Text, writeU32 } from '@srp/machine';
import { scrypt } from 'node:crypto';
import { keyBytes, keyFileBytesMax, keyFileCostMax, keyFileCostMin, keyFileScrypt, labels, longNonceBytes, saltBytes, tagBytes } from '../constants.js';
import { IdentityError } from '../errors.js';
import { type KeyPair, keyPairOf } from '../keys.js';
import type { ScryptCost } from '../suite/suite.js';
import { passphraseBytes } from '../topic.js';

const format = 'srp key 1';

/** What a key file says, before any passphrase. */
type Contents = { readonly publicKey: Uint8Array } & (
  | { readonly kind: 'clear'; readonly privateKey: Uint8Array }
  | { readonly kind: 'sealed'; readonly cost: ScryptCost; readonly salt: Uint8Array; readonly sealed: Uint8Array }
);

/** The text of a key file for `keys`, under `passphrase` if there is one. */
export const encodeKeyFile = async (keys: KeyPair, random: Random, passphrase?: string, cost: ScryptCost = keyFileScrypt): Promise<string> => {
  const { publicKey, privateKey } = keyPairOf(keys.privateKey);
  if (passphrase === undefined) return textOf({ kind: 'clear', publicKey, privateKey });
  const salt = random.bytes(saltBytes);
  const nonce = random.bytes(longNonceBytes);
  const key = await passphraseKey(passphrase, salt, cost);
  const sealed = concat(nonce, suite.xchachaSeal(key, nonce, aadOf(publicKey, cost, salt), privateKey));
  return textOf({ kind: 'sealed', publicKey, cost, salt, sealed });
};

/**
 * The keys in the bytes of a key file. `name` names the file in messages. Throws `KEY_FILE_DAMAGED`, `KEY_FILE_UNKNOWN`,
 * `KEY_FILE_IN_THE_CLEAR`, `PASSPHRASE_NEEDED`, `PASSPHRASE_EMPTY`, `PASSPHRASE_WRONG`.
 */
export const decodeKeyFile = async (bytes: Uint8Array, name: string, passphrase?: string): Promise<KeyPair> => {
  const contents = read(bytes, name);
  const privateKey = contents.kind === 'clear' ? takeClear(contents.privateKey, name, passphrase) : await unseal(contents, name, passphrase);
  const keys = keyPairOf(privateKey);
  if (!equalBytes(keys.publicKey, contents.publicKey)) throw damaged(name, 'its public key is not that of its private key');
  return keys;
};

/** Whether the bytes hold a private key that needs no passphrase. Says true of anything it cannot read. */
export const isInTheClear = (bytes: Uint8Array): boolean => {
  try {
    return read(bytes, '').kind === 'clear';
  } catch {
    return true;
  }
};

function takeClear(privateKey: Uint8Array, name: string, passphrase: string | undefined): Uint8Array {
  if (passphrase === undefined) return privateKey;
  // Whoever gives a passphrase expects it to be needed; a file without one may have been put there by someone else.
  throw new IdentityError('KEY_FILE_IN_THE_CLEAR', `Cannot use the passphrase: ${name} holds its key in the clear. Load it without one, then save it with the passphrase and replace: true`);
}

async function unseal(contents: Extract<Contents, { kind: 'sealed' }>, name: string, passphrase: string | undefined): Promise<Uint8Array> {
  if (passphrase === undefined) throw new IdentityError('PASSPHRASE_NEEDED', `Cannot load ${name}: its key is under a passphrase, and none was given`);
  const { publicKey, cost, salt, sealed } = contents;
  const key = await passphraseKey(passphrase, salt, cost);
  const privateKey = suite.xchachaOpen(key, sealed.subarray(0, longNonceBytes), aadOf(publicKey, cost, salt), sealed.subarray(longNonceBytes));
  if (privateKey === null) throw new IdentityError('PASSPHRASE_WRONG', `Cannot load ${name}: the passphrase is wrong. The file is whole; try again`);
  return privateKey;
}

/** scrypt on the thread pool: half a second that the event loop does not feel. */
function passphraseKey(passphrase: string, salt: Uint8Array, { N, r, p }: ScryptCost): Promise<Uint8Array> {
  const bytes = passphraseBytes(passphrase);
  return new Promise((resolve, reject) => {
    scrypt(bytes, salt, keyBytes, { N, r, p, maxmem: 128 * r * (N + p + 2) }, (error, key) => {
      if (error === null) resolve(new Uint8Array(key));
      else reject(error);
    });
  });
}

function textOf(contents: Contents): string {
  const secret =
    contents.kind === 'clear'
      ? { privateKey: toHex(contents.privateKey) }
      : { scrypt: { ...contents.cost, salt: toHex(contents.salt) }, sealed: toHex(contents.sealed) };
  return `${JSON.stringify({ format, publicKey: toHex(contents.publicKey), ...secret, check: toHex(checkOf(contents)) }, null, 2)}\n`;
}

/** Field by field: what is parsed is `unknown` until then. */
function read(bytes: Uint8Array, name: string): Contents {
  const file = parsed(bytes, name);
  if (typeof file['format'] !== 'string') throw damaged(name, 'it has no format');
  if (file['format'] !== format) {
    throw new IdentityError('KEY_FILE_UNKNOWN', `Cannot load ${name}: it is no key file that this version knows (format must be "${format}"). Nothing was changed; use the program that wrote it`);
  }
  const hex = (from: Readonly<Record<string, unknown>>, field: string, length: number): Uint8Array => {
    const value = from[field];
    if (typeof value !== 'string' || value.length !== 2 * length || !/^[0-9a-f]*$/.test(value)) throw damaged(name, `${field} must be ${length} bytes of hex`);
    return fromHex(value);
  };
  const publicKey = hex(file, 'publicKey', keyBytes);
  const contents: Contents =
    'privateKey' in file
      ? { kind: 'clear', publicKey, privateKey: hex(file, 'privateKey', keyBytes) }
      : { kind: 'sealed', publicKey, ...costOf(file['scrypt'], hex, name), sealed: hex(file, 'sealed', longNonceBytes + keyBytes + tagBytes) };
  if (!equalBytes(hex(file, 'check', keyBytes), checkOf(contents))) throw damaged(name, 'its check does not fit its contents');
  return contents;
}

function costOf(value: unknown, hex: (from: Readonly<Record<string, unknown>>, field: string, length: number) => Uint8Array, name: string): { cost: ScryptCost; salt: Uint8Array } {
  if (!isRecord(value)) throw damaged(name, 'it holds neither a private key nor the cost of a passphrase');
  const { N, r, p } = value;
  const isCost = typeof N === 'number' && N >= keyFileCostMin && N <= keyFileCostMax && Number.isInteger(Math.log2(N));
  if (!isCost || r !== keyFileScrypt.r || p !== keyFileScrypt.p) {
    throw damaged(name, `its cost must be N ${keyFileCostMin}..${keyFileCostMax}, a power of two, r ${keyFileScrypt.r}, p ${keyFileScrypt.p}`);
  }
  return { cost: { N, r, p }, salt: hex(value, 'salt', saltBytes) };
}

function parsed(bytes: Uint8Array, name: string): Readonly<Record<string, unknown>> {
  if (bytes.length === 0) throw damaged(name, 'it is empty');
  if (bytes.length > keyFileBytesMax) throw damaged(name, `it is longer than ${keyFileBytesMax} bytes`);
  const text = utf8Text(bytes);
  if (text === null) throw damaged(name, 'it is not UTF-8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw damaged(name, 'it is not JSON'); // no cause: a parser's message may quote the key
  }
  if (!isRecord(value)) throw damaged(name, 'it is not a JSON object');
  if (!isPlain(text, value)) throw damaged(name, 'it holds an escape, a member twice, or a number that is not written in digits alone');
  return value;
}

/** Whether there was but one way to write it, spaces aside: what JSON leaves open, parsers decide each in their own way. */
const isPlain = (text: string, value: unknown): boolean => !text.includes('\\') && text.replace(/("[^"]*")|\s+/g, '$1') === JSON.stringify(value);

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);

const damaged = (name: string, how: string): IdentityError =>
  new IdentityError('KEY_FILE_DAMAGED', `Cannot load ${name}: the key file is damaged, ${how}. It was left as it is. Restore it from a backup; to begin with a new identity, move it away first`);

function checkOf(contents: Contents): Uint8Array {
  const secret = contents.kind === 'clear' ? [Uint8Array.of(0), contents.privateKey] : [Uint8Array.of(1), costBytes(contents.cost), contents.salt, contents.sealed];
  return suite.sha256(utf8(labels.keyFile), contents.publicKey, ...secret);
}

const aadOf = (publicKey: Uint8Array, cost: ScryptCost, salt: Uint8Array): Uint8Array => concat(utf8(labels.keyFile), publicKey, costBytes(cost), salt);

/** N, r, p as big-endian u32. */
function costBytes({ N, r, p }: ScryptCost): Uint8Array {
  const bytes = new Uint8Array(12);
  writeU32(bytes, 0, N);
  writeU32(bytes, 4, r);
  writeU32(bytes, 8, p);
  return bytes;
}
