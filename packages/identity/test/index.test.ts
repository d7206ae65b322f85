import * as identity from '@srp/identity';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

test('exports these names and no others', () => {
  assert.equal(Object.keys(identity).sort(), ['errorCodes', 'suiteName']);
});

test.run();
