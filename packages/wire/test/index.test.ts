import * as wire from '@srp/wire';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

test('exports these names and no others', () => {
  assert.equal(Object.keys(wire).sort(), [
    'WireError',
    'bundle',
    'bundleBytes',
    'bundleRefusals',
    'cborRefusals',
    'checkPacket',
    'composePacket',
    'composeRun',
    'contentRefusals',
    'decodeBlock',
    'decodeCbor',
    'decodeFrame',
    'decodePacket',
    'encodeBlock',
    'encodeCbor',
    'encodeFrame',
    'encodePacket',
    'errorCodes',
    'expiresAt',
    'frameBytesMax',
    'frameRefusals',
    'isBlock',
    'isBundle',
    'isObject',
    'lifeMs',
    'objectBytesMax',
    'openPacket',
    'packetRefusals',
    'payloadBytesMax',
    'plaintextBytesMax',
    'postageBound',
    'postageMax',
    'protocolVersion',
    'pullPostage',
    'restamp',
    'unbundle',
    'verifyPacket',
    'withPostage',
  ]);
});

test.run();
