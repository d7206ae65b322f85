/** What a sharer sends: nodes that it holds, and groups that it makes from the file, never without a look whether they are what was shared. */
import { blockBytes, childrenMax } from '../constants.js';
import { cryptLeaves, fileIdOf, hashOf, isNamed, nodeOf, padded } from './blocks.js';
import type { FileTree } from './builder.js';

/** A file that is on its way here, as one who shares what has come knows it. */
export interface PartTree extends Omit<FileTree, 'upper'> {
  /** The nodes that are known, by position. */
  readonly nodes: ReadonlyMap<number, Uint8Array>;
}

/** A group as it is sent. */
export interface OpenGroup {
  /** Up to 32 leaves, one behind the other. */
  readonly leaves: Uint8Array;
  /** The node above them; `null` if the file is one leaf. */
  readonly node: Uint8Array | null;
}

/**
 * The blocks of a group, from what the file holds there; `null` if that is not what was shared. So a sharer never sends what is
 * refused, and never encrypts a second content under the key of the first.
 */
export const openGroup = (tree: FileTree | PartTree, group: number, plaintext: Uint8Array): OpenGroup | null => {
  const { shape, key, id } = tree;
  if (plaintext.length !== shape.bytesOf(group)) return null;
  const leaves = cryptLeaves(key, group * childrenMax, padded(plaintext));
  if (shape.topLevel === 0) return fileIdOf(shape.size, hashOf(leaves)) === id ? { leaves, node: null } : null;
  const node = nodeOf(leaves);
  const hash = hashOf(node);
  if (shape.topLevel === 1) return fileIdOf(shape.size, hash) === id ? { leaves, node } : null;
  const parent = upperNode(tree, shape.position(2, Math.floor(group / childrenMax)));
  return parent !== null && isNamed(parent, group % childrenMax, hash) ? { leaves, node } : null;
};

/** The node of level 2 or above at a position, as a view; `null` if there is none. */
export const upperNode = (tree: FileTree | PartTree, position: number): Uint8Array | null => {
  if ('nodes' in tree) return tree.nodes.get(position) ?? null;
  const { shape, upper } = tree;
  if (shape.topLevel < 2 || position < shape.position(2, 0) || position >= shape.blockCount) return null;
  const at = (position - shape.position(2, 0)) * blockBytes;
  return upper.subarray(at, at + blockBytes);
};

/** Whether the nodes that came from a disk are those of this file: each in its parent, and the top in the id. */
export const isWhole = (tree: FileTree): boolean => {
  const { shape, upper, id } = tree;
  const { topLevel } = shape;
  if (topLevel < 2) return upper.length === 0;
  if (upper.length !== (shape.blockCount - shape.position(2, 0)) * blockBytes) return false;
  const top = upperNode(tree, shape.topPosition);
  if (top === null || fileIdOf(shape.size, hashOf(top)) !== id) return false;
  for (let position = shape.position(2, 0); position < shape.topPosition; position += 1) {
    const parent = shape.parentOf(position);
    const node = upperNode(tree, position);
    const above = parent === null ? null : upperNode(tree, parent.position);
    if (parent === null || node === null || above === null || !isNamed(above, parent.slot, hashOf(node))) return false;
  }
  return true;
};

