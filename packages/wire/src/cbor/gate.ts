/**
 * The gate in front of the CBOR library: bytes of a remote are read by it only after they were found to be
 * one plain, small, deterministically encoded value. SPEC, CBOR gate.
 *
 * ```
 *   remote bytes ──▶ scanCbor ──▶ library ──▶ copies of our own ──▶ the reader of fields
 *                       └─ a reason, counted
 * ```
 *
 * What passes is built of unsigned integers up to 2^53 - 1, byte strings, UTF-8 text, arrays, maps with unsigned
 * integer keys, false, true and null. Everything is of definite length and in its shortest form, the keys of a
 * map ascend: a value has one encoding only (RFC 8949 section 4.2.1). What the library would make of tags
 * (regular expressions, cycles, quadratic big numbers) never reaches it. Negative integers have no use here and
 * the library cannot write all of them in their shortest form.
 *
 * The scan allocates nothing but what checking the UTF-8 of a text takes, and ends after at most
 * {@link cborItemsMax} items. It does not build values; `codec.ts` does.
 */
import { utf8Text } from '@srp/machine';
import { cborDepthMax, cborItemsMax } from '../constants.js';

/** Every reason to refuse bytes as CBOR, one per rule. */
export const cborRefusals = [
  'cbor-truncated',
  'cbor-trailing',
  'cbor-reserved',
  'cbor-indefinite',
  'cbor-not-shortest',
  'cbor-integer-unsafe',
  'cbor-negative',
  'cbor-text-not-utf8',
  'cbor-text-marked',
  'cbor-tag',
  'cbor-simple',
  'cbor-key-not-unsigned',
  'cbor-keys-not-ascending',
  'cbor-too-deep',
  'cbor-too-many-items',
  'cbor-unreadable',
] as const;

/** Why bytes are no acceptable CBOR. */
export type CborRefusal = (typeof cborRefusals)[number];

const unsigned = 0;
const negative = 1;
const byteString = 2;
const text = 3;
const array = 4;
const map = 5;
const tag = 6;

/** Checks one whole CBOR value; `null` means that it passes. */
export const scanCbor = (bytes: Uint8Array): CborRefusal | null => {
  const scan = new Scan(bytes);
  const refusal = scan.item(0);
  if (refusal !== null) return refusal;
  return scan.at === bytes.length ? null : 'cbor-trailing';
};

class Scan {
  at = 0;
  readonly #bytes: Uint8Array;
  #items = 0;
  // The header read last: its major type, and its argument (a value, a length or a count).
  #major = 0;
  #argument = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Scans the item that begins here, inside `depth` arrays and maps. */
  item(depth: number): CborRefusal | null {
    const refusal = this.#header();
    if (refusal !== null) return refusal;
    switch (this.#major) {
      case unsigned:
        return null;
      case negative:
        return 'cbor-negative';
      case byteString:
      case text:
        return this.#string(this.#major === text);
      case array:
        return this.#array(this.#argument, depth + 1);
      case map:
        return this.#map(this.#argument, depth + 1);
      case tag:
        return 'cbor-tag';
      default:
        return null; // false, true or null: the header said so
    }
  }

  #string(isText: boolean): CborRefusal | null {
    const from = this.at;
    if (this.#argument > this.#bytes.length - from) return 'cbor-truncated';
    this.at += this.#argument;
    if (!isText) return null;
    const bytes = this.#bytes.subarray(from, this.at);
    // Text decoders drop a byte order mark in front, and the library uses one for long texts alone.
    if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 'cbor-text-marked';
    return utf8Text(bytes) === null ? 'cbor-text-not-utf8' : null;
  }

  #array(count: number, depth: number): CborRefusal | null {
    if (depth > cborDepthMax) return 'cbor-too-deep';
    for (let i = 0; i < count; i += 1) {
      const refusal = this.item(depth);
      if (refusal !== null) return refusal;
    }
    return null;
  }

  #map(count: number, depth: number): CborRefusal | null {
    if (depth > cborDepthMax) return 'cbor-too-deep';
    let last = -1;
    for (let i = 0; i < count; i += 1) {
      const refusal = this.#header();
      if (refusal !== null) return refusal;
      if (this.#major !== unsigned) return 'cbor-key-not-unsigned';
      if (this.#argument <= last) return 'cbor-keys-not-ascending';
      last = this.#argument;
      const refused = this.item(depth);
      if (refused !== null) return refused;
    }
    return null;
  }

  /** Reads the first byte of an item and its argument, and counts the item. */
  #header(): CborRefusal | null {
    const first = this.#bytes[this.at];
    if (first === undefined) return 'cbor-truncated';
    if (this.#items === cborItemsMax) return 'cbor-too-many-items';
    this.#items += 1;
    this.at += 1;
    this.#major = first >> 5;
    const info = first & 0x1f;
    if (this.#major === 7) return info === 20 || info === 21 || info === 22 ? null : 'cbor-simple';
    if (info === 31) return 'cbor-indefinite';
    if (info > 27) return 'cbor-reserved';
    if (info < 24) {
      this.#argument = info;
      return null;
    }
    return this.#wideArgument(2 ** (info - 24));
  }

  #wideArgument(width: number): CborRefusal | null {
    if (this.#bytes.length - this.at < width) return 'cbor-truncated';
    let value = 0;
    for (let i = 0; i < width; i += 1) value = value * 256 + (this.#bytes[this.at + i] ?? 0);
    this.at += width;
    this.#argument = value;
    if (value < (width === 1 ? 24 : 2 ** (4 * width))) return 'cbor-not-shortest';
    // A length or count above 2^53 needs no rule of its own: it is longer than any input.
    return this.#major === unsigned && value > Number.MAX_SAFE_INTEGER ? 'cbor-integer-unsafe' : null;
  }
}
