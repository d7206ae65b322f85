// Large datagrams: where they are asked for, what an answer is worth, and that nothing else depends on them.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as size from '../dist/constants.js';
import { at, type Flight, Node, World } from './support/pair.js';

const loopback = (): { a: Node; b: Node; world: World; seen: Flight[] } => between('127.0.0.1:1000', '127.0.0.1:2000');

const between = (here: string, there: string): { a: Node; b: Node; world: World; seen: Flight[] } => {
  const [a, b] = [new Node(1, here), new Node(2, there)];
  const world = new World(a, b);
  world.open(a, b);
  const seen: Flight[] = [];
  world.route = (flight) => (seen.push(flight), [0]);
  return { a, b, world, seen };
};

/** Says so many frames of a length at once, and returns the lengths of the datagrams that go from there. */
const say = ({ world, seen }: { world: World; seen: Flight[] }, from: Node, to: Node, count: number, length = 1033): readonly number[] => {
  const first = seen.length;
  world.tell(from, { kind: 'send-all', peer: to.id, frames: Array.from({ length: count }, (_, i) => new Uint8Array(length).fill(i, 1).fill(0x50, 0, 1)) });
  const lengths = seen.slice(first).filter((flight) => flight.from === from.address).map(({ bytes }) => bytes.length);
  world.settle();
  return lengths;
};

const ordinary = (count: number): readonly number[] => new Array<number>(count).fill(1033 + 29);

test('over loopback a path is asked by a PING as long as the datagrams are to be, and carries large ones when that was answered', () => {
  const pair = loopback();
  const { a, b } = pair;
  assert.equal(say(pair, a, b, 32), [...ordinary(32), size.largeDatagramBytesMax]);
  assert.equal(say(pair, a, b, 32), [1 + 32 * (2 + 1033) + 29]);
  assert.equal(say(pair, a, b, 32, 1198), [size.largeDatagramBytesMax], 'the longest of all');
  assert.equal(say(pair, a, b, 40), [1 + 37 * (2 + 1033) + 29, 1 + 3 * (2 + 1033) + 29]);
  assert.equal(b.all('received').map(({ frame }) => frame.length), [...new Array<number>(64).fill(1033), ...new Array<number>(32).fill(1198), ...new Array<number>(40).fill(1033)]);
  assert.equal(b.all('received').slice(0, 32).map(({ frame }) => frame[1]), Array.from({ length: 32 }, (_, i) => i));
  assert.equal([a.link.drops(), b.link.drops()], [{}, {}]);
});

test('nobody asks who has little to say', () => {
  const pair = loopback();
  for (let i = 0; i < 100; i += 1) {
    assert.equal(say(pair, pair.a, pair.b, 1), ordinary(1));
    assert.equal(say(pair, pair.a, pair.b, 3, 100), [1 + 3 * 102 + 29], 'short frames share an ordinary datagram');
  }
});

test('a path that carries no large datagrams is asked once a second at most, and loses nothing by it', () => {
  const pair = loopback();
  const { a, b, world, seen } = pair;
  world.route = (flight) => (seen.push(flight), flight.bytes.length > 9000 ? [] : [0]);
  let questions = 0;
  for (let i = 0; i < 50; i += 1) {
    const lengths = say(pair, a, b, 2);
    questions += lengths.length - 2;
    world.pass(100);
  }
  assert.is(questions, 5);
  assert.is(b.all('received').length, 100);
  assert.equal(a.all('closed'), []);
});

test('an answer is good for 10 s, and asked for again after 5: a path that carries less than before is noticed', () => {
  const pair = loopback();
  const { a, b, world, seen } = pair;
  say(pair, a, b, 2);
  world.route = (flight) => (seen.push(flight), flight.bytes.length > 9000 ? [] : [0]);
  world.pass(4_900);
  assert.equal(say(pair, a, b, 9).length, 1, 'it is still believed');
  world.pass(5_200);
  assert.equal(say(pair, a, b, 9).slice(0, 9), ordinary(9), 'and now it is not');
  world.route = (flight) => (seen.push(flight), [0]);
  world.pass(1_000);
  say(pair, a, b, 9);
  assert.equal(say(pair, a, b, 9).length, 1, 'it is better again');
});

test('no datagram above 1227 bytes goes anywhere but over loopback, however much there is to say', () => {
  for (const [here, there] of [['192.0.2.1:1000', '192.0.2.2:2000'], ['10.0.0.1:1000', '10.0.0.2:2000'], ['[fd00::1]:1000', '[fd00::2]:2000']] as const) {
    const pair = between(here, there);
    for (let i = 0; i < 3; i += 1) assert.equal(say(pair, pair.a, pair.b, 32), ordinary(32));
    assert.ok(pair.seen.every(({ bytes }) => bytes.length <= 1227));
  }
});

test('a session that moves away from loopback says what it says in ordinary datagrams', () => {
  const pair = loopback();
  const { a, b, world, seen } = pair;
  say(pair, a, b, 2);
  b.address = at('198.51.100.7:7');
  world.say(b, a, 0x50, 1);
  world.settle();
  assert.is(a.all('moved').length, 1);
  seen.length = 0;
  assert.equal(say(pair, a, b, 32), ordinary(32));
});

test('a DATA of 38430 bytes is read, one of more is none, and a frame above 1198 bytes in it is dropped', () => {
  const pair = loopback();
  const { a, b, world, seen } = pair;
  say(pair, a, b, 2);
  say(pair, a, b, 32, 1198);
  const longest = seen.at(-1)!;
  assert.is(longest.bytes.length, 38_430);
  const before = b.all('received').length;
  world.arrive({ ...longest, bytes: new Uint8Array(38_431).fill(8, 0, 1) });
  world.arrive({ ...longest, bytes: new Uint8Array(65_507).fill(8, 0, 1) });
  assert.equal(b.link.drops(), { 'wrong-length': 2 });
  assert.is(b.all('received').length, before);
});

test.run();
