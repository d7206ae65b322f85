/** Real sockets, on 127.0.0.1 alone; what needs other interfaces runs in a network namespace of its own. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type PeerId } from '@srp/machine';
import { type NatError } from '@srp/nat';
import { discoverLocally, type Discovery } from '@srp/nat/node';
import multicastDns from 'multicast-dns';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { discoverOn } from '../dist/node/discovery.js';
import { isOnLink, loopbackInterface } from '../dist/node/interfaces.js';
import { recordsOf } from '../dist/node/records.js';
import { peer } from './helpers.js';

const test = suite('discovery');
const loopback = '127.0.0.1';

/** A socket as any other mDNS speaker on this host would have it. */
const openSocket = async (): Promise<Socket> => {
  const socket = createSocket({ type: 'udp4', reuseAddr: true });
  socket.bind({ port: 5353, address: '0.0.0.0', exclusive: true });
  await once(socket, 'listening');
  socket.addMembership('224.0.0.251', loopback);
  socket.setMulticastInterface(loopback);
  return socket;
};

const waitFor = async (isDone: () => boolean, limitMs = 5_000): Promise<boolean> => {
  for (const end = performance.now() + limitMs; performance.now() < end; ) {
    if (isDone()) return true;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return isDone();
};

/** Whether this machine has multicast on loopback at all. */
const hasMulticast = async (): Promise<boolean> => {
  const socket = await openSocket().catch(() => null);
  if (socket === null) return false;
  let isHeard = false;
  const text = `probe ${process.pid}`;
  socket.on('message', (message) => (isHeard ||= message.toString() === text));
  socket.on('error', () => undefined);
  socket.send(text, 5353, '224.0.0.251', () => undefined);
  const answer = await waitFor(() => isHeard, 1_000);
  socket.close();
  return answer;
};
const canMulticast = await hasMulticast().catch(() => false);
if (!canMulticast) console.log('SKIPPED: discovery on sockets, because this machine has no multicast on 127.0.0.1');
const withMulticast = (name: string, run: () => Promise<void>): void => {
  test(name, canMulticast ? run : () => undefined);
};

const canUnshare = spawnSync('unshare', ['-rn', 'ip', 'link', 'set', 'lo', 'up'], { stdio: 'ignore' }).status === 0;
if (!canUnshare) console.log('SKIPPED: discovery without a network, because this machine gives no network namespaces');

/** Keys that no other run on this machine uses at the same time. */
const base = 256 * (process.pid % 200) + 256;
const mine = (n: number): PeerId => peer(base + n);

interface Found {
  readonly peer: PeerId;
  readonly address: string;
}
const listen = (n: number, port = 4000): { discovery: Discovery; found: Found[]; errors: NatError[] } => {
  const found: Found[] = [];
  const errors: NatError[] = [];
  const discovery = discoverLocally({ peer: mine(n), port, interfaces: 'loopback', onPeer: (other, address) => found.push({ peer: other, address }), onError: (error) => errors.push(error) });
  return { discovery, found, errors };
};
const hears = (found: readonly Found[], n: number): boolean => found.some((one) => one.peer === mine(n));

const neighbour = (arguments_: readonly string[], wrapper: readonly string[] = []): { child: ChildProcess; lines: string[] } => {
  const script = fileURLToPath(new URL('neighbour.ts', import.meta.url));
  const [command, ...rest] = [...wrapper, process.execPath, '--import', 'tsx', script, ...arguments_];
  const child = spawn(command!, rest, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines: string[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => lines.push(...text.trim().split('\n')));
  return { child, lines };
};

withMulticast('two processes find each other within a second of the second one starting', async () => {
  const other = neighbour([String(base + 2), '4002', 'loopback']);
  const { discovery, found } = listen(1, 4001);
  assert.ok(await waitFor(() => hears(found, 2), 15_000), 'the neighbour was never heard');
  assert.is(found.find((one) => one.peer === mine(2))?.address, '127.0.0.1:4002');
  assert.ok(await waitFor(() => other.lines.some((line) => line.startsWith(`found ${base + 1} 127.0.0.1:4001`))), other.lines.join());
  const ms = Number(other.lines.find((line) => line.startsWith(`found ${base + 1} `))?.split(' ')[3]);
  assert.ok(ms < 1_000, `${ms} ms after it started`);
  await discovery.close();
  other.child.stdin?.end();
  await once(other.child, 'exit');
  assert.is(other.lines.at(-1), 'closed');
});

withMulticast('reports each peer once, and never itself', async () => {
  const a = listen(1, 4001);
  const b = listen(2, 4002);
  assert.ok(await waitFor(() => hears(a.found, 2) && hears(b.found, 1)));
  await new Promise((resolve) => setTimeout(resolve, 1_200)); // the second announcement comes after a second
  assert.is(a.found.filter((one) => one.peer === mine(2)).length, 1);
  assert.not.ok(hears(a.found, 1) || hears(b.found, 2));
  assert.equal([...a.errors, ...b.errors], []);
  await Promise.all([a.discovery.close(), b.discovery.close()]);
  await a.discovery.close();
});

/** Something hostile on the same link: sends packets as the library encodes them, or raw bytes. */
const withAttacker = async (run: (send: (records: unknown) => void, raw: (bytes: Uint8Array) => void, found: Found[], errors: NatError[]) => Promise<void>): Promise<void> => {
  const { discovery, found, errors } = listen(1);
  const socket = await openSocket();
  const library = multicastDns({ socket, bind: false, multicast: false });
  await new Promise((resolve) => setTimeout(resolve, 200));
  await run(
    (records) => library.respond(records as never),
    (bytes) => socket.send(bytes, 5353, '224.0.0.251'),
    found,
    errors,
  );
  await discovery.close();
  await new Promise<void>((resolve) => library.destroy(resolve));
};

interface Answers {
  answers: { type: string; name: string; ttl: number; data: unknown }[];
}
const good = (n: number, port = 4000): Answers => recordsOf(mine(n), port, loopback) as Answers;
/** The records of peer `n` with one of them changed. */
const changed = (n: number, type: string, change: (record: Answers['answers'][number]) => object): object => ({
  answers: good(n).answers.map((record) => (record.type === type ? { ...record, ...change(record) } : record)),
});

withMulticast('drops announcements that do not hold together, and still hears the next good one', async () => {
  await withAttacker(async (send, raw, found, errors) => {
    const service = '_srp._udp.local';
    send(changed(10, 'TXT', () => ({ data: ['v=1', 'key=abc'] })));
    send(changed(11, 'TXT', () => ({ data: ['v=1', `key=${mine(11).toUpperCase()}`] })));
    send(changed(12, 'TXT', () => ({ data: ['v=1', `key=${mine(12)}00`] })));
    send(changed(13, 'TXT', () => ({ data: ['v=2', `key=${mine(13)}`] })));
    send(changed(14, 'TXT', () => ({ data: [`key=${mine(14)}`] })));
    send(changed(15, 'TXT', () => ({ name: `other.${service}` })));
    send(changed(16, 'SRV', () => ({ data: { port: 0, target: 'x.local' } })));
    send(changed(17, 'SRV', () => ({ name: `other.${service}` })));
    send(changed(18, 'PTR', () => ({ data: `other.${service}` })));
    send(changed(19, 'PTR', () => ({ name: '_http._tcp.local' })));
    send({ answers: good(20).answers.filter((record) => record.type !== 'SRV') });
    send(recordsOf(mine(21), 4000, loopback, true)); // a goodbye
    send({ answers: [...good(22).answers, ...good(23).answers] }); // one packet announces one peer
    for (const bytes of [new Uint8Array(0), new Uint8Array(11), new Uint8Array(12).fill(255), new Uint8Array(1_600), Uint8Array.from({ length: 200 }, (_, i) => (i * 37) & 255)]) raw(bytes);
    const header = new Uint8Array(12);
    header[2] = 0x84;
    header.fill(255, 4); // claims 4 x 65535 records
    for (let i = 0; i < 50; i += 1) raw(header);
    send(good(30));
    assert.ok(await waitFor(() => hears(found, 30)));
    assert.equal(found.filter((one) => one.peer.slice(4) === mine(1).slice(4)).map((one) => one.peer).filter((one) => Number.parseInt(one.slice(0, 4), 16) >= base + 10 && Number.parseInt(one.slice(0, 4), 16) < base + 30), [mine(22)]);
    assert.equal(errors, []);
  });
});

withMulticast('takes the address a packet comes from, whatever its A record says', async () => {
  await withAttacker(async (send, _raw, found) => {
    send(changed(10, 'A', () => ({ data: '9.9.9.9' })));
    assert.ok(await waitFor(() => hears(found, 10)));
    assert.is(found.find((one) => one.peer === mine(10))?.address, '127.0.0.1:4000');
  });
});

withMulticast('reports at most twenty peers a second, however many announce themselves', async () => {
  await withAttacker(async (send, _raw, found) => {
    for (let n = 10; n < 190; n += 1) send(good(n, 2000 + n));
    await new Promise((resolve) => setTimeout(resolve, 300));
    const count = found.length;
    assert.ok(count >= 15 && count <= 28, `${count} found`);
  });
});

withMulticast('answers to the group alone, and only so often', async () => {
  const { discovery } = listen(1);
  const socket = await openSocket();
  const library = multicastDns({ socket, bind: false, multicast: false });
  await new Promise((resolve) => setTimeout(resolve, 200));
  let answers = 0;
  library.on('response', (packet) => {
    answers += packet.answers?.some((record) => record.type === 'SRV' && record.name.startsWith(mine(1).slice(0, 32))) === true ? 1 : 0;
  });
  for (let i = 0; i < 50; i += 1) {
    library.query('_SRP._udp.local', 'PTR');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await waitFor(() => answers > 0, 1_000);
  assert.ok(answers >= 1 && answers <= 8, `${answers} answers`);
  // A query from another port wants an answer to itself (RFC 6762 section 6.7), and may be forged: none comes.
  const stranger = createSocket('udp4');
  stranger.bind(0, loopback);
  await once(stranger, 'listening');
  let isAnswered = false;
  stranger.on('message', () => (isAnswered = true));
  const before = answers;
  const query = Buffer.from('000000000001000000000000045f737270045f756470056c6f63616c00000c0001', 'hex');
  for (let i = 0; i < 5; i += 1) stranger.send(query, 5353, loopback);
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.not.ok(isAnswered);
  assert.ok(answers - before <= 2, 'not even to the group, but for what was still owed');
  stranger.close();
  await discovery.close();
  await new Promise<void>((resolve) => library.destroy(resolve));
});

test('an interface that has no multicast is reported once, and nothing is sent', async () => {
  const errors: NatError[] = [];
  const nowhere = { address: '203.0.113.77', netmask: '255.255.255.0' }; // no interface of this host: joining fails
  const discovery = discoverOn({ peer: mine(1), port: 4000, onPeer: () => undefined, onError: (error) => errors.push(error) }, { interfaces: () => [nowhere], scanMs: 20 });
  await waitFor(() => errors.length > 0, 1_000);
  await new Promise((resolve) => setTimeout(resolve, 150)); // several scans
  await discovery.close();
  assert.equal(errors.map(({ code, message }) => `${code} ${message}`), ['MULTICAST_UNAVAILABLE Cannot discover peers on 203.0.113.77: addMembership ENODEV']);
});

test('at most 64 failures are reported, however many interfaces come and go', async () => {
  const errors: NatError[] = [];
  let n = 0;
  const next = (): { address: string; netmask: string }[] => Array.from({ length: 10 }, () => ({ address: `203.0.113.${(n += 1) % 250}`, netmask: '255.255.255.0' }));
  const discovery = discoverOn({ peer: mine(1), port: 4000, onPeer: () => undefined, onError: (error) => errors.push(error) }, { interfaces: next, scanMs: 10 });
  await waitFor(() => n >= 150, 3_000);
  await new Promise((resolve) => setTimeout(resolve, 50));
  await discovery.close();
  assert.is(errors.length, 64);
});

test('no interface at all is reported once', async () => {
  const errors: NatError[] = [];
  const discovery = discoverOn({ peer: mine(1), port: 4000, onPeer: () => undefined, onError: (error) => errors.push(error) }, { interfaces: () => [], scanMs: 20 });
  await new Promise((resolve) => setTimeout(resolve, 100));
  await discovery.close();
  assert.is(errors.length, 1);
});

withMulticast('notices an interface that appears, one that vanishes, and one that appears again', async () => {
  let present = [] as { address: string; netmask: string }[];
  const a = listen(1);
  const found: Found[] = [];
  const discovery = discoverOn({ peer: mine(2), port: 4002, onPeer: (other, address) => found.push({ peer: other, address }) }, { interfaces: () => present, scanMs: 20 });
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal(found, []);
  present = [loopbackInterface];
  assert.ok(await waitFor(() => hears(found, 1) && hears(a.found, 2)));
  present = [];
  await new Promise((resolve) => setTimeout(resolve, 100));
  const late = listen(3);
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.not.ok(hears(found, 3), 'the interface is gone');
  present = [loopbackInterface];
  assert.ok(await waitFor(() => hears(found, 3)));
  await Promise.all([discovery.close(), a.discovery.close(), late.discovery.close()]);
});

test('can be closed before it has opened', async () => {
  for (let i = 0; i < 5; i += 1) await listen(1).discovery.close();
});

test('works with the loopback interface alone, and says so if there is not even that', async () => {
  if (!canUnshare) return;
  const script = fileURLToPath(new URL('neighbour.ts', import.meta.url));
  // Each prints what it finds until its input, here file 3, ends.
  const one = (n: number): string => `${process.execPath} --import tsx ${script} ${n} ${4000 + n} all <&3`;
  const inside = (commands: string): ReturnType<typeof neighbour> => neighbour([], ['unshare', '-rn', 'sh', '-c', `exec 3<&0; ${commands}`]);
  const both = inside(`ip link set lo up; ${one(2)} & ${one(3)}; wait`);
  const alone = inside(one(2));
  const hog = `${process.execPath} -e "require('dgram').createSocket('udp4').bind(5353, () => console.log('bound')); process.stdin.resume().on('end', () => process.exit())" <&3`;
  const taken = inside(`ip link set lo up; ${hog} & sleep 0.5; ${one(2)}; wait`);
  const expected: [{ child: ChildProcess; lines: string[] }, RegExp[]][] = [
    [both, [/^found 2 127\.0\.0\.1:4002/, /^found 3 127\.0\.0\.1:4003/]],
    [alone, [/^error MULTICAST_UNAVAILABLE Cannot discover peers on this host: no IPv4 interface is up$/]],
    [taken, [/^error MULTICAST_UNAVAILABLE Cannot discover peers on 127\.0\.0\.1: bind EADDRINUSE/]],
  ];
  for (const [{ child, lines }, patterns] of expected) {
    await waitFor(() => patterns.every((pattern) => lines.some((line) => pattern.test(line))), 15_000);
    child.stdin?.end();
    await once(child, 'exit');
    for (const pattern of patterns) assert.is(lines.filter((line) => pattern.test(line)).length, 1, `${pattern}: ${lines.join('; ')}`);
  }
});

test('refuses a peer or a port that is none', () => {
  const onPeer = (): void => undefined;
  for (const port of [0, 65_536, 1.5, Number.NaN]) {
    assert.throws(() => discoverLocally({ peer: mine(1), port, onPeer }), (error: NatError) => error.code === 'DISCOVERY_OPTIONS_INVALID');
  }
  for (const id of ['', 'ab', mine(1).toUpperCase().replace('0', 'G')]) {
    assert.throws(() => discoverLocally({ peer: id as PeerId, port: 4000, onPeer }), (error: NatError) => error.code === 'DISCOVERY_OPTIONS_INVALID');
  }
});

test('tells who is on the link by the netmask', () => {
  const own = { address: '10.1.2.3', netmask: '255.255.254.0' };
  for (const near of ['10.1.2.1', '10.1.3.255']) assert.ok(isOnLink(own, near), near);
  for (const far of ['10.1.4.1', '10.1.1.255', '9.9.9.9', '127.0.0.1']) assert.not.ok(isOnLink(own, far), far);
  assert.ok(isOnLink({ address: '200.1.1.1', netmask: '255.255.255.128' }, '200.1.1.127'));
  assert.not.ok(isOnLink({ address: '200.1.1.1', netmask: '0.0.0.0' }, '9.9.9.9'), 'a mask that holds the world is none');
  assert.not.ok(isOnLink({ address: '10.1.1.1', netmask: '255.255.255.255' }, '10.1.1.2'), 'a tunnel has no link');
});

test.run();
