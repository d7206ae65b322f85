import { agreementPublicKey, agreementSecretKey, fingerprint, generateKeyPair, keyPairOf, seededRandom, sign, suite, verify } from '@srp/identity';
import { fromHex, toHex, utf8 } from '@srp/machine';
import { suite as uvu } from 'uvu';
import * as assert from 'uvu/assert';
import { agreementCount } from '../dist/agreement.js';
import { agreementKeysMax, importedKeysMax, verdictsMax } from '../dist/constants.js';
import { importedCount, publicKeyObject } from '../dist/node/key-objects.js';
import { acceptedCount, isAccepted, rememberAccepted, verdictName } from '../dist/verdicts.js';
import * as slow from './reference/ed25519.js';

const test = uvu('key pairs');
const random = seededRandom(new Uint8Array(32).fill(3));

test('are fixed by their seed, which is copied', () => {
  const seed = random.bytes(32);
  const keys = keyPairOf(seed);
  const other = keyPairOf(seed.slice());
  seed.fill(0);
  assert.equal(keys.publicKey, other.publicKey);
  assert.equal(sign(keys, utf8('x')), sign(other, utf8('x')));
  assert.is(keys.publicKey.length, 32);
  assert.throws(() => keyPairOf(new Uint8Array(33)), /32 bytes, got 33/);
});

test('differ when generated one after the other', () => {
  assert.not.equal(generateKeyPair(random).publicKey, generateKeyPair(random).publicKey);
});

test('sign what they verify, and nothing else', () => {
  const keys = generateKeyPair(random);
  const signature = sign(keys, utf8('message'));
  for (let round = 0; round < 2; round += 1) {
    assert.ok(verify(keys.publicKey, utf8('message'), signature));
    assert.not.ok(verify(keys.publicKey, utf8('messagf'), signature));
    assert.not.ok(verify(generateKeyPair(random).publicKey, utf8('message'), signature));
  }
});

test('never throw for what a peer sent', () => {
  for (const length of [0, 1, 31, 32, 33, 64, 65, 1000]) {
    for (const fill of [0, 1, 0x7f, 0xff]) {
      assert.not.ok(verify(new Uint8Array(length).fill(fill), utf8('x'), new Uint8Array(64).fill(fill)));
      assert.not.ok(verify(new Uint8Array(32).fill(fill), utf8('x'), new Uint8Array(length).fill(fill)));
    }
  }
});

test('sign by the seed alone: a public key from elsewhere cannot draw two signatures out of one nonce', () => {
  const keys = generateKeyPair(random);
  const forged = { publicKey: generateKeyPair(random).publicKey, privateKey: keys.privateKey };
  assert.equal(sign(forged, utf8('x')), sign(keys, utf8('x')));
});

test('take Buffers, and leave them as they were', () => {
  for (let i = 0; i < 8; i += 1) {
    const keys = generateKeyPair(random);
    const given = [Buffer.from(keys.publicKey), Buffer.from('text'), Buffer.from(sign(keys, utf8('text')))] as const;
    const copies = given.map(toHex);
    assert.ok(verify(...given));
    assert.not.ok(verify(given[0], given[0], given[2]));
    assert.ok(agreementPublicKey(given[0]));
    assert.equal(keyPairOf(Buffer.from(keys.privateKey)).publicKey, keys.publicKey);
    assert.is(fingerprint(given[0]), fingerprint(keys.publicKey));
    assert.equal(given.map(toHex), copies);
  }
});

test('remember a good verdict by all of key, signature and message, and no bad one', () => {
  const keys = generateKeyPair(random);
  const message = utf8('remembered');
  const signature = sign(keys, message);
  const bad = signature.with(0, (signature[0] ?? 0) ^ 1);
  const nameOf = (s: Uint8Array) => verdictName(keys.publicKey, message, s) ?? '';
  verify(keys.publicKey, message, signature);
  verify(keys.publicKey, message, bad);
  assert.ok(isAccepted(nameOf(signature)));
  assert.not.ok(isAccepted(nameOf(bad)));
  // The border between signature and message is fixed, so bytes cannot wander over it.
  assert.is(verdictName(keys.publicKey, message, signature.subarray(1)), null);
  assert.is(verdictName(keys.publicKey.subarray(1), message, signature), null);
});

test('remember no more than the limit, and forget what was not asked for the longest', () => {
  rememberAccepted('first');
  rememberAccepted('second');
  for (let i = 0; i < verdictsMax - 2; i += 1) rememberAccepted(`filler ${i}`);
  assert.is(acceptedCount(), verdictsMax);
  assert.ok(isAccepted('first'), 'touched, so young again');
  rememberAccepted('one more');
  assert.is(acceptedCount(), verdictsMax);
  assert.ok(isAccepted('first'));
  assert.not.ok(isAccepted('second'));
});

test('keep no more key objects and agreement keys than the limits', () => {
  for (let i = 0; i < importedKeysMax + 5; i += 1) publicKeyObject('X25519', random.bytes(32));
  assert.is(importedCount(), importedKeysMax);
  const step = slow.times(9n, slow.B);
  for (let i = 0, point = slow.B; i < agreementKeysMax + 5; i += 1, point = slow.add(point, step)) agreementPublicKey(slow.encode(point));
  assert.is(agreementCount(), agreementKeysMax);
});

test('agree by X25519 with the key they sign with', () => {
  const [alice, bob] = [generateKeyPair(random), generateKeyPair(random)];
  const ofBob = agreementPublicKey(bob.publicKey) ?? new Uint8Array(0);
  const ofAlice = agreementPublicKey(alice.publicKey) ?? new Uint8Array(0);
  assert.equal(suite.x25519PublicKey(agreementSecretKey(bob.privateKey)), ofBob);
  const shared = suite.x25519(agreementSecretKey(alice.privateKey), ofBob);
  assert.ok(shared);
  assert.equal(suite.x25519(agreementSecretKey(bob.privateKey), ofAlice), shared);
});

test('convert to the X25519 key that libsodium has for the same seed', () => {
  const seed = fromHex('421151a459faeade3d247115f94aedae42318124095afabe4d1451a559faedee');
  const keys = keyPairOf(seed);
  assert.is(toHex(keys.publicKey), 'b5076a8474a832daee4dd5b4040983b6623b5f344aca57d4d6ee4baf3f259e6e');
  assert.is(toHex(agreementPublicKey(keys.publicKey) ?? new Uint8Array(0)), 'f1814f0e8ff1043d8a44d25babff3cedcae6c22c3edaa48f857ae70de2baae50');
  assert.is(toHex(agreementSecretKey(seed)), '8052030376d47112be7f73ed7a019293dd12ad910b654455798b4667d73de166');
});

test('give a fresh agreement key each time, which its receiver may change', () => {
  const { publicKey } = generateKeyPair(random);
  const first = agreementPublicKey(publicKey) ?? new Uint8Array(0);
  const copy = first.slice();
  first.fill(0);
  const second = agreementPublicKey(publicKey) ?? new Uint8Array(0);
  assert.equal(second, copy);
  second.fill(0);
  assert.equal(agreementPublicKey(publicKey), copy);
});

test('refuse to agree with a key of small order, off the curve, not canonical or of another length', () => {
  for (const point of slow.torsion) assert.is(agreementPublicKey(slow.encode(point)), null);
  assert.is(agreementPublicKey(slow.bytesOf(slow.p + 3n)), null);
  assert.is(agreementPublicKey(new Uint8Array(31)), null);
  let y = 2n;
  while (slow.decode(slow.bytesOf(y)) !== null) y += 1n;
  assert.is(agreementPublicKey(slow.bytesOf(y)), null);
  assert.throws(() => agreementSecretKey(new Uint8Array(31)), /32 bytes/);
});

test('have fingerprints of eight words that differ in all places', () => {
  const words = Array.from({ length: 20 }, () => fingerprint(generateKeyPair(random).publicKey).split('-'));
  for (const eight of words) assert.is(eight.length, 8);
  for (let place = 0; place < 8; place += 1) assert.ok(new Set(words.map((eight) => eight[place])).size > 15);
  assert.throws(() => fingerprint(new Uint8Array(31)), /32 bytes/);
});

test.run();
