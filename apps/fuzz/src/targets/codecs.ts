/** What reads bytes and keeps nothing: objects, frames, CBOR, datagrams, invites. */
import { deepStrictEqual, equal, ok } from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { decodeDatagram } from '@srp/link';
import { equalBytes, toBase64Url } from '@srp/machine';
import { parseInvite, PeerError } from '@srp/peer';
import { type CborValue, checkPacket, decodeCbor, decodeFrame, decodePacket, encodeCbor, encodeFrame, openPacket, restamp, unbundle, verifyPacket } from '@srp/wire';
import type { Chance } from '../chance.js';
import { mutated } from '../mutate.js';
import { cborBytes, frameBytes, frames, packets, random, square, start } from '../samples.js';
import { codec, type Target } from '../target.js';

const objectBytes = packets.map(({ bytes }) => bytes);

/** An object is whole or refused, and no changed one passes for signed. */
const object: Target = codec(
  'object',
  (chance) => mutated(chance, objectBytes),
  (input) => {
    const read = decodePacket(input);
    if (!read.ok) return;
    const packet = read.value;
    ok(packet.kind.length + packet.life + packet.postage + packet.time + packet.tag.length + packet.author.length + packet.id.length + packet.fullId.length > 0);
    ok((packet.prev?.length ?? 32) === 32 && (packet.next?.length ?? 16) === 16);
    checkPacket(packet, start);
    openPacket(packet, square);
    if (verifyPacket(packet)) ok(objectBytes.some((good) => equalBytes(restamp(good, 0), restamp(input, 0))), 'a changed object passes for signed');
  },
  () => {
    for (const good of objectBytes) {
      const read = decodePacket(good);
      ok(read.ok && verifyPacket(read.value));
    }
  },
);

const firstCborFrame = 0x20;

/** What is read can be written, and read again as the same. */
const frame: Target = codec(
  'frame',
  (chance) => mutated(chance, frameBytes),
  (input) => {
    const bundled = unbundle(input);
    for (const one of bundled.ok ? bundled.value : [input]) {
      const read = decodeFrame(one);
      if (!read.ok) continue;
      const written = encodeFrame(read.value);
      deepStrictEqual(decodeFrame(written), read);
      // In CBOR a later version may have put keys that this one skips.
      if ((one[0] ?? 0) < firstCborFrame) ok(equalBytes(written, one), `two forms of one ${read.value.kind}`);
    }
  },
  () => {
    for (const good of frames) deepStrictEqual(decodeFrame(encodeFrame(good)), { ok: true, value: good });
  },
);

/** The gate lets through what the encoder would have written, and nothing else. */
const cbor: Target = codec(
  'cbor',
  (chance) => (chance.oneIn(3) ? nested(chance) : mutated(chance, cborBytes)),
  (input) => {
    const read = decodeCbor(input);
    if (read.ok) ok(equalBytes(encodeCbor(read.value), input), 'two encodings of one value');
  },
  () => {
    for (const good of cborBytes) {
      const read = decodeCbor(good);
      ok(read.ok && equalBytes(encodeCbor(read.value), good));
    }
  },
);

/** Heads of CBOR items that promise much: each of the types, of lengths that are not there, one in the other. */
const nested = (chance: Chance): Uint8Array => {
  const bytes: number[] = [];
  for (let left = chance.below(chance.oneIn(8) ? 5000 : 40); left > 0; left -= 1) {
    const size = chance.pick([0, 1, 2, 23, 24, 25, 26, 27, 28, 31]);
    bytes.push((chance.below(8) << 5) | size);
    for (let i = size < 24 || size > 27 ? 0 : 2 ** (size - 24); i > 0; i -= 1) bytes.push(chance.pick([0, 1, 0x18, 0x7f, 0xff]));
  }
  return Uint8Array.from(bytes);
};

const datagramTypes = [5, 6, 7, 8, 9, 10];
const datagrams = datagramTypes.flatMap((type) => [9, 61, 145, 200, 1232].map((length) => new Uint8Array(length).fill(0x33).fill(type, 0, 1)));

/** A datagram of a link is taken apart or refused, before anybody asks whose it is. */
const datagram: Target = codec(
  'datagram',
  (chance) => mutated(chance, datagrams),
  (input) => void decodeDatagram(input),
  () => deepStrictEqual(decodeDatagram(Uint8Array.of(10, 1, 2, 3, 4, 5, 6, 7, 8)), { ok: true, value: { kind: 'punch', token: '0102030405060708' } }),
);

const inviteMaps = [
  new Map<number, CborValue>([[1, 'lobby'], [3, new Uint8Array(0)]]),
  new Map<number, CborValue>([[1, 'den'], [2, random.bytes(32)], [3, Buffer.concat([random.bytes(32), Uint8Array.of(4, 192, 0, 2, 1), new Uint8Array(12), Uint8Array.of(0x0f, 0xa0)])]]),
].map(encodeCbor);
const inviteText = (map: Uint8Array): string => `srp:${toBase64Url(map)}`;

/** The second: the name in it is no name of a room. */
const inviteErrors: ReadonlySet<string> = new Set(['INVITE_BAD', 'ROOM_BAD']);

/** The first byte says whether the rest is a text, or the bytes under the base64 of an invite. */
const invite: Target = codec(
  'invite',
  (chance) => (chance.oneIn(4) ? Uint8Array.of(0, ...mutated(chance, inviteMaps.map((map) => Buffer.from(inviteText(map))))) : Uint8Array.of(1, ...mutated(chance, inviteMaps))),
  (input) => {
    const rest = input.subarray(1);
    try {
      parseInvite(input[0] === 0 ? Buffer.from(rest).toString() : inviteText(rest));
    } catch (error) {
      if (!(error instanceof PeerError) || !inviteErrors.has(error.code)) throw error;
    }
  },
  () => {
    for (const map of inviteMaps) equal(isDeepStrictEqual(parseInvite(inviteText(map)).room.name, map === inviteMaps[0] ? 'lobby' : 'den'), true);
  },
);

export const codecs: readonly Target[] = [object, frame, cbor, datagram, invite];
