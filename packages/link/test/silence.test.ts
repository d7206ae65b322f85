// How long a NAT remembers us, found out by who asks and who does not come through.
import { type Address, instant } from '@srp/machine';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Silence, toldBy, untold } from '../dist/silence.js';
import { type Flight, Node, World } from './support/pair.js';

const free = toldBy(255);
const at = (seconds: number) => instant(1_000_000 + 1000 * seconds);

test('two networks must have come through after a silence before it is made use of', () => {
  const silence = new Silence();
  assert.is(silence.knownMs, 25_000);
  for (let i = 0; i < 100; i += 1) silence.heard('a liar', 100_000);
  assert.is(silence.knownMs, 25_000, 'one network is not believed, whatever it does');
  silence.heard('another', 50_000);
  assert.is(silence.knownMs, 45_000, 'nine tenths of what two networks agree on');
});

test('nothing is learnt that is longer than 100 s, and 16 networks are remembered', () => {
  const silence = new Silence();
  for (let i = 0; i < 1000; i += 1) silence.heard(`network ${i}`, 10_000_000);
  assert.is(silence.knownMs, 90_000);
  assert.ok(silence.allowedMs(at(0), free) <= 100_000);
});

test('a silence that was too long counts at once, for half an hour, and never leads below 12 s', () => {
  const silence = new Silence();
  for (const network of ['a', 'b', 'c']) silence.heard(network, 80_000);
  silence.failed(at(0), 60_000);
  assert.is(silence.knownMs, 40_500, 'nine tenths of three quarters');
  assert.is(silence.allowedMs(at(0), free), 45_000, 'nothing longer is tried');
  for (let i = 0; i < 100; i += 1) silence.failed(at(i), silence.knownMs);
  assert.is(silence.knownMs, 12_000);
  assert.is(silence.allowedMs(at(100 + 1800), free), 18_000, 'then it is tried again, step by step');
});

test('who moves to another network knows nothing of it', () => {
  const silence = new Silence();
  for (const network of ['a', 'b']) silence.heard(network, 80_000);
  silence.forget();
  assert.is(silence.knownMs, 25_000);
});

test('what another says of itself is read within bounds, and changes nothing of what is known here', () => {
  assert.equal(toldBy(0), untold);
  assert.is(toldBy(1).ms, 12_000);
  assert.is(toldBy(254).ms, 100_000);
  assert.ok(free.isFree && free.ms === 100_000);
});

/** A peer behind a box that forgets after so long, with two that everybody reaches; what is sent from outside after that is lost. */
const behindBox = (lifetimeMs: number) => {
  const inside = new Node(1, '198.51.100.9:1000');
  const outside = [new Node(2, '192.0.2.1:2000'), new Node(3, '203.0.113.1:3000')] as const;
  const world = new World(inside, ...outside);
  const passedAt = new Map<Address, number>();
  let datagrams = 0;
  world.route = ({ from, to }: Flight) => {
    datagrams += 1;
    const remote = from === inside.address ? to : from;
    const isOpen = from === inside.address || world.now - (passedAt.get(remote) ?? -Infinity) < lifetimeMs;
    if (isOpen) passedAt.set(remote, world.now);
    return isOpen ? [40] : [];
  };
  for (const node of outside) {
    world.tell(node, { kind: 'free', isFree: true });
    world.connect(inside, node);
  }
  /** How many datagrams all three send in so many minutes. */
  const count = (minutes: number): number => {
    const before = datagrams;
    world.pass(60_000 * minutes);
    return datagrams - before;
  };
  return { inside, outside, world, count };
};

for (const [seconds, most] of [[20, 18], [60, 7], [300, 4]] as const) {
  test(`behind a box that forgets after ${seconds} s sessions live, and each costs at most ${most} datagrams a minute once that is found out`, () => {
    const { inside, outside, count } = behindBox(1000 * seconds);
    count(20);
    const each = count(20) / 20 / outside.length;
    assert.ok(each <= most, `${each} datagrams a minute`);
    for (const node of [inside, ...outside]) assert.is(node.all('closed').length, 0, 'no session is lost while it is found out');
  });
}

test('a box that forgets sooner than before is noticed by the next silence, and no session is lost', () => {
  const { inside, outside, world, count } = behindBox(300_000);
  count(20);
  let cut = 0;
  const { route } = world;
  let lastAt = world.now;
  world.route = (flight) => {
    const isOpen = flight.from === inside.address || world.now - lastAt < 30_000;
    if (isOpen) lastAt = world.now;
    else cut += 1;
    return isOpen ? route(flight) : [];
  };
  count(5);
  const before = cut;
  count(20);
  assert.ok(before > 0 && cut - before <= 2 * 8, `${cut - before} datagrams came to a closed box later`);
  for (const node of [inside, ...outside]) assert.is(node.all('closed').length, 0);
});

test('one that is free and never asks costs a PING in 12 s and no more', () => {
  const { inside, outside, world } = behindBox(300_000);
  const [, liar] = outside;
  world.pass(1000);
  // It answers as it should, and what it says by itself is lost.
  const { route } = world;
  let answers = false;
  world.route = (flight) => {
    if (flight.from === inside.address && flight.to === liar.address) answers = true;
    if (flight.from !== liar.address) return route(flight);
    const isAnswer = answers;
    answers = false;
    return isAnswer ? route(flight) : [];
  };
  world.pass(20 * 60_000);
  const before = inside.all('transmit').length;
  world.pass(10 * 60_000);
  assert.ok(inside.all('transmit').length - before <= (10 * 60) / 5, `${inside.all('transmit').length - before} in ten minutes, for two sessions`);
});

test.run();
