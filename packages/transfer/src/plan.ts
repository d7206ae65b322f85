/**
 * Which blocks of a file are asked for next, and what becomes of those that come. SPEC, Transfer, Pulling, Holders.
 *
 * ```
 *   whole groups │ groups with holes, up to 256 │ not asked for
 *   ─────────────┼──────────────────────────────┼──────────────▶
 *             first                        leaves, then nodes some windows ahead
 *
 *   bare ──its node is asked for──▶ fresh ──a leaf is──▶ open ──all are──▶ closed ──all there──▶ whole
 * ```
 *
 * What was lost comes first, then nodes as far ahead as the window reaches, then leaves below nodes that are there. So a block can be judged
 * when it comes, and memory is bounded however slow a source is. A file that comes from those who have all of it comes from its front to
 * its end. Once others are in it who have some, groups come in an order of our own, those first that fewest have: so each of
 * them soon has what the others lack.
 */
import { blockBytes, childrenMax, groupsAheadMax } from './constants.js';
import { hasBlock, hasGroup, type Holding } from './holding.js';
import type { KnownTree, Verdict } from './tree/known.js';
import type { TreeShape } from './tree/shape.js';

/** A group of which leaves were asked for. */
interface Group {
  readonly leaves: Uint8Array;
  /** The next leaf that was never asked for. */
  slot: number;
  /** A bit for each leaf that is there. */
  held: number;
  missing: number;
}

/** What became of a block: {@link Verdict}, or nobody waits for it. */
export type Taken = { readonly verdict: Verdict | 'unwanted' } | { readonly verdict: 'right'; readonly group: number; readonly leaves: Uint8Array };

/** What a plan needs to know of who else is in a file. */
export interface PlanOptions {
  /** Everything before this group is there already. */
  readonly firstGroup: number;
  /** How many of those who have some of the file have this group. */
  readonly holders: (group: number) => number;
  /** Makes the order of groups our own, u32. */
  readonly salt: number;
}

export class Plan {
  readonly #known: KnownTree;
  readonly #shape: TreeShape;
  readonly #options: PlanOptions;
  readonly #groups = new Map<number, Group>();
  /** Whole groups behind one that is not. */
  readonly #whole = new Set<number>();
  /** Nodes that were asked for and are not there. */
  readonly #nodes = new Set<number>();
  /** Groups whose node was never asked for, ascending; no further ahead than nodes may be. */
  readonly #bare: number[] = [];
  /** Groups of which no leaf was ever asked for, but their node, ascending. */
  readonly #fresh: number[] = [];
  /** Groups with leaves that were never asked for. */
  readonly #open: number[] = [];
  #lost: number[] = [];
  #first: number;
  /** The first group that is not in any of these lists. */
  #end: number;
  #isScattered = false;

  constructor(known: KnownTree, options: PlanOptions) {
    this.#known = known;
    this.#shape = known.shape;
    this.#options = options;
    this.#first = options.firstGroup;
    this.#end = options.firstGroup;
    this.#extend();
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

  /** Others are in it who have some of the file, or soon will. */
  scatter(): void {
    this.#isScattered = true;
  }

  /** The position to ask for next of whoever holds this, or `null` while there is none. `nodesAhead`: how many groups ahead their nodes are asked for. */
  next(nodesAhead: number, holding: Holding | null): number | null {
    return this.#nextLost(holding) ?? this.#nextNode(nodesAhead, holding) ?? this.#nextLeaf(holding);
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
    this.#extend();
  }

  #extend(): void {
    // Where there is one leaf there is no node, and nothing to ask for before it.
    const list = this.#shape.topLevel === 0 ? this.#fresh : this.#bare;
    for (const end = Math.min(this.#shape.groupCount, this.#first + 2 * groupsAheadMax); this.#end < end; this.#end += 1) list.push(this.#end);
  }

  #nextLost(holding: Holding | null): number | null {
    while (this.#lost.length > 0) {
      const at = holding === null ? 0 : this.#lost.findIndex((position) => hasBlock(holding, this.#shape, position));
      if (at < 0) return null;
      const [position = 0] = at === 0 ? [this.#lost.shift()] : this.#lost.splice(at, 1);
      if (this.wants(position)) return position;
    }
    return null;
  }

  #nextNode(nodesAhead: number, holding: Holding | null): number | null {
    while ((holding === null ? this.#fresh.length : this.#fresh.filter((group) => hasGroup(holding, group)).length) < nodesAhead) {
      // Nodes of groups whose leaves may not be asked for yet are only of use where groups come in their order.
      const at = this.#choose(this.#bare, holding, this.#isScattered ? this.#first + groupsAheadMax : Number.POSITIVE_INFINITY);
      const group = this.#bare[at];
      if (group === undefined) return null;
      const own = this.#shape.position(1, group);
      const position = this.#highestMissing(own);
      if (position === null || position === own) {
        this.#bare.splice(at, 1);
        insert(this.#fresh, group);
      }
      if (position !== null && !this.#nodes.has(position)) {
        this.#nodes.add(position);
        return position;
      }
      if (position !== null && position !== own) return null; // a node above is on its way
    }
    return null;
  }

  /** Of a node and those above it the highest that is not there, whose own parent is; `null` if the node is there. */
  #highestMissing(position: number): number | null {
    let missing: number | null = null;
    for (let at: number | null = position; at !== null && !this.#known.hasNode(at); at = this.#shape.parentOf(at)?.position ?? null) missing = at;
    return missing;
  }

  #nextLeaf(holding: Holding | null): number | null {
    const number = this.#open.find((group) => hasGroup(holding, group)) ?? this.#begin(holding);
    const group = number === null ? undefined : this.#groups.get(number);
    if (number === null || group === undefined) return null;
    const position = number * childrenMax + group.slot;
    group.slot += 1;
    if (group.slot === this.#shape.leavesOf(number)) this.#open.splice(this.#open.indexOf(number), 1);
    return position;
  }

  /** Opens a group whose node is there. */
  #begin(holding: Holding | null): number | null {
    const at = this.#choose(this.#fresh, holding, this.#first + groupsAheadMax, (group) => this.#known.canJudge(group * childrenMax));
    const number = this.#fresh[at];
    if (number === undefined) return null;
    const count = this.#shape.leavesOf(number);
    this.#groups.set(number, { leaves: new Uint8Array(count * blockBytes), slot: 0, held: 0, missing: count });
    this.#fresh.splice(at, 1);
    this.#open.push(number);
    return number;
  }

  /** Where in a list the group stands that is next; -1 if there is none. */
  #choose(groups: readonly number[], holding: Holding | null, end: number, isReady: (group: number) => boolean = () => true): number {
    if (!this.#isScattered) return groups.length > 0 && (groups[0] as number) < end && isReady(groups[0] as number) ? 0 : -1;
    const { holders, salt } = this.#options;
    let best = -1;
    let least = Number.POSITIVE_INFINITY;
    groups.forEach((group, at) => {
      if (group >= end || !hasGroup(holding, group) || !isReady(group)) return;
      const rank = holders(group) + (Math.imul(group ^ salt, 0x9e37_79b1) >>> 0) / 2 ** 32;
      if (rank >= least) return;
      least = rank;
      best = at;
    });
    return best;
  }
}

/** Puts a number into an ascending list: mostly to its end. */
const insert = (list: number[], number: number): void => {
  let at = list.length;
  while (at > 0 && (list[at - 1] as number) > number) at -= 1;
  list.splice(at, 0, number);
};
