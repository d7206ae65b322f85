import * as cache from '@srp/cache';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

test('exports these names and no others', () => {
  assert.equal(Object.keys(cache).sort(), ['errorCodes']);
});

test.run();
