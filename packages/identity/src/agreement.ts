/**
 * The X25519 form of an Ed25519 key, so that one key both signs and agrees: u = (1 + y) / (1 − y), RFC 7748 section 4.1.
 * SPEC "Keys, topics and sealing" 3. A and −A have the same X25519 form; who needs to know which, must have it signed.
 */
import { ed25519 } from '@noble/curves/ed25519.js';
import { BoundedMap, equalBytes, toHex } from '@srp/machine';
import { agreementKeysMax } from './constants.js';
import { sharedConversion, sharing } from './shared.js';
import { checkKey } from './suite/check.js';
import { isKeyAllowed } from './suite/ed25519-rule.js';

/** Converting takes 130 us of JavaScript in both suites, and a link asks again at each handshake with a peer. */
const known = new BoundedMap<string, Uint8Array>(agreementKeysMax);

/** How many agreement keys are remembered now, at most `agreementKeysMax`. */
export const agreementCount = (): number => known.size;

/**
 * The 32-byte X25519 key of an Ed25519 public key, or `null` if that is none that SRP allows: not 32 bytes, not
 * canonical, of small order or off the curve. The result is fresh.
 */
export const agreementPublicKey = (publicKey: Uint8Array): Uint8Array | null => {
  if (!isKeyAllowed(publicKey)) return null;
  const name = toHex(publicKey);
  const found = sharing() === 'nothing' ? undefined : known.touch(name);
  if (found !== undefined) return found.slice();
  try {
    if (sharing() === 'all') return sharedConversion(name, () => ed25519.utils.toMontgomery(publicKey));
    const converted = ed25519.utils.toMontgomery(publicKey);
    known.set(name, converted.slice());
    return converted;
  } catch {
    return null; // off the curve
  }
};

/** The 32-byte X25519 secret of an Ed25519 seed: the clamped first half of its SHA-512. Throws `KEY_LENGTH_WRONG`. */
export const agreementSecretKey = (privateKey: Uint8Array): Uint8Array => {
  checkKey('derive an agreement key', privateKey);
  return ed25519.utils.toMontgomerySecret(privateKey);
};

/** Agreement secrets beside the seeds they came of: a caller may overwrite the array. They go when the array goes. */
const secrets = new WeakMap<Uint8Array, { readonly seed: Uint8Array; readonly secret: Uint8Array }>();

/**
 * {@link agreementSecretKey}, always the same array for the same unchanged `privateKey`, so that whoever imports secrets by
 * their array imports it once. Nobody may write to it.
 */
export const heldAgreementSecret = (privateKey: Uint8Array): Uint8Array => {
  const held = secrets.get(privateKey);
  if (held !== undefined && equalBytes(held.seed, privateKey)) return held.secret;
  const secret = agreementSecretKey(privateKey);
  secrets.set(privateKey, { seed: new Uint8Array(privateKey), secret });
  return secret;
};
