// In which order a responder looks at an INIT: each one here is wrong at one step and at all that follow it.
import { agreementSecretKey, type KeyPair } from '@srp/identity';
import { concat, type Instant } from '@srp/machine';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { datagramType } from '../dist/constants.js';
import { encodeInitHead } from '../dist/codec.js';
import { finishInit, macKeysOf } from '../dist/macs.js';
import { writeInit } from '../dist/noise.js';
import { encodeInitPayload } from '../dist/payload.js';
import { at, type Flight, Node, World } from './support/pair.js';

const cutBundle = Uint8Array.of(0x00, 0, 5, 0x22);
const forbidden = at('224.0.0.1:1');

/** An INIT from `keys` to `b`, made by hand. */
const initOf = (b: Node, keys: KeyPair, ms: number, frames: Uint8Array, change: (noise: Uint8Array) => void = () => undefined, index = 7): Uint8Array => {
  const own = { publicKey: keys.publicKey, agreementSecret: agreementSecretKey(keys.privateKey) };
  const { message } = writeInit(own, b.keys.publicKey, new Uint8Array(32).fill(9), encodeInitPayload({ ms, continues: 0, frames }))!;
  change(message);
  return finishInit(encodeInitHead(index, message), macKeysOf(b.keys.publicKey), null);
};
const changedAt = (bytes: Uint8Array, place: number): Uint8Array => {
  const copy = bytes.slice();
  copy[place]! ^= 1;
  return copy;
};
/** What a link does with one INIT: why it is dropped, or what goes out. */
const verdict = (world: World, b: Node, bytes: Uint8Array, from = at('192.0.2.1:1000')): readonly string[] =>
  world.tell(b, { kind: 'datagram', from, bytes }).map((output) => {
    if (output.kind === 'dropped') return output.reason;
    return output.kind === 'transmit' ? Object.entries(datagramType).find(([, type]) => type === output.bytes[0])![0] : output.kind;
  });
const free = { freeInitsPerSecond: 1000 };

test('a responder looks at an INIT in the order of SPEC, and the first thing wrong gives the reason', () => {
  const [a, c] = [new Node(1, '192.0.2.1:1000'), new Node(3, '192.0.2.3:3000')];
  const b = new Node(2, '192.0.2.2:2000', free);
  const world = new World(b);
  const ms = world.now;
  const broken = (noise: Uint8Array): void => void (noise[90]! ^= 1);
  world.tell(b, { kind: 'datagram', from: a.address, bytes: initOf(b, a.keys, ms, new Uint8Array(0)) });
  const stale = initOf(b, a.keys, ms, cutBundle, undefined, 8);
  const unread = concat(stale, new Uint8Array(1100));
  const wrongMac = changedAt(initOf(b, a.keys, 2 ** 53, cutBundle, broken), 170);

  assert.equal(verdict(world, b, unread, forbidden), ['wrong-length'], '1: its form');
  const noIndex = wrongMac.slice();
  noIndex.fill(0, 1, 5);
  assert.equal(verdict(world, b, noIndex, forbidden), ['index-zero'], '1: its form');
  assert.equal(verdict(world, b, wrongMac, forbidden), ['forbidden-source'], '2: its source');
  assert.equal(verdict(world, b, wrongMac), ['wrong-mac'], '3: mac1');
  assert.equal(verdict(world, b, initOf(b, a.keys, 2 ** 53, cutBundle, broken)), ['forged'], '6: the seals');
  assert.equal(verdict(world, b, initOf(b, b.keys, 2 ** 53, cutBundle)), ['malformed'], '7: the head of the payload');
  assert.equal(verdict(world, b, stale), ['stale-init'], '8: ms');
  assert.equal(verdict(world, b, initOf(b, b.keys, ms, cutBundle)), ['own-key'], '9: the own key');
  assert.equal(verdict(world, b, initOf(b, c.keys, ms, cutBundle)), ['malformed'], '11: the frames');
  assert.equal(verdict(world, b, initOf(b, c.keys, ms, new Uint8Array(0))), ['response'], '12: the answer');
});

test('a copy is answered before the load is looked at, and the load before the seals', () => {
  const [a, c] = [new Node(1, '192.0.2.1:1000'), new Node(3, '192.0.2.3:3000')];
  const b = new Node(2, '192.0.2.2:2000', { freeInitsPerSecond: 1 });
  const world = new World(b);
  const first = initOf(b, a.keys, world.now, new Uint8Array(0));
  assert.equal(verdict(world, b, first), ['response']);
  const forged = initOf(b, c.keys, world.now, new Uint8Array(0), (noise) => void (noise[90]! ^= 1));
  assert.equal(verdict(world, b, forged), ['cookie', 'overloaded'], '5: the load');
  assert.equal(verdict(world, b, first), ['response'], '4: a copy, under load');
  assert.equal(verdict(world, b, changedAt(first, first.length - 20)), ['wrong-mac'], '3: mac1, also of a copy');
});

test('an old ms is noticed before a handshake that crosses, and that before the frames', () => {
  const nodes = [1, 2].map((seed) => new Node(seed, `192.0.2.${seed}:1000`, free));
  const [low, high] = nodes.sort((one, other) => (one.id < other.id ? -1 : 1)) as [Node, Node];
  const world = new World(low, high);
  const init = (ms: number, frames: Uint8Array): Flight => ({ from: high.address, to: low.address, bytes: initOf(low, high.keys, ms, frames) });
  world.arrive(init(world.now, new Uint8Array(0)));
  world.now = (world.now + 1000) as Instant;
  world.intercept();
  world.route = ({ bytes }) => (bytes[0] === datagramType.data ? [] : [0]); // its first DATA is lost
  world.connect(low, high);
  world.pass(400); // our own INIT waits a little while theirs is being answered
  assert.is(low.link.sessionOf(high.id)?.role, 'initiator');
  assert.equal(verdict(world, low, init(1, cutBundle).bytes), ['stale-init'], '8: ms');
  assert.equal(verdict(world, low, init(world.now, cutBundle).bytes).at(-1), 'crossed', '10: a crossing that was overtaken');
});

test.run();
