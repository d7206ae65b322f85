/**
 * The body of an object: sealed by the topic's key, always, so that a relay cannot tell a public topic from a private
 * one. SPEC "Keys, topics and sealing" 5.
 *
 * | off | size | field                                                                        |
 * | --- | ---- | ---------------------------------------------------------------------------- |
 * | 0   | 24   | nonce = HMAC(nonce key, aad ‖ 16 random bytes ‖ plaintext), its first 24 bytes |
 * | 24  | n    | XChaCha20 ciphertext                                                         |
 * | 24+n| 16   | Poly1305 tag over aad and ciphertext                                         |
 *
 * The nonce is hedged: with a random source that repeats itself, as after restoring a snapshot, only the same
 * plaintext under the same aad gets the same nonce, and then the bytes are the same too.
 */
import { suite } from '#suite';
import { concat, type Random } from '@srp/machine';
import { bodyOverheadBytes, hedgeBytes, longNonceBytes } from './constants.js';
import type { Topic } from './topic.js';

/** Seals `plaintext` for the members of `topic`: 40 bytes longer. `aad` is authenticated and has to be given again to open. */
export const sealBody = (topic: Topic, aad: Uint8Array, plaintext: Uint8Array, random: Random): Uint8Array => {
  const nonce = suite.hmacSha256(topic.nonceKey, aad, random.bytes(hedgeBytes), plaintext).slice(0, longNonceBytes);
  return concat(nonce, suite.xchachaSeal(topic.bodyKey, nonce, aad, plaintext));
};

/** The plaintext of a body, or `null` if it was not sealed with this topic's key and this `aad`. Never throws for `body`. */
export const openBody = (topic: Topic, aad: Uint8Array, body: Uint8Array): Uint8Array | null => {
  if (body.length < bodyOverheadBytes) return null;
  return suite.xchachaOpen(topic.bodyKey, body.subarray(0, longNonceBytes), aad, body.subarray(longNonceBytes));
};
