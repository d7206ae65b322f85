// The committed vectors: current, and what this package does when it reads them as a stranger would.
import { agreementSecretKey, keyPairOf, seededRandom } from '@srp/identity';
import { concat, fromHex, instant, parseAddress, toHex } from '@srp/machine';
import { type AnswerEarly, decodeDatagram, Link } from '@srp/link';
import { encodeFrame } from '@srp/wire';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readVectors, vectorsSuite } from '../../../scripts/vectors.mjs';
import type { ResponseDatagram } from '../dist/codec.js';
import { isMac1Right, macKeysOf, openCookie } from '../dist/macs.js';
import { splitFrames } from '../dist/frames.js';
import { type InitiatorState, readInit, readResponse, writeInit } from '../dist/noise.js';
import { decodeResponsePayload } from '../dist/payload.js';
import { TransportKeys } from '../dist/transport.js';
import { makeVectors } from './vectors.js';

vectorsSuite(makeVectors());

interface File {
  readonly given: Readonly<Record<'initiatorSeed' | 'initiatorPeerId' | 'responderSeed' | 'responderPeerId' | 'initiatorEphemeralSecret' | 'cookieSecret', string>> & {
    readonly initiatorIndex: number;
    readonly responderIndex: number;
    readonly ms: number;
  };
  readonly schedule: readonly { readonly description: string; readonly k: string }[];
  readonly datagrams: readonly { readonly description: string; readonly name: string; readonly bytes: string; readonly payload?: string; readonly cookie?: string; readonly from?: 'initiator' | 'responder'; readonly counter?: number; readonly frames?: string; readonly token?: string; readonly channel?: number }[];
  readonly refused: readonly { readonly description: string; readonly bytes: string; readonly refused: string }[];
  readonly dropped: readonly { readonly description: string; readonly bytes: string; readonly refused: string; readonly at: 'initiator' | 'responder' | 'session' }[];
}
const file = readVectors('link.json') as File;
const test = suite('link.json');

const party = (seed: string) => {
  const { publicKey, privateKey } = keyPairOf(fromHex(seed));
  return { publicKey, agreementSecret: agreementSecretKey(privateKey) };
};
const [initiator, responder] = [party(file.given.initiatorSeed), party(file.given.responderSeed)];
const named = (name: string) => file.datagrams.filter((one) => one.name === name);
const decodedAs = <Kind extends string>(kind: Kind, bytes: string) => {
  const read = decodeDatagram(fromHex(bytes));
  if (!read.ok || read.value.kind !== kind) throw new Error(`no ${kind}`);
  return read.value as Extract<typeof read.value, { kind: Kind }>;
};

test('names the peers by their seeds', () => {
  assert.is(toHex(initiator.publicKey), file.given.initiatorPeerId);
  assert.is(toHex(responder.publicKey), file.given.responderPeerId);
});

test('INIT and RESP are read by whom they are for, and leave the keys of the schedule', () => {
  const [init] = named('init');
  const datagram = decodedAs('init', init!.bytes);
  assert.ok(isMac1Right(datagram, macKeysOf(responder.publicKey)));
  assert.is(datagram.from, file.given.initiatorIndex);
  const read = readInit(responder, datagram.noise)!;
  assert.is(toHex(read.payload), init!.payload);
  assert.is(toHex(read.state.remotePublicKey), file.given.initiatorPeerId);
  const [response] = named('response');
  const answer = decodedAs('response', response!.bytes);
  assert.ok(isMac1Right(answer, macKeysOf(initiator.publicKey)));
  assert.equal([answer.to, answer.from], [file.given.initiatorIndex, file.given.responderIndex]);
  const state = writeInit(initiator, responder.publicKey, fromHex(file.given.initiatorEphemeralSecret), fromHex(init!.payload!))!.state;
  const done = readResponse(state, answer.noise)!;
  assert.is(toHex(done.payload), response!.payload);
  assert.is(toHex(done.keys), file.schedule.slice(-2).map(({ k }) => k).join(''));
});

test('the COOKIE opens with the mac1 it answers, and makes the second INIT', () => {
  const [cookie] = named('cookie');
  const mac1 = decodedAs('init', named('init')[0]!.bytes).mac1;
  assert.is(toHex(openCookie(decodedAs('cookie', cookie!.bytes), macKeysOf(responder.publicKey), mac1)!), cookie!.cookie);
  assert.is(named('initAgain')[0]!.bytes.slice(0, -32), named('init')[0]!.bytes.slice(0, -32));
});

test('every DATA opens for the other side with its counter, and not for its sender', () => {
  const split = concat(...file.schedule.slice(-2).map(({ k }) => fromHex(k)));
  for (const { description, from, counter, frames, bytes } of named('data')) {
    const data = decodedAs('data', bytes);
    assert.is(data.counter, counter, description);
    const open = (role: 'initiator' | 'responder') => new TransportKeys(role, split.slice(), 1, 2, instant(0)).open(instant(0), data);
    const opened = open(from === 'initiator' ? 'responder' : 'initiator');
    assert.ok(opened.ok, description);
    assert.is(toHex(opened.value.frames), frames, description);
    assert.is(open(from!).ok, false, description);
  }
});

test('RELAY and PUNCH are read', () => {
  assert.is(decodedAs('punch', named('punch')[0]!.bytes).token, named('punch')[0]!.token);
  assert.is(decodedAs('relay', named('relay')[0]!.bytes).channel, named('relay')[0]!.channel);
});

for (const { description, bytes, refused: reason } of file.refused) {
  test(`${description} is refused: ${reason}`, () => {
    assert.equal(decodeDatagram(fromHex(bytes)), { ok: false, reason });
  });
}

const at = parseAddress('192.0.2.1:4711')!;

for (const { description, bytes, refused: reason, at: where } of file.dropped) {
  if (where !== 'responder') continue;
  test(`${description} is dropped by a link: ${reason}`, () => {
    const link = new Link({ keys: keyPairOf(fromHex(file.given.responderSeed)), random: seededRandom(new Uint8Array(32)) });
    assert.equal(link.handle(instant(1), { kind: 'datagram', from: at, bytes: fromHex(bytes) }), [{ kind: 'dropped', reason, from: at }]);
  });
}

const whyNot = (answer: ResponseDatagram, state: InitiatorState): string => {
  if (!isMac1Right(answer, macKeysOf(initiator.publicKey))) return 'wrong-mac';
  const read = readResponse(state, answer.noise);
  if (read === null) return 'forged';
  return decodeResponsePayload(read.payload).ok ? 'read' : 'malformed';
};

test('what an initiator drops does not answer its INIT', () => {
  const [init] = named('init');
  const state = writeInit(initiator, responder.publicKey, fromHex(file.given.initiatorEphemeralSecret), fromHex(init!.payload!))!.state;
  for (const { description, bytes, refused: reason } of file.dropped.filter((one) => one.at === 'initiator')) {
    const answer = decodedAs('response', bytes);
    assert.is(whyNot(answer, state), reason, description);
  }
});

test('what a session drops opens under its keys, and is malformed', () => {
  const split = concat(...file.schedule.slice(-2).map(({ k }) => fromHex(k)));
  for (const { description, bytes } of file.dropped.filter((one) => one.at === 'session')) {
    const opened = new TransportKeys('responder', split.slice(), 1, 2, instant(0)).open(instant(0), decodedAs('data', bytes));
    assert.ok(opened.ok, description);
    assert.is(splitFrames(opened.value.frames), null, description);
  }
});

test('a link answers the INIT of the vectors, and reads its early FIND', () => {
  const read: string[] = [];
  const answerEarly: AnswerEarly = (_now, { frames }) => (read.push(...frames.map(toHex)), { frames: [], left: frames });
  const link = new Link({ keys: keyPairOf(fromHex(file.given.responderSeed)), random: seededRandom(new Uint8Array(32)), answerEarly });
  const out = link.handle(instant(1), { kind: 'datagram', from: at, bytes: fromHex(named('init')[0]!.bytes) });
  assert.equal(out.map(({ kind }) => kind), ['transmit']);
  assert.equal(read, [toHex(encodeFrame({ kind: 'find', tag: null }))]);
});

test.run();
