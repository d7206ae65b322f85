/** The real protocol on the simulated network, under all invariants. */
import { Network } from '@srp/sim';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { teaParty } from './worlds.js';

const test = suite('peers');

for (const loss of [0, 0.1]) {
  test(`everyone of 20 gets each of 5 messages at ${loss * 100} % loss`, () => {
    const { net, rooms } = teaParty({ seed: 20, links: { loss, duplication: loss / 2, reordering: loss } }, 18);
    net.run(15_000);
    const ids = rooms.slice(0, 5).map((room, number) => {
      const id = room.publish(`message ${number}`);
      net.run(500);
      return id;
    });
    const hasAll = (): boolean => rooms.every((room) => ids.every((id) => room.has(id)));
    assert.ok(net.runUntil(hasAll, 120_000), `${rooms.filter((room) => !ids.every((id) => room.has(id))).length} lack some`);
    net.run(10_000);
  });
}

test('a run is the same, datagram for datagram, whether or not peers share the results of their cryptography', () => {
  const story = (sharesResults: boolean): Network => {
    const { net, rooms, guests } = teaParty({ seed: 31, sharesResults, links: { loss: 0.02 } }, 6);
    net.at(3_000, () => guests[0]?.crash({ disk: 'lost' }));
    net.at(4_000, () => guests[0]?.start());
    net.at(5_000, () => rooms[3]?.publish('tea'));
    net.run(8_000);
    return net;
  };
  const [shared, alone] = [story(true), story(false)];
  assert.is(shared.traceHash, alone.traceHash);
  assert.equal(shared.traffic, alone.traffic);
});

/** Bob publishes while Alice is down, and is gone for good when she returns. Two relays and an introducer stay; `relaysJoin` names their topic. */
const offlineStory = (seed: number, relaysJoin: string): void => {
  const net = new Network({ seed, links: { loss: 0.01 } });
  const introducer = net.peer({ name: 'introducer' });
  const relays = [1, 2].map((number) => net.peer({ name: `relay-${number}`, nat: 'address-restricted', knows: [introducer] }));
  const [alice, bob] = [net.peer({ name: 'alice', nat: 'port-restricted', knows: [introducer] }), net.peer({ name: 'bob', nat: 'port-restricted', knows: [introducer] })];
  for (const peer of [introducer, ...relays]) peer.join(relaysJoin);
  alice.join('letters');
  const desk = bob.join('letters');
  net.run(10_000);
  alice.stop();
  net.run(5_000);
  const id = desk.publish('Dear Alice');
  net.run(5_000);
  bob.crash({ disk: 'lost' });
  net.run(30_000);
  alice.start();
  const letters = alice.join('letters');
  assert.ok(net.runUntil(() => letters.has(id), 60_000), 'she never got it');
  assert.equal(letters.texts(), ['Dear Alice']);
};

for (let seed = 1; seed <= 10; seed += 1) {
  test(`Alice gets what Bob published while she was down from relays of another topic (seed ${seed})`, () => offlineStory(seed, 'weather'));
}

test('Alice gets what Bob published while she was down from relays of the same topic', () => offlineStory(1, 'letters'));

test('a run of the whole protocol is the same for the same seed', () => {
  const hashOf = (seed: number): string => {
    const { net, guests, rooms } = teaParty({ seed, links: { loss: 0.05 }, timerLatenessMs: 2 }, 6);
    net.run(5_000);
    rooms[3]!.publish('once');
    guests[0]!.crash();
    net.run(5_000);
    guests[0]!.start();
    net.run(5_000);
    return net.traceHash;
  };
  assert.is(hashOf(1), hashOf(1));
  assert.is.not(hashOf(1), hashOf(2));
});

test.run();
