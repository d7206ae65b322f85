/**
 * Ids between their two forms, hex in memory and bytes on the wire, written in place: these run for every
 * object and frame, so they allocate nothing but the result. `toHex` and `fromHex` of @srp/machine are the
 * plain forms; a test holds both together.
 */
const pairs = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
const highCodes = Uint8Array.from(pairs, (pair) => pair.charCodeAt(0));
const lowCodes = Uint8Array.from(pairs, (pair) => pair.charCodeAt(1));
const notHex = 0xff;
const digits = Uint8Array.from({ length: 128 }, (_, code) => {
  const value = '0123456789abcdef'.indexOf(String.fromCharCode(code));
  return value < 0 ? notHex : value;
});

/** Writes the bytes of `hex` at `offset`; answers false, with bytes half written, if it is not `length` bytes of lowercase hex. */
export const writeHex = (bytes: Uint8Array, offset: number, hex: string, length: number): boolean => {
  if (typeof hex !== 'string' || hex.length !== 2 * length) return false;
  let seen = 0;
  for (let i = 0; i < length; i += 1) {
    const high = digit(hex, 2 * i);
    const low = digit(hex, 2 * i + 1);
    seen |= high | low;
    bytes[offset + i] = (high << 4) | low;
  }
  return seen < 16;
};

/** The `length` bytes at `offset` in lowercase hex. */
export const readHex = (bytes: Uint8Array, offset: number, length: number): string => {
  let hex = '';
  let i = offset;
  for (; i + 8 <= offset + length; i += 8) hex += eight(bytes, i);
  for (; i < offset + length; i += 1) hex += pairs[bytes[i] ?? 0] ?? '';
  return hex;
};

/** Whether the `length` bytes at `offset` are all zero. */
export const isZero = (bytes: Uint8Array, offset: number, length: number): boolean => {
  for (let i = offset; i < offset + length; i += 1) if (bytes[i] !== 0) return false;
  return true;
};

/** Eight bytes at once: half the time of eight pairs joined, and most ids are 8, 16 or 32 long. */
const eight = (bytes: Uint8Array, at: number): string =>
  String.fromCharCode(
    high(bytes, at), low(bytes, at), high(bytes, at + 1), low(bytes, at + 1), high(bytes, at + 2), low(bytes, at + 2), high(bytes, at + 3), low(bytes, at + 3),
    high(bytes, at + 4), low(bytes, at + 4), high(bytes, at + 5), low(bytes, at + 5), high(bytes, at + 6), low(bytes, at + 6), high(bytes, at + 7), low(bytes, at + 7),
  );

const high = (bytes: Uint8Array, at: number): number => highCodes[bytes[at] ?? 0] ?? 0;
const low = (bytes: Uint8Array, at: number): number => lowCodes[bytes[at] ?? 0] ?? 0;

const digit = (hex: string, at: number): number => digits[hex.charCodeAt(at)] ?? notHex;
