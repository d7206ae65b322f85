/**
 * Which blocks of a file are asked for next, and what becomes of those that come. SPEC, Transfer, Pulling.
 *
 * ```
 *   whole groups │ groups with holes, up to 256 │ not asked for
 *   ─────────────┼──────────────────────────────┼──────────────▶
 *             first                        leaves, then nodes some windows ahead
 * ```
 *
 * From front to back: what was lost first, then nodes as far ahead as the window reaches, then leaves below nodes that are there.
 * So a block can be judged when it comes, and memory is bounded however slow a source is.
 */
import { blockBytes, childrenMax, groupsAheadMax } from './constants.js';
import type { KnownTree, Verdict } from './tree/known.js';
import type { TreeShape } from './tree/shape.js';

/** A group of which leaves were asked for. */
interface Group {
  readonly leaves: Uint8Array;
  /** A bit for each leaf that is there. */
  held: number;
  missing: number;
}

/** What became of a block: {@link Verdict}, or nobody waits for it. */
export type Taken = { readonly verdict: Verdict | 'unwanted' } | { readonly verdict: 'right'; readonly group: number; readonly leaves: Uint8Array };

export class Plan {
  readonly #known: KnownTree;
  readonly #shape: TreeShape;
  readonly #groups = new Map<number, Group>();
  /** Whole groups behind one that is not. */
  readonly #whole = new Set<number>();
  /** Nodes that were asked for and are not there. */
  readonly #nodes = new Set<number>();
  #lost: number[] = [];
  #first: number;
  /** The next leaf that was never asked for. */
  #group: number;
  #slot = 0;
  /** The first group whose node was never asked for. */
  #nodeGroup: number;

  /** Everything before `firstGroup` is there already. */
  constructor(known: KnownTree, firstGroup: number) {
    this.#known = known;
    this.#shape = known.shape;
    this.#first = firstGroup;
    this.#group = firstGroup;
    this.#nodeGroup = firstGroup;
  }

  /** Whether every group is whole. */
  get isDone(): boolean {
    return this.#first >= this.#shape.groupCount;
  }

  /** The first group that is not whole. */
  get firstGroup(): number {
    return this.#first;
  }

  /** How many groups are held in part, and how many ids of lost blocks: for those who look after bounds. */
  get size(): number {
    return this.#groups.size + this.#whole.size;
  }

  /** The position to ask for next, or `null` while there is none. `nodesAhead`: how many groups ahead their nodes are asked for. */
  next(nodesAhead: number): number | null {
    return this.#nextLost() ?? this.#nextNode(nodesAhead) ?? this.#nextLeaf();
  }

  /** Somebody was asked for this block, and it does not come. */
  lose(position: number): void {
    if (this.wants(position)) this.#lost.push(position);
  }

  /** Whether this block was asked for and is not there. */
  wants(position: number): boolean {
    if (position >= this.#shape.leafCount) return this.#nodes.has(position);
    const group = this.#groups.get(Math.floor(position / childrenMax));
    return group !== undefined && (group.held & (1 << (position % childrenMax))) === 0;
  }

  /** Takes a block that came, whoever it was asked of. */
  take(position: number, block: Uint8Array): Taken {
    if (!this.wants(position)) return { verdict: 'unwanted' };
    const verdict = this.#known.judge(position, block);
    if (verdict !== 'right') return { verdict };
    if (position >= this.#shape.leafCount) {
      this.#nodes.delete(position);
      return { verdict };
    }
    const number = Math.floor(position / childrenMax);
    const group = this.#groups.get(number) as Group;
    const slot = position % childrenMax;
    group.leaves.set(block, slot * blockBytes);
    group.held |= 1 << slot;
    group.missing -= 1;
    if (group.missing > 0) return { verdict };
    this.#close(number);
    return { verdict, group: number, leaves: group.leaves };
  }

  #close(number: number): void {
    this.#groups.delete(number);
    this.#known.forgetGroup(number);
    this.#whole.add(number);
    while (this.#whole.delete(this.#first)) this.#first += 1;
  }

  #nextLost(): number | null {
    while (this.#lost.length > 0) {
      const position = this.#lost.shift() as number;
      if (this.wants(position)) return position;
    }
    return null;
  }

  #nextNode(nodesAhead: number): number | null {
    const shape = this.#shape;
    if (shape.topLevel === 0) return null;
    const until = Math.min(shape.groupCount, this.#group + nodesAhead, this.#first + 2 * groupsAheadMax);
    while (this.#nodeGroup < until) {
      const position = this.#highestMissing(shape.position(1, this.#nodeGroup));
      const isOwn = position === null || position === shape.position(1, this.#nodeGroup);
      if (isOwn) this.#nodeGroup += 1;
      if (position !== null && !this.#nodes.has(position)) {
        this.#nodes.add(position);
        return position;
      }
      if (!isOwn) return null; // a node above is on its way
    }
    return null;
  }

  /** Of a node and those above it the highest that is not there, whose own parent is; `null` if the node is there. */
  #highestMissing(position: number): number | null {
    let missing: number | null = null;
    for (let at: number | null = position; at !== null && !this.#known.hasNode(at); at = this.#shape.parentOf(at)?.position ?? null) missing = at;
    return missing;
  }

  #nextLeaf(): number | null {
    const shape = this.#shape;
    if (this.#group >= shape.groupCount || this.#group >= this.#first + groupsAheadMax) return null;
    const position = this.#group * childrenMax + this.#slot;
    if (this.#slot === 0) {
      if (!this.#known.canJudge(position)) return null;
      const count = shape.leavesOf(this.#group);
      this.#groups.set(this.#group, { leaves: new Uint8Array(count * blockBytes), held: 0, missing: count });
    }
    this.#slot += 1;
    if (this.#slot === shape.leavesOf(this.#group)) {
      this.#group += 1;
      this.#slot = 0;
    }
    return position;
  }
}
