import { agreementPublicKey, generateKeyPair, inboxTopic, type KeyPair, openSealed, randomTopic, sealTo, seededRandom } from '@srp/identity';
import { authorId, concat, type Random, toHex, utf8 } from '@srp/machine';
import { suite as uvu } from 'uvu';
import * as assert from 'uvu/assert';
import * as slow from './reference/ed25519.js';

const test = uvu('a text sealed to one key');
const random = seededRandom(new Uint8Array(32).fill(12));
const [alice, bob, carol] = [generateKeyPair(random), generateKeyPair(random), generateKeyPair(random)];
const contextOf = (keys: KeyPair, topic = inboxTopic(bob.publicKey)) => ({ author: authorId(keys.publicKey), topic: topic.id });
const context = contextOf(alice);

test('is opened by its owner, and is 48 bytes longer', () => {
  for (const length of [0, 1, 900]) {
    const plaintext = random.bytes(length);
    const sealed = sealTo(bob.publicKey, context, plaintext, random);
    assert.is(sealed.length, length + 48);
    assert.equal(openSealed(bob, context, sealed), plaintext);
    assert.is(openSealed(carol, context, sealed), null);
    assert.is(openSealed(alice, context, sealed), null, 'nor by who sent it');
  }
});

test('cannot be passed on under another name or in another topic', () => {
  const sealed = sealTo(bob.publicKey, context, utf8('for bob, from alice'), random);
  assert.is(openSealed(bob, contextOf(carol), sealed), null);
  assert.is(openSealed(bob, contextOf(alice, randomTopic(random)), sealed), null);
});

test('is not opened with any bit turned or any byte missing', () => {
  const sealed = sealTo(bob.publicKey, context, utf8('hi'), random);
  for (let bit = 0; bit < 8 * sealed.length; bit += 1) {
    if (bit === 255) continue; // the top bit of an X25519 key means nothing to the exchange; see below
    assert.is(openSealed(bob, context, sealed.with(bit >> 3, (sealed[bit >> 3] ?? 0) ^ (1 << (bit & 7)))), null, `bit ${bit}`);
  }
  for (let length = 0; length < sealed.length; length += 1) assert.is(openSealed(bob, context, sealed.subarray(0, length)), null);
});

test('is not opened with a one-use key dressed otherwise, though the exchange would give the same', () => {
  const sealed = sealTo(bob.publicKey, context, utf8('hi'), random);
  assert.is(openSealed(bob, context, sealed.with(31, (sealed[31] ?? 0) ^ 0x80)), null);
});

test('is not opened when its one-use key is of low order', () => {
  const sealed = sealTo(bob.publicKey, context, utf8('hi'), random);
  for (const low of [0n, 1n, slow.p - 1n, slow.p, slow.p + 1n]) assert.is(openSealed(bob, context, concat(slow.bytesOf(low), sealed.subarray(32))), null);
});

test('takes another one-use key for another text although the random source repeats itself', () => {
  const broken: Random = { bytes: (count) => new Uint8Array(count), below: () => 0, fork: () => broken };
  const keys = [
    sealTo(bob.publicKey, context, utf8('a'), broken),
    sealTo(bob.publicKey, context, utf8('b'), broken),
    sealTo(carol.publicKey, context, utf8('a'), broken),
    sealTo(bob.publicKey, contextOf(carol), utf8('a'), broken),
  ].map((sealed) => toHex(sealed.subarray(0, 32)));
  assert.is(new Set(keys).size, 4);
});

test('cannot be sealed to a key that SRP does not allow', () => {
  for (const point of slow.torsion) assert.throws(() => sealTo(slow.encode(point), context, utf8('x'), random), /Cannot seal/);
  assert.throws(() => sealTo(new Uint8Array(31), context, utf8('x'), random), /Cannot seal/);
});

test('is not opened by the owner of a key that differs from the recipient by torsion alone', () => {
  const dirty = slow.encode(slow.add(slow.decode(bob.publicKey) ?? slow.B, slow.order8));
  assert.ok(agreementPublicKey(dirty));
  assert.is(openSealed(bob, context, sealTo(dirty, context, utf8('x'), random)), null);
});

test.run();
