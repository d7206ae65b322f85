/**
 * The slow, obvious twin of the object codec, written from SPEC with node:crypto alone: no code of ours but this
 * file decides what it answers.
 */
import { createDecipheriv, createHash, createPublicKey, hkdfSync, verify } from 'node:crypto';

export interface ReferenceObject {
  readonly life: number;
  readonly kind: number;
  readonly postage: number;
  readonly time: number;
  readonly tag: string;
  readonly prev: string;
  readonly next: string;
  readonly author: string;
  readonly fullId: string;
  readonly id: string;
  readonly signed: boolean;
}

/** Splits an object and checks its signature, with the lax rule of OpenSSL: good for honest keys. */
export const readObject = (bytes: Uint8Array): ReferenceObject => {
  const object = Buffer.from(bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const head = view.getUint8(0);
  const hash = createHash('sha256')
    .update(Buffer.concat([Buffer.from('srp1 packet'), object.subarray(0, 1), object.subarray(2, 30), object.subarray(38, 70), object.subarray(134)]))
    .digest();
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: object.subarray(38, 70).toString('base64url') }, format: 'jwk' });
  return {
    life: (head & 0b1100) / 4,
    kind: head & 0b11,
    postage: view.getUint8(1),
    time: view.getUint32(2, false),
    tag: object.toString('hex', 6, 14),
    prev: object.toString('hex', 14, 30),
    next: object.toString('hex', 30, 38),
    author: object.toString('hex', 38, 70),
    fullId: hash.toString('hex'),
    id: hash.toString('hex', 0, 16),
    signed: verify(null, Buffer.concat([Buffer.from('srp1 sign'), hash, object.subarray(30, 38)]), key, object.subarray(70, 134)),
  };
};

/** The plaintext of an object's body; throws if the key of the topic does not open it. */
export const openObject = (bytes: Uint8Array, topicKey: Uint8Array): Uint8Array => {
  const object = Buffer.from(bytes);
  const derived = (label: string) => Buffer.from(hkdfSync('sha256', topicKey, Buffer.alloc(0), label, 32));
  const associated = Buffer.concat([Buffer.from('srp1 aad'), derived('srp1 topic'), object.subarray(0, 1), object.subarray(2, 30), object.subarray(38, 70)]);
  const nonce = object.subarray(134, 158);
  const key = hchacha20(derived('srp1 body'), nonce.subarray(0, 16));
  const decipher = createDecipheriv('chacha20-poly1305', key, Buffer.concat([Buffer.alloc(4), nonce.subarray(16)]), { authTagLength: 16 });
  decipher.setAAD(associated, { plaintextLength: object.length - 174 });
  decipher.setAuthTag(object.subarray(-16));
  return new Uint8Array(Buffer.concat([decipher.update(object.subarray(158, -16)), decipher.final()]));
};

/** HChaCha20 of draft-irtf-cfrg-xchacha-03 section 2.2. */
const hchacha20 = (key: Uint8Array, nonce: Uint8Array): Uint8Array => {
  const words = (bytes: Uint8Array) => Array.from({ length: bytes.length / 4 }, (_, i) => Buffer.from(bytes).readUInt32LE(4 * i));
  const state = Uint32Array.from([...words(Buffer.from('expand 32-byte k')), ...words(key), ...words(nonce)]);
  const at = (i: number) => state[i] ?? 0;
  const mix = (sum: number, add: number, xor: number, by: number) => {
    state[sum] = at(sum) + at(add);
    const mixed = at(xor) ^ at(sum);
    state[xor] = (mixed << by) | (mixed >>> (32 - by));
  };
  const quarter = (a: number, b: number, c: number, d: number) => {
    mix(a, b, d, 16);
    mix(c, d, b, 12);
    mix(a, b, d, 8);
    mix(c, d, b, 7);
  };
  for (let round = 0; round < 10; round += 1) {
    for (let i = 0; i < 4; i += 1) quarter(i, i + 4, i + 8, i + 12);
    for (let i = 0; i < 4; i += 1) quarter(i, 4 + ((i + 1) % 4), 8 + ((i + 2) % 4), 12 + ((i + 3) % 4));
  }
  const out = Buffer.alloc(32);
  [0, 1, 2, 3, 12, 13, 14, 15].forEach((word, i) => out.writeUInt32LE(at(word), 4 * i));
  return out;
};
