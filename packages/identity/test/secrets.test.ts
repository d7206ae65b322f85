/** Secrets do not print: not by console.log, not in a template, not in JSON, not by looking at what is enumerable. */
import { generateKeyPair, keyPairOf, randomTopic, seededRandom } from '@srp/identity';
import { fromHex, toHex } from '@srp/machine';
import { suite as uvu } from 'uvu';
import * as assert from 'uvu/assert';
import { inspect } from 'node:util';

const test = uvu('secrets');
const random = seededRandom(fromHex('5ec7'.repeat(16)));
const keys = generateKeyPair(random);
const topic = randomTopic(random);

/** Every way of writing `bytes` that a log could show. */
const writings = (bytes: Uint8Array): string[] => [
  toHex(bytes),
  Buffer.from(bytes).toString('base64').slice(0, 40),
  Buffer.from(bytes).toString('base64url').slice(0, 40),
  [...bytes].join(','),
  [...bytes].join(', '),
  [...bytes.subarray(0, 6)].join(', '),
  [...bytes.subarray(0, 6)].join(','),
  [...bytes.subarray(0, 6)].map((byte) => byte.toString(16).padStart(2, '0')).join(' '),
];

/** As a template literal writes it. */
const written = (value: { toString: () => string }): string => value.toString();

const shown = (value: object): string[] => {
  const holder = { deep: [value] };
  return [
    inspect(value),
    inspect(value, { showHidden: true, depth: null, getters: true }),
    inspect(value, { customInspect: false }),
    inspect(value, { customInspect: false, showHidden: true, depth: null }),
    inspect(holder, { depth: null }),
    JSON.stringify(value),
    JSON.stringify(holder),
    JSON.stringify({ ...value }),
    JSON.stringify(Object.entries(value)),
    written(value),
    inspect(structuredClone({ ...value })),
    inspect(Object.getOwnPropertyDescriptors(value), { depth: null }),
  ];
};

test('of a key pair', () => {
  for (const text of shown(keys)) for (const secret of writings(keys.privateKey)) assert.not.ok(text.includes(secret), text);
});

test('of a topic', () => {
  for (const bytes of [topic.key, topic.bodyKey, topic.nonceKey]) {
    for (const text of shown(topic)) for (const secret of writings(bytes)) assert.not.ok(text.includes(secret), text);
  }
});

test('of a generator', () => {
  for (const text of shown(random)) assert.match(text, /^(?!.*\d, ?\d+, ?\d)/s, text);
});

test('but what is public does, so that a log is of use', () => {
  assert.is(inspect(keys), `KeyPair(${toHex(keys.publicKey)})`);
  assert.is(JSON.stringify(keys), `"KeyPair(${toHex(keys.publicKey)})"`);
  assert.is(written(topic), `Topic(${topic.tag})`);
  assert.is(inspect([topic]), `[ Topic(${topic.tag}) ]`);
});

test('are in no error message', () => {
  const secret = keys.privateKey.subarray(0, 31);
  try {
    keyPairOf(secret);
    assert.unreachable();
  } catch (error) {
    for (const writing of writings(secret)) assert.not.ok(inspect(error).includes(writing));
  }
});

test.run();
