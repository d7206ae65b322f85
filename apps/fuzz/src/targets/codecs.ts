/** Everything that reads bytes without state: it gives a value or a reason, and a value means what its bytes said. */
import { generateKeyPair, publicTopic } from '@srp/identity';
import { decodeDatagram } from '@srp/link';
import { type Address, equalBytes, fromHex, instant, type PeerId, peerId, shortId, toBase64Url, utf8, utf8Text } from '@srp/machine';
import { parseInvite, PeerError } from '@srp/peer';
import { checkPacket, composePacket, decodeCbor, decodeFrame, decodePacket, encodeCbor, encodeFrame, type Frame, isBundle, openPacket, type Packet, restamp, unbundle, verifyPacket } from '@srp/wire';
import { type MakeTarget, must } from '../target.js';

const at = instant(1_800_000_000_000);
const topic = publicTopic('fuzz');
const someone: PeerId = peerId(new Uint8Array(32).fill(3));
const somewhere = '192.0.2.7:4711' as Address;
const firstCborFrame = 0x20;
const token = '0011223344556677';
const short = shortId(fromHex(token));

/** One frame of each kind. */
export const someFrames: readonly Frame[] = [
  { kind: 'ping', tx: token, alternatePort: false, thirdParty: true },
  { kind: 'pong', tx: token, observed: somewhere, time: 1_800_000_000, load: 3 },
  { kind: 'want', ids: [short] },
  { kind: 'want-after', tag: topic.tag, prev: '00'.repeat(15).concat('01') as never },
  { kind: 'offer', tag: topic.tag, ids: [short] },
  { kind: 'sync-request', tag: topic.tag, since: 0 },
  { kind: 'sync-ids', tag: topic.tag, part: 0, parts: 1, ids: [short] },
  { kind: 'hello', version: 1, tags: [topic.tag], addresses: [somewhere], mapping: 'unknown', filtering: 'dependent' },
  { kind: 'find', tag: topic.tag },
  { kind: 'find', tag: null },
  { kind: 'peers', tag: topic.tag, peers: [{ peer: someone, address: somewhere }] },
  { kind: 'introduce', peer: someone },
  { kind: 'call', peer: someone, address: somewhere, token, initiator: true },
  { kind: 'bye', reason: 0 },
];

export const objects: MakeTarget = (random) => {
  const author = generateKeyPair(random);
  const compose = (length: number): Packet => composePacket({ topic, author, now: at, prev: null, payload: random.bytes(length), random });
  const true_ = [0, 1, 200, 1000].map((length) => compose(length));
  const known = new Set(true_.map(({ id }) => id));
  return {
    corpus: true_.map(({ bytes }) => bytes),
    feed: (input) => {
      const parsed = decodePacket(input);
      if (!parsed.ok) return;
      const packet = parsed.value;
      must(equalBytes(packet.bytes, input), 'a packet is not its bytes');
      must(restamp(input, 3)[1] === 3 && packet.bytes[1] === input[1], 'restamp changed what it was given');
      checkPacket(packet, at);
      if (!verifyPacket(packet)) return;
      must(known.has(packet.id), `a changed object counts as signed: ${packet.id}`);
      must(openPacket(packet, topic).ok, 'a signed object does not open');
    },
  };
};

export const frames: MakeTarget = () => ({
  corpus: someFrames.map(encodeFrame),
  feed: (input) => {
    if (isBundle(input)) unbundle(input);
    const parsed = decodeFrame(input);
    if (!parsed.ok) return;
    const again = encodeFrame(parsed.value);
    const reread = decodeFrame(again);
    must(reread.ok && JSON.stringify(reread.value) === JSON.stringify(parsed.value), `a ${parsed.value.kind} changes when it is said again`);
    // CBOR frames may carry keys of a later version, which are skipped.
    if ((input[0] ?? 0) < firstCborFrame) must(equalBytes(again, input), `two forms of one ${parsed.value.kind}`);
  },
});

export const cbor: MakeTarget = () => ({
  corpus: [encodeCbor(new Map<number, never>([[1, 'text' as never], [2, [1, 2, 300] as never], [3, new Uint8Array(40) as never]])), ...someFrames.map((frame) => encodeFrame(frame).subarray(1))],
  feed: (input) => {
    const parsed = decodeCbor(input);
    if (parsed.ok) must(equalBytes(encodeCbor(parsed.value), input), 'two encodings of one value');
  },
});

export const datagrams: MakeTarget = (random) => ({
  corpus: [0x05, 0x06, 0x07, 0x08, 0x09, 0x0a].flatMap((type) => [9, 61, 145, 200, 1232].map((length) => random.bytes(length).fill(type, 0, 1))),
  feed: (input) => void decodeDatagram(input),
});

export const invites: MakeTarget = (random) => ({
  corpus: [encodeCbor(new Map<number, never>([[1, 'room' as never], [2, random.bytes(32) as never], [3, random.bytes(51) as never]])), utf8('srp:'), utf8('not an invite')],
  feed: (input) => {
    for (const text of [`srp:${toBase64Url(input)}`, utf8Text(input) ?? 'srp:']) {
      try {
        parseInvite(text);
      } catch (error) {
        must(error instanceof PeerError && (error.code === 'INVITE_BAD' || error.code === 'ROOM_BAD'), `an invite is refused with ${String(error)}`);
      }
    }
  },
});
