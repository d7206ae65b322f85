/** vectors/object.json: objects as bytes, and what becomes of them. */
import { generateKeyPair, type KeyPair, keyPairOf, type Topic, topicOfKey } from '@srp/identity';
import { concat, fromHex, type Instant, instant, type PacketId, shortIdOf, toHex, utf8, utf8Text } from '@srp/machine';
import {
  type CborValue,
  checkPacket,
  composePacket,
  composeRun,
  type Content,
  decodeManifest,
  decodePacket,
  encodeCbor,
  type Life,
  openPacket,
  type Packet,
  postageBound,
  pullPostage,
  restamp,
  verifyPacket,
} from '@srp/wire';
import { fixedRandom } from '../support/fixed.js';
import { rawObject, withBytes } from '../support/raw.js';

const random = () => fixedRandom(1);
const topicKey = new Uint8Array(32).fill(0x11);
const authorSeed = new Uint8Array(32).fill(0x22);
const now = instant(1_764_000_000_123);
const prev = '00112233445566778899aabbccddeeff' as PacketId;

export const objectVectors = () => {
  const topic = topicOfKey(topicKey);
  const author = keyPairOf(authorSeed);
  return {
    version: 1,
    spec: 'Objects; Ids and links; Postage and age; Envelope; Manifest',
    provenance:
      'Written by packages/wire/test/vectors/object.ts with the node suite of @srp/identity. Layout, hash, signature and seal of every ' +
      'object are confirmed by packages/wire/test/reference/object.ts, which uses node:crypto alone.',
    keys: { topicKey: toHex(topicKey), topicId: topic.id, authorSeed: toHex(authorSeed), author: toHex(author.publicKey) },
    objects: objects(topic, author),
    run: run(topic, author),
    decode: decodeCases(topic, author),
    verify: verifyCases(topic, author),
    age: ageCases(),
    open: openCases(topic, author),
    manifest: manifestCases(),
  };
};

const objects = (topic: Topic, author: KeyPair) => {
  const draft = { topic, author, now, prev: null, random: random() };
  const described: [string, string, Packet][] = [
    ['W-1', 'the shortest message: no envelope, no payload', composePacket({ ...draft, envelope: { ms: 0 }, payload: new Uint8Array(0) })],
    ['W-1', 'a message as it is usually made: the millisecond alone in the envelope', composePacket({ ...draft, payload: utf8('hello') })],
    [
      'W-1',
      'a message with everything in its envelope, a prev and a next',
      composePacket({
        ...draft,
        prev,
        next: shortIdOf(prev),
        envelope: {
          parents: ['0f'.repeat(16), 'f0'.repeat(16)] as PacketId[],
          ms: 999,
          recipient: '33'.repeat(32) as never,
          epoch: 4_294_967_295,
          contentType: 'text/plain; charset=utf-8',
        },
        payload: utf8('sealed elsewhere'),
      }),
    ],
    ['W-1', 'life 0, two minutes', composePacket({ ...draft, life: 0, payload: utf8('typing') })],
    ['W-1', 'life 3, a week', composePacket({ ...draft, life: 3, payload: utf8('notice') })],
    ['W-1', 'a part: the plaintext is the payload, 1024 bytes, which makes the longest object', composePacket({ ...draft, kind: 'part', payload: new Uint8Array(1024).fill(0x5a) })],
    ['W-1', 'a part without a byte: the shortest object', composePacket({ ...draft, kind: 'part', payload: new Uint8Array(0) })],
    ['W-1', 'a manifest: an envelope like that of a message', composePacket({ ...draft, kind: 'manifest', payload: fromHex('0f'.repeat(16)) })],
  ];
  return described.map(([rule, description, packet]) => ({ description, rule, ...shown(packet, topic) }));
};

const run = (topic: Topic, author: KeyPair) => {
  const packets = composeRun({
    topic,
    author,
    now,
    prev,
    random: random(),
    items: [
      { kind: 'part', payload: utf8('one, ') },
      { kind: 'part', payload: utf8('two') },
      { kind: 'manifest', payload: (ids) => concat(...ids.map(fromHex)) },
    ],
  });
  return packets.map((packet, i) => ({
    description: ['the first part, after an earlier object', 'the second part', 'the manifest, which ends the run: its next is not known'][i],
    rule: 'W-11',
    ...shown(packet, topic),
  }));
};

const shown = (packet: Packet, topic: Topic) => {
  const opened = openPacket(packet, topic);
  if (!opened.ok) throw new Error(opened.reason);
  const { kind, life, postage, time, tag, prev: before, next, author, id, fullId } = packet;
  return { fields: { kind, life, postage, time, tag, prev: before, next, author }, fullId, id, content: shownContent(opened.value), bytes: toHex(packet.bytes) };
};

const shownContent = ({ payload, ...envelope }: Content) => ({ ...envelope, payload: toHex(payload), ...textOf(payload) });
const textOf = (payload: Uint8Array) => {
  const text = utf8Text(payload);
  return text !== null && /^[ -~]{1,60}$/.test(text) ? { text } : {};
};

const decodeCases = (topic: Topic, author: KeyPair) => {
  const shortest = composePacket({ topic, author, now, prev: null, kind: 'part', payload: new Uint8Array(0), random: random() }).bytes;
  const longest = composePacket({ topic, author, now, prev: null, kind: 'part', payload: new Uint8Array(1024), random: random() }).bytes;
  const cases: [string, string, Uint8Array][] = [
    ['W-2', 'nothing', new Uint8Array(0)],
    ['W-2', 'one byte less than the shortest object', shortest.subarray(0, 173)],
    ['W-2', 'one byte more than the longest object', concat(longest, Uint8Array.of(0))],
    ['W-3', 'the high nibble of another version', withBytes(shortest, 0, 0x69)],
    ['W-4', 'kind 3', withBytes(shortest, 0, 0x5b)],
    ['W-5', 'postage 17', withBytes(shortest, 1, 17)],
    ['W-5', 'postage 255', withBytes(shortest, 1, 255)],
  ];
  return cases.map(([rule, description, bytes]) => {
    const result = decodePacket(bytes);
    return { description, rule, bytes: toHex(bytes), refused: result.ok ? null : result.reason };
  });
};

const groupOrder = 2n ** 252n + 27742317777372353535851937790883648493n;

const verifyCases = (topic: Topic, author: KeyPair) => {
  const { bytes } = composePacket({ topic, author, now, prev, next: shortIdOf(prev), payload: utf8('x'), random: random() });
  const other = generateKeyPair(random());
  const scalar = bytes.slice(102, 134).reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n) + groupOrder;
  const shifted = Array.from({ length: 32 }, (_, i) => Number((scalar >> BigInt(8 * i)) & 255n));
  const smallOrder = [1, ...new Array<number>(31).fill(0)];
  const cases: [string, string, Uint8Array][] = [
    ['W-10', 'an object as its author signed it', bytes],
    ['W-7', 'the same with postage 3: postage is not signed', restamp(bytes, 3)],
    ['W-7', 'another life class', withBytes(bytes, 0, (bytes[0] ?? 0) ^ 4)],
    ['W-7', 'another time', withBytes(bytes, 5, (bytes[5] ?? 0) ^ 1)],
    ['W-7', 'another tag', withBytes(bytes, 13, (bytes[13] ?? 0) ^ 1)],
    ['W-7', 'another prev', withBytes(bytes, 14, (bytes[14] ?? 0) ^ 1)],
    ['W-10', 'another next: not in the id, but signed', withBytes(bytes, 30, (bytes[30] ?? 0) ^ 1)],
    ['W-10', 'no next where there was one', withBytes(bytes, 30, ...new Array<number>(8).fill(0))],
    ['W-7', 'another author', withBytes(bytes, 38, ...other.publicKey)],
    ['W-7', 'another byte at the end of the body', withBytes(bytes, bytes.length - 1, (bytes.at(-1) ?? 0) ^ 1)],
    ['W-7', 'one more byte of body', concat(bytes, Uint8Array.of(0))],
    ['W-10', 'S of the signature plus the order of the group: the same point, another signature', withBytes(bytes, 102, ...shifted)],
    ['W-10', 'an author key of small order with R the same and S zero, which lax rules accept for any message', withBytes(withBytes(bytes, 38, ...smallOrder), 70, ...smallOrder, ...new Array<number>(32).fill(0))],
  ];
  return cases.map(([rule, description, object]) => {
    const packet = decodePacket(object);
    if (!packet.ok) throw new Error(packet.reason);
    return { description, rule, bytes: toHex(object), id: packet.value.id, verifies: verifyPacket(packet.value) };
  });
};

const ageCases = () => {
  const time = 1_764_000_000;
  const at = (life: Life, seconds: number, postage: number): readonly [Life, number, number] => [life, seconds, postage];
  const cases: [string, string, readonly [Life, number, number]][] = [
    ['W-13', 'as far in the future as the skew allows', at(2, -600, 16)],
    ['W-13', 'one second further', at(2, -601, 16)],
    ['W-13', 'life 0 allows a tenth of that', at(0, -60, 16)],
    ['W-13', 'one second further with life 0', at(0, -61, 16)],
    ['W-14', 'the last second of its life and the skew, without postage', at(2, 86_400 + 600, 0)],
    ['W-14', 'one second later', at(2, 86_400 + 601, 0)],
    ['W-14', 'the last second with life 0', at(0, 120 + 60, 0)],
    ['W-14', 'one second later with life 0', at(0, 120 + 61, 0)],
    ['W-14', 'the last second with life 1', at(1, 21_600 + 600, 0)],
    ['W-14', 'one second later with life 3', at(3, 604_800 + 601, 0)],
    ['W-15', 'fresh, with all its postage', at(2, 0, 16)],
    ['W-15', 'the last second with all its postage: skew and a sixteenth of its life less one', at(2, 600 + 5399, 16)],
    ['W-15', 'one second later, with all its postage', at(2, 600 + 5400, 16)],
    ['W-15', 'then, with one less', at(2, 600 + 5400, 15)],
    ['W-15', 'half of its life gone, wound back to 9', at(2, 600 + 43_200, 9)],
    ['W-15', 'half of its life gone, 8', at(2, 600 + 43_200, 8)],
    ['W-15', 'all but a second of its life gone, 1', at(2, 600 + 86_399, 1)],
    ['W-15', 'its life gone, within the skew, 1', at(2, 600 + 86_400, 1)],
    ['W-15', 'life 0: 7.5 seconds a hop, the fraction cut', at(0, 60 + 8, 16)],
    ['W-15', 'life 0, one second earlier', at(0, 60 + 7, 16)],
  ];
  return cases.map(([rule, description, [life, age, postage]]) => {
    const packet = { life, time, postage };
    const seconds = time + age;
    const when: Instant = instant(seconds * 1000 + 999);
    return { description, rule, life, time, postage, now: seconds, bound: postageBound(packet, when), pull: pullPostage(packet, when), refused: checkPacket(packet, when) };
  });
};

const openCases = (topic: Topic, author: KeyPair) => {
  const source = random();
  const raw = (plaintext: Uint8Array, fields = {}) => rawObject({ topic, author, plaintext, random: source, ...fields });
  const enveloped = (...entries: [number, CborValue][]) => {
    const envelope = encodeCbor(new Map(entries));
    return raw(concat(Uint8Array.of(envelope.length), envelope, utf8('payload')));
  };
  const id = (byte: number) => new Uint8Array(16).fill(byte);
  const good = raw(utf8('\0payload'));
  const cases: [string, string, Uint8Array][] = [
    ['W-18', 'the tag of another topic', raw(utf8('\0'), { tag: 'ffffffffffffffff' })],
    ['W-17', 'sealed for an earlier time', withBytes(good, 5, (good[5] ?? 0) ^ 1)],
    ['W-17', 'sealed by another author', withBytes(good, 38, ...generateKeyPair(fixedRandom(9)).publicKey)],
    ['W-17', 'sealed behind another object', withBytes(good, 14, 1)],
    ['W-17', 'one bit of the ciphertext changed', withBytes(good, 158, (good[158] ?? 0) ^ 1)],
    ['W-19', 'L = 0: no envelope', good],
    ['W-19', 'no plaintext at all', raw(new Uint8Array(0))],
    ['W-19', 'L beyond the end', raw(Uint8Array.of(2, 0xa0))],
    ['W-19', 'L ends within the map', raw(Uint8Array.of(1, 0xa1, 1, 0x80))],
    ['W-19', 'a byte too many behind the map', raw(Uint8Array.of(2, 0xa0, 0xa0))],
    ['W-19', 'an array for a map', raw(Uint8Array.of(1, 0x80))],
    ['W-20', 'eight parents', enveloped([1, Array.from({ length: 8 }, (_, i) => id(i + 1))])],
    ['W-20', 'parents that are no list', enveloped([1, 1])],
    ['W-20', 'an empty list of parents', enveloped([1, []])],
    ['W-20', 'a parent of 15 bytes', enveloped([1, [new Uint8Array(15)]])],
    ['W-20', 'nine parents', enveloped([1, Array.from({ length: 9 }, (_, i) => id(i + 1))])],
    ['W-20', 'a parent twice', enveloped([1, [id(1), id(2), id(1)]])],
    ['W-21', 'millisecond 999', enveloped([2, 999])],
    ['W-21', 'millisecond 1000', enveloped([2, 1000])],
    ['W-21', 'null for a millisecond', enveloped([2, null])],
    ['W-22', 'a recipient of 32 bytes', enveloped([3, new Uint8Array(32).fill(3)])],
    ['W-22', 'a recipient of 8 bytes', enveloped([3, new Uint8Array(8)])],
    ['W-23', 'the largest epoch', enveloped([4, 2 ** 32 - 1])],
    ['W-23', 'an epoch above 32 bits', enveloped([4, 2 ** 32])],
    ['W-24', 'a content type of 64 characters', enveloped([5, 'a'.repeat(64)])],
    ['W-24', 'a content type without a character', enveloped([5, ''])],
    ['W-24', 'a content type of 65 characters', enveloped([5, 'a'.repeat(65)])],
    ['W-24', 'a content type with a line break', enveloped([5, 'text/plain\nx'])],
    ['W-24', 'a content type beyond ASCII', enveloped([5, 'text/plaín'])],
    ['W-25', 'an unknown key, skipped', enveloped([2, 7], [6, 'later'], [1000, []])],
  ];
  return cases.map(([rule, description, bytes]) => {
    const packet = decodePacket(bytes);
    if (!packet.ok) throw new Error(packet.reason);
    const result = openPacket(packet.value, topic);
    return { description, rule, bytes: toHex(bytes), ...(result.ok ? { content: shownContent(result.value) } : { refused: result.reason }) };
  });
};

const manifestCases = () => {
  const ids = (count: number): Uint8Array => concat(...Array.from({ length: count }, (_, i) => new Uint8Array(16).fill(i + 1)));
  const cases: [string, string, Uint8Array][] = [
    ['W-59', 'one part', ids(1)],
    ['W-59', 'sixty parts, the most', ids(60)],
    ['W-59', 'no part', ids(0)],
    ['W-59', 'a byte less than two parts', ids(2).subarray(0, 31)],
    ['W-59', 'a byte more than sixty parts', concat(ids(60), Uint8Array.of(0))],
    ['W-59', 'sixty-one parts', ids(61)],
    ['W-59', 'a part twice', concat(ids(2), ids(1))],
  ];
  return cases.map(([rule, description, bytes]) => {
    const result = decodeManifest(bytes);
    return { description, rule, bytes: toHex(bytes), ...(result.ok ? { parts: result.value } : { refused: result.reason }) };
  });
};
