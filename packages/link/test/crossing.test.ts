// Both sides begin at once, over a network that loses, copies, delays and reorders at will. Whatever it did, once it
// behaves both sides have one session with keys that fit.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { at, Node, World } from './support/pair.js';

/** What the network does with the n-th datagram: how late each copy is. */
const fate = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: 1, max: 60 }).map((ms) => [ms]) },
  { weight: 2, arbitrary: fc.integer({ min: 60, max: 450 }).map((ms) => [ms]) },
  { weight: 2, arbitrary: fc.constant<number[]>([]) },
  { weight: 1, arbitrary: fc.tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 900 })).map((both) => [...both]) },
);
const action = fc.record({
  afterMs: fc.integer({ min: 0, max: 400 }),
  who: fc.nat({ max: 1 }),
  what: fc.constantFrom<('connect' | 'send')[]>('connect', 'connect', 'send'),
});

/** The same without loss. */
const lossless = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: 1, max: 60 }).map((ms) => [ms]) },
  { weight: 3, arbitrary: fc.integer({ min: 60, max: 450 }).map((ms) => [ms]) },
  { weight: 1, arbitrary: fc.tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 900 })).map((both) => [...both]) },
);
const runs = (usual: number): { numRuns: number } => ({ numRuns: Number(process.env['SRP_RUNS'] ?? usual) });

const lastHeard = (node: Node): number | undefined => node.all('received').at(-1)?.frame[1];

test('both sides end with one session that carries frames both ways, however handshakes cross', () => {
  fc.assert(
    fc.property(fc.array(fate, { maxLength: 30 }), fc.array(action, { minLength: 1, maxLength: 8 }), (fates, actions) => {
      const a = new Node(1, '192.0.2.1:1000');
      const b = new Node(2, '192.0.2.2:2000');
      const world = new World(a, b);
      let count = 0;
      world.route = () => fates[count++] ?? [20];
      for (const { afterMs, who, what } of actions) {
        world.pass(afterMs);
        const [one, other] = who === 0 ? [a, b] : ([b, a] as const);
        if (what === 'connect') world.connect(one, other);
        else world.say(one, other, 0x50, 0);
      }
      world.pass(5000);
      // From here on nothing is lost. Whoever has no session asks for one, as a parent machine would.
      count = fates.length;
      for (let round = 1; round <= 8; round += 1) {
        if (a.link.sessionOf(b.id) === null) world.connect(a, b);
        if (b.link.sessionOf(a.id) === null) world.connect(b, a);
        world.say(a, b, 0x50, round);
        world.say(b, a, 0x50, round);
        world.pass(5000);
      }
      assert.is(lastHeard(a), 8);
      assert.is(lastHeard(b), 8);
      for (const node of [a, b]) {
        const story = node.outputs.filter(({ kind }) => kind === 'opened' || kind === 'closed');
        const opens = story.filter(({ kind }) => kind === 'opened').length;
        const ends = story.filter((output, i) => output.kind === 'closed' && story[i - 1]?.kind === 'opened').length;
        assert.is(opens - ends, 1, 'an opened without a closed is the open session, and there is one');
      }
    }),
    runs(120),
  );
});

test('without loss no frame is lost after the handshakes, for more than a minute', () => {
  fc.assert(
    fc.property(fc.array(lossless, { maxLength: 30 }), fc.array(action, { minLength: 1, maxLength: 6 }), (fates, actions) => {
      const a = new Node(1, '192.0.2.1:1000');
      const b = new Node(2, '192.0.2.2:2000');
      const world = new World(a, b);
      let count = 0;
      world.route = () => fates[count++] ?? [20];
      world.connect(a, b);
      for (const { afterMs, who } of actions) {
        world.pass(afterMs);
        if (who === 0) world.connect(a, b);
        else world.connect(b, a);
      }
      world.pass(2500);
      count = fates.length;
      for (let round = 1; round <= 15; round += 1) {
        world.say(a, b, 0x50, round);
        world.say(b, a, 0x50, round);
        world.pass(5000);
        assert.equal([lastHeard(a), lastHeard(b)], [round, round]);
      }
    }),
    runs(80),
  );
});

test('the lower PeerId drops an INIT that crosses its own, and sends its own to where that came from', () => {
  const [x, y] = [new Node(1, '192.0.2.1:1000'), new Node(2, '192.0.2.2:2000')];
  const [low, high] = x.id < y.id ? [x, y] : [y, x];
  const world = new World(low, high);
  world.connect(low, high, at('203.0.113.1:1')); // an old address of the higher one
  world.connect(high, low);
  const [, theirs] = world.intercept();
  world.arrive(theirs!);
  assert.equal(low.link.drops(), { crossed: 1 });
  const answer = world.intercept();
  assert.equal(answer.map(({ to, bytes }) => [to, bytes[0]]), [[high.address, 0x05]]);
  world.arrive(answer[0]!);
  world.settle();
  assert.equal(low.all('opened').map(({ role }) => role), ['initiator']);
  assert.equal(high.all('opened').map(({ role }) => role), ['responder']);
});

test('a crossing INIT that is copied from spoofed sources draws one INIT for each copy, to at most three of them, three times', () => {
  const [x, y] = [new Node(1, '192.0.2.1:1000'), new Node(2, '192.0.2.2:2000')];
  const [low, high] = x.id < y.id ? [x, y] : [y, x];
  const world = new World(low, high);
  world.connect(low, high);
  world.connect(high, low);
  const [, theirs] = world.intercept();
  world.route = () => [];
  const sent: string[] = [];
  world.route = ({ to }) => (sent.push(to), []);
  for (let i = 1; i <= 5; i += 1) for (let copy = 0; copy < 4; copy += 1) world.arrive({ ...theirs!, from: at(`203.0.113.${i}:1`) });
  world.pass(3000);
  assert.equal(sent.filter((to) => to.startsWith('203.')), [1, 1, 1, 2, 2, 2, 3, 3, 3].map((i) => `203.0.113.${i}:1`));
});

test('what answers a crossing INIT does not use up the three that leave by themselves', () => {
  const [x, y] = [new Node(1, '192.0.2.1:1000'), new Node(2, '192.0.2.2:2000')];
  const [low, high] = x.id < y.id ? [x, y] : [y, x];
  const world = new World(low, high);
  world.connect(low, high);
  world.connect(high, low);
  const theirs = world.intercept().find(({ from }) => from === high.address)!;
  world.route = () => [];
  for (let copy = 0; copy < 5; copy += 1) world.arrive(theirs);
  assert.is(low.all('transmit').length, 1 + 3);
  world.pass(2999);
  assert.is(low.all('transmit').length, 1 + 3 + 2);
});

test.run();
