/**
 * Blocks and their names: what is encrypted, hashed and checked. SPEC, The tree.
 *
 * A leaf is the file's bytes under a keystream that runs on from leaf to leaf, so that any run of leaves is encrypted in one
 * call; a node is the hashes of its children. Both have 1024 bytes, so whoever carries them needs no key and tells none apart.
 */
import { suite } from '@srp/identity';
import { concat, toHex, utf8, writeU32 } from '@srp/machine';
import { blockBytes, childrenMax, hashBytes, keyBytes, keystreamBlocksPerLeaf, labels, nonceBytes } from '../constants.js';

declare const brand: unique symbol;
/** A file's content under its key, by the hash of its size and its tree: 64 hex characters. */
export type FileId = string & { readonly [brand]: 'FileId' };

const nonce = new Uint8Array(nonceBytes);
const fileLabel = utf8(labels.file);
const keyLabel = utf8(labels.key);

/** The name of a block in its parent: 32 bytes. */
export const hashOf = (block: Uint8Array): Uint8Array => suite.sha256(block);

/** The id of the file of that size whose top block has this hash. So nobody can claim another size for a tree. */
export const fileIdOf = (size: number, topHash: Uint8Array): FileId => toHex(suite.sha256(fileLabel, eightBytes(size), topHash)) as FileId;

/**
 * The key of a content among those who share a secret of 32 bytes: the same for all of them, so that each can give what the
 * other one shared. Two contents never have one key, which a keystream demands.
 */
export const fileKeyOf = (secret: Uint8Array, contentHash: Uint8Array): Uint8Array => suite.hmacSha256(secret, keyLabel, contentHash);

/** Bytes of the file from leaf `first` on as leaves, or leaves as bytes of the file: it is the same. */
export const cryptLeaves = (key: Uint8Array, first: number, bytes: Uint8Array): Uint8Array => suite.chachaStream(key, nonce, first * keystreamBlocksPerLeaf, bytes);

/** Whole leaves of plaintext: the end of a file is filled up with zeros. */
export const padded = (bytes: Uint8Array): Uint8Array => {
  const length = Math.max(1, Math.ceil(bytes.length / blockBytes)) * blockBytes;
  if (length === bytes.length) return bytes;
  const whole = new Uint8Array(length);
  whole.set(bytes);
  return whole;
};

/** Whether whole leaves end with nothing but zeros behind so many bytes. */
export const isPadded = (leaves: Uint8Array, size: number): boolean => {
  for (let at = size; at < leaves.length; at += 1) if (leaves[at] !== 0) return false;
  return true;
};

/** The block of a node: the hashes of up to 32 blocks that stand one after the other, and zeros. */
export const nodeOf = (blocks: Uint8Array): Uint8Array => {
  const node = new Uint8Array(blockBytes);
  for (let at = 0; at < blocks.length; at += blockBytes) node.set(hashOf(blocks.subarray(at, at + blockBytes)), (at / blockBytes) * hashBytes);
  return node;
};

/** Whether the hash of a block stands in its parent's block at `slot`. */
export const isNamed = (parent: Uint8Array, slot: number, hash: Uint8Array): boolean => {
  const at = slot * hashBytes;
  for (let i = 0; i < hashBytes; i += 1) if (parent[at + i] !== hash[i]) return false;
  return true;
};

/** Whether a node names so many children and no more. */
export const isNode = (block: Uint8Array, childCount: number): boolean => {
  for (let at = childCount * hashBytes; at < childrenMax * hashBytes; at += 1) if (block[at] !== 0) return false;
  return true;
};

/** Whether these bytes can be a file's key. */
export const isFileKey = (key: Uint8Array): boolean => key.length === keyBytes;

const eightBytes = (size: number): Uint8Array => {
  const high = new Uint8Array(4);
  const low = new Uint8Array(4);
  writeU32(high, 0, Math.floor(size / 2 ** 32));
  writeU32(low, 0, size % 2 ** 32);
  return concat(high, low);
};
