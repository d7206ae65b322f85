/**
 * A deterministic generator good enough for keys: ChaCha20 with fast key erasure. It is pure JavaScript in both suites,
 * so that one seed fixes a simulated network anywhere. SPEC "Keys, topics and sealing" 7.
 *
 * ```
 * stream key k0 = HMAC(seed, "srp1 random stream")     fork key f0 = HMAC(seed, "srp1 random fork")
 * block i       = ChaCha20(ki, nonce 0, counter 0), 512 bytes: 32 become k(i+1), 480 are given out in order
 * fork i        = seed HMAC(fi, 0x01 ‖ label);  f(i+1) = HMAC(fi, 0x00)
 * ```
 *
 * What was given out is erased, as is every key it came from: a memory image tells the future, never the past.
 */
import { suite } from '#suite';
import { chacha20 } from '@noble/ciphers/chacha.js';
import { type Random, readU32, utf8 } from '@srp/machine';
import { keyBytes, labels, nonceBytes, randomBlockBytes } from './constants.js';
import { IdentityError } from './errors.js';
import { Unprintable } from './secret.js';
import { checkKey } from './suite/check.js';

/**
 * The generator of a 32-byte seed. The same seed gives the same bytes on every machine. Two owners of one seed have
 * the same secrets: take it from the operating system (`systemRandom` of `@srp/identity/node`) wherever it is not a test.
 */
export const seededRandom = (seed: Uint8Array): Random => {
  checkKey('seed a generator', seed);
  return new SeededRandom(seed);
};

/** A uniform integer 0 <= n < `limit`, from `word`, which gives uniform ones below 2^32. Throws `RANDOM_RANGE_WRONG` unless `limit` is 1..2^32. */
export const uniformBelow = (word: () => number, limit: number): number => {
  if (!Number.isInteger(limit) || limit < 1 || limit > 2 ** 32) {
    throw new IdentityError('RANDOM_RANGE_WRONG', `Cannot draw a number: limit must be an integer 1..2^32, got ${limit}`);
  }
  const fair = 2 ** 32 - (2 ** 32 % limit); // above it the low numbers would come more often
  for (;;) {
    const drawn = word();
    if (drawn < fair) return drawn % limit;
  }
};

/** Throws `RANDOM_RANGE_WRONG` unless `count` is a whole number. */
export const checkCount = (count: number): void => {
  if (!Number.isSafeInteger(count) || count < 0) {
    throw new IdentityError('RANDOM_RANGE_WRONG', `Cannot draw bytes: count must be an integer >= 0, got ${count}`);
  }
};

const nonce = new Uint8Array(nonceBytes);
const zeros = new Uint8Array(randomBlockBytes);

class SeededRandom extends Unprintable implements Random {
  readonly #block = new Uint8Array(randomBlockBytes);
  readonly #key: Uint8Array;
  #forkKey: Uint8Array;
  #used = randomBlockBytes;

  constructor(seed: Uint8Array) {
    super();
    this.#key = suite.hmacSha256(seed, utf8(labels.randomStream));
    this.#forkKey = suite.hmacSha256(seed, utf8(labels.randomFork));
  }

  bytes(count: number): Uint8Array {
    checkCount(count);
    const drawn = new Uint8Array(count);
    for (let offset = 0; offset < count; ) {
      if (this.#used === randomBlockBytes) this.#refill();
      const end = Math.min(randomBlockBytes, this.#used + count - offset);
      drawn.set(this.#block.subarray(this.#used, end), offset);
      this.#block.fill(0, this.#used, end);
      offset += end - this.#used;
      this.#used = end;
    }
    return drawn;
  }

  below(limit: number): number {
    return uniformBelow(() => this.#word(), limit);
  }

  fork(label: string): Random {
    const seed = suite.hmacSha256(this.#forkKey, Uint8Array.of(1), utf8(label));
    this.#forkKey = suite.hmacSha256(this.#forkKey, Uint8Array.of(0));
    return new SeededRandom(seed);
  }

  override toString(): string {
    return 'Random(seeded)';
  }

  /** What the next 4 bytes are as a number, without an array for them: caches draw thousands a second. */
  #word(): number {
    if (this.#used + 4 > randomBlockBytes) return readU32(this.bytes(4), 0);
    const word = readU32(this.#block, this.#used);
    this.#block.fill(0, this.#used, this.#used + 4);
    this.#used += 4;
    return word;
  }

  #refill(): void {
    chacha20(this.#key, nonce, zeros, this.#block);
    this.#key.set(this.#block.subarray(0, keyBytes));
    this.#block.fill(0, 0, keyBytes);
    this.#used = keyBytes;
  }
}
