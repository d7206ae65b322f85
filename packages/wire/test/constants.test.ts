import { bodyOverheadBytes } from '@srp/identity';
import { addressBytes, type PacketId } from '@srp/machine';
import { messageBytesMax, payloadBytesMax } from '@srp/wire';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as constants from '../dist/constants.js';
import * as layout from '../dist/object/layout.js';

test('the fields of an object lie side by side and end where the body begins', () => {
  const fields: [number, number][] = [
    [layout.headAt, 1],
    [layout.postageAt, 1],
    [layout.timeAt, 4],
    [layout.tagAt, layout.tagBytes],
    [layout.prevAt, layout.prevBytes],
    [layout.nextAt, layout.nextBytes],
    [layout.authorAt, layout.authorBytes],
    [layout.signatureAt, layout.signatureBytes],
  ];
  let end = 0;
  for (const [offset, size] of fields) {
    assert.is(offset, end);
    end += size;
  }
  assert.is(end, layout.bodyAt);
  assert.is(end, constants.headerBytes);
});

test('the longest object in a relayed session fills an IPv6 path of 1280 bytes exactly', () => {
  assert.is(constants.bodyBytesMax, 1064);
  assert.is(constants.objectBytesMax, 1198);
  const session = 29;
  const relay = 5;
  const udpAndIpv6 = 8 + 40;
  assert.is(constants.objectBytesMax + session + relay + udpAndIpv6, 1280);
});

test('a body is as much longer than its plaintext as sealing makes it', () => {
  assert.is(constants.bodyBytesMin, bodyOverheadBytes);
});

test('PING has the length of PONG: type, tx, address, time and silence', () => {
  assert.is(constants.probeBytes, 1 + 8 + addressBytes + 4 + 1);
});

test('the lists of ids fill a frame, and all parts of one hold a cache of 32 768', () => {
  assert.is(constants.topicIdsMax, 148);
  assert.is(constants.syncIdsMax, 147);
  assert.ok(constants.syncIdsMax * constants.syncPartsMax >= 32_768);
});

test('the skew is at most half of a life', () => {
  constants.lifeSeconds.forEach((life, i) => {
    assert.ok((constants.skewSeconds[i] ?? 0) * 2 <= life);
  });
});

test('the fullest envelope fits its length byte', () => {
  const map = 1;
  const parents = 1 + 1 + constants.parentsMax * (1 + 16);
  const ms = 1 + 3;
  const recipient = 1 + 2 + 32;
  const epoch = 1 + 5;
  const contentType = 1 + 2 + constants.contentTypeBytesMax;
  assert.ok(map + parents + ms + recipient + epoch + contentType <= constants.envelopeBytesMax);
});

test('the fullest HELLO passes the gate', () => {
  const items = 1 + 6 * 2 + constants.helloTagsMax + constants.helloAddressesMax;
  assert.ok(items <= constants.cborItemsMax);
});

test('the longest list of parts fits a manifest beside a millisecond and three parents, and one WANT asks for all of it', () => {
  assert.ok(constants.partsMax * constants.idBytes <= payloadBytesMax({ parents: ['0', '1', '2'].map((digit) => digit.repeat(32) as PacketId) }));
  assert.is(constants.partsMax, constants.wantIdsMax);
  assert.is(messageBytesMax, 60 * 1024);
});

test.run();
