/**
 * The datagrams of a link, to and from bytes. SPEC, Datagrams.
 *
 * ```
 * INIT   0x05 | from 4 | e 32, sealed s 48, sealed payload n+16 | mac1 16 | mac2 16      200..1227 bytes
 * RESP   0x06 | from 4 | to 4 | e 32, sealed payload m+16       | mac1 16                74.. as long as the INIT
 * COOKIE 0x07 | to 4 | nonce 24 | sealed cookie 16+16                                    61
 * DATA   0x08 | to 4 | counter 8 LE | sealed frames n+16                                 29 + frames, 38430 at most
 * RELAY  0x09 | channel 4 | inner datagram                                               5 + inner
 * PUNCH  0x0A | token 8                                                                  9
 * ```
 *
 * An index is big-endian; a counter is little-endian, because it is the nonce. What is decoded are views of
 * the datagram: nothing is copied, nothing is believed. This file checks lengths and types alone.
 */
import { concat, type Decoded, decoded, fromHex, readU32, refused, toHex, writeU32 } from '@srp/machine';
import * as size from './constants.js';

/** The number that names a session, or a handshake with one address, at its receiver: 1..2^32-1. */
export type SessionIndex = number;

/** A first message of a handshake. */
export interface InitDatagram {
  readonly kind: 'init';
  readonly from: SessionIndex;
  /** e, sealed s, sealed payload. */
  readonly noise: Uint8Array;
  /** What mac1 covers: everything before it. */
  readonly maced1: Uint8Array;
  readonly mac1: Uint8Array;
  /** What mac2 covers: everything before it, mac1 too. */
  readonly maced2: Uint8Array;
  readonly mac2: Uint8Array;
  readonly length: number;
}

/** A second message of a handshake. */
export interface ResponseDatagram {
  readonly kind: 'response';
  readonly from: SessionIndex;
  readonly to: SessionIndex;
  /** e, sealed payload. */
  readonly noise: Uint8Array;
  readonly maced1: Uint8Array;
  readonly mac1: Uint8Array;
}

/** "I am busy: prove your address." */
export interface CookieDatagram {
  readonly kind: 'cookie';
  readonly to: SessionIndex;
  readonly nonce: Uint8Array;
  readonly sealed: Uint8Array;
}

/** Frames inside a session. */
export interface DataDatagram {
  readonly kind: 'data';
  readonly to: SessionIndex;
  /** 0..2^53-1. */
  readonly counter: number;
  readonly sealed: Uint8Array;
}

/** A datagram for somebody else. */
export interface RelayDatagram {
  readonly kind: 'relay';
  readonly channel: number;
  readonly inner: Uint8Array;
}

/** A token that opens a NAT, and proves nothing. */
export interface PunchDatagram {
  readonly kind: 'punch';
  /** 16 lowercase hex characters. */
  readonly token: string;
}

export type Datagram = InitDatagram | ResponseDatagram | CookieDatagram | DataDatagram | RelayDatagram | PunchDatagram;

/** Why bytes are no datagram of a link. */
export type DatagramRefusal = 'unknown-type' | 'wrong-length' | 'index-zero' | 'counter-too-large';

/** Reads one datagram. Never throws. */
export const decodeDatagram = (bytes: Uint8Array): Decoded<Datagram, DatagramRefusal> => {
  if (bytes[0] === size.datagramType.data) return decodeData(bytes);
  if (bytes.length > size.datagramBytesMax) return refused('wrong-length');
  switch (bytes[0]) {
    case size.datagramType.init:
      return decodeInit(bytes);
    case size.datagramType.response:
      return decodeResponse(bytes);
    case size.datagramType.cookie:
      return decodeCookie(bytes);
    case size.datagramType.relay:
      if (bytes.length <= size.relayOverheadBytes) return refused('wrong-length');
      return decoded({ kind: 'relay', channel: readU32(bytes, 1), inner: bytes.subarray(size.relayOverheadBytes) });
    case size.datagramType.punch:
      if (bytes.length !== size.punchBytes) return refused('wrong-length');
      return decoded({ kind: 'punch', token: toHex(bytes.subarray(1)) });
    default:
      return refused('unknown-type');
  }
};

const decodeData = (bytes: Uint8Array): Decoded<DataDatagram, DatagramRefusal> => {
  if (bytes.length < size.sessionOverheadBytes || bytes.length > size.largeDatagramBytesMax) return refused('wrong-length');
  const to = readU32(bytes, 1);
  if (to === 0) return refused('index-zero');
  const counter = readCounter(bytes, 1 + size.indexBytes);
  if (counter === null) return refused('counter-too-large');
  return decoded({ kind: 'data', to, counter, sealed: bytes.subarray(size.dataHeadBytes) });
};

const decodeInit = (bytes: Uint8Array): Decoded<InitDatagram, DatagramRefusal> => {
  if (bytes.length < size.initBytesMin || bytes.length > size.innerBytesMax) return refused('wrong-length');
  const from = readU32(bytes, 1);
  if (from === 0) return refused('index-zero');
  const mac1At = bytes.length - 2 * size.macBytes;
  const mac2At = bytes.length - size.macBytes;
  return decoded({
    kind: 'init',
    from,
    noise: bytes.subarray(size.initHeadBytes, mac1At),
    maced1: bytes.subarray(0, mac1At),
    mac1: bytes.subarray(mac1At, mac2At),
    maced2: bytes.subarray(0, mac2At),
    mac2: bytes.subarray(mac2At),
    length: bytes.length,
  });
};

const decodeResponse = (bytes: Uint8Array): Decoded<ResponseDatagram, DatagramRefusal> => {
  if (bytes.length < size.responseOverheadBytes || bytes.length > size.innerBytesMax) return refused('wrong-length');
  const from = readU32(bytes, 1);
  const to = readU32(bytes, 1 + size.indexBytes);
  if (from === 0 || to === 0) return refused('index-zero');
  const mac1At = bytes.length - size.macBytes;
  return decoded({
    kind: 'response',
    from,
    to,
    noise: bytes.subarray(size.responseHeadBytes, mac1At),
    maced1: bytes.subarray(0, mac1At),
    mac1: bytes.subarray(mac1At),
  });
};

const decodeCookie = (bytes: Uint8Array): Decoded<CookieDatagram, DatagramRefusal> => {
  if (bytes.length !== size.cookieDatagramBytes) return refused('wrong-length');
  const to = readU32(bytes, 1);
  if (to === 0) return refused('index-zero');
  const nonceAt = 1 + size.indexBytes;
  const sealedAt = nonceAt + size.cookieNonceBytes;
  return decoded({ kind: 'cookie', to, nonce: bytes.subarray(nonceAt, sealedAt), sealed: bytes.subarray(sealedAt) });
};

/** An INIT up to its macs, which `macs.ts` appends. */
export const encodeInitHead = (from: SessionIndex, noise: Uint8Array): Uint8Array => concat(head(size.datagramType.init, from), noise);

/** A RESP up to its mac1, which `macs.ts` appends. */
export const encodeResponseHead = (from: SessionIndex, to: SessionIndex, noise: Uint8Array): Uint8Array =>
  concat(head(size.datagramType.response, from, to), noise);

/** A whole COOKIE. */
export const encodeCookie = (to: SessionIndex, nonce: Uint8Array, sealed: Uint8Array): Uint8Array =>
  concat(head(size.datagramType.cookie, to), nonce, sealed);

/** Makes a whole DATA of bytes that were sealed with room for its head. Most datagrams are these: nothing is copied. */
export const writeDataHead = (bytes: Uint8Array, to: SessionIndex, counter: number): Uint8Array => {
  bytes[0] = size.datagramType.data;
  writeU32(bytes, 1, to);
  writeCounter(bytes, 1 + size.indexBytes, counter);
  return bytes;
};

/** A whole RELAY around a datagram of at most 1227 bytes. */
export const encodeRelay = (channel: number, inner: Uint8Array): Uint8Array => concat(head(size.datagramType.relay, channel), inner);

/** A whole PUNCH. `token` is 16 hex characters. */
export const encodePunch = (token: string): Uint8Array => concat(head(size.datagramType.punch), fromHex(token));

/** Writes a packet counter, 8 bytes little-endian, at `offset`. */
export const writeCounter = (bytes: Uint8Array, offset: number, counter: number): void => {
  const high = Math.floor(counter / 2 ** 32);
  for (let i = 0; i < 4; i += 1) {
    bytes[offset + i] = counter >>> (8 * i);
    bytes[offset + 4 + i] = high >>> (8 * i);
  }
};

/** `null` from 2^53 on, where numbers are no longer exact; keys are renewed long before. */
const readCounter = (bytes: Uint8Array, offset: number): number | null => {
  let counter = 0;
  for (let i = 7; i >= 0; i -= 1) counter = counter * 256 + (bytes[offset + i] ?? 0);
  return Number.isSafeInteger(counter) ? counter : null;
};

const head = (type: number, ...indices: readonly number[]): Uint8Array => {
  const bytes = new Uint8Array(1 + size.indexBytes * indices.length);
  bytes[0] = type;
  indices.forEach((index, i) => writeU32(bytes, 1 + size.indexBytes * i, index));
  return bytes;
};
