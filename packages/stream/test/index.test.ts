import * as stream from '@srp/stream';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

test('exports these names and no others', () => {
  assert.equal(Object.keys(stream).sort(), ['errorCodes']);
});

test.run();
