/** The conformance vectors of this package, made anew: `npm run vectors` writes them. */
import { keyFileVectors } from './vectors/key-files.js';
import { bodyRefusedVectors, bodyVectors, fingerprintVectors, nameVectors, randomVectors, sealedRefusedVectors, sealedVectors, topicVectors } from './vectors/sealing.js';
import { agreementSecretVectors, agreementVectors, signVectors, verifyVectors, x25519Vectors } from './vectors/signatures.js';

export const makeVectors = () => ({
  'identity.json': {
    version: 1,
    spec: 'Keys, topics and sealing',
    provenance:
      'Written by packages/identity/test/vectors/. Verdicts on signatures are those of packages/identity/test/reference/ed25519.ts, a textbook ' +
      'implementation over BigInt; seals and derivations are confirmed by packages/identity/test/reference/xchacha.ts on node:crypto; both suites of ' +
      '@srp/identity (OpenSSL and @noble) give all of it. Bytes are hex, texts are hex of their UTF-8.',
    sign: signVectors(),
    verify: verifyVectors(),
    agreementKeys: agreementVectors(),
    agreementSecrets: agreementSecretVectors(),
    x25519: x25519Vectors(),
    topics: topicVectors(),
    namesRefused: nameVectors(),
    bodies: bodyVectors(),
    bodiesRefused: bodyRefusedVectors(),
    sealed: sealedVectors(),
    sealedRefused: sealedRefusedVectors(),
    random: randomVectors(),
    fingerprints: fingerprintVectors(),
    keyFiles: keyFileVectors(),
  },
});
