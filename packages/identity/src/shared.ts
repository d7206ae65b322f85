/**
 * What the peers of a simulated network may share: results of functions that depend on their arguments alone.
 *
 * A thousand simulated peers in one process check one signature a thousand times, both sides of a handshake
 * compute the same secrets, and what one side of a session seals the other one opens. Whoever asks second gets the answer that the first one was given: the same bytes, the same
 * verdict, so nothing that a peer does can depend on it. `@srp/sim` proves it by runs with and without.
 *
 * It is not for peers of the real world: shared secrets stay in memory after their handshake, which forward secrecy
 * forbids. Nothing is kept here unless `shareResults('all')` was called.
 */
import { suite as bare } from '#suite';
import { BoundedMap } from '@srp/machine';
import { keyBytes, sharedResultsMax } from './constants.js';
import { SealedLately } from './sealed-lately.js';
import type { CryptoSuite } from './suite/suite.js';
import { textOf } from './verdicts.js';

/** `usual`: what every process remembers, the latest good signatures. `all`: everything below. `nothing`: each peer computes for itself. */
export type Sharing = 'usual' | 'all' | 'nothing';

let mode: Sharing = 'usual';
const publicKeys = new BoundedMap<string, string>(sharedResultsMax);
const agreements = new BoundedMap<string, Uint8Array>(sharedResultsMax);
const verdicts = new BoundedMap<string, boolean>(sharedResultsMax);
const converted = new BoundedMap<string, Uint8Array>(sharedResultsMax);
let sealedLately: SealedLately | null = null;

/** Says what is shared from now on, and returns what was before. For simulators and tests. */
export const shareResults = (sharing: Sharing): Sharing => {
  const before = mode;
  mode = sharing;
  return before;
};

/** Forgets everything that is shared. */
export const forgetResults = (): void => {
  for (const results of [publicKeys, agreements, verdicts, converted]) results.clear();
  sealedLately = null;
};

/** What is shared now. */
export const sharing = (): Sharing => mode;

/** The suite of this process, with agreements and what is sealed without associated data shared while `all` is. */
export const suite: CryptoSuite = {
  ...bare,
  x25519PublicKey: (secretKey) => (mode === 'all' ? bytesOf(publicKeyOf(secretKey)) : bare.x25519PublicKey(secretKey)),
  x25519: (secretKey, publicKey) => (mode === 'all' ? agreed(secretKey, publicKey) : bare.x25519(secretKey, publicKey)),
  chachaSeal: (key, nonce, aad, plaintext, headBytes = 0) => {
    const bytes = bare.chachaSeal(key, nonce, aad, plaintext, headBytes);
    if (mode === 'all' && aad.length === 0) (sealedLately ??= new SealedLately()).remember(key, nonce, plaintext, bytes.subarray(headBytes));
    return bytes;
  },
  chachaOpen: (key, nonce, aad, sealed) => {
    const known = mode === 'all' && aad.length === 0 ? sealedLately?.plaintextOf(key, nonce, sealed) : null;
    return known ?? bare.chachaOpen(key, nonce, aad, sealed);
  },
};

/** The verdict on a triple of this name, computed if it is not known. */
export const sharedVerdict = (name: string, compute: () => boolean): boolean => {
  const known = verdicts.get(name);
  if (known !== undefined) return known;
  const verdict = compute();
  verdicts.set(name, verdict);
  return verdict;
};

/** The agreement key of a public key of this name, computed if it is not known; fresh. */
export const sharedConversion = (name: string, compute: () => Uint8Array): Uint8Array => {
  let known = converted.get(name);
  if (known === undefined) {
    known = compute();
    converted.set(name, known);
  }
  return known.slice();
};

/** a·B = b·A: the name of a secret is the pair of public keys, the lesser first, so that both sides find it. */
function agreed(secretKey: Uint8Array, publicKey: Uint8Array): Uint8Array | null {
  if (publicKey.length !== keyBytes) return bare.x25519(secretKey, publicKey);
  const own = publicKeyOf(secretKey);
  const other = textOf(publicKey);
  const name = own < other ? own + other : other + own;
  const known = agreements.get(name);
  if (known !== undefined) return known.slice();
  const secret = bare.x25519(secretKey, publicKey);
  if (secret !== null) agreements.set(name, secret.slice());
  return secret;
}

function publicKeyOf(secretKey: Uint8Array): string {
  const name = textOf(secretKey);
  const known = publicKeys.get(name);
  if (known !== undefined) return known;
  const publicKey = textOf(bare.x25519PublicKey(secretKey));
  publicKeys.set(name, publicKey);
  return publicKey;
}

const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));
