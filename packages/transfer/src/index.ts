/** `@srp/transfer`: files of any size between peers, checked block by block, at the pace of the line. */
export { blockBytes, fileBytesMax, groupBytes } from './constants.js';
export type { TransferDrop, TransferInput, TransferOutput } from './contract.js';
export { errorCodes, TransferError, type TransferErrorCode } from './errors.js';
export type { FetchProgress } from './fetch.js';
export { type ResetReason, resetReasons, type StreamDrop, type StreamInput, type StreamOutput, Streams } from './streams/streams.js';
export type { UploadLimits } from './serve.js';
export { Transfers, type TransfersOptions } from './transfers.js';
export { cryptLeaves, type FileId, fileIdOf, fileKeyOf, hashOf, nodeOf, padded } from './tree/blocks.js';
export { type FileTree, TreeBuilder } from './tree/builder.js';
export { KnownTree, type Verdict } from './tree/known.js';
export { isFileSize, TreeShape } from './tree/shape.js';
export { isWhole, type OpenGroup, openGroup, type PartTree, upperNode } from './tree/share.js';
export { Window } from './window.js';
