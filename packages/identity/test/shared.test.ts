import { agreementPublicKey, generateKeyPair, seededRandom, sign, suite, verify } from '@srp/identity';
import * as shared from '@srp/identity/shared';
import { suite as noble } from '@srp/identity/suite/noble';
import { suite as group } from 'uvu';
import * as assert from 'uvu/assert';

const { forgetResults, shareResults, sharing } = shared;
const test = group('shared results');
const random = seededRandom(new Uint8Array(32).fill(7));

test.after.each(() => {
  shareResults('usual');
  forgetResults();
});

test('exports these names and no others', () => {
  assert.equal(Object.keys(shared).sort(), ['forgetResults', 'shareResults', 'sharedConversion', 'sharedVerdict', 'sharing', 'suite']);
});

test('nothing is shared unless somebody says so, and what was before comes back', () => {
  assert.is(sharing(), 'usual');
  assert.is(shareResults('all'), 'usual');
  assert.is(shareResults('nothing'), 'all');
  assert.is(sharing(), 'nothing');
});

test('both sides of an agreement get the secret that each computes alone, in every mode and twice', () => {
  const [a, b] = [random.bytes(32), random.bytes(32)];
  const expected = noble.x25519(a, noble.x25519PublicKey(b));
  for (const mode of ['usual', 'all', 'all', 'nothing'] as const) {
    shareResults(mode);
    assert.equal(suite.x25519PublicKey(a), noble.x25519PublicKey(a));
    assert.equal(suite.x25519(a, suite.x25519PublicKey(b)), expected);
    assert.equal(suite.x25519(b, suite.x25519PublicKey(a)), expected);
  }
});

test('who writes over what he got changes nobody else’s', () => {
  shareResults('all');
  const [a, b] = [random.bytes(32), random.bytes(32)];
  const publicKey = suite.x25519PublicKey(b);
  const expected = noble.x25519(a, publicKey);
  suite.x25519(a, publicKey)?.fill(0);
  suite.x25519PublicKey(a).fill(0);
  assert.equal(suite.x25519(a, publicKey), expected);
  a.fill(9); // and a secret that was written over is another secret
  assert.equal(suite.x25519(a, publicKey), noble.x25519(a, publicKey));
});

test('a point of low order and a key of a wrong length give no secret', () => {
  shareResults('all');
  for (const publicKey of [new Uint8Array(32), new Uint8Array(31)]) {
    assert.is(suite.x25519(random.bytes(32), publicKey), null);
    assert.is(suite.x25519(random.bytes(32), publicKey), null);
  }
});

test('what is sealed is opened alike in every mode, and a bit that differs opens nothing', () => {
  const [key, nonce, none] = [random.bytes(32), random.bytes(12), new Uint8Array(0)];
  for (const length of [0, 1, 30, 240, 241, 1200]) {
    const plaintext = random.bytes(length);
    const expected = noble.chachaSeal(key, nonce, none, plaintext);
    for (const mode of ['nothing', 'all', 'all', 'usual'] as const) {
      shareResults(mode);
      const sealed = suite.chachaSeal(key, nonce, none, plaintext);
      assert.equal(sealed, expected);
      suite.chachaOpen(key, nonce, none, sealed)?.fill(0);
      assert.equal(suite.chachaOpen(key, nonce, none, sealed), plaintext);
      for (const given of [[key, nonce, flipped(sealed, 0)], [key, nonce, flipped(sealed, length)], [key, flipped(nonce, 11), sealed], [flipped(key, 31), nonce, sealed]] as const) {
        assert.is(suite.chachaOpen(given[0], given[1], none, given[2]), null);
      }
      assert.is(suite.chachaOpen(key, nonce, Uint8Array.of(1), sealed), null);
    }
  }
});

test('who writes over what he sealed changes nothing for who opens it', () => {
  shareResults('all');
  const [key, nonce, none, plaintext] = [random.bytes(32), random.bytes(12), new Uint8Array(0), random.bytes(30)];
  const given = { key: key.slice(), nonce: nonce.slice(), plaintext: plaintext.slice() };
  const sealed = suite.chachaSeal(given.key, given.nonce, none, given.plaintext);
  const sent = sealed.slice();
  for (const bytes of [given.key, given.nonce, given.plaintext, sealed]) bytes.fill(0);
  assert.equal(suite.chachaOpen(key, nonce, none, sent), plaintext);
});

test('opens what it remembers no more, and remembers nothing that was forgotten', () => {
  shareResults('all');
  const [key, none] = [random.bytes(32), new Uint8Array(0)];
  const nonceOf = (count: number): Uint8Array => Uint8Array.of(count & 255, count >> 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  const sealed = Array.from({ length: 20_000 }, (_, count) => suite.chachaSeal(key, nonceOf(count), none, Uint8Array.of(count & 255)));
  for (let count = 0; count < sealed.length; count += 97) assert.equal(suite.chachaOpen(key, nonceOf(count), none, sealed[count] ?? none), Uint8Array.of(count & 255));
  forgetResults();
  assert.equal(suite.chachaOpen(key, nonceOf(1), none, sealed[1] ?? none), Uint8Array.of(1));
});

test('a verdict is the same in every mode, good or bad', () => {
  const keys = generateKeyPair(random);
  const message = random.bytes(100);
  const good = sign(keys, message);
  const bad = good.slice();
  bad[5] = (bad[5] ?? 0) ^ 1;
  for (const mode of ['nothing', 'all', 'all', 'usual'] as const) {
    shareResults(mode);
    assert.ok(verify(keys.publicKey, message, good));
    assert.not(verify(keys.publicKey, message, bad));
  }
});

test('a converted key is the same in every mode', () => {
  const { publicKey } = generateKeyPair(random);
  shareResults('nothing');
  const expected = agreementPublicKey(publicKey);
  shareResults('all');
  agreementPublicKey(publicKey)?.fill(0);
  assert.equal(agreementPublicKey(publicKey), expected);
  assert.is(agreementPublicKey(new Uint8Array(32)), null);
});

const flipped = (bytes: Uint8Array, at: number): Uint8Array => bytes.map((byte, index) => (index === at ? byte ^ 1 : byte));

test.run();
