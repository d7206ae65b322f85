/** The slow, obvious twins of the fast paths in src/order.ts and src/causal-stream.ts. */
import { type PacketId } from '@srp/machine';
import { type CausalItem } from '@srp/stream';

const named = (item: CausalItem): readonly PacketId[] => [...(item.prev === null ? [] : [item.prev]), ...item.parents].filter((id) => id !== item.id);

const isLess = (a: CausalItem, b: CausalItem): boolean => {
  if (a.time !== b.time) return a.time < b.time;
  if (a.ms !== b.ms) return a.ms < b.ms;
  return a.id < b.id;
};

const least = <Item extends CausalItem>(items: readonly Item[]): Item | undefined => items.reduce<Item | undefined>((best, item) => (best === undefined || isLess(item, best) ? item : best), undefined);

/** Again and again: of those whose past (within the set) is placed, the least; if there is none, the least of all. */
export const slowOrder = <Item extends CausalItem>(items: readonly Item[]): Item[] => {
  let left = items.filter((item, at) => items.findIndex((other) => other.id === item.id) === at);
  const placed: Item[] = [];
  for (;;) {
    const next = least(left.filter((item) => !named(item).some((id) => left.some((other) => other.id === id)))) ?? least(left);
    if (next === undefined) return placed;
    placed.push(next);
    left = left.filter((item) => item !== next);
  }
};

/** `causal` without time: after each arrival, again and again the least of those whose whole past was delivered. */
export const slowDelivery = (arrivals: readonly CausalItem[]): readonly PacketId[] => {
  const here: CausalItem[] = [];
  const delivered: PacketId[] = [];
  for (const arrival of arrivals) {
    if (here.some((item) => item.id === arrival.id)) continue;
    here.push(arrival);
    for (;;) {
      const next = least(here.filter((item) => !delivered.includes(item.id) && named(item).every((id) => delivered.includes(id))));
      if (next === undefined) break;
      delivered.push(next.id);
    }
  }
  return delivered;
};
