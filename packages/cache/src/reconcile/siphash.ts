/**
 * SipHash-2-4 (Aumasson, Bernstein 2012) of one short id, in 32-bit halves: BigInt is 60 times slower, and the one library
 * for it makes some 50 objects a call. Held to the authors' vector and to a plain twin by test/siphash.test.ts.
 */

/** A key, and the last hash made with it. One object for many calls: nothing is allocated in between. */
export class SipHasher {
  /** The last hash as a 64-bit number, in halves; signed, as `|` leaves them. */
  low = 0;
  high = 0;
  readonly #key: readonly [k0Low: number, k0High: number, k1Low: number, k1High: number];

  /** `key`: 16 bytes. */
  constructor(key: Uint8Array) {
    const view = new DataView(key.buffer, key.byteOffset, 16);
    this.#key = [view.getInt32(0, true), view.getInt32(4, true), view.getInt32(8, true), view.getInt32(12, true)];
  }

  /** Hashes the 8 bytes of an id, given as two big-endian halves. */
  hash(idHigh: number, idLow: number): void {
    const [k0Low, k0High, k1Low, k1High] = this.#key;
    const mLow = swapped(idHigh);
    const mHigh = swapped(idLow);
    let aL = k0Low ^ 0x70736575;
    let aH = k0High ^ 0x736f6d65;
    let bL = k1Low ^ 0x6e646f6d;
    let bH = k1High ^ 0x646f7261;
    let cL = k0Low ^ 0x6e657261;
    let cH = k0High ^ 0x6c796765;
    let dL = k1Low ^ 0x79746573 ^ mLow;
    let dH = k1High ^ 0x74656462 ^ mHigh;
    // Two rounds for the id, two for its length, four to finish.
    for (let round = 0; round < 8; round += 1) {
      if (round === 2) {
        aL ^= mLow;
        aH ^= mHigh;
        dH ^= lengthWord;
      } else if (round === 4) {
        aH ^= lengthWord;
        cL ^= 0xff;
      }
      let sum = (aL + bL) | 0;
      aH = (aH + bH + carryOf(aL, bL, sum)) | 0;
      aL = sum;
      let turned = (bL << 13) | (bH >>> 19);
      bH = ((bH << 13) | (bL >>> 19)) ^ aH;
      bL = turned ^ aL;
      turned = aL;
      aL = aH;
      aH = turned;

      sum = (cL + dL) | 0;
      cH = (cH + dH + carryOf(cL, dL, sum)) | 0;
      cL = sum;
      turned = (dL << 16) | (dH >>> 16);
      dH = ((dH << 16) | (dL >>> 16)) ^ cH;
      dL = turned ^ cL;

      sum = (aL + dL) | 0;
      aH = (aH + dH + carryOf(aL, dL, sum)) | 0;
      aL = sum;
      turned = (dL << 21) | (dH >>> 11);
      dH = ((dH << 21) | (dL >>> 11)) ^ aH;
      dL = turned ^ aL;

      sum = (cL + bL) | 0;
      cH = (cH + bH + carryOf(cL, bL, sum)) | 0;
      cL = sum;
      turned = (bL << 17) | (bH >>> 15);
      bH = ((bH << 17) | (bL >>> 15)) ^ cH;
      bL = turned ^ cL;
      turned = cL;
      cL = cH;
      cH = turned;
    }
    this.low = aL ^ bL ^ cL ^ dL;
    this.high = aH ^ bH ^ cH ^ dH;
  }
}

/** The last word: no bytes are left over, and the length, 8, stands at the top. */
const lengthWord = 8 << 24;

const swapped = (word: number): number => (word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24);

/** Whether `sum` is what is left of two words that overflowed: 1 or 0. Without a branch, which guesses every other of 32 a hash wrong. */
const carryOf = (one: number, other: number, sum: number): number => ((one & other) | ((one | other) & ~sum)) >>> 31;
