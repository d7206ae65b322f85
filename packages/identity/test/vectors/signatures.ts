/** Cases for SPEC I-3 to I-16: whose signature is good, and whom one can agree with. */
import { agreementPublicKey, agreementSecretKey, keyPairOf, sign, suite } from '@srp/identity';
import { concat, fromHex, toHex, utf8 } from '@srp/machine';
import * as slow from '../reference/ed25519.js';

const seed = new Uint8Array(32).fill(7);
const keys = keyPairOf(seed);
const a = slow.scalarOf(seed);
const A = slow.times(a, slow.B);
const r = 0x1234567890abcdefn;
const R = slow.times(r, slow.B);
const text = utf8('the rule');
const good = slow.signWith(a, r, keys.publicKey, slow.encode(R), text);

const [order1, order2, order4, order8] = [0, 4, 2, 1].map((i) => slow.torsion[i] ?? slow.zero) as [slow.Point, slow.Point, slow.Point, slow.Point];

const hexOrNull = (bytes: Uint8Array | null): string | null => (bytes === null ? null : toHex(bytes));

export const signVectors = () =>
  [
    ['I-3', 'an empty message: RFC 8032 TEST 1', fromHex('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60'), new Uint8Array(0)] as const,
    ['I-3', 'two bytes: RFC 8032 TEST 3', fromHex('c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7'), fromHex('af82')] as const,
    ['I-4', 'a text', seed, text] as const,
  ].map(([rule, description, from, message]) => {
    const pair = keyPairOf(from);
    return { description, rule, seed: toHex(from), publicKey: toHex(pair.publicKey), message: toHex(message), signature: toHex(sign(pair, message)) };
  });

/** Every verdict is the slow twin's. */
export const verifyVectors = () => cases().map(([rule, description, publicKey, message, signature]) => ({
  description,
  rule,
  publicKey: toHex(publicKey),
  message: toHex(message),
  signature: toHex(signature),
  verifies: slow.verify(publicKey, message, signature),
}));

type Case = readonly [rule: string, description: string, publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array];

function cases(): readonly Case[] {
  const withS = (s: bigint) => concat(good.subarray(0, 32), slow.bytesOf(s));
  const s = slow.numberOf(good.subarray(32));
  const anyFor = (point: slow.Point): Case[2] => slow.encode(point);
  const trivial = concat(slow.encode(R), slow.bytesOf(r));
  const dirtyR = (T: slow.Point) => slow.signWith(a, r, keys.publicKey, slow.encode(slow.add(R, T)), text);
  const dirtyA = slow.encode(slow.add(A, order8));
  return [
    ['I-11', 'a plain signature: good', keys.publicKey, text, good],
    ['I-11', 'R of another point', keys.publicKey, text, concat(slow.encode(slow.negate(R)), good.subarray(32))],
    ['I-11', 'another message', keys.publicKey, utf8('the rulf'), good],
    ['I-11', 'the key of -A', slow.encode(slow.negate(A)), text, good],
    ['I-5', 'a key of 31 bytes', keys.publicKey.subarray(1), text, good],
    ['I-5', 'a key of 33 bytes', concat(keys.publicKey, Uint8Array.of(0)), text, good],
    ['I-5', 'a signature of 63 bytes', keys.publicKey, text, good.subarray(0, 63)],
    ['I-5', 'a signature of 65 bytes', keys.publicKey, text, concat(good, Uint8Array.of(0))],
    ['I-6', 'a key with y = p, which is 0 in disguise', slow.bytesOf(slow.p), text, trivial],
    ['I-6', 'a key with y = p + 3', slow.bytesOf(slow.p + 3n), text, trivial],
    ['I-6', 'a key with y = 2^255 - 1 and the top bit', new Uint8Array(32).fill(255), text, trivial],
    ['I-7', 'a key of order 1, which fits every message: the equation alone accepts', anyFor(order1), text, trivial],
    ['I-7', 'a key of order 1 with the top bit', fromHex('0100000000000000000000000000000000000000000000000000000000000080'), text, trivial],
    ['I-7', 'a key of order 2, k even: the equation alone accepts', anyFor(order2), evenFor(anyFor(order2), 2n), trivial],
    ['I-7', 'a key of order 2 with the top bit', fromHex('ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff'), text, trivial],
    ['I-7', 'a key of order 4, k a multiple of 4: the equation alone accepts', anyFor(order4), evenFor(anyFor(order4), 4n), trivial],
    ['I-7', 'the other key of order 4', anyFor(slow.negate(order4)), evenFor(anyFor(slow.negate(order4)), 4n), trivial],
    ...[1, 3, 5, 7].map((i): Case => {
      const key = anyFor(slow.times(BigInt(i), order8));
      return ['I-7', `a key of order 8, k a multiple of 8: the equation alone accepts (${i} of 1, 3, 5, 7)`, key, evenFor(key, 8n), trivial];
    }),
    ['I-8', 'a key off the curve', offCurve(), text, trivial],
    ['I-9', 'S + L, which gives the same point', keys.publicKey, text, withS(s + slow.L)],
    ['I-9', 'S + 8 L', keys.publicKey, text, withS(s + 8n * slow.L)],
    ['I-9', 'S = L', keys.publicKey, text, withS(slow.L)],
    ['I-9', 'S with the top bit', keys.publicKey, text, withS(s | (1n << 255n))],
    ['I-9', 'S of all ones', keys.publicKey, text, withS(2n ** 256n - 1n)],
    ['I-11', 'S = 0', keys.publicKey, text, withS(0n)],
    ['I-11', 'S = L - 1', keys.publicKey, text, withS(slow.L - 1n)],
    ['I-11', 'a component of order 2 in R: a cofactored check accepts', keys.publicKey, text, dirtyR(order2)],
    ['I-11', 'a component of order 4 in R: a cofactored check accepts', keys.publicKey, text, dirtyR(order4)],
    ['I-11', 'a component of order 8 in R: a cofactored check accepts', keys.publicKey, text, dirtyR(order8)],
    ['I-11', 'R the identity as y = p + 1: not canonical', keys.publicKey, text, slow.signWith(a, 0n, keys.publicKey, slow.bytesOf(slow.p + 1n), text)],
    ['I-11', 'R the identity with the top bit: not canonical', keys.publicKey, text, slow.signWith(a, 0n, keys.publicKey, fromHex('0100000000000000000000000000000000000000000000000000000000000080'), text)],
    ['I-12', 'R the identity: the equation alone accepts', keys.publicKey, text, slow.signWith(a, 0n, keys.publicKey, slow.encode(slow.zero), text)],
    ...[1, 2, 4].map((i): Case => {
      const R = slow.torsion[i] ?? order8;
      const message = messageFor((tried) => (slow.challenge(slow.encode(R), dirtyA, tried) + BigInt(i)) % 8n === 0n);
      return ['I-12', `R of order ${8 / i}, a component of order 8 in A: the equation alone accepts`, dirtyA, message, slow.signWith(a, 0n, dirtyA, slow.encode(R), message)];
    }),
    ['I-12', 'a component of order 8 in A that cancels: good', dirtyA, evenFor(dirtyA, 8n), slow.signWith(a, r, dirtyA, slow.encode(R), evenFor(dirtyA, 8n))],
    ['I-10', 'a component of order 8 in A that does not cancel', dirtyA, oddFor(dirtyA), slow.signWith(a, r, dirtyA, slow.encode(R), oddFor(dirtyA))],
    ['I-10', 'components in A and R that cancel each other: good', dirtyA, oddFor(dirtyA), cancelling(dirtyA)],
    ['I-10', 'a component of order 8 in A that would cancel were k not reduced', dirtyA, unreducedFor(dirtyA), slow.signWith(a, r, dirtyA, slow.encode(R), unreducedFor(dirtyA))],
  ];
}

/** The first one-byte (or two-byte) message for which a condition on k holds. */
function messageFor(condition: (message: Uint8Array) => boolean): Uint8Array {
  for (let i = 0; ; i += 1) {
    const message = Uint8Array.of(i >> 8, i & 255);
    if (condition(message)) return message;
  }
}

function evenFor(key: Uint8Array, divisor: bigint): Uint8Array {
  return messageFor((message) => slow.challenge(slow.encode(R), key, message) % divisor === 0n);
}

function oddFor(key: Uint8Array): Uint8Array {
  return messageFor((message) => slow.challenge(slow.encode(R), key, message) % 8n === 3n);
}

/** [k]A has no torsion although [k mod L]A has. */
function unreducedFor(key: Uint8Array): Uint8Array {
  return messageFor((message) => slow.unreduced(slow.encode(R), key, message) % 8n === 0n && slow.challenge(slow.encode(R), key, message) % 8n !== 0n);
}

/** A signature whose R has the component −[k]T that A = A0 + T brings in. R is hashed, so it is searched for. */
function cancelling(key: Uint8Array): Uint8Array {
  const message = oddFor(key);
  for (let nonce = r; ; nonce += 1n) {
    for (const T of slow.torsion.slice(1)) {
      const signature = slow.signWith(a, nonce, key, slow.encode(slow.add(slow.times(nonce, slow.B), T)), message);
      if (slow.verify(key, message, signature)) return signature;
    }
  }
}

function offCurve(): Uint8Array {
  let y = 2n;
  while (slow.decode(slow.bytesOf(y)) !== null) y += 1n;
  return slow.bytesOf(y);
}

export const agreementVectors = () =>
  [
    ['I-14', 'a key', keys.publicKey] as const,
    ['I-14', 'its negative, which has the same X25519 form', slow.encode(slow.negate(A))] as const,
    ['I-14', 'the same key with a component of order 8, which has another', slow.encode(slow.add(A, order8))] as const,
    ['I-14', 'a key of order 1', slow.encode(order1)] as const,
    ['I-14', 'a key of order 2', slow.encode(order2)] as const,
    ['I-14', 'a key of order 8', slow.encode(order8)] as const,
    ['I-14', 'a key off the curve', offCurve()] as const,
    ['I-14', 'a key that is not canonical', slow.bytesOf(slow.p + 3n)] as const,
    ['I-14', 'a key of 31 bytes', keys.publicKey.subarray(1)] as const,
  ].map(([rule, description, publicKey]) => ({ description, rule, publicKey: toHex(publicKey), agreementPublicKey: hexOrNull(agreementPublicKey(publicKey)) }));

export const agreementSecretVectors = () =>
  [['I-15', 'a seed', seed] as const, ['I-15', 'the seed of libsodium\'s own test', fromHex('421151a459faeade3d247115f94aedae42318124095afabe4d1451a559faedee')] as const].map(
    ([rule, description, from]) => ({ description, rule, seed: toHex(from), agreementSecretKey: toHex(agreementSecretKey(from)) }),
  );

export const x25519Vectors = () => {
  const secret = new Uint8Array(32).fill(5);
  const nine = slow.bytesOf(9n);
  const publicKeys: readonly (readonly [string, Uint8Array])[] = [
    ['the base point', nine],
    ['the base point with the top bit, which is ignored', nine.with(31, 0x80)],
    ['the base point plus p, which is reduced', slow.bytesOf(slow.p + 9n)],
    ['0', slow.bytesOf(0n)],
    ['1', slow.bytesOf(1n)],
    ['a point of order 8', fromHex('e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800')],
    ['the other point of order 8', fromHex('5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157')],
    ['p - 1', slow.bytesOf(slow.p - 1n)],
    ['p, which is 0', slow.bytesOf(slow.p)],
    ['p + 1, which is 1', slow.bytesOf(slow.p + 1n)],
    ['31 bytes', nine.subarray(1)],
  ];
  return publicKeys.map(([description, publicKey]) => ({ description, rule: 'I-16', secretKey: toHex(secret), publicKey: toHex(publicKey), shared: hexOrNull(suite.x25519(secret, publicKey)) }));
};
