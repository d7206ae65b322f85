import * as cache from '@srp/cache';
import * as log from '@srp/cache/log';
import * as node from '@srp/cache/node';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

test('exports these names and no others', () => {
  assert.equal(Object.keys(cache).sort(), ['CacheError', 'PacketCache', 'Reconciler', 'SeenFilter', 'Sketches', 'errorCodes', 'pools']);
  assert.equal(Object.keys(log).sort(), ['openMemoryLog', 'packetLogConformance']);
  assert.equal(Object.keys(node).sort(), ['openMemoryLog', 'openPacketLog']);
});

test.run();
