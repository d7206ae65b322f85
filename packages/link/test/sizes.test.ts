// The budget: what a session and a relay add, and that a full object fits every path.
import { frameBytesMax as wireFrameBytesMax, encodeFrame, objectBytesMax } from '@srp/wire';
import * as link from '@srp/link';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as size from '../dist/constants.js';
import { encodeInitPayload } from '../dist/payload.js';
import { at, type Flight, Node, World } from './support/pair.js';

const opened = (): { a: Node; b: Node; world: World; seen: Flight[] } => {
  const a = new Node(1, '192.0.2.1:1000');
  const b = new Node(2, '192.0.2.2:2000');
  const world = new World(a, b);
  const seen: Flight[] = [];
  world.route = (flight) => (seen.push(flight), [0]);
  world.open(a, b);
  return { a, b, world, seen };
};

test('a session adds exactly 29 bytes to every frame', () => {
  const { a, b, world, seen } = opened();
  for (const length of [1, 2, 33, 500, 1198]) {
    world.say(a, b, ...new Uint8Array(length).fill(0x50));
    assert.is(seen.at(-1)!.bytes.length, length + 29);
  }
  assert.is(link.sessionOverheadBytes, 29);
});

test('a full object in a session through a relay has exactly 1232 bytes: 1280 on IPv6', () => {
  const { a, b, world, seen } = opened();
  world.say(a, b, ...new Uint8Array(objectBytesMax).fill(0x50));
  const relayed = link.encodeRelay(0x01020304, seen.at(-1)!.bytes);
  assert.is(objectBytesMax, 1198);
  assert.is(seen.at(-1)!.bytes.length, 1227);
  assert.is(relayed.length, 1232);
  assert.is(relayed.length + 8 + 40, 1280);
  const back = link.decodeDatagram(relayed);
  assert.ok(back.ok && back.value.kind === 'relay');
  assert.equal(back.value.inner, seen.at(-1)!.bytes);
  world.settle();
  assert.is(b.all('received')[0]!.frame.length, 1198);
  world.arrive({ from: a.address, to: b.address, bytes: relayed });
  assert.equal(b.link.drops(), { 'no-channel': 1 }, 'no channel is open');
});

test('INIT has 200 bytes, RESP fewer, COOKIE 61, PUNCH 9, and a handshake 407 in all', () => {
  const { a, world, seen } = opened();
  assert.equal(seen.map(({ bytes }) => bytes.length), [200, 145, 62]);
  world.tell(a, { kind: 'punch', to: at('192.0.2.2:1'), token: '0123456789abcdef' });
  assert.is(seen.at(-1)!.bytes.length, 9);
  assert.is(size.cookieDatagramBytes, 61);
});

test('the constants of the layout add up', () => {
  assert.is(size.initOverheadBytes, 1 + 4 + 32 + 48 + 8 + 4 + 2 + 16 + 16 + 16);
  assert.is(size.responseOverheadBytes, 1 + 4 + 4 + 32 + 1 + 16 + 16);
  assert.is(size.frameBytesMax + size.sessionOverheadBytes + size.relayOverheadBytes, size.datagramBytesMax);
  assert.is(size.datagramBytesMax + 8 + 40, 1280);
  assert.is(size.earlyBytesMax, 1044);
  for (const length of [0, 33, 52, 53, 54, 1080]) {
    const bytes = size.initOverheadBytes - size.initPayloadHeadBytes + encodeInitPayload({ ms: 1, continues: 0, frames: new Uint8Array(length) }).length;
    assert.is(bytes, Math.max(200, 147 + length));
  }
});

test('no RESP of ours is longer than the shortest INIT', () => {
  const frames = size.bundleTypeBytes + 2 * (size.bundleLengthBytes + size.pingBytes);
  assert.ok(size.responseOverheadBytes + frames <= size.initBytesMin);
  assert.ok(size.cookieDatagramBytes <= size.initBytesMin);
});

test('what the wire says is what the link reckons with', () => {
  const ping = encodeFrame({ kind: 'ping', tx: '0011223344556677', silence: 0 });
  const pong = encodeFrame({ kind: 'pong', tx: '0011223344556677', observed: at('192.0.2.1:1'), time: 0, silence: 0 });
  const bye = encodeFrame({ kind: 'bye', reason: 0 });
  const find = encodeFrame({ kind: 'find', tag: null });
  const hello = encodeFrame({ kind: 'hello', version: 1, tags: [], addresses: [], mapping: 'unknown', filtering: 'unknown' });
  assert.equal([ping.length, pong.length], [size.pingBytes, size.pingBytes]);
  const { ping: p, pong: q, bye: b, find: f, hello: h } = size.linkFrameType;
  assert.equal([ping[0], pong[0], bye[0], find[0], hello[0]], [p, q, b, f, h]);
  assert.is(size.frameBytesMax, wireFrameBytesMax);
});

test('limits and times keep their order', () => {
  const rising = (...numbers: readonly number[]): boolean => numbers.every((number, i) => i === 0 || number > (numbers[i - 1] ?? 0));
  assert.ok(rising(...size.initScheduleMs, size.crossingMs, size.initGiveUpMs, size.unconfirmedMs));
  assert.ok(rising((size.quickPingsMax + 2) * size.answerMaxMs, size.previousKeysMs), 'old keys outlive an asking');
  assert.ok(rising(size.keepaliveMinMs, size.keepaliveLeastMs, size.keepaliveUnknownMs, size.keepaliveMaxMs, 1000 * size.silenceToldMax));
  assert.ok(rising(size.keepaliveRelayedMs + size.askGraceMs + (size.quickPingsMax + 1) * size.answerMinMs, size.relayIdleMs), 'a relay waits longer than its ends are silent');
  assert.ok(rising(size.rekeyAfterMs, size.rekeyAfterMs * (1 + size.rekeyResponderShare), size.rejectAfterMs));
  assert.ok(rising(size.rekeyAfterPackets, size.rejectAfterPackets, Number.MAX_SAFE_INTEGER));
  assert.ok(rising(size.initScheduleMs.length + size.cookiesPerAddressMax - 1, size.responsesPerAddressMax));
});

test.run();
