import { type Address, concat, type PeerId, type ShortId, type TopicTag, utf8 } from '@srp/machine';
import { bundle, bundleBytes, chunkBytesMax, decodeBlock, decodeChunk, decodeFrame, decodeMessage, encodeBlocks, encodeChunk, encodeFrame, encodeMessage, type Frame, frameBytesMax, isBlock, isBundle, isChunk, isMessage, isObject, unbundle, WireError } from '@srp/wire';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { frame } from './support/arbitraries.js';
import { printSeed } from './support/random.js';

const test = suite('frames');
const seed = printSeed();
const hello: Frame = { kind: 'hello', version: 1, tags: [], addresses: [], mapping: 'unknown', filtering: 'unknown' };
const address = '192.0.2.7:4711' as Address;
const peer = 'ab'.repeat(32) as PeerId;
const tag = 'ab'.repeat(8) as TopicTag;
const token = 'ab'.repeat(8);
const request = { kind: 'sync-request', tag, since: 0, state: 0, from: 0, count: 0, digest: null } as const;
const zero = { high: 0, low: 0, check: 0, excess: 0 };
const sketch = { kind: 'sync-symbols', tag, salt: token, state: 0, count: 0, from: 0, symbols: [zero] } as const;
const ids = (count: number) => Array.from({ length: count }, (_, i) => i.toString(16).padStart(16, '0') as ShortId);

test('every frame fits a session, comes back as it was, and has one encoding', () => {
  fc.assert(
    fc.property(frame, (said) => {
      const bytes = encodeFrame(said);
      assert.ok(bytes.length <= frameBytesMax);
      assert.not.ok(isObject(bytes) || isBundle(bytes));
      const result = decodeFrame(bytes);
      assert.equal(result, { ok: true, value: said });
      if (result.ok) assert.equal(encodeFrame(result.value), bytes);
    }),
    { seed, numRuns: 300 },
  );
});

test('the longest frames are what the limits promise', () => {
  const eight = ids(8).map((id) => ({ peer: id.repeat(4) as PeerId, address }));
  const longest: Frame[] = [
    { kind: 'want', ids: ids(60) },
    { kind: 'ihave', tag, ids: ids(148) },
    { kind: 'graft', tag, ids: ids(60) },
    { kind: 'prune', tag },
    { kind: 'offer', tag, ids: ids(148) },
    { kind: 'sync-ids', tag, part: 0, parts: 1, ids: ids(147) },
    { ...request, count: 1, digest: 'ab'.repeat(12) },
    { ...sketch, symbols: new Array(90).fill(zero) },
    { kind: 'pull', transfer: 0, file: 'ab'.repeat(16), ranges: Array.from({ length: 64 }, (_, first) => ({ first, count: 1 })) },
    { kind: 'no-block', transfer: 0, reason: 'busy', range: { first: 0, count: 1 } },
    { kind: 'holds', transfer: 0, from: 0, until: 0, also: [255] },
    { ...hello, version: 255, tags: ids(64) as string[] as TopicTag[], addresses: [1, 2, 3, 4].map((i) => `[2001:db8::${i}]:65535` as Address), mapping: 'dependent' },
    { kind: 'peers', tag, peers: eight, closer: eight },
    { kind: 'peers', tag, peers: eight, closer: eight.slice(0, 4), keepers: eight },
  ];
  assert.equal(longest.map((said) => encodeFrame(said).length), [482, 1193, 489, 9, 1193, 1193, 33, 1197, 405, 12, 45, 670, 896, 1118]);
});

test('a block comes back as it was, and no other length is one', () => {
  const bytes = Uint8Array.from({ length: 1024 }, (_, i) => i);
  const frame = encodeBlocks({ transfer: 0xffff_fffe, position: 7, bytes })[0]!;
  assert.ok(isBlock(frame) && !isObject(frame) && !isBundle(frame) && frame.length === 1033);
  assert.equal(decodeBlock(frame), { ok: true, value: { transfer: 0xffff_fffe, position: 7, bytes } });
  assert.equal(decodeFrame(frame), { ok: false, reason: 'frame-is-block' });
  const run = encodeBlocks({ transfer: 1, position: 7, bytes: concat(bytes, new Uint8Array(1024)) });
  assert.equal(run.map(decodeBlock), [bytes, new Uint8Array(1024)].map((block, i) => ({ ok: true, value: { transfer: 1, position: 7 + i, bytes: block } })));
  for (const other of [frame.subarray(1), frame.subarray(0, 1032), new Uint8Array(1034).fill(0x0c), new Uint8Array(0)]) assert.equal(decodeBlock(other), { ok: false, reason: 'frame-length-wrong' });
  for (const length of [0, 1023, 1025]) assert.throws(() => encodeBlocks({ transfer: 0, position: 0, bytes: new Uint8Array(length) }), (error: unknown) => error instanceof WireError && error.code === 'FRAME_FIELD_INVALID');
});

test('a piece of a stream comes back as it was, and no other length or flag is one', () => {
  for (const length of [0, 1, chunkBytesMax]) {
    const chunk = { stream: 0xffff_fffe, number: 7, held: 65_535, isLast: true, isIdle: false, bytes: new Uint8Array(length).fill(3) };
    const frame = encodeChunk(chunk);
    assert.ok(isChunk(frame) && !isObject(frame) && frame.length <= frameBytesMax);
    assert.equal(decodeChunk(frame), { ok: true, value: chunk });
    assert.equal(decodeFrame(frame), { ok: false, reason: 'frame-is-chunk' });
    assert.equal(decodeChunk(frame.with(11, 4)), { ok: false, reason: 'flags-unknown' });
  }
  for (const other of [new Uint8Array(0), new Uint8Array(11).fill(15), new Uint8Array(1199).fill(15)]) assert.equal(decodeChunk(other), { ok: false, reason: 'frame-length-wrong' });
  assert.throws(() => encodeChunk({ stream: 0, number: 0, held: 0, isLast: false, isIdle: false, bytes: new Uint8Array(chunkBytesMax + 1) }), (error: unknown) => error instanceof WireError && error.code === 'FRAME_FIELD_INVALID');
});

test('a datagram of an app comes back as it was, from one byte to what fits', () => {
  for (const length of [1, 1197]) {
    const message = new Uint8Array(length).fill(3);
    const frame = encodeMessage(message);
    assert.ok(isMessage(frame) && frame.length === length + 1);
    assert.equal(decodeMessage(frame), { ok: true, value: message });
    assert.equal(decodeFrame(frame), { ok: false, reason: 'frame-is-message' });
  }
  for (const other of [new Uint8Array(0), Uint8Array.of(16), new Uint8Array(1199).fill(16)]) assert.equal(decodeMessage(other), { ok: false, reason: 'frame-length-wrong' });
  for (const length of [0, 1198]) assert.throws(() => encodeMessage(new Uint8Array(length)), (error: unknown) => error instanceof WireError && error.code === 'FRAME_FIELD_INVALID');
});

test('the answer to a PING is never longer than the PING', () => {
  const ping = encodeFrame({ kind: 'ping', tx: token, silence: 255 });
  const pong = encodeFrame({ kind: 'pong', tx: token, observed: '[2001:db8::1]:1' as Address, time: 0, silence: 0 });
  assert.ok(pong.length <= ping.length);
});

test('what was decoded does not change when its bytes are written over', () => {
  fc.assert(
    fc.property(frame, (said) => {
      const bytes = encodeFrame(said);
      const result = decodeFrame(bytes);
      bytes.fill(0xff);
      assert.equal(result, { ok: true, value: said });
    }),
    { seed, numRuns: 50 },
  );
});

test('a caller who says what no frame can say is told at once', () => {
  const bad: [object, RegExp][] = [
    [{ kind: 'ping', tx: 'ab', silence: 0 }, /Cannot encode ping: tx must be 16 lowercase hex characters, got "ab"/],
    [{ kind: 'pong', tx: token, observed: '224.0.0.1:5', time: 0, silence: 0 }, /observed must be an address that a peer can have/],
    [{ kind: 'pong', tx: token, observed: '192.0.2.07:5', time: 0, silence: 0 }, /observed/],
    [{ kind: 'pong', tx: token, observed: 'host:5', time: 0, silence: 0 }, /observed/],
    [{ kind: 'pong', tx: token, observed: address, time: -1, silence: 0 }, /time must be an integer/],
    [{ kind: 'pong', tx: token, observed: address, time: 0, silence: 256 }, /silence/],
    [{ kind: 'want', ids: [] }, /ids must be 1\.\.60, got 0/],
    [{ kind: 'want', ids: ids(61) }, /got 61/],
    [{ kind: 'want', ids: [token, token] }, /must not repeat/],
    [{ kind: 'want', ids: ['AB'.repeat(8)] }, /every id/],
    [{ kind: 'want-after', tag, prev: tag }, /prev must be 32/],
    [{ kind: 'ihave', tag, ids: [] }, /Cannot encode ihave: ids must be 1\.\.148, got 0/],
    [{ kind: 'graft', tag, ids: ids(61) }, /Cannot encode graft: ids must be 0\.\.60, got 61/],
    [{ kind: 'graft', tag, ids: [token, token] }, /ids must not repeat/],
    [{ kind: 'prune', tag: 'x' }, /Cannot encode prune: tag/],
    [{ kind: 'offer', tag, ids: ids(149) }, /ids must be 1\.\.148/],
    [{ kind: 'offer', tag: '', ids: ids(1) }, /tag/],
    [{ ...request, since: 2 ** 32 }, /since/],
    [{ ...request, state: 1 }, /state and from must be 0/],
    [{ ...request, from: 5 }, /state and from must be 0/],
    [{ ...request, from: 4000, count: 97 }, /count must be an integer 0\.\.96, got 97/],
    [{ ...request, count: 1 }, /digest must be there in a first question/],
    [{ ...request, from: 1, count: 1, digest: 'ab'.repeat(12) }, /digest must be there in a first question for symbols, and in no other/],
    [{ ...request, count: 1, digest: 'ab' }, /digest must be 24/],
    [{ ...sketch, salt: 'ab' }, /salt must be 16/],
    [{ ...sketch, count: -1 }, /count/],
    [{ ...sketch, from: 4096 }, /at most 4096 together, got 4096 and 1/],
    [{ ...sketch, symbols: new Array(91).fill(zero) }, /symbols must fit 1198 bytes, got 1210/],
    [{ ...sketch, symbols: [{ ...zero, check: 2 ** 32 }] }, /sums and checks/],
    [{ ...sketch, symbols: [{ ...zero, excess: 2 ** 31 }] }, /excess/],
    [{ kind: 'sync-ids', tag, part: 1, parts: 1, ids: [] }, /part must be an integer 0\.\.0, got 1/],
    [{ kind: 'sync-ids', tag, part: 0, parts: 257, ids: [] }, /parts/],
    [{ kind: 'sync-ids', tag, part: 0, parts: 1, ids: ids(148) }, /ids must be 0\.\.147/],
    [{ ...hello, version: 0 }, /version/],
    [{ ...hello, tags: ids(65) }, /tags must be 0\.\.64/],
    [{ ...hello, tags: [tag, tag] }, /tags must not repeat/],
    [{ ...hello, tags: ['x'] }, /every tag/],
    [{ ...hello, addresses: [address, address] }, /addresses must not repeat/],
    [{ ...hello, addresses: ['0.0.0.0:5'] }, /every address/],
    [{ kind: 'ask', stream: 0, below: 0, ranges: new Array(33).fill({ first: 0, count: 1 }) }, /ranges must be 0\.\.32, got 33/],
    [{ kind: 'open', stream: 0, label: '' }, /label must be 1\.\.64 characters/],
    [{ kind: 'reset', stream: 0, reason: 256 }, /reason must be an integer 0\.\.255, got 256/],
    [{ kind: 'pull', transfer: 2 ** 32, file: 'ab'.repeat(16), ranges: [{ first: 0, count: 1 }] }, /transfer must be an integer 0\.\.4294967295, got 4294967296/],
    [{ kind: 'pull', transfer: 0, file: 'ab', ranges: [{ first: 0, count: 1 }] }, /file must be 32 lowercase hex characters/],
    [{ kind: 'pull', transfer: 0, file: 'ab'.repeat(16), ranges: [] }, /ranges must be 1\.\.64, got 0/],
    [{ kind: 'pull', transfer: 0, file: 'ab'.repeat(16), ranges: [{ first: 0, count: 40 }, { first: 50, count: 40 }] }, /at most 64 blocks together, got 80/],
    [{ kind: 'pull', transfer: 0, file: 'ab'.repeat(16), ranges: [{ first: 0xffff_ffff, count: 2 }] }, /first must be an integer 0\.\.4294967294/],
    [{ kind: 'no-block', transfer: 0, reason: 'tired' as never, range: { first: 0, count: 1 } }, /reason must be one of unknown, absent, unreadable, busy, got "tired"/],
    [{ kind: 'holds', transfer: 0, from: 2, until: 1, also: [] }, /from must be an integer 0\.\.1, got 2/],
    [{ kind: 'holds', transfer: 0, from: 0, until: 1, also: [3, 2] }, /also must be an integer 4\.\.256, got 2/],
    [{ kind: 'no-block', transfer: 0, reason: 'busy', range: { first: 0, count: 0 } }, /count must be an integer 1\.\.64, got 0/],
    [{ ...hello, mapping: 'other' }, /mapping must be one of unknown, independent, dependent, got "other"/],
    [{ kind: 'find', tag: 'x' }, /tag/],
    [{ kind: 'peers', tag: null, peers: [{ peer, address }, { peer, address }], closer: [] }, /peers must not repeat/],
    [{ kind: 'peers', tag: null, peers: [], closer: [{ peer, address }, { peer, address }] }, /closer must not repeat/],
    [{ kind: 'peers', tag: null, peers: [], closer: ids(9).map((id) => ({ peer: id.repeat(4), address })) }, /closer must be 0\.\.8, got 9/],
    [{ kind: 'peers', tag: null, peers: [], closer: [{ peer, address: '0.0.0.0:5' }] }, /every address/],
    [{ kind: 'peers', tag: null, peers: [], closer: [], keepers: [] }, /keepers must be 1\.\.8, and all names 1\.\.20, got 0/],
    [{ kind: 'introduce', peer: 'x' }, /peer/],
    [{ kind: 'call', peer, address, token: 'x', initiator: true }, /token/],
    [{ kind: 'ports', token: 'x', low: 1, high: 2 }, /token/],
    [{ kind: 'knock', token: 'x', address: null }, /token/],
    [{ kind: 'ports', token: '00'.repeat(8), low: 2, high: 1 }, /high/],
    [{ kind: 'bye', reason: 256 }, /reason/],
  ];
  for (const [said, message] of bad) {
    assert.throws(
      () => encodeFrame(said as Frame),
      (error: unknown) => error instanceof WireError && error.code === 'FRAME_FIELD_INVALID' && message.test(error.message),
      JSON.stringify(said),
    );
  }
});

test('what comes out of a bundle does not keep its datagram in memory', () => {
  const result = unbundle(bundle([encodeFrame(hello), new Uint8Array(174).fill(0x58)]));
  assert.ok(result.ok);
  for (const part of result.value) assert.is(part.buffer.byteLength, part.length);
});

test('a bundle holds frames and objects in their order, and padding behind them if it is to be longer', () => {
  const parts = [encodeFrame(hello), encodeFrame({ kind: 'find', tag: null }), new Uint8Array(174).fill(0x58)];
  const bytes = bundle(parts);
  assert.is(bytes.length, bundleBytes(parts.map((part) => part.length)));
  assert.equal(unbundle(bytes), { ok: true, value: parts });
  assert.ok(isBundle(bytes));
  const long = new Array<Uint8Array>(64).fill(new Uint8Array(frameBytesMax).fill(1));
  assert.is(bundle(long).length, 1 + 64 * 1200);
  const room = new Uint8Array(2000).fill(9);
  assert.equal(bundle(parts, { paddedTo: 1500, into: room }), concat(bytes, new Uint8Array(1500 - bytes.length)));
  assert.equal(unbundle(room.subarray(0, 1500)), { ok: true, value: parts });
  assert.is(room[1500], 9);
  const invalid = (parts: Uint8Array[], message: RegExp) =>
    assert.throws(() => bundle(parts), (error: unknown) => error instanceof WireError && error.code === 'FRAME_FIELD_INVALID' && message.test(error.message));
  invalid([], /1\.\.64 frames, got 0/);
  invalid(new Array<Uint8Array>(65).fill(utf8('x')), /got 65/);
  invalid([new Uint8Array(1199).fill(1)], /1\.\.1198 bytes/);
  invalid([new Uint8Array(0)], /1\.\.1198 bytes/);
  invalid([bytes], /a bundle/);
});

test.run();
