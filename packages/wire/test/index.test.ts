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
    'decodeCbor',
    'decodeFrame',
    'encodeCbor',
    'encodeFrame',
    'encodePacket',
    'errorCodes',
    'expiresAt',
    'frameBytesMax',
    'frameRefusals',
    'isBundle',
    'isObject',
    'lifeMs',
    'objectBytesMax',
    'packetRefusals',
    'plaintextBytesMax',
    'postageBound',
    'postageMax',
    'protocolVersion',
    'pullPostage',
    'unbundle',
  ]);
});

test.run();
