/** Cases for SPEC I-17 to I-32: topics, bodies, sealed texts, the generator, fingerprints. */
import { fingerprint, inboxTopic, keyPairOf, openBody, openSealed, passphraseTopic, publicTopic, sealBody, sealTo, seededRandom, subTopic, type Topic, topicOfKey } from '@srp/identity';
import { authorId, idBytes, type Random, toHex, topicId, utf8 } from '@srp/machine';
import { bytesOf, p } from '../reference/ed25519.js';

const topicKey = new Uint8Array(32).fill(0x11);
const topic = topicOfKey(topicKey);
const aad = utf8('the header');
const alice = keyPairOf(new Uint8Array(32).fill(0x22));
const bob = keyPairOf(new Uint8Array(32).fill(0x33));
const carol = keyPairOf(new Uint8Array(32).fill(0x44));
const context = { author: authorId(alice.publicKey), topic: topic.id };

/** A source that gives these bytes. */
const giving = (bytes: Uint8Array): Random => ({ bytes: (count) => bytes.slice(0, count), below: () => 0, fork: () => giving(bytes) });
const flip = (bytes: Uint8Array, at: number): Uint8Array => bytes.with(at, (bytes[at] ?? 0) ^ 1);
const hexOrNull = (bytes: Uint8Array | null): string | null => (bytes === null ? null : toHex(bytes));

/** What a topic was made of, in hex. */
interface Origin {
  readonly kind: 'key' | 'public' | 'sub' | 'inbox' | 'passphrase';
  readonly name?: string;
  readonly outerKey?: string;
  readonly publicKey?: string;
  readonly passphrase?: string;
  readonly clusterId?: string;
}

/** Names are given in UTF-8, as they were typed: the reader brings them into NFC or NFKC. */
export const topicVectors = () => {
  const lobby = publicTopic('lobby');
  const cases: readonly (readonly [string, string, Origin, Topic])[] = [
    ['I-17', 'a topic of a key', { kind: 'key' }, topic],
    ['I-18', 'a public topic', { kind: 'public', name: toHex(utf8('lobby')) }, lobby],
    ['I-22', 'a public topic, its name composed', { kind: 'public', name: toHex(utf8('caf\u00e9')) }, publicTopic('caf\u00e9')],
    ['I-22', 'the same, its name decomposed', { kind: 'public', name: toHex(utf8('cafe\u0301')) }, publicTopic('cafe\u0301')],
    ['I-19', 'a sub-topic', { kind: 'sub', outerKey: toHex(topicKey), name: toHex(utf8('lobby')) }, subTopic(topic, 'lobby')],
    ['I-20', 'an inbox', { kind: 'inbox', publicKey: toHex(bob.publicKey) }, inboxTopic(bob.publicKey)],
    ['I-21', 'a topic of a passphrase', { kind: 'passphrase', passphrase: toHex(utf8('\u212bngstr\u00f6m and five other words')), clusterId: toHex(utf8('north')) }, passphraseTopic('\u212bngstr\u00f6m and five other words', 'north')],
  ];
  return cases.map(([rule, description, from, { key, id, tag, bodyKey, nonceKey }]) => ({
    description,
    rule,
    ...from,
    key: toHex(key),
    id,
    tag,
    bodyKey: toHex(bodyKey),
    nonceKey: toHex(nonceKey),
  }));
};

export const nameVectors = () =>
  [['no name', ''] as const, ['257 bytes', 'x'.repeat(257)] as const, ['129 letters of two bytes', '\u00e9'.repeat(129)] as const].map(([description, name]) => ({
    description: `refused: ${description}`,
    rule: 'I-22',
    name: toHex(utf8(name)),
  }));

export const bodyVectors = () =>
  [
    ['I-23', 'a text', utf8('hello'), 0x01] as const,
    ['I-24', 'the same with other random bytes', utf8('hello'), 0x02] as const,
    ['I-24', 'another text with the same random bytes', utf8('hallo'), 0x01] as const,
    ['I-23', 'no plaintext', new Uint8Array(0), 0x01] as const,
    ['I-23', '1024 bytes, the most', Uint8Array.from({ length: 1024 }, (_, i) => i), 0x01] as const,
  ].map(([rule, description, plaintext, fill]) => {
    const random = new Uint8Array(16).fill(fill);
    const body = sealBody(topic, aad, plaintext, giving(random));
    return { description, rule, topicKey: toHex(topicKey), aad: toHex(aad), random: toHex(random), plaintext: toHex(plaintext), body: toHex(body) };
  });

export const bodyRefusedVectors = () => {
  const body = sealBody(topic, aad, utf8('hello'), giving(new Uint8Array(16).fill(1)));
  const cases: readonly (readonly [string, Uint8Array, Uint8Array, Uint8Array])[] = [
    ['another topic', new Uint8Array(32).fill(0x12), aad, body],
    ['another aad', topicKey, utf8('the headeR'), body],
    ['no aad', topicKey, new Uint8Array(0), body],
    ['a bit of the nonce', topicKey, aad, flip(body, 0)],
    ['a bit of the ciphertext', topicKey, aad, flip(body, 24)],
    ['a bit of the tag', topicKey, aad, flip(body, body.length - 1)],
    ['one byte less', topicKey, aad, body.subarray(0, body.length - 1)],
    ['39 bytes', topicKey, aad, body.subarray(0, 39)],
    ['nothing', topicKey, aad, new Uint8Array(0)],
  ];
  return cases.map(([description, key, data, bytes]) => ({
    description: `refused: ${description}`,
    rule: 'I-25',
    topicKey: toHex(key),
    aad: toHex(data),
    body: toHex(bytes),
    plaintext: hexOrNull(openBody(topicOfKey(key), data, bytes)),
  }));
};

export const sealedVectors = () =>
  [['I-26', 'a text', utf8('for bob alone')] as const, ['I-27', 'another text with the same random bytes: another epk', utf8('for bob Alone')] as const, ['I-26', 'no text', new Uint8Array(0)] as const].map(
    ([rule, description, plaintext]) => {
      const random = new Uint8Array(32).fill(0x55);
      const sealed = sealTo(bob.publicKey, context, plaintext, giving(random));
      return { description, rule, recipientSeed: toHex(bob.privateKey), recipient: toHex(bob.publicKey), author: context.author, topicId: context.topic, random: toHex(random), plaintext: toHex(plaintext), sealed: toHex(sealed) };
    },
  );

export const sealedRefusedVectors = () => {
  const sealed = sealTo(bob.publicKey, context, utf8('for bob alone'), giving(new Uint8Array(32).fill(0x55)));
  const withKey = (epk: Uint8Array) => Uint8Array.from([...epk, ...sealed.subarray(32)]);
  const cases: readonly (readonly [string, string, typeof bob, typeof context, Uint8Array])[] = [
    ['I-28', 'another recipient', carol, context, sealed],
    ['I-26', 'passed on under another name', bob, { ...context, author: authorId(carol.publicKey) }, sealed],
    ['I-26', 'passed on in another topic', bob, { ...context, topic: topicId(idBytes(publicTopic('lobby').id)) }, sealed],
    ['I-28', 'epk with its top bit turned, which X25519 ignores', bob, context, withKey(sealed.subarray(0, 32).with(31, (sealed[31] ?? 0) ^ 0x80))],
    ['I-28', 'epk = 0', bob, context, withKey(bytesOf(0n))],
    ['I-28', 'epk = 1', bob, context, withKey(bytesOf(1n))],
    ['I-28', 'epk = p', bob, context, withKey(bytesOf(p))],
    ['I-28', 'a bit of the ciphertext', bob, context, flip(sealed, 32)],
    ['I-28', 'a bit of the tag', bob, context, flip(sealed, sealed.length - 1)],
    ['I-28', '47 bytes', bob, context, sealed.subarray(0, 47)],
  ];
  return cases.map(([rule, description, keys, where, bytes]) => ({
    description: `refused: ${description}`,
    rule,
    recipientSeed: toHex(keys.privateKey),
    author: where.author,
    topicId: where.topic,
    sealed: toHex(bytes),
    plaintext: hexOrNull(openSealed(keys, where, bytes)),
  }));
};

export const randomVectors = () => {
  const seed = Uint8Array.from({ length: 32 }, (_, i) => i);
  const random = seededRandom(seed);
  const fork = random.fork('mesh');
  const second = random.fork('mesh');
  const limits = [1, 6, 1000, 3_000_000_000, 2 ** 32];
  return [
    { description: 'the first 32 bytes', rule: 'I-29', seed: toHex(seed), skip: 0, bytes: toHex(seededRandom(seed).bytes(32)) },
    { description: '32 bytes across the end of the first block', rule: 'I-29', seed: toHex(seed), skip: 464, bytes: toHex(seededRandom(seed).bytes(496).subarray(464)) },
    { description: 'the first fork, "mesh"', rule: 'I-30', seed: toHex(seed), forks: ['mesh'], skip: 0, bytes: toHex(fork.bytes(32)) },
    { description: 'the second fork, again "mesh"', rule: 'I-30', seed: toHex(seed), forks: ['mesh', 'mesh'], skip: 0, bytes: toHex(second.bytes(32)) },
    ...limits.map((limit) => {
      const numbers = seededRandom(seed);
      return { description: `four numbers below ${limit}`, rule: 'I-31', seed: toHex(seed), limit, numbers: [1, 2, 3, 4].map(() => numbers.below(limit)) };
    }),
  ];
};

export const fingerprintVectors = () =>
  [alice, bob].map(({ publicKey }, i) => ({ description: `the key of ${i === 0 ? 'alice' : 'bob'}`, rule: 'I-32', publicKey: toHex(publicKey), words: fingerprint(publicKey) }));
