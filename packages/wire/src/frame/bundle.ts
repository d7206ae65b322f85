/**
 * Several frames or objects in the room of one: what a handshake or an idle tick has to say travels in one
 * datagram. SPEC, Frames.
 *
 * ```
 * 0x00 | length 2, big-endian | frame | length 2 | frame | ...        1..64 of them, 1198 bytes in all
 * ```
 *
 * A bundle holds no bundle. What is inside is not looked at further: each is decoded, and counted, by itself. Each
 * comes out as bytes of its own: an object that is kept must not keep the rest of its datagram in memory.
 */
import { type Decoded, decoded, readU16, refused, writeU16 } from '@srp/machine';
import { bundleFramesMax, bundleLengthBytes, frameBytesMax } from '../constants.js';
import { WireError } from '../errors.js';
import { bundleType } from './frame.js';

/** Every reason to refuse bytes as a bundle, one per rule. */
export const bundleRefusals = [
  'bundle-type-wrong',
  'bundle-too-long',
  'bundle-empty',
  'bundle-truncated',
  'bundle-item-empty',
  'bundle-nested',
  'bundle-too-many',
] as const;

/** Why bytes are no bundle. */
export type BundleRefusal = (typeof bundleRefusals)[number];

/** Whether the first byte announces a bundle. */
export const isBundle = (bytes: Uint8Array): boolean => bytes[0] === bundleType;

/** Bytes of a bundle of frames with these lengths. */
export const bundleBytes = (lengths: readonly number[]): number =>
  lengths.reduce((sum, length) => sum + bundleLengthBytes + length, 1);

/**
 * One bundle of encoded frames and objects, fresh, in their order.
 *
 * Throws `WireError` FRAME_FIELD_INVALID if there are not 1..64, if one is empty or a bundle, or if they need more than
 * 1198 bytes: {@link bundleBytes} tells before.
 */
export const bundle = (frames: readonly Uint8Array[]): Uint8Array => {
  const length = bundleBytes(frames.map((frame) => frame.length));
  if (frames.length < 1 || frames.length > bundleFramesMax) throw invalid(`it holds 1..${bundleFramesMax} frames, got ${frames.length}`);
  if (length > frameBytesMax) throw invalid(`it has at most ${frameBytesMax} bytes, got ${length}`);
  if (frames.some((frame) => frame.length === 0 || isBundle(frame))) throw invalid('it holds frames, got an empty one or a bundle');
  const bytes = new Uint8Array(length);
  let at = 1;
  for (const frame of frames) {
    writeU16(bytes, at, frame.length);
    bytes.set(frame, at + bundleLengthBytes);
    at += bundleLengthBytes + frame.length;
  }
  return bytes;
};

/** The frames and objects in a bundle, copied. Never throws; one bad length refuses the whole. */
export const unbundle = (bytes: Uint8Array): Decoded<readonly Uint8Array[], BundleRefusal> => {
  if (!isBundle(bytes)) return refused('bundle-type-wrong');
  if (bytes.length > frameBytesMax) return refused('bundle-too-long');
  if (bytes.length === 1) return refused('bundle-empty');
  const frames: Uint8Array[] = [];
  for (let at = 1; at < bytes.length; ) {
    if (frames.length === bundleFramesMax) return refused('bundle-too-many');
    if (bytes.length - at < bundleLengthBytes) return refused('bundle-truncated');
    const from = at + bundleLengthBytes;
    at = from + readU16(bytes, from - bundleLengthBytes);
    if (at > bytes.length) return refused('bundle-truncated');
    if (at === from) return refused('bundle-item-empty');
    const frame = bytes.subarray(from, at);
    if (isBundle(frame)) return refused('bundle-nested');
    frames.push(new Uint8Array(frame));
  }
  return decoded(frames);
};

const invalid = (rule: string): WireError => new WireError('FRAME_FIELD_INVALID', `Cannot encode bundle: ${rule}`);
