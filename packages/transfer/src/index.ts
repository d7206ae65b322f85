/** `@srp/transfer`: files of any size between peers, checked block by block. */
export { errorCodes, TransferError, type TransferErrorCode } from './errors.js';
export { blockBytes, fileBytesMax, groupBytes } from './constants.js';
export { cryptLeaves, type FileId, fileIdOf, fileKeyOf, hashOf, nodeOf, padded } from './tree/blocks.js';
export { type FileTree, TreeBuilder } from './tree/builder.js';
export { KnownTree, type Verdict } from './tree/known.js';
export { isFileSize, TreeShape } from './tree/shape.js';
export { isWhole, type OpenGroup, openGroup, upperNode } from './tree/share.js';
