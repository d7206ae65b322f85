import * as stream from '@srp/stream';
import { test } from 'uvu';
import { equal } from 'uvu/assert';

test('exports these names and no others', () => {
  equal(Object.keys(stream).sort(), ['CausalOrder', 'CausalStream', 'Parts', 'compareConcurrent', 'errorCodes', 'inCausalOrder', 'putTogether']);
});

test.run();
