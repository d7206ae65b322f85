// Keys that are renewed: by age, by use, and after a sleep. The session goes on as if nothing happened.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { datagramType, rejectAfterPackets } from '../dist/constants.js';
import { TransportKeys } from '../dist/transport.js';
import { instant, readU32 } from '@srp/machine';
import { type Flight, Node, World } from './support/pair.js';
import { type LinkConfig } from '@srp/link';

const hour = 3_600_000;
const opened = (config: LinkConfig = {}): { a: Node; b: Node; world: World; seen: Flight[] } => {
  const a = new Node(1, '192.0.2.1:1000', config);
  const b = new Node(2, '192.0.2.2:2000');
  const world = new World(a, b);
  const seen: Flight[] = [];
  world.route = (flight) => (seen.push(flight), [5]);
  world.connect(a, b);
  world.pass(1000);
  return { a, b, world, seen };
};
const inits = (flights: readonly Flight[]): number => flights.filter(({ bytes }) => bytes[0] === datagramType.init).length;
const indexOf = ({ bytes }: Flight): number => readU32(bytes, 1);
const talks = (world: World, a: Node, b: Node): boolean => {
  const [before, after] = [a.all('received').length, b.all('received').length];
  world.say(a, b, 0x50, 1);
  world.say(b, a, 0x50, 2);
  world.pass(100);
  return a.all('received').length === before + 1 && b.all('received').length === after + 1;
};

test('keys are renewed after an hour, by one handshake, and nobody notices', () => {
  const { a, b, world, seen } = opened();
  world.pass(hour - 10_000);
  assert.is(inits(seen), 1);
  world.say(a, b, 0x50, 1);
  const before = indexOf(seen.at(-1)!);
  world.pass(20_000);
  assert.is(inits(seen), 2);
  world.say(a, b, 0x50, 2);
  assert.is.not(indexOf(seen.at(-1)!), before);
  world.pass(1000);
  assert.ok(talks(world, a, b));
  for (const node of [a, b]) assert.equal([node.all('opened').length, node.all('closed').length, node.all('moved').length], [1, 0, 0]);
});

test('keys are renewed every hour for a day', () => {
  const { a, b, world, seen } = opened();
  world.pass(24 * hour);
  assert.is(inits(seen), 25);
  assert.ok(talks(world, a, b));
  assert.is(a.all('closed').length + b.all('closed').length, 0);
});

test('frames that are under way while keys change are not lost, in any order', () => {
  const { a, b, world } = opened();
  let count = 0;
  world.route = () => [(count++ * 37) % 90]; // up to 90 ms, out of order
  world.pass(hour - 3000);
  for (let i = 0; i < 600; i += 1) {
    world.say(a, b, 0x50, i & 255);
    world.say(b, a, 0x50, i & 255);
    world.pass(10);
  }
  world.pass(1000);
  assert.is(a.all('received').length, 600);
  assert.is(b.all('received').length, 600);
});

test('keys are renewed after so many packets', () => {
  const { a, b, world, seen } = opened({ rekeyAfterPackets: 100 });
  for (let i = 0; i < 250; i += 1) {
    world.say(a, b, 0x50, i);
    world.pass(20);
  }
  assert.is(inits(seen), 3);
  assert.is(b.all('received').length, 250);
});

test('a key seals 2^49 packets and no more, and its counter stays exact', () => {
  const keys = new TransportKeys('initiator', new Uint8Array(64), 1, 2, instant(0), rejectAfterPackets - 1);
  assert.is(keys.isUsable(instant(0)), true);
  const bytes = keys.seal(Uint8Array.of(1));
  assert.equal([...bytes.subarray(5, 13)], [255, 255, 255, 255, 255, 255, 1, 0]);
  assert.is(keys.isUsable(instant(0)), false);
  assert.throws(() => keys.seal(Uint8Array.of(1)), /no counter left/);
});

test('old keys open for a minute what was sealed with them, and then nothing', () => {
  for (const [waitMs, expected] of [[59_000, 1], [62_000, 0]] as const) {
    const { a, b, world } = opened();
    world.pass(hour - 2000);
    world.say(a, b, 0x50, 7);
    const late = world.air.pop()!;
    world.pass(1500); // the INIT at the hour
    const before = b.all('received').length;
    world.pass(waitMs);
    world.arrive(late);
    assert.is(b.all('received').length - before, expected, `${waitMs} ms`);
  }
});

test('keys that cannot be renewed are used for 5 minutes more, and then the session ends', () => {
  const { a, b, world } = opened();
  world.route = ({ bytes }) => (bytes[0] === datagramType.data ? [5] : []);
  world.pass(hour + 290_000);
  assert.ok(talks(world, a, b));
  world.pass(20_000);
  assert.equal(a.all('closed').map(({ reason }) => reason), ['expired']);
  assert.equal(b.all('closed').map(({ reason }) => reason), ['expired']);
});

test('a renewal whose datagrams are lost is tried again', () => {
  const { a, b, world, seen } = opened();
  let isBlocked = true;
  world.route = (flight) => (seen.push(flight), isBlocked && flight.bytes[0] === datagramType.init ? [] : [5]);
  world.pass(hour + 30_000);
  assert.is(inits(seen), 6, 'one, and five in vain');
  isBlocked = false;
  world.pass(60_000);
  assert.is(inits(seen), 7);
  world.pass(270_000);
  assert.ok(talks(world, a, b));
  assert.is(a.all('closed').length, 0);
});

test('both renew at once: the session goes on, with the same keys on both sides', () => {
  for (let delayMs = 0; delayMs < 60; delayMs += 6) {
    const { a, b, world } = opened({ rekeyAfterPackets: 50 });
    const eager = new Node(2, '192.0.2.2:2000', { rekeyAfterPackets: 50 }, b.keys);
    world.nodes[1] = eager;
    world.pass(5000);
    world.connect(a, eager);
    world.pass(1000);
    world.route = () => [delayMs + 5];
    for (let i = 0; i < 120; i += 1) {
      world.say(a, eager, 0x50, i);
      world.say(eager, a, 0x50, i);
      world.pass(10);
    }
    world.pass(130_000);
    assert.ok(talks(world, a, eager), `${delayMs} ms`);
    assert.is(eager.all('closed').length, 0);
  }
});

test('who slept closes its sessions before anything else, and seals nothing with the keys it fell asleep with', () => {
  const { a, b, world, seen } = opened();
  world.pass(5000);
  world.say(a, b, 0x50, 1);
  world.pass(1000);
  seen.length = 0;
  const wokenAt = (a.link.deadline() ?? 0) + 10_000;
  world.now = instant(wokenAt - 1);
  world.say(a, b, 0x50, 2);
  assert.equal(a.all('closed'), [], 'late, and no more');
  world.intercept();
  seen.length = 0;
  world.now = instant((a.link.deadline() ?? 0) + 10_000); // no wakeup came meanwhile
  assert.equal(world.tell(a, { kind: 'send', peer: b.id, frame: Uint8Array.of(0x50, 3) }).map(({ kind }) => kind), ['closed', 'dropped']);
  assert.equal(a.all('closed').map(({ reason }) => reason), ['slept']);
  assert.equal(seen, []);
  world.connect(a, b);
  world.pass(100);
  assert.ok(talks(world, a, b), 'there is another');
});

test('a peer that restarted during our renewal gets a new session, and both are told', () => {
  const { a, b, world } = opened();
  world.pass(hour - 2000);
  const again = new Node(3, '192.0.2.2:2000', {}, b.keys);
  world.nodes[1] = again;
  world.pass(3000);
  assert.equal(a.all('closed').map(({ reason }) => reason), ['replaced']);
  assert.is(a.all('opened').length, 2);
  assert.is(again.all('opened').length, 1);
  assert.ok(talks(world, a, again));
});

test.run();
