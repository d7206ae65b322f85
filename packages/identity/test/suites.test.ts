/** Both suites give the same bytes for whatever they are asked. A failure prints fast-check's seed. */
import { concat, fromHex, toHex } from '@srp/machine';
import fc from 'fast-check';
import { suite as uvu } from 'uvu';
import * as assert from 'uvu/assert';
import { suites } from './suites.js';

const test = uvu('both suites');
const [noble, node] = suites;

const bytes = (maxLength: number) => fc.uint8Array({ maxLength });
const exactly = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const key = exactly(32);
const same = (a: Uint8Array | null, b: Uint8Array | null) => {
  assert.is(a === null ? null : toHex(a), b === null ? null : toHex(b));
  for (const result of [a, b]) if (result !== null) assert.is(Object.getPrototypeOf(result), Uint8Array.prototype, 'a plain Uint8Array');
};
const check = <Values extends [unknown, ...unknown[]]>(runs: number, property: fc.IPropertyWithHooks<Values>) => {
  fc.assert(property, { numRuns: runs });
};

test('hash alike, whole or in parts', () => {
  check(100, fc.property(fc.array(bytes(200), { maxLength: 4 }), (parts) => {
    same(noble.sha256(...parts), node.sha256(...parts));
    same(noble.sha256(...parts), node.sha256(concat(...parts)));
  }));
});

test('authenticate alike, with keys of any length', () => {
  check(100, fc.property(bytes(150), fc.array(bytes(200), { maxLength: 4 }), (secret, parts) => {
    same(noble.hmacSha256(secret, ...parts), node.hmacSha256(secret, ...parts));
    same(noble.hmacSha256(secret, ...parts), node.hmacSha256(secret, concat(...parts)));
  }));
});

test('derive alike, to the limit of HKDF', () => {
  check(60, fc.property(bytes(80), bytes(80), bytes(300), fc.integer({ min: 1, max: 300 }), (ikm, salt, info, length) => {
    same(noble.hkdfSha256(ikm, salt, info, length), node.hkdfSha256(ikm, salt, info, length));
  }));
  same(noble.hkdfSha256(Uint8Array.of(1), new Uint8Array(0), new Uint8Array(1000), 8160), node.hkdfSha256(Uint8Array.of(1), new Uint8Array(0), new Uint8Array(1000), 8160));
});

test('sign alike and accept each other', () => {
  check(25, fc.property(key, bytes(300), (seed, message) => {
    const publicKey = node.ed25519PublicKey(seed);
    same(noble.ed25519PublicKey(seed), publicKey);
    const signature = noble.ed25519Sign(seed, message);
    same(signature, node.ed25519Sign(seed, message));
    for (const suite of suites) assert.ok(suite.ed25519Verify(publicKey, message, signature));
  }));
});

test('judge a changed signature alike', () => {
  check(40, fc.property(key, bytes(50), fc.nat(511), fc.nat(255), (seed, message, bit, keyBit) => {
    const publicKey = node.ed25519PublicKey(seed);
    const signature = node.ed25519Sign(seed, message);
    const flip = (from: Uint8Array, at: number) => from.with(at >> 3, (from[at >> 3] ?? 0) ^ (1 << (at & 7)));
    for (const suite of suites) {
      assert.not.ok(suite.ed25519Verify(publicKey, message, flip(signature, bit)));
      assert.not.ok(suite.ed25519Verify(flip(publicKey, keyBit), message, signature));
    }
  }));
});

test('judge arbitrary bytes alike', () => {
  check(60, fc.property(key, bytes(10), exactly(64), (publicKey, message, signature) => {
    assert.is(noble.ed25519Verify(publicKey, message, signature), node.ed25519Verify(publicKey, message, signature));
  }));
});

test('agree on secrets alike, with any 32 bytes as a public key', () => {
  check(30, fc.property(key, key, (secret, other) => {
    same(noble.x25519PublicKey(secret), node.x25519PublicKey(secret));
    same(noble.x25519(secret, other), node.x25519(secret, other));
    same(noble.x25519(secret, node.x25519PublicKey(other)), node.x25519(other, noble.x25519PublicKey(secret)));
  }));
});

test('give null for every low-order X25519 key, canonical or not, and ignore its top bit', () => {
  const p = (1n << 255n) - 19n;
  const little = (value: bigint) => Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 255n));
  const order8 = ['e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800', '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157'];
  const low = [...[0n, 1n, p - 1n, p, p + 1n].map(little), ...order8.map(fromHex)];
  for (const publicKey of low) {
    for (const dressed of [publicKey, publicKey.with(31, (publicKey[31] ?? 0) | 0x80)]) {
      for (const suite of suites) assert.is(suite.x25519(new Uint8Array(32).fill(5), dressed), null, `${suite.name} ${toHex(dressed)}`);
    }
  }
  const nine = little(9n);
  const secret = new Uint8Array(32).fill(5);
  for (const suite of suites) {
    same(suite.x25519(secret, nine), suite.x25519(secret, nine.with(31, 0x80)));
    same(suite.x25519(secret, nine), suite.x25519(secret, little(p + 9n)));
    same(suite.x25519(secret, nine), suite.x25519PublicKey(secret));
    for (const length of [0, 31, 33]) assert.is(suite.x25519(secret, new Uint8Array(length).fill(9)), null);
  }
});

test('clamp a secret alike', () => {
  for (const secret of [new Uint8Array(32), new Uint8Array(32).fill(255), Uint8Array.of(7, ...new Uint8Array(31))]) {
    same(noble.x25519PublicKey(secret), node.x25519PublicKey(secret));
  }
});

test('seal alike and open what the other sealed', () => {
  check(60, fc.property(key, exactly(12), exactly(24), bytes(100), bytes(600), (secret, nonce, longNonce, aad, plaintext) => {
    const sealed = noble.chachaSeal(secret, nonce, aad, plaintext);
    same(sealed, node.chachaSeal(secret, nonce, aad, plaintext));
    for (const suite of [noble, node]) same(suite.chachaSeal(secret, nonce, aad, plaintext, 13), concat(new Uint8Array(13), sealed));
    same(plaintext, noble.chachaOpen(secret, nonce, aad, sealed));
    same(plaintext, node.chachaOpen(secret, nonce, aad, sealed));
    const longSealed = noble.xchachaSeal(secret, longNonce, aad, plaintext);
    same(longSealed, node.xchachaSeal(secret, longNonce, aad, plaintext));
    same(plaintext, noble.xchachaOpen(secret, longNonce, aad, longSealed));
    same(plaintext, node.xchachaOpen(secret, longNonce, aad, longSealed));
  }));
});

test('encrypt a stream alike from any block on, and undo it by the same', () => {
  check(60, fc.property(key, exactly(12), fc.integer({ min: 0, max: 2 ** 32 - 100 }), bytes(600), (secret, nonce, counter, plaintext) => {
    const encrypted = noble.chachaStream(secret, nonce, counter, plaintext);
    same(encrypted, node.chachaStream(secret, nonce, counter, plaintext));
    same(plaintext, node.chachaStream(secret, nonce, counter, encrypted));
    if (plaintext.length >= 64) same(encrypted.subarray(64), node.chachaStream(secret, nonce, counter + 1, plaintext.subarray(64)));
  }));
});

test('open nothing that was changed, cut or given another context', () => {
  const secret = new Uint8Array(32).fill(1);
  const nonce = new Uint8Array(12).fill(2);
  const longNonce = new Uint8Array(24).fill(2);
  const aad = Uint8Array.of(1, 2, 3);
  for (const suite of suites) {
    const forms = [
      { sealed: suite.chachaSeal(secret, nonce, aad, aad), open: (s: Uint8Array, a = aad, k = secret) => suite.chachaOpen(k, nonce, a, s) },
      { sealed: suite.xchachaSeal(secret, longNonce, aad, aad), open: (s: Uint8Array, a = aad, k = secret) => suite.xchachaOpen(k, longNonce, a, s) },
    ];
    for (const { sealed, open } of forms) {
      same(open(sealed), aad);
      for (let bit = 0; bit < 8 * sealed.length; bit += 1) assert.is(open(sealed.with(bit >> 3, (sealed[bit >> 3] ?? 0) ^ (1 << (bit & 7)))), null);
      for (let length = 0; length < sealed.length; length += 1) assert.is(open(sealed.subarray(0, length)), null);
      assert.is(open(concat(sealed, Uint8Array.of(0))), null);
      assert.is(open(sealed, aad.subarray(1)), null);
      assert.is(open(sealed, new Uint8Array(0)), null);
      assert.is(open(sealed, aad, secret.with(0, 0)), null);
    }
  }
});

test('stretch a passphrase alike', () => {
  check(6, fc.property(bytes(40), bytes(40), fc.constantFrom(2, 16, 256), fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 80 }), (passphrase, salt, N, r, p, length) => {
    same(noble.scrypt(passphrase, salt, { N, r, p }, length), node.scrypt(passphrase, salt, { N, r, p }, length));
  }));
});

test('take views and Buffers, change nothing in them, and give plain arrays', () => {
  const filled = (length: number) => Uint8Array.from({ length }, (_, i) => 255 - i);
  for (const buffer of [filled(300), Buffer.from(filled(300))]) {
    const seed = buffer.subarray(3, 35);
    const message = buffer.subarray(41, 60);
    const as = (bytes: Uint8Array): Uint8Array => (Buffer.isBuffer(buffer) ? Buffer.from(bytes) : bytes);
    for (const suite of suites) {
      const before = toHex(buffer);
      same(suite.sha256(seed, message), suite.sha256(concat(seed, message)));
      same(suite.hmacSha256(seed, message), suite.hmacSha256(concat(seed), concat(message)));
      same(suite.hkdfSha256(seed, message, message, 32), suite.hkdfSha256(concat(seed), concat(message), concat(message), 32));
      same(suite.scrypt(seed, message, { N: 2, r: 1, p: 1 }, 32), suite.scrypt(concat(seed), concat(message), { N: 2, r: 1, p: 1 }, 32));
      for (const [nonce, seal, open] of [
        [buffer.subarray(5, 17), suite.chachaSeal, suite.chachaOpen],
        [buffer.subarray(5, 29), suite.xchachaSeal, suite.xchachaOpen],
      ] as const) {
        const sealed = as(seal(seed, nonce, message, message));
        const copy = toHex(sealed);
        same(open(seed, nonce, message, sealed), concat(message));
        assert.is(open(seed, nonce, seed, sealed), null);
        assert.is(toHex(sealed), copy);
      }
      // Whatever the sign bits of key and R are: they must be as they were afterwards.
      for (let i = 0; i < 8; i += 1) {
        buffer[3] = i;
        const publicKey = as(suite.ed25519PublicKey(seed));
        const signature = as(suite.ed25519Sign(seed, message));
        const agreed = as(suite.x25519PublicKey(seed));
        const copies = [buffer, publicKey, signature, agreed].map(toHex);
        assert.ok(suite.ed25519Verify(publicKey, message, signature));
        assert.ok(suite.ed25519Verify(publicKey, message, signature));
        assert.not.ok(suite.ed25519Verify(publicKey, seed, signature));
        same(suite.x25519(seed, agreed), suite.x25519(concat(seed), concat(agreed)));
        assert.equal([buffer, publicKey, signature, agreed].map(toHex), copies);
      }
      buffer[3] = 252;
      assert.is(toHex(buffer), before);
    }
  }
});

test('sign with what the array holds now, not with what it held', () => {
  for (const suite of suites) {
    const seed = new Uint8Array(32).fill(1);
    suite.ed25519Sign(seed, seed);
    seed.fill(2);
    same(suite.ed25519Sign(seed, Uint8Array.of(1)), suite.ed25519Sign(new Uint8Array(32).fill(2), Uint8Array.of(1)));
    suite.x25519PublicKey(seed);
    same(suite.ed25519PublicKey(seed), suite.ed25519PublicKey(new Uint8Array(32).fill(2)));
  }
});

test('throw at a caller whose key, nonce, length or cost is wrong, and never at a peer', () => {
  const short = new Uint8Array(31);
  const empty = new Uint8Array(0);
  const good = new Uint8Array(32);
  for (const suite of suites) {
    const wrong = (code: string, run: () => unknown) => assert.throws(run, (error: unknown) => (error as { code?: string }).code === code);
    wrong('KEY_LENGTH_WRONG', () => suite.ed25519PublicKey(short));
    wrong('KEY_LENGTH_WRONG', () => suite.ed25519Sign(short, empty));
    wrong('KEY_LENGTH_WRONG', () => suite.x25519PublicKey(short));
    wrong('KEY_LENGTH_WRONG', () => suite.x25519(short, good));
    for (const seal of [suite.chachaSeal, suite.chachaOpen, suite.xchachaSeal, suite.xchachaOpen]) {
      wrong('KEY_LENGTH_WRONG', () => seal(short, new Uint8Array(12), empty, empty));
      wrong('KEY_LENGTH_WRONG', () => seal(good, new Uint8Array(13), empty, empty));
    }
    wrong('KEY_LENGTH_WRONG', () => suite.chachaStream(short, new Uint8Array(12), 0, empty));
    wrong('KEY_LENGTH_WRONG', () => suite.chachaStream(good, new Uint8Array(13), 0, empty));
    for (const counter of [-1, 0.5, 2 ** 32, 2 ** 32 - 1]) wrong('KEYSTREAM_EXHAUSTED', () => suite.chachaStream(good, new Uint8Array(12), counter, good));
    for (const length of [0, 8161, 1.5, Number.NaN]) wrong('DERIVATION_WRONG', () => suite.hkdfSha256(good, empty, empty, length));
    for (const cost of [{ N: 3, r: 1, p: 1 }, { N: 1, r: 1, p: 1 }, { N: 16, r: 0, p: 1 }, { N: 16, r: 1, p: 1.5 }, { N: 2 ** 32, r: 1, p: 1 }]) {
      wrong('DERIVATION_WRONG', () => suite.scrypt(good, good, cost, 32));
    }
  }
});

test.run();
