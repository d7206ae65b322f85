/** The committed vectors: current, confirmed by the slow twins, complete, and what this package does. */
import { fromHex, type Instant, instant, type PacketId, toHex } from '@srp/machine';
import { topicOfKey } from '@srp/identity';
import {
  bundle,
  bundleRefusals,
  cborRefusals,
  checkPacket,
  contentRefusals,
  decodeCbor,
  decodeFrame,
  decodeManifest,
  decodePacket,
  encodeCbor,
  encodeFrame,
  encodeManifest,
  encodePacket,
  type Frame,
  frameRefusals,
  manifestRefusals,
  openPacket,
  type Packet,
  packetRefusals,
  postageBound,
  pullPostage,
  unbundle,
  verifyPacket,
} from '@srp/wire';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readVectors, vectorsSuite } from '../../../scripts/vectors.mjs';
import { passes } from './reference/cbor.js';
import { readFixedFrame } from './reference/frames.js';
import { openObject, readObject } from './reference/object.js';
import { makeVectors } from './vectors.js';
import { shownValue } from './vectors/cbor.js';

interface Case {
  readonly description: string;
  readonly rule: string;
  readonly bytes: string;
  readonly refused?: string | null;
}
interface ObjectCase extends Case {
  readonly fields: Pick<Packet, 'kind' | 'life' | 'postage' | 'time' | 'tag' | 'prev' | 'next' | 'author'>;
  readonly id: string;
  readonly fullId: string;
  readonly content: Record<string, unknown> & { readonly payload: string };
}
interface Files {
  readonly 'object.json': {
    readonly keys: { readonly topicKey: string };
    readonly objects: readonly ObjectCase[];
    readonly run: readonly ObjectCase[];
    readonly decode: readonly Case[];
    readonly verify: readonly (Case & { readonly id: string; readonly verifies: boolean })[];
    readonly age: readonly (Case & { readonly life: 0 | 1 | 2 | 3; readonly time: number; readonly postage: number; readonly now: number; readonly bound: number; readonly pull: number })[];
    readonly open: readonly (Case & { readonly content?: Record<string, unknown> })[];
    readonly manifest: readonly (Case & { readonly parts?: readonly PacketId[] })[];
  };
  readonly 'frames.json': {
    readonly frames: readonly (Case & { readonly frame: Frame })[];
    readonly skipped: readonly (Case & { readonly frame: Frame })[];
    readonly refused: readonly Case[];
    readonly bundles: readonly (Case & { readonly frames?: readonly string[] })[];
  };
  readonly 'cbor-gate.json': { readonly accepted: readonly (Case & { readonly value: unknown })[]; readonly refused: readonly Case[] };
}

const committed = <Name extends keyof Files>(name: Name): Files[Name] => readVectors(name) as Files[Name];
const objects = committed('object.json');
const frames = committed('frames.json');
const cbor = committed('cbor-gate.json');
const topicKey = fromHex(objects.keys.topicKey);
const topic = topicOfKey(topicKey);
const test = suite('committed vectors');

/** What a result is in a vector: the value as JSON has it. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
const packetOf = (hex: string): Packet => {
  const packet = decodePacket(fromHex(hex));
  if (!packet.ok) throw new Error(packet.reason);
  return packet.value;
};
/** The payload as text is there for the reader alone. */
const withoutText = (content: Record<string, unknown>) => Object.fromEntries(Object.entries(content).filter(([key]) => key !== 'text'));

for (const { description, bytes, fields, id, fullId, content } of [...objects.objects, ...objects.run]) {
  test(`object: ${description}`, () => {
    const packet = packetOf(bytes);
    const { kind, life, postage, time, tag, prev, next, author } = packet;
    assert.equal({ kind, life, postage, time, tag, prev, next, author }, fields);
    assert.is(packet.id, id);
    assert.is(packet.fullId, fullId);
    assert.ok(verifyPacket(packet));
    const opened = openPacket(packet, topic);
    assert.ok(opened.ok);
    assert.equal(plain({ ...opened.value, payload: toHex(opened.value.payload) }), withoutText(content));
    assert.is(toHex(encodePacket({ ...fields, signature: packet.signature, body: packet.body })), bytes);
  });

  test(`object, by node:crypto alone: ${description}`, () => {
    const read = readObject(fromHex(bytes));
    const zero = (link: string | null, length: number) => link ?? '0'.repeat(length);
    assert.equal(read, {
      ...fields,
      kind: ['message', 'part', 'manifest'].indexOf(fields.kind),
      prev: zero(fields.prev, 32),
      next: zero(fields.next, 16),
      id,
      fullId,
      signed: true,
    });
    assert.ok(toHex(openObject(fromHex(bytes), topicKey)).endsWith(content.payload));
  });
}

test('a run is linked both ways', () => {
  const [first, second, third] = objects.run.map(({ bytes }) => packetOf(bytes)) as [Packet, Packet, Packet];
  assert.equal([second.prev, third.prev], [first.id, second.id]);
  assert.equal([first.next, second.next, third.next], [second.id.slice(0, 16), third.id.slice(0, 16), null]);
  assert.is(objects.run[2]?.content.payload, first.id + second.id);
});

for (const { description, bytes, refused } of objects.decode) {
  test(`decode: ${description}`, () => {
    assert.equal(decodePacket(fromHex(bytes)), { ok: false, reason: refused });
  });
}

for (const { description, bytes, id, verifies } of objects.verify) {
  test(`verify: ${description}`, () => {
    assert.is(packetOf(bytes).id, id);
    assert.is(verifyPacket(packetOf(bytes)), verifies);
  });
}

for (const { description, life, time, postage, now, bound, pull, refused } of objects.age) {
  test(`age: ${description}`, () => {
    for (const ms of [0, 999]) {
      const at: Instant = instant(now * 1000 + ms);
      assert.is(checkPacket({ life, time, postage }, at), refused);
      assert.is(postageBound({ life, time }, at), bound);
      assert.is(pullPostage({ life, time }, at), pull);
    }
  });
}

for (const { description, bytes, content, refused } of objects.open) {
  test(`open: ${description}`, () => {
    const opened = openPacket(packetOf(bytes), topic);
    if (opened.ok) assert.equal(plain({ ...opened.value, payload: toHex(opened.value.payload) }), withoutText(content ?? {}));
    else assert.is(opened.reason, refused);
  });
}

for (const { description, bytes, parts, refused } of objects.manifest) {
  test(`manifest: ${description}`, () => {
    assert.equal(decodeManifest(fromHex(bytes)), parts === undefined ? { ok: false, reason: refused } : { ok: true, value: parts });
    if (parts === undefined) return;
    assert.is(toHex(encodeManifest(parts)), bytes);
    assert.is(parts.join(''), bytes);
  });
}

for (const { description, bytes, frame } of frames.frames) {
  test(`frame: ${description}`, () => {
    assert.is(toHex(encodeFrame(frame)), bytes);
    assert.equal(decodeFrame(fromHex(bytes)), { ok: true, value: frame });
    const fixed = readFixedFrame(fromHex(bytes));
    if (fixed === null) assert.ok(passes(fromHex(bytes.slice(2))));
    else assert.equal(fixed, frame);
  });
}

for (const { description, bytes, frame } of frames.skipped) {
  test(`frame with more than is known: ${description}`, () => {
    assert.equal(decodeFrame(fromHex(bytes)), { ok: true, value: frame });
  });
}

for (const { description, bytes, refused } of frames.refused) {
  test(`no frame: ${description}`, () => {
    assert.equal(decodeFrame(fromHex(bytes)), { ok: false, reason: refused });
  });
}

for (const { description, bytes, frames: held, refused } of frames.bundles) {
  test(`bundle: ${description}`, () => {
    const result = unbundle(fromHex(bytes));
    if (result.ok) {
      assert.equal(result.value.map(toHex), held);
      assert.ok(bytes.startsWith(toHex(bundle(result.value))));
    } else assert.is(result.reason, refused);
  });
}

for (const { description, bytes, value } of cbor.accepted) {
  test(`CBOR: ${description}`, () => {
    const result = decodeCbor(fromHex(bytes));
    assert.ok(result.ok);
    assert.equal(shownValue(result.value), value);
    assert.is(toHex(encodeCbor(result.value)), bytes);
    assert.ok(passes(fromHex(bytes)));
  });
}

for (const { description, bytes, refused } of cbor.refused) {
  test(`no CBOR: ${description}`, () => {
    assert.equal(decodeCbor(fromHex(bytes)), { ok: false, reason: refused });
    // The twin does not mind a byte order mark: reading text is not its business.
    assert.is(passes(fromHex(bytes)), refused === 'cbor-text-marked');
  });
}

test('every reason to refuse bytes has a vector', () => {
  const shown = (cases: readonly Case[]) => new Set(cases.map(({ refused }) => refused ?? '').filter((reason) => reason !== ''));
  const missing = (reasons: readonly string[], cases: readonly Case[]) => reasons.filter((reason) => !shown(cases).has(reason));
  const isOwn = (reason: string) => !(cborRefusals as readonly string[]).includes(reason);
  assert.equal(missing(packetRefusals, [...objects.decode, ...objects.age]), []);
  assert.equal(missing(contentRefusals.filter(isOwn), objects.open), []);
  assert.equal(missing(manifestRefusals, objects.manifest), []);
  // That of a piece of a stream, which is no frame: frames.test.ts.
  assert.equal(missing(frameRefusals.filter(isOwn), frames.refused), ['flags-unknown']);
  assert.equal(missing(bundleRefusals, frames.bundles), []);
  // No input is known that the gate lets pass and the library does not read.
  assert.equal(missing(cborRefusals, cbor.refused), ['cbor-unreadable']);
});

test.run();
vectorsSuite(makeVectors());
