// Sessions through a relay: how they begin, move to a direct path and come back, and what a relay and its ends refuse.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { encodeRelay, type LinkInput } from '@srp/link';
import { at, Node, World } from './support/pair.js';

const test = suite('relay');
const channel = 0x01020304;
const latencyMs = 20;

/** A and B each have a session with R, and reach each other only if `isDirect`. */
const meeting = (): { a: Node; b: Node; r: Node; world: World; direct: { isOpen: boolean } } => {
  const [a, b, r] = [new Node(1, '192.0.2.1:1000'), new Node(2, '198.51.100.2:2000'), new Node(3, '203.0.113.3:3000')];
  const world = new World(a, b, r);
  const direct = { isOpen: false };
  world.route = ({ from, to }) => (from !== r.address && to !== r.address && !direct.isOpen ? [] : [latencyMs]);
  for (const end of [a, b]) world.connect(end, r);
  world.pass(1000);
  return { a, b, r, world, direct };
};

/** R offers the channel, and both agree. */
const offer = ({ a, b, r, world }: Pick<ReturnType<typeof meeting>, 'a' | 'b' | 'r' | 'world'>, number = channel): void => {
  world.tell(r, { kind: 'relay', channel: number, ends: [a.id, b.id] });
  world.tell(a, { kind: 'accept', peer: b.id, relay: r.id, channel: number });
  world.tell(b, { kind: 'accept', peer: a.id, relay: r.id, channel: number });
};
const relayed = () => {
  const all = meeting();
  offer(all);
  all.world.tell(all.a, { kind: 'connect-relayed', peer: all.b.id });
  all.world.pass(1000);
  return all;
};
const heard = (node: Node): readonly number[] => node.all('received').map(({ frame }) => frame[1] ?? -1);

test('two that reach nobody but a relay have a session after one round trip through it, and it says so', () => {
  const all = meeting();
  const { a, b, r, world } = all;
  offer(all);
  world.tell(a, { kind: 'connect-relayed', peer: b.id });
  world.say(a, b, 0x50, 1);
  world.pass(4 * latencyMs);
  assert.equal(a.all('opened').map(({ relay }) => relay), [null, r.id]);
  world.pass(2 * latencyMs);
  assert.equal(heard(b), [1]);
  world.say(b, a, 0x50, 2);
  world.pass(2 * latencyMs);
  assert.equal(heard(a), [2]);
  for (const [one, other] of [[a, b], [b, a]] as const) {
    const info = one.link.sessionOf(other.id);
    assert.is(info?.relay, r.id);
    assert.is(info?.address, r.address, 'where its datagrams go');
    assert.equal(one.all('observed').filter(({ by }) => by === other.id), [], 'nobody sees where who is relayed is');
  }
});

test('a relayed session moves to a direct path without a new handshake, and nothing that is said is lost', () => {
  const { a, b, world, direct } = relayed();
  direct.isOpen = true;
  for (const [one, other] of [[a, b], [b, a]] as const) world.tell(one, { kind: 'connect', peer: other.id, address: other.address, isPaced: true });
  for (let i = 0; i < 40; i += 1) {
    world.say(a, b, 0x50, i);
    world.say(b, a, 0x50, i);
    world.pass(7);
  }
  world.pass(1000);
  for (const [one, other] of [[a, b], [b, a]] as const) {
    assert.equal(one.all('moved'), [{ kind: 'moved', peer: other.id, address: other.address, relay: null }], 'once, for good');
    assert.equal([...heard(one)].sort((x, y) => x - y), Array.from({ length: 40 }, (_, i) => i));
    assert.is(one.all('opened').length, 2);
    assert.is(one.all('closed').length, 0);
  }
});

test('of two handshakes that cross, one through a relay and one direct, the direct path is used and kept', () => {
  for (const isSwapped of [false, true]) {
    const all = meeting();
    const { a, b, world, direct } = all;
    const [one, other] = isSwapped ? [b, a] : [a, b];
    offer(all);
    direct.isOpen = true;
    world.tell(one, { kind: 'connect-relayed', peer: other.id });
    world.pass(1.5 * latencyMs); // its INIT is on its way by the relay
    world.connect(other, one);
    world.pass(60_000);
    assert.equal(one.all('opened').map(({ relay }) => relay), [null, all.r.id]);
    assert.equal(other.all('opened').map(({ relay }) => relay), [null, null]);
    assert.equal(one.all('moved').map(({ relay }) => relay), [null], 'as soon as DATA came straight');
    assert.equal(other.all('moved'), [], 'what came by the relay before that is no reason to go there');
    for (const [from, to] of [[one, other], [other, one]] as const) {
      world.say(from, to, 0x50, 1);
      world.pass(latencyMs);
      assert.equal(heard(to), [1]);
    }
  }
});

test('a relay that holds back what came to it before there was a direct path draws no session to itself with it', () => {
  const all = meeting();
  const { a, b, r, world, direct } = all;
  offer(all);
  direct.isOpen = true;
  const reached = world.route;
  const [one, other] = a.id > b.id ? [a, b] : [b, a];
  world.tell(one, { kind: 'connect-relayed', peer: other.id });
  world.pass(1.5 * latencyMs);
  world.connect(other, one);
  world.pass(latencyMs); // the INIT has come
  let held = 0;
  world.route = (datagram) => {
    if (datagram.from !== r.address || datagram.to !== other.address) return reached(datagram);
    held += 1;
    return [5000];
  };
  world.pass(2000);
  world.route = reached;
  assert.ok(held > 0);
  world.pass(10_000);
  assert.equal(other.all('moved'), []);
  assert.is(other.link.sessionOf(one.id)?.relay, null);
});

test('a session that has just begun on a direct path follows its peer to a relay when one way of the path dies', () => {
  const all = meeting();
  const { a, b, r, world, direct } = all;
  offer(all);
  direct.isOpen = true;
  world.connect(a, b);
  world.pass(100);
  world.route = ({ from, to }) => (from === a.address && to === b.address ? [] : [latencyMs]);
  for (let ms = 0; ms < 2000; ms += 50) {
    if (b.all('doubted').length === 1) world.tell(b, { kind: 'connect-relayed', peer: a.id });
    world.say(a, b, 0x50, 1);
    world.say(b, a, 0x50, 2);
    world.pass(50);
  }
  for (const [one, other] of [[a, b], [b, a]] as const) assert.is(one.link.sessionOf(other.id)?.relay, r.id);
});

test('both sides leave a relay for a direct path, though the PINGs of one had all gone before the way was open', () => {
  const { a, b, world, direct } = relayed();
  for (let count = 0; count < 3; count += 1) world.tell(a, { kind: 'connect', peer: b.id, address: b.address, isPaced: true });
  world.pass(500);
  direct.isOpen = true;
  world.tell(b, { kind: 'connect', peer: a.id, address: a.address, isPaced: true });
  world.pass(4 * latencyMs);
  for (const [one, other] of [[a, b], [b, a]] as const) assert.is(one.link.sessionOf(other.id)?.relay, null);
});

test('both sides leave a relay for a direct path, though what was said later came sooner by the relay', () => {
  const { a, b, r, world, direct } = relayed();
  direct.isOpen = true;
  world.route = ({ from, to }) => [from === r.address || to === r.address ? latencyMs : 5 * latencyMs];
  world.tell(a, { kind: 'connect', peer: b.id, address: b.address, isPaced: true }); // one PING, and no second
  world.say(a, b, 0x50, 1);
  world.pass(16 * latencyMs);
  assert.equal(heard(b), [1]);
  for (const [one, other] of [[a, b], [b, a]] as const) assert.is(one.link.sessionOf(other.id)?.relay, null);
});

test('what a relay held back and now sends straight, from a spoofed source, moves nothing, and its victim gets at most 3 bytes for each', () => {
  const { a, b, r, world } = relayed();
  const victim = at('203.0.113.99:9999');
  world.say(a, b, 0x50, 1);
  const [held] = world.intercept();
  world.say(a, b, 0x50, 2);
  world.pass(3 * latencyMs);
  assert.equal(heard(b), [2]);
  const bytes = held!.bytes.subarray(encodeRelay(channel, new Uint8Array()).length);
  world.arrive({ from: victim, to: b.address, bytes });
  world.pass(10_000);
  assert.equal(heard(b), [2, 1]);
  const sent = b.all('transmit').filter(({ to }) => to === victim).reduce((sum, one) => sum + one.bytes.length, 0);
  assert.ok(sent > 0 && sent <= 3 * bytes.length, `${sent} bytes for ${bytes.length}`);
  for (const [one, other] of [[a, b], [b, a]] as const) assert.is(one.link.sessionOf(other.id)?.relay, r.id);
});

test('what was asked by another channel before a session found its direct path does not move it back when it is answered', () => {
  const all = relayed();
  const { a, b, r, world, direct } = all;
  offer(all, channel + 1);
  world.tell(b, { kind: 'connect-relayed', peer: a.id }); // a channel to spare
  const inner = (world.say(a, b, 0x50, 1), world.intercept()[0]!.bytes);
  world.tell(b, { kind: 'datagram', from: r.address, bytes: Uint8Array.of(...inner.subarray(0, 1), 1, 2, 3, 5, ...inner.subarray(5)) }); // by that one: B asks there too
  const asked = world.intercept();
  assert.ok(asked.length > 0);
  direct.isOpen = true;
  for (const [one, other] of [[a, b], [b, a]] as const) world.tell(one, { kind: 'connect', peer: other.id, address: other.address });
  world.pass(500);
  assert.equal(b.all('moved').map(({ relay }) => relay), [null]);
  for (const flight of asked) world.arrive(flight);
  world.pass(2000);
  assert.equal(b.all('moved').map(({ relay }) => relay), [null]);
  assert.is(b.link.sessionOf(a.id)?.relay, null);
});

/** Two that left the relay for a direct path a minute ago, which dies now. */
const relayedBefore = (): ReturnType<typeof relayed> => {
  const all = relayed();
  const { a, b, world, direct } = all;
  direct.isOpen = true;
  for (const [one, other] of [[a, b], [b, a]] as const) world.tell(one, { kind: 'connect', peer: other.id, address: other.address });
  world.pass(60_000);
  direct.isOpen = false;
  return all;
};

test('a session whose direct path dies goes back to a relay that is offered, and is never closed', () => {
  const all = relayedBefore();
  const { a, b, r, world } = all;
  const diedAt = world.now;
  world.say(a, b, 0x50, 1);
  while (a.all('doubted').length === 0 && world.now - diedAt < 5000) world.pass(10);
  assert.ok(world.now - diedAt < 1000, `doubted after ${world.now - diedAt} ms`);
  offer(all, channel + 1);
  world.tell(a, { kind: 'connect-relayed', peer: b.id });
  world.pass(500);
  world.say(a, b, 0x50, 2);
  world.say(b, a, 0x50, 3);
  world.pass(500);
  assert.equal(heard(b), [2]);
  assert.equal(heard(a), [3]);
  for (const node of [a, b]) {
    assert.equal(node.all('moved').map(({ relay }) => relay), [null, r.id]);
    assert.is(node.all('closed').length, 0);
  }
});

test('a session that left a direct path for a relay, since PINGs were lost, is back there in a moment, though nothing is said', () => {
  const all = relayedBefore();
  const { a, b, r, world, direct } = all;
  world.say(a, b, 0x50, 1);
  for (let ms = 0; a.all('doubted').length === 0 && ms < 5000; ms += 10) world.pass(10);
  offer(all, channel + 1);
  world.tell(a, { kind: 'connect-relayed', peer: b.id });
  for (let ms = 0; a.all('moved').length < 2 && ms < 5000; ms += 1) world.pass(1);
  direct.isOpen = true;
  world.pass(400);
  assert.equal(a.all('moved').map(({ relay }) => relay), [null, r.id, null]);
  assert.is(b.all('moved').at(-1)?.relay, null);
  direct.isOpen = false;
  world.pass(4000);
  world.say(a, b, 0x50, 2);
  for (let ms = 0; a.all('moved').length < 4 && ms < 5000; ms += 1) world.pass(1);
  direct.isOpen = true;
  world.pass(2000);
  assert.equal(a.all('moved').map(({ relay }) => relay).slice(3), [r.id], 'once a minute at most');
});

test('a session with a direct path does not move to a relay because one is offered', () => {
  const { a, b, r, world, direct } = meeting();
  direct.isOpen = true;
  world.connect(a, b);
  world.pass(1000);
  offer({ a, b, r, world });
  for (const one of [a, b]) world.tell(one, { kind: 'connect-relayed', peer: one === a ? b.id : a.id });
  world.pass(2000);
  for (const one of [a, b]) assert.equal(one.all('moved'), []);
});

test('an end that has not spoken on a channel gets five datagrams by it and no more', () => {
  const { a, b, r, world } = meeting();
  world.tell(r, { kind: 'relay', channel, ends: [a.id, b.id] });
  world.tell(a, { kind: 'accept', peer: b.id, relay: r.id, channel });
  const got: number[] = [];
  world.route = ({ from, to, bytes }) => {
    if (from === r.address && to === b.address) got.push(bytes.length);
    return [latencyMs];
  };
  const inner = new Uint8Array(300).fill(0x08);
  for (let i = 0; i < 20; i += 1) world.tell(r, { kind: 'datagram', from: a.address, bytes: encodeRelay(channel, inner) });
  assert.equal(got, [305, 305, 305, 305, 305]);
  world.pass(100);
  assert.is(b.link.drops()['no-channel'], 5, 'who did not agree reads none of it');
  assert.is(r.link.drops()['channel-refused'], 15);
});

test('nothing is relayed that nobody offered, from elsewhere, or that is no part of a session', () => {
  const { a, b, r, world } = meeting();
  const inner = Uint8Array.of(0x08, ...new Uint8Array(40));
  const send = (bytes: Uint8Array, from = a.address): readonly string[] => {
    world.tell(r, { kind: 'datagram', from, bytes });
    return world.intercept().map(({ to }) => to);
  };
  assert.equal(send(encodeRelay(channel, inner)), [], 'no channel');
  world.tell(r, { kind: 'relay', channel, ends: [a.id, b.id] });
  assert.equal(send(encodeRelay(channel, inner), at('192.0.2.1:1001')), [], 'not where A has its session');
  assert.equal(send(encodeRelay(channel, encodeRelay(channel, inner))), [], 'a RELAY in a RELAY');
  for (const type of [0, 1, 0x04, 0x0a, 0x50, 0xff]) assert.equal(send(encodeRelay(channel, Uint8Array.of(type, ...inner.subarray(1)))), []);
  assert.equal(send(encodeRelay(channel, inner)), [b.address]);
});

test('an end hears by a channel whom it agreed to hear, and nobody else', () => {
  const { a, b, r, world } = meeting();
  const stranger = new Node(4, '192.0.2.4:4000');
  const [init] = stranger.link.handle(world.now, { kind: 'connect', peer: b.id, address: b.address });
  assert.is(init?.kind, 'transmit');
  const bytes = encodeRelay(channel, init?.kind === 'transmit' ? init.bytes : new Uint8Array(0));
  world.tell(b, { kind: 'datagram', from: r.address, bytes });
  assert.is(b.link.drops()['no-channel'], 1, 'not asked for at all');
  world.tell(b, { kind: 'accept', peer: a.id, relay: r.id, channel });
  world.tell(b, { kind: 'datagram', from: at('192.0.2.9:9'), bytes });
  assert.is(b.link.drops()['no-channel'], 2, 'not from where the relay is');
  world.tell(b, { kind: 'datagram', from: r.address, bytes });
  assert.is(b.link.drops()['no-channel'], 3, 'somebody else than A');
  assert.equal(world.intercept(), []);
});

test('a relay keeps eight channels in use, passes on 32 KiB a second by each, and closes what is idle for a minute', () => {
  const r = new Node(1, '203.0.113.3:3000');
  const ends = Array.from({ length: 20 }, (_, i) => new Node(10 + i, `192.0.${i}.1:1000`));
  const world = new World(r, ...ends);
  for (const end of ends) world.connect(end, r);
  world.settle();
  const inner = new Uint8Array(1019).fill(0x08); // 1024 with its head
  const pass = (number: number, from: Node): number => {
    world.tell(r, { kind: 'datagram', from: from.address, bytes: encodeRelay(number, inner) });
    return world.intercept().filter(({ bytes }) => bytes.length === 1024).length;
  };
  for (let i = 0; i < 10; i += 1) world.tell(r, { kind: 'relay', channel: i, ends: [ends[2 * i]!.id, ends[2 * i + 1]!.id] });
  const passed = Array.from({ length: 10 }, (_, i) => pass(i, ends[2 * i]!) + pass(i, ends[2 * i + 1]!));
  assert.equal(passed, [2, 2, 2, 2, 2, 2, 2, 2, 0, 0]);
  let count = 2;
  for (let i = 0; i < 100; i += 1) count += pass(0, ends[0]!);
  assert.is(count, 32, 'the burst of a second');
  world.pass(1000);
  assert.is(Array.from({ length: 100 }, () => pass(0, ends[1]!)).filter((one) => one > 0).length, 32);
  assert.is(r.link.bounds().find(({ name }) => name === 'link channels in use')?.size, 8);
  world.pass(59_999);
  assert.is(pass(0, ends[0]!), 1);
  assert.is(pass(1, ends[2]!), 0, 'idle for a minute');
  for (let i = 0; i < 400; i += 1) world.tell(r, { kind: 'relay', channel: 100 + i, ends: [ends[0]!.id, ends[1]!.id] });
  const bound = r.link.bounds().find(({ name }) => name === 'link channels');
  assert.ok(bound !== undefined && bound.size === bound.max, `${bound?.size} of ${bound?.max}`);
  assert.is(pass(0, ends[0]!), 1, 'no number of offers pushes out a channel in use');
});

test('an end keeps at most 64 ways through relays, and never loses one in use to an offer', () => {
  const { a, b, r, world } = relayed();
  const accept: LinkInput[] = Array.from({ length: 200 }, (_, i) => ({ kind: 'accept', peer: b.id, relay: r.id, channel: 5000 + i }));
  for (const input of accept) world.tell(a, input);
  assert.is(a.link.bounds().find(({ name }) => name === 'link ways through relays')?.size, 64);
  world.say(b, a, 0x50, 7);
  world.pass(100);
  assert.equal(heard(a), [7]);
});

test('keys of a relayed session are renewed through the relay', () => {
  const { a, b, world } = relayed();
  for (let minutes = 0; minutes < 130; minutes += 1) {
    world.say(a, b, 0x50, minutes);
    world.pass(60_000);
  }
  assert.is(heard(b).length, 130);
  for (const node of [a, b]) assert.is(node.all('closed').length, 0);
});

test.run();
