/** The slow, obvious twin of coded symbols: each symbol is made from the list of ids that are in it. SPEC, C-38. */
import { fromHex, type ShortId } from '@srp/machine';
import { sipHash } from './siphash.js';

const low32 = 0xffff_ffffn;
const rotated = (word: bigint, bits: bigint): bigint => ((word << bits) | (word >> (32n - bits))) & low32;

/** The symbols below `end` that an id with this hash is in. */
export const placesOf = (hash: bigint, end: number): readonly number[] => {
  let [s0, s1] = [hash & low32, hash >> 32n];
  if (hash === 0n) s1 = 1n;
  const places: number[] = [];
  for (let place = 0; place < end; ) {
    places.push(place);
    const drawn = (rotated((s0 * 0x9e3779bbn) & low32, 5n) * 5n) & low32;
    s1 ^= s0;
    s0 = rotated(s0, 26n) ^ s1 ^ ((s1 << 9n) & low32);
    s1 = rotated(s1, 13n);
    place += Math.max(1, Math.ceil((place + 1.5) * (65_536 / Math.sqrt(Number(drawn) + 1) - 1)));
  }
  return places;
};

/** The first `end` symbols of a set. */
export const symbolsOf = (ids: readonly ShortId[], salt: string, tag: string, end: number): readonly { readonly high: number; readonly low: number; readonly check: number; readonly excess: number }[] => {
  const hashes = ids.map((id) => sipHash(fromHex(salt + tag), fromHex(id)));
  const places = hashes.map((hash) => new Set(placesOf(hash, end)));
  return Array.from({ length: end }, (_, i) => {
    let [sum, check, count] = [0n, 0n, 0];
    for (const [n, id] of ids.entries()) {
      if (places[n]?.has(i) !== true) continue;
      sum ^= BigInt(`0x${id}`);
      check ^= (hashes[n] as bigint) & low32;
      count += 1;
    }
    return { high: Number(sum >> 32n), low: Number(sum & low32), check: Number(check), excess: count - Math.floor((2 * ids.length) / (i + 2)) };
  });
};
