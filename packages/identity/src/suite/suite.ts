/**
 * The primitives SRP stands on, as one interface with two implementations: `noble` runs everywhere, `node` is backed
 * by OpenSSL. They agree byte for byte and verdict for verdict; a peer that judged otherwise could be used to split
 * the network. SPEC "Keys, topics and sealing" section 2.
 *
 * What a peer sent never throws: a wrong length, a bad point or a forged tag gives `false` or `null`. A key or nonce of
 * a wrong length is the caller's mistake and throws `KEY_LENGTH_WRONG`. Nothing given is kept or changed, and every
 * result is a fresh plain `Uint8Array`.
 */
export interface CryptoSuite {
  readonly name: 'noble' | 'node';

  /** SHA-256 of the parts joined: 32 bytes. FIPS 180-4. */
  readonly sha256: (...parts: readonly Uint8Array[]) => Uint8Array;
  /** HMAC-SHA256 of the parts joined: 32 bytes. `key` of any length. RFC 2104. */
  readonly hmacSha256: (key: Uint8Array, ...parts: readonly Uint8Array[]) => Uint8Array;
  /** HKDF-SHA256, extract then expand. `length` 1..8160 bytes, an empty `salt` stands for 32 zeros. RFC 5869. */
  readonly hkdfSha256: (ikm: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number) => Uint8Array;

  /** The 32-byte public key of a 32-byte seed. RFC 8032 section 5.1.5. */
  readonly ed25519PublicKey: (seed: Uint8Array) => Uint8Array;
  /** The deterministic 64-byte signature. The public key is derived from the seed, never taken from outside. */
  readonly ed25519Sign: (seed: Uint8Array, message: Uint8Array) => Uint8Array;
  /** Whether the signature holds by the one rule of SRP; see `ed25519-rule.ts`. Never throws. */
  readonly ed25519Verify: (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean;

  /** The 32-byte public key of a 32-byte secret, which is clamped on use. RFC 7748 section 6.1. */
  readonly x25519PublicKey: (secretKey: Uint8Array) => Uint8Array;
  /** The 32-byte shared secret, or `null` if `publicKey` is not 32 bytes or gives all zeros (a low-order point). */
  readonly x25519: (secretKey: Uint8Array, publicKey: Uint8Array) => Uint8Array | null;

  /** ChaCha20-Poly1305: ciphertext and 16-byte tag, behind `headBytes` zeros (none if absent) that are the caller's to write. `key` 32 bytes, `nonce` 12 bytes. RFC 8439. */
  readonly chachaSeal: (key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array, headBytes?: number) => Uint8Array;
  /** The plaintext, or `null` if the tag does not hold. */
  readonly chachaOpen: (key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, sealed: Uint8Array) => Uint8Array | null;
  /** ChaCha20 without a tag: `bytes` with the keystream of `key`, `nonce` (12 bytes) and block `counter` on, 0..2^32 - 1. The same again undoes it. RFC 8439 section 2.4. */
  readonly chachaStream: (key: Uint8Array, nonce: Uint8Array, counter: number, bytes: Uint8Array) => Uint8Array;
  /** XChaCha20-Poly1305: as {@link chachaSeal} with a 24-byte nonce that may be random. draft-irtf-cfrg-xchacha-03. */
  readonly xchachaSeal: (key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array) => Uint8Array;
  /** The plaintext, or `null` if the tag does not hold. */
  readonly xchachaOpen: (key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, sealed: Uint8Array) => Uint8Array | null;

  /** scrypt, synchronous and slow on purpose: 128·N·r bytes of memory. RFC 7914. */
  readonly scrypt: (passphrase: Uint8Array, salt: Uint8Array, cost: ScryptCost, length: number) => Uint8Array;
}

/** What scrypt costs: `N` a power of two, block size `r`, parallelism `p`. */
export interface ScryptCost {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}
