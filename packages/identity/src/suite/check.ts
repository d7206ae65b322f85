/** The checks of a caller's arguments, the same in both suites. */
import { chachaBlockBytes, hkdfBytesMax, keyBytes, longNonceBytes, nonceBytes } from '../constants.js';
import { IdentityError } from '../errors.js';
import type { ScryptCost } from './suite.js';

const check = (action: string, what: string, bytes: Uint8Array, length: number): void => {
  if (bytes.length !== length) {
    throw new IdentityError('KEY_LENGTH_WRONG', `Cannot ${action}: ${what} must be ${length} bytes, got ${bytes.length}`);
  }
};

/** Throws unless `key` has 32 bytes. */
export const checkKey = (action: string, key: Uint8Array): void => check(action, 'the key', key, keyBytes);

/** Throws unless `nonce` has the 12 bytes of ChaCha20-Poly1305. */
export const checkNonce = (action: string, nonce: Uint8Array): void => check(action, 'the nonce', nonce, nonceBytes);

/** Throws unless `nonce` has the 24 bytes of XChaCha20-Poly1305. */
export const checkLongNonce = (action: string, nonce: Uint8Array): void => check(action, 'the nonce', nonce, longNonceBytes);

/** Throws unless the keystream from block `counter` on is long enough. RFC 8439 section 2.3: the counter has 32 bits. */
export const checkCounter = (counter: number, length: number): void => {
  if (Number.isInteger(counter) && counter >= 0 && counter + Math.ceil(length / chachaBlockBytes) < 2 ** 32) return;
  throw new IdentityError('KEYSTREAM_EXHAUSTED', `Cannot encrypt: there are fewer than 2^32 blocks of ${chachaBlockBytes} bytes, got ${length} bytes from block ${counter} on`);
};

/** Throws unless `length` is 1..8160. */
export const checkHkdf = (length: number): void => {
  if (!Number.isInteger(length) || length < 1 || length > hkdfBytesMax) {
    throw new IdentityError('DERIVATION_WRONG', `Cannot derive a key: length must be 1..${hkdfBytesMax} bytes, got ${length}`);
  }
};

/** Throws unless the cost is one that RFC 7914 allows and `length` is a positive integer. */
export const checkScrypt = ({ N, r, p }: ScryptCost, length: number): void => {
  const isPower = Number.isInteger(N) && N >= 2 && N <= 2 ** 31 && Number.isInteger(Math.log2(N));
  const arePositive = [r, p, length].every((value) => Number.isInteger(value) && value >= 1 && value < 2 ** 30);
  if (!isPower || !arePositive || r * p >= 2 ** 30) {
    throw new IdentityError('DERIVATION_WRONG', `Cannot derive a key by scrypt: N must be a power of two and r, p, length positive, got N ${N}, r ${r}, p ${p}, length ${length}`);
  }
};
