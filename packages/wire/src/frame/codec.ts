/**
 * Frames to bytes and back: dispatch alone; `fixed.ts`, `sync.ts`, `transfer.ts`, `stream.ts` and `cold.ts` know the layouts. SPEC, Frames.
 *
 * The first byte of what a session carries decides: 0x50..0x5f is an object (`isObject`), 0x00 a bundle
 * (`isBundle`, `unbundle`), 0x0c a block of a file (`isBlock`, `decodeBlock`), 0x0f a piece of a stream
 * (`isChunk`, `decodeChunk`), 0x10 a datagram of an app (`isMessage`, `decodeMessage`), anything else one frame.
 */
import { type Decoded, refused, unreachable } from '@srp/machine';
import { frameBytesMax } from '../constants.js';
import { isObject } from '../object/layout.js';
import { decodeColdMap, encodeCold, readBye, readCall, readFind, readHello, readIntroduce, readKnock, readOpen, readPeers, readPorts, readReset } from './cold.js';
import {
  decodeGraft,
  decodeIHave,
  decodeOffer,
  decodePing,
  decodePong,
  decodePrune,
  decodeWant,
  encodeGraft,
  encodeIHave,
  encodeOffer,
  encodePing,
  encodePong,
  encodePrune,
  encodeWant,
  encodeWantAfter,
} from './fixed.js';
import { blockType, bundleType, chunkType, type Frame, frameType, messageType } from './frame.js';
import type { FrameRefusal } from './refusal.js';
import { decodeSyncIds, decodeSyncRequest, decodeSyncSymbols, encodeSyncIds, encodeSyncRequest, encodeSyncSymbols } from './sync.js';
import { decodeAsk, encodeAsk } from './stream.js';
import { decodeHolds, decodeNoBlock, decodePull, encodeHolds, encodeNoBlock, encodePull } from './transfer.js';

/**
 * The bytes of a frame, 1..1198, fresh.
 *
 * Throws `WireError` FRAME_FIELD_INVALID when a field breaks a rule of its frame: an id that is not lowercase hex of its
 * length, a number out of range, too many entries, an entry twice, an address no peer can have.
 */
export const encodeFrame = (frame: Frame): Uint8Array => {
  switch (frame.kind) {
    case 'ping':
      return encodePing(frame);
    case 'pong':
      return encodePong(frame);
    case 'ihave':
      return encodeIHave(frame);
    case 'want':
      return encodeWant(frame);
    case 'want-after':
      return encodeWantAfter(frame);
    case 'graft':
      return encodeGraft(frame);
    case 'prune':
      return encodePrune(frame);
    case 'offer':
      return encodeOffer(frame);
    case 'sync-request':
      return encodeSyncRequest(frame);
    case 'sync-symbols':
      return encodeSyncSymbols(frame);
    case 'sync-ids':
      return encodeSyncIds(frame);
    case 'pull':
      return encodePull(frame);
    case 'no-block':
      return encodeNoBlock(frame);
    case 'holds':
      return encodeHolds(frame);
    case 'ask':
      return encodeAsk(frame);
    case 'hello':
    case 'find':
    case 'peers':
    case 'introduce':
    case 'call':
    case 'ports':
    case 'knock':
    case 'bye':
    case 'open':
    case 'reset':
      return encodeCold(frame);
    default:
      return unreachable(frame);
  }
};

/** Reads one frame. Never throws, keeps no reference to `bytes`, allocates at most a constant times their length. */
export const decodeFrame = (bytes: Uint8Array): Decoded<Frame, FrameRefusal> => {
  if (bytes.length === 0) return refused('frame-empty');
  if (bytes.length > frameBytesMax) return refused('frame-too-long');
  if (isObject(bytes)) return refused('frame-is-object');
  switch (bytes[0]) {
    case bundleType:
      return refused('frame-is-bundle');
    case blockType:
      return refused('frame-is-block');
    case chunkType:
      return refused('frame-is-chunk');
    case messageType:
      return refused('frame-is-message');
    case frameType.ping:
      return decodePing(bytes);
    case frameType.pong:
      return decodePong(bytes);
    case frameType.ihave:
      return decodeIHave(bytes);
    case frameType.want:
      return decodeWant(bytes);
    case frameType.graft:
      return decodeGraft(bytes);
    case frameType.prune:
      return decodePrune(bytes);
    case frameType.offer:
      return decodeOffer(bytes);
    case frameType['sync-request']:
      return decodeSyncRequest(bytes);
    case frameType['sync-symbols']:
      return decodeSyncSymbols(bytes);
    case frameType['sync-ids']:
      return decodeSyncIds(bytes);
    case frameType.pull:
      return decodePull(bytes);
    case frameType['no-block']:
      return decodeNoBlock(bytes);
    case frameType.holds:
      return decodeHolds(bytes);
    case frameType.ask:
      return decodeAsk(bytes);
    default:
      return decodeCold(bytes);
  }
};

const decodeCold = (bytes: Uint8Array): Decoded<Frame, FrameRefusal> => {
  const read = readers[bytes[0] ?? 0];
  if (read === undefined) return refused('frame-type-unknown');
  const map = decodeColdMap(bytes);
  return map.ok ? read(map.value) : map;
};

const readers: Readonly<Record<number, typeof readHello | typeof readFind | typeof readPeers | typeof readIntroduce | typeof readCall | typeof readPorts | typeof readKnock | typeof readBye | typeof readOpen | typeof readReset>> = {
  [frameType.hello]: readHello,
  [frameType.find]: readFind,
  [frameType.peers]: readPeers,
  [frameType.introduce]: readIntroduce,
  [frameType.call]: readCall,
  [frameType.ports]: readPorts,
  [frameType.knock]: readKnock,
  [frameType.bye]: readBye,
  [frameType.open]: readOpen,
  [frameType.reset]: readReset,
};
