/** Makes bad bytes of good ones: what breaks on the way, and what somebody does on purpose. */
import { concat, writeU16, writeU32 } from '@srp/machine';
import type { Chance } from './chance.js';

/** Changes stacked on one another. */
const changesMax = 6;
/** Where codecs change their minds: signs, lengths and limits. */
const telling = [0, 1, 2, 0x17, 0x18, 0x1f, 0x7f, 0x80, 0xfe, 0xff, 0x100, 0x3ff, 0x400, 0x4ae, 0x7fff, 0x8000, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];
/** Lengths of bytes out of nothing: around every limit of SRP, and far above. */
const lengths = [0, 1, 2, 5, 8, 9, 16, 29, 33, 60, 61, 74, 133, 134, 173, 174, 199, 200, 600, 1198, 1199, 1227, 1232, 1233, 9000, 65_507];

type Change = (chance: Chance, bytes: Uint8Array, others: readonly Uint8Array[]) => Uint8Array;

const changes: readonly Change[] = [
  // One bit, some bytes, numbers of each size.
  (chance, bytes) =>
    changed(bytes, (copy) => {
      const at = chance.below(copy.length);
      copy[at] = (copy[at] ?? 0) ^ (1 << chance.below(8));
    }),
  (chance, bytes) => changed(bytes, (copy) => (copy[chance.below(copy.length)] = chance.oneIn(2) ? chance.below(256) : chance.pick(telling))),
  (chance, bytes) => (bytes.length < 2 ? bytes : changed(bytes, (copy) => writeU16(copy, chance.below(copy.length - 1), chance.pick(telling)))),
  (chance, bytes) => (bytes.length < 4 ? bytes : changed(bytes, (copy) => writeU32(copy, chance.below(copy.length - 3), chance.pick(telling)))),
  (chance, bytes) => changed(bytes, (copy) => copy.fill(chance.pick([0, 0xff, chance.below(256)]), ...range(chance, copy.length))),
  // Cut, doubled, put in, turned round.
  (chance, bytes) => bytes.slice(0, chance.below(bytes.length + 1)),
  (chance, bytes) => {
    const [start, end] = range(chance, bytes.length);
    return concat(bytes.subarray(0, start), bytes.subarray(end));
  },
  (chance, bytes) => {
    const [start, end] = range(chance, bytes.length);
    return concat(bytes.subarray(0, end), bytes.subarray(start));
  },
  (chance, bytes) => {
    const at = chance.below(bytes.length + 1);
    return concat(bytes.subarray(0, at), chance.bytes(1 + chance.below(8)), bytes.subarray(at));
  },
  (chance, bytes) => changed(bytes, (copy) => copy.subarray(...range(chance, copy.length)).reverse()),
  // The front of one and the rest of another.
  (chance, bytes, others) => {
    const other = chance.pick(others);
    return concat(bytes.subarray(0, chance.below(bytes.length + 1)), other.subarray(chance.below(other.length + 1)));
  },
];

/** One of `corpus` with some changes; now and then it is unchanged, or bytes out of nothing. */
export const mutated = (chance: Chance, corpus: readonly Uint8Array[]): Uint8Array => {
  if (chance.oneIn(24)) return chance.bytes(chance.oneIn(2) ? chance.pick(lengths) : chance.below(1300));
  let bytes = chance.pick(corpus);
  if (chance.oneIn(24)) return bytes;
  for (let left = 1 + chance.below(changesMax); left > 0; left -= 1) bytes = chance.pick(changes)(chance, bytes, corpus);
  return bytes;
};

const changed = (bytes: Uint8Array, change: (copy: Uint8Array) => void): Uint8Array => {
  const copy = new Uint8Array(bytes);
  if (copy.length > 0) change(copy);
  return copy;
};

/** A run of bytes somewhere, mostly short. */
const range = (chance: Chance, length: number): [start: number, end: number] => {
  const start = chance.below(length + 1);
  return [start, Math.min(length, start + chance.below(chance.oneIn(4) ? length + 1 : 9))];
};
