/**
 * What was sealed lately under which key and nonce, without associated data: whoever opens those very bytes gets a copy of what
 * was put in, and nothing is deciphered. For simulated peers alone, whose sender and receiver are one process; see `shared.ts`.
 *
 * Opening is a function of key, nonce and bytes, and undoes sealing: so the answer for three that are equal, byte for byte,
 * to those of a sealing is the plaintext of that sealing. For any other three there is no answer here.
 *
 * ```
 *   place of the tag ─▶ key 32 │ nonce 12 │ sealed n + 16 │ plaintext n
 * ```
 *
 * Memory is of one size: the next that falls on a place takes it, and what was there is deciphered when it is opened.
 */
import { readU32 } from '@srp/machine';
import { keyBytes, nonceBytes, sealedBytesMax, sealedPlaces, tagBytes } from './constants.js';

const sealedAt = keyBytes + nonceBytes;
const placeBytes = sealedAt + 2 * sealedBytesMax;

export class SealedLately {
  readonly #memory = new Uint8Array(sealedPlaces * placeBytes);
  /** Bytes of what is sealed there; 0: nothing. */
  readonly #lengths = new Uint16Array(sealedPlaces);

  remember(key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array, sealed: Uint8Array): void {
    if (sealed.length > sealedBytesMax) return;
    const place = placeOf(sealed);
    const at = place * placeBytes;
    this.#lengths[place] = sealed.length;
    this.#memory.set(key, at);
    this.#memory.set(nonce, at + keyBytes);
    this.#memory.set(sealed, at + sealedAt);
    this.#memory.set(plaintext, at + sealedAt + sealed.length);
  }

  /** A copy of the plaintext, or `null` if it is not known. */
  plaintextOf(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array): Uint8Array | null {
    if (sealed.length < tagBytes || key.length !== keyBytes || nonce.length !== nonceBytes) return null;
    const place = placeOf(sealed);
    if (this.#lengths[place] !== sealed.length) return null;
    const at = place * placeBytes;
    const isSame = this.#holds(sealed, at + sealedAt) && this.#holds(nonce, at + keyBytes) && this.#holds(key, at);
    const end = at + sealedAt + sealed.length;
    return isSame ? this.#memory.slice(end, end + sealed.length - tagBytes) : null;
  }

  #holds(bytes: Uint8Array, at: number): boolean {
    const memory = this.#memory;
    for (let index = 0; index < bytes.length; index += 1) if (memory[at + index] !== bytes[index]) return false;
    return true;
  }
}

/** Tags are as good as random. */
const placeOf = (sealed: Uint8Array): number => readU32(sealed, sealed.length - 4) % sealedPlaces;
