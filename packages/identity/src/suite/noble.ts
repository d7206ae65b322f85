/**
 * The suite that runs everywhere: audited JavaScript, no native code. Verification is about 0.9 ms, so a browser
 * checks about a thousand signatures a second; the `node` suite does ten times that.
 */
import { chacha20, chacha20poly1305, xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import { ed25519, x25519 } from '@noble/curves/ed25519.js';
import { hkdf } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { scrypt } from '@noble/hashes/scrypt.js';
import { sha256, sha512 } from '@noble/hashes/sha2.js';
import { concat, equalBytes } from '@srp/machine';
import { keyBytes, tagBytes } from '../constants.js';
import { checkCounter, checkHkdf, checkKey, checkLongNonce, checkNonce, checkScrypt } from './check.js';
import { isKeyAllowed, isSignatureAllowed } from './ed25519-rule.js';
import type { CryptoSuite } from './suite.js';

const { Point } = ed25519;

export const suite: CryptoSuite = {
  name: 'noble',

  sha256: (...parts) => sha256(joined(parts)),
  hmacSha256: (key, ...parts) => hmac(sha256, key, joined(parts)),
  hkdfSha256: (ikm, salt, info, length) => {
    checkHkdf(length);
    return hkdf(sha256, ikm, salt, info, length);
  },

  ed25519PublicKey: (seed) => {
    checkKey('derive a public key', seed);
    return ed25519.getPublicKey(seed);
  },
  ed25519Sign: (seed, message) => {
    checkKey('sign', seed);
    return ed25519.sign(message, seed);
  },
  ed25519Verify: (publicKey, message, signature) => {
    if (!isKeyAllowed(publicKey) || !isSignatureAllowed(signature)) return false;
    try {
      const r = signature.subarray(0, keyBytes);
      const s = Point.Fn.fromBytes(signature.subarray(keyBytes));
      const k = Point.Fn.create(littleEndian(sha512(concat(r, publicKey, message))));
      const a = Point.fromBytes(publicKey);
      return equalBytes(Point.BASE.multiplyUnsafe(s).subtract(a.multiplyUnsafe(k)).toBytes(), r);
    } catch {
      return false; // not a point of the curve
    }
  },

  x25519PublicKey: (secretKey) => {
    checkKey('derive a public key', secretKey);
    return x25519.getPublicKey(secretKey);
  },
  x25519: (secretKey, publicKey) => {
    checkKey('agree on a secret', secretKey);
    if (publicKey.length !== keyBytes) return null;
    try {
      return x25519.getSharedSecret(secretKey, publicKey);
    } catch {
      return null; // all zeros: a low-order point
    }
  },

  chachaSeal: (key, nonce, aad, plaintext, headBytes = 0) => {
    checkKey('seal', key);
    checkNonce('seal', nonce);
    const sealed = chacha20poly1305(key, nonce, aad).encrypt(plaintext);
    return headBytes === 0 ? sealed : concat(new Uint8Array(headBytes), sealed);
  },
  chachaOpen: (key, nonce, aad, sealed) => {
    checkKey('open', key);
    checkNonce('open', nonce);
    return opened(() => chacha20poly1305(key, nonce, aad), sealed);
  },
  chachaStream: (key, nonce, counter, bytes) => {
    checkKey('encrypt', key);
    checkNonce('encrypt', nonce);
    checkCounter(counter, bytes.length);
    return chacha20(key, nonce, bytes, undefined, counter);
  },
  xchachaSeal: (key, nonce, aad, plaintext) => {
    checkKey('seal', key);
    checkLongNonce('seal', nonce);
    return xchacha20poly1305(key, nonce, aad).encrypt(plaintext);
  },
  xchachaOpen: (key, nonce, aad, sealed) => {
    checkKey('open', key);
    checkLongNonce('open', nonce);
    return opened(() => xchacha20poly1305(key, nonce, aad), sealed);
  },

  scrypt: (passphrase, salt, cost, length) => {
    checkScrypt(cost, length);
    const { N, r, p } = cost;
    return scrypt(passphrase, salt, { N, r, p, dkLen: length, maxmem: 128 * r * (N + p + 2) });
  },
};

const joined = (parts: readonly Uint8Array[]): Uint8Array => (parts.length === 1 && parts[0] !== undefined ? parts[0] : concat(...parts));

const opened = (cipher: () => { decrypt(sealed: Uint8Array): Uint8Array }, sealed: Uint8Array): Uint8Array | null => {
  if (sealed.length < tagBytes) return null;
  try {
    return cipher().decrypt(sealed);
  } catch {
    return null; // the tag does not hold
  }
};

const littleEndian = (bytes: Uint8Array): bigint => {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i -= 1) value = (value << 8n) | BigInt(bytes[i] ?? 0);
  return value;
};
