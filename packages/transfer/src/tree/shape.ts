/**
 * The shape of a file's tree, which follows from its size alone. SPEC, The tree.
 *
 * ```
 *  level 2            [ top ]                     position  leaves + nodes of level 1
 *                  ╱    │     ╲
 *  level 1      [0]    [1]    [2]                 positions leaves .. leaves + 2
 *             ╱ │ ╲   ╱ │ ╲   ╱ │
 *  level 0   0..31   32..63  64..70               positions 0 .. 70: the leaves, 1024 bytes of the file each
 * ```
 *
 * Every block has one number, its position: leaves first, then the nodes level by level, the top last.
 */
import { blockBytes, childrenMax, fileBytesMax } from '../constants.js';
import { TransferError } from '../errors.js';

export class TreeShape {
  readonly size: number;
  /** How many blocks each level has, from the leaves up; the last has one. */
  readonly counts: readonly number[];
  /** The position of the first block of each level. */
  readonly #firsts: readonly number[];
  /** How many blocks there are in all; the top has the last position. */
  readonly blockCount: number;

  /** Throws {@link TransferError} FILE_SIZE_WRONG unless `size` is an integer 0..2^36. An empty file has one leaf. */
  constructor(size: number) {
    if (!isFileSize(size)) throw new TransferError('FILE_SIZE_WRONG', `Cannot make a tree: a file has 0..${fileBytesMax} bytes, got ${size}`);
    this.size = size;
    const counts = [Math.max(1, Math.ceil(size / blockBytes))];
    for (let count = counts[0] as number; count > 1; counts.push(count)) count = Math.ceil(count / childrenMax);
    this.counts = counts;
    let first = 0;
    this.#firsts = counts.map((count) => (first += count) - count);
    this.blockCount = first;
  }

  get leafCount(): number {
    return this.counts[0] as number;
  }

  /** The level of the top; 0 if the file is one leaf. */
  get topLevel(): number {
    return this.counts.length - 1;
  }

  get topPosition(): number {
    return this.blockCount - 1;
  }

  /** How many groups of leaves there are, each below one node of level 1. */
  get groupCount(): number {
    return Math.ceil(this.leafCount / childrenMax);
  }

  /** How many leaves a group has: 32, and the last one 1..32. */
  leavesOf(group: number): number {
    return Math.min(childrenMax, this.leafCount - group * childrenMax);
  }

  /** How many bytes of the file a group has. */
  bytesOf(group: number): number {
    return Math.max(0, Math.min(childrenMax * blockBytes, this.size - group * childrenMax * blockBytes));
  }

  position(level: number, index: number): number {
    return (this.#firsts[level] as number) + index;
  }

  /** The level of a block of this tree, and its number there. */
  locate(position: number): { readonly level: number; readonly index: number } {
    let level = 0;
    while (level < this.topLevel && position >= (this.#firsts[level + 1] as number)) level += 1;
    return { level, index: position - (this.#firsts[level] as number) };
  }

  /** The position of the node that names a block, and the place of its hash there; `null` for the top. */
  parentOf(position: number): { readonly position: number; readonly slot: number } | null {
    if (position === this.topPosition) return null;
    const { level, index } = this.locate(position);
    return { position: this.position(level + 1, Math.floor(index / childrenMax)), slot: index % childrenMax };
  }

  /** How many blocks a node names; 0 for a leaf. */
  childCount(position: number): number {
    const { level, index } = this.locate(position);
    return level === 0 ? 0 : Math.min(childrenMax, (this.counts[level - 1] as number) - index * childrenMax);
  }
}

/** Whether a file can have so many bytes. */
export const isFileSize = (size: number): boolean => Number.isInteger(size) && size >= 0 && size <= fileBytesMax;
