// Bytes from anybody: cut, changed, mixed and made up. Nothing throws, nothing is delivered, and the session goes on.
import { decodeDatagram, type LinkOutput } from '@srp/link';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeInitPayload, decodeResponsePayload } from '../dist/payload.js';
import { at, type Flight, Node, World } from './support/pair.js';

/** Two links in the middle of everything: a session, a handshake each way, a COOKIE under way; and all they said. */
const busy = (): { a: Node; b: Node; world: World; seen: Flight[] } => {
  const a = new Node(1, '192.0.2.1:1000');
  const b = new Node(2, '192.0.2.2:2000', { freeInitsPerSecond: 2 });
  const world = new World(a, b);
  const seen: Flight[] = [];
  world.route = (flight) => (seen.push(flight), [0]);
  world.open(a, b);
  world.say(a, b, 0x50, 1);
  world.say(b, a, 0x50, 1);
  world.settle();
  for (let i = 3; i < 8; i += 1) {
    const guest = new Node(i, `203.0.${i}.1:1`);
    world.nodes[2] = guest;
    world.connect(guest, b);
    world.arrive(world.air.shift()!);
    world.air.splice(0);
  }
  world.nodes.splice(2);
  return { a, b, world, seen };
};
const types = [0x05, 0x06, 0x07, 0x08, 0x09, 0x0a];
const anyBytes = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.tuple(fc.constantFrom(...types), fc.uint8Array({ maxLength: 1400 })).map(([type, rest]) => Uint8Array.of(type, ...rest)),
  fc.tuple(fc.constantFrom(...types), fc.constantFrom(9, 29, 61, 74, 145, 200, 1227, 1232)).map(([type, length]) => new Uint8Array(length).fill(0xab, 1).fill(type, 0, 1)),
);
const harmless = (outputs: readonly LinkOutput[]): boolean =>
  outputs.every(({ kind }) => kind === 'dropped' || kind === 'punched' || kind === 'transmit');

test('no bytes make the reader throw, and what it reads it can place', () => {
  fc.assert(
    fc.property(anyBytes, (bytes) => {
      const read = decodeDatagram(bytes);
      if (read.ok) assert.ok(types.includes(bytes[0]!));
      decodeInitPayload(bytes);
      decodeResponsePayload(bytes);
    }),
    { numRuns: 2000 },
  );
});

test('made-up datagrams are dropped and counted, and the session goes on', () => {
  const { a, b, world } = busy();
  fc.assert(
    fc.property(anyBytes, fc.constantFrom('192.0.2.1:1000', '203.0.113.5:5', '[2001:db8::5]:5', '127.0.0.1:5'), (bytes, from) => {
      assert.ok(harmless(world.tell(b, { kind: 'datagram', from: at(from), bytes })));
    }),
    { numRuns: 1000 },
  );
  world.air.splice(0);
  world.say(a, b, 0x50, 99);
  world.settle();
  assert.is(b.all('received').at(-1)!.frame[1], 99);
  assert.is(b.all('opened').length, 1);
});

test('a datagram that is cut, lengthened or changed anywhere says nothing', () => {
  const { a, b, world, seen } = busy();
  const change = fc.record({ which: fc.nat({ max: seen.length - 1 }), cut: fc.nat({ max: 40 }), more: fc.nat({ max: 3 }), at: fc.nat(), by: fc.integer({ min: 1, max: 255 }) });
  fc.assert(
    fc.property(change, ({ which, cut, more, at: place, by }) => {
      const { to, from, bytes } = seen[which]!;
      const changed = Uint8Array.from([...bytes.subarray(0, Math.max(0, bytes.length - (more > 0 ? 0 : cut))), ...new Uint8Array(more)]);
      if (cut === 0 || more > 0) changed[place % changed.length]! ^= by;
      if (changed.length === bytes.length && changed.every((byte, i) => byte === bytes[i])) return;
      const node = to === a.address ? a : b;
      const outputs = world.tell(node, { kind: 'datagram', from, bytes: changed });
      assert.ok(outputs.every(({ kind }) => kind === 'dropped' || kind === 'transmit' || kind === 'punched'), JSON.stringify(outputs));
    }),
    { numRuns: 1500 },
  );
  assert.is(a.link.sessions().length, 1);
});

test('everything ever said, said again in any order from anywhere, delivers nothing twice', () => {
  const { a, b, world, seen } = busy();
  const before = [a.all('received').length, b.all('received').length];
  fc.assert(
    fc.property(fc.nat({ max: seen.length - 1 }), fc.constantFrom('192.0.2.1:1000', '192.0.2.2:2000', '203.0.113.5:5'), (which, from) => {
      const { to, bytes } = seen[which]!;
      world.tell(to === a.address ? a : b, { kind: 'datagram', from: at(from), bytes });
    }),
    { numRuns: 500 },
  );
  world.air.splice(0);
  assert.equal([a.all('received').length, b.all('received').length], before);
  assert.equal([a.all('moved').length, b.all('moved').length, a.all('closed').length, b.all('closed').length], [0, 0, 0, 0]);
});

test('whatever a peer seals, its session drops what is malformed and lives', () => {
  const { a, b, world } = busy();
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ minLength: 1, maxLength: 80 }), fc.tuple(fc.constantFrom(0, 1, 2, 0x28), fc.uint8Array({ maxLength: 60 })).map(([type, rest]) => Uint8Array.of(type, ...rest))), (frame) => {
      world.tell(a, { kind: 'send', peer: b.id, frame });
      const { bytes } = world.air.pop()!;
      const outputs = world.tell(b, { kind: 'datagram', from: a.address, bytes });
      assert.ok(outputs.every(({ kind }) => ['received', 'dropped', 'transmit'].includes(kind)), JSON.stringify(outputs));
      world.air.splice(0);
    }),
    { numRuns: 500 },
  );
  assert.is(b.link.sessions().length, 1);
});

test('inputs in any order keep the story straight: one closed for each opened', () => {
  const step = fc.record({ who: fc.nat({ max: 2 }), whom: fc.nat({ max: 2 }), what: fc.constantFrom('connect', 'send', 'disconnect', 'pass', 'settle', 'lose', 'network-changed', 'move'), ms: fc.nat({ max: 9000 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const nodes = [0, 1, 2].map((i) => new Node(i + 1, `192.0.2.${i + 1}:1`));
      const world = new World(...nodes);
      for (const { who, whom, what, ms } of steps) {
        const [one, other] = [nodes[who]!, nodes[whom]!];
        if (what === 'connect') world.connect(one, other);
        else if (what === 'send') world.say(one, other, 0x50, 1);
        else if (what === 'disconnect') world.tell(one, { kind: 'disconnect', peer: other.id });
        else if (what === 'network-changed') world.tell(one, { kind: 'network-changed' });
        else if (what === 'pass') world.pass(ms);
        else if (what === 'settle') world.settle();
        else if (what === 'lose') world.air.splice(0);
        else one.address = at(`192.0.2.${(who + 1) * 10 + (ms % 10)}:1`);
      }
      for (const node of nodes) {
        for (const { id } of nodes) {
          let isOpen = false;
          for (const output of node.outputs) {
            if (!('peer' in output) || output.peer !== id) continue;
            if (output.kind === 'opened') {
              assert.is(isOpen, false, 'opened twice');
              isOpen = true;
            } else if (output.kind === 'closed') {
              isOpen = false;
            } else {
              assert.is(isOpen, true, `${output.kind} without a session`);
            }
          }
          assert.is(node.link.sessionOf(id) !== null, isOpen);
        }
      }
    }),
    { numRuns: 120 },
  );
});

test.run();
