/** Bugs that the simulator found, each with as few peers as show it. */
import { Network } from '@srp/sim';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('regressions');

for (const seed of [1, 2, 3]) {
  test(`keys of a session are renewed without waking the machine for ever (seed ${seed})`, () => {
    const net = new Network({ seed });
    const a = net.peer({ name: 'a' });
    const b = net.peer({ name: 'b', knows: [a] });
    net.run(3_700_000);
    assert.is(b.neighbours().length, 1);
  });
}

test.run();
