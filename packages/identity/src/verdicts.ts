/**
 * Which signatures were found good lately, so that a copy that comes by another path costs a hash and not a check.
 *
 * Only acceptance is remembered: a forger makes as many bad signatures as he likes, and they must push nothing out.
 * The name of an entry is the whole SHA-256 of key ‖ signature ‖ message; the first two are of fixed length, so no
 * other triple has it. A verdict depends on those bytes alone, so sharing it within a process changes no behaviour.
 */
import { suite } from '#suite';
import { BoundedMap } from '@srp/machine';
import { keyBytes, signatureBytes, verdictsMax } from './constants.js';

const accepted = new BoundedMap<string, true>(verdictsMax);

/** The name of a triple, or `null` if key or signature has a wrong length and it cannot be good. */
export const verdictName = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): string | null =>
  publicKey.length === keyBytes && signature.length === signatureBytes
    ? textOf(suite.sha256(publicKey, signature, message))
    : null;

/** A character for each byte. Not by `...`, which walks the bytes one by one and takes longer than the hash. */
export const textOf = (bytes: Uint8Array): string => Reflect.apply(String.fromCharCode, null, bytes) as string;

/** Whether the triple of this name was accepted and is still remembered. */
export const isAccepted = (name: string): boolean => accepted.touch(name) === true;

/** Remembers that the triple of this name is good; the one not asked for the longest is forgotten. */
export const rememberAccepted = (name: string): void => {
  accepted.set(name, true);
};

/** How many are remembered now, at most `verdictsMax`. */
export const acceptedCount = (): number => accepted.size;
