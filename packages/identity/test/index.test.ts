import * as identity from '@srp/identity';
import * as node from '@srp/identity/node';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

test('exports these names and no others', () => {
  assert.equal(Object.keys(identity).sort(), [
    'IdentityError',
    'agreementPublicKey',
    'agreementSecretKey',
    'bodyOverheadBytes',
    'errorCodes',
    'fingerprint',
    'generateKeyPair',
    'inboxTopic',
    'keyPairOf',
    'openBody',
    'openSealed',
    'passphraseTopic',
    'publicTopic',
    'randomTopic',
    'sealBody',
    'sealTo',
    'sealedOverheadBytes',
    'seededRandom',
    'sign',
    'subTopic',
    'suite',
    'topicOfKey',
    'verify',
  ]);
});

test('exports these names for node and no others', () => {
  assert.equal(Object.keys(node).sort(), ['loadKeyFile', 'loadOrCreateKeyFile', 'saveKeyFile', 'systemRandom', 'verifyMany']);
});

test.run();
