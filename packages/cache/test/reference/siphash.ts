/** The slow, obvious twin of SipHash-2-4: BigInt, bytes of any number, the names of the paper. */

const mask = (1n << 64n) - 1n;
const rotated = (word: bigint, bits: bigint): bigint => ((word << bits) | (word >> (64n - bits))) & mask;
const word = (bytes: Uint8Array, at: number): bigint => [...bytes.subarray(at, at + 8)].reduce((sum, byte, i) => sum | (BigInt(byte) << BigInt(8 * i)), 0n);

/** The hash as a number; the authors write it as 8 bytes, lowest first. */
export const sipHash = (key: Uint8Array, message: Uint8Array): bigint => {
  const [k0, k1] = [word(key, 0), word(key, 8)];
  let [v0, v1, v2, v3] = [k0 ^ 0x736f6d6570736575n, k1 ^ 0x646f72616e646f6dn, k0 ^ 0x6c7967656e657261n, k1 ^ 0x7465646279746573n];
  const round = (): void => {
    v0 = (v0 + v1) & mask;
    v2 = (v2 + v3) & mask;
    v1 = rotated(v1, 13n) ^ v0;
    v3 = rotated(v3, 16n) ^ v2;
    v0 = rotated(v0, 32n);
    v2 = (v2 + v1) & mask;
    v0 = (v0 + v3) & mask;
    v1 = rotated(v1, 17n) ^ v2;
    v3 = rotated(v3, 21n) ^ v0;
    v2 = rotated(v2, 32n);
  };
  const whole = message.length - (message.length % 8);
  const last = word(message, whole) | (BigInt(message.length % 256) << 56n);
  for (let at = 0; at <= whole; at += 8) {
    const m = at < whole ? word(message, at) : last;
    v3 ^= m;
    round();
    round();
    v0 ^= m;
  }
  v2 ^= 0xffn;
  for (let i = 0; i < 4; i += 1) round();
  return v0 ^ v1 ^ v2 ^ v3;
};
