/**
 * The suite that OpenSSL backs, through node:crypto. What a signature must be beyond OpenSSL's own check is in
 * `ed25519-rule.ts`; OpenSSL's check is cofactorless and compares encodings, which is rule (c).
 */
import { hchacha } from '@noble/ciphers/chacha.js';
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  diffieHellman,
  hash as oneShotHash,
  hkdfSync,
  scryptSync,
  sign,
  verify,
} from 'node:crypto';
import { hashBytes, keyBytes, tagBytes } from '../constants.js';
import { publicBytes, publicKeyObject, secretKeyObject } from '../node/key-objects.js';
import { checkCounter, checkHkdf, checkKey, checkLongNonce, checkNonce, checkScrypt } from './check.js';
import { isKeyAllowed, isSignatureAllowed } from './ed25519-rule.js';
import type { CryptoSuite } from './suite.js';

const algorithm = 'chacha20-poly1305';
/** Where the parts of a hash are put together: objects and all that is shorter. Wiped after each use, for a part may be a secret. */
const joined = new Uint8Array(2048);

const firstBlock = Uint8Array.of(1);
const secondBlock = Uint8Array.of(2);

export const suite: CryptoSuite = {
  name: 'node',

  sha256: (...parts) => {
    if (parts.length === 1) return hashOne(parts[0] as Uint8Array);
    let length = 0;
    for (const part of parts) length += part.length;
    return length <= joined.length ? hashJoined(parts, length) : hashParts(parts);
  },
  hmacSha256: (key, ...parts) => {
    const mac = createHmac('sha256', key);
    for (const part of parts) mac.update(part);
    return new Uint8Array(mac.digest());
  },
  hkdfSha256: (ikm, salt, info, length) => {
    checkHkdf(length);
    if (length <= 2 * hashBytes) return hkdfBlocks(ikm, salt, info, length);
    return new Uint8Array(hkdfSync('sha256', ikm, salt, info, length));
  },

  ed25519PublicKey: (seed) => {
    checkKey('derive a public key', seed);
    return publicBytes(secretKeyObject('Ed25519', seed));
  },
  ed25519Sign: (seed, message) => {
    checkKey('sign', seed);
    return new Uint8Array(sign(null, message, secretKeyObject('Ed25519', seed)));
  },
  ed25519Verify: (publicKey, message, signature) => {
    if (!isKeyAllowed(publicKey) || !isSignatureAllowed(signature)) return false;
    return verify(null, message, publicKeyObject('Ed25519', publicKey), signature);
  },

  x25519PublicKey: (secretKey) => {
    checkKey('derive a public key', secretKey);
    return publicBytes(secretKeyObject('X25519', secretKey));
  },
  x25519: (secretKey, publicKey) => {
    checkKey('agree on a secret', secretKey);
    if (publicKey.length !== keyBytes) return null;
    const pair = { privateKey: secretKeyObject('X25519', secretKey), publicKey: publicKeyObject('X25519', publicKey) };
    try {
      return new Uint8Array(diffieHellman(pair));
    } catch {
      return null; // all zeros: a low-order point
    }
  },

  chachaSeal: (key, nonce, aad, plaintext, headBytes = 0) => {
    checkKey('seal', key);
    checkNonce('seal', nonce);
    return sealed(key, nonce, aad, plaintext, headBytes);
  },
  chachaOpen: (key, nonce, aad, bytes) => {
    checkKey('open', key);
    checkNonce('open', nonce);
    return opened(key, nonce, aad, bytes);
  },
  chachaStream: (key, nonce, counter, bytes) => {
    checkKey('encrypt', key);
    checkNonce('encrypt', nonce);
    checkCounter(counter, bytes.length);
    return plain(createCipheriv('chacha20', key, counterAndNonce(counter, nonce)).update(bytes));
  },
  xchachaSeal: (key, nonce, aad, plaintext) => {
    checkKey('seal', key);
    checkLongNonce('seal', nonce);
    return withSubKey(key, nonce, (sub, short) => sealed(sub, short, aad, plaintext, 0));
  },
  xchachaOpen: (key, nonce, aad, bytes) => {
    checkKey('open', key);
    checkLongNonce('open', nonce);
    return withSubKey(key, nonce, (sub, short) => opened(sub, short, aad, bytes));
  },

  scrypt: (passphrase, salt, cost, length) => {
    checkScrypt(cost, length);
    const { N, r, p } = cost;
    return new Uint8Array(scryptSync(passphrase, salt, length, { N, r, p, maxmem: 128 * r * (N + p + 2) }));
  },
};

/** One call that hashes takes half the time of a hash that is made, fed with each part and asked. */
function hashJoined(parts: readonly Uint8Array[], length: number): Uint8Array {
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  const hash = hashOne(joined.subarray(0, length));
  joined.fill(0, 0, length);
  return hash;
}

/** A text of 32 characters, of which bytes are made here, takes two thirds of the time of a Buffer, which has memory of its own outside of the heap. */
function hashOne(bytes: Uint8Array): Uint8Array {
  const text = oneShotHash('sha256', bytes, 'binary');
  const hash = new Uint8Array(hashBytes);
  for (let i = 0; i < hashBytes; i += 1) hash[i] = text.charCodeAt(i);
  return hash;
}

/** At most two blocks of HKDF are three HMACs, which take half the time of `hkdfSync`. RFC 5869 section 2. */
function hkdfBlocks(ikm: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  const extracted = createHmac('sha256', salt).update(ikm).digest();
  const first = createHmac('sha256', extracted).update(info).update(firstBlock).digest();
  if (length <= hashBytes) return new Uint8Array(first).slice(0, length);
  const out = new Uint8Array(length);
  out.set(first);
  out.set(createHmac('sha256', extracted).update(first).update(info).update(secondBlock).digest().subarray(0, length - hashBytes), hashBytes);
  return out;
}

function hashParts(parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
}

function sealed(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array, headBytes: number): Uint8Array {
  const cipher = createCipheriv(algorithm, key, nonce, { authTagLength: tagBytes });
  if (aad.length > 0) cipher.setAAD(aad, { plaintextLength: plaintext.length });
  const bytes = new Uint8Array(headBytes + plaintext.length + tagBytes);
  bytes.set(cipher.update(plaintext), headBytes);
  cipher.final();
  bytes.set(cipher.getAuthTag(), headBytes + plaintext.length);
  return bytes;
}

function opened(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, bytes: Uint8Array): Uint8Array | null {
  if (bytes.length < tagBytes) return null;
  const length = bytes.length - tagBytes;
  const decipher = createDecipheriv(algorithm, key, nonce, { authTagLength: tagBytes });
  if (aad.length > 0) decipher.setAAD(aad, { plaintextLength: length });
  decipher.setAuthTag(bytes.subarray(length));
  const plaintext = decipher.update(bytes.subarray(0, length));
  try {
    decipher.final();
  } catch {
    plaintext.fill(0);
    return null; // the tag does not hold: what was deciphered never leaves
  }
  return plain(plaintext);
}

/** The same memory without the methods of a Buffer. */
function plain(bytes: Buffer): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** The 16 bytes in which OpenSSL takes both: the counter little-endian, then the nonce. */
function counterAndNonce(counter: number, nonce: Uint8Array): Uint8Array {
  const joint = new Uint8Array(16);
  new DataView(joint.buffer).setUint32(0, counter, true);
  joint.set(nonce, 4);
  return joint;
}

/** "expand 32-byte k", the constants of ChaCha20. */
const sigma = Uint32Array.of(0x61707865, 0x3320646e, 0x79622d32, 0x6b206574);
/** Where keys are made of long nonces: memory that is made anew costs more than the making. What is secret is wiped after each use. */
const [fromKey, fromNonce, subKey] = [wordsOf(8), wordsOf(4), wordsOf(8)];
/** Four zero bytes, then the last 8 of a long nonce. */
const shortNonce = new Uint8Array(12);

/** What `use` makes of the short nonce and HChaCha20 of the key and the first 16 bytes of the long nonce; it keeps neither. draft-irtf-cfrg-xchacha-03 section 2.2. */
function withSubKey<Result>(key: Uint8Array, nonce: Uint8Array, use: (key: Uint8Array, nonce: Uint8Array) => Result): Result {
  fromKey.bytes.set(key);
  for (let i = 0; i < fromNonce.bytes.length; i += 1) fromNonce.bytes[i] = nonce[i] as number;
  for (let i = 4; i < shortNonce.length; i += 1) shortNonce[i] = nonce[fromNonce.bytes.length - 4 + i] as number;
  try {
    hchacha(sigma, fromKey.words, fromNonce.words, subKey.words);
    return use(subKey.bytes, shortNonce);
  } finally {
    fromKey.words.fill(0);
    subKey.words.fill(0);
  }
}

/** The same memory as words and as bytes. */
function wordsOf(length: number): { readonly words: Uint32Array; readonly bytes: Uint8Array } {
  const words = new Uint32Array(length);
  return { words, bytes: new Uint8Array(words.buffer) };
}
