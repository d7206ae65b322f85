/** What a stranger, and a neighbour with a true session, can throw at a running peer. Nothing but counts may come of it. */
import { generateKeyPair, publicTopic } from '@srp/identity';
import { systemRandom } from '@srp/identity/node';
import { type Address, authorId, instant, packetId, shortIdOf, toHex } from '@srp/machine';
import { type Packet, type Peer } from '@srp/peer';
import { composePacket, decodeFrame, decodePacket, encodeFrame, encodePacket, type PacketFields, restamp } from '@srp/wire';
import { test } from 'uvu';
import { equal, is, ok } from 'uvu/assert';
import { loopbackPeer, until } from './helpers.js';
import { Mallory } from './mallory.js';

const random = systemRandom();
const topic = publicTopic('square');
const author = generateKeyPair(random);
const draft = { topic, author, prev: null, random, envelope: {} } as const;
const now = (): ReturnType<typeof instant> => instant(Date.now());
const text = (words: string): Uint8Array => new TextEncoder().encode(words);

const addressOf = (peer: Peer): Address => peer.addresses[0] as Address;
const dropsOf = (peer: Peer): Record<string, number> => peer.status().dropped;

/** A peer that listens in the square, and Mallory with a session to it. */
const meet = async (): Promise<{ peer: Peer; mallory: Mallory; heard: Packet[] }> => {
  const peer = await loopbackPeer();
  const heard: Packet[] = [];
  peer.join('square').onPacket = (packet) => heard.push(packet);
  const mallory = await new Mallory().bind();
  mallory.input({ kind: 'connect', peer: peer.id, address: addressOf(peer) });
  await until('Mallory has a session', () => mallory.hasSession(peer.id));
  return { peer, mallory, heard };
};

/** The peer still does its work: an honest packet is delivered. */
const stillWorks = async (peer: Peer, mallory: Mallory, heard: Packet[]): Promise<void> => {
  mallory.say(peer.id, composePacket({ ...draft, now: now(), payload: text('still there') }).bytes);
  await until('an honest packet is delivered', () => heard.at(-1)?.text === 'still there');
};

test('datagrams of every length and type, with no session, are dropped and counted', async () => {
  const { peer, mallory, heard } = await meet();
  await using both = peer;
  await using attacker = mallory;
  const bytesOf = (length: number): Uint8Array => random.bytes(length);
  for (const length of [0, 1, 8, 29, 60, 61, 133, 134, 200, 1198, 1232, 1233, 9000]) attacker.throwAt(addressOf(both), bytesOf(length));
  for (let type = 0; type < 256; type += 1) attacker.throwAt(addressOf(both), Uint8Array.of(type, ...bytesOf(200)));
  await stillWorks(both, attacker, heard);
  const total = Object.values(dropsOf(both)).reduce((sum, count) => sum + count, 0);
  ok(total >= 250, `only ${total} of 269 were counted`);
});

test('an object with any field out of range is refused for its own reason', async () => {
  const { peer, mallory, heard } = await meet();
  await using both = peer;
  await using attacker = mallory;
  const honest = composePacket({ ...draft, now: now(), payload: text('never to be seen') });
  const fields = (change: Partial<PacketFields>): Uint8Array => encodePacket({ ...fieldsOf(honest.bytes), ...change });
  const seconds = Math.floor(Date.now() / 1000);
  const cases: readonly (readonly [string, Uint8Array])[] = [
    ['forged', honest.bytes.with(80, (honest.bytes[80] ?? 0) ^ 1)],
    ['forged', honest.bytes.with(honest.bytes.length - 1, 0)],
    ['forged', fields({ author: authorId(generateKeyPair(random).publicKey) })],
    ['forged', fields({ prev: packetId(random.bytes(16)) })],
    ['packet-postage-too-high', honest.bytes.with(1, 17)],
    ['packet-postage-too-high', honest.bytes.with(1, 255)],
    ['packet-kind-reserved', honest.bytes.with(0, (honest.bytes[0] ?? 0) | 3)],
    ['packet-expired', composePacket({ ...draft, now: instant((seconds - 9 * 86_400) * 1000), payload: text('old') }).bytes],
    ['packet-from-future', composePacket({ ...draft, now: instant((seconds + 7200) * 1000), payload: text('new') }).bytes],
    ['packet-overpaid', restamp(composePacket({ ...draft, now: instant((seconds - 80_000) * 1000), payload: text('rewound') }).bytes, 16)],
    ['packet-too-short', honest.bytes.subarray(0, 133)],
    ['packet-too-short', honest.bytes.subarray(0, 134)],
  ];
  for (const [, bytes] of cases) attacker.say(both.id, bytes);
  await stillWorks(both, attacker, heard);
  equal(heard.map((packet) => packet.text), ['still there']);
  for (const [reason] of cases) ok((dropsOf(both)[reason] ?? 0) > 0, `${reason} was not counted: ${JSON.stringify(dropsOf(both))}`);
});

test('a packet that is sent again is delivered once, and counted', async () => {
  const { peer, mallory, heard } = await meet();
  await using both = peer;
  await using attacker = mallory;
  const packet = composePacket({ ...draft, now: now(), payload: text('once') });
  for (let i = 0; i < 5; i += 1) attacker.say(both.id, packet.bytes);
  await stillWorks(both, attacker, heard);
  equal(heard.map((heardOne) => heardOne.text), ['once', 'still there']);
  is(dropsOf(both)['duplicate'], 4);
});

test('a false signature under a true id does not keep the true packet out', async () => {
  const { peer, mallory, heard } = await meet();
  await using both = peer;
  await using attacker = mallory;
  const packet = composePacket({ ...draft, now: now(), payload: text('true') });
  attacker.say(both.id, packet.bytes.with(100, (packet.bytes[100] ?? 0) ^ 1));
  attacker.say(both.id, packet.bytes);
  await until('the true one is delivered', () => heard.length === 1);
});

test('a flood from one neighbour is cut off before it costs signature checks, and others are heard', async () => {
  const { peer, mallory, heard } = await meet();
  await using both = peer;
  await using attacker = mallory;
  const flood = publicTopic('elsewhere');
  for (let i = 0; i < 400; i += 1) {
    attacker.say(both.id, composePacket({ ...draft, topic: flood, now: now(), payload: Uint8Array.of(i, i >> 8) }).bytes);
    if (i % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await until('the flood was cut off', () => (dropsOf(both)['too-fast'] ?? 0) > 100);
  await stillWorks(both, attacker, heard);
  ok(both.status().cache.objects < 200);
});

test('an object that was asked for is a way around the rate for no false signature but the first', async () => {
  const { peer, mallory, heard } = await meet();
  await using both = peer;
  await using attacker = mallory;
  const wanted = composePacket({ ...draft, now: now(), payload: text('wanted') });
  attacker.say(both.id, composePacket({ ...draft, now: now(), envelope: { parents: [wanted.id] }, payload: text('names it') }).bytes);
  await until('it is asked for', () => attacker.received.some((bytes) => wantOf(bytes)?.[0] === shortIdOf(wanted.id)));
  const forged = wanted.bytes.with(100, (wanted.bytes[100] ?? 0) ^ 1);
  const cutOff = (): number => dropsOf(both)['too-fast'] ?? 0;
  for (let sent = 1; cutOff() <= 200 && sent < 50_000; sent += 1) {
    attacker.say(both.id, forged);
    if (sent % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  ok(cutOff() > 200, 'most were cut off');
  await using honest = await new Mallory().bind();
  honest.input({ kind: 'connect', peer: both.id, address: addressOf(both) });
  await until('another neighbour is there', () => honest.hasSession(both.id));
  honest.say(both.id, wanted.bytes);
  await until('the true one is delivered', () => heard.at(-1)?.text === 'wanted');
});

test('parents whose ids begin alike are asked for in one WANT that names none twice', async () => {
  const { peer, mallory, heard } = await meet();
  await using both = peer;
  await using attacker = mallory;
  const half = random.bytes(8);
  const parents = [1, 2].map((last) => packetId(Uint8Array.of(...half, ...new Uint8Array(7), last)));
  attacker.say(both.id, composePacket({ ...draft, now: now(), envelope: { parents }, payload: text('twins') }).bytes);
  const wants = (): Uint8Array[] => attacker.received.filter((bytes) => wantOf(bytes) !== null);
  await until('the parents are asked for', () => wants().length > 0);
  equal(wantOf(wants()[0] as Uint8Array), [toHex(half)]);
  await stillWorks(both, attacker, heard);
});

test('frames of random bytes, and true frames at the wrong time, harm nobody', async () => {
  const { peer, mallory, heard } = await meet();
  await using both = peer;
  await using attacker = mallory;
  for (let type = 0; type < 0x50; type += 1) for (const length of [0, 7, 40, 600]) attacker.say(both.id, Uint8Array.of(type, ...random.bytes(length)));
  const stranger = '00'.repeat(31) + '01';
  attacker.say(both.id, encodeFrame({ kind: 'peers', tag: topic.tag, peers: [{ peer: stranger as never, address: '127.0.0.1:9' as Address }], closer: [] }));
  attacker.say(both.id, encodeFrame({ kind: 'call', peer: stranger as never, address: '192.0.2.1:9999' as Address, token: '00'.repeat(8), initiator: true }));
  attacker.say(both.id, encodeFrame({ kind: 'introduce', peer: stranger as never }));
  attacker.say(both.id, encodeFrame({ kind: 'want', ids: ['00'.repeat(8) as never] }));
  await stillWorks(both, attacker, heard);
});

const wantOf = (bytes: Uint8Array): readonly string[] | null => {
  const parsed = decodeFrame(bytes);
  return parsed.ok && parsed.value.kind === 'want' ? parsed.value.ids : null;
};

const fieldsOf = (bytes: Uint8Array): PacketFields => {
  const parsed = decodePacket(bytes);
  if (!parsed.ok) throw new Error(parsed.reason);
  const { kind, life, postage, time, tag, prev, next, author: signer, signature, body } = parsed.value;
  return { kind, life, postage, time, tag, prev, next, author: signer, signature, body };
};

test.run();
