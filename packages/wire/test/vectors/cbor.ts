/** vectors/cbor-gate.json: CBOR that passes, with its value, and CBOR that does not. */
import { fromHex, toHex } from '@srp/machine';
import { type CborValue, decodeCbor } from '@srp/wire';

export const cborVectors = () => ({
  version: 1,
  spec: 'CBOR gate',
  provenance:
    'Written by hand in packages/wire/test/vectors/cbor.ts after RFC 8949, values added by this codec; every verdict is confirmed by ' +
    'packages/wire/test/reference/cbor.ts. Values: bytes are { "bytes": hex }, maps are { "map": [[key, value], ...] }.',
  accepted: accepted.map(([rule, description, hex]) => {
    const result = decodeCbor(fromHex(hex));
    return { description, rule, bytes: hex, value: result.ok ? shownValue(result.value) : result.reason };
  }),
  refused: refused.map(([rule, description, hex]) => {
    const result = decodeCbor(fromHex(hex));
    return { description, rule, bytes: hex, refused: result.ok ? null : result.reason };
  }),
});

/** A value as JSON can say it. */
export const shownValue = (value: CborValue): unknown => {
  if (value instanceof Uint8Array) return { bytes: toHex(value) };
  if (value instanceof Map) return { map: [...(value as ReadonlyMap<number, CborValue>)].map(([key, item]) => [key, shownValue(item)]) };
  if (Array.isArray(value)) return (value as readonly CborValue[]).map(shownValue);
  return value;
};

const zeros = (count: number): string => '00'.repeat(count);

const accepted: readonly (readonly [string, string, string])[] = [
  ['W-45', '0', '00'],
  ['W-46', '23, the last in one byte', '17'],
  ['W-46', '24, the first in two', '1818'],
  ['W-46', '255', '18ff'],
  ['W-46', '256', '190100'],
  ['W-46', '65535', '19ffff'],
  ['W-46', '65536', '1a00010000'],
  ['W-46', '2^32 - 1', '1affffffff'],
  ['W-46', '2^32', '1b0000000100000000'],
  ['W-47', '2^53 - 1, the largest', '1b001fffffffffffff'],
  ['W-45', 'false', 'f4'],
  ['W-45', 'true', 'f5'],
  ['W-45', 'null', 'f6'],
  ['W-45', 'no bytes', '40'],
  ['W-45', 'three bytes', '43010203'],
  ['W-48', 'no text', '60'],
  ['W-48', 'a text of one to four bytes a letter', '6a41c3a9e282acf09f9880'],
  ['W-48', 'a byte order mark within a text', '6461efbbbf'],
  ['W-45', 'an empty array', '80'],
  ['W-45', 'an array of four kinds', '8400410160f6'],
  ['W-49', 'an empty map', 'a0'],
  ['W-49', 'a map, its keys ascending across a change of width', 'a317f41818f5190100f6'],
  ['W-50', 'four levels', '8181a10180'],
  ['W-50', '256 items', `98ff${zeros(255)}`],
];

const refused: readonly (readonly [string, string, string])[] = [
  ['W-44', 'nothing', ''],
  ['W-44', 'a number without its byte', '18'],
  ['W-44', 'a number without its last byte', '1b00000001000000'],
  ['W-44', 'bytes, one missing', '430102'],
  ['W-44', 'a text that says 4 GiB', '7affffffff61'],
  ['W-44', 'bytes that say 2^64 - 1', '5bffffffffffffffff'],
  ['W-44', 'an array, one missing', '8200'],
  ['W-44', 'an array that says 2^64 - 1', '9bffffffffffffffff'],
  ['W-44', 'a map without the value of its key', 'a101'],
  ['W-44', 'a second value behind the first', '0000'],
  ['W-44', 'a break behind the value', '00ff'],
  ['W-45', 'a negative integer', '20'],
  ['W-45', 'a tag: an instant', 'c11a514b67b0'],
  ['W-45', 'a tag: a big number', 'c249010000000000000000'],
  ['W-45', 'a tag: a regular expression', 'd81b8265526567457870816128'],
  ['W-45', 'a tag: something that holds itself', 'd81c81d81d00'],
  ['W-45', 'the self-description of CBOR', 'd9d9f700'],
  ['W-45', 'half a float', 'f93c00'],
  ['W-45', 'a float', 'fa3f800000'],
  ['W-45', 'a double', 'fb3ff0000000000000'],
  ['W-45', 'undefined', 'f7'],
  ['W-45', 'simple value 0', 'e0'],
  ['W-45', 'true, written in two bytes', 'f815'],
  ['W-45', 'a break', 'ff'],
  ['W-45', 'additional information 28', '1c'],
  ['W-45', 'additional information 30 of bytes', '5e'],
  ['W-46', 'bytes of indefinite length', '5f4101ff'],
  ['W-46', 'an array of indefinite length', '9f00ff'],
  ['W-46', 'a map of indefinite length', 'bf0000ff'],
  ['W-46', '23 in two bytes', '1817'],
  ['W-46', '255 in three', '1900ff'],
  ['W-46', '65535 in five', '1a0000ffff'],
  ['W-46', '2^32 - 1 in nine', '1b00000000ffffffff'],
  ['W-46', 'the length of bytes in two', '580101'],
  ['W-46', 'the count of an array in two', '980100'],
  ['W-46', 'the count of a map in two', 'b8010000'],
  ['W-46', 'a key in two', 'a1180100'],
  ['W-47', '2^53', '1b0020000000000000'],
  ['W-47', '2^64 - 1', '1bffffffffffffffff'],
  ['W-47', '2^53 as a key', 'a11b002000000000000000'],
  ['W-48', 'a lone continuation byte', '6180'],
  ['W-48', 'an overlong slash', '62c0af'],
  ['W-48', 'half a surrogate pair', '63eda080'],
  ['W-48', 'above U+10FFFF', '64f4908080'],
  ['W-48', 'a letter cut in two', '61c3'],
  ['W-48', 'a byte order mark in front of a text', '64efbbbf61'],
  ['W-48', 'a byte order mark in front of a long text', `7843efbbbf${'61'.repeat(64)}`],
  ['W-49', 'a text as a key', 'a1616100'],
  ['W-49', 'bytes as a key', 'a1410000'],
  ['W-49', 'an array as a key', 'a18000'],
  ['W-49', 'a negative key', 'a12000'],
  ['W-49', 'a key twice', 'a201000100'],
  ['W-49', 'keys that descend', 'a202000100'],
  ['W-50', 'five levels', '81818181' + '80'],
  ['W-50', 'five levels of maps', 'a100a100a100a100a0'],
  ['W-50', '257 items', `990100${zeros(256)}`],
  ['W-50', '257 items, counting keys and values', `b880${Array.from({ length: 128 }, (_, i) => (i < 24 ? i : 0x1800 + i).toString(16).padStart(i < 24 ? 2 : 4, '0') + '00').join('')}`],
];
