/**
 * What a receiver knows of a file's tree: its nodes, each checked against its parent, from the top down. SPEC, The tree.
 *
 * A block is judged when it comes, before anything is done with it: so one block is what a bad source can waste.
 */
import { concat } from '@srp/machine';
import { type FileId, fileIdOf, hashOf, isNamed, isNode } from './blocks.js';
import type { TreeShape } from './shape.js';

/** What became of a block: it is the one, its parent is not known yet, it is not the one, or it is, and what its author made is no file. */
export type Verdict = 'right' | 'early' | 'wrong' | 'broken';

export class KnownTree {
  readonly id: FileId;
  readonly shape: TreeShape;
  readonly #nodes = new Map<number, Uint8Array>();

  constructor(id: FileId, shape: TreeShape) {
    this.id = id;
    this.shape = shape;
  }

  /** The nodes that are held, by position: as many as came, whatever size the file is said to have. */
  get nodes(): ReadonlyMap<number, Uint8Array> {
    return this.#nodes;
  }

  /** Whether the node at a position is held. */
  hasNode(position: number): boolean {
    return this.#nodes.has(position);
  }

  /** Whether a block at this position could be judged. */
  canJudge(position: number): boolean {
    const parent = this.shape.parentOf(position);
    return parent === null || this.#nodes.has(parent.position);
  }

  /** Judges a block of 1024 bytes, and keeps a copy of it if it is a node and the right one. */
  judge(position: number, block: Uint8Array): Verdict {
    const parent = this.shape.parentOf(position);
    if (parent === null) {
      if (fileIdOf(this.shape.size, hashOf(block)) !== this.id) return 'wrong';
    } else {
      const node = this.#nodes.get(parent.position);
      if (node === undefined) return 'early';
      if (!isNamed(node, parent.slot, hashOf(block))) return 'wrong';
    }
    if (position < this.shape.leafCount) return 'right';
    // A node that its author made with more or fewer children than the size says is no tree at all, whoever sends it.
    if (!isNode(block, this.shape.childCount(position))) return 'broken';
    this.#nodes.set(position, block.slice());
    return 'right';
  }

  /** Lets go of the node of a group whose leaves are all there. */
  forgetGroup(group: number): void {
    if (this.shape.topLevel > 0) this.#nodes.delete(this.shape.position(1, group));
  }

  /** The nodes of level 2 and above, one behind the other, as in a `FileTree`: what a sharer needs besides the file. `null` if one is missing. */
  upper(): Uint8Array | null {
    if (this.shape.topLevel < 2) return new Uint8Array(0);
    const nodes: Uint8Array[] = [];
    for (let position = this.shape.position(2, 0); position < this.shape.blockCount; position += 1) {
      const node = this.#nodes.get(position);
      if (node === undefined) return null;
      nodes.push(node);
    }
    return concat(...nodes);
  }
}
