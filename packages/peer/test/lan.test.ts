import { test } from 'uvu';
import { is } from 'uvu/assert';
import { loopbackPeer, until } from './helpers.js';

test('two peers with no options but loopback find each other by multicast', async () => {
  await using bob = await loopbackPeer({ lan: 'loopback', clusterId: 'near' });
  await using alice = await loopbackPeer({ lan: 'loopback', clusterId: 'near' });
  await until('they have met', () => alice.neighbours().some(({ peer }) => peer === bob.id));
  const heard: (string | null)[] = [];
  alice.onPacket = ({ text }) => heard.push(text);
  await bob.publish({ clusterId: 'near', message: 'found you' });
  await until('the message came', () => heard.length === 1);
  is(heard[0], 'found you');
});

test.run();
