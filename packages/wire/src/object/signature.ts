/**
 * What the author signs: the whole hash, and the one field that the hash leaves out. SPEC, Ids and links.
 *
 * ```
 * fullId    = SHA-256("srp1 packet" ‖ head ‖ time ‖ tag ‖ prev ‖ author ‖ body)        id = its first 16 bytes
 * signature = Ed25519(author, "srp1 sign" ‖ fullId ‖ next)
 * ```
 *
 * The id leaves `next` out so that a run can be linked both ways: ids are computed forwards, then every `next`
 * is known, then everything is signed. It leaves the signature out so that it exists before the signature does.
 * It leaves postage out because relays change it; nothing else about an object can be changed by anyone.
 */
import { type KeyPair, sign, verify } from '@srp/identity';
import { concat, utf8 } from '@srp/machine';
import { authorAt, authorBytes, nextAt, nextBytes, signatureAt, signatureBytes } from './layout.js';
import type { Packet } from './packet.js';
import { packetHash, PacketView } from './view.js';

const signPrefix = utf8('srp1 sign');

/** Whether the author signed this object: everything but its postage. About 70 microseconds native: do it after all else. */
export const verifyPacket = (packet: Packet): boolean => {
  const { publicKey, message, signature } = claimOf(packet);
  return verify(publicKey, message, signature);
};

/** What the signature of this object claims: that `publicKey` signed `message`. For who checks many at a time. */
export const claimOf = (packet: Packet): { readonly publicKey: Uint8Array; readonly message: Uint8Array; readonly signature: Uint8Array } => {
  const { bytes } = packet;
  const hash = packet instanceof PacketView ? packet.hash : packetHash(bytes);
  return { publicKey: bytes.subarray(authorAt, authorAt + authorBytes), message: signedBytes(bytes, hash), signature: bytes.subarray(signatureAt, signatureAt + signatureBytes) };
};

/** Signs an object in place, in bytes that nobody else has seen yet. */
export const signInPlace = (bytes: Uint8Array, hash: Uint8Array, author: KeyPair): void =>
  bytes.set(sign(author, signedBytes(bytes, hash)), signatureAt);

const signedBytes = (bytes: Uint8Array, hash: Uint8Array): Uint8Array =>
  concat(signPrefix, hash, bytes.subarray(nextAt, nextAt + nextBytes));
