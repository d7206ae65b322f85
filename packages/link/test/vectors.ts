/** The conformance vectors of this package, made anew: `npm run vectors` writes them. */
import { agreementSecretKey, keyPairOf, suite } from '@srp/identity';
import { type Address, concat, encodeAddress, instant, parseAddress, toHex, utf8, writeU16, writeU32 } from '@srp/machine';
import { bundle, encodeFrame } from '@srp/wire';
import type { VectorFile } from '../../../scripts/vectors.mjs';
import { encodeCookie, encodeInitHead, encodePunch, encodeRelay, encodeResponseHead, decodeDatagram, type DatagramRefusal, writeDataHead } from '../dist/codec.js';
import { dataHeadBytes } from '../dist/constants.js';
import { finishInit, finishResponse, macKeysOf } from '../dist/macs.js';
import { readInit, readResponse, writeInit, writeResponse } from '../dist/noise.js';
import { encodeInitPayload, encodeResponsePayload } from '../dist/payload.js';
import { TransportKeys } from '../dist/transport.js';
import { handshakeIK } from './reference/noise-ik.js';

const dataOf = (to: number, counter: number, sealed: Uint8Array): Uint8Array => writeDataHead(concat(new Uint8Array(dataHeadBytes), sealed), to, counter);

const secret = (first: number): Uint8Array => Uint8Array.from({ length: 32 }, (_, i) => first + i);
const pair = (seed: Uint8Array) => {
  const { publicKey, privateKey } = keyPairOf(seed);
  return { seed, publicKey, agreementSecret: agreementSecretKey(privateKey) };
};
const addressOf = (text: string): Address => parseAddress(text)!;

/** Everything the transcript is made of: no bytes in it come from anywhere else. */
const given = {
  initiator: pair(secret(0x10)),
  responder: pair(secret(0x40)),
  initiatorEphemeral: secret(0x70),
  responderEphemeral: secret(0xa0),
  initiatorIndex: 0x11223344,
  responderIndex: 0x55667788,
  ms: 1_795_262_400_123,
  initiatorAddress: addressOf('192.0.2.1:4711'),
  responderAddress: addressOf('[2001:db8::2]:4712'),
  cookieSecret: secret(0xc0),
  cookieNonce: Uint8Array.from({ length: 24 }, (_, i) => 0xe0 + i),
};
const ping = (tx: string): Uint8Array => encodeFrame({ kind: 'ping', tx, silence: 25 });
const pong = (tx: string, observed: Address): Uint8Array => encodeFrame({ kind: 'pong', tx, observed, time: 1_795_262_400, silence: 255 });
const initTx = '0001020304050607';
const responseTx = '08090a0b0c0d0e0f';
const find = encodeFrame({ kind: 'find', tag: null });

const initPayload = encodeInitPayload({ ms: given.ms, continues: 0, frames: bundle([ping(initTx), find]) });
const responsePayload = encodeResponsePayload({ isContinued: false, frames: bundle([pong(initTx, given.initiatorAddress), ping(responseTx)]) });
const [toInitiator, toResponder] = [macKeysOf(given.initiator.publicKey), macKeysOf(given.responder.publicKey)];

const init = writeInit(given.initiator, given.responder.publicKey, given.initiatorEphemeral, initPayload)!;
const initHead = encodeInitHead(given.initiatorIndex, init.message);
const initBytes = finishInit(initHead, toResponder, null);
const mac1 = initBytes.slice(-32, -16);
const cookie = suite.hmacSha256(given.cookieSecret, encodeAddress(given.initiatorAddress)).slice(0, 16);
const cookieBytes = encodeCookie(given.initiatorIndex, given.cookieNonce, suite.xchachaSeal(toResponder.cookieKey, given.cookieNonce, mac1, cookie));
const initAgain = finishInit(initHead, toResponder, cookie);
const response = writeResponse(readInit(given.responder, init.message)!.state, given.responderEphemeral, responsePayload)!;
const responseBytes = finishResponse(encodeResponseHead(given.responderIndex, given.initiatorIndex, response.message), toInitiator);
const split = readResponse(init.state, response.message)!.keys;

const keysOf = (role: 'initiator' | 'responder', sent = 0): TransportKeys =>
  role === 'initiator'
    ? new TransportKeys(role, split.slice(), given.initiatorIndex, given.responderIndex, instant(0), sent)
    : new TransportKeys(role, split.slice(), given.responderIndex, given.initiatorIndex, instant(0), sent);
const object = Uint8Array.of(0x58, ...Array.from({ length: 1197 }, (_, i) => i & 255));

const twin = handshakeIK({
  prologue: utf8('srp1'),
  initiator: { secret: given.initiator.agreementSecret, shown: given.initiator.publicKey },
  responder: { secret: given.responder.agreementSecret, shown: given.responder.publicKey },
  initiatorEphemeral: given.initiatorEphemeral,
  responderEphemeral: given.responderEphemeral,
  payloads: [initPayload, responsePayload],
});

const datagrams = () => [
  { description: 'INIT of 200 bytes: PING and FIND in a bundle', rule: 'L-5', name: 'init', bytes: toHex(initBytes), payload: toHex(initPayload) },
  { description: 'COOKIE that answers it', rule: 'L-17', name: 'cookie', bytes: toHex(cookieBytes), cookie: toHex(cookie) },
  { description: 'the same INIT again, with mac2', rule: 'L-16', name: 'initAgain', bytes: toHex(initAgain), payload: toHex(initPayload) },
  { description: 'RESP: not continued, PONG and PING in a bundle', rule: 'L-6', name: 'response', bytes: toHex(responseBytes), payload: toHex(responsePayload) },
  ...[
    { description: 'first DATA of the initiator: PONG', role: 'initiator' as const, counter: 0, frames: pong(responseTx, given.responderAddress) },
    { description: 'DATA without frames', role: 'initiator' as const, counter: 1, frames: new Uint8Array(0) },
    { description: 'DATA with the longest object: 1227 bytes', role: 'initiator' as const, counter: 2, frames: object },
    { description: 'first DATA of the responder', role: 'responder' as const, counter: 0, frames: find },
    { description: 'DATA with a counter that needs more than 32 bits', role: 'responder' as const, counter: 2 ** 40 + 258, frames: find },
    { description: 'DATA with the last counter that may be used', role: 'initiator' as const, counter: 2 ** 49 - 1, frames: find },
  ].map(({ description, role, counter, frames }) => ({
    ...{ description, rule: 'L-19', name: 'data', from: role, counter },
    ...{ bytes: toHex(keysOf(role, counter).seal(frames)), frames: toHex(frames) },
  })),
  { description: 'RELAY of that object: 1232 bytes', rule: 'L-4', name: 'relay', channel: 0x01020304, bytes: toHex(encodeRelay(0x01020304, keysOf('initiator', 2).seal(object))) },
  { description: 'PUNCH', rule: 'L-4', name: 'punch', token: '0123456789abcdef', bytes: toHex(encodePunch('0123456789abcdef')) },
];

const zeroIndex = (bytes: Uint8Array, at: number): Uint8Array => {
  const changed = bytes.slice();
  writeU32(changed, at, 0);
  return changed;
};
const refusedCases = (): readonly (readonly [string, string, DatagramRefusal, Uint8Array])[] => [
  ['nothing', 'L-1', 'unknown-type', new Uint8Array(0)],
  ['an object outside a session', 'L-1', 'unknown-type', object],
  ['type 0x04, below the first', 'L-1', 'unknown-type', Uint8Array.of(0x04, 0, 0, 0, 1)],
  ['type 0x0b, above the last', 'L-1', 'unknown-type', Uint8Array.of(0x0b, 0, 0, 0, 1)],
  ['INIT of 199 bytes', 'L-3', 'wrong-length', initBytes.slice(0, 199)],
  ['INIT of 1228 bytes', 'L-3', 'wrong-length', concat(initBytes, new Uint8Array(1028))],
  ['RESP of 1228 bytes', 'L-3', 'wrong-length', concat(responseBytes, new Uint8Array(1228 - responseBytes.length))],
  ['RELAY of 1233 bytes', 'L-3', 'wrong-length', concat(Uint8Array.of(0x09, 0, 0, 0, 1), new Uint8Array(1228))],
  ['INIT from index 0', 'L-2', 'index-zero', zeroIndex(initBytes, 1)],
  ['RESP of 73 bytes', 'L-3', 'wrong-length', responseBytes.slice(0, 73)],
  ['RESP from index 0', 'L-2', 'index-zero', zeroIndex(responseBytes, 1)],
  ['RESP to index 0', 'L-2', 'index-zero', zeroIndex(responseBytes, 5)],
  ['COOKIE of 60 bytes', 'L-3', 'wrong-length', cookieBytes.slice(0, 60)],
  ['COOKIE of 62 bytes', 'L-3', 'wrong-length', concat(cookieBytes, new Uint8Array(1))],
  ['COOKIE to index 0', 'L-2', 'index-zero', zeroIndex(cookieBytes, 1)],
  ['DATA of 28 bytes', 'L-3', 'wrong-length', dataOf(1, 0, new Uint8Array(15))],
  ['DATA to index 0', 'L-2', 'index-zero', dataOf(0, 0, new Uint8Array(16))],
  ['DATA with counter 2^53', 'L-19', 'counter-too-large', dataOf(1, 2 ** 53, new Uint8Array(16))],
  ['RELAY of nothing', 'L-3', 'wrong-length', Uint8Array.of(0x09, 0, 0, 0, 1)],
  ['PUNCH of 8 bytes', 'L-3', 'wrong-length', Uint8Array.of(0x0a, 1, 2, 3, 4, 5, 6, 7)],
  ['PUNCH of 10 bytes', 'L-3', 'wrong-length', Uint8Array.of(0x0a, 1, 2, 3, 4, 5, 6, 7, 8, 9)],
];

const changed = (bytes: Uint8Array, at: number): Uint8Array => {
  const copy = bytes.slice();
  copy[at]! ^= 1;
  return copy;
};
const alias = given.responder.publicKey.slice();
alias[31]! ^= 0x80;
const toAlias = writeInit(given.initiator, alias, given.initiatorEphemeral, initPayload)!;
/** A whole INIT whose Noise message is wrong, with macs that are right. */
const remade = (noise: Uint8Array): Uint8Array => finishInit(encodeInitHead(given.initiatorIndex, noise), toResponder, null);

/** INIT and RESP that are authentic, with payloads that nobody of ours would write. */
const initOf = (payload: Uint8Array): Uint8Array => remade(writeInit(given.initiator, given.responder.publicKey, given.initiatorEphemeral, payload)!.message);
const responseOf = (payload: Uint8Array): Uint8Array =>
  finishResponse(encodeResponseHead(given.responderIndex, given.initiatorIndex, writeResponse(readInit(given.responder, init.message)!.state, given.responderEphemeral, payload)!.message), toInitiator);
const initPayloadLength = initPayload.length - 14;
const initPayloadWith = (change: (payload: Uint8Array) => void): Uint8Array => {
  const payload = initPayload.slice();
  change(payload);
  return payload;
};
/** A bundle whose one frame is said to have 5 bytes, and has 1. */
const cutBundle = Uint8Array.of(0x00, 0, 5, 0x22);

const dropped = () => [
  { description: 'INIT with a wrong mac1', rule: 'L-15', at: 'responder', refused: 'wrong-mac', bytes: toHex(changed(initBytes, 180)) },
  { description: 'INIT with another index and the old mac1', rule: 'L-15', at: 'responder', refused: 'wrong-mac', bytes: toHex(changed(initBytes, 4)) },
  { description: 'INIT made for the responder key with its sign bit changed', rule: 'L-5', at: 'responder', refused: 'wrong-mac', bytes: toHex(finishInit(encodeInitHead(given.initiatorIndex, toAlias.message), macKeysOf(alias), null)) },
  { description: 'the same with the mac1 of the responder', rule: 'L-5', at: 'responder', refused: 'forged', bytes: toHex(remade(toAlias.message)) },
  { description: 'INIT with a changed sealed static key', rule: 'L-5', at: 'responder', refused: 'forged', bytes: toHex(remade(changed(init.message, 40))) },
  { description: 'INIT with a changed payload', rule: 'L-5', at: 'responder', refused: 'forged', bytes: toHex(remade(changed(init.message, 90))) },
  { description: 'INIT with a low-order ephemeral key', rule: 'L-5', at: 'responder', refused: 'forged', bytes: toHex(remade(concat(new Uint8Array(32), init.message.slice(32)))) },
  { description: 'RESP with a wrong mac1', rule: 'L-15', at: 'initiator', refused: 'wrong-mac', bytes: toHex(changed(responseBytes, responseBytes.length - 1)) },
  {
    ...{ description: 'RESP with a changed payload and a right mac1', rule: 'L-6', at: 'initiator', refused: 'forged' },
    bytes: toHex(finishResponse(encodeResponseHead(given.responderIndex, given.initiatorIndex, changed(response.message, 60)), toInitiator)),
  },
  { description: 'INIT with an ms of 2^53', rule: 'L-6', at: 'responder', refused: 'malformed', bytes: toHex(initOf(initPayloadWith((payload) => payload.set([0, 0x20, 0, 0, 0, 0, 0, 0])))) },
  { description: 'INIT whose frames would end one byte behind its payload', rule: 'L-6', at: 'responder', refused: 'malformed', bytes: toHex(initOf(initPayloadWith((payload) => writeU16(payload, 12, initPayloadLength + 1)))) },
  { description: 'INIT with a bundle that is cut', rule: 'L-6', at: 'responder', refused: 'malformed', bytes: toHex(initOf(encodeInitPayload({ ms: given.ms, continues: 0, frames: cutBundle }))) },
  { description: 'INIT of the responder to itself', rule: 'L-37', at: 'responder', refused: 'own-key', bytes: toHex(remade(writeInit(given.responder, given.responder.publicKey, given.initiatorEphemeral, initPayload)!.message)) },
  { description: 'RESP whose byte continued is 2', rule: 'L-6', at: 'initiator', refused: 'malformed', bytes: toHex(responseOf(concat(Uint8Array.of(2), responsePayload.subarray(1)))) },
  { description: 'DATA with a bundle that is cut', rule: 'L-19', at: 'session', refused: 'malformed', bytes: toHex(keysOf('initiator', 3).seal(cutBundle)) },
  { description: 'DATA with an empty bundle', rule: 'L-19', at: 'session', refused: 'malformed', bytes: toHex(keysOf('initiator', 4).seal(Uint8Array.of(0))) },
];

export const makeVectors = (): Record<'link.json', VectorFile> => ({
  'link.json': {
    version: 1,
    spec: 'Link',
    provenance:
      'made by @srp/link with fixed keys; the key schedule by its slow twin (packages/link/test/reference/noise-ik.ts), which gives the published Noise_IK_25519_ChaChaPoly_SHA256 bytes of cacophony and snow',
    given: {
      initiatorSeed: toHex(given.initiator.seed),
      initiatorPeerId: toHex(given.initiator.publicKey),
      responderSeed: toHex(given.responder.seed),
      responderPeerId: toHex(given.responder.publicKey),
      initiatorEphemeralSecret: toHex(given.initiatorEphemeral),
      responderEphemeralSecret: toHex(given.responderEphemeral),
      initiatorIndex: given.initiatorIndex,
      responderIndex: given.responderIndex,
      ms: given.ms,
      initiatorAddress: given.initiatorAddress,
      responderAddress: given.responderAddress,
      cookieSecret: toHex(given.cookieSecret),
      cookieNonce: toHex(given.cookieNonce),
    },
    macKeys: {
      responderMac1Key: toHex(toResponder.mac1Key),
      responderCookieKey: toHex(toResponder.cookieKey),
      initiatorMac1Key: toHex(toInitiator.mac1Key),
    },
    schedule: [
      ...twin.steps.map(({ step, ck, h, k }) => ({ description: step, rule: 'L-5', ck: toHex(ck), h: toHex(h), k: k === null ? null : toHex(k) })),
      { description: 'key of the packets of the initiator', rule: 'L-5', k: toHex(twin.keys[0]) },
      { description: 'key of the packets of the responder', rule: 'L-5', k: toHex(twin.keys[1]) },
    ],
    datagrams: datagrams(),
    refused: refusedCases().map(([description, rule, reason, bytes]) => {
      const read = decodeDatagram(bytes);
      if (read.ok || read.reason !== reason) throw new Error(`${description} is not refused as ${reason}`);
      return { description, rule, refused: reason, bytes: toHex(bytes) };
    }),
    dropped: dropped(),
  },
});
