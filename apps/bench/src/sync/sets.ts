/** Two sets of ids to compare, and a network that loses. */
import { type Random, toHex } from '@srp/machine';
import { seededRandom } from '@srp/identity';

/** What each side holds: ids of 32 bytes in hex. Ours and ranges use the first 8 bytes, the trie uses all of them. */
export interface Sets {
  readonly asker: readonly string[];
  readonly answerer: readonly string[];
}

/** What a comparison cost, both ways, whatever was lost on the way included. */
export interface Cost {
  readonly bytes: number;
  readonly datagrams: number;
}

/** A generator fixed by a number. */
export const randomOf = (seed: number): Random => {
  const bytes = new Uint8Array(32);
  new DataView(bytes.buffer).setUint32(0, seed);
  return seededRandom(bytes);
};

/** Two sets of `size` ids; `difference` ids are on one side alone, half on each. */
export const setsOf = (random: Random, size: number, difference: number): Sets => {
  const some = (count: number): string[] => Array.from({ length: count }, () => toHex(random.bytes(32)));
  const both = some(size - Math.ceil(difference / 2));
  return { asker: shuffled(random, [...both, ...some(Math.floor(difference / 2))]), answerer: shuffled(random, [...both, ...some(Math.ceil(difference / 2))]) };
};

/** Whether a datagram is lost, `percent` of them. */
export const losses = (random: Random, percent: number) => (): boolean => random.below(100) < percent;

const shuffled = (random: Random, ids: string[]): string[] => {
  for (let i = ids.length - 1; i > 0; i -= 1) {
    const j = random.below(i + 1);
    [ids[i], ids[j]] = [ids[j] as string, ids[i] as string];
  }
  return ids;
};
