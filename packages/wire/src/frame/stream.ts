/**
 * The frames of byte streams and datagrams between two peers: fixed binary, integers big-endian. SPEC, Frames.
 *
 * | ASK      | type 1, stream 4, below 4, n x (first 4, count 2), n = 0..32               | 9 + 6n         |
 * | CHUNK    | type 1, stream 4, number 4, held 2, flags 1 (1 last, 2 no more now), bytes | 12..1198 bytes |
 * | MESSAGE  | type 1, bytes                                                              | 2..1198 bytes  |
 *
 * CHUNK and MESSAGE are no {@link Frame}: like an object each is a view over its bytes.
 */
import { type Decoded, decoded, readU16, readU32, refused, writeU16, writeU32 } from '@srp/machine';
import { askHeadBytes, askRangesMax, chunkBytesMax, chunkHeadBytes, frameBytesMax, rangeBytes } from '../constants.js';
import { WireError } from '../errors.js';
import { checkInteger, invalid, started } from './fields.js';
import { type Ask, type BlockRange, chunkType, messageType } from './frame.js';
import type { FrameRefusal } from './refusal.js';

const streamAt = 1;
const belowAt = 5;
const numberAt = 5;
const heldAt = 9;
const flagsAt = 11;
const lastFlag = 1;
const idleFlag = 2;
const u32Max = 0xffff_ffff;
const u16Max = 0xffff;

export const encodeAsk = ({ stream, below, ranges }: Ask): Uint8Array => {
  checkInteger(stream, 0, u32Max, 'ask', 'stream');
  checkInteger(below, 0, u32Max, 'ask', 'below');
  if (ranges.length > askRangesMax) throw invalid('ask', `ranges must be 0..${askRangesMax}, got ${ranges.length}`);
  const bytes = started('ask', askHeadBytes + rangeBytes * ranges.length);
  writeU32(bytes, streamAt, stream);
  writeU32(bytes, belowAt, below);
  ranges.forEach(({ first, count }, i) => {
    checkInteger(count, 1, u16Max, 'ask', 'count');
    checkInteger(first, 0, u32Max - count + 1, 'ask', 'first');
    writeU32(bytes, askHeadBytes + rangeBytes * i, first);
    writeU16(bytes, askHeadBytes + rangeBytes * i + 4, count);
  });
  return bytes;
};

export const decodeAsk = (bytes: Uint8Array): Decoded<Ask, FrameRefusal> => {
  const length = bytes.length - askHeadBytes;
  if (length < 0 || length % rangeBytes !== 0 || length > askRangesMax * rangeBytes) return refused('frame-length-wrong');
  const ranges: BlockRange[] = [];
  for (let at = askHeadBytes; at < bytes.length; at += rangeBytes) {
    const first = readU32(bytes, at);
    const count = readU16(bytes, at + 4);
    if (count < 1 || first + count - 1 > u32Max) return refused('range-invalid');
    ranges.push({ first, count });
  }
  return decoded({ kind: 'ask', stream: readU32(bytes, streamAt), below: readU32(bytes, belowAt), ranges });
};

/** A piece of a byte stream, as it travels. */
export interface Chunk {
  readonly stream: number;
  /** Which piece it is, u32, from 0 on. */
  readonly number: number;
  /** How long it was asked for before there was something to send, in quarters of a millisecond, u16; the largest: longer, or it was not asked for. */
  readonly held: number;
  /** Nothing comes after it. */
  readonly isLast: boolean;
  /** Nothing comes after it for now. */
  readonly isIdle: boolean;
  /** 0..1186 bytes, a view. */
  readonly bytes: Uint8Array;
}

/** Whether the first byte announces a piece of a stream. */
export const isChunk = (bytes: Uint8Array): boolean => bytes[0] === chunkType;

/** The bytes of a CHUNK, fresh. Throws `WireError` FRAME_FIELD_INVALID. */
export const encodeChunk = ({ stream, number, held, isLast, isIdle, bytes: piece }: Chunk): Uint8Array => {
  if (piece.length > chunkBytesMax) throw new WireError('FRAME_FIELD_INVALID', `Cannot encode chunk: it has at most ${chunkBytesMax} bytes, got ${piece.length}`);
  const bytes = new Uint8Array(chunkHeadBytes + piece.length);
  bytes[0] = chunkType;
  writeU32(bytes, streamAt, stream);
  writeU32(bytes, numberAt, number);
  writeU16(bytes, heldAt, Math.min(held, u16Max));
  bytes[flagsAt] = (isLast ? lastFlag : 0) | (isIdle ? idleFlag : 0);
  bytes.set(piece, chunkHeadBytes);
  return bytes;
};

/** The piece in these bytes, as a view. Never throws. */
export const decodeChunk = (bytes: Uint8Array): Decoded<Chunk, FrameRefusal> => {
  if (bytes.length < chunkHeadBytes || bytes.length > frameBytesMax || !isChunk(bytes)) return refused('frame-length-wrong');
  const flags = bytes[flagsAt] ?? 0;
  if (flags > (lastFlag | idleFlag)) return refused('flags-unknown');
  return decoded({
    stream: readU32(bytes, streamAt),
    number: readU32(bytes, numberAt),
    held: readU16(bytes, heldAt),
    isLast: (flags & lastFlag) !== 0,
    isIdle: (flags & idleFlag) !== 0,
    bytes: bytes.subarray(chunkHeadBytes),
  });
};

/** Whether the first byte announces a datagram of an app. */
export const isMessage = (bytes: Uint8Array): boolean => bytes[0] === messageType;

/** The bytes of a MESSAGE, fresh. Throws `WireError` FRAME_FIELD_INVALID unless it has 1..1197 bytes. */
export const encodeMessage = (message: Uint8Array): Uint8Array => {
  if (message.length < 1 || message.length > frameBytesMax - 1) throw new WireError('FRAME_FIELD_INVALID', `Cannot encode message: it has 1..${frameBytesMax - 1} bytes, got ${message.length}`);
  const bytes = new Uint8Array(1 + message.length);
  bytes[0] = messageType;
  bytes.set(message, 1);
  return bytes;
};

/** The datagram in these bytes, as a view. Never throws. */
export const decodeMessage = (bytes: Uint8Array): Decoded<Uint8Array, FrameRefusal> =>
  bytes.length < 2 || bytes.length > frameBytesMax || !isMessage(bytes) ? refused('frame-length-wrong') : decoded(bytes.subarray(1));
