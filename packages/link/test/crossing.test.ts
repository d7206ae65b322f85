// Both sides begin at once, over a network that loses, copies, delays and reorders at will. Whatever it did, once it
// behaves both sides have one session with keys that fit.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { at, type Flight, Node, World } from './support/pair.js';

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

/** Two nodes by PeerId. */
const lowAndHigh = (): readonly [Node, Node] => {
  const [x, y] = [new Node(1, '192.0.2.1:1000'), new Node(2, '192.0.2.2:2000')];
  return x.id < y.id ? [x, y] : [y, x];
};

const lastHeard = (node: Node): number | undefined => node.all('received').at(-1)?.frame[1];

/** One of the nodes is behind a NAT that gives it another port for each destination, and lets everyone in: the other side sees it elsewhere than where it is said to be. */
class Translated extends World {
  readonly #who: Node | undefined;
  readonly #seenAt = at('192.0.2.9:9000');

  constructor(nodes: readonly Node[], who: number) {
    super(...nodes);
    this.#who = nodes[who];
  }

  override arrive({ from, to, bytes }: Flight): void {
    const who = this.#who?.address;
    super.arrive({ from: from === who ? this.#seenAt : from, to: who !== undefined && to === this.#seenAt ? who : to, bytes });
  }
}
const translated = fc.integer({ min: 0, max: 2 });

test('both sides end with one session that carries frames both ways, however handshakes cross', () => {
  fc.assert(
    fc.property(fc.array(fate, { maxLength: 30 }), fc.array(action, { minLength: 1, maxLength: 8 }), translated, (fates, actions, who) => {
      const a = new Node(1, '192.0.2.1:1000');
      const b = new Node(2, '192.0.2.2:2000');
      const world = new Translated([a, b], who);
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
    fc.property(fc.array(lossless, { maxLength: 30 }), fc.array(action, { minLength: 1, maxLength: 6 }), translated, (fates, actions, who) => {
      const a = new Node(1, '192.0.2.1:1000');
      const b = new Node(2, '192.0.2.2:2000');
      const world = new Translated([a, b], who);
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

test('two that begin at one moment both have a session after one round trip, and what both say at once arrives', () => {
  const [low, high] = lowAndHigh();
  const world = new World(low, high);
  world.route = () => [50];
  world.connect(low, high);
  world.connect(high, low);
  world.pass(100);
  assert.equal([low, high].map((node) => node.all('opened').map(({ role }) => role)), [['initiator'], ['initiator']]);
  world.say(low, high, 0x50, 1);
  world.say(high, low, 0x50, 2);
  world.pass(50);
  assert.equal([lastHeard(low), lastHeard(high)], [2, 1]);
  world.pass(10_000);
  for (const [node, other] of [[low, high], [high, low]] as const) {
    assert.equal(node.said.filter((what) => what === 'opened' || what.startsWith('closed')), ['opened']);
    world.say(node, other, 0x50, 3);
    world.pass(50);
    assert.is(lastHeard(other), 3);
  }
});

test('an INIT that comes when the handshake of the lower PeerId has just ended is not answered', () => {
  const [low, high] = lowAndHigh();
  const world = new World(low, high);
  world.connect(high, low);
  const [overtaken] = world.intercept();
  world.connect(low, high);
  world.arrive(world.intercept()[0]!);
  world.arrive(world.intercept()[0]!);
  assert.equal(low.all('opened').map(({ role }) => role), ['initiator']);
  world.intercept(); // its first DATA is still under way
  world.arrive(overtaken!);
  assert.equal(low.link.drops(), { crossed: 1 });
  assert.equal(world.intercept(), []);
});

test('whose INIT finds no way in has its session by answering that of the other side, after three ways', () => {
  const [low, high] = lowAndHigh();
  for (const [one, other] of [[low, high], [high, low]] as const) {
    const world = new World(one, other);
    world.route = () => [50];
    world.connect(one, other, at('203.0.113.1:1')); // where others see it: its NAT has another port for each
    world.connect(other, one);
    world.pass(150);
    assert.ok([one, other].every(({ link }, i) => link.sessionOf([other, one][i]!.id) !== null));
  }
});

test('a crossing INIT that is copied from spoofed sources draws RESPs that are no longer: seven to each of 16 sources', () => {
  const [low, high] = lowAndHigh();
  const world = new World(low, high);
  world.connect(low, high);
  world.connect(high, low);
  const [, theirs] = world.intercept();
  const sent: { readonly to: string; readonly type: number | undefined; readonly length: number }[] = [];
  world.route = ({ to, bytes }) => (sent.push({ to, type: bytes[0], length: bytes.length }), []);
  for (let i = 1; i <= 20; i += 1) for (let copy = 0; copy < 8; copy += 1) world.arrive({ ...theirs!, from: at(`203.0.113.${i}:1`) });
  world.pass(3000);
  const spoofed = sent.filter(({ to }) => to.startsWith('203.'));
  assert.is(spoofed.length, 16 * 7);
  assert.ok(spoofed.every(({ type, length }) => type === 0x06 && length <= theirs!.bytes.length));
});

test.run();
