/** Hostile signatures, in the manner of Wycheproof: both suites and the slow twin must judge each alike. SPEC, rule 2.1. */
import { concat, fromHex, toHex, utf8 } from '@srp/machine';
import { suite as uvu } from 'uvu';
import * as assert from 'uvu/assert';
import * as slow from './reference/ed25519.js';
import { suites } from './suites.js';

const test = uvu('the rule for Ed25519 signatures');

const seed = new Uint8Array(32).fill(7);
const a = slow.scalarOf(seed);
const A = slow.times(a, slow.B);
const publicKey = slow.encode(A);
const r = 0x1234567890abcdefn;
const R = slow.times(r, slow.B);
const message = utf8('the rule');

/** The one verdict of all three. */
const verdict = (key: Uint8Array, text: Uint8Array, signature: Uint8Array): boolean => {
  const expected = slow.verify(key, text, signature);
  for (const suite of suites) assert.is(suite.ed25519Verify(key, text, signature), expected, `${suite.name}: ${toHex(key)} ${toHex(text)} ${toHex(signature)}`);
  return expected;
};
const accepts = (...triple: Parameters<typeof verdict>) => assert.ok(verdict(...triple));
const rejects = (...triple: Parameters<typeof verdict>) => assert.not.ok(verdict(...triple));

test('agrees with the slow twin that a plain signature is good', () => {
  for (const suite of suites) {
    assert.equal(suite.ed25519PublicKey(seed), publicKey);
    accepts(publicKey, message, suite.ed25519Sign(seed, message));
  }
  accepts(publicKey, message, slow.signWith(a, r, publicKey, slow.encode(R), message));
});

test('the points of small order are these eight', () => {
  const found = slow.torsion.map((point) => toHex(slow.encode(point))).sort();
  assert.equal(found, [
    '0000000000000000000000000000000000000000000000000000000000000000',
    '0000000000000000000000000000000000000000000000000000000000000080',
    '0100000000000000000000000000000000000000000000000000000000000000',
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  ]);
});

test('refuses a key of small order, for which one signature would fit many messages', () => {
  let wouldFit = 0;
  for (const point of slow.torsion) {
    const key = slow.encode(point);
    for (let i = 0; i < 3; i += 1) {
      const text = Uint8Array.of(i);
      const signature = concat(slow.encode(R), slow.bytesOf(r));
      if (slow.verifyCofactored(key, text, signature)) wouldFit += 1;
      rejects(key, text, signature);
    }
    rejects(key, message, new Uint8Array(64));
  }
  assert.is(wouldFit, 24, 'the cofactored check would accept them all');
});

test('refuses every encoding that is not canonical, of a key and of R', () => {
  for (let offset = 0n; offset < 19n; offset += 1n) {
    for (const sign of [0n, 1n << 255n]) {
      const beyond = slow.bytesOf((slow.p + offset) | sign);
      rejects(beyond, message, concat(slow.encode(R), slow.bytesOf(r)));
      rejects(publicKey, message, concat(beyond, slow.bytesOf(r)));
      rejects(publicKey, message, slow.signWith(a, 0n, publicKey, beyond, message));
    }
  }
  for (const negativeZero of ['0100000000000000000000000000000000000000000000000000000000000080', 'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff']) {
    rejects(fromHex(negativeZero), message, concat(fromHex(negativeZero), slow.bytesOf(0n)));
    rejects(publicKey, message, slow.signWith(a, 0n, publicKey, fromHex(negativeZero), message));
  }
});

test('refuses R of small order, although the equation holds: some libraries do, so all must', () => {
  const dirtyKey = slow.encode(slow.add(A, slow.order8));
  for (const [i, T] of slow.torsion.entries()) {
    const dirtyR = slow.encode(T);
    let text = Uint8Array.of(0);
    while ((slow.challenge(dirtyR, dirtyKey, text) + BigInt(i)) % 8n !== 0n) text = Uint8Array.of((text[0] ?? 0) + 1);
    const signature = slow.signWith(a, 0n, dirtyKey, dirtyR, text);
    assert.ok(slow.holds(dirtyKey, text, signature));
    rejects(dirtyKey, text, signature);
  }
  const identity = slow.signWith(a, 0n, publicKey, slow.encode(slow.zero), message);
  assert.ok(slow.holds(publicKey, message, identity));
  rejects(publicKey, message, identity);
});

test('refuses a torsion component in R, which a cofactored check lets pass', () => {
  for (const T of slow.torsion.slice(1)) {
    const dirtyR = slow.encode(slow.add(R, T));
    const signature = slow.signWith(a, r, publicKey, dirtyR, message);
    assert.ok(slow.verifyCofactored(publicKey, message, signature));
    rejects(publicKey, message, signature);
  }
});

test('judges a key with a torsion component by the equation alone: good when the component cancels', () => {
  let good = 0;
  let bad = 0;
  for (const T of slow.torsion.slice(1)) {
    const dirtyKey = slow.encode(slow.add(A, T));
    for (let i = 0; i < 8; i += 1) {
      const signature = slow.signWith(a, r, dirtyKey, slow.encode(R), Uint8Array.of(i));
      assert.ok(slow.verifyCofactored(dirtyKey, Uint8Array.of(i), signature));
      if (verdict(dirtyKey, Uint8Array.of(i), signature)) good += 1;
      else bad += 1;
    }
  }
  assert.ok(good > 3 && bad > 20, `good ${good}, bad ${bad}`);
});

test('judges torsion in key and R together by the equation alone', () => {
  let good = 0;
  for (const T of slow.torsion.slice(1)) {
    const dirtyKey = slow.encode(slow.add(A, T));
    for (let i = 0; i < 8; i += 1) {
      if (verdict(dirtyKey, Uint8Array.of(i), slow.signWith(a, r, dirtyKey, slow.encode(slow.add(R, slow.torsion[i] ?? T)), Uint8Array.of(i)))) good += 1;
    }
  }
  assert.ok(good > 0, `good ${good}`);
});

test('refuses S + L and every other S that is not below L', () => {
  const signature = slow.signWith(a, r, publicKey, slow.encode(R), message);
  const s = slow.numberOf(signature.subarray(32));
  for (let times = 1n; s + times * slow.L < 1n << 256n; times += 1n) {
    rejects(publicKey, message, concat(signature.subarray(0, 32), slow.bytesOf(s + times * slow.L)));
  }
  for (const edge of [0n, 1n, slow.L - 1n, slow.L]) rejects(publicKey, message, concat(signature.subarray(0, 32), slow.bytesOf(edge)));
  rejects(publicKey, message, concat(signature.subarray(0, 32), new Uint8Array(32).fill(255)));
  rejects(publicKey, message, concat(signature.subarray(0, 32), slow.bytesOf(s | (1n << 255n))));
});

test('refuses a key that is off the curve', () => {
  let off = 0;
  for (let y = 2n; off < 8; y += 1n) {
    if (slow.decode(slow.bytesOf(y)) !== null) continue;
    off += 1;
    rejects(slow.bytesOf(y), message, concat(slow.encode(R), slow.bytesOf(r)));
  }
});

test('refuses any length but 32 and 64', () => {
  const signature = slow.signWith(a, r, publicKey, slow.encode(R), message);
  for (const length of [0, 1, 31, 33, 64]) rejects(new Uint8Array(length).fill(9), message, signature);
  rejects(concat(publicKey, Uint8Array.of(0)), message, signature);
  for (const length of [0, 32, 63]) rejects(publicKey, message, signature.subarray(0, length));
  rejects(publicKey, message, concat(signature, Uint8Array.of(0)));
});

test('refuses a signature with any one bit turned, and any other message or key', () => {
  const signature = slow.signWith(a, r, publicKey, slow.encode(R), message);
  for (let bit = 0; bit < 512; bit += 37) {
    rejects(publicKey, message, signature.with(bit >> 3, (signature[bit >> 3] ?? 0) ^ (1 << (bit & 7))));
  }
  rejects(publicKey, concat(message, Uint8Array.of(0)), signature);
  rejects(publicKey, message.subarray(1), signature);
  rejects(slow.encode(slow.negate(A)), message, signature);
  rejects(slow.encode(slow.add(A, slow.B)), message, signature);
});

test('refuses the signature of -R and of -A', () => {
  const signature = slow.signWith(a, r, publicKey, slow.encode(slow.negate(R)), message);
  rejects(publicKey, message, signature);
  accepts(slow.encode(slow.negate(A)), message, slow.signWith(slow.L - (a % slow.L), r, slow.encode(slow.negate(A)), slow.encode(R), message));
});

test.run();
