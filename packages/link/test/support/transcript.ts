/** Prints what two seeded links say to each other, a cookie and a renewal among it, and on which suite. */
import { suite } from '@srp/identity';
import { toHex } from '@srp/machine';
import { Node, World } from './pair.js';

/** Every datagram in hex, in order. The same for one seed, whatever computes it. */
export const transcript = (): readonly string[] => {
  const config = { freeInitsPerSecond: 1 };
  const [a, b, c] = [new Node(1, '192.0.2.1:1000', config), new Node(2, '192.0.2.2:2000', config), new Node(3, '[2001:db8::3]:3000', config)];
  const world = new World(a, b, c);
  const said: string[] = [];
  world.route = ({ bytes }) => (said.push(toHex(bytes)), [0]);
  world.open(a, b);
  world.open(c, b); // the second INIT within a second is answered with a COOKIE
  for (const size of [1, 40, 1198]) world.say(a, b, ...new Uint8Array(size).fill(0x50));
  world.settle();
  world.pass(3_700_000); // an hour later keys are renewed
  return said;
};

if (process.argv.includes('--print')) console.log(JSON.stringify({ suite: suite.name, said: transcript() }));
