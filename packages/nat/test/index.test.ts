import * as nat from '@srp/nat';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

test('exports these names and no others', () => {
  assert.equal(Object.keys(nat).sort(), ['errorCodes']);
});

test.run();
