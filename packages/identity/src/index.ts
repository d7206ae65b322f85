/** `@srp/identity`: keys, signing, topics, sealing, and the primitives below them. The one room that knows how cryptography is done. */
export { agreementPublicKey, agreementSecretKey } from './agreement.js';
export { openBody, sealBody } from './body.js';
export { bodyOverheadBytes, sealedOverheadBytes } from './constants.js';
export { errorCodes, IdentityError } from './errors.js';
export { fingerprint } from './fingerprint.js';
export { generateKeyPair, type KeyPair, keyPairOf, sign, verify } from './keys.js';
export { seededRandom } from './random.js';
export { openSealed, type SealContext, sealTo } from './sealed.js';
export { suite } from './shared.js';
export type { CryptoSuite, ScryptCost } from './suite/suite.js';
export { inboxTopic, passphraseTopic, publicTopic, randomTopic, subTopic, type Topic, topicOfKey } from './topic.js';
