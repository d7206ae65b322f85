// What was lost on the way here is told of: not what it was, but that it was.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { missedAfterMs } from '../dist/constants.js';
import { type Flight, Node, World } from './support/pair.js';

/** Two in a session, and so many packets from one to the other that are still in the air. */
const underWay = (count: number): { a: Node; b: Node; world: World; flights: readonly Flight[] } => {
  const a = new Node(1, '192.0.2.1:1000');
  const b = new Node(2, '192.0.2.2:2000');
  const world = new World(a, b);
  world.open(a, b);
  for (let i = 0; i < count; i += 1) world.say(a, b, 0x50, i);
  return { a, b, world, flights: world.intercept() };
};
const missed = (node: Node): number => node.all('missed').length;

test('packets that stay away while a later one has come are missed, once, after a moment', () => {
  const { a, b, world, flights } = underWay(4);
  world.arrive(flights[2]!);
  world.pass(missedAfterMs - 1);
  assert.is(missed(b), 0);
  world.pass(1);
  assert.equal(b.all('missed'), [{ kind: 'missed', peer: a.id }]);
  world.arrive(flights[3]!);
  world.pass(5_000);
  assert.is(missed(b), 1);
  assert.is(missed(a), 0);
});

test('packets that overtake one another are not missed', () => {
  const { b, world, flights } = underWay(3);
  world.arrive(flights[2]!);
  world.pass(missedAfterMs / 2);
  world.arrive(flights[0]!);
  world.arrive(flights[1]!);
  world.pass(5_000);
  assert.is(missed(b), 0);
});

test('what comes very late does not hide the next one that is lost', () => {
  const { b, world, flights } = underWay(5);
  world.arrive(flights[2]!);
  world.pass(missedAfterMs);
  world.arrive(flights[0]!);
  world.arrive(flights[1]!);
  world.arrive(flights[4]!);
  world.pass(missedAfterMs);
  assert.is(missed(b), 2);
});

test('who is sent nothing more misses nothing: that is left to the other side, which asks whether anybody is there', () => {
  const { b, world } = underWay(1);
  world.pass(1_000 + missedAfterMs);
  assert.is(missed(b), 1);
});

test('losses without end are told of once in a moment, however many they are', () => {
  const { a, b, world } = underWay(0);
  let count = 0;
  world.route = (flight) => (flight.from === a.address && (count += 1) % 2 === 0 ? [] : [0]);
  for (let ms = 0; ms < 1_000; ms += 1) {
    world.say(a, b, 0x50);
    world.pass(1);
  }
  const most = 1_000 / missedAfterMs;
  assert.ok(missed(b) > most / 2 && missed(b) <= most, `${missed(b)} times in a second`);
});

test.run();
