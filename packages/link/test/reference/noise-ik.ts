/**
 * Noise IK the slow and obvious way, as section 5 of the Noise specification (revision 34) words it: CipherState,
 * SymmetricState and HandshakeState with mutable fields. `staticForm` says how a static public key looks in the
 * transcript: its X25519 form in plain Noise, its Ed25519 form in SRP.
 */
import { suite } from '@srp/identity';
import { concat, utf8 } from '@srp/machine';

export interface StaticKey {
  /** X25519 secret. */
  readonly secret: Uint8Array;
  /** What is hashed and sent. */
  readonly shown: Uint8Array;
}

class CipherState {
  k: Uint8Array | null = null;
  n = 0;

  initializeKey(key: Uint8Array): void {
    this.k = key;
    this.n = 0;
  }

  nonce(): Uint8Array {
    const nonce = new Uint8Array(12);
    new DataView(nonce.buffer).setBigUint64(4, BigInt(this.n), true);
    this.n += 1;
    return nonce;
  }

  encryptWithAd(ad: Uint8Array, plaintext: Uint8Array): Uint8Array {
    return this.k === null ? plaintext : suite.chachaSeal(this.k, this.nonce(), ad, plaintext);
  }

  decryptWithAd(ad: Uint8Array, ciphertext: Uint8Array): Uint8Array {
    if (this.k === null) return ciphertext;
    const plaintext = suite.chachaOpen(this.k, this.nonce(), ad, ciphertext);
    if (plaintext === null) throw new Error('the tag does not hold');
    return plaintext;
  }
}

const hkdf = (chainingKey: Uint8Array, input: Uint8Array): readonly [Uint8Array, Uint8Array] => {
  const temp = suite.hmacSha256(chainingKey, input);
  const first = suite.hmacSha256(temp, Uint8Array.of(1));
  return [first, suite.hmacSha256(temp, first, Uint8Array.of(2))];
};

class SymmetricState {
  readonly cipher = new CipherState();
  ck: Uint8Array;
  h: Uint8Array;

  constructor(name: string) {
    const bytes = utf8(name);
    this.h = bytes.length <= 32 ? concat(bytes, new Uint8Array(32 - bytes.length)) : suite.sha256(bytes);
    this.ck = this.h;
  }

  mixHash(data: Uint8Array): void {
    this.h = suite.sha256(concat(this.h, data));
  }

  mixKey(input: Uint8Array): void {
    const [ck, key] = hkdf(this.ck, input);
    this.ck = ck;
    this.cipher.initializeKey(key);
  }

  encryptAndHash(plaintext: Uint8Array): Uint8Array {
    const ciphertext = this.cipher.encryptWithAd(this.h, plaintext);
    this.mixHash(ciphertext);
    return ciphertext;
  }

  decryptAndHash(ciphertext: Uint8Array): Uint8Array {
    const plaintext = this.cipher.decryptWithAd(this.h, ciphertext);
    this.mixHash(ciphertext);
    return plaintext;
  }
}

const dh = (secret: Uint8Array, publicKey: Uint8Array): Uint8Array => {
  const shared = suite.x25519(secret, publicKey);
  if (shared === null) throw new Error('low order');
  return shared;
};

/** The state after one step of the handshake. */
export interface Step {
  readonly step: string;
  readonly ck: Uint8Array;
  readonly h: Uint8Array;
  readonly k: Uint8Array | null;
}

/** A whole handshake between two parties in one place, with their ephemeral secrets given. */
export const handshakeIK = (given: {
  readonly prologue: Uint8Array;
  readonly initiator: StaticKey;
  readonly responder: StaticKey;
  readonly initiatorEphemeral: Uint8Array;
  readonly responderEphemeral: Uint8Array;
  readonly payloads: readonly [Uint8Array, Uint8Array];
}): { steps: readonly Step[]; messages: [Uint8Array, Uint8Array]; hash: Uint8Array; keys: [Uint8Array, Uint8Array]; seal: (n: number, plaintext: Uint8Array) => Uint8Array } => {
  const { initiator, responder, initiatorEphemeral: ei, responderEphemeral: er } = given;
  const state = new SymmetricState('Noise_IK_25519_ChaChaPoly_SHA256');
  const [eiPublic, erPublic, rsPublic] = [suite.x25519PublicKey(ei), suite.x25519PublicKey(er), suite.x25519PublicKey(responder.secret)];
  const steps: Step[] = [];
  const done = (step: string): void => {
    steps.push({ step, ck: state.ck, h: state.h, k: state.cipher.k });
  };
  done('h = ck = name');
  state.mixHash(given.prologue);
  done('mix prologue into h');
  state.mixHash(responder.shown); // <- s
  done('mix responder static into h');
  // -> e, es, s, ss
  state.mixHash(eiPublic);
  done('INIT e: mix into h');
  state.mixKey(dh(ei, rsPublic));
  done('INIT es: mix into ck and k');
  const sealedStatic = state.encryptAndHash(initiator.shown);
  done('INIT s: seal, mix into h');
  state.mixKey(dh(initiator.secret, rsPublic));
  done('INIT ss: mix into ck and k');
  const first = concat(eiPublic, sealedStatic, state.encryptAndHash(given.payloads[0]));
  done('INIT payload: seal, mix into h');
  // <- e, ee, se
  state.mixHash(erPublic);
  done('RESP e: mix into h');
  state.mixKey(dh(er, eiPublic));
  done('RESP ee: mix into ck and k');
  state.mixKey(dh(er, suite.x25519PublicKey(initiator.secret)));
  done('RESP se: mix into ck and k');
  const second = concat(erPublic, state.encryptAndHash(given.payloads[1]));
  done('RESP payload: seal, mix into h');
  const keys = hkdf(state.ck, new Uint8Array(0));
  const ciphers = keys.map((key) => {
    const cipher = new CipherState();
    cipher.initializeKey(key);
    return cipher;
  });
  return {
    steps,
    messages: [first, second],
    hash: state.h,
    keys: [keys[0], keys[1]],
    seal: (n, plaintext) => ciphers[n % 2]!.encryptWithAd(new Uint8Array(0), plaintext),
  };
};
