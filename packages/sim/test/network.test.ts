import { makeAddress, parseAddress, portOf, scopeOf } from '@srp/machine';
import { describeLife, Network, type NetworkOptions, SimError, type SimPeer } from '@srp/sim';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { gossip } from './gossip.js';

const test = suite('network');
const network = (options: Partial<NetworkOptions> = {}): Network => new Network({ seed: 1, machine: gossip, ...options });

/** A hub and four peers behind boxes, who chat while links are bad; then one crashes and returns. */
const story = (seed: number): Network => {
  const net = network({ seed, links: { loss: 0.1, duplication: 0.05, reordering: 0.1 }, timerLatenessMs: 3 });
  const hub = net.peer({ name: 'hub' });
  const peers = (['full-cone', 'address-restricted', 'port-restricted', 'hard'] as const).map((nat) => net.peer({ nat, knows: [hub] }));
  const rooms = [hub, ...peers].map((peer) => peer.join('tea'));
  for (const [turn, room] of rooms.entries()) net.at(2_000 + turn * 500, () => room.publish(`from ${turn}`));
  net.at(6_000, () => peers[1]!.crash());
  net.at(7_000, () => peers[1]!.start());
  net.run(10_000);
  return net;
};

test('runs the same way for the same seed, and another way for another', () => {
  const [one, again, other] = [story(5), story(5), story(6)];
  assert.is(one.traceHash, again.traceHash);
  assert.equal(one.traffic, again.traffic);
  assert.is.not(one.traceHash, other.traceHash);
});

test('takes 32 bytes for a seed', () => {
  const hashOf = (byte: number): string => {
    const net = network({ seed: new Uint8Array(32).fill(byte) });
    net.peer();
    return net.traceHash;
  };
  assert.is(hashOf(1), hashOf(1));
  assert.is.not(hashOf(1), hashOf(2));
});

test('carries what one app publishes to the apps of the others, byte for byte', () => {
  const net = network();
  const hub = net.peer();
  const [alice, bob] = [net.peer({ nat: 'hard', knows: [hub] }), net.peer({ nat: 'port-restricted', knows: [hub] })];
  const [tea, heard, idle] = [alice.join('tea'), bob.join('tea'), bob.join('coffee')];
  net.run(1_000);
  const id = tea.publish('The kettle is on.');
  net.run(1_000);
  assert.equal(heard.texts(), ['The kettle is on.']);
  assert.ok(heard.has(id));
  assert.equal(tea.deliveries.map(({ how }) => how), ['published']);
  assert.equal(heard.deliveries.map(({ how, author }) => [how, author]), [['arrived', alice.author]]);
  assert.equal(idle.texts(), []);
});

test('lets an app publish while it is shown a message', () => {
  const net = network();
  const hub = net.peer();
  const [alice, bob] = [net.peer({ knows: [hub] }), net.peer({ knows: [hub] })];
  const [tea, heard] = [alice.join('tea'), bob.join('tea')];
  heard.onDelivery = ({ how }) => {
    if (how === 'arrived') heard.publish('pong');
  };
  net.run(1_000);
  tea.publish('ping');
  net.run(1_000);
  assert.equal(tea.texts(), ['ping', 'pong']);
});

test('loses the share of datagrams that was asked for', () => {
  const net = network({ links: { loss: 0.25 } });
  const hub = net.peer();
  for (let count = 0; count < 20; count += 1) net.peer({ knows: [hub] });
  net.run(300_000);
  const { sent, lost, arrived } = net.traffic;
  assert.ok(sent > 10_000);
  assert.ok(Math.abs(lost / sent - 0.25) < 0.02, `${lost} of ${sent}`);
  assert.ok(arrived + lost <= sent);
});

test('deals out public addresses, each host in a /16 of its own', () => {
  const net = network();
  const peers = Array.from({ length: 20 }, (_, count) => net.peer({ nat: count % 2 === 0 ? 'none' : 'hard' }));
  const hosts = peers.map((peer) => peer.site.host);
  assert.is(new Set(hosts.map((host) => host.split('.', 2).join('.'))).size, 20);
  assert.ok(hosts.every((host) => scopeOf(makeAddress(host, 1)!) === 'public'));
  assert.equal(peers.map((peer) => scopeOf(peer.address)), peers.map((_, count) => (count % 2 === 0 ? 'public' : 'private')));
});

test('lets through a NAT box only who was sent to', () => {
  const net = network();
  const [hub, stranger] = [net.peer(), net.peer()];
  const guest = net.peer({ nat: 'port-restricted', knows: [hub] });
  net.run(1_000);
  const outside = hub.neighbours()[0]!.address;
  assert.is.not(portOf(outside), portOf(guest.address));
  stranger.connect({ id: guest.id, address: outside });
  net.run(3_000);
  assert.is(stranger.neighbours().length, 0);
  assert.ok(net.traffic.filtered > 0);
});

test('connects two peers on one LAN, who find each other and nobody from the next house', () => {
  const net = network();
  const [home, next] = [net.nat('hard'), net.nat('hard')];
  const [alice, bob, eve] = [net.peer({ nat: home }), net.peer({ nat: home }), net.peer({ nat: next })];
  assert.is(alice.address.split(':')[0], eve.address.split(':')[0]);
  net.run(1_000);
  assert.equal(alice.neighbours().map(({ address }) => address), [bob.address]);
  assert.is(eve.neighbours().length, 0);
});

test('reaches a peer of the same LAN by its outer address only through a box that hairpins', () => {
  for (const hairpins of [true, false]) {
    const net = network();
    const hub = net.peer();
    const home = net.nat({ mapping: 'endpoint-independent', filtering: 'endpoint-independent', lifetimeMs: 60_000, ports: 'preserved', isRefreshedByInbound: true, hairpins });
    const [alice, bob] = [net.peer({ nat: home, knows: [hub], discovers: false }), net.peer({ nat: home, knows: [hub], discovers: false })];
    net.run(1_000);
    const outside = parseAddress(`${home.box.host}:${portOf(bob.address)}`)!;
    alice.connect({ id: bob.id, address: outside });
    net.run(2_000);
    assert.is(alice.neighbours().length, hairpins ? 2 : 1);
  }
});

test('keeps the parts of a partition apart until it heals', () => {
  const net = network();
  const hub = net.peer();
  const [alice, bob] = [net.peer({ knows: [hub] }), net.peer({ knows: [hub] })];
  const [tea, heard, atHub] = [alice.join('tea'), bob.join('tea'), hub.join('tea')];
  net.run(1_000);
  net.partition([alice, hub], [bob]);
  tea.publish('one');
  net.run(1_000);
  assert.equal([atHub.texts(), heard.texts()], [['one'], []]);
  assert.ok(net.traffic.partitioned > 0);
  net.heal();
  tea.publish('two');
  net.run(1_000);
  assert.equal(heard.texts(), ['two']);
});

test('cuts the link of one pair alone', () => {
  const net = network();
  const hub = net.peer();
  const [alice, bob] = [net.peer({ knows: [hub] }), net.peer({ knows: [hub] })];
  net.link(hub, bob, { loss: 1 });
  net.run(1_000);
  assert.equal([alice.neighbours().length, bob.neighbours().length], [1, 0]);
});

const restarted = (end: (peer: SimPeer) => void): { readonly texts: readonly string[]; readonly isStored: boolean; readonly isSamePeer: boolean } => {
  const net = network();
  const peer = net.peer();
  const { id, author } = peer;
  const packet = peer.join('tea').publish('before');
  end(peer);
  const isStored = peer.stores(packet);
  assert.not(peer.isUp);
  net.run(1_000);
  peer.start();
  assert.is(peer.author, author);
  return { texts: peer.join('tea').texts(), isStored, isSamePeer: peer.id === id };
};

test('gives a peer back what its disk held, after a stop and after a crash', () => {
  assert.equal(restarted((peer) => peer.stop()), { texts: ['before'], isStored: true, isSamePeer: true });
  assert.equal(restarted((peer) => peer.crash()), { texts: ['before'], isStored: true, isSamePeer: true });
  assert.equal(restarted((peer) => peer.crash({ disk: 'cache-lost' })), { texts: [], isStored: false, isSamePeer: true });
  assert.equal(restarted((peer) => peer.crash({ disk: 'lost' })), { texts: [], isStored: false, isSamePeer: false });
});

test('hands nothing to a peer that is down, and tells an app that tries', () => {
  const net = network();
  const hub = net.peer();
  const alice = net.peer({ knows: [hub] });
  const [tea, atHub] = [alice.join('tea'), hub.join('tea')];
  net.run(1_000);
  hub.crash();
  tea.publish('anyone?');
  net.run(1_000);
  assert.equal(atHub.texts(), []);
  assert.equal(hub.neighbours(), []);
  assert.throws(() => atHub.publish('no'), (error: unknown) => error instanceof SimError && error.code === 'PEER_DOWN');
});

test('lets a peer crash in the middle of what it does', () => {
  const net = network();
  const hub = net.peer();
  const [alice, bob] = [net.peer({ knows: [hub] }), net.peer({ knows: [hub] })];
  const [tea, atHub, heard] = [alice.join('tea'), hub.join('tea'), bob.join('tea')];
  atHub.onDelivery = () => hub.crash();
  net.run(1_000);
  tea.publish('to the hub and no further');
  net.run(1_000);
  assert.equal([atHub.texts().length, heard.texts().length, hub.storedCount], [1, 0, 0]);
});

test('tells the life of a packet', () => {
  const net = network({ links: { latencyMs: 50, jitterMs: 0 } });
  const hub = net.peer({ name: 'hub' });
  const [alice, bob] = [net.peer({ name: 'alice', knows: [hub] }), net.peer({ name: 'bob', knows: [hub] })];
  const tea = alice.join('tea');
  bob.join('tea');
  net.run(1_000);
  const id = tea.publish('hello');
  net.run(1_000);
  assert.equal(net.lifeOf(id), [
    { kind: 'published', atMs: 1_000, peer: 'alice' },
    { kind: 'kept', atMs: 1_050, peer: 'hub', from: 'alice', sentAtMs: 1_000, asked: false, postage: 15 },
    { kind: 'delivered', atMs: 1_100, peer: 'bob', how: 'arrived' },
    { kind: 'kept', atMs: 1_100, peer: 'bob', from: 'hub', sentAtMs: 1_050, asked: false, postage: 14 },
  ]);
  assert.match(describeLife(net.lifeOf(id)), /1050\.0 ms {2}hub got it pushed; alice sent it at 1000\.0 ms; postage 15/);
});

test('runs until something has happened, or time is up', () => {
  const net = network({ links: { latencyMs: 100, jitterMs: 0 } });
  const hub = net.peer();
  const alice = net.peer({ knows: [hub] });
  assert.ok(net.runUntil(() => alice.neighbours().length > 0, 5_000));
  assert.is(net.now, 200);
  assert.not(net.runUntil(() => alice.neighbours().length > 1, 5_000));
  assert.is(net.now, 5_200);
});

test('acts at the times it was told, and never in the past', () => {
  const net = network();
  const done: number[] = [];
  net.run(100);
  for (const timeMs of [300, 200, 50]) net.at(timeMs, () => done.push(net.now));
  net.run(1_000);
  assert.equal(done, [100, 200, 300]);
});

test('ends a run that does not end', () => {
  const net = network({ eventsMax: 100 });
  const again = (): void => net.at(net.now, again);
  again();
  assert.throws(() => net.run(1), (error: unknown) => error instanceof SimError && error.code === 'EVENTS_EXHAUSTED');
});

test('refuses what cannot be', () => {
  const net = network();
  const guest = net.peer({ name: 'guest', nat: 'hard' });
  const refusals: [() => unknown, string][] = [
    [() => net.peer({ name: 'guest' }), 'NETWORK_OPTION_WRONG'],
    [() => net.peer({ knows: [guest] }), 'PEER_NOT_PUBLIC'],
    [() => net.peer({ nat: network().nat('hard') }), 'NETWORK_OPTION_WRONG'],
    [() => net.peer({ port: 70_000 }), 'NETWORK_OPTION_WRONG'],
    [() => network({ seed: -1 }), 'NETWORK_OPTION_WRONG'],
  ];
  for (const [attempt, code] of refusals) assert.throws(attempt, (error: unknown) => error instanceof SimError && error.code === code);
});

test('gives each peer its own clock', () => {
  const net = network();
  const slow = net.peer({ clockOffsetMs: -60_000 });
  const id = slow.join('tea').publish('late');
  assert.ok(slow.rooms[0]!.deliveries.some((delivery) => delivery.id === id && delivery.sentAtMs === net.instant - 60_000));
});

test.run();
