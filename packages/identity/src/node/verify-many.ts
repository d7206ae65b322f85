/**
 * Signatures checked on the thread pool of libuv, so that the event loop goes on. What is found good is remembered:
 * the same triple given to `verify` afterwards costs a hash. A driver may so check ahead what its machine will ask.
 *
 * When it pays: for 16 or more at once, with a core to spare. A signature then holds the event loop 5 to 30 us instead of
 * 115, and the verdicts are there in half to two thirds of the time. For one, where every core is busy, or where there is
 * but one, it only costs. [m: npm run bench -- identity/verify-many, 2 idle cores]
 */
import { verify as verifyAsync } from 'node:crypto';
import { isKeyAllowed, isSignatureAllowed } from '../suite/ed25519-rule.js';
import { isAccepted, rememberAccepted, verdictName } from '../verdicts.js';
import { publicKeyObject } from './key-objects.js';

/** What one signature claims. */
export interface Claim {
  readonly publicKey: Uint8Array;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

/**
 * Whether each claim holds, in order, by the same rule as `verify`. The bytes are copied before this returns. Never
 * rejects for what the claims hold. The caller bounds how many it hands in.
 */
export const verifyMany = (claims: readonly Claim[]): Promise<boolean[]> => Promise.all(claims.map(verifyOne));

async function verifyOne({ publicKey, message, signature }: Claim): Promise<boolean> {
  const name = verdictName(publicKey, message, signature);
  if (name === null || !isKeyAllowed(publicKey) || !isSignatureAllowed(signature)) return false;
  if (isAccepted(name)) return true;
  return new Promise((resolve, reject) => {
    verifyAsync(null, message, publicKeyObject('Ed25519', publicKey), signature, (error, isGood) => {
      if (error === null && isGood) rememberAccepted(name);
      if (error === null) resolve(isGood);
      else reject(error);
    });
  });
}
