/** Bytes from a stranger: nothing throws, whatever comes out is within its limits. */
import { concat } from '@srp/machine';
import { bundle, checkPacket, composePacket, decodeCbor, decodeFrame, decodePacket, encodeCbor, encodeFrame, openPacket, unbundle, verifyPacket } from '@srp/wire';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { cborRefusals } from '../dist/cbor/gate.js';
import { bundleRefusals } from '../dist/frame/bundle.js';
import { frameRefusals } from '../dist/frame/refusal.js';
import { contentRefusals, packetRefusals } from '../dist/object/refusal.js';
import { cborValue, damaged, frame } from './support/arbitraries.js';
import { author, common, now, random, topic } from './support/fixed.js';
import { printSeed } from './support/random.js';
import { rawObject } from './support/raw.js';

const test = suite('hostile bytes');
const seed = printSeed();
const known = (reasons: readonly string[], result: { readonly ok: boolean; readonly reason?: string }) => {
  if (!result.ok) assert.ok(reasons.includes(result.reason ?? ''), result.reason);
};

/** Everything this package does with bytes of others. */
const readAll = (bytes: Uint8Array): void => {
  known(cborRefusals, decodeCbor(bytes));
  known(bundleRefusals, unbundle(bytes));
  const said = decodeFrame(bytes);
  known(frameRefusals, said);
  if (said.ok) assert.equal(decodeFrame(encodeFrame(said.value)), said);
  const packet = decodePacket(bytes);
  known(packetRefusals, packet);
  if (!packet.ok) return;
  const { kind, life, postage, time, tag, prev, next, author: by, id, fullId, body, signature } = packet.value;
  assert.equal([life, postage, time].map(Number.isInteger), [true, true, true]);
  assert.equal([tag, by, id, fullId, prev ?? id, next ?? tag].map((text) => text.length), [16, 64, 32, 64, 32, 16]);
  assert.ok(kind.length > 0 && body.length >= 40 && signature.length === 64);
  checkPacket(packet.value, now);
  verifyPacket(packet.value);
  known(contentRefusals, openPacket(packet.value, topic));
};

test('nothing throws for bytes of any kind', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 1300, size: 'max' }), readAll), { seed, numRuns: 200 });
});

test('nothing throws for bytes behind any first byte', () => {
  fc.assert(
    fc.property(fc.constantFrom(0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 0x20, 0x22, 0x23, 0x25, 0x26, 0x27, 0x28, 0x58), fc.uint8Array({ maxLength: 220, size: 'max' }), (first, rest) => readAll(concat(Uint8Array.of(first), rest))),
    { seed, numRuns: 1000 },
  );
});

test('nothing throws for frames that were damaged', () => {
  fc.assert(fc.property(damaged(frame.map(encodeFrame)), readAll), { seed, numRuns: 1000 });
});

test('nothing throws for bundles that were damaged', () => {
  const bundles = fc.array(frame.map(encodeFrame).filter((bytes) => bytes.length < 200), { minLength: 1, maxLength: 5 }).map(bundle);
  fc.assert(fc.property(damaged(bundles), readAll), { seed, numRuns: 300 });
});

test('nothing throws for objects that were damaged', () => {
  const { bytes } = composePacket({ ...common, payload: new Uint8Array(20) });
  fc.assert(fc.property(damaged(fc.constant(bytes)), readAll), { seed, numRuns: 200 });
});

test('nothing throws for what a member seals', () => {
  const plaintexts = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    cborValue.map(encodeCbor).filter((bytes) => bytes.length < 256).map((envelope) => concat(Uint8Array.of(envelope.length), envelope)),
    fc.uint8Array({ minLength: 1, maxLength: 255 }).map((envelope) => concat(Uint8Array.of(envelope.length), envelope)),
  );
  fc.assert(
    fc.property(plaintexts, (plaintext) => {
      const packet = decodePacket(rawObject({ topic, author, plaintext, random }));
      assert.ok(packet.ok);
      known(contentRefusals, openPacket(packet.value, topic));
    }),
    { seed, numRuns: 300 },
  );
});

test.run();
