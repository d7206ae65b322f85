/**
 * Several frames or objects in one datagram: what a handshake or an idle tick has to say, and the blocks of a file where
 * datagrams are large. SPEC, Frames.
 *
 * ```
 * 0x00 | length 2, big-endian | frame | length 2 | frame | ...        1..64 of them, as many bytes as a datagram has room for
 * 0x00 | length 2, big-endian | frame | 0x0000 | anything             what is behind a length of 0 only makes it longer
 * ```
 *
 * A bundle holds no bundle. What is inside is not looked at further: each is decoded, and counted, by itself. Each
 * comes out as bytes of its own: an object that is kept must not keep the rest of its datagram in memory. Only blocks,
 * of which there may be thirty, are views: whoever takes one uses it up at once.
 */
import { type Decoded, decoded, readU16, refused, writeU16 } from '@srp/machine';
import { bundleFramesMax, bundleLengthBytes, frameBytesMax } from '../constants.js';
import { WireError } from '../errors.js';
import { blockType, bundleType } from './frame.js';

/** Every reason to refuse bytes as a bundle, one per rule. */
export const bundleRefusals = [
  'bundle-type-wrong',
  'bundle-empty',
  'bundle-truncated',
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

export interface BundleOptions {
  readonly paddedTo?: number;
  /** Room for the whole bundle: who sends it off at once may use the same again and again. */
  readonly into?: Uint8Array;
}

/**
 * One bundle of encoded frames and objects, in their order, with zeros behind them up to `paddedTo` bytes: fresh, or the front of
 * `into`, whose bytes before do not matter.
 *
 * Throws `WireError` FRAME_FIELD_INVALID if there are not 1..64, or if one is empty, longer than a frame, or a bundle. How long
 * it may be is its datagram's affair: {@link bundleBytes} tells before.
 */
export const bundle = (frames: readonly Uint8Array[], { paddedTo = 0, into }: BundleOptions = {}): Uint8Array => {
  const length = Math.max(paddedTo, bundleBytes(frames.map((frame) => frame.length)));
  if (frames.length < 1 || frames.length > bundleFramesMax) throw invalid(`it holds 1..${bundleFramesMax} frames, got ${frames.length}`);
  if (frames.some((frame) => frame.length === 0 || frame.length > frameBytesMax || isBundle(frame))) throw invalid(`it holds frames of 1..${frameBytesMax} bytes, got one of another length or a bundle`);
  const bytes = into === undefined ? new Uint8Array(length) : into.subarray(0, length);
  bytes[0] = bundleType;
  let at = 1;
  for (const frame of frames) {
    writeU16(bytes, at, frame.length);
    bytes.set(frame, at + bundleLengthBytes);
    at += bundleLengthBytes + frame.length;
  }
  return bytes.fill(0, at);
};

/** The frames and objects in a bundle, copied but for blocks. Never throws; one bad length refuses the whole. */
export const unbundle = (bytes: Uint8Array): Decoded<readonly Uint8Array[], BundleRefusal> => {
  if (!isBundle(bytes)) return refused('bundle-type-wrong');
  const frames: Uint8Array[] = [];
  for (let at = 1; at < bytes.length; ) {
    if (bytes.length - at < bundleLengthBytes) return refused('bundle-truncated');
    const from = at + bundleLengthBytes;
    at = from + readU16(bytes, from - bundleLengthBytes);
    if (at > bytes.length) return refused('bundle-truncated');
    if (at === from) break; // the rest is padding
    if (frames.length === bundleFramesMax) return refused('bundle-too-many');
    const frame = bytes.subarray(from, at);
    if (isBundle(frame)) return refused('bundle-nested');
    frames.push(frame[0] === blockType ? frame : frame.slice());
  }
  return frames.length === 0 ? refused('bundle-empty') : decoded(frames);
};

const invalid = (rule: string): WireError => new WireError('FRAME_FIELD_INVALID', `Cannot encode bundle: ${rule}`);
