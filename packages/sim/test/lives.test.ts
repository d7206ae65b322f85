/** Hosts that sleep, wake, move and leave, and boxes that forget: with the real protocol, under all invariants. */
import { Network, SimError, type SimPeer, type SimRoom } from '@srp/sim';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('lives');

interface Pair {
  readonly net: Network;
  readonly hub: SimPeer;
  readonly [who: string]: unknown;
  readonly alice: SimPeer;
  readonly bob: SimPeer;
  readonly said: SimRoom;
  readonly heard: SimRoom;
}

const pair = (seed: number): Pair => {
  const net = new Network({ seed });
  const hub = net.peer({ name: 'hub' });
  const alice = net.peer({ name: 'alice', nat: 'port-restricted', knows: [hub] });
  const bob = net.peer({ name: 'bob', nat: 'address-restricted', knows: [hub] });
  const [said, heard] = [alice.join('tea'), bob.join('tea')];
  net.run(8_000);
  return { net, hub, alice, bob, said, heard };
};

test('a host that sleeps hears nothing, and its app can do nothing', () => {
  const { net, bob, said, heard } = pair(1);
  bob.sleep();
  const { received } = bob.traffic;
  const id = said.publish('are you there?');
  net.run(3_000);
  assert.is(bob.traffic.received, received);
  assert.not(heard.has(id));
  assert.throws(() => heard.publish('no'), (error: unknown) => error instanceof SimError && error.code === 'PEER_DOWN');
  assert.ok(bob.isUp && bob.isAsleep);
});

test('a host that wakes gets what it missed, after seconds or minutes', () => {
  for (const minutes of [0.5, 20]) {
    const { net, bob, said, heard } = pair(2);
    bob.sleep();
    const id = said.publish('while you slept');
    net.run(minutes * 60_000);
    bob.wake();
    assert.ok(net.runUntil(() => heard.has(id), 120_000), `not after ${minutes} minutes`);
  }
});

test('a host that wakes up at the same place has neighbours, and others of its topic, within a second', () => {
  for (const nat of ['none', 'port-restricted'] as const) {
    for (const minutes of [0.75, 10]) {
      const net = new Network({ seed: 5 });
      const open = Array.from({ length: 3 }, () => net.peer());
      for (const peer of open) for (const other of open) if (peer !== other) peer.connect(other);
      const others = Array.from({ length: 8 }, (_, n) => net.peer({ nat: 'port-restricted', knows: [open[n % 3]!] }));
      const sleeper = net.peer({ nat, knows: [open[0]!] });
      for (const peer of [...others, sleeper]) peer.join('tea');
      net.run(120_000);
      sleeper.sleep();
      net.run(minutes * 60_000);
      const have = (peers: typeof open): number => peers.filter((peer) => peer.neighbours().some((one) => one.peer === sleeper.id)).length;
      sleeper.wake();
      const wokenAt = net.now;
      assert.ok(net.runUntil(() => have([...open, ...others]) >= 1, 60_000) && net.now - wokenAt <= 400, `${nat}, ${minutes} min: a neighbour after ${net.now - wokenAt} ms`);
      assert.ok(net.runUntil(() => have(others) >= 2, 60_000) && net.now - wokenAt <= 1_000, `${nat}, ${minutes} min: subscribers after ${net.now - wokenAt} ms`);
      net.run(10_000);
      assert.ok(have(others) >= 2, 'and they stay');
    }
  }
});

test('a host that moves is reached again, and its program looks at its addresses as it does over UDP', () => {
  const { net, bob, said, heard } = pair(3);
  const kinds: string[] = [];
  const before = bob.address;
  bob.move({ nat: 'hard' });
  assert.is.not(bob.site.host, before);
  bob.onOutput = ({ kind }) => kinds.push(kind);
  const id = said.publish('to your new place');
  assert.ok(net.runUntil(() => heard.has(id), 60_000));
  assert.ok(kinds.includes('transmit'));
});

test('what is sent to the place it left is lost', () => {
  const { net, hub } = pair(4);
  const newcomer = net.peer();
  const place = hub.address;
  hub.move({});
  assert.is.not(hub.address, place);
  const { vanished } = net.traffic;
  newcomer.connect({ id: hub.id, address: place });
  net.run(2_000);
  assert.ok(net.traffic.vanished > vanished);
});

test('a host that moves asleep looks at its addresses when it wakes', () => {
  const { net, bob, said, heard } = pair(5);
  bob.sleep();
  bob.move({ nat: 'full-cone' });
  net.run(30_000);
  bob.wake();
  const id = said.publish('good morning');
  assert.ok(net.runUntil(() => heard.has(id), 60_000));
});

test('a box that was switched off and on forgets its mappings, and peers behind it are reached again', () => {
  const { net, bob, said, heard } = pair(6);
  assert.ok((bob.site.box?.size ?? 0) > 0);
  bob.site.box?.reboot();
  assert.is(bob.site.box?.size, 0);
  const id = said.publish('after the power cut');
  assert.ok(net.runUntil(() => heard.has(id), 60_000));
});

test('a peer that was removed is gone, with its site, and its name is free', () => {
  const { net, bob, said } = pair(7);
  net.remove(bob);
  net.remove(bob);
  assert.not(net.peers.includes(bob));
  assert.not(bob.isUp);
  said.publish('nobody home');
  net.run(5_000);
  assert.is(net.peer({ name: 'bob' }).name, 'bob');
  assert.ok(net.peer().isUp, 'and a name by number is nobody else’s');
});

test('who is down can neither sleep nor wake', () => {
  const { bob } = pair(8);
  bob.crash();
  bob.wake();
  assert.not(bob.isAsleep);
  assert.throws(() => bob.sleep(), (error: unknown) => error instanceof SimError && error.code === 'PEER_DOWN');
});

test.run();
