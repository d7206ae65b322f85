import * as nat from '@srp/nat';
import * as node from '@srp/nat/node';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

test('exports these names and no others', () => {
  assert.equal(Object.keys(nat).sort(), ['Nat', 'NatError', 'PortLease', 'errorCodes', 'judge', 'natDropReasons']);
});

test('exports these names and no others for Node.js', () => {
  assert.equal(Object.keys(node).sort(), ['discoverLocally', 'mapPort']);
});

test.run();
