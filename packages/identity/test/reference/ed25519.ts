/**
 * The slow, obvious twin of Ed25519 as SRP judges it: textbook formulas over BigInt, nothing of
 * any library but SHA-512. It makes the signatures that a well-behaved signer never makes.
 */
import { createHash } from 'node:crypto';

export const p = 2n ** 255n - 19n;
export const L = 2n ** 252n + 27742317777372353535851937790883648493n;

export interface Point {
  readonly x: bigint;
  readonly y: bigint;
}

const mod = (a: bigint, m = p): bigint => ((a % m) + m) % m;
const power = (base: bigint, exponent: bigint): bigint => {
  let result = 1n;
  for (let b = mod(base), e = exponent; e > 0n; e >>= 1n) {
    if (e & 1n) result = mod(result * b);
    b = mod(b * b);
  }
  return result;
};
const inverse = (a: bigint): bigint => power(a, p - 2n);

const d = mod(-121665n * inverse(121666n));
const rootOfMinusOne = power(2n, (p - 1n) / 4n);

export const zero: Point = { x: 0n, y: 1n };

/** −x² + y² = 1 + d x² y², the complete addition law. */
export const add = (a: Point, b: Point): Point => {
  const product = mod(d * mod(a.x * b.x) * mod(a.y * b.y));
  return {
    x: mod((a.x * b.y + a.y * b.x) * inverse(1n + product)),
    y: mod((a.y * b.y + a.x * b.x) * inverse(1n - product)),
  };
};
export const negate = ({ x, y }: Point): Point => ({ x: mod(-x), y });
/** Double and add, in projective coordinates (x = X/Z, y = Y/Z) so that one inversion at the end is enough. */
export const times = (scalar: bigint, point: Point): Point => {
  let result: Projective = [0n, 1n, 1n];
  let power2: Projective = [point.x, point.y, 1n];
  for (let s = scalar; s > 0n; s >>= 1n) {
    if (s & 1n) result = addProjective(result, power2);
    power2 = addProjective(power2, power2);
  }
  const [X, Y, Z] = result;
  const z = inverse(Z);
  return { x: mod(X * z), y: mod(Y * z) };
};

type Projective = readonly [bigint, bigint, bigint];

/** The same law as {@link add}, with numerators and denominators kept apart. */
function addProjective([X1, Y1, Z1]: Projective, [X2, Y2, Z2]: Projective): Projective {
  const Z = mod(Z1 * Z2);
  const ZZ = mod(Z * Z);
  const product = mod(d * mod(X1 * X2) * mod(Y1 * Y2));
  const minus = mod(ZZ - product);
  const plus = mod(ZZ + product);
  return [mod(Z * minus * (X1 * Y2 + Y1 * X2)), mod(Z * plus * (Y1 * Y2 + X1 * X2)), mod(minus * plus)];
}

/** Whatever number, 32 bytes little-endian. */
export const bytesOf = (value: bigint): Uint8Array => Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 255n));
export const numberOf = (bytes: Uint8Array): bigint => bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);

export const encode = ({ x, y }: Point): Uint8Array => bytesOf(y | ((x & 1n) << 255n));

/** The point of 32 canonical bytes, or null: y >= p, not on the curve, or a negative zero. */
export const decode = (bytes: Uint8Array): Point | null => {
  const sign = numberOf(bytes) >> 255n;
  const y = numberOf(bytes) & (2n ** 255n - 1n);
  if (y >= p) return null;
  const u = mod(y * y - 1n);
  const v = mod(d * y * y + 1n);
  const square = mod(u * inverse(v));
  let x = power(square, (p + 3n) / 8n);
  if (mod(x * x) !== square) x = mod(x * rootOfMinusOne);
  if (mod(x * x) !== square) return null;
  if (x === 0n && sign === 1n) return null;
  return { x: (x & 1n) === sign ? x : mod(-x), y };
};

export const B = decode(bytesOf(mod(4n * inverse(5n)))) ?? zero;

const isZero = ({ x, y }: Point): boolean => x === 0n && y === 1n;

/** A point of order 8, and with it all eight points whose order divides 8. */
export const order8 = times(L, decode(firstTorsioned()) ?? zero);
export const torsion: readonly Point[] = Array.from({ length: 8 }, (_, i) => times(BigInt(i), order8));

const sha512 = (...parts: readonly Uint8Array[]): Uint8Array => {
  const hash = createHash('sha512');
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
};
/** SHA-512(R ‖ A ‖ M) as a number, before and after its reduction: only the latter counts. */
export const unreduced = (R: Uint8Array, A: Uint8Array, message: Uint8Array): bigint => numberOf(sha512(R, A, message));
export const challenge = (R: Uint8Array, A: Uint8Array, message: Uint8Array): bigint => unreduced(R, A, message) % L;

/** The secret scalar of a seed. RFC 8032 section 5.1.5. */
export const scalarOf = (seed: Uint8Array): bigint => {
  const half = sha512(seed).subarray(0, 32);
  return (numberOf(half) & (2n ** 254n - 8n)) | (1n << 254n);
};

/** A signature with whatever is added to A and R by a signer who knows the secret scalar `a`; `A` and `R` as they are sent. */
export const signWith = (a: bigint, r: bigint, A: Uint8Array, R: Uint8Array, message: Uint8Array): Uint8Array => {
  const s = (r + challenge(R, A, message) * a) % L;
  return Uint8Array.from([...R, ...bytesOf(s)]);
};

/** The rule of SRP in its own words: canonical A, neither A nor R of small order, S < L, R = encode([S]B − [k]A). */
export const verify = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean => {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  const A = decode(publicKey);
  if (A === null || isZero(times(8n, A))) return false;
  const R = decode(signature.subarray(0, 32));
  if (R === null || isZero(times(8n, R))) return false;
  return numberOf(signature.subarray(32)) < L && holds(publicKey, message, signature);
};

/** The equation alone, for a key that decodes: what a library checks that minds no small order. */
export const holds = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean => {
  const A = decode(publicKey);
  if (A === null) return false;
  const S = numberOf(signature.subarray(32));
  const R = signature.subarray(0, 32);
  const expected = encode(add(times(S, B), negate(times(challenge(R, publicKey, message), A))));
  return expected.every((byte, i) => byte === R[i]);
};

/** Whether the usual cofactored check holds, as ZIP 215 has it: [8][S]B = [8]R + [8][k]A. */
export const verifyCofactored = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean => {
  const A = decode(publicKey);
  const R = decode(signature.subarray(0, 32));
  if (A === null || R === null) return false;
  const k = challenge(signature.subarray(0, 32), publicKey, message);
  const left = times(8n * numberOf(signature.subarray(32)), B);
  const right = add(times(8n, R), times(8n * k, A));
  return left.x === right.x && left.y === right.y;
};

/** The encoding of some point whose multiple by L has order 8: the first y for which that is so. */
function firstTorsioned(): Uint8Array {
  for (let y = 2n; ; y += 1n) {
    const point = decode(bytesOf(y));
    if (point !== null && !isZero(times(4n * L, point))) return bytesOf(y);
  }
}
