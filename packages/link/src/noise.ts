/**
 * Noise_IK_25519_ChaChaPoly_SHA256, revision 34, with prologue "srp1". SPEC, Handshake.
 *
 * ```
 *   <- s                      the initiator knows the responder's key
 *   -> e, es, s, ss           + payload: INIT
 *   <- e, ee, se              + payload: RESP, then both have two keys
 * ```
 *
 * One departure: a static key is hashed and travels in its Ed25519 form, which is the PeerId, while
 * Diffie-Hellman uses its X25519 form. The transcript therefore binds the exact PeerIds, though several
 * Ed25519 keys share one X25519 key; ephemeral keys are plain X25519.
 *
 * Knows nothing of datagrams, indices, macs or time. A message that does not verify gives `null` and leaves
 * the state as it was.
 */
import { agreementPublicKey, suite } from '@srp/identity';
import { concat, type Instant, type Random, utf8 } from '@srp/machine';
import { initNoiseOverheadBytes, keyBytes, responseNoiseOverheadBytes, sealTagBytes } from './constants.js';
import { writeCounter } from './codec.js';

const protocolName = utf8('Noise_IK_25519_ChaChaPoly_SHA256');
const prologue = utf8('srp1');
const nothing = new Uint8Array(0);

/** Our own static key, in both forms. */
export interface StaticKeys {
  /** Ed25519, 32 bytes: the PeerId. */
  readonly publicKey: Uint8Array;
  /** X25519, 32 bytes. */
  readonly agreementSecret: Uint8Array;
}

/** The keys a finished handshake leaves, 64 bytes: that of the initiator's packets, then that of the responder's. */
export type SplitKeys = Uint8Array;

/** What the initiator keeps between INIT and RESP. */
export interface InitiatorState {
  readonly keys: StaticKeys;
  readonly ephemeralSecret: Uint8Array;
  readonly symmetric: Symmetric;
}

/** What the responder keeps between reading INIT and writing RESP. */
export interface ResponderState {
  /** The initiator's Ed25519 key, 32 bytes, proved. */
  readonly remotePublicKey: Uint8Array;
  readonly remoteAgreement: Uint8Array;
  readonly remoteEphemeral: Uint8Array;
  readonly symmetric: Symmetric;
}

/** Noise's SymmetricState: chaining key, transcript hash, and the key of the moment (its nonce is always 0 here). */
interface Symmetric {
  readonly ck: Uint8Array;
  readonly h: Uint8Array;
  readonly k: Uint8Array | null;
}

/**
 * Writes the first message. `remotePublicKey` is the responder's Ed25519 key, `ephemeralSecret` 32 fresh random
 * bytes. `null` if that key is no point that a shared secret can be made with.
 */
export const writeInit = (
  keys: StaticKeys,
  remotePublicKey: Uint8Array,
  ephemeralSecret: Uint8Array,
  payload: Uint8Array,
): { readonly message: Uint8Array; readonly state: InitiatorState } | null => {
  const remoteAgreement = agreementPublicKey(remotePublicKey);
  if (remoteAgreement === null) return null;
  const es = suite.x25519(ephemeralSecret, remoteAgreement);
  const ss = suite.x25519(keys.agreementSecret, remoteAgreement);
  if (es === null || ss === null) return null;
  const e = suite.x25519PublicKey(ephemeralSecret);
  const sealedStatic = seal(mixKey(mixHash(start(remotePublicKey), e), es), keys.publicKey);
  const sealedPayload = seal(mixKey(sealedStatic.next, ss), payload);
  return {
    message: concat(e, sealedStatic.sealed, sealedPayload.sealed),
    state: { keys, ephemeralSecret, symmetric: sealedPayload.next },
  };
};

/** Reads the first message; `null` if it was not made for us by the holder of the key it names. */
export const readInit = (
  keys: StaticKeys,
  message: Uint8Array,
): { readonly payload: Uint8Array; readonly state: ResponderState } | null => {
  if (message.length < initNoiseOverheadBytes) return null;
  const remoteEphemeral = message.slice(0, keyBytes);
  const es = suite.x25519(keys.agreementSecret, remoteEphemeral);
  if (es === null) return null;
  const payloadAt = 2 * keyBytes + sealTagBytes;
  const opened = open(mixKey(mixHash(start(keys.publicKey), remoteEphemeral), es), message.subarray(keyBytes, payloadAt));
  if (opened === null) return null;
  const remotePublicKey = opened.plaintext;
  const remoteAgreement = agreementPublicKey(remotePublicKey);
  if (remoteAgreement === null) return null;
  const ss = suite.x25519(keys.agreementSecret, remoteAgreement);
  if (ss === null) return null;
  const last = open(mixKey(opened.next, ss), message.subarray(payloadAt));
  if (last === null) return null;
  return { payload: last.plaintext, state: { remotePublicKey, remoteAgreement, remoteEphemeral, symmetric: last.next } };
};

/** Writes the second message, and the responder is done. `null` if the initiator's ephemeral key is of low order. */
export const writeResponse = (
  state: ResponderState,
  ephemeralSecret: Uint8Array,
  payload: Uint8Array,
): { readonly message: Uint8Array; readonly keys: SplitKeys } | null => {
  const ee = suite.x25519(ephemeralSecret, state.remoteEphemeral);
  const se = suite.x25519(ephemeralSecret, state.remoteAgreement);
  if (ee === null || se === null) return null;
  const e = suite.x25519PublicKey(ephemeralSecret);
  const { sealed, next } = seal(mixKey(mixKey(mixHash(state.symmetric, e), ee), se), payload);
  return { message: concat(e, sealed), keys: split(next) };
};

/** Reads the second message, and the initiator is done; `null` if it is not the answer to ours. */
export const readResponse = (
  state: InitiatorState,
  message: Uint8Array,
): { readonly payload: Uint8Array; readonly keys: SplitKeys } | null => {
  if (message.length < responseNoiseOverheadBytes) return null;
  const e = message.subarray(0, keyBytes);
  const ee = suite.x25519(state.ephemeralSecret, e);
  const se = suite.x25519(state.keys.agreementSecret, e);
  if (ee === null || se === null) return null;
  const opened = open(mixKey(mixKey(mixHash(state.symmetric, e), ee), se), message.subarray(keyBytes));
  if (opened === null) return null;
  return { payload: opened.plaintext, keys: split(opened.next) };
};

/**
 * 32 bytes for an ephemeral secret. Time and the other side's key are mixed in: a machine that is restored from a
 * snapshot draws the same randomness twice, and the same ephemeral key twice would seal two INITs under one key.
 */
export const freshEphemeral = (random: Random, now: Instant, other: Uint8Array): Uint8Array => {
  const time = new Uint8Array(8);
  writeCounter(time, 0, Math.floor(now));
  return suite.hmacSha256(random.bytes(keyBytes), utf8('srp1 ephemeral'), time, other);
};

/** Noise's nonce: four zero bytes, then the counter little-endian. */
export const noiseNonce = (counter: number): Uint8Array => {
  const nonce = new Uint8Array(12);
  if (counter > 0) writeCounter(nonce, 4, counter);
  return nonce;
};

/** The state before the first message: name, prologue, and the responder's static key as pre-message. */
const start = (responderPublicKey: Uint8Array): Symmetric => {
  // The name is exactly 32 bytes, so Noise takes it as the first hash unhashed.
  const named: Symmetric = { ck: protocolName, h: protocolName, k: null };
  return mixHash(mixHash(named, prologue), responderPublicKey);
};

const mixHash = (state: Symmetric, data: Uint8Array): Symmetric => ({ ...state, h: suite.sha256(state.h, data) });

const mixKey = (state: Symmetric, secret: Uint8Array): Symmetric => {
  // Noise's HKDF is RFC 5869 with the chaining key as salt and no info.
  const okm = suite.hkdfSha256(secret, state.ck, nothing, 2 * keyBytes);
  return { ck: okm.slice(0, keyBytes), h: state.h, k: okm.slice(keyBytes) };
};

const seal = (state: Symmetric, plaintext: Uint8Array): { readonly sealed: Uint8Array; readonly next: Symmetric } => {
  const sealed = suite.chachaSeal(keyOf(state), noiseNonce(0), state.h, plaintext);
  return { sealed, next: mixHash(state, sealed) };
};

const open = (state: Symmetric, sealed: Uint8Array): { readonly plaintext: Uint8Array; readonly next: Symmetric } | null => {
  const plaintext = suite.chachaOpen(keyOf(state), noiseNonce(0), state.h, sealed);
  return plaintext === null ? null : { plaintext, next: mixHash(state, sealed) };
};

const split = (state: Symmetric): SplitKeys => suite.hkdfSha256(nothing, state.ck, nothing, 2 * keyBytes);

const keyOf = (state: Symmetric): Uint8Array => {
  if (state.k === null) throw new TypeError('Cannot seal in a Noise handshake: no key was mixed in yet');
  return state.k;
};
