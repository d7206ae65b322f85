/**
 * The macs at the end of a handshake datagram, and the cookies of a busy peer. SPEC, Macs and cookies.
 *
 * ```
 *   mac1   = HMAC-SHA256(SHA-256("mac1" ‖ key of the receiver), all before mac1)[0..16)
 *   mac2   = HMAC-SHA256(cookie, all before mac2)[0..16)          zeros without a cookie
 *   cookie = HMAC-SHA256(secret of 120 s, address 19)[0..16)
 *   sealed = XChaCha20-Poly1305(SHA-256("cookie" ‖ key of the responder), nonce 24, aad = mac1 of the INIT, cookie)
 * ```
 *
 * mac1 keeps out whoever does not know whom he writes to; a cookie keeps out whoever does not receive at the
 * address he writes from. Neither says anything about identity. "key" is the Ed25519 form, as in the PeerId.
 */
import { suite } from '@srp/identity';
import { type Address, after, concat, encodeAddress, equalBytes, type Instant, type Random, utf8 } from '@srp/machine';
import { cookieNonceBytes, cookieSecretMs, keyBytes, macBytes } from './constants.js';
import { encodeCookie, type CookieDatagram, type InitDatagram, type ResponseDatagram } from './codec.js';

const noMac = new Uint8Array(macBytes);

/** The two keys that follow from the public key of the one who is addressed. */
export interface MacKeys {
  readonly mac1Key: Uint8Array;
  readonly cookieKey: Uint8Array;
}

/** The mac keys for datagrams to the holder of `publicKey`, Ed25519, 32 bytes. */
export const macKeysOf = (publicKey: Uint8Array): MacKeys => ({
  mac1Key: suite.sha256(utf8('mac1'), publicKey),
  cookieKey: suite.sha256(utf8('cookie'), publicKey),
});

const mac = (key: Uint8Array, bytes: Uint8Array): Uint8Array => suite.hmacSha256(key, bytes).slice(0, macBytes);

/** A whole RESP: `head` and its mac1. */
export const finishResponse = (head: Uint8Array, { mac1Key }: MacKeys): Uint8Array => concat(head, mac(mac1Key, head));

/** A whole INIT: `head`, its mac1, and mac2 if there is a cookie. */
export const finishInit = (head: Uint8Array, { mac1Key }: MacKeys, cookie: Uint8Array | null): Uint8Array => {
  const maced = concat(head, mac(mac1Key, head));
  return concat(maced, cookie === null ? noMac : mac(cookie, maced));
};

/** Whether its sender knows our public key. Not secret, so compared in any time. */
export const isMac1Right = (datagram: InitDatagram | ResponseDatagram, { mac1Key }: MacKeys): boolean =>
  equalBytes(datagram.mac1, mac(mac1Key, datagram.maced1));

/** The cookie inside a COOKIE that answers our INIT with this `mac1`, or `null`. */
export const openCookie = (datagram: CookieDatagram, { cookieKey }: MacKeys, mac1: Uint8Array): Uint8Array | null =>
  suite.xchachaOpen(cookieKey, datagram.nonce, mac1, datagram.sealed);

/** The cookies of one peer: made from a secret that nobody else has, and not remembered. */
export class CookieJar {
  readonly #random: Random;
  readonly #keys: MacKeys;
  #secret: Uint8Array | null = null;
  #secretBefore: Uint8Array | null = null;
  #rotatesAt: Instant | null = null;

  constructor(random: Random, keys: MacKeys) {
    this.#random = random;
    this.#keys = keys;
  }

  /** A whole COOKIE that answers `init` from `from`. */
  answer(now: Instant, from: Address, init: InitDatagram): Uint8Array {
    const nonce = this.#random.bytes(cookieNonceBytes);
    const cookie = mac(this.#current(now), encodeAddress(from));
    return encodeCookie(init.from, nonce, suite.xchachaSeal(this.#keys.cookieKey, nonce, init.mac1, cookie));
  }

  /** Whether `init` bears a cookie that was given to `from` within this period or the last. */
  proves(now: Instant, from: Address, init: InitDatagram): boolean {
    const address = encodeAddress(from);
    const current = this.#current(now);
    for (const secret of [current, this.#secretBefore]) {
      if (secret !== null && equalSecrets(init.mac2, mac(mac(secret, address), init.maced2))) return true;
    }
    return false;
  }

  #current(now: Instant): Uint8Array {
    if (this.#secret === null || this.#rotatesAt === null || now >= this.#rotatesAt) {
      const isRecent = this.#rotatesAt !== null && now < after(this.#rotatesAt, cookieSecretMs);
      this.#secretBefore = isRecent ? this.#secret : null;
      this.#secret = this.#random.bytes(keyBytes);
      this.#rotatesAt = after(now, cookieSecretMs);
    }
    return this.#secret;
  }
}

/** Compares without telling by its time how much was right. */
const equalSecrets = (a: Uint8Array, b: Uint8Array): boolean => {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i += 1) difference |= (a[i] ?? 0) ^ (b[i] ?? 0);
  return difference === 0;
};
