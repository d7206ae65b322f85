/**
 * The frames that move files: fixed binary, integers big-endian. SPEC, Frames.
 *
 * | PULL     | type 1, transfer 4, file 16, n x (first 4, count 2), n = 1..64             | 21 + 6n        |
 * | NOBLOCK  | type 1, transfer 4, reason 1, first 4, count 2                             | 12 bytes       |
 * | HOLDS    | type 1, transfer 4, from 4, until 4, n bytes of bits, n = 0..32           | 13 + n         |
 * | BLOCK    | type 1, transfer 4, position 4, block 1024                                 | 1033 bytes     |
 *
 * BLOCK is no {@link Frame}: a hundred thousand may come in a second, and like an object it is a view over its bytes.
 */
import { type Decoded, decoded, readU16, readU32, refused, writeU16, writeU32 } from '@srp/machine';
import { blockFrameBytes, blockHeadBytes, holdsBitsMax, holdsHeadBytes, noBlockBytes, pullBlocksMax, pullHeadBytes, rangeBytes } from '../constants.js';
import { WireError } from '../errors.js';
import { readHex } from '../hex.js';
import { checkInteger, invalid, putHex, started } from './fields.js';
import { type BlockRange, blockType, type Holds, type NoBlock, type NoBlockReason, type Pull } from './frame.js';
import type { FrameRefusal } from './refusal.js';

const transferAt = 1;
const fileAt = 5;
const fileBytes = 16;
const reasonAt = 5;
const noBlockRangeAt = 6;
const positionAt = 5;
const fromAt = 5;
const untilAt = 9;
const u32Max = 0xffff_ffff;
const blockBytes = blockFrameBytes - blockHeadBytes;
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

export const encodeHolds = ({ transfer, from, until, also }: Holds): Uint8Array => {
  checkInteger(transfer, 0, u32Max, 'holds', 'transfer');
  checkInteger(until, 0, u32Max, 'holds', 'until');
  checkInteger(from, 0, until, 'holds', 'from');
  const last = also.at(-1);
  const bytes = started('holds', holdsHeadBytes + (last === undefined ? 0 : Math.floor((last - until) / 8) + 1));
  writeU32(bytes, transferAt, transfer);
  writeU32(bytes, fromAt, from);
  writeU32(bytes, untilAt, until);
  let before = until;
  for (const group of also) {
    checkInteger(group, before + 1, Math.min(u32Max, until + holdsBitsMax - 1), 'holds', 'also');
    const bit = group - until;
    bytes[holdsHeadBytes + (bit >> 3)] = (bytes[holdsHeadBytes + (bit >> 3)] ?? 0) | (0x80 >> (bit & 7));
    before = group;
  }
  return bytes;
};

/** The first bit is of the group that is missing, and the last byte has one that is set: so what is held has one form. */
export const decodeHolds = (bytes: Uint8Array): Decoded<Holds, FrameRefusal> => {
  const bitBytes = bytes.length - holdsHeadBytes;
  if (bitBytes < 0 || bitBytes > holdsBitsMax / 8) return refused('frame-length-wrong');
  const from = readU32(bytes, fromAt);
  const until = readU32(bytes, untilAt);
  if (from > until) return refused('range-invalid');
  const also: number[] = [];
  for (let bit = 0; bit < 8 * bitBytes; bit += 1) if (((bytes[holdsHeadBytes + (bit >> 3)] ?? 0) & (0x80 >> (bit & 7))) !== 0) also.push(until + bit);
  if (bitBytes > 0 && (bytes.at(-1) === 0 || also[0] === until)) return refused('bits-invalid');
  if ((also.at(-1) ?? 0) > u32Max) return refused('range-invalid');
  return decoded({ kind: 'holds', transfer: readU32(bytes, transferAt), from, until, also });
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

/** The bytes of BLOCKs whose positions follow each other from `position` on, fresh; `blocks` are their bytes. Throws `WireError` FRAME_FIELD_INVALID. */
export const encodeBlocks = ({ transfer, position, bytes: blocks }: Block): readonly Uint8Array[] => {
  const count = blocks.length / blockBytes;
  if (!Number.isInteger(count) || count < 1) throw new WireError('FRAME_FIELD_INVALID', `Cannot encode blocks: each has ${blockBytes} bytes, got ${blocks.length}`);
  const frames: Uint8Array[] = [];
  // In one piece of memory: to allocate each costs more than to fill it.
  const all = new Uint8Array(count * blockFrameBytes);
  for (let i = 0; i < count; i += 1) {
    const bytes = all.subarray(i * blockFrameBytes, (i + 1) * blockFrameBytes);
    bytes[0] = blockType;
    writeU32(bytes, transferAt, transfer);
    writeU32(bytes, positionAt, position + i);
    bytes.set(blocks.subarray(i * blockBytes, (i + 1) * blockBytes), blockHeadBytes);
    frames.push(bytes);
  }
  return frames;
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
