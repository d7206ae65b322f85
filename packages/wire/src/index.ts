/** `@srp/wire`: what SRP says, as bytes: objects, frames, and the one form of CBOR it speaks. */
export { type CborMap, type CborValue, decodeCbor, encodeCbor } from './cbor/codec.js';
export { type CborRefusal, cborRefusals } from './cbor/gate.js';
export { chunkBytesMax, frameBytesMax, idBytes, objectBytesMax, partsMax, plaintextBytesMax, postageMax, protocolVersion } from './constants.js';
export { errorCodes, WireError, type WireErrorCode } from './errors.js';
export { bundle, bundleBytes, type BundleOptions, type BundleRefusal, bundleRefusals, isBundle, unbundle } from './frame/bundle.js';
export { decodeFrame, encodeFrame } from './frame/codec.js';
export {
  type Ask,
  type BlockRange,
  type Bye,
  type Call,
  type Find,
  type Frame,
  type Graft,
  type Hello,
  type IHave,
  type Introduce,
  type NatBehaviour,
  type Holds,
  type NoBlock,
  type NoBlockReason,
  type Offer,
  type Open,
  type PeerAddress,
  type Peers,
  type Ping,
  type Pong,
  type Ports,
  type Knock,
  type Prune,
  type Pull,
  type Reset,
  type SyncIds,
  type SyncRequest,
  type SyncSymbol,
  type SyncSymbols,
  type Token,
  type Want,
  type WantAfter,
} from './frame/frame.js';
export { type FrameRefusal, frameRefusals } from './frame/refusal.js';
export { type Chunk, decodeChunk, decodeMessage, encodeChunk, encodeMessage, isChunk, isMessage } from './frame/stream.js';
export { type Block, decodeBlock, encodeBlocks, isBlock } from './frame/transfer.js';
export { type Aged, checkPacket, expiresAt, lifeMs, postageBound, pullPostage } from './object/age.js';
export { composePacket, composeRun, type PacketDraft, type RunDraft, type RunItem } from './object/compose.js';
export { encodePacket, type PacketFields } from './object/encode.js';
export { type Content, type Envelope, payloadBytesMax } from './object/envelope.js';
export { provesFork } from './object/fork.js';
export { isObject, type Life, type PacketKind } from './object/layout.js';
export { cutIntoParts, decodeManifest, encodeManifest, type ManifestRefusal, manifestRefusals, messageBytesMax } from './object/manifest.js';
export { openPacket } from './object/open.js';
export { type Packet } from './object/packet.js';
export { type ContentRefusal, contentRefusals, type PacketRefusal, packetRefusals } from './object/refusal.js';
export { claimOf, verifyPacket } from './object/signature.js';
export { decodePacket, restamp, withPostage } from './object/view.js';
