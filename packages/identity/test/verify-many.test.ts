import { generateKeyPair, seededRandom, sign, verify } from '@srp/identity';
import { verifyMany } from '@srp/identity/node';
import { utf8 } from '@srp/machine';
import { suite as uvu } from 'uvu';
import * as assert from 'uvu/assert';
import { isAccepted, verdictName } from '../dist/verdicts.js';
import * as slow from './reference/ed25519.js';

const test = uvu('verification off the thread');
const random = seededRandom(new Uint8Array(32).fill(31));

test('gives the verdicts of verify, in order', async () => {
  const claims = Array.from({ length: 40 }, (_, i) => {
    const keys = generateKeyPair(random);
    const message = utf8(`message ${i}`);
    const signature = sign(keys, message);
    return { publicKey: keys.publicKey, message, signature: i % 3 === 0 ? signature.with(i, (signature[i] ?? 0) ^ 1) : signature };
  });
  const verdicts = await verifyMany(claims);
  assert.equal(verdicts, claims.map((_, i) => i % 3 !== 0));
  assert.equal(verdicts, claims.map(({ publicKey, message, signature }) => verify(publicKey, message, signature)));
  assert.equal(await verifyMany([]), []);
});

test('judges by the rule, where OpenSSL alone would not', async () => {
  const key = slow.encode(slow.order8);
  const torsioned = Array.from({ length: 16 }, (_, i) => {
    const message = Uint8Array.of(i);
    return { publicKey: key, message, signature: slow.signWith(0n, 5n, key, slow.encode(slow.times(5n, slow.B)), message) };
  });
  assert.equal(await verifyMany(torsioned), torsioned.map(() => false));
});

test('does not reject for bytes of any length', async () => {
  const claims = [0, 31, 32, 33, 64, 65].map((length) => ({ publicKey: new Uint8Array(length).fill(9), message: new Uint8Array(0), signature: new Uint8Array(length).fill(9) }));
  assert.equal(await verifyMany(claims), claims.map(() => false));
});

test('remembers what it found good, so that verify need not ask again', async () => {
  const keys = generateKeyPair(random);
  const message = utf8('ahead');
  const signature = sign(keys, message);
  await verifyMany([{ publicKey: keys.publicKey, message, signature }]);
  assert.ok(isAccepted(verdictName(keys.publicKey, message, signature) ?? ''));
});

test('judges the bytes as they were when it was called', async () => {
  const keys = generateKeyPair(random);
  const claim = { publicKey: keys.publicKey.slice(), message: utf8('then').slice(), signature: sign(keys, utf8('then')) };
  const verdict = verifyMany([claim]);
  for (const bytes of Object.values(claim)) bytes.fill(0);
  assert.equal(await verdict, [true]);
});

test.run();
