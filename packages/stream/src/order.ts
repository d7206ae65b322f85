/**
 * The one order of a set of objects, the same wherever it is computed. SPEC, Order.
 *
 * An object comes after everything it names (`prev` and `parents`); of several that could be next, the
 * least by (time, ms, id) is. Only objects of the set count: one that is named and not there binds nobody.
 * Adding an object that names only what is already there moves no other: a list on a screen only grows.
 *
 * Ids are hashes over what they name, so a circle cannot be made; handed one all the same, the least of
 * what is left is taken, and the result is still one order.
 */
import { type PacketId } from '@srp/machine';
import { parentsMax } from './constants.js';
import { Heap } from './heap.js';

/** What order needs to know of an object. */
export interface CausalItem {
  readonly id: PacketId;
  /** The author's own object before this one; `null` begins a chain. */
  readonly prev: PacketId | null;
  /** Heads of other authors that this author had seen, at most 8. */
  readonly parents: readonly PacketId[];
  /** Unix seconds that the author signed. */
  readonly time: number;
  /** Milliseconds within that second, 0..999, as the author says. */
  readonly ms: number;
}

/** What decides between two objects of which neither knew of the other. */
export type Place = Pick<CausalItem, 'id' | 'time' | 'ms'>;

/** Compares two objects of which neither knew of the other: by time, ms, id. Never 0 for different ids. */
export const compareConcurrent = (a: Place, b: Place): number => a.time - b.time || a.ms - b.ms || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

/** What an object names, `prev` first: each id once, never itself, at most 9. */
export const pastOf = (item: CausalItem): readonly PacketId[] => {
  const past: PacketId[] = [];
  if (item.prev !== null && item.prev !== item.id) past.push(item.prev);
  // So few that to look through them is quicker than a set.
  for (let at = 0; at < item.parents.length && at < parentsMax; at += 1) {
    const parent = item.parents[at] as PacketId;
    if (parent !== item.id && !past.includes(parent)) past.push(parent);
  }
  return past;
};

/**
 * The items in causal order, each id once. O(n log n).
 *
 * @example
 * inCausalOrder(messages).map((message) => message.id);
 */
export const inCausalOrder = <Item extends CausalItem>(items: readonly Item[]): Item[] => {
  const nodes = nodesOf(items);
  const least = new Heap<Node<Item>>((a, b) => compareConcurrent(a.item, b.item));
  for (const node of nodes) if (node.waitsFor === 0) least.push(node);
  const ordered: Item[] = [];
  let circle: Node<Item>[] | null = null; // what is left, sorted, once nothing is free
  while (ordered.length < nodes.length) {
    let next = least.pop();
    if (next === undefined) {
      circle ??= nodes.filter((node) => !node.isPlaced).sort((a, b) => compareConcurrent(b.item, a.item));
      next = circle.pop();
    }
    if (next === undefined) break;
    if (next.isPlaced) continue;
    next.isPlaced = true;
    ordered.push(next.item);
    for (const after of next.after) {
      after.waitsFor -= 1;
      if (after.waitsFor === 0) least.push(after);
    }
  }
  return ordered;
};

interface Node<Item> {
  readonly item: Item;
  /** Those that name this one. */
  readonly after: Node<Item>[];
  /** How many of those this one names are not placed yet. */
  waitsFor: number;
  isPlaced: boolean;
}

const nodesOf = <Item extends CausalItem>(items: readonly Item[]): readonly Node<Item>[] => {
  const nodes = new Map<PacketId, Node<Item>>();
  for (const item of items) if (!nodes.has(item.id)) nodes.set(item.id, { item, after: [], waitsFor: 0, isPlaced: false });
  for (const node of nodes.values()) {
    for (const id of pastOf(node.item)) {
      const before = nodes.get(id);
      if (before === undefined) continue;
      before.after.push(node);
      node.waitsFor += 1;
    }
  }
  return [...nodes.values()];
};
