/** `@srp/machine`: the contract of a protocol machine, and the words every layer shares. */
export { type Address, type AddressScope, addressBytes, decodeAddress, encodeAddress, familyOf, hostOf, makeAddress, networkOf, parseAddress, portOf, scopeOf } from './address.js';
export { type Bound, BoundedMap, Counter } from './bounded.js';
export { TokenBucket } from './bucket.js';
export { concat, equalBytes, fromBase64Url, fromHex, readU16, readU32, toBase64Url, toHex, utf8, utf8Text, writeU16, writeU32 } from './bytes.js';
export { type Decoded, decoded, refused } from './decoded.js';
export { SrpError } from './error.js';
export { type AuthorId, authorId, idBytes, type PacketId, packetId, type PeerId, peerId, type ShortId, shortId, shortIdOf, tagOf, type TopicId, topicId, type TopicTag, topicTag } from './ids.js';
export { after, earliest, type Instant, instant, isDue, unixSeconds } from './instant.js';
export { type Machine, unreachable, type Wakeup, wakeup } from './machine.js';
export { jittered, type Random, sample } from './random.js';
