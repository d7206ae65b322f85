/**
 * CBOR in the one form that SRP speaks: for cold frames, envelopes and invites. SPEC, CBOR gate.
 *
 * Decoding passes the gate first and hands out values of its own: plain arrays, `Map`s with number keys,
 * plain `Uint8Array` copies. Encoding goes through the same gate on its way out, so that whatever is sent is
 * accepted by everyone. Nothing signed or hashed is ever encoded anew: bytes are signed, not values.
 */
import { type Decoded, decoded, refused } from '@srp/machine';
import { Encoder } from 'cbor-x';
import { cborDepthMax } from '../constants.js';
import { WireError } from '../errors.js';
import { type CborRefusal, scanCbor } from './gate.js';

/** What passes the gate. Numbers are integers 0..2^53 - 1; the keys of a map are unsigned ones. */
export type CborValue = number | string | boolean | null | Uint8Array | readonly CborValue[] | CborMap;
/** A map as the gate lets it pass. */
export type CborMap = ReadonlyMap<number, CborValue>;

const library = new Encoder({
  useRecords: false,
  mapsAsObjects: false,
  tagUint8Array: false,
  variableMapSize: true, // or every map gets a header of three bytes
});

/** Integers from here on the library reads as bigints, and writes as float64 unless it is given bigints. */
const wideFrom = 2 ** 32;

/**
 * Reads one CBOR value.
 *
 * Allocates at most a constant times the length of `bytes`, never throws, keeps no reference to `bytes`.
 */
export const decodeCbor = (bytes: Uint8Array): Decoded<CborValue, CborRefusal> => {
  const refusal = scanCbor(bytes);
  if (refusal !== null) return refused(refusal);
  try {
    return decoded(own(library.decode(bytes)));
  } catch {
    return refused('cbor-unreadable'); // no input is known that comes here; a library's defect must not stop a peer
  }
};

/**
 * The bytes of a value, in its one encoding; the keys of maps are sorted here.
 *
 * Throws `WireError` CBOR_VALUE_UNSUPPORTED for anything the gate would refuse: a number that is no integer 0..2^53 - 1,
 * a text that is no Unicode, more than 4 levels or 256 items.
 */
export const encodeCbor = (value: CborValue): Uint8Array => {
  const bytes = new Uint8Array(library.encode(prepared(value, 0)));
  const refusal = scanCbor(bytes);
  if (refusal !== null) throw unsupported(`the encoding would be refused as ${refusal}`);
  return bytes;
};

/** A value as the library made it, as values of ours. */
const own = (value: unknown): CborValue => {
  if (value === null || typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string') return value;
  if (typeof value === 'bigint') return Number(value); // within 2^53 - 1, says the gate
  if (value instanceof Uint8Array) return new Uint8Array(value); // the library gives views into the input
  if (Array.isArray(value)) return value.map(own);
  if (value instanceof Map) return new Map([...value].map(([key, item]: [unknown, unknown]) => [ownKey(key), own(item)]));
  throw new TypeError('Cannot read CBOR: the library made something that the gate does not let pass');
};

const ownKey = (key: unknown): number => {
  if (typeof key === 'bigint') return Number(key);
  if (typeof key !== 'number') throw new TypeError('Cannot read CBOR: the library made a key that the gate does not let pass');
  return key;
};

/** A value as the library must be given it to write its one encoding; `depth` is how many arrays and maps it is in. */
const prepared = (value: CborValue, depth: number): unknown => {
  if (value === null || typeof value === 'boolean' || value instanceof Uint8Array) return value;
  if (typeof value === 'number') return preparedNumber(value);
  if (typeof value === 'string') {
    if (/\p{Surrogate}/u.test(value)) throw unsupported('a text must be Unicode, got a lone surrogate');
    return value;
  }
  if (!isList(value) && !(value instanceof Map)) throw unsupported(`numbers, texts, bytes, arrays and maps alone, got ${typeof value}`);
  if (depth === cborDepthMax) throw unsupported(`at most ${cborDepthMax} levels of arrays and maps, got more`);
  if (isList(value)) return value.map((item) => prepared(item, depth + 1));
  const entries = [...(value as CborMap)].sort(([one], [other]) => one - other);
  return new Map(entries.map(([key, item]) => [preparedNumber(key), prepared(item, depth + 1)]));
};

const preparedNumber = (value: unknown): number | bigint => {
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw unsupported(`a number must be an integer 0..2^53 - 1, got ${String(value)}`);
  const number = (value as number) + 0; // -0 becomes 0
  return number < wideFrom ? number : BigInt(number);
};

const isList = (value: CborValue): value is readonly CborValue[] => Array.isArray(value);

const unsupported = (rule: string): WireError => new WireError('CBOR_VALUE_UNSUPPORTED', `Cannot encode CBOR: ${rule}`);
