/**
 * A message above one packet: its parts, and the manifest that lists them. SPEC, Manifest.
 *
 * ```
 *   P1 ◀── P2 ◀── ... ◀── Pn ◀── M        payload of M = id P1 16 ‖ ... ‖ id Pn 16; the message = payload P1 ‖ ... ‖ payload Pn
 * ```
 *
 * The manifest comes last, since an id covers the one before it: a list that came first could name nothing. Whether what it names
 * is the run before it is another matter: who puts the parts together looks.
 */
import { type Decoded, decoded, type PacketId, refused } from '@srp/machine';
import { idBytes, partsMax, plaintextBytesMax } from '../constants.js';
import { WireError } from '../errors.js';
import { readHex, writeHex } from '../hex.js';

/** SPEC, Manifest: every reason why the payload of a manifest lists nothing. */
export const manifestRefusals = ['manifest-empty', 'manifest-length-wrong', 'manifest-too-many', 'manifest-repeated'] as const;

/** Why the payload of a manifest lists nothing. */
export type ManifestRefusal = (typeof manifestRefusals)[number];

/** The most bytes of a message in parts: 61 440. */
export const messageBytesMax = partsMax * plaintextBytesMax;

/** A message cut into the payloads of its parts, 1024 bytes each but the last. Views into it. */
export const cutIntoParts = (message: Uint8Array): readonly Uint8Array[] =>
  Array.from({ length: Math.ceil(message.length / plaintextBytesMax) }, (_, part) => message.subarray(part * plaintextBytesMax, (part + 1) * plaintextBytesMax));

/** The payload of a manifest. Throws `WireError` PACKET_FIELD_INVALID unless there are 1..60 different ids. */
export const encodeManifest = (parts: readonly PacketId[]): Uint8Array => {
  const bytes = new Uint8Array(parts.length * idBytes);
  const isWritten = parts.every((id, part) => writeHex(bytes, part * idBytes, id, idBytes));
  if (!isWritten || !decodeManifest(bytes).ok) {
    throw new WireError('PACKET_FIELD_INVALID', `Cannot encode manifest: parts must be 1..${partsMax} different ids, got ${parts.length}`);
  }
  return bytes;
};

/** Reads the payload of a manifest: the ids of its parts, in order. Never throws. */
export const decodeManifest = (payload: Uint8Array): Decoded<readonly PacketId[], ManifestRefusal> => {
  if (payload.length === 0) return refused('manifest-empty');
  if (payload.length % idBytes !== 0) return refused('manifest-length-wrong');
  if (payload.length > partsMax * idBytes) return refused('manifest-too-many');
  const parts = Array.from({ length: payload.length / idBytes }, (_, part) => readHex(payload, part * idBytes, idBytes) as PacketId);
  return new Set(parts).size < parts.length ? refused('manifest-repeated') : decoded(parts);
};
