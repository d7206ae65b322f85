/** Author keys, as an app handles them. */
import { fingerprint, generateKeyPair, type KeyPair } from '@srp/identity';
import { systemRandom } from '@srp/identity/node';
import { type AuthorId, idBytes } from '@srp/machine';

/** Fresh author keys: 32 bytes each, Ed25519. Keep `privateKey` secret. */
export const createKeys = (): KeyPair => generateKeyPair(systemRandom());

/** Eight words that name an author's key, for people to compare. */
export const fingerprintOf = (author: AuthorId): string => fingerprint(idBytes(author));
