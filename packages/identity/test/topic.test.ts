import { inboxTopic, keyPairOf, openBody, passphraseTopic, publicTopic, randomTopic, sealBody, seededRandom, subTopic, suite, topicOfKey } from '@srp/identity';
import { concat, idBytes, type Random, toHex, utf8 } from '@srp/machine';
import fc from 'fast-check';
import { suite as uvu } from 'uvu';
import * as assert from 'uvu/assert';

const test = uvu('topics and bodies');
const random = seededRandom(new Uint8Array(32).fill(11));
const none = new Uint8Array(0);
const wrong = (code: string, run: () => unknown) => assert.throws(run, (error: unknown) => (error as { code?: string }).code === code);

test('have an id, a tag and two keys, each derived under its own label', () => {
  const key = random.bytes(32);
  const topic = topicOfKey(key);
  const derived = (label: string) => suite.hkdfSha256(key, none, utf8(label), 32);
  assert.equal(topic.key, key);
  assert.equal(idBytes(topic.id), derived('srp1 topic'));
  assert.equal(topic.bodyKey, derived('srp1 body'));
  assert.equal(topic.nonceKey, derived('srp1 nonce'));
  assert.is(topic.tag, topic.id.slice(0, 16));
});

test('copy their key', () => {
  const key = random.bytes(32);
  const topic = topicOfKey(key);
  const id = topic.id;
  key.fill(0);
  assert.is(topicOfKey(topic.key).id, id);
  wrong('KEY_LENGTH_WRONG', () => topicOfKey(new Uint8Array(31)));
});

test('of one public name are one topic, however its letters are composed', () => {
  assert.is(publicTopic('lobby').id, publicTopic('lobby').id);
  assert.is(publicTopic('caf\u00e9').id, publicTopic('cafe\u0301').id);
  assert.is.not(publicTopic('lobby').id, publicTopic('Lobby').id);
  assert.is.not(publicTopic('lobby').id, publicTopic('lobby ').id);
});

test('have names of 1 to 256 bytes of well-formed Unicode', () => {
  publicTopic('x'.repeat(256));
  for (const name of ['', 'x'.repeat(257), '\u00e9'.repeat(129)]) {
    wrong('TOPIC_NAME_WRONG', () => publicTopic(name));
    wrong('TOPIC_NAME_WRONG', () => subTopic(publicTopic('a'), name));
  }
  wrong('TEXT_MALFORMED', () => publicTopic('\ud800'));
  wrong('TEXT_MALFORMED', () => passphraseTopic('\udc00', ''));
});

test('never meet, whatever kind they are of', () => {
  const keys = keyPairOf(utf8('lobby'.padEnd(32)));
  const lobby = publicTopic('lobby');
  const ids = [
    lobby,
    subTopic(lobby, 'lobby'),
    subTopic(subTopic(lobby, 'lobby'), 'lobby'),
    subTopic(lobby, 'a'),
    subTopic(subTopic(lobby, 'a'), 'b'),
    subTopic(lobby, 'ab'),
    inboxTopic(keys.publicKey),
    topicOfKey(keys.publicKey),
    topicOfKey(lobby.bodyKey),
    topicOfKey(idBytes(lobby.id)),
    randomTopic(random),
    randomTopic(random),
  ].map(({ id }) => id);
  assert.is(new Set(ids).size, ids.length);
});

test('of a passphrase depend on the passphrase and the cluster, not on the keyboard', () => {
  const topic = passphraseTopic('correct horse \u212b', 'north');
  const key = suite.scrypt(utf8('correct horse \u00c5'), utf8('srp1north'), { N: 2 ** 17, r: 8, p: 1 }, 32);
  assert.equal(topic.key, key);
  wrong('PASSPHRASE_EMPTY', () => passphraseTopic('', 'north'));
});

test('seal what their members open, 40 bytes longer, and nobody else', () => {
  const [mine, other] = [randomTopic(random), randomTopic(random)];
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.uint8Array({ maxLength: 1100 }), (aad, plaintext) => {
      const body = sealBody(mine, aad, plaintext, random);
      assert.is(body.length, plaintext.length + 40);
      assert.equal(openBody(mine, aad, body), plaintext);
      assert.is(openBody(other, aad, body), null);
      assert.is(openBody(mine, concat(aad, Uint8Array.of(0)), body), null);
    }),
    { numRuns: 40 },
  );
});

test('open nothing that was changed or is no body at all', () => {
  const topic = randomTopic(random);
  const body = sealBody(topic, utf8('aad'), utf8('hello'), random);
  for (let bit = 0; bit < 8 * body.length; bit += 1) assert.is(openBody(topic, utf8('aad'), body.with(bit >> 3, (body[bit >> 3] ?? 0) ^ (1 << (bit & 7)))), null);
  for (let length = 0; length < body.length; length += 1) assert.is(openBody(topic, utf8('aad'), body.subarray(0, length)), null);
});

test('take another nonce for another plaintext or aad although the random source repeats itself', () => {
  const topic = randomTopic(random);
  const broken: Random = { bytes: (count) => new Uint8Array(count), below: () => 0, fork: () => broken };
  const nonces = [['a', 'x'], ['a', 'y'], ['b', 'x'], ['a', 'x']].map(([aad, text]) => toHex(sealBody(topic, utf8(aad ?? ''), utf8(text ?? ''), broken).subarray(0, 24)));
  assert.is(new Set(nonces).size, 3, 'the same twice gives the same bytes, which tells no more than that');
  assert.is(nonces[0], nonces[3]);
  assert.not.equal(sealBody(topic, none, none, random), sealBody(topic, none, none, random));
});

test.run();
