import * as mesh from '@srp/mesh';
import { test } from 'uvu';
import { equal } from 'uvu/assert';

test('exports these names and no others', () => {
  equal(Object.keys(mesh).sort(), ['Mesh', 'errorCodes', 'topicsMoveAt']);
});

test.run();
