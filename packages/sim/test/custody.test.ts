/** Custody in whole networks: an author who is gone, peers that come and go, and somebody who was away. Objects live for six hours, so a period is 22 min. */
import { type PacketId } from '@srp/machine';
import { PeerProtocol, type PeerProtocolOptions } from '@srp/peer/protocol';
import { Network, type NetworkOptions, type SimPeer, type SimPeerOptions, type SimRoom } from '@srp/sim';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('custody');
const minuteMs = 60_000;
/** Clocks show noon: around midnight a topic has the keepers of two days. */
const noon = { clockOffsetMs: 12 * 60 * minuteMs };

/** Open peers that know two introducers who keep nothing; how many datagrams with each object were sent. */
class Town {
  readonly net: Network;
  readonly folk: readonly SimPeer[];
  readonly sent = new Map<PacketId, number>();
  readonly #introducers: SimPeer[] = [];
  readonly #options: SimPeerOptions;

  constructor(seed: number, count: number, custody: (n: number) => NonNullable<PeerProtocolOptions['custody']> = () => 'keepers', options: Partial<NetworkOptions> = {}, common: SimPeerOptions = noon) {
    this.#options = common;
    this.net = new Network({ seed, links: { loss: 0.02 }, onCarried: ({ kind, id }) => kind === 'sent' && this.sent.set(id, (this.sent.get(id) ?? 0) + 1), ...options });
    for (let n = 1; n <= 2; n += 1) this.#introducers.push(this.newcomer(`introducer-${n}`, { nat: 'none', machine: (made) => new PeerProtocol({ ...made, custody: 'none' }) }));
    this.folk = Array.from({ length: count }, (_, n) => this.newcomer(`peer-${n + 1}`, { machine: (made) => new PeerProtocol({ ...made, custody: custody(n), lookupBlindness: 0.1 }) }));
  }

  newcomer(name: string, options: SimPeerOptions = {}): SimPeer {
    return this.net.peer({ name, knows: [...this.#introducers], ...this.#options, ...options });
  }

  /** From now on everyone has sessions and pauses of exponential length, two thirds are away. */
  comeAndGo(upMs: number, downMs: number): void {
    const { net } = this;
    const share = (): number => (net.random.below(2 ** 32) + 0.5) / 2 ** 32;
    const turn = (peer: SimPeer): void =>
      net.at(net.now - Math.log(share()) * (peer.isUp ? upMs : downMs), () => {
        if (peer.isUp) peer.crash();
        else peer.start();
        turn(peer);
      });
    for (const peer of this.folk) {
      if (share() * (upMs + downMs) > upMs) peer.crash();
      turn(peer);
    }
  }

  /** Somebody comes, publishes and is gone for ever three seconds later, with its disk. */
  farewell(topic: string, words = 'I have to go'): PacketId {
    const author = this.newcomer(`author of ${topic}`);
    const room = author.join(topic);
    this.net.run(minuteMs);
    const id = room.publish(words, { life: 1 });
    this.net.run(3_000);
    this.net.remove(author);
    return id;
  }

  holders(id: PacketId): readonly SimPeer[] {
    return this.folk.filter((peer) => peer.stores(id));
  }
}

const comesTo = (net: Network, room: SimRoom, id: PacketId, withinMs = minuteMs): boolean => net.runUntil(() => room.has(id), withinMs);

test('who was away finds what was published meanwhile, though its author and every peer it had a link with are gone', () => {
  const town = new Town(1, 36);
  const { net, folk } = town;
  net.run(minuteMs);
  town.comeAndGo(10 * minuteMs, 20 * minuteMs);
  const alice = town.newcomer('alice');
  alice.join('tea');
  net.run(3 * minuteMs);
  const links = alice.neighbours().map(({ peer }) => peer);
  alice.crash();
  net.run(minuteMs);
  const id = town.farewell('tea');
  assert.ok(town.holders(id).length >= 3, `${town.holders(id).length} hold it when its author is gone`);
  net.run(30 * minuteMs);
  for (const peer of folk) if (links.includes(peer.id)) peer.crash();
  alice.start();
  assert.ok(comesTo(net, alice.join('tea'), id));
  assert.ok((town.sent.get(id) ?? 0) <= 50, `${town.sent.get(id)} datagrams with it`);
});

test('keepers that say they have nothing, and a lookup that does not see every tenth peer, hide nothing', () => {
  const town = new Town(2, 21, (n) => (n % 3 === 0 ? 'none' : 'keepers'));
  const { net } = town;
  net.run(3 * minuteMs);
  const ids = ['tea', 'milk', 'jam'].map((topic) => [topic, town.farewell(topic)] as const);
  net.run(10 * minuteMs);
  for (const [topic, id] of ids) {
    assert.ok(town.holders(id).length >= 4);
    assert.ok(comesTo(net, town.newcomer(`reader of ${topic}`).join(topic), id), topic);
  }
});

test('where nobody but introducers is open, who returns finds what peers behind NATs keep', () => {
  const town = new Town(5, 28, () => 'keepers', {}, { ...noon, nat: 'port-restricted' });
  const { net } = town;
  net.run(3 * minuteMs);
  const ids = ['tea', 'milk'].map((topic) => [topic, town.farewell(topic)] as const);
  net.run(3 * minuteMs);
  for (const [topic, id] of ids) {
    assert.ok(town.holders(id).length >= 6, `${town.holders(id).length} hold it`);
    assert.ok(comesTo(net, town.newcomer(`reader of ${topic}`).join(topic), id), topic);
  }
});

test('who keeps nothing itself hands on what it was sent, though its author left at once', () => {
  const town = new Town(6, 12);
  const { net } = town;
  const neighbour = town.newcomer('neighbour', { nat: 'hard' });
  net.run(3 * minuteMs);
  const author = net.peer({ name: 'author', ...noon, nat: 'none' });
  neighbour.connect(author);
  const room = author.join('tea');
  net.runUntil(() => author.neighbours().length > 0, 5_000);
  const id = room.publish('I have to go');
  net.run(300);
  net.remove(author);
  assert.is(town.holders(id).length, 0);
  assert.ok(net.runUntil(() => town.holders(id).length >= 3, minuteMs), `${town.holders(id).length} keep it`);
});

test('who slept asks its keepers when it wakes', () => {
  const town = new Town(3, 15);
  const { net } = town;
  const sleeper = town.newcomer('sleeper');
  const room = sleeper.join('tea');
  net.run(2 * minuteMs);
  sleeper.sleep();
  net.run(minuteMs);
  const id = town.farewell('tea');
  net.run(10 * minuteMs);
  sleeper.wake();
  assert.ok(comesTo(net, room, id, 2 * minuteMs));
});

test('when a topic moves at midnight its new keepers have what the old ones had', () => {
  // Clocks show 23:25. Topics begin to move at half past.
  const town = new Town(5, 20, undefined, {}, { clockOffsetMs: (23 * 60 + 25) * minuteMs });
  const { net, folk } = town;
  net.run(2 * minuteMs);
  const id = town.farewell('tea');
  net.run(minuteMs);
  const before = town.holders(id);
  net.run(33 * minuteMs); // midnight is over
  for (const peer of folk) if (before.includes(peer)) peer.crash();
  net.run(minuteMs);
  assert.ok(comesTo(net, town.newcomer('alice').join('tea'), id));
});

test('a message whose predecessor is at a keeper alone is whole soon, though nobody asks again', () => {
  const town = new Town(5, 12);
  const { net } = town;
  net.run(2 * minuteMs);
  const bob = town.newcomer('bob');
  const room = bob.join('tea');
  net.run(minuteMs);
  const first = room.publish('first', { life: 1 });
  net.run(5_000);
  bob.crash({ disk: 'cache-lost' });
  net.run(minuteMs);
  bob.start();
  const again = bob.join('tea');
  assert.ok(comesTo(net, again, first), 'its own, from those who keep it');
  const second = again.publish('second', { life: 1 });
  const alice = town.newcomer('alice').join('tea');
  assert.ok(comesTo(net, alice, second) && comesTo(net, alice, first));
  assert.equal(alice.deliveries.find(({ id }) => id === second)?.previous, first, 'the chain goes on');
});

test.run();
