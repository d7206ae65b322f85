// What was sent once is taken once: DATA by its counter, INIT by its time.
import { instant } from '@srp/machine';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ReplayWindow } from '../dist/replay.js';
import { type Flight, Node, World } from './support/pair.js';
import { SlowReplayWindow } from './reference/replay.js';

test('the window agrees with its slow twin on any order of counters', () => {
  const step = fc.oneof(fc.integer({ min: -1100, max: 40 }), fc.integer({ min: -3, max: 3 }), fc.integer({ min: 1000, max: 3000 }));
  fc.assert(
    fc.property(fc.nat({ max: 2 ** 40 }), fc.array(step, { maxLength: 300 }), (start, steps) => {
      const [window, twin] = [new ReplayWindow(), new SlowReplayWindow()];
      let top = start;
      for (const by of steps) {
        const counter = Math.max(0, top + by);
        assert.is(window.isFresh(counter), twin.isFresh(counter), `counter ${counter}`);
        if (window.isFresh(counter)) assert.is(window.mark(counter), twin.mark(counter));
        assert.is(window.missingCount, twin.missingCount);
        top = Math.max(top, counter);
      }
    }),
    { numRuns: 200 },
  );
});

test('asking alone marks nothing', () => {
  const window = new ReplayWindow();
  assert.is(window.isFresh(5), true);
  assert.is(window.isFresh(5), true);
  assert.is(window.isEmpty, true);
  window.mark(5);
  assert.is(window.isFresh(5), false);
  assert.is(window.isFresh(2 ** 49), true);
});

const opened = (): { a: Node; b: Node; world: World } => {
  const a = new Node(1, '192.0.2.1:1000');
  const b = new Node(2, '192.0.2.2:2000');
  const world = new World(a, b);
  world.open(a, b);
  return { a, b, world };
};

test('takes packets in any order, each once, up to 1024 late', () => {
  const { a, b, world } = opened();
  for (let i = 0; i < 1026; i += 1) world.say(a, b, 0x50, i >> 8, i & 255);
  const flights = world.intercept();
  world.arrive(flights[1025]!);
  for (const flight of flights) world.arrive(flight);
  assert.is(b.all('received').length, 1024, 'the newest, and 1023 before it');
  assert.equal(b.link.drops(), { replayed: 3 });
});

test('garbage with a great counter does not move the window', () => {
  const { a, b, world } = opened();
  world.say(a, b, 0x50, 1);
  const [flight] = world.intercept();
  const forged = flight!.bytes.slice();
  forged.fill(0xff, 5, 11);
  world.arrive({ ...flight!, bytes: forged });
  assert.equal(b.link.drops(), { forged: 1 });
  world.arrive(flight!);
  assert.is(b.all('received').length, 1);
});

test('a copy of an INIT gets the same RESP, seven times, and only costs a hash', () => {
  const { a, b, world } = opened();
  const c = new Node(3, '192.0.2.3:3000');
  world.nodes.push(c);
  world.connect(c, b);
  const [init] = world.intercept();
  for (let i = 0; i < 9; i += 1) world.arrive(init!);
  const answers = world.intercept();
  assert.is(answers.length, 7);
  for (const answer of answers) assert.equal(answer.bytes, answers[0]!.bytes);
  assert.equal(b.link.drops(), { unwanted: 2 });
  assert.is(a.all('closed').length, 0);
});

test('an INIT that opened a session opens none again', () => {
  const a = new Node(1, '192.0.2.1:1000');
  const b = new Node(2, '192.0.2.2:2000');
  const world = new World(a, b);
  const seen: Flight[] = [];
  world.route = (flight) => (seen.push(flight), [0]);
  world.connect(a, b);
  world.settle();
  world.tell(a, { kind: 'disconnect', peer: b.id });
  world.settle();
  const before = b.outputs.length;
  for (const flight of seen) if (flight.to === b.address) world.arrive(flight);
  assert.equal(b.outputs.slice(before).map((output) => ('reason' in output ? output.reason : output.kind)), ['stale-init', 'unknown-session', 'unknown-session']);
  assert.is(b.link.sessions().length, 0);
});

test('an INIT that was held back and comes late cannot end the session that is there', () => {
  const a = new Node(1, '192.0.2.1:1000');
  const b = new Node(2, '192.0.2.2:2000');
  const world = new World(a, b);
  world.connect(a, b);
  const [heldBack] = world.intercept();
  world.route = () => [];
  world.pass(4000);
  world.route = () => [0];
  world.open(b, a); // the peer comes the other way, so b has no newer INIT of a
  world.arrive(heldBack!);
  world.settle();
  world.pass(30_000);
  world.say(a, b, 0x50, 1);
  world.say(b, a, 0x50, 2);
  world.settle();
  assert.is(b.all('received').length, 1);
  assert.is(a.all('received').length, 1);
  assert.equal(b.all('closed'), []);
});

test('a clock that was set back shuts its owner out for 10 minutes and no longer', () => {
  const a = new Node(1, '192.0.2.1:1000');
  const b = new Node(2, '192.0.2.2:2000');
  const world = new World(a, b);
  world.open(a, b);
  world.tell(a, { kind: 'disconnect', peer: b.id });
  world.settle();
  // The same peer starts again, with a clock that is a day behind that of the others.
  const again = new Node(3, '192.0.2.1:1000', {}, a.keys);
  const day = 86_400_000;
  world.now = instant(world.now + day);
  const initOf = (): Flight => {
    const [out] = new Node(3, '192.0.2.1:1000', {}, a.keys).link.handle(instant(world.now - day - 1000), { kind: 'connect', peer: b.id, address: b.address });
    return { from: again.address, to: b.address, bytes: out?.kind === 'transmit' ? out.bytes : new Uint8Array(0) };
  };
  world.open(a, b);
  world.tell(a, { kind: 'disconnect', peer: b.id });
  world.settle();
  world.arrive(initOf());
  assert.equal(b.link.drops(), { 'stale-init': 1 });
  world.now = instant(world.now + 600_000);
  world.arrive(initOf());
  assert.is(world.intercept().length, 1);
});

test('the time of an INIT grows though the clock stands still', () => {
  const a = new Node(1, '192.0.2.1:1000');
  const b = new Node(2, '192.0.2.2:2000');
  const world = new World(a, b);
  for (let i = 0; i < 5; i += 1) {
    world.open(a, b);
    world.tell(a, { kind: 'disconnect', peer: b.id });
    world.settle();
  }
  assert.is(b.all('opened').length, 5);
});

test.run();
