/**
 * Which groups of a file somebody has who fetches it himself, as HOLDS tells. SPEC, Transfer, Holders.
 *
 * ```
 *   from ───all of these───▶ until    also: some of the 255 behind it
 * ```
 */
import type { Holds } from '@srp/wire';
import { childrenMax } from './constants.js';
import type { TreeShape } from './tree/shape.js';

/** Groups; whoever has a group has all nodes above it. */
export interface Holding {
  readonly from: number;
  readonly until: number;
  readonly also: ReadonlySet<number>;
}

export const holdingOf = ({ from, until, also }: Holds): Holding => ({ from, until, also: new Set(also) });

/** Whether it has a group; `null` has all. */
export const hasGroup = (holding: Holding | null, group: number): boolean => holding === null || (group >= holding.from && group < holding.until) || holding.also.has(group);

/** Whether it has a block: one of a group that is there, or a node above one. */
export const hasBlock = (holding: Holding | null, shape: TreeShape, position: number): boolean => {
  if (holding === null) return true;
  const { level, index } = shape.locate(position);
  if (level === 0) return hasGroup(holding, Math.floor(index / childrenMax));
  if (level === 1) return hasGroup(holding, index);
  const groups = childrenMax ** (level - 1);
  const [first, end] = [index * groups, (index + 1) * groups];
  if (Math.max(first, holding.from) < Math.min(end, holding.until)) return true;
  for (const group of holding.also) if (group >= first && group < end) return true;
  return false;
};
