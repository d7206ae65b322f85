/** Bugs that the simulator found, each with as few peers as show it. */
import { Network, type SimPeer } from '@srp/sim';
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

  test(`what was published before anybody was connected reaches a peer that only a stranger connects (seed ${seed})`, () => {
    const net = new Network({ seed });
    const hub = net.peer({ name: 'hub' });
    const [alice, bob] = [net.peer({ name: 'alice', nat: 'hard', knows: [hub] }), net.peer({ name: 'bob', nat: 'hard', knows: [hub] })];
    const heard = alice.join('tea');
    const id = bob.join('tea').publish('first');
    assert.ok(net.runUntil(() => heard.has(id), 120_000));
  });

  test(`one datagram lost on the way to the only neighbour, a stranger, loses no message (seed ${seed})`, () => {
    const net = new Network({ seed });
    const hub = net.peer({ name: 'hub' });
    const [alice, bob] = [net.peer({ name: 'alice', nat: 'hard', knows: [hub] }), net.peer({ name: 'bob', nat: 'hard', knows: [hub] })];
    const [heard, tea] = [alice.join('tea'), bob.join('tea')];
    net.run(10_000);
    net.link(hub, bob, { loss: 1 });
    const id = tea.publish('hello');
    net.run(200);
    net.link(hub, bob, { loss: 0 });
    assert.ok(net.runUntil(() => heard.has(id), 300_000));
  });

  test(`what was published while nobody was connected is kept by strangers afterwards, for who comes later (seed ${seed})`, () => {
    const net = new Network({ seed });
    const hub = net.peer({ name: 'hub' });
    const bob = net.peer({ name: 'bob', knows: [hub] });
    const tea = bob.join('tea');
    net.run(5_000);
    hub.crash();
    net.run(60_000);
    const id = tea.publish('is anybody there?');
    hub.start();
    net.run(120_000);
    bob.crash({ disk: 'lost' });
    const heard = net.peer({ name: 'alice', knows: [hub] }).join('tea');
    assert.ok(net.runUntil(() => heard.has(id), 120_000));
  });
}

test('of those who all come at once to one hub, nobody stays alone because it had too many', () => {
  const net = new Network({ seed: 3, links: { latencyMs: 1, jitterMs: 1 } });
  const hub = net.peer({ name: 'hub' });
  const guests = Array.from({ length: 31 }, () => net.peer({ knows: [hub] }));
  for (const peer of [hub, ...guests]) peer.join('tea');
  net.run(10_000);
  assert.equal(guests.filter((guest) => guest.neighbours().length === 0), []);
});

test('two that can never meet hear from each other at once what each said before it had a neighbour', () => {
  for (const introducersCount of [1, 3]) {
    for (const seed of [1, 2, 3]) {
      const net = new Network({ seed });
      const introducers: SimPeer[] = [];
      for (let n = 0; n < introducersCount; n += 1) introducers.push(net.peer({ name: `introducer ${n}`, knows: [...introducers] }));
      net.run(5000);
      const pair = [net.peer({ nat: 'hard', knows: introducers }), net.peer({ nat: 'hard', knows: introducers })];
      const rooms = pair.map((peer) => peer.join('tea'));
      const ids = rooms.map((room) => room.publish('hello'));
      const hear = (): boolean => rooms[1]!.has(ids[0]!) && rooms[0]!.has(ids[1]!);
      assert.ok(net.runUntil(hear, 3000), `${introducersCount} introducers, seed ${seed}`);
    }
  }
});

test.run();
