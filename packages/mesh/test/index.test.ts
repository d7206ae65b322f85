import * as mesh from '@srp/mesh';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

test('exports these names and no others', () => {
  assert.equal(Object.keys(mesh).sort(), ['errorCodes']);
});

test.run();
