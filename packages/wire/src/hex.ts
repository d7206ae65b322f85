/**
 * Ids between their two forms, hex in memory and bytes on the wire, written in place: these run for every
 * object and frame, so they allocate nothing but the result. `toHex` and `fromHex` of @srp/machine are the
 * plain forms; a test holds both together.
 */
const pairs = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
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
  for (let i = offset; i < offset + length; i += 1) hex += pairs[bytes[i] ?? 0] ?? '';
  return hex;
};

/** Whether the `length` bytes at `offset` are all zero. */
export const isZero = (bytes: Uint8Array, offset: number, length: number): boolean => {
  for (let i = offset; i < offset + length; i += 1) if (bytes[i] !== 0) return false;
  return true;
};

const digit = (hex: string, at: number): number => digits[hex.charCodeAt(at)] ?? notHex;
