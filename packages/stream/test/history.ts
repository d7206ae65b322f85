/** Random histories of a topic: authors with chains, forks and lost states, parents, clocks that disagree. */
import fc from 'fast-check';
import { type PacketId } from '@srp/machine';
import { type StreamObject } from '@srp/stream';
import { author, testRandom } from './helpers.js';

interface Shape {
  readonly seed: number;
  readonly count: number;
  readonly authors: number;
}

export const shapes = (countMax: number): fc.Arbitrary<Shape> => fc.record({ seed: fc.integer({ min: 0, max: 0x7ffffff0 }), count: fc.integer({ min: 1, max: countMax }), authors: fc.integer({ min: 1, max: 5 }) });

/** An id that says nothing about when it was made. */
const idOf = (n: number): PacketId => ((n * 2_654_435_761) % 0x1_0000_0000).toString(16).padStart(32, '0') as PacketId;

/** The objects in the order in which they were made: each names older ones alone. */
export const history = ({ seed, count, authors }: Shape): readonly StreamObject[] => {
  const random = testRandom(seed);
  const made: StreamObject[] = [];
  for (let n = 0; n < count; n += 1) {
    const by = random.below(authors);
    const own = made.filter((object) => object.author === author(`${by}`));
    const isNewChain = own.length === 0 || random.below(12) === 0;
    const isFork = random.below(10) === 0;
    const prev = isNewChain ? null : (isFork ? own[random.below(own.length)] : own.at(-1))!.id;
    const parents = new Set<PacketId>();
    for (let p = random.below(4) * random.below(3); p > 0 && made.length > 0; p -= 1) parents.add(made[Math.max(0, made.length - 1 - random.below(10))]!.id);
    made.push({ id: idOf(n + 1 + seed), author: author(`${by}`), prev, parents: [...parents], time: n + random.below(20) + 7 * by, ms: random.below(3) });
  }
  return made;
};

/** The objects in random order, some of them several times. */
export const shuffled = <Item>(items: readonly Item[], seed: number): readonly Item[] => {
  const random = testRandom(seed);
  const all = [...items, ...items.filter(() => random.below(4) === 0)];
  for (let at = all.length - 1; at > 0; at -= 1) {
    const other = random.below(at + 1);
    [all[at], all[other]] = [all[other]!, all[at]!];
  }
  return all;
};
