import * as peer from '@srp/peer';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

test('exports these names and no others', () => {
  assert.equal(Object.keys(peer).sort(), ['errorCodes']);
});

test.run();
