/**
 * Hot frames: fixed binary, read at constant offsets. Integers are big-endian. SPEC, Frames.
 *
 * | PING     | type 1, tx 8, zero 1, silence 1, zero 22                                   | 33 bytes       |
 * | PONG     | type 1, tx 8, observed address 19, time 4, silence 1                       | 33 bytes       |
 * | WANT     | type 1, form 0, ids 8 x n, n = 1..60                                       | 2 + 8n         |
 * | WANT     | type 1, form 1, tag 8, prev 16                                             | 26 bytes       |
 * | IHAVE    | type 1, tag 8, ids 8 x n, n = 1..148                                       | 9 + 8n         |
 * | GRAFT    | type 1, tag 8, ids 8 x n, n = 0..60                                        | 9 + 8n         |
 * | PRUNE    | type 1, tag 8                                                              | 9 bytes        |
 * | OFFER    | type 1, tag 8, ids 8 x n, n = 1..148                                       | 9 + 8n         |
 *
 * Those of the cache negotiation are in `sync.ts`.
 */
import { addressBytes, type Decoded, decoded, type PacketId, readU32, refused, type ShortId, type TopicTag, writeU32 } from '@srp/machine';
import {
  probeBytes,
  shortIdBytes,
  timeMax,
  topicHeadBytes,
  topicIdsMax,
  wantIdsMax,
} from '../constants.js';
import { isZero, readHex } from '../hex.js';
import { addressOf, checkInteger, checkList, putHex, putIds, readAddress, readIds, started } from './fields.js';
import type { Graft, IHave, Offer, Ping, Pong, Prune, Want, WantAfter } from './frame.js';
import type { FrameRefusal } from './refusal.js';

interface TopicIds<Kind> {
  readonly kind: Kind;
  readonly tag: TopicTag;
  readonly ids: readonly ShortId[];
}

const txAt = 1;
const pingSilenceAt = 10;
const observedAt = 9;
const pongTimeAt = observedAt + addressBytes;
const pongSilenceAt = pongTimeAt + 4;
const formAt = 1;
const wantHeadBytes = 2;
const afterTagAt = 2;
const afterPrevAt = 10;
const wantAfterBytes = 26;
const tagAt = 1;
const tokenBytes = 8;
const tagBytes = 8;
const packetIdBytes = 16;

export const encodePing = (frame: Ping): Uint8Array => {
  checkInteger(frame.silence, 0, 0xff, 'ping', 'silence');
  const bytes = started('ping', probeBytes);
  putHex(bytes, txAt, frame.tx, tokenBytes, 'ping', 'tx');
  bytes[pingSilenceAt] = frame.silence;
  return bytes;
};

export const decodePing = (bytes: Uint8Array): Decoded<Ping, FrameRefusal> => {
  if (bytes.length !== probeBytes) return refused('frame-length-wrong');
  if (bytes[pingSilenceAt - 1] !== 0 || !isZero(bytes, pingSilenceAt + 1, probeBytes - pingSilenceAt - 1)) return refused('padding-not-zero');
  return decoded({
    kind: 'ping',
    tx: readHex(bytes, txAt, tokenBytes),
    silence: bytes[pingSilenceAt] ?? 0,
  });
};

export const encodePong = (frame: Pong): Uint8Array => {
  checkInteger(frame.time, 0, timeMax, 'pong', 'time');
  checkInteger(frame.silence, 0, 0xff, 'pong', 'silence');
  const bytes = started('pong', probeBytes);
  putHex(bytes, txAt, frame.tx, tokenBytes, 'pong', 'tx');
  bytes.set(addressOf(frame.observed, 'pong', 'observed'), observedAt);
  writeU32(bytes, pongTimeAt, frame.time);
  bytes[pongSilenceAt] = frame.silence;
  return bytes;
};

export const decodePong = (bytes: Uint8Array): Decoded<Pong, FrameRefusal> => {
  if (bytes.length !== probeBytes) return refused('frame-length-wrong');
  const observed = readAddress(bytes, observedAt);
  if (!observed.ok) return observed;
  return decoded({
    kind: 'pong',
    tx: readHex(bytes, txAt, tokenBytes),
    observed: observed.value,
    time: readU32(bytes, pongTimeAt),
    silence: bytes[pongSilenceAt] ?? 0,
  });
};

export const encodeWant = (frame: Want): Uint8Array => {
  checkList(frame.ids, 1, wantIdsMax, 'want', 'ids');
  const bytes = started('want', wantHeadBytes + shortIdBytes * frame.ids.length);
  putIds(bytes, wantHeadBytes, frame.ids, 'want');
  return bytes;
};

export const encodeWantAfter = (frame: WantAfter): Uint8Array => {
  const bytes = started('want-after', wantAfterBytes);
  bytes[formAt] = 1;
  putHex(bytes, afterTagAt, frame.tag, tagBytes, 'want-after', 'tag');
  putHex(bytes, afterPrevAt, frame.prev, packetIdBytes, 'want-after', 'prev');
  return bytes;
};

export const decodeWant = (bytes: Uint8Array): Decoded<Want | WantAfter, FrameRefusal> => {
  if (bytes.length < wantHeadBytes) return refused('frame-length-wrong');
  if (bytes[formAt] === 1) {
    if (bytes.length !== wantAfterBytes) return refused('frame-length-wrong');
    const tag = readHex(bytes, afterTagAt, tagBytes) as TopicTag;
    return decoded({ kind: 'want-after', tag, prev: readHex(bytes, afterPrevAt, packetIdBytes) as PacketId });
  }
  if (bytes[formAt] !== 0) return refused('want-form-unknown');
  const ids = readIds(bytes, wantHeadBytes, 1, wantIdsMax);
  return ids.ok ? decoded({ kind: 'want', ids: ids.value }) : ids;
};

export const encodeIHave = (frame: IHave): Uint8Array => encodeTopicIds(frame, 1, topicIdsMax);
export const encodeGraft = (frame: Graft): Uint8Array => encodeTopicIds(frame, 0, wantIdsMax);
export const encodeOffer = (frame: Offer): Uint8Array => encodeTopicIds(frame, 1, topicIdsMax);

export const decodeIHave = (bytes: Uint8Array): Decoded<IHave, FrameRefusal> => decodeTopicIds('ihave', bytes, 1, topicIdsMax);
export const decodeGraft = (bytes: Uint8Array): Decoded<Graft, FrameRefusal> => decodeTopicIds('graft', bytes, 0, wantIdsMax);
export const decodeOffer = (bytes: Uint8Array): Decoded<Offer, FrameRefusal> => decodeTopicIds('offer', bytes, 1, topicIdsMax);

export const encodePrune = (frame: Prune): Uint8Array => {
  const bytes = started('prune', topicHeadBytes);
  putHex(bytes, tagAt, frame.tag, tagBytes, 'prune', 'tag');
  return bytes;
};

export const decodePrune = (bytes: Uint8Array): Decoded<Prune, FrameRefusal> =>
  bytes.length === topicHeadBytes ? decoded({ kind: 'prune', tag: readHex(bytes, tagAt, tagBytes) as TopicTag }) : refused('frame-length-wrong');

/** A frame that is a tag and ids. */
const encodeTopicIds = (frame: IHave | Graft | Offer, min: number, max: number): Uint8Array => {
  checkList(frame.ids, min, max, frame.kind, 'ids');
  const bytes = started(frame.kind, topicHeadBytes + shortIdBytes * frame.ids.length);
  putHex(bytes, tagAt, frame.tag, tagBytes, frame.kind, 'tag');
  putIds(bytes, topicHeadBytes, frame.ids, frame.kind);
  return bytes;
};

const decodeTopicIds = <Kind extends 'ihave' | 'graft' | 'offer'>(kind: Kind, bytes: Uint8Array, min: number, max: number): Decoded<TopicIds<Kind>, FrameRefusal> => {
  if (bytes.length < topicHeadBytes) return refused('frame-length-wrong');
  const ids = readIds(bytes, topicHeadBytes, min, max);
  return ids.ok ? decoded({ kind, tag: readHex(bytes, tagAt, tagBytes) as TopicTag, ids: ids.value }) : ids;
};
