import * as sim from '@srp/sim';
import * as node from '@srp/sim/node';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

test('exports these names and no others', () => {
  assert.equal(Object.keys(sim).sort(), ['NatBox', 'Network', 'SimError', 'describeLife', 'errorCodes', 'natBehaviours']);
  assert.equal(Object.keys(node), ['simulated']);
});

test.run();
