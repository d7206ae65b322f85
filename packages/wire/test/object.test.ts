import { generateKeyPair, openSealed, sealTo, topicOfKey } from '@srp/identity';
import { authorId, concat, fromHex, instant, type PacketId, shortIdOf, toHex, utf8 } from '@srp/machine';
import { checkPacket, composePacket, composeRun, type Content, decodePacket, encodeManifest, encodePacket, expiresAt, isObject, type Life, lifeMs, openPacket, type Packet, type PacketDraft, payloadBytesMax, postageBound, pullPostage, restamp, verifyPacket, WireError, withPostage } from '@srp/wire';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { envelope, links } from './support/arbitraries.js';
import { author, common, now, random, topic } from './support/fixed.js';
import { printSeed } from './support/random.js';
import { withBytes } from './support/raw.js';

const test = suite('objects');

const decodedOf = (bytes: Uint8Array): Packet => {
  const packet = decodePacket(bytes);
  if (!packet.ok) throw new Error(packet.reason);
  return packet.value;
};
const contentOf = (packet: Packet): Content => {
  const content = openPacket(packet, topic);
  if (!content.ok) throw new Error(content.reason);
  return content.value;
};
const throwsCode = (code: string, what: () => unknown, message: RegExp) => {
  assert.throws(what, (error: unknown) => error instanceof WireError && error.code === code && message.test(error.message));
};

test('whatever is composed is decoded, verified and opened as it was', () => {
  printSeed();
  const drafts = fc.record({
    link: links,
    life: fc.constantFrom<Life>(0, 1, 2, 3),
    kind: fc.constantFrom<'message' | 'manifest'>('message', 'manifest'),
    front: envelope,
    size: fc.nat({ max: 1023 }),
  });
  fc.assert(
    fc.property(drafts, ({ link, life, kind, front, size }) => {
      const payload = new Uint8Array(Math.min(size, payloadBytesMax(front))).fill(size);
      const packet = decodedOf(composePacket({ ...common, ...link, life, kind, envelope: front, payload }).bytes);
      assert.equal([packet.prev, packet.next, packet.life, packet.kind, packet.tag], [link.prev, link.next, life, kind, topic.tag]);
      assert.equal([packet.author, packet.time, packet.postage], [authorId(author.publicKey), Math.floor(now / 1000), 16]);
      assert.is(packet.id, packet.fullId.slice(0, 32));
      assert.ok(verifyPacket(packet));
      assert.equal(contentOf(packet), { parents: [], ...front, payload });
    }),
    { numRuns: 60 },
  );
});

test('no bit but those of the postage can be changed unnoticed', () => {
  const { bytes, id } = composePacket({ ...common, prev: 'ab'.repeat(16) as PacketId, next: shortIdOf('cd'.repeat(16) as PacketId), envelope: { ms: 0 }, payload: new Uint8Array(0) });
  for (let at = 0; at < bytes.length; at += 1) {
    for (let bit = 0; bit < 8; bit += 1) {
      const changed = decodePacket(withBytes(bytes, at, (bytes[at] ?? 0) ^ (1 << bit)));
      if (at === 1) {
        if (changed.ok) assert.ok(verifyPacket(changed.value) && changed.value.id === id, `postage bit ${bit}`);
      } else assert.not.ok(changed.ok && verifyPacket(changed.value), `byte ${at}, bit ${bit}`);
    }
  }
});

test('no byte can be cut off or added', () => {
  const { bytes } = composePacket({ ...common, payload: new Uint8Array(3) });
  for (const other of [bytes.subarray(0, -1), concat(bytes, Uint8Array.of(0)), bytes.subarray(1)]) {
    const packet = decodePacket(other);
    assert.not.ok(packet.ok && verifyPacket(packet.value));
  }
});

test('the id covers what relays check, and neither postage nor next nor signature', () => {
  const { bytes, id } = composePacket({ ...common, next: shortIdOf('cd'.repeat(16) as PacketId), payload: utf8('x') });
  for (let at = 0; at < bytes.length; at += 1) {
    const same = decodePacket(withBytes(bytes, at, (bytes[at] ?? 0) ^ 1));
    const isCovered = !(at === 1 || (at >= 30 && at < 38) || (at >= 70 && at < 134));
    if (same.ok) assert.is(same.value.id !== id, isCovered, `byte ${at}`);
  }
});

test('a view reads its fields once and the same each time', () => {
  const packet = decodedOf(composePacket({ ...common, payload: utf8('x') }).bytes);
  assert.is(packet.id, packet.id);
  assert.is(packet.tag, packet.tag);
  assert.is(packet.author, packet.author);
  assert.is(packet.signature.length, 64);
  assert.is(packet.body.length, packet.bytes.length - 134);
  assert.ok(isObject(packet.bytes));
});

test('a Buffer and a view in the middle of other bytes are read like any bytes', () => {
  const { bytes, id } = composePacket({ ...common, payload: utf8('x') });
  const around = Buffer.concat([Buffer.alloc(7, 0xee), bytes, Buffer.alloc(7, 0xee)]).subarray(7, 7 + bytes.length);
  const packet = decodedOf(around);
  assert.is(packet.id, id);
  assert.ok(verifyPacket(packet));
  const restamped = restamp(around, 3);
  assert.is(Object.getPrototypeOf(restamped), Uint8Array.prototype);
  assert.is(around[1], 16);
});

test('an object with another postage is read as its restamped bytes are, whether it was hashed before or not', () => {
  const { bytes } = composePacket({ ...common, payload: utf8('x') });
  for (const touch of [(): void => undefined, (packet: Packet) => assert.ok(packet.id.length + packet.tag.length + packet.author.length > 0)]) {
    const packet = decodedOf(bytes);
    touch(packet);
    const paid = withPostage(packet, 5);
    const again = decodedOf(restamp(bytes, 5));
    assert.equal(paid.bytes, again.bytes);
    assert.is(paid.postage, 5);
    for (const field of ['id', 'fullId', 'tag', 'author', 'prev', 'next'] as const) assert.is(paid[field], again[field]);
    assert.ok(verifyPacket(paid));
    assert.is(packet.postage, 16);
    assert.is(withPostage(packet, 16), packet);
    throwsCode('PACKET_FIELD_INVALID', () => withPostage(packet, 17), /0\.\.16, got 17/);
  }
});

test('restamping changes the postage of a copy', () => {
  const { bytes, id } = composePacket({ ...common, payload: utf8('x') });
  const packet = decodedOf(restamp(bytes, 5));
  assert.equal([packet.postage, packet.id, bytes[1]], [5, id, 16]);
  assert.ok(verifyPacket(packet));
  throwsCode('PACKET_FIELD_INVALID', () => restamp(bytes, 17), /0\.\.16, got 17/);
  throwsCode('PACKET_FIELD_INVALID', () => restamp(bytes, -1), /got -1/);
  throwsCode('PACKET_FIELD_INVALID', () => restamp(bytes, 0.5), /got 0\.5/);
  throwsCode('PACKET_FIELD_INVALID', () => restamp(new Uint8Array(173), 1), /got 173 bytes/);
  throwsCode('PACKET_FIELD_INVALID', () => restamp(new Uint8Array(180), 1), /an object/);
});

test('a run is linked both ways, and what comes later is made from the ids before it', () => {
  const seen: (readonly PacketId[])[] = [];
  const first = 'aa'.repeat(16) as PacketId;
  const run = composeRun({
    ...common,
    prev: first,
    items: [
      { kind: 'part', payload: utf8('1') },
      { kind: 'part', payload: utf8('2') },
      {
        kind: 'manifest',
        payload: (ids) => {
          seen.push(ids);
          return concat(...ids.map(fromHex));
        },
      },
    ],
  });
  const ids = run.map((packet) => packet.id);
  assert.equal(run.map((packet) => packet.prev), [first, ids[0], ids[1]]);
  assert.equal(run.map((packet) => packet.next), [shortIdOf(ids[1]!), shortIdOf(ids[2]!), null]);
  assert.equal(seen, [ids.slice(0, 2)]);
  assert.ok(run.every(verifyPacket));
  assert.ok(run.every((packet) => decodedOf(packet.bytes).id === packet.id));
  assert.is(toHex(contentOf(run[2]!).payload), `${ids[0]}${ids[1]}`);
  assert.equal(composeRun({ ...common, items: [] }), []);
});

test('a part has its payload alone; a message says its millisecond', () => {
  const part = composePacket({ ...common, kind: 'part', payload: new Uint8Array(1024) });
  assert.is(part.bytes.length, 1198);
  assert.equal(contentOf(part), { parents: [], ms: 0, payload: new Uint8Array(1024) });
  assert.is(contentOf(composePacket({ ...common, payload: new Uint8Array(0) })).ms, 123);
  assert.is(contentOf(composePacket({ ...common, envelope: { ms: 7 }, payload: new Uint8Array(0) })).ms, 7);
  assert.is(contentOf(composePacket({ ...common, now: instant(1_764_000_000_999.9), payload: new Uint8Array(0) })).ms, 999);
});

test('the payload that surely fits does fit, and one byte more does not', () => {
  const fullest = { parents: Array.from({ length: 8 }, (_, i) => `0${i}`.repeat(16) as PacketId), recipient: authorId(author.publicKey), epoch: 2 ** 32 - 1, contentType: 'x'.repeat(64) };
  assert.is(payloadBytesMax({ ms: 0 }), 1023);
  assert.is(payloadBytesMax(), 1018);
  for (const front of [{ ms: 0 }, { ms: 999 }, fullest, { ...fullest, ms: 999 }]) {
    const size = payloadBytesMax(front);
    const at = { ...common, now: instant(1_764_000_000_999), envelope: front };
    assert.is(contentOf(composePacket({ ...at, payload: new Uint8Array(size) })).payload.length, size);
    throwsCode('PACKET_PAYLOAD_TOO_LONG', () => composePacket({ ...at, payload: new Uint8Array(size + 1) }), new RegExp(`room for ${size} bytes, got ${size + 1}`));
  }
  throwsCode('PACKET_PAYLOAD_TOO_LONG', () => composePacket({ ...common, kind: 'part', payload: new Uint8Array(1025) }), /1024 bytes, got 1025/);
});

test('a payload to one recipient travels sealed, and opens with the names of its object', () => {
  const reader = generateKeyPair(random);
  const context = { author: authorId(author.publicKey), topic: topic.id };
  const payload = sealTo(reader.publicKey, context, utf8('for you'), random);
  const content = contentOf(composePacket({ ...common, envelope: { recipient: authorId(reader.publicKey) }, payload }));
  assert.is(content.recipient, authorId(reader.publicKey));
  assert.equal(openSealed(reader, context, content.payload), utf8('for you'));
});

test('without the key of the topic nothing is read', () => {
  const packet = composePacket({ ...common, payload: utf8('x') });
  assert.equal(openPacket(packet, topicOfKey(new Uint8Array(32))), { ok: false, reason: 'content-tag-wrong' });
  const sameTag = { ...topicOfKey(new Uint8Array(32)), tag: topic.tag, id: topic.id, bodyKey: new Uint8Array(32) };
  assert.equal(openPacket(packet, sameTag), { ok: false, reason: 'content-seal-broken' });
});

test('a body does not open under another header', () => {
  const { bytes } = composePacket({ ...common, prev: 'ab'.repeat(16) as PacketId, payload: utf8('x') });
  for (const at of [0, 2, 5, 14, 29, 38, 69]) {
    const other = decodePacket(withBytes(bytes, at, (bytes[at] ?? 0) ^ (at === 0 ? 4 : 1)));
    assert.equal(other.ok && openPacket(other.value, topic), { ok: false, reason: 'content-seal-broken' }, `byte ${at}`);
  }
});

test('postage falls with age, never rises, and is gone when life is', () => {
  for (const life of [0, 1, 2, 3] as const) {
    const time = 1_764_000_000;
    const end = (time + lifeMs(life) / 1000) * 1000;
    let last = 16;
    for (let at = time * 1000; at <= end + 700_000; at += lifeMs(life) / 50) {
      const bound = postageBound({ life, time }, instant(at));
      assert.ok(bound <= last && bound >= 0);
      last = bound;
      const pull = pullPostage({ life, time }, instant(at));
      assert.ok(pull <= Math.max(0, bound - 1));
    }
    const expiry = expiresAt({ life, time });
    assert.is(checkPacket({ life, time, postage: 0 }, instant(expiry - 1)), null);
    assert.is(checkPacket({ life, time, postage: 0 }, expiry), 'packet-expired');
  }
});

test('what is sent on request is accepted by every clock within the skew of the sender', () => {
  for (const life of [0, 1, 2, 3] as const) {
    const time = 1_764_000_000;
    const skew = life === 0 ? 60 : 600;
    for (let age = 0; age <= lifeMs(life) / 1000; age += lifeMs(life) / 160_000) {
      const sent = instant((time + Math.floor(age)) * 1000);
      const postage = pullPostage({ life, time }, sent);
      for (const off of [-skew, 0, skew]) {
        const verdict = checkPacket({ life, time, postage }, instant(sent + off * 1000));
        assert.is(verdict, null, `life ${life}, age ${age}, off ${off}`);
      }
    }
  }
});

test('an object is written into bytes that were used before as into fresh ones', () => {
  const { signature, body, bytes, tag, author: by } = composePacket({ ...common, payload: utf8('x') });
  const fields = { kind: 'message', life: 2, postage: 16, time: Math.floor(now / 1000), tag, prev: null, next: null, author: by, signature, body } as const;
  const used = new Uint8Array(1198).fill(0xff);
  const written = encodePacket(fields, used);
  assert.equal(written, bytes);
  assert.is(written.buffer, used.buffer);
  assert.equal(encodePacket(fields), bytes);
  throwsCode('PACKET_FIELD_INVALID', () => encodePacket(fields, new Uint8Array(bytes.length - 1)), /into must be at least/);
});

test('a caller who asks for what the format does not have is told at once', () => {
  const draft: PacketDraft = { ...common, payload: utf8('x') };
  const fields = { kind: 'message', life: 2, postage: 16, time: 0, tag: topic.tag, prev: null, next: null, author: authorId(author.publicKey), signature: new Uint8Array(64), body: new Uint8Array(40) } as const;
  const bad: [Partial<Record<keyof typeof fields, unknown>>, RegExp][] = [
    [{ kind: 'other' }, /kind must be one of message, part, manifest, got other/],
    [{ life: 4 }, /life/],
    [{ postage: 17 }, /postage/],
    [{ time: 2 ** 32 }, /time/],
    [{ time: 0.5 }, /time/],
    [{ tag: 'AB'.repeat(8) }, /tag must be 16 lowercase hex/],
    [{ prev: '0'.repeat(32) }, /prev must be null or other than zero/],
    [{ prev: 'ab' }, /prev must be 32/],
    [{ next: '0'.repeat(16) }, /next must be null/],
    [{ author: '' }, /author/],
    [{ signature: new Uint8Array(63) }, /signature must be 64 bytes/],
    [{ body: new Uint8Array(39) }, /body must be 40\.\.1064 bytes, got 39/],
    [{ body: new Uint8Array(1065) }, /got 1065/],
  ];
  for (const [change, message] of bad) throwsCode('PACKET_FIELD_INVALID', () => encodePacket({ ...fields, ...change } as never), message);
  throwsCode('PACKET_FIELD_INVALID', () => composePacket({ ...draft, now: instant(2 ** 32 * 1000) }), /time/);
  throwsCode('PACKET_FIELD_INVALID', () => composePacket({ ...draft, next: '0'.repeat(16) as never }), /next must be/);
  throwsCode('PACKET_FIELD_INVALID', () => composePacket({ ...draft, next: 'x' as never }), /next must be/);
  for (const parts of [[], ['ab'], Array.from({ length: 61 }, (_, n) => n.toString(16).padStart(32, '0')), ['ab'.repeat(16), 'ab'.repeat(16)]]) {
    throwsCode('PACKET_FIELD_INVALID', () => encodeManifest(parts as never), /parts must be 1\.\.60 different ids/);
  }
  throwsCode('ENVELOPE_FIELD_INVALID', () => composePacket({ ...draft, kind: 'part', envelope: {} }), /a part has no envelope/);
  const parent = 'ab'.repeat(16) as PacketId;
  const envelopes: [object, RegExp][] = [
    [{ parents: Array.from({ length: 9 }, (_, i) => `0${i}`.repeat(16)) }, /parents must be at most 8, got 9/],
    [{ parents: [parent, parent] }, /different from each other/],
    [{ parents: ['ab'] }, /every parent must be 32/],
    [{ ms: 1000 }, /ms must be an integer 0\.\.999, got 1000/],
    [{ ms: 0.5 }, /ms/],
    [{ recipient: 'ab' }, /recipient/],
    [{ epoch: 2 ** 32 }, /epoch/],
    [{ contentType: '' }, /contentType/],
    [{ contentType: 'x'.repeat(65) }, /contentType/],
    [{ contentType: 'a\tb' }, /printable ASCII/],
  ];
  for (const [front, message] of envelopes) throwsCode('ENVELOPE_FIELD_INVALID', () => composePacket({ ...draft, envelope: front }), message);
});

test.run();
