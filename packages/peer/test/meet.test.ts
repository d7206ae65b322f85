import { test } from 'uvu';
import { loopbackPeer, until, whereIs } from './helpers.js';

/** The target is one second; a busy build server gets some. `npm run bench -- gossip/join` measures it. */
const limitMs = 5_000;

test('two peers that join a topic at the same moment through one introducer are connected', async () => {
  await using introducer = await loopbackPeer();
  await using alice = await loopbackPeer();
  await using bob = await loopbackPeer();
  for (const peer of [alice, bob]) {
    peer.connect(whereIs(introducer));
    peer.join('at once');
  }
  const sees = (one: typeof alice, other: typeof alice): boolean => one.neighbours().some(({ peer }) => peer === other.id);
  await until('each has the other as a neighbour', () => sees(alice, bob) && sees(bob, alice), limitMs);
});

test.run();
