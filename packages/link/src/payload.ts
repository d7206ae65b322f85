/**
 * What is sealed inside the two messages of a handshake. SPEC, Handshake.
 *
 * | INIT | off | size | field     | meaning                                                                    |
 * | ---- | --- | ---- | --------- | -------------------------------------------------------------------------- |
 * |      | 0   | 8    | ms        | u64 BE, greater than in any earlier INIT of this key; below 2^53            |
 * |      | 8   | 4    | continues | index of the session that is renewed, as its receiver knows it; 0 = none    |
 * |      | 12  | 2    | length    | u16 BE, bytes of the frames                                                 |
 * |      | 14  | n    | frames    | nothing, one frame, or a bundle: PING, FIND and HELLO alone                 |
 * |      | 14+n|      | padding   | zeros, ignored, so that the INIT has 200 bytes at least                     |
 *
 * | RESP | off | size | field     | meaning                                                                    |
 * | ---- | --- | ---- | --------- | -------------------------------------------------------------------------- |
 * |      | 0   | 1    | continued | 1 if the session that INIT names goes on, 0 if this is a new one            |
 * |      | 1   | m    | frames    | nothing, one frame, or a bundle                                             |
 */
import { concat, type Decoded, decoded, readU16, readU32, refused, writeU16, writeU32 } from '@srp/machine';
import type { SessionIndex } from './codec.js';
import { initBytesMin, initOverheadBytes, initPayloadHeadBytes, responsePayloadHeadBytes } from './constants.js';

export interface InitPayload {
  /** 0..2^53-1. */
  readonly ms: number;
  readonly continues: SessionIndex;
  readonly frames: Uint8Array;
}

export interface ResponsePayload {
  readonly isContinued: boolean;
  readonly frames: Uint8Array;
}

const continuesAt = 8;
const lengthAt = 12;
const u32 = 2 ** 32;

/** The payload of an INIT, padded so that the whole datagram has at least `bytesMin`, 200 or more. */
export const encodeInitPayload = ({ ms, continues, frames }: InitPayload, bytesMin: number = initBytesMin): Uint8Array => {
  const padding = Math.max(0, bytesMin - initOverheadBytes - frames.length);
  const bytes = new Uint8Array(initPayloadHeadBytes + frames.length + padding);
  writeU32(bytes, 0, Math.floor(ms / u32));
  writeU32(bytes, 4, ms % u32);
  writeU32(bytes, continuesAt, continues);
  writeU16(bytes, lengthAt, frames.length);
  bytes.set(frames, initPayloadHeadBytes);
  return bytes;
};

/** Reads the payload of an INIT. */
export const decodeInitPayload = (bytes: Uint8Array): Decoded<InitPayload, 'malformed'> => {
  if (bytes.length < initPayloadHeadBytes) return refused('malformed');
  const ms = readU32(bytes, 0) * u32 + readU32(bytes, 4);
  const end = initPayloadHeadBytes + readU16(bytes, lengthAt);
  if (!Number.isSafeInteger(ms) || end > bytes.length) return refused('malformed');
  return decoded({ ms, continues: readU32(bytes, continuesAt), frames: bytes.subarray(initPayloadHeadBytes, end) });
};

/** The payload of a RESP. */
export const encodeResponsePayload = ({ isContinued, frames }: ResponsePayload): Uint8Array =>
  concat(Uint8Array.of(isContinued ? 1 : 0), frames);

/** Reads the payload of a RESP. */
export const decodeResponsePayload = (bytes: Uint8Array): Decoded<ResponsePayload, 'malformed'> => {
  const [continued] = bytes;
  if (continued !== 0 && continued !== 1) return refused('malformed');
  return decoded({ isContinued: continued === 1, frames: bytes.subarray(responsePayloadHeadBytes) });
};
