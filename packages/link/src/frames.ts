/**
 * The frames a link speaks itself: PING, PONG and BYE, alone or in a bundle. Every other frame passes unread.
 * The only file here that knows @srp/wire.
 */
import { type Address, type Instant, unixSeconds } from '@srp/machine';
import { bundle, decodeFrame, encodeFrame, isBundle, type Pong, unbundle } from '@srp/wire';
import { bundleBytesMax, bundleFramesMax, bundleLengthBytes, bundleTypeBytes, linkFrameType as frameType } from './constants.js';

/** Where bundles are made that are sealed at once. */
const scratch = new Uint8Array(bundleBytesMax);

/** PONG tells the time as u32. */
const timeMax = 0xffff_ffff;

/** What a BYE says. SPEC, Liveness. */
export const byeReason = { leaving: 0, evicted: 1, unneeded: 2 } as const;

/** The bytes of a PING that asks for nothing but its PONG. `tx` is 16 hex characters; `silence` is what {@link Silence} has to tell, 0..255. */
export const pingFrame = (tx: string, silence: number): Uint8Array => encodeFrame({ kind: 'ping', tx, silence });

/** A PING in a bundle of that length: it is answered where such a datagram comes through. */
export const longPing = (tx: string, silence: number, bytes: number): Uint8Array => bundle([pingFrame(tx, silence)], { paddedTo: bytes });

/** The bytes of a PONG. */
export const pongFrame = (now: Instant, tx: string, observed: Address, silence: number): Uint8Array =>
  encodeFrame({ kind: 'pong', tx, observed, time: Math.min(unixSeconds(now), timeMax), silence });

/** The bytes of a BYE. */
export const byeFrame = (reason: number): Uint8Array => encodeFrame({ kind: 'bye', reason });

/** What the link does with a frame it was sent. */
export type LinkFrame =
  | { readonly kind: 'ping'; readonly tx: string; readonly silence: number }
  | { readonly kind: 'pong'; readonly pong: Pong }
  | { readonly kind: 'bye'; readonly isUnneeded: boolean }
  /** Not for the link. */
  | { readonly kind: 'other' }
  /** For the link, and wrong. */
  | { readonly kind: 'malformed' };

/** Reads a frame if it is for the link. */
export const readLinkFrame = (frame: Uint8Array): LinkFrame => {
  const type = frame[0];
  if (type !== frameType.ping && type !== frameType.pong && type !== frameType.bye) return { kind: 'other' };
  const result = decodeFrame(frame);
  if (!result.ok) return { kind: 'malformed' };
  switch (result.value.kind) {
    case 'ping':
      return { kind: 'ping', tx: result.value.tx, silence: result.value.silence };
    case 'pong':
      return { kind: 'pong', pong: result.value };
    case 'bye':
      return { kind: 'bye', isUnneeded: result.value.reason === byeReason.unneeded };
    default:
      return { kind: 'malformed' };
  }
};

/** The single frames in what was sealed: none, one, or those of a bundle; `null` if that is malformed. */
export const splitFrames = (frames: Uint8Array): readonly Uint8Array[] | null => {
  if (frames.length === 0) return [];
  if (!isBundle(frames)) return [frames];
  const result = unbundle(frames);
  return result.ok ? result.value : null;
};

/** Several frames as one: itself, or a bundle. */
export const joinFrames = (frames: readonly Uint8Array[]): Uint8Array => {
  const [first] = frames;
  return frames.length === 1 && first !== undefined ? first : bundle(frames);
};

/**
 * Hands out frames in their order, as many together as there is room for: what each DATA is to hold. It is good until the next one
 * is asked for.
 */
export function* packed(frames: readonly Uint8Array[], bytesMax: number): Generator<Uint8Array> {
  for (let first = 0; first < frames.length; ) {
    let next = first;
    for (let bytes = bundleTypeBytes; next < frames.length && next - first < bundleFramesMax; next += 1) {
      bytes += bundleLengthBytes + (frames[next] as Uint8Array).length;
      if (bytes > bytesMax && next > first) break;
    }
    yield next - first === 1 ? (frames[first] as Uint8Array) : bundle(frames.slice(first, next), { into: scratch });
    first = next;
  }
}

/** Whether a frame may ride in an INIT: what does no harm when it arrives twice. SPEC, Handshake. */
export const isEarlyFrame = (frame: Uint8Array): boolean => {
  const type = frame[0];
  return type === frameType.ping || type === frameType.find || type === frameType.hello;
};
