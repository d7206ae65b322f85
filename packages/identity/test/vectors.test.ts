/** The committed vectors: current, the same from both suites, confirmed by the slow twins, and what each suite does. */
import { agreementPublicKey, agreementSecretKey, fingerprint, inboxTopic, keyPairOf, openBody, openSealed, publicTopic, seededRandom, sign, subTopic, suite as defaultSuite, type Topic, topicOfKey, verify } from '@srp/identity';
import { concat, fromHex, idBytes, toHex, utf8, utf8Text } from '@srp/machine';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { suite as uvu } from 'uvu';
import * as assert from 'uvu/assert';
import { readVectors, vectorsSuite } from '../../../scripts/vectors.mjs';
import { decodeKeyFile } from '../dist/node/key-file-format.js';
import * as slow from './reference/ed25519.js';
import { hchacha20, hkdf, hmac, seal } from './reference/xchacha.js';
import { suites } from './suites.js';
import { makeVectors } from './vectors.js';

type Vectors = ReturnType<typeof makeVectors>['identity.json'];

const test = uvu('vectors/identity.json');
const committed = readVectors('identity.json') as Vectors;
const hexOrNull = (bytes: Uint8Array | null): string | null => (bytes === null ? null : toHex(bytes));
const textOf = (hex: string): string => utf8Text(fromHex(hex)) ?? '';

test('is what the noble suite makes, in a process that has no other', async () => {
  const print = fileURLToPath(new URL('support/print-vectors.ts', import.meta.url));
  const child = spawn(process.execPath, ['--conditions=srp-portable', '--import', import.meta.resolve('tsx'), print], { stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    out += part;
  });
  assert.is(await new Promise((resolve) => child.on('close', resolve)), 0);
  const { suite, vectors } = JSON.parse(out) as { suite: string; vectors: unknown };
  assert.is(suite, 'noble');
  assert.is(defaultSuite.name, 'node', 'and the default here is the other');
  assert.equal(vectors, { 'identity.json': committed });
});

test('signs and verifies in both suites as it says', () => {
  for (const suite of suites) {
    for (const { seed, publicKey, message, signature } of committed.sign) {
      assert.is(toHex(suite.ed25519PublicKey(fromHex(seed))), publicKey);
      assert.is(toHex(suite.ed25519Sign(fromHex(seed), fromHex(message))), signature);
    }
    for (const { description, publicKey, message, signature, verifies } of committed.verify) {
      assert.is(suite.ed25519Verify(fromHex(publicKey), fromHex(message), fromHex(signature)), verifies, `${suite.name}: ${description}`);
    }
    for (const { description, secretKey, publicKey, shared } of committed.x25519) assert.is(hexOrNull(suite.x25519(fromHex(secretKey), fromHex(publicKey))), shared, description);
  }
  for (const { seed, message, signature } of committed.sign) assert.is(toHex(sign(keyPairOf(fromHex(seed)), fromHex(message))), signature);
  for (const { publicKey, message, signature, verifies } of committed.verify) assert.is(verify(fromHex(publicKey), fromHex(message), fromHex(signature)), verifies);
});

test('describes signatures that are dangerous as it says: a looser check would take them', () => {
  let equation = 0;
  let cofactored = 0;
  for (const { description, publicKey, message, signature, verifies } of committed.verify) {
    const triple = [fromHex(publicKey), fromHex(message), fromHex(signature)] as const;
    assert.is(slow.verify(...triple), verifies, description);
    if (description.includes('the equation alone accepts')) {
      equation += 1;
      assert.ok(slow.holds(...triple), description);
    }
    if (description.includes('a cofactored check accepts')) {
      cofactored += 1;
      assert.ok(slow.verifyCofactored(...triple), description);
    }
  }
  assert.equal([equation, cofactored], [11, 3]);
});

test('agrees as it says', () => {
  for (const { description, publicKey, agreementPublicKey: expected } of committed.agreementKeys) {
    assert.is(hexOrNull(agreementPublicKey(fromHex(publicKey))), expected, description);
    const point = publicKey.length === 64 ? slow.decode(fromHex(publicKey)) : null;
    // u = (1 + y) / (1 - y), cross-multiplied: the twin's own view of whether and what.
    if (expected !== null) assert.is((slow.numberOf(fromHex(expected)) * (slow.p + 1n - (point?.y ?? 0n)) - (1n + (point?.y ?? 0n))) % slow.p, 0n);
  }
  for (const { seed, agreementSecretKey: expected } of committed.agreementSecrets) {
    assert.is(toHex(agreementSecretKey(fromHex(seed))), expected);
    assert.is(slow.numberOf(fromHex(expected)), slow.scalarOf(fromHex(seed)));
  }
});

/** The topic by this package, and its key by node:crypto alone. That of a passphrase is in makeVectors: twice is enough. */
function topicOf({ kind, key, name = '', outerKey = '', publicKey = '' }: Vectors['topics'][number]): { made: Topic; byHand: Uint8Array | null } {
  const typed = textOf(name);
  const bytes = utf8(typed.normalize('NFC'));
  switch (kind) {
    case 'public':
      return { made: publicTopic(typed), byHand: hkdf(bytes, 'srp1 public') };
    case 'sub':
      return { made: subTopic(topicOfKey(fromHex(outerKey)), typed), byHand: hkdf(fromHex(outerKey), concat(utf8('srp1 sub'), bytes)) };
    case 'inbox':
      return { made: inboxTopic(fromHex(publicKey)), byHand: hkdf(fromHex(publicKey), 'srp1 inbox') };
    default:
      return { made: topicOfKey(fromHex(key)), byHand: null };
  }
}

test('makes topics as it says, by node:crypto alone too', () => {
  for (const one of committed.topics) {
    const { made, byHand } = topicOf(one);
    assert.is(made.id, one.id, one.description);
    if (byHand !== null) assert.is(toHex(byHand), one.key, one.description);
    const key = fromHex(one.key);
    assert.equal([hkdf(key, 'srp1 topic'), hkdf(key, 'srp1 body'), hkdf(key, 'srp1 nonce')].map(toHex), [one.id, one.bodyKey, one.nonceKey]);
    assert.is(one.tag, one.id.slice(0, 16));
  }
  for (const { name } of committed.namesRefused) assert.throws(() => publicTopic(textOf(name)), /1\.\.256 bytes/);
});

test('seals and opens bodies as it says, by the slow twin too', () => {
  assert.is(toHex(hchacha20(Uint8Array.from({ length: 32 }, (_, i) => i), fromHex('000000090000004a0000000031415927'))), '82413b4227b27bfed30e42508a877d73a0f9e4d58a74a853c12ec41326d3ecdc', 'the twin by the draft, section 2.2.1');
  for (const { topicKey, aad, random, plaintext, body } of committed.bodies) {
    const [key, data, text] = [fromHex(topicKey), fromHex(aad), fromHex(plaintext)] as const;
    const nonce = hmac(hkdf(key, 'srp1 nonce'), data, fromHex(random), text).subarray(0, 24);
    assert.is(toHex(concat(nonce, seal(hkdf(key, 'srp1 body'), nonce, data, text))), body);
    assert.is(hexOrNull(openBody(topicOfKey(key), data, fromHex(body))), plaintext);
  }
  for (const { description, topicKey, aad, body, plaintext } of committed.bodiesRefused) {
    assert.is(plaintext, null, description);
    assert.is(openBody(topicOfKey(fromHex(topicKey)), fromHex(aad), fromHex(body)), null, description);
  }
});

test('seals and opens texts to one recipient as it says, by the slow twin too', () => {
  for (const { recipientSeed, author, topicId, random, plaintext, sealed } of committed.sealed) {
    const keys = keyPairOf(fromHex(recipientSeed));
    const context = { author: author, topic: topicId };
    assert.is(hexOrNull(openSealed(keys, context, fromHex(sealed))), plaintext);
    const to = fromHex(hexOrNull(agreementPublicKey(keys.publicKey)) ?? '');
    const aad = concat(utf8('srp1 seal'), idBytes(context.author), idBytes(context.topic));
    const e = hmac(fromHex(random), to, aad, fromHex(plaintext));
    const epk = defaultSuite.x25519PublicKey(e);
    const key = hkdf(concat(fromHex(hexOrNull(defaultSuite.x25519(e, to)) ?? ''), epk, to), 'srp1 seal');
    assert.is(toHex(concat(epk, seal(key, new Uint8Array(24), aad, fromHex(plaintext)))), sealed);
  }
  for (const { description, recipientSeed, author, topicId, sealed, plaintext } of committed.sealedRefused) {
    assert.is(plaintext, null, description);
    assert.is(openSealed(keyPairOf(fromHex(recipientSeed)), { author: author, topic: topicId }, fromHex(sealed)), null, description);
  }
});

test('draws and names as it says', () => {
  for (const one of committed.random) {
    if ('limit' in one) {
      const random = seededRandom(fromHex(one.seed));
      assert.equal(one.numbers.map(() => random.below(one.limit)), one.numbers);
      continue;
    }
    const root = seededRandom(fromHex(one.seed));
    const random = 'forks' in one ? (one.forks.map((label) => root.fork(label)).at(-1) ?? root) : root;
    random.bytes(one.skip);
    assert.is(toHex(random.bytes(32)), one.bytes, one.description);
  }
  for (const { publicKey, words } of committed.fingerprints) assert.is(fingerprint(fromHex(publicKey)), words);
});

test('reads key files as it says', async () => {
  for (const one of committed.keyFiles) {
    let outcome: object;
    try {
      outcome = { seed: toHex((await decodeKeyFile(utf8(one.text), 'the file', one.passphrase ?? undefined)).privateKey) };
    } catch (error) {
      outcome = { refused: (error as { code: string }).code };
    }
    assert.equal(outcome, 'seed' in one ? { seed: one.seed } : { refused: (one as { refused?: string }).refused }, one.description);
  }
});

test('names rules that the specification numbers, each of those that bytes can show', () => {
  const cases = Object.values(committed).filter((value) => Array.isArray(value)).flat();
  const shown = new Set(cases.map(({ rule }) => rule));
  const docs = new URL('../../../docs/', import.meta.url);
  const numbered = new Set(readFileSync(new URL('spec/keys.md', docs), 'utf8').match(/(?<=\*\*)I-\d+(?=\*\*)/g) ?? []);
  assert.equal([...shown].filter((rule) => !numbered.has(rule)), []);
  const unseen = ['I-1', 'I-2', 'I-13', 'I-37']; // words, memory and disks
  assert.equal([...numbered].filter((rule) => !shown.has(rule)).sort(), unseen.sort());
});

test.run();
vectorsSuite(makeVectors());
