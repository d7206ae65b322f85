// Floods of handshakes: what they cost, who still gets in, and what cookies prove.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { datagramType } from '../dist/constants.js';
import { finishResponse, macKeysOf } from '../dist/macs.js';
import { at, type Flight, Node, World } from './support/pair.js';

const flood = (count: number): { b: Node; world: World; inits: Flight[] } => {
  const b = new Node(99, '192.0.2.2:2000');
  const world = new World(b);
  const inits: Flight[] = [];
  // Fresh keys for each, as an attacker makes them: the seed is the source.
  for (let i = 0; i < count; i += 1) {
    const node = new Node(i, `10.0.${i >> 8}.${i & 255}:1`);
    world.connect(node, b);
    inits.push(...world.intercept());
  }
  return { b, world, inits };
};
const typesOf = (flights: readonly Flight[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { bytes } of flights) {
    const name = Object.entries(datagramType).find(([, type]) => type === bytes[0])![0];
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
};

test('answers 20 INITs a second, and then with COOKIEs, which are shorter', () => {
  const { b, world, inits } = flood(50);
  for (const init of inits) world.arrive(init);
  const answers = world.intercept();
  assert.equal(typesOf(answers), { response: 20, cookie: 30 });
  for (const { bytes } of answers) if (bytes[0] === datagramType.cookie) assert.is(bytes.length, 61);
  assert.equal(b.link.drops(), { overloaded: 30 });
});

test('the second after, 20 more are free', () => {
  const { world, inits } = flood(50);
  for (const init of inits.slice(0, 25)) world.arrive(init);
  world.intercept();
  world.now = (world.now + 1000) as typeof world.now;
  for (const init of inits.slice(25)) world.arrive(init);
  assert.equal(typesOf(world.intercept()), { response: 20, cookie: 5 });
});

test('who receives the cookie at his address gets in during the flood', () => {
  const { b, world, inits } = flood(30);
  for (const init of inits) world.arrive(init);
  world.intercept();
  const honest = new Node(200, '198.51.100.1:1');
  world.nodes.push(honest);
  world.open(honest, b);
  assert.is(honest.all('opened').length, 1);
  assert.is(b.all('opened').length, 1);
});

test('a cookie is good for its address alone', () => {
  const { b, world, inits } = flood(30);
  for (const init of inits) world.arrive(init);
  world.intercept();
  const honest = new Node(200, '198.51.100.1:1');
  world.nodes.push(honest);
  world.connect(honest, b);
  world.arrive(world.intercept()[0]!);
  world.arrive(world.intercept()[0]!);
  const [withCookie] = world.intercept();
  for (const elsewhere of ['198.51.100.1:2', '198.51.100.2:1']) {
    world.arrive({ ...withCookie!, from: at(elsewhere) });
    assert.equal(typesOf(world.intercept()), { cookie: 1 });
  }
  world.arrive(withCookie!);
  assert.equal(typesOf(world.intercept()), { response: 1 });
});

test('a cookie is good for 120 to 240 s', () => {
  for (const [afterMs, answer] of [[1000, 'response'], [119_000, 'response'], [239_000, 'response'], [241_000, 'cookie']] as const) {
    const { b, world, inits } = flood(60);
    for (const init of inits.slice(0, 30)) world.arrive(init);
    world.intercept();
    const honest = new Node(200, '198.51.100.1:1');
    world.nodes.push(honest);
    world.connect(honest, b);
    world.arrive(world.intercept()[0]!);
    world.arrive(world.intercept()[0]!);
    const [withCookie] = world.intercept();
    // In the middle the secret is changed, as it would be under a flood that goes on.
    world.now = (world.now + afterMs / 2) as typeof world.now;
    for (const init of inits.slice(30)) world.arrive(init);
    world.now = (world.now + afterMs / 2) as typeof world.now;
    for (const init of inits.slice(30)) world.arrive({ ...init, from: at('10.9.9.9:9') });
    for (const init of inits.slice(0, 30)) world.arrive(init);
    world.intercept();
    world.arrive(withCookie!);
    assert.equal(typesOf(world.intercept()), { [answer]: 1 }, `after ${afterMs} ms`);
  }
});

test('one source gets 5 handshakes a second, cookies or not', () => {
  const { b, world, inits } = flood(30);
  for (const init of inits) world.arrive(init);
  world.intercept();
  let responses = 0;
  for (let i = 0; i < 12; i += 1) {
    const node = new Node(150 + i, `198.51.100.1:${i + 1}`);
    world.connect(node, b);
    world.nodes[1] = node;
    world.arrive(world.intercept()[0]!);
    world.arrive(world.intercept()[0]!);
    world.arrive(world.intercept()[0]!);
    responses += typesOf(world.intercept())['response'] ?? 0;
  }
  assert.is(responses, 5);
});

test('an IPv6 /64 is one source, and on loopback each port is one', () => {
  for (const [host, expected] of [['[2001:db8::%d]:1', 5], ['127.0.0.1:%d', 12]] as const) {
    const { b, world, inits } = flood(30);
    for (const init of inits) world.arrive(init);
    world.intercept();
    let responses = 0;
    for (let i = 0; i < 12; i += 1) {
      const node = new Node(150 + i, host.replace('%d', String(i + 1)));
      world.connect(node, b);
      world.nodes[1] = node;
      for (let turn = 0; turn < 3; turn += 1) world.arrive(world.intercept()[0]!);
      responses += typesOf(world.intercept())['response'] ?? 0;
    }
    assert.is(responses, expected, host);
  }
});

test('all sources together get ten times the free rate', () => {
  const { b, world, inits } = flood(20);
  for (const init of inits) world.arrive(init);
  world.intercept();
  let responses = 0;
  for (let i = 0; i < 230; i += 1) {
    const node = new Node(i, `198.${51 + (i >> 8)}.${i & 255}.1:1`);
    world.connect(node, b);
    world.nodes[1] = node;
    for (let turn = 0; turn < 3; turn += 1) for (const flight of world.intercept().slice(0, 1)) world.arrive(flight);
    responses += typesOf(world.intercept())['response'] ?? 0;
  }
  assert.is(responses, 200);
});

test('an INIT whose mac1 is wrong costs no cookie and gets no answer', () => {
  const { b, world, inits } = flood(1);
  const bytes = inits[0]!.bytes.slice();
  bytes[bytes.length - 20]! ^= 1;
  world.arrive({ ...inits[0]!, bytes });
  assert.is(world.intercept().length, 0);
  assert.equal(b.link.drops(), { 'wrong-mac': 1 });
});

test('a COOKIE that does not answer our INIT, or comes too often, moves nothing', () => {
  const { b, world, inits } = flood(30);
  for (const init of inits) world.arrive(init);
  world.intercept();
  const honest = new Node(200, '198.51.100.1:1');
  world.nodes.push(honest);
  world.connect(honest, b);
  const [init] = world.intercept();
  const answers = [1, 2, 3].map(() => {
    world.arrive(init!);
    return world.intercept()[0]!;
  });
  const forged = answers[0]!.bytes.slice();
  forged[60]! ^= 1;
  world.arrive({ ...answers[0]!, bytes: forged });
  assert.is(world.intercept().length, 0);
  const sent = answers.map((answer) => {
    world.arrive(answer);
    return world.intercept().length;
  });
  assert.equal(sent, [1, 1, 0]);
  assert.equal(honest.link.drops(), { unwanted: 2 });
});

test('false RESPs cost at most 100 tries a second, and do not end the handshake', () => {
  const a = new Node(1, '192.0.2.1:1000');
  const b = new Node(2, '192.0.2.2:2000');
  const world = new World(a, b);
  world.connect(a, b);
  world.arrive(world.intercept()[0]!);
  const [response] = world.intercept();
  const keys = macKeysOf(a.keys.publicKey);
  for (let i = 0; i < 150; i += 1) {
    const head = response!.bytes.slice(0, -16);
    head[20]! ^= 1 + (i & 127);
    world.arrive({ ...response!, bytes: finishResponse(head, keys) });
  }
  assert.equal(a.link.drops(), { forged: 100, overloaded: 50 });
  world.now = (world.now + 1000) as typeof world.now;
  world.arrive(response!);
  assert.is(a.all('opened').length, 1);
});

test('an answer that nobody confirms is let go after 10 s', () => {
  const b = new Node(99, '192.0.2.2:2000');
  const a = new Node(1, '192.0.2.1:1000');
  const world = new World(b, a);
  world.connect(a, b);
  world.arrive(world.intercept()[0]!);
  const [response] = world.intercept();
  world.route = () => [];
  world.pass(9999);
  assert.is.not(b.link.deadline(), null);
  world.pass(1);
  assert.is(b.link.deadline(), null);
  assert.equal(b.said, []);
  world.arrive(response!);
  assert.equal(a.link.drops(), { 'unknown-session': 1 });
});

test('holds 512 answers that nobody confirms; the oldest goes', () => {
  const b = new Node(99_999, '192.0.2.2:2000', { freeInitsPerSecond: 1000 });
  const world = new World(b);
  const guests = Array.from({ length: 513 }, (_, i) => new Node(i, `10.0.${i >> 8}.${i & 255}:1`));
  const responses = guests.map((guest) => {
    world.connect(guest, b);
    world.arrive(world.intercept()[0]!);
    return world.intercept()[0]!;
  });
  const open = (i: number): void => {
    world.nodes[1] = guests[i]!;
    world.arrive(responses[i]!);
    world.settle();
  };
  open(0);
  assert.equal(b.said, ['dropped unknown-session']);
  open(1);
  open(512);
  assert.is(b.link.sessions().length, 2);
});

test.run();
