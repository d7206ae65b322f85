import * as wire from '@srp/wire';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

test('exports these names and no others', () => {
  assert.equal(Object.keys(wire).sort(), ['errorCodes']);
});

test.run();
