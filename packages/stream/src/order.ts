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
  const order = new CausalOrder<Item>();
  for (const item of items) order.add(item);
  const ordered: Item[] = [];
  for (let item = order.next(); item !== undefined; item = order.next()) ordered.push(item);
  return ordered;
};

/** The same in pieces, for who must not hold the thread until all is done: first every item is added, then each is taken. O(log n) for one. */
export class CausalOrder<Item extends CausalItem> {
  readonly #nodes = new Map<PacketId, Node<Item>>();
  /** Those that name an id, which may not be there. */
  readonly #after = new Map<PacketId, Node<Item>[]>();
  /** Those that could be next; some were put in before what they name was added. */
  readonly #least = new Heap<Node<Item>>((a, b) => compareConcurrent(a.item, b.item));
  /** What is left, sorted, once nothing is free. */
  #circle: Node<Item>[] | null = null;

  add(item: Item): void {
    if (this.#nodes.has(item.id)) return;
    const node: Node<Item> = { item, waitsFor: 0, isPlaced: false };
    this.#nodes.set(item.id, node);
    for (const id of pastOf(item)) {
      const after = this.#after.get(id);
      if (after === undefined) this.#after.set(id, [node]);
      else after.push(node);
      if (this.#nodes.has(id)) node.waitsFor += 1;
    }
    for (const after of this.#after.get(item.id) ?? []) after.waitsFor += 1;
    if (node.waitsFor === 0) this.#least.push(node);
  }

  /** Takes the next item; `undefined` if all were taken. */
  next(): Item | undefined {
    let node = this.#least.pop();
    while (node !== undefined && (node.isPlaced || node.waitsFor > 0)) node = this.#least.pop();
    node ??= this.#nextOfCircle();
    if (node === undefined) return undefined;
    node.isPlaced = true;
    for (const after of this.#after.get(node.item.id) ?? []) {
      after.waitsFor -= 1;
      if (after.waitsFor === 0) this.#least.push(after);
    }
    return node.item;
  }

  #nextOfCircle(): Node<Item> | undefined {
    this.#circle ??= [...this.#nodes.values()].filter(({ isPlaced }) => !isPlaced).sort((a, b) => compareConcurrent(b.item, a.item));
    let node = this.#circle.pop();
    while (node?.isPlaced === true) node = this.#circle.pop();
    return node;
  }
}

interface Node<Item> {
  readonly item: Item;
  /** How many of those that it names are there and not placed yet. */
  waitsFor: number;
  isPlaced: boolean;
}
