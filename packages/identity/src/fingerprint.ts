/** A public key as words that two people can read to each other. SPEC "Keys, topics and sealing" 8. */
import { suite } from '#suite';
import { utf8 } from '@srp/machine';
import { wordlist } from '@scure/bip39/wordlists/english.js';
import { fingerprintWords, labels, wordBits } from './constants.js';
import { checkKey } from './suite/check.js';

/**
 * Eight English words (BIP 39's list) of a 32-byte public key, joined by `-`: the first 88 bits of
 * SHA-256("srp1 fingerprint" ‖ key). Compare all eight; it is not a mnemonic, the key cannot be had back from it.
 */
export const fingerprint = (publicKey: Uint8Array): string => {
  checkKey('name a key', publicKey);
  const hash = suite.sha256(utf8(labels.fingerprint), publicKey);
  let bits = 0n;
  for (const byte of hash.subarray(0, (fingerprintWords * wordBits) / 8)) bits = (bits << 8n) | BigInt(byte);
  const words = Array.from({ length: fingerprintWords }, (_, i) => {
    const shift = BigInt((fingerprintWords - 1 - i) * wordBits);
    return wordlist[Number((bits >> shift) & 0x7ffn)] ?? '';
  });
  return words.join('-');
};
