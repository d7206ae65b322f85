/**
 * Which Ed25519 signatures are good: the part of the rule that libraries leave open. SPEC "Keys, topics and sealing" 2.1.
 *
 *  (a) the public key A is a canonical encoding (y < p) and none of the small-order points;
 *  (b) R is none of the small-order points, and S < L;
 *  (c) R equals, byte for byte, the encoding of [S]B − [k]A, where k = SHA-512(R ‖ A ‖ M) mod L. No cofactor.
 *
 * Here are (a) and (b), by bytes alone, for both suites. (c) is each suite's own. It is the rule of the Web Cryptography
 * API. Without one rule noble accepts a torsion component in R, node 20 and 22 accept a small-order A or R, node 24
 * neither, and whoever makes such a signature splits the caches.
 */
import { fromHex } from '@srp/machine';
import { keyBytes, signatureBytes } from '../constants.js';

/** p = 2^255 − 19, little-endian. */
const fieldOrder = littleEndian((1n << 255n) - 19n);
/** L = 2^252 + 27742317777372353535851937790883648493, little-endian. */
const groupOrder = littleEndian((1n << 252n) + 27742317777372353535851937790883648493n);

/** y of the points of order 1, 2, 4 and 8 (twice), little-endian. With the sign bit these are all eight of them. */
const smallOrderYs = [
  littleEndian(1n),
  littleEndian((1n << 255n) - 20n),
  littleEndian(0n),
  fromHex('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a'),
  fromHex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'),
];

/** Whether the bytes of `publicKey` pass (a). That it is on the curve at all remains for (c). */
export const isKeyAllowed = (publicKey: Uint8Array): boolean =>
  publicKey.length === keyBytes && isBelow(publicKey, 0, fieldOrder, withoutSign) && !isSmallOrder(publicKey);

/** Whether the bytes of `signature` pass (b). That R is canonical remains for (c), which no other R can pass. */
export const isSignatureAllowed = (signature: Uint8Array): boolean =>
  signature.length === signatureBytes && isBelow(signature, keyBytes, groupOrder, 0xff) && !isSmallOrder(signature);

// Read in place: copies of 32 bytes made these two checks cost as much as a hash. They run for every signature.

/** What stands of the last byte of an encoding beside the sign of x. */
const withoutSign = 0x7f;

/** Whether the first 32 bytes, whatever the sign of x, are a point of small order. */
function isSmallOrder(bytes: Uint8Array): boolean {
  for (const small of smallOrderYs) {
    let i = 0;
    while (i < keyBytes - 1 && bytes[i] === small[i]) i += 1;
    if (i === keyBytes - 1 && ((bytes[i] ?? 0) & withoutSign) === small[i]) return true;
  }
  return false;
}

/** Whether the 32 bytes at `offset` are less than `limit`, both little-endian; `mask` says what counts of the last one. */
function isBelow(bytes: Uint8Array, offset: number, limit: Uint8Array, mask: number): boolean {
  for (let i = keyBytes - 1; i >= 0; i -= 1) {
    const difference = ((bytes[offset + i] ?? 0) & (i === keyBytes - 1 ? mask : 0xff)) - (limit[i] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

function littleEndian(value: bigint): Uint8Array {
  return Uint8Array.from({ length: keyBytes }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));
}
