/** The slow twin of sealing: XChaCha20-Poly1305 from the draft's text, HChaCha20 round by round, the rest by node:crypto. */
import { createCipheriv, createHmac, hkdfSync } from 'node:crypto';

const rotate = (value: number, by: number): number => (value << by) | (value >>> (32 - by));

const quarter = (s: Int32Array, a: number, b: number, c: number, d: number): void => {
  const step = (x: number, y: number, z: number, by: number) => {
    s[x] = (s[x] ?? 0) + (s[y] ?? 0);
    s[z] = rotate((s[z] ?? 0) ^ (s[x] ?? 0), by);
  };
  step(a, b, d, 16);
  step(c, d, b, 12);
  step(a, b, d, 8);
  step(c, d, b, 7);
};

/** draft-irtf-cfrg-xchacha-03 section 2.2: key 32, nonce 16, result 32. */
export const hchacha20 = (key: Uint8Array, nonce: Uint8Array): Uint8Array => {
  const start = Buffer.concat([Buffer.from('expand 32-byte k'), key, nonce]);
  const s = Int32Array.from({ length: 16 }, (_, i) => start.readInt32LE(4 * i));
  for (let round = 0; round < 10; round += 1) {
    for (let i = 0; i < 4; i += 1) quarter(s, i, 4 + i, 8 + i, 12 + i);
    for (let i = 0; i < 4; i += 1) quarter(s, i, 4 + ((i + 1) % 4), 8 + ((i + 2) % 4), 12 + ((i + 3) % 4));
  }
  const out = Buffer.alloc(32);
  [0, 1, 2, 3, 12, 13, 14, 15].forEach((from, to) => out.writeInt32LE(s[from] ?? 0, 4 * to));
  return new Uint8Array(out);
};

/** Ciphertext and tag. */
export const seal = (key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Uint8Array => {
  const cipher = createCipheriv('chacha20-poly1305', hchacha20(key, nonce.subarray(0, 16)), Buffer.concat([Buffer.alloc(4), nonce.subarray(16)]), { authTagLength: 16 });
  cipher.setAAD(aad, { plaintextLength: plaintext.length });
  const ciphertext = cipher.update(plaintext);
  cipher.final();
  return new Uint8Array(Buffer.concat([ciphertext, cipher.getAuthTag()]));
};

export const hkdf = (ikm: Uint8Array, info: string | Uint8Array): Uint8Array => new Uint8Array(hkdfSync('sha256', ikm, '', info, 32));

export const hmac = (key: Uint8Array, ...parts: readonly (string | Uint8Array)[]): Uint8Array => {
  const mac = createHmac('sha256', key);
  for (const part of parts) mac.update(part);
  return new Uint8Array(mac.digest());
};
