/** Ed25519 key pairs: made, signed with and verified. SPEC "Keys, topics and sealing" 2. */
import { suite } from '#suite';
import { type Random, toHex } from '@srp/machine';
import { keyBytes } from './constants.js';
import { Unprintable } from './secret.js';
import { sharedVerdict, sharing } from './shared.js';
import { checkKey } from './suite/check.js';
import { isAccepted, rememberAccepted, verdictName } from './verdicts.js';

/**
 * An Ed25519 key pair. `publicKey` has 32 bytes; `privateKey` is the 32-byte seed of RFC 8032, from which all else
 * follows. Whoever gets the seed is the owner: it never prints, but nothing keeps a caller from printing it.
 */
export interface KeyPair {
  readonly publicKey: Uint8Array;
  readonly privateKey: Uint8Array;
}

class SecretKeyPair extends Unprintable implements KeyPair {
  readonly publicKey: Uint8Array;
  readonly #privateKey: Uint8Array;

  constructor(privateKey: Uint8Array) {
    super();
    this.#privateKey = Uint8Array.from(privateKey);
    this.publicKey = suite.ed25519PublicKey(this.#privateKey);
  }

  get privateKey(): Uint8Array {
    return this.#privateKey;
  }

  override toString(): string {
    return `KeyPair(${toHex(this.publicKey)})`;
  }
}

/** A new key pair from 32 bytes of `random`. */
export const generateKeyPair = (random: Random): KeyPair => new SecretKeyPair(random.bytes(keyBytes));

/** The key pair of a 32-byte seed, which is copied. Throws `KEY_LENGTH_WRONG`. */
export const keyPairOf = (privateKey: Uint8Array): KeyPair => {
  checkKey('make a key pair', privateKey);
  return new SecretKeyPair(privateKey);
};

/**
 * The 64-byte Ed25519 signature of `message`. The same message gives the same bytes. Begin a message with a label of
 * its own purpose: what is signed for one use must not be valid for another.
 */
export const sign = (keys: KeyPair, message: Uint8Array): Uint8Array => suite.ed25519Sign(keys.privateKey, message);

/**
 * Whether `signature` over `message` is by the owner of `publicKey`, by the one rule of SRP. Any bytes may be given;
 * none throw. Good signatures are remembered, so asking again costs a hash.
 */
export const verify = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean => {
  const name = verdictName(publicKey, message, signature);
  if (name === null) return false;
  const check = (): boolean => suite.ed25519Verify(publicKey, message, signature);
  if (sharing() !== 'usual') return sharing() === 'all' ? sharedVerdict(name, check) : check();
  if (isAccepted(name)) return true;
  const isGood = check();
  if (isGood) rememberAccepted(name);
  return isGood;
};
