// Opening, talking and closing, between links that lose nothing.
import { generateKeyPair, seededRandom } from '@srp/identity';
import { type LinkError } from '@srp/link';
import { concat, instant, parseAddress, peerId, type PeerId } from '@srp/machine';
import { bundle, encodeFrame } from '@srp/wire';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { at, Node, World } from './support/pair.js';

const pair = (): { a: Node; b: Node; world: World } => {
  const a = new Node(1, '192.0.2.1:1000');
  const b = new Node(2, '192.0.2.2:2000');
  return { a, b, world: new World(a, b) };
};
const hello = encodeFrame({ kind: 'hello', version: 1, tags: [], addresses: [], mapping: 'unknown', filtering: 'unknown' });
const find = encodeFrame({ kind: 'find', tag: null });
const bye = encodeFrame({ kind: 'bye', reason: 0 });

test('opens on both sides in three datagrams and says who and where', () => {
  const { a, b, world } = pair();
  world.connect(a, b);
  world.settle();
  assert.equal(a.all('opened'), [{ kind: 'opened', peer: b.id, address: b.address, relay: null, role: 'initiator', said: [] }]);
  assert.equal(b.all('opened'), [{ kind: 'opened', peer: a.id, address: a.address, relay: null, role: 'responder', said: [] }]);
  assert.is(a.all('transmit').length + b.all('transmit').length, 3);
});

test('sends what waited for the handshake, and whatever comes later', () => {
  const { a, b, world } = pair();
  world.connect(a, b);
  world.say(a, b, 0x50, 1);
  world.settle();
  world.say(b, a, 0x50, 2);
  world.settle();
  assert.equal(b.all('received'), [{ kind: 'received', peer: a.id, from: a.address, frame: Uint8Array.of(0x50, 1) }]);
  assert.equal(a.all('received'), [{ kind: 'received', peer: b.id, from: b.address, frame: Uint8Array.of(0x50, 2) }]);
});

test('tells both sides after the handshake how the other sees them, and the round trip', () => {
  const { a, b, world } = pair();
  world.route = () => [20];
  world.connect(a, b);
  world.pass(100);
  assert.equal(a.all('observed'), [{ kind: 'observed', by: b.id, address: a.address, rttMs: 40, theirTime: 1000 }]);
  assert.equal(b.all('observed'), [{ kind: 'observed', by: a.id, address: b.address, rttMs: 40, theirTime: 1000 }]);
  assert.is(a.link.sessionOf(b.id)?.rttMs, 40);
});

test('hands out the frames of a bundle one by one, and drops a malformed one whole', () => {
  const { a, b, world } = pair();
  world.open(a, b);
  world.say(a, b, ...bundle([find, Uint8Array.of(0x51, 7)]));
  world.say(a, b, 0x00, 0x00);
  world.settle();
  assert.equal(b.all('received').map(({ frame }) => frame), [find, Uint8Array.of(0x51, 7)]);
  assert.equal(b.link.drops(), { malformed: 1 });
});

test('frames for a peer whose INIT was answered wait for its first DATA', () => {
  const { a, b, world } = pair();
  world.tell(a, { kind: 'connect', peer: b.id, address: b.address, early: [find] });
  world.arrive(world.intercept()[0]!);
  world.say(b, a, 0x50, 9);
  assert.is(world.air.length, 1, 'only the RESP goes to an address that nobody proved');
  world.settle();
  assert.equal(a.all('received').map(({ frame }) => frame), [Uint8Array.of(0x50, 9)]);
});

test('says BYE when told to disconnect, and both sides close', () => {
  const { a, b, world } = pair();
  world.open(a, b);
  world.tell(a, { kind: 'disconnect', peer: b.id });
  world.settle();
  assert.equal(a.all('closed'), [{ kind: 'closed', peer: b.id, reason: 'disconnected' }]);
  assert.equal(b.all('closed'), [{ kind: 'closed', peer: a.id, reason: 'bye' }]);
  assert.is(a.link.sessions().length + b.link.sessions().length, 0);
  world.say(b, a, 0x50, 1);
  assert.equal(b.link.drops(), { 'no-session': 1 });
  world.open(b, a);
  assert.is(b.link.sessions().length, 1);
});

test('says whether it leaves or needs the session no more, and neither side tries again', () => {
  for (const [why, reason] of [['unneeded', 'unneeded'], ['leaving', 'bye']] as const) {
    const { a, b, world } = pair();
    world.open(a, b);
    world.tell(a, { kind: 'disconnect', peer: b.id, why });
    world.settle();
    assert.equal(a.all('closed').map((closed) => closed.reason), ['disconnected']);
    assert.equal(b.all('closed').map((closed) => closed.reason), [reason]);
    const sent = a.all('transmit').length + b.all('transmit').length;
    world.pass(120_000);
    assert.is(a.all('transmit').length + b.all('transmit').length, sent);
  }
});

test('what follows a BYE in its bundle is not delivered', () => {
  const { a, b, world } = pair();
  world.open(a, b);
  world.say(a, b, ...bundle([bye, find]));
  world.settle();
  assert.is(b.all('received').length, 0);
});

test('a disconnect ends a handshake too, and of a stranger says nothing', () => {
  const { a, b, world } = pair();
  world.connect(a, b);
  assert.equal(world.tell(a, { kind: 'disconnect', peer: b.id }), [{ kind: 'closed', peer: b.id, reason: 'disconnected' }]);
  assert.equal(world.tell(a, { kind: 'disconnect', peer: b.id }), []);
  world.settle();
  assert.is(a.all('opened').length, 0);
});

/** Nothing arrives any more. When each datagram was sent, ms from now. */
const losingAll = (world: World): readonly number[] => {
  const sentAt: number[] = [];
  const start = world.now;
  world.route = () => {
    sentAt.push(world.now - start);
    return [];
  };
  return sentAt;
};

test('an address that somebody else named is tried by the schedule once the user names it, five times in all', () => {
  const { a, b, world } = pair();
  const sentAt = losingAll(world);
  const connect = { kind: 'connect', peer: b.id, address: b.address } as const;
  world.tell(a, { ...connect, isPaced: true });
  world.pass(100);
  world.tell(a, connect);
  world.pass(2900);
  assert.equal(sentAt, [0, 300, 1000, 1600, 2200]);
});

test('sends INIT at 0, 300, 1000, 1600 and 2200 ms and gives up at 3 s', () => {
  const { a, b, world } = pair();
  const sentAt = losingAll(world);
  world.connect(a, b);
  world.pass(2999);
  assert.equal(sentAt, [0, 300, 1000, 1600, 2200]);
  assert.equal(a.said, []);
  world.pass(1);
  assert.equal(a.said, ['closed unreachable']);
  assert.is(a.link.deadline(), null);
});

test('an INIT that its caller paces has at most 300 bytes, and one that is longer goes nowhere else', () => {
  const [a, b] = [new Node(1, '192.0.2.1:1000'), new Node(2, '192.0.2.2:2000')];
  const world = new World(a, b);
  const hello = (bytes: number): Uint8Array => concat(Uint8Array.of(0x20), new Uint8Array(bytes - 1));
  const sentBytes = (): readonly (readonly [string, number])[] => world.intercept().map(({ to, bytes }) => [to, bytes.length]);
  const connect = (peer: PeerId, address: string, bytes: number, isPaced: boolean) => world.tell(a, { kind: 'connect', peer, address: at(address), early: [hello(bytes)], isPaced });
  connect(b.id, '192.0.2.2:2000', 600, true);
  assert.equal(sentBytes(), [['192.0.2.2:2000', 200]], 'without what does not fit');
  const other = new Node(3, '192.0.2.3:3000').id;
  connect(other, '192.0.2.3:3000', 100, true);
  const [[, length]] = sentBytes() as [[string, number]];
  assert.ok(length > 200 && length <= 300, `${length} bytes`);
  const third = new Node(4, '192.0.2.4:4000').id;
  connect(third, '192.0.2.4:4000', 600, false);
  connect(third, '198.51.100.9:9', 10, true);
  assert.equal(sentBytes().map(([to, bytes]) => [to, bytes > 600]), [['192.0.2.4:4000', true]]);
});

test('sends one INIT each time a caller that paces it says so, three to one address at most, and none while theirs is answered', () => {
  const { a, b, world } = pair();
  const sentAt: number[] = [];
  const start = world.now;
  world.route = ({ from, bytes }) => {
    if (from === a.address && bytes[0] === 0x05) sentAt.push(world.now - start);
    return [];
  };
  for (let i = 0; i < 5; i += 1) {
    world.tell(a, { kind: 'connect', peer: b.id, address: b.address, isPaced: true });
    world.pass(500);
  }
  assert.equal(sentAt, [0, 500, 1000]);
  world.pass(500);
  assert.equal(a.said, ['closed unreachable']);

  const other = pair();
  other.world.connect(other.b, other.a);
  other.world.arrive(other.world.intercept()[0]!);
  const transmitted = (): number => other.a.all('transmit').filter(({ bytes }) => bytes[0] === 0x05).length;
  for (const expected of [0, 1]) {
    other.world.tell(other.a, { kind: 'connect', peer: other.b.id, address: other.b.address, isPaced: true });
    assert.is(transmitted(), expected);
  }
  other.world.route = () => [];
  other.world.pass(300);
  other.world.tell(other.a, { kind: 'connect', peer: other.b.id, address: at('192.0.2.3:1000'), isPaced: true });
  assert.is(transmitted(), 2, 'its DATA has not come in time');
});

test('a lost INIT, a lost RESP and a lost first DATA cost time and nothing else', () => {
  for (const lost of [0, 1, 2]) {
    const { a, b, world } = pair();
    let count = 0;
    world.route = () => (count++ === lost ? [] : [10]);
    world.connect(a, b);
    world.say(a, b, 0x50, 1);
    world.pass(3000);
    assert.is(a.all('opened').length, 1, `datagram ${lost}`);
    assert.is(b.all('opened').length, 1, `datagram ${lost}`);
    assert.is(b.all('received').length, 1, `datagram ${lost}`);
  }
});

test('a peer that comes back with the same key replaces its session once it has proved to be there', () => {
  const { a, b, world } = pair();
  world.open(a, b);
  world.pass(5000);
  const again = new Node(3, '192.0.2.1:1000', {}, a.keys);
  world.nodes[0] = again;
  world.connect(again, b);
  const [init] = world.intercept();
  world.arrive(init!);
  assert.is(b.all('closed').length, 0, 'an INIT alone ends nothing');
  world.settle();
  assert.equal(b.said.slice(-3), ['closed replaced', 'opened', 'observed']);
  world.say(b, again, 0x50, 1);
  world.settle();
  assert.is(again.all('received').length, 1);
});

test('refuses itself, a key that is none, and an address where nobody can be', () => {
  const { a, b, world } = pair();
  const impossible = peerId(new Uint8Array(32));
  const multicast = at('224.0.0.1:5000');
  assert.equal(world.tell(a, { kind: 'connect', peer: a.id, address: b.address }), [{ kind: 'closed', peer: a.id, reason: 'invalid' }]);
  assert.equal(world.tell(a, { kind: 'connect', peer: impossible, address: b.address }), [{ kind: 'closed', peer: impossible, reason: 'invalid' }]);
  assert.equal(world.tell(a, { kind: 'connect', peer: b.id, address: multicast }), [{ kind: 'closed', peer: b.id, reason: 'invalid' }]);
  assert.is(world.air.length, 0);
});

test('tries several addresses at once and opens at the one that is right', () => {
  const { a, b, world } = pair();
  for (const wrong of ['192.0.2.7:1', '192.0.2.8:1']) world.connect(a, b, at(wrong));
  world.connect(a, b);
  world.connect(a, b);
  assert.is(world.air.length, 3, 'an address is not tried twice');
  world.settle();
  assert.equal(a.all('opened').map(({ address }) => address), [b.address]);
  world.pass(5000);
  assert.is(a.all('closed').length, 0);
});

test('a fifth address is not tried', () => {
  const { a, b, world } = pair();
  for (let i = 1; i <= 5; i += 1) world.connect(a, b, at(`192.0.2.9:${i}`));
  assert.is(world.air.length, 4);
});

test('keeps at most 16 frames for a handshake; the oldest goes', () => {
  const { a, b, world } = pair();
  world.connect(a, b);
  for (let i = 0; i < 18; i += 1) world.say(a, b, 0x50, i);
  assert.equal(a.link.drops(), { 'queue-full': 2 });
  world.settle();
  assert.equal(b.all('received').map(({ frame }) => frame[1]), Array.from({ length: 16 }, (_, i) => i + 2));
});

test('says no more handshakes when 128 of its own run', () => {
  const random = seededRandom(new Uint8Array(32).fill(8));
  const { a, world } = pair();
  world.route = () => [];
  const peers = Array.from({ length: 129 }, () => peerId(generateKeyPair(random).publicKey));
  for (const peer of peers) world.tell(a, { kind: 'connect', peer, address: at('192.0.2.9:1') });
  assert.equal(a.said, ['closed overloaded']);
  world.pass(3000);
  assert.is(a.all('closed').filter(({ reason }) => reason === 'unreachable').length, 128);
});

test('passes a PUNCH on and sends one', () => {
  const { a, b, world } = pair();
  world.tell(a, { kind: 'punch', to: b.address, token: '0123456789abcdef' });
  world.settle();
  assert.equal(b.all('punched'), [{ kind: 'punched', from: a.address, token: '0123456789abcdef' }]);
});

test("a caller's mistakes throw at once", () => {
  const { a, b, world } = pair();
  const codeOf = (act: () => unknown): string => {
    try {
      act();
    } catch (error) {
      return (error as LinkError).code;
    }
    return 'nothing';
  };
  assert.is(codeOf(() => world.say(a, b)), 'LINK_FRAME_LENGTH');
  assert.is(codeOf(() => world.tell(a, { kind: 'send', peer: b.id, frame: new Uint8Array(1199) })), 'LINK_FRAME_LENGTH');
  for (const early of [[Uint8Array.of(0x50, 1)], [find, bye], [bundle([find, hello])]]) {
    assert.is(codeOf(() => world.tell(a, { kind: 'connect', peer: b.id, address: b.address, early })), 'LINK_EARLY_REFUSED');
  }
  for (const token of ['', '0123456789ABCDEF', '0123456789abcde']) {
    assert.is(codeOf(() => world.tell(a, { kind: 'punch', to: b.address, token })), 'LINK_TOKEN_INVALID');
  }
  for (const config of [{ freeInitsPerSecond: 0 }, { freeInitsPerSecond: 1.5 }, { rekeyAfterPackets: 0 }, { rekeyAfterPackets: 2 ** 48 + 1 }]) {
    assert.is(codeOf(() => new Node(4, '192.0.2.4:4', config)), 'LINK_CONFIG_INVALID');
  }
});

test('knows sessions by peer, and nobody else', () => {
  const { a, b, world } = pair();
  world.open(a, b);
  assert.is(a.link.sessionOf('00'.repeat(32) as PeerId), null);
  assert.equal(a.link.sessions(), [
    { peer: b.id, address: parseAddress('192.0.2.2:2000')!, relay: null, role: 'initiator', openedAt: world.now, heardAt: world.now, rttMs: 0 },
  ]);
});

test('a wakeup that comes early, twice or with nothing to do changes nothing', () => {
  const { a, b, world } = pair();
  assert.equal(world.tell(a, { kind: 'wakeup' }), []);
  world.open(a, b);
  const due = a.link.deadline()!;
  world.now = instant(due - 1);
  assert.equal(world.tell(a, { kind: 'wakeup' }), []);
  assert.is(a.link.deadline(), due);
  world.now = due;
  world.tell(a, { kind: 'wakeup' });
  assert.equal(world.tell(a, { kind: 'wakeup' }), []);
});

test.run();
