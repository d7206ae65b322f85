/**
 * A text to one recipient, inside the plaintext of an object. SPEC "Keys, topics and sealing" 6.
 *
 * | off | size | field                                           |
 * | --- | ---- | ----------------------------------------------- |
 * | 0   | 32   | epk, a one-use X25519 public key                |
 * | 32  | n    | XChaCha20 ciphertext, nonce of 24 zeros         |
 * | 32+n| 16   | Poly1305 tag over ciphertext and aad            |
 *
 * R is the recipient's key in X25519 form; key = HKDF(X25519(e, R) ‖ epk ‖ R, "srp1 seal");
 * aad = "srp1 seal" ‖ author 32 ‖ topic id 32, so that nobody can pass it on under another name or elsewhere.
 *
 * It does not say who sent it: the signature of the object does. It has no forward secrecy towards the recipient's key.
 */
import { type AuthorId, concat, idBytes, type Random, type TopicId, utf8 } from '@srp/machine';
import { agreementPublicKey, heldAgreementSecret } from './agreement.js';
import { keyBytes, labels, longNonceBytes, sealedOverheadBytes } from './constants.js';
import { IdentityError } from './errors.js';
import type { KeyPair } from './keys.js';
import { suite } from './shared.js';

/** Where a sealed text belongs: who signs the object that carries it, and the topic it is published in. */
export interface SealContext {
  readonly author: AuthorId;
  readonly topic: TopicId;
}

/**
 * Seals `plaintext` to the owner of `recipient`, an Ed25519 public key: 48 bytes longer. Throws `KEY_REFUSED` if no
 * text can be sealed to that key.
 */
export const sealTo = (recipient: Uint8Array, context: SealContext, plaintext: Uint8Array, random: Random): Uint8Array => {
  const to = agreementPublicKey(recipient);
  if (to === null) throw new IdentityError('KEY_REFUSED', 'Cannot seal: the recipient is no Ed25519 key that SRP allows (32 bytes, canonical, on the curve, not of small order)');
  const aad = aadOf(context);
  // Hedged like a body's nonce: should the random source repeat itself, another plaintext still gets another key.
  const e = suite.hmacSha256(random.bytes(keyBytes), to, aad, plaintext);
  const epk = suite.x25519PublicKey(e);
  const shared = suite.x25519(e, to);
  if (shared === null) throw new IdentityError('KEY_REFUSED', 'Cannot seal: the recipient key gives no shared secret');
  return concat(epk, suite.xchachaSeal(sealKey(shared, epk, to), zeroNonce, aad, plaintext));
};

/** The plaintext that was sealed to `keys` in this context, or `null`. Never throws for `sealed`. */
export const openSealed = (keys: KeyPair, context: SealContext, sealed: Uint8Array): Uint8Array | null => {
  if (sealed.length < sealedOverheadBytes) return null;
  const own = agreementPublicKey(keys.publicKey);
  const epk = sealed.subarray(0, keyBytes);
  const shared = suite.x25519(heldAgreementSecret(keys.privateKey), epk);
  if (own === null || shared === null) return null;
  return suite.xchachaOpen(sealKey(shared, epk, own), zeroNonce, aadOf(context), sealed.subarray(keyBytes));
};

/** One key seals one text, so its nonce may be constant. */
const zeroNonce = new Uint8Array(longNonceBytes);

const sealKey = (shared: Uint8Array, epk: Uint8Array, to: Uint8Array): Uint8Array =>
  suite.hkdfSha256(concat(shared, epk, to), new Uint8Array(0), utf8(labels.seal), keyBytes);

const aadOf = ({ author, topic }: SealContext): Uint8Array => concat(utf8(labels.seal), idBytes(author), idBytes(topic));
