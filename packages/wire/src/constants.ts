/**
 * Every number of the wire format: meaning, unit, source. SPEC is docs/SPEC.md.
 *
 * The sizes of one datagram, from the inside out; `test/constants.test.ts` adds them up:
 *
 * ```
 * plaintext 1024 + nonce 24 + tag 16 = body 1064;  + header 134 = object 1198
 * object 1198 + session 29 + relay 5 = 1232;  + UDP 8 + IPv6 40 = 1280, what every IPv6 path carries (RFC 8200 section 5)
 * ```
 */

/** Bytes of an object in front of its body. SPEC, Objects. */
export const headerBytes = 134;
/** Bytes of the nonce in front of every sealed body. XChaCha20-Poly1305. */
export const nonceBytes = 24;
/** Bytes of the seal behind every sealed body. Poly1305. */
export const sealBytes = 16;
/** Most bytes of plaintext in one object: what a block of a file needs. SPEC, Objects. */
export const plaintextBytesMax = 1024;
/** Fewest bytes of a body: the seal of an empty plaintext. */
export const bodyBytesMin = nonceBytes + sealBytes;
/** Most bytes of a body. */
export const bodyBytesMax = bodyBytesMin + plaintextBytesMax;
/** Fewest bytes of an object. */
export const objectBytesMin = headerBytes + bodyBytesMin;
/** Most bytes of an object. */
export const objectBytesMax = headerBytes + bodyBytesMax;

/** High nibble of the first byte of an SRP/1 object; frames never use it. SPEC, Objects. */
export const objectNibble = 0x50;
/** Postage an author puts on an object, and the most anyone may claim. SPEC, Postage and age. */
export const postageMax = 16;
/** Life of each class, seconds: 2 minutes, 6 hours, 24 hours, 7 days. SPEC, Postage and age. */
export const lifeSeconds = [120, 21_600, 86_400, 604_800] as const;
/** Clock error allowed on an object, seconds; the shortest life allows less. SPEC, Postage and age. */
export const skewSeconds = [60, 600, 600, 600] as const;
/** The class an author gets who does not choose: 24 hours. SPEC, Postage and age. */
export const lifeDefault = 2;
/** Largest value of an object's time, Unix seconds: u32, good to 2106. */
export const timeMax = 0xffff_ffff;

/** Most heads of other authors that one message names. SPEC, Envelope. */
export const parentsMax = 8;
/** Largest millisecond within a message's second. SPEC, Envelope. */
export const msMax = 999;
/** Largest key epoch: u32. SPEC, Envelope. */
export const epochMax = 0xffff_ffff;
/** Most characters of a content type, printable ASCII. Guess: RFC 6838 names are rarely above 64. SPEC, Envelope. */
export const contentTypeBytesMax = 64;
/** Most bytes of an envelope: its length is one byte. SPEC, Envelope. */
export const envelopeBytesMax = 255;

/** Bytes of the id of an object. SPEC, Ids and links. */
export const idBytes = 16;
/** Most parts of one message: their ids fit one object beside an envelope. SPEC, Manifest. */
export const partsMax = 60;

/** Most bytes of one frame: what an object takes. SPEC, Frames. */
export const frameBytesMax = objectBytesMax;
/** Bytes of PING and of PONG: the answer is never longer than the question. SPEC, Frames. */
export const probeBytes = 33;
/** Most ids one WANT or GRAFT asks for. SPEC, Frames: one object each, so one of them calls for at most 60 datagrams. */
export const wantIdsMax = 60;
/** Bytes of IHAVE, GRAFT and OFFER in front of their ids, and of PRUNE: type, tag. */
export const topicHeadBytes = 9;
/** Bytes of SYNC_IDS in front of its ids: type, tag, salt id, part, parts. */
export const syncIdsHeadBytes = 17;
/** Bytes of SYNC_REQ without a digest: type, tag, since, state, from, count. */
export const syncRequestBytes = 21;
/** Bytes of the digest in a first SYNC_REQ: two sets with one digest take 2^48 tries. SPEC, Frames. */
export const syncDigestBytes = 12;
/** Bytes of a salt. */
export const syncSaltBytes = 8;
/** Bytes of SYNC_SYM in front of its symbols: type, tag, salt, state, count, from. */
export const syncSymbolsHeadBytes = 27;
/** Symbols there are of one set; no more can be asked for. SPEC, Frames: they tell 2 500 differences and more, and bound what decoding costs. */
export const syncSymbolsMax = 4096;
/** Bytes of a symbol in front of its excess: sum, check. */
export const syncSymbolHeadBytes = 12;
/** Bytes of a short id. */
export const shortIdBytes = 8;
/** Most ids in one IHAVE or OFFER: as many as fit. */
export const topicIdsMax = Math.floor((frameBytesMax - topicHeadBytes) / shortIdBytes);
/** Most ids in one SYNC_IDS: as many as fit. */
export const syncIdsMax = Math.floor((frameBytesMax - syncIdsHeadBytes) / shortIdBytes);
/** Most parts of one id list: 256 x 147 ids is more than a cache holds (32 768 entries). SPEC, Frames. */
export const syncPartsMax = 256;
/** Bytes of PULL in front of its ranges: type, transfer, file. */
export const pullHeadBytes = 21;
/** Bytes of a range of blocks: first, count. */
export const rangeBytes = 6;
/** Most blocks that one PULL asks for. SPEC, Frames: as in WANT, what one datagram calls for is bounded. */
export const pullBlocksMax = 64;
/** Bytes of NOBLOCK: type, transfer, reason, one range. */
export const noBlockBytes = 12;
/** Bytes of HOLDS in front of its bits: type, transfer, from, until. */
export const holdsHeadBytes = 13;
/** Most groups that the bits of HOLDS speak of. SPEC, Transfer: as many as a fetch is ahead of the first that it has not. */
export const holdsBitsMax = 256;
/** Bytes of BLOCK in front of the block: type, transfer, position. */
export const blockHeadBytes = 9;
/** Bytes of BLOCK. */
export const blockFrameBytes = blockHeadBytes + plaintextBytesMax;
/** Bytes of ASK in front of its ranges: type, stream, below. */
export const askHeadBytes = 9;
/** Most ranges of one ASK. Guess, not measured: losses come in runs. */
export const askRangesMax = 32;
/** Bytes of CHUNK in front of its bytes: type, stream, number, held, flags. */
export const chunkHeadBytes = 12;
/** Most bytes of a piece of a stream: as many as fit. */
export const chunkBytesMax = frameBytesMax - chunkHeadBytes;
/** Most characters of what a stream is for. Guess, not measured. */
export const labelBytesMax = 64;
/** Most topics one HELLO names. SPEC, Frames. */
export const helloTagsMax = 64;
/** Most own addresses one HELLO names. SPEC, Frames. */
export const helloAddressesMax = 4;
/** Largest protocol version a HELLO can name; this is version 1. */
export const helloVersionMax = 255;
/** The version of the protocol this package speaks. */
export const protocolVersion = 1;
/** Most peers one PEERS names, and most that are closer. SPEC, Frames. */
export const peersMax = 8;
/** Most peers that the lists of one PEERS name together: so that it fits a frame. SPEC, Frames. */
export const namesMax = 20;
/** Largest reason of a BYE: one byte. */
export const byeReasonMax = 255;
/** Most frames in one bundle: bounds the work one datagram can ask for. Guess, not measured. SPEC, Frames. */
export const bundleFramesMax = 64;
/** Bytes in front of each frame of a bundle: its length. */
export const bundleLengthBytes = 2;

/** Most nested arrays and maps of a CBOR value; PEERS needs 3. SPEC, CBOR gate. */
export const cborDepthMax = 4;
/** Most data items of a CBOR value, keys and containers counted; a full HELLO has 79. SPEC, CBOR gate. */
export const cborItemsMax = 256;
