/**
 * Makes the tree of a file that is handed in group by group, and keeps what a sharer needs: the nodes from level 2 on, a
 * thousandth of the file. Those of level 1 are made again from their group, which is read for its leaves anyway.
 */
import { concat } from '@srp/machine';
import { blockBytes, childrenMax, groupBytes, hashBytes } from '../constants.js';
import { TransferError } from '../errors.js';
import { cryptLeaves, type FileId, fileIdOf, hashOf, nodeOf, padded } from './blocks.js';
import { TreeShape } from './shape.js';

/** A file as a sharer knows it. */
export interface FileTree {
  readonly id: FileId;
  readonly key: Uint8Array;
  readonly shape: TreeShape;
  /** The nodes of level 2 and above, one behind the other, level by level: 1024 bytes each. */
  readonly upper: Uint8Array;
}

export class TreeBuilder {
  readonly #key: Uint8Array;
  readonly #shape: TreeShape;
  /** What each group is called in its parent: the hash of its node, or of its leaf if that is all there is. */
  readonly #hashes: Uint8Array;
  #group = 0;

  /** Throws {@link TransferError} FILE_SIZE_WRONG. */
  constructor(key: Uint8Array, size: number) {
    this.#key = key;
    this.#shape = new TreeShape(size);
    this.#hashes = new Uint8Array(this.#shape.groupCount * hashBytes);
  }

  /** Takes the next group of the file: 32 768 bytes, the last one what is left. Throws {@link TransferError} FILE_CONTENT_WRONG. */
  push(plaintext: Uint8Array): void {
    const expected = this.#shape.bytesOf(this.#group);
    if (this.#group >= this.#shape.groupCount || plaintext.length !== expected) {
      throw new TransferError('FILE_CONTENT_WRONG', `Cannot go on with a tree: group ${this.#group} has ${expected} bytes, got ${plaintext.length}`);
    }
    const leaves = cryptLeaves(this.#key, this.#group * childrenMax, padded(plaintext));
    this.#hashes.set(hashOf(this.#shape.topLevel === 0 ? leaves : nodeOf(leaves)), this.#group * hashBytes);
    this.#group += 1;
  }

  /** The whole tree, once every group was taken. Throws {@link TransferError} FILE_CONTENT_WRONG. */
  finish(): FileTree {
    if (this.#group < this.#shape.groupCount) {
      throw new TransferError('FILE_CONTENT_WRONG', `Cannot finish a tree: ${this.#shape.groupCount} groups of ${groupBytes} bytes are needed, got ${this.#group}`);
    }
    const upper: Uint8Array[] = [];
    let hashes = this.#hashes;
    for (let level = 2; level <= this.#shape.topLevel; level += 1) {
      const nodes = padded(hashes);
      upper.push(nodes);
      hashes = hashesOf(nodes);
    }
    return { id: fileIdOf(this.#shape.size, hashes), key: this.#key, shape: this.#shape, upper: concat(...upper) };
  }
}

/** The hash of each block. */
const hashesOf = (blocks: Uint8Array): Uint8Array => {
  const hashes = new Uint8Array((blocks.length / blockBytes) * hashBytes);
  for (let at = 0; at < blocks.length; at += blockBytes) hashes.set(hashOf(blocks.subarray(at, at + blockBytes)), (at / blockBytes) * hashBytes);
  return hashes;
};
