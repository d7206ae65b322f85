// Where frames go, who proved that, and how many bytes an address gets that nobody proved. Counted byte by byte.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { at, type Flight, Node, World } from './support/pair.js';

const opened = (): { a: Node; b: Node; world: World; bytesTo: Map<string, number> } => {
  const a = new Node(1, '192.0.2.1:1000');
  const b = new Node(2, '192.0.2.2:2000');
  const world = new World(a, b);
  world.open(a, b);
  world.pass(2000);
  const bytesTo = new Map<string, number>();
  world.route = ({ to, bytes }) => {
    bytesTo.set(to, (bytesTo.get(to) ?? 0) + bytes.length);
    return [0];
  };
  return { a, b, world, bytesTo };
};
const victim = at('203.0.113.9:9999');

test('a session follows a peer whose address changes, after one PING and its PONG', () => {
  const { a, b, world } = opened();
  a.address = at('198.51.100.1:1');
  world.say(a, b, 0x50, 1);
  world.arrive(world.intercept()[0]!);
  assert.is(b.all('moved').length, 0, 'not yet proved');
  world.settle();
  assert.equal(b.all('moved'), [{ kind: 'moved', peer: a.id, address: a.address, relay: null }]);
  world.say(b, a, 0x50, 2);
  world.settle();
  assert.is(a.all('received').length, 1);
  assert.is(b.link.sessionOf(a.id)?.address, a.address);
});

test('an authentic packet from a spoofed source moves nothing, and its victim gets at most 3 bytes for each', () => {
  const { a, b, world, bytesTo } = opened();
  let sent = 0;
  for (let i = 0; i < 40; i += 1) {
    world.say(a, b, 0x50, i); // 31 bytes
    const [flight] = world.intercept();
    sent += flight!.bytes.length;
    world.arrive({ ...flight!, from: victim });
    world.say(b, a, 0x51, ...new Uint8Array(1000)); // goes on to the proved path
    world.pass(500);
  }
  assert.equal(b.all('moved'), []);
  const received = bytesTo.get(victim) ?? 0;
  assert.ok(received > 0 && received <= 3 * sent, `${received} bytes for ${sent}`);
  assert.is(a.all('received').length, 40);
});

test('the victim of a spoofed source gets PINGs alone, whatever the peer asks', () => {
  const { a, b, world } = opened();
  const got: Flight[] = [];
  world.route = (flight) => {
    if (flight.to === victim) got.push(flight);
    return [0];
  };
  world.tell(a, { kind: 'network-changed' }); // a PING, 62 bytes
  const [ping] = world.intercept();
  world.arrive({ ...ping!, from: victim });
  world.say(b, a, 0x50, 1);
  world.pass(2900);
  assert.equal(got.map(({ bytes }) => bytes.length), [62, 62, 62], 'PING, PONG and one PING more: 186 = 3 x 62');
});

test('a small datagram pays for one PING and no second', () => {
  const { a, b, world, bytesTo } = opened();
  world.say(a, b, 0x50);
  const [flight] = world.intercept(); // 30 bytes: 90 of credit, one PING of 62
  world.arrive({ ...flight!, from: victim });
  world.pass(2900);
  assert.is(bytesTo.get(victim), 62);
});

test('an older packet, overtaken by a newer one, begins no probe', () => {
  const { a, b, world, bytesTo } = opened();
  world.say(a, b, 0x50, 1);
  world.say(a, b, 0x50, 2);
  const [older, newer] = world.intercept();
  world.arrive(newer!);
  world.arrive({ ...older!, from: victim });
  assert.is(b.all('received').length, 2);
  assert.is(bytesTo.get(victim), undefined);
});

test('one path at a time is tried, and another only after 3 s', () => {
  const { a, b, world, bytesTo } = opened();
  for (let i = 0; i < 20; i += 1) {
    world.say(a, b, 0x50, i);
    const [flight] = world.intercept();
    world.arrive({ ...flight!, from: at(`203.0.113.${i + 1}:9999`) });
    world.intercept();
    world.now = (world.now + 100) as typeof world.now;
  }
  const tried = [...bytesTo.keys()].filter((address) => address.startsWith('203.'));
  assert.is(tried.length, 1);
});

test('many sessions together try at most 10 new paths a second beyond the first 32', () => {
  const b = new Node(99, '192.0.2.2:2000', { freeInitsPerSecond: 1000 });
  const world = new World(b);
  const guests = Array.from({ length: 60 }, (_, i) => new Node(i, `10.0.${i}.1:1`));
  for (const guest of guests) {
    world.nodes.push(guest);
    world.open(guest, b);
  }
  let probes = 0;
  for (const guest of guests) {
    world.say(guest, b, 0x50, 1);
    const [flight] = world.intercept();
    world.arrive({ ...flight!, from: victim });
    probes += world.intercept().filter(({ to }) => to === victim).length;
  }
  assert.is(probes, 32);
});

test('no path is tried to where no peer can be', () => {
  const { a, b, world } = opened();
  const multicast = at('224.0.0.1:9');
  world.say(a, b, 0x50, 1);
  world.arrive({ ...world.intercept()[0]!, from: multicast });
  world.tell(a, { kind: 'network-changed' });
  world.arrive({ ...world.intercept()[0]!, from: multicast });
  assert.is(world.intercept().length, 0);
  assert.equal(b.link.drops(), { 'unproved-path': 1 });
  const c = new Node(3, '192.0.2.3:3');
  world.connect(c, b);
  world.arrive({ ...world.intercept().at(-1)!, from: multicast });
  assert.equal(b.link.drops(), { 'unproved-path': 1, 'forbidden-source': 1 });
});

test('an address that the caller names gets three PINGs, and the session if it answers', () => {
  const { a, b, world, bytesTo } = opened();
  world.connect(a, b, victim);
  world.connect(a, b, victim);
  world.pass(4000);
  assert.is(bytesTo.get(victim), 3 * 62);
  assert.is(a.all('moved').length, 0);
  const lan = at('198.51.100.2:2');
  world.nodes.push(Object.assign(Object.create(b) as Node, { address: lan }));
  world.connect(a, b, lan);
  world.settle();
  assert.equal(a.all('moved'), [{ kind: 'moved', peer: b.id, address: lan, relay: null }]);
});

test('of two paths that answer the faster one is used, and IPv6 at a tie', () => {
  const [ipv4, otherIpv4, ipv6, otherIpv6] = ['192.0.2.2:2000', '198.51.100.2:2', '[2001:db8::2]:2', '[2001:db8:2::2]:2'].map(at);
  // From one address to another, each with its one-way latency, ms: does the session move there?
  const table = [
    [ipv4, 20, ipv6, 10, true], [ipv4, 20, ipv6, 20, true], [ipv4, 20, ipv6, 21, true], [ipv4, 20, ipv6, 30, false],
    [ipv6, 20, ipv4, 10, true], [ipv6, 20, ipv4, 20, false], [ipv6, 20, ipv4, 19, false], [ipv6, 20, ipv4, 30, false],
    [ipv4, 20, otherIpv4, 20, true], [ipv6, 20, otherIpv6, 30, false],
  ] as const;
  for (const [first, firstMs, second, secondMs, moves] of table) {
    const a = new Node(1, '192.0.2.1:1000');
    const b = new Node(2, first!);
    const there = Object.assign(Object.create(b) as Node, { address: second! });
    const world = new World(a, b, there);
    world.route = ({ from, to }) => [from === second || to === second ? secondMs : firstMs];
    world.connect(a, b);
    world.pass(1_000);
    world.connect(a, b, second);
    world.pass(1_000);
    const name = `${first!}, ${firstMs} ms, to ${second!}, ${secondMs} ms`;
    assert.is(a.link.sessionOf(b.id)?.address, moves ? second : first, name);
    assert.is(a.link.sessionOf(b.id)?.rttMs, 2 * (moves ? secondMs : firstMs), name);
  }
});

test('how the peer sees this one is told after the session has moved, and of no path that it does not take', () => {
  for (const [thereMs, kinds] of [[5, ['moved', 'observed']], [30, ['observed']]] as const) {
    const a = new Node(1, '192.0.2.1:1000');
    const b = new Node(2, '192.0.2.2:2000');
    const there = Object.assign(Object.create(b) as Node, { address: at('198.51.100.2:2') });
    const world = new World(a, b, there);
    world.route = ({ from, to }) => [from === there.address || to === there.address ? thereMs : 20];
    world.connect(a, b);
    world.pass(1_000);
    const before = a.outputs.length;
    world.connect(a, b, there.address);
    world.pass(70); // the path in use is asked as well, and answers after 40 ms
    assert.equal(a.outputs.slice(before).map(({ kind }) => kind).filter((kind) => kind !== 'transmit'), kinds);
  }
});

test('a slower path that the caller names is used all the same when the one before is silent', () => {
  const a = new Node(1, '192.0.2.1:1000');
  const b = new Node(2, '192.0.2.2:2000');
  const there = Object.assign(Object.create(b) as Node, { address: at('198.51.100.2:2') });
  const world = new World(a, b, there);
  world.route = ({ from, to }) => (from === there.address || to === there.address ? [200] : [10]);
  world.connect(a, b);
  world.pass(1_000);
  world.route = ({ from, to }) => (from === there.address || to === there.address ? [200] : []);
  world.say(a, b, 0x50, 1);
  world.pass(2_000);
  world.connect(a, b, there.address);
  world.pass(1_000);
  assert.is(a.link.sessionOf(b.id)?.address, there.address);
});

test('a RESP proves the address its INIT was sent to, not the one it says it comes from', () => {
  const a = new Node(1, '192.0.2.1:1000');
  const b = new Node(2, '192.0.2.2:2000');
  const world = new World(a, b);
  world.connect(a, b);
  world.arrive(world.intercept()[0]!);
  const [response] = world.intercept();
  world.arrive({ ...response!, from: victim });
  assert.equal(a.all('opened').map(({ address }) => address), [b.address]);
  assert.equal(world.intercept().filter(({ to }) => to === victim), []);
});

test('a RESP to one of several addresses proves that one alone', () => {
  const a = new Node(1, '192.0.2.1:1000');
  const b = new Node(2, '192.0.2.2:2000');
  const world = new World(a, b);
  world.connect(a, b, victim); // a lying introducer names it
  world.connect(a, b);
  world.settle();
  assert.equal(a.all('opened').map(({ address }) => address), [b.address]);
});

test('a copy of an INIT from elsewhere proves nothing about elsewhere', () => {
  const a = new Node(1, '192.0.2.1:1000');
  const b = new Node(2, '192.0.2.2:2000');
  const world = new World(a, b);
  world.connect(a, b);
  const [init] = world.intercept();
  world.arrive(init!);
  world.arrive({ ...init!, from: victim }); // the initiator wants b to believe that it is the victim
  const [toA, toVictim] = world.intercept();
  assert.is(toVictim!.to, victim);
  assert.ok(toVictim!.bytes.length <= init!.bytes.length);
  world.arrive(toA!);
  const [first] = world.intercept();
  world.arrive({ ...first!, from: victim }); // and lets its first DATA come from there
  assert.equal(b.all('opened').map(({ address }) => address), [a.address]);
  world.say(b, a, 0x51, ...new Uint8Array(900));
  const spent = world.intercept().filter(({ to }) => to === victim).reduce((sum, { bytes }) => sum + bytes.length, 0);
  assert.ok(spent <= 3 * first!.bytes.length, `${spent} bytes`);
});

test('copies of an INIT from more than 16 addresses are not answered', () => {
  const a = new Node(1, '192.0.2.1:1000');
  const b = new Node(2, '192.0.2.2:2000');
  const world = new World(a, b);
  world.connect(a, b);
  const [init] = world.intercept();
  for (let i = 1; i <= 20; i += 1) world.arrive({ ...init!, from: at(`203.0.113.${i}:1`) });
  assert.is(world.intercept().length, 16);
});

test('a bundle of many PINGs gets one PONG', () => {
  const { a, b, world } = opened();
  const ping = [0x01, 1, 2, 3, 4, 5, 6, 7, 8, 0, ...new Uint8Array(23)];
  const many = [0x00, ...Array.from({ length: 30 }, () => [0, 33, ...ping]).flat()];
  world.say(a, b, ...many);
  world.arrive(world.intercept()[0]!);
  assert.equal(world.intercept().map(({ bytes }) => bytes.length), [62]);
  assert.equal(b.link.drops(), { unwanted: 29 });
});

test('nothing before a session is answered with more bytes than it has', () => {
  const a = new Node(1, '192.0.2.1:1000');
  const b = new Node(2, '192.0.2.2:2000', { freeInitsPerSecond: 2 });
  const world = new World(a, b);
  let [got, gave] = [0, 0];
  for (let i = 0; i < 200; i += 1) {
    const c = new Node(10 + (i % 200), `10.1.${i}.1:1`);
    world.connect(c, b);
    const flights = world.intercept();
    for (const flight of [...flights, ...flights]) {
      got += flight.bytes.length;
      world.arrive(flight);
    }
    const answers = world.intercept();
    gave += answers.reduce((sum, { bytes }) => sum + bytes.length, 0);
    for (const { bytes } of answers) assert.ok(bytes.length <= 200);
  }
  assert.ok(gave < got, `${gave} bytes out, ${got} in`);
});

test('no session moves into a network that is full', () => {
  const b = new Node(99, '192.0.2.2:2000');
  const world = new World(b);
  const crowd = Array.from({ length: 8 }, (_, i) => new Node(i + 1, `198.51.100.${i + 1}:1`));
  const mover = new Node(20, '192.0.2.1:1000');
  for (const node of [...crowd, mover]) {
    world.nodes.push(node);
    world.open(node, b);
  }
  mover.address = at('198.51.100.200:1');
  world.say(mover, b, 0x50, 1);
  world.settle();
  assert.equal(b.all('moved'), []);
  assert.is(b.link.sessions().length, 9);
});

test('a session goes by another socket to where the caller names one, and says so', () => {
  const { a, b, world } = opened();
  const seen = at('192.0.2.1:7777'); // how a's NAT maps its socket 5
  const bySocket = (outputs: readonly { readonly kind: string }[]): number[] => outputs.flatMap((output) => (output.kind === 'transmit' ? [(output as { socket?: number }).socket ?? 0] : []));
  const pass = (flight: Flight): void => world.arrive(flight);
  const sent = world.tell(a, { kind: 'connect', peer: b.id, address: b.address, socket: 5 });
  assert.equal(bySocket(sent), [5]);
  for (const { to, bytes } of world.intercept()) pass({ from: seen, to, bytes }); // b has a PING from a place it does not know: PONG, and its own PING
  for (const { to, bytes } of world.intercept()) {
    assert.is(to, seen);
    const answers = world.tell(a, { kind: 'datagram', from: b.address, bytes, socket: 5 });
    assert.ok(bySocket(answers).every((socket) => socket === 5), 'answered by the socket it came to');
  }
  assert.equal(a.all('moved'), [{ kind: 'moved', peer: b.id, address: b.address, relay: null, socket: 5 }]);
  for (const { to, bytes } of world.intercept()) pass({ from: seen, to, bytes });
  assert.equal(b.all('moved'), [{ kind: 'moved', peer: a.id, address: seen, relay: null }]);
  assert.equal(bySocket(world.tell(a, { kind: 'send', peer: b.id, frame: Uint8Array.of(0x50, 1) })), [5]);
  assert.equal(bySocket(world.tell(a, { kind: 'punch', to: b.address, token: '00'.repeat(8), socket: 9 })), [9]);
});

test('where something came from goes before what the caller names, which has no time of its own to lose', () => {
  const { a, b, world } = opened();
  const from = at('198.51.100.1:1');
  world.tell(b, { kind: 'connect', peer: a.id, address: victim, isPaced: true }); // nothing is there
  world.intercept();
  world.say(a, b, 0x50, 1);
  const [flight] = world.intercept();
  world.arrive({ ...flight!, from });
  world.tell(b, { kind: 'connect', peer: a.id, address: victim, isPaced: true });
  assert.equal(world.intercept().map(({ to }) => to), [from]);
});

test.run();
