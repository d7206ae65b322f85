/**
 * Raw keys as node's key objects. They come in as JWK, which costs a tenth of DER [m: 40 us against 350 us under load].
 * Public ones are kept in a bounded map by their bytes; secret ones hang weakly on the caller's array and go when it goes.
 */
import { BoundedMap } from '@srp/machine';
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { importedKeysMax, keyBytes } from '../constants.js';

export type Curve = 'Ed25519' | 'X25519';

const publicKeys = new BoundedMap<string, KeyObject>(importedKeysMax);

/** How many public key objects are kept now, at most `importedKeysMax`. */
export const importedCount = (): number => publicKeys.size;

/** The key object of 32 public bytes. */
export function publicKeyObject(crv: Curve, bytes: Uint8Array): KeyObject {
  const name = crv + bufferOf(bytes).toString('latin1');
  const known = publicKeys.touch(name);
  if (known !== undefined) return known;
  const key = createPublicKey({ key: { kty: 'OKP', crv, x: base64Url(bytes) }, format: 'jwk' });
  publicKeys.set(name, key);
  return key;
}

/** The key object of a secret, beside the bytes it was made of: the caller may overwrite the array. */
interface Held {
  readonly crv: Curve;
  readonly bytes: Uint8Array;
  readonly key: KeyObject;
}
const secretKeys = new WeakMap<Uint8Array, Held>();

/** The key object of 32 secret bytes. */
export function secretKeyObject(crv: Curve, secret: Uint8Array): KeyObject {
  const held = secretKeys.get(secret);
  if (held?.crv === crv && held.bytes.every((byte, i) => byte === secret[i])) return held.key;
  const key = importSecret(crv, secret);
  secretKeys.set(secret, { crv, bytes: Uint8Array.from(secret), key });
  return key;
}

/** The DER of a PKCS 8 key up to its 32 secret bytes; the last byte of the algorithm tells the curves apart. RFC 8410. */
const derPrefix = (crv: Curve): Uint8Array => Buffer.from(`302e020100300506032b65${crv === 'Ed25519' ? '70' : '6e'}04220420`, 'hex');

const importByDer = (crv: Curve, secret: Uint8Array): KeyObject =>
  createPrivateKey({ key: Buffer.concat([derPrefix(crv), secret]), format: 'der', type: 'pkcs8' });

/** A JWK of a secret must carry a public half; node 20..24 reads the secret alone, so it may be zeros. */
const importByJwk = (crv: Curve, secret: Uint8Array): KeyObject =>
  createPrivateKey({ key: { kty: 'OKP', crv, d: base64Url(secret), x: base64Url(new Uint8Array(keyBytes)) }, format: 'jwk' });

/** Tried once at load on a secret of zeros: should a node ever compare the halves, DER takes over. */
const importSecret = ((): typeof importByDer => {
  const zeros = new Uint8Array(keyBytes);
  try {
    const [byJwk, byDer] = [importByJwk, importByDer].map((make) => base64Url(publicBytes(make('Ed25519', zeros))));
    return byJwk === byDer ? importByJwk : importByDer;
  } catch {
    return importByDer;
  }
})();

/** The 32 public bytes of a secret key object. */
export function publicBytes(secret: KeyObject): Uint8Array {
  return new Uint8Array(Buffer.from(createPublicKey(secret).export({ format: 'jwk' }).x ?? '', 'base64url'));
}

function base64Url(bytes: Uint8Array): string {
  return bufferOf(bytes).toString('base64url');
}

/** The same bytes with a Buffer's methods. */
function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
