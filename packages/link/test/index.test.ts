import * as link from '@srp/link';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

test('exports these names and no others', () => {
  assert.equal(Object.keys(link).sort(), [
    'Link',
    'LinkError',
    'datagramBytesMax',
    'decodeDatagram',
    'encodeRelay',
    'errorCodes',
    'frameBytesMax',
    'relayOverheadBytes',
    'sessionOverheadBytes',
  ]);
});

test.run();
