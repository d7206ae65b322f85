/** What the numbers owe each other. */
import { wordlist } from '@scure/bip39/wordlists/english.js';
import { bodyOverheadBytes, errorCodes, IdentityError, sealedOverheadBytes } from '@srp/identity';
import { SrpError } from '@srp/machine';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as constants from '../dist/constants.js';

test('the overheads are the sums of their fields', () => {
  assert.is(bodyOverheadBytes, 24 + 16);
  assert.is(sealedOverheadBytes, 32 + 16);
});

test('no label is the beginning of another where both are used on one key', () => {
  const { topicId, bodyKey, nonceKey, subTopic, publicTopic, inboxTopic, seal } = constants.labels;
  const onTopicKeys = [topicId, bodyKey, nonceKey, subTopic, publicTopic, inboxTopic, seal];
  for (const one of onTopicKeys) for (const other of onTopicKeys) assert.not.ok(one !== other && one.startsWith(other), `${one}, ${other}`);
});

test('a fingerprint is whole bytes of words from a list of 2048', () => {
  assert.is((constants.fingerprintWords * constants.wordBits) % 8, 0);
  assert.is(wordlist.length, 2 ** constants.wordBits);
});

test('what a key file costs is within what may be asked of a reader', () => {
  assert.ok(constants.keyFileScrypt.N >= constants.keyFileCostMin && constants.keyFileScrypt.N <= constants.keyFileCostMax);
});

test('every error is an SrpError with a code of the list', () => {
  const error = new IdentityError('KEY_REFUSED', 'Cannot x: y');
  assert.ok(error instanceof SrpError && error instanceof Error);
  assert.is(error.name, 'IdentityError');
  assert.ok((errorCodes as readonly string[]).includes(error.code));
});

test.run();
