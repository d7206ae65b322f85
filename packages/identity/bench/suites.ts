/**
 * Question: what does each operation cost in each suite, for an object of 1158 bytes?
 *
 * Method: the candidates run in turn in rounds, so that a busy machine slows all alike; median and spread (p10..p90)
 * over the rounds, in microseconds an operation. Verification is the suites' own, without the memory of verdicts.
 * Control: OpenSSL's verify on a key object that is at hand, without the rule and the map of keys.
 * Limits: one process, warm code, one key; keys that change cost an import more (last rows).
 *
 * usage: npm run build, then node --import tsx bench/suites.ts
 */
import { suite as noble } from '@srp/identity/suite/noble';
import { suite as node } from '@srp/identity/suite/node';
import { createPublicKey, verify as opensslVerify } from 'node:crypto';

const rounds = 15;
const roundMs = 8;

const seed = new Uint8Array(32).fill(1);
const message = new Uint8Array(1158).fill(2);
const aad = new Uint8Array(80).fill(3);
const nonce = new Uint8Array(24).fill(4);
const publicKey = node.ed25519PublicKey(seed);
const signature = node.ed25519Sign(seed, message);
const agreed = node.x25519PublicKey(seed);
const sealed = node.xchachaSeal(seed, nonce, aad, message);
const atHand = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(publicKey).toString('base64url') }, format: 'jwk' });
let fresh = 0;
const freshSeed = (): Uint8Array => {
  const bytes = new Uint8Array(32);
  new DataView(bytes.buffer).setUint32(0, (fresh += 1));
  return bytes;
};

const candidates: [name: string, run: () => unknown][] = [
  ['verify  openssl alone', () => opensslVerify(null, message, atHand, signature)],
  ...[node, noble].flatMap((suite): [string, () => unknown][] => [
    [`verify  ${suite.name}`, () => suite.ed25519Verify(publicKey, message, signature)],
    [`sign    ${suite.name}`, () => suite.ed25519Sign(seed, message)],
    [`x25519  ${suite.name}`, () => suite.x25519(seed, agreed)],
    [`sha256  ${suite.name}`, () => suite.sha256(message)],
    [`hmac    ${suite.name}`, () => suite.hmacSha256(seed, aad)],
    [`hkdf    ${suite.name}`, () => suite.hkdfSha256(seed, new Uint8Array(0), aad, 32)],
    [`seal    ${suite.name}`, () => suite.xchachaSeal(seed, nonce, aad, message)],
    [`open    ${suite.name}`, () => suite.xchachaOpen(seed, nonce, aad, sealed)],
    [`public key of a new secret, ${suite.name}`, () => suite.x25519PublicKey(freshSeed())],
  ]),
];

const samples = new Map(candidates.map(([name]) => [name, [] as number[]]));
for (let round = -1; round < rounds; round += 1) {
  for (const [name, run] of candidates) {
    let count = 0;
    const start = performance.now();
    let end = start;
    while (end - start < roundMs) {
      run();
      count += 1;
      end = performance.now();
    }
    if (round >= 0) samples.get(name)?.push(((end - start) * 1000) / count);
  }
}
for (const [name, all] of samples) {
  all.sort((a, b) => a - b);
  const at = (share: number) => (all[Math.floor(share * (all.length - 1))] ?? 0).toFixed(1);
  console.log(`${name.padEnd(34)} ${at(0.5).padStart(8)} us   ${at(0.1)}..${at(0.9)}   ${all.length} samples`);
}
