import * as sim from '@srp/sim';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

test('exports these names and no others', () => {
  assert.equal(Object.keys(sim).sort(), ['NatBox', 'Network', 'SimError', 'describeLife', 'errorCodes', 'natBehaviours']);
});

test.run();
