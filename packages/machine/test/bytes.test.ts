import { test } from 'uvu';
import { equal, is, throws } from 'uvu/assert';
import { authorId, concat, equalBytes, fromBase64Url, fromHex, idBytes, packetId, readU16, readU32, shortIdOf, tagOf, toBase64Url, toHex, topicId, utf8, utf8Text, writeU16, writeU32 } from '@srp/machine';

const every = Uint8Array.from({ length: 256 }, (_, byte) => byte);

test('hex and base64url carry every byte and every length', () => {
  equal(fromHex(toHex(every)), every);
  for (let length = 0; length < 10; length += 1) {
    const bytes = every.slice(200, 200 + length);
    is(toBase64Url(bytes), Buffer.from(bytes).toString('base64url'));
    equal(fromBase64Url(toBase64Url(bytes)), bytes);
  }
});

test('text that is no base64url is null, also with padding or stray bits', () => {
  for (const text of ['A', 'AA==', 'A+', 'a b', 'AB', 'AAB']) is(fromBase64Url(text), null, text);
});

test('text that is no hex throws', () => {
  for (const text of ['0', 'zz', '0x00', ' 00', '00\n']) throws(() => fromHex(text), /two digits/);
});

test('integers are big-endian and unsigned', () => {
  const bytes = new Uint8Array(6);
  writeU16(bytes, 0, 0xfedc);
  writeU32(bytes, 2, 0xfedcba98);
  is(toHex(bytes), 'fedcfedcba98');
  is(readU16(bytes, 0), 0xfedc);
  is(readU32(bytes, 2), 0xfedcba98);
});

test('broken UTF-8 is null, not replacement characters', () => {
  is(utf8Text(utf8('grüße')), 'grüße');
  is(utf8Text(utf8('\ufeffa')), '\ufeffa', 'a byte order mark is kept');
  is(utf8Text(Uint8Array.of(0xc3)), null);
  is(utf8Text(Uint8Array.of(0xff, 0xfe)), null);
});

test('joins and compares', () => {
  equal(concat(Uint8Array.of(1), new Uint8Array(0), Uint8Array.of(2, 3)), Uint8Array.of(1, 2, 3));
  is(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2)), true);
  is(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 3)), false);
  is(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1)), false);
});

test('an id has one length, and its short forms are its front', () => {
  const topic = topicId(every.slice(0, 32));
  is(tagOf(topic), toHex(every.slice(0, 8)));
  equal(idBytes(topic), every.slice(0, 32));
  is(shortIdOf(packetId(every.slice(0, 16))), toHex(every.slice(0, 8)));
  throws(() => authorId(every.slice(0, 31)), /AuthorId: it has 32 bytes, got 31/);
});

test.run();
