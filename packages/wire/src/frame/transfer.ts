/**
 * The frames that move files: fixed binary, integers big-endian. SPEC, Frames.
 *
 * | PULL     | type 1, transfer 4, file 16, n x (first 4, count 2), n = 1..64             | 21 + 6n        |
 * | NOBLOCK  | type 1, transfer 4, reason 1, first 4, count 2                             | 12 bytes       |
 * | BLOCK    | type 1, transfer 4, position 4, block 1024                                 | 1033 bytes     |
 *
 * BLOCK is no {@link Frame}: a hundred thousand may come in a second, and like an object it is a view over its bytes.
 */
import { type Decoded, decoded, readU16, readU32, refused, writeU16, writeU32 } from '@srp/machine';
import { blockFrameBytes, blockHeadBytes, noBlockBytes, pullBlocksMax, pullHeadBytes, rangeBytes } from '../constants.js';
import { WireError } from '../errors.js';
import { readHex } from '../hex.js';
import { checkInteger, invalid, putHex, started } from './fields.js';
import { type BlockRange, blockType, type NoBlock, type NoBlockReason, type Pull } from './frame.js';
import type { FrameRefusal } from './refusal.js';

const transferAt = 1;
const fileAt = 5;
const fileBytes = 16;
const reasonAt = 5;
const noBlockRangeAt = 6;
const positionAt = 5;
const u32Max = 0xffff_ffff;
const reasons = ['unknown', 'absent', 'unreadable', 'busy'] as const satisfies readonly NoBlockReason[];

export const encodePull = ({ transfer, file, ranges }: Pull): Uint8Array => {
  checkInteger(transfer, 0, u32Max, 'pull', 'transfer');
  if (ranges.length < 1 || ranges.length > pullBlocksMax) throw invalid('pull', `ranges must be 1..${pullBlocksMax}, got ${ranges.length}`);
  const blocks = ranges.reduce((sum, { count }) => sum + count, 0);
  if (blocks > pullBlocksMax) throw invalid('pull', `ranges must have at most ${pullBlocksMax} blocks together, got ${blocks}`);
  const bytes = started('pull', pullHeadBytes + rangeBytes * ranges.length);
  writeU32(bytes, transferAt, transfer);
  putHex(bytes, fileAt, file, fileBytes, 'pull', 'file');
  ranges.forEach((range, i) => putRange(bytes, pullHeadBytes + rangeBytes * i, range, 'pull'));
  return bytes;
};

export const decodePull = (bytes: Uint8Array): Decoded<Pull, FrameRefusal> => {
  const length = bytes.length - pullHeadBytes;
  if (length < 0 || length % rangeBytes !== 0) return refused('frame-length-wrong');
  const ranges: BlockRange[] = [];
  let blocks = 0;
  for (let at = pullHeadBytes; at < bytes.length; at += rangeBytes) {
    const range = readRange(bytes, at);
    if (range === null) return refused('range-invalid');
    blocks += range.count;
    ranges.push(range);
  }
  if (ranges.length === 0) return refused('ranges-empty');
  if (blocks > pullBlocksMax) return refused('ranges-too-long');
  return decoded({ kind: 'pull', transfer: readU32(bytes, transferAt), file: readHex(bytes, fileAt, fileBytes), ranges });
};

export const encodeNoBlock = ({ transfer, reason, range }: NoBlock): Uint8Array => {
  checkInteger(transfer, 0, u32Max, 'no-block', 'transfer');
  const number = reasons.indexOf(reason);
  if (number < 0) throw invalid('no-block', `reason must be one of ${reasons.join(', ')}, got ${JSON.stringify(reason)}`);
  const bytes = started('no-block', noBlockBytes);
  writeU32(bytes, transferAt, transfer);
  bytes[reasonAt] = number;
  putRange(bytes, noBlockRangeAt, range, 'no-block');
  return bytes;
};

export const decodeNoBlock = (bytes: Uint8Array): Decoded<NoBlock, FrameRefusal> => {
  if (bytes.length !== noBlockBytes) return refused('frame-length-wrong');
  const reason = reasons[bytes[reasonAt] ?? 0];
  if (reason === undefined) return refused('reason-invalid');
  const range = readRange(bytes, noBlockRangeAt);
  return range === null ? refused('range-invalid') : decoded({ kind: 'no-block', transfer: readU32(bytes, transferAt), reason, range });
};

/** A block that was asked for, as it travels. */
export interface Block {
  /** That of the PULL, u32. */
  readonly transfer: number;
  /** Which block of the file's tree it is, u32. */
  readonly position: number;
  /** 1024 bytes, a view. */
  readonly bytes: Uint8Array;
}

/** Whether the first byte announces a block. */
export const isBlock = (bytes: Uint8Array): boolean => bytes[0] === blockType;

/** The bytes of a BLOCK, fresh. Throws `WireError` FRAME_FIELD_INVALID. */
export const encodeBlock = ({ transfer, position, bytes: block }: Block): Uint8Array => {
  if (block.length !== blockFrameBytes - blockHeadBytes) throw new WireError('FRAME_FIELD_INVALID', `Cannot encode block: it has 1024 bytes, got ${block.length}`);
  const bytes = new Uint8Array(blockFrameBytes);
  bytes[0] = blockType;
  writeU32(bytes, transferAt, transfer);
  writeU32(bytes, positionAt, position);
  bytes.set(block, blockHeadBytes);
  return bytes;
};

/** The block in these bytes, as a view. Never throws. */
export const decodeBlock = (bytes: Uint8Array): Decoded<Block, FrameRefusal> => {
  if (bytes.length !== blockFrameBytes || !isBlock(bytes)) return refused('frame-length-wrong');
  return decoded({ transfer: readU32(bytes, transferAt), position: readU32(bytes, positionAt), bytes: bytes.subarray(blockHeadBytes) });
};

const putRange = (bytes: Uint8Array, offset: number, { first, count }: BlockRange, kind: 'pull' | 'no-block'): void => {
  checkInteger(count, 1, pullBlocksMax, kind, 'count');
  checkInteger(first, 0, u32Max - count + 1, kind, 'first');
  writeU32(bytes, offset, first);
  writeU16(bytes, offset + 4, count);
};

/** `null` if it has no block, more than a PULL may ask for, or one beyond the last number. */
const readRange = (bytes: Uint8Array, offset: number): BlockRange | null => {
  const first = readU32(bytes, offset);
  const count = readU16(bytes, offset + 4);
  return count < 1 || count > pullBlocksMax || first + count - 1 > u32Max ? null : { first, count };
};
