import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Node, World } from './support/pair.js';

const pair = (): { a: Node; b: Node; world: World } => {
  const a = new Node(1, '192.0.2.1:1000');
  const b = new Node(2, '192.0.2.2:2000');
  return { a, b, world: new World(a, b) };
};

test('opens on both sides in three datagrams and says who and where', () => {
  const { a, b, world } = pair();
  world.connect(a, b);
  world.settle();
  assert.equal(a.all('opened'), [{ kind: 'opened', peer: b.id, address: b.address, role: 'initiator' }]);
  assert.equal(b.all('opened'), [{ kind: 'opened', peer: a.id, address: a.address, role: 'responder' }]);
  assert.is(a.all('transmit').length + b.all('transmit').length, 3);
});

test('sends what waited for the handshake, and whatever comes later', () => {
  const { a, b, world } = pair();
  world.connect(a, b);
  world.say(a, b, 0x50, 1);
  world.settle();
  world.say(b, a, 0x50, 2);
  world.settle();
  assert.equal(b.all('received'), [{ kind: 'received', peer: a.id, from: a.address, frame: Uint8Array.of(0x50, 1), early: false }]);
  assert.equal(a.all('received'), [{ kind: 'received', peer: b.id, from: b.address, frame: Uint8Array.of(0x50, 2), early: false }]);
});

test.run();
