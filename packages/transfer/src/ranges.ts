/** Positions as ranges, in their order. */
import type { BlockRange } from '@srp/wire';

export const rangesOf = (positions: readonly number[]): readonly BlockRange[] => {
  const ranges: { first: number; count: number }[] = [];
  for (const position of positions) {
    const last = ranges.at(-1);
    if (last !== undefined && last.first + last.count === position) last.count += 1;
    else ranges.push({ first: position, count: 1 });
  }
  return ranges;
};
