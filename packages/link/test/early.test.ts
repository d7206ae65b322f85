// What rides in INIT and RESP besides the handshake: read at once, heeded when its sender has shown to be there.
import { type AnswerEarly, type EarlyWords } from '@srp/link';
import { type Address, makeAddress, type PeerId, tagOf, type TopicId } from '@srp/machine';
import { encodeFrame } from '@srp/wire';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as size from '../dist/constants.js';
import { at, type Flight, Node, World } from './support/pair.js';

const tag = tagOf('77'.repeat(32) as TopicId);
const hello = encodeFrame({ kind: 'hello', version: 1, tags: [tag], addresses: [], mapping: 'unknown', filtering: 'unknown' });
const find = encodeFrame({ kind: 'find', tag });
const someone = (n: number): { readonly peer: PeerId; readonly address: Address } => ({ peer: n.toString(16).padStart(2, '0').repeat(32) as PeerId, address: makeAddress(`60.1.2.${n}`, 4000)! });
const names = Array.from({ length: 8 }, (_, n) => someone(n + 1));
const peers = encodeFrame({ kind: 'peers', tag, peers: names, closer: [] });
const ownHello = encodeFrame({ kind: 'hello', version: 1, tags: [tag], addresses: [at('60.1.1.1:4000')], mapping: 'independent', filtering: 'independent' });

/** Answers HELLO with HELLO, FIND with eight names, and keeps the HELLO for later. */
const introducer: AnswerEarly = (_now, { frames }) => ({ frames: [ownHello, peers], left: frames.filter((frame) => frame[0] === 0x20) });

const pair = (answerEarly?: AnswerEarly): { a: Node; b: Node; world: World; seen: Flight[] } => {
  const a = new Node(1, '192.0.2.1:1000');
  const b = new Node(2, '192.0.2.2:2000', {}, undefined, answerEarly);
  const world = new World(a, b);
  const seen: Flight[] = [];
  world.route = (flight) => (seen.push(flight), [50]);
  return { a, b, world, seen };
};
const dial = (world: World, a: Node, b: Node, early: readonly Uint8Array[]): unknown => world.tell(a, { kind: 'connect', peer: b.id, address: b.address, early });

test('a newcomer has names one round trip after its first datagram, and each side knows what the other has', () => {
  const { a, b, world, seen } = pair(introducer);
  dial(world, a, b, [hello, find]);
  world.pass(100);
  assert.equal(a.all('opened')[0]!.said, [hello, find]);
  assert.equal(a.all('received').map(({ frame }) => frame), [ownHello, peers]);
  assert.equal(b.said, []);
  world.pass(50);
  assert.equal(b.all('opened')[0]!.said, [ownHello, peers]);
  assert.equal(b.all('received').map(({ frame }) => frame), [hello]);
  assert.equal(b.said, ['opened', 'received', 'observed']);
  assert.equal(seen.map(({ bytes }) => bytes.length), [672, 644, 62], `HELLO ${ownHello.length}, PEERS ${peers.length}`);
});

test('without anybody to answer, early frames are delivered when the session opens, once', () => {
  const { a, b, world } = pair();
  dial(world, a, b, [hello, find]);
  const [init] = world.intercept();
  world.arrive(init!);
  world.arrive(init!);
  assert.equal(b.said, []);
  world.pass(1000);
  assert.equal(b.all('received').map(({ frame }) => frame), [hello, find]);
  assert.is(b.all('opened').length, 1);
});

test('an INIT that is sent again by somebody else, at once or later, has no effect but a RESP that he cannot read', () => {
  const heard: EarlyWords[] = [];
  const { a, b, world } = pair((now, words) => (heard.push(words), introducer(now, words)));
  dial(world, a, b, [hello, find]);
  const [init] = world.intercept();
  world.nodes.shift(); // its sender is gone
  for (const from of ['203.0.113.5:5', '203.0.113.5:5', '203.0.113.6:6']) world.arrive({ ...init!, from: at(from) });
  assert.is(heard.length, 1, 'a copy is answered from memory');
  assert.equal(b.said, []);
  for (const { bytes, to } of world.intercept()) assert.ok(bytes.length <= init!.bytes.length && to !== a.address);
  world.pass(11_000);
  world.arrive({ ...init!, from: at('203.0.113.5:5') });
  world.pass(11_000);
  assert.equal(b.said, ['dropped stale-init']);
  assert.is(heard.length, 1);
});

test('an answer that leaves no room is refused as a bug of the caller, and a RESP is never longer than its INIT', () => {
  const exact: AnswerEarly = (_now, { bytesMax }) => ({ frames: [new Uint8Array(bytesMax - 2).fill(0x22)], left: [] });
  for (const early of [[hello], [find], [hello, find], [new Uint8Array(900).fill(0x20), find]]) {
    const { a, b, world, seen } = pair(exact);
    dial(world, a, b, early);
    world.pass(100);
    assert.is(seen[1]!.bytes.length, seen[0]!.bytes.length);
    assert.is(a.all('received').length, 1);
  }
  const { a, b, world } = pair((_now, { bytesMax }) => ({ frames: [new Uint8Array(bytesMax - 1)], left: [] }));
  dial(world, a, b, [find]);
  assert.throws(() => world.pass(100), /there is room for/);
});

test('of more early frames than an INIT holds the first ones ride, and `said` names those', () => {
  const { a, b, world, seen } = pair();
  const long = new Uint8Array(1040).fill(0x20);
  dial(world, a, b, [long, find, hello]);
  world.pass(150);
  assert.equal(a.all('opened')[0]!.said, [long]);
  assert.equal(b.all('received').map(({ frame }) => frame.length), [1040]);
  const exact = pair();
  dial(exact.world, exact.a, exact.b, [new Uint8Array(1042).fill(0x22)]);
  assert.is(exact.seen[0]!.bytes.length, 1227);
  assert.ok(seen[0]!.bytes.length < 1227);
});

test('what an INIT leaves for later is bounded: 512 answers with the frames of one INIT each', () => {
  assert.ok(size.unconfirmedMax * 3 * size.datagramBytesMax < 2 * 2 ** 20);
});

test.run();
