/**
 * The plain range-based method, written for this benchmark after the manner of negentropy: ids in ascending order, ranges
 * of them with a fingerprint, ranges that differ split in 16, ranges of up to 32 ids listed.
 *
 * ```
 * item: mode 1, lower bound, upper bound, then  fingerprint 16  |  count 1, ids 8 x n  |  nothing: the same
 * bound: length 1, so many bytes; the lower one is left out (length 255) where it is the upper one of the item before
 * ```
 *
 * Each datagram stands for itself, and whoever asks asks again for the ranges that were not answered, so that loss costs
 * what was lost.
 */
import { createHash } from 'node:crypto';
import type { Cost, Sets } from './sets.js';

const datagramBytesMax = 1171;
const branches = 16;
const listedMax = 32;
const fingerprintBytes = 16;

interface Range {
  readonly lower: string;
  readonly upper: string;
}
type Said = Range & ({ readonly kind: 'fingerprint'; readonly fingerprint: string } | { readonly kind: 'ids'; readonly ids: readonly string[] } | { readonly kind: 'same' });

/** What it costs until the asker knows everything that it lacks. */
export const compareRanges = ({ asker, answerer }: Sets, isLost: () => boolean): Cost => {
  const [mine, theirs] = [new Ids(asker), new Ids(answerer)];
  const lacking = new Set(theirs.ids.filter((id) => !mine.has(id)));
  const cost = { bytes: 0, datagrams: 0 };
  const sent = (said: readonly Said[]): Said[] =>
    packed(said).flatMap(({ items, bytes }) => {
      cost.bytes += bytes;
      cost.datagrams += 1;
      return isLost() ? [] : items;
    });
  /** What is asked and not answered yet, each with the items that answer it. */
  let open: Said[] = split(mine, { lower: '', upper: end });
  while (open.length > 0) {
    const arrived = sent(open);
    // The answer to each item is of a few hundred bytes and travels as one.
    const answers = sentTogether(arrived.map((item) => [item, answered(theirs, item, false)] as const), sent);
    const next: Said[] = [];
    for (const [item, answer] of answers) {
      open = open.filter((one) => one !== item);
      for (const said of answer) {
        if (said.kind === 'ids') for (const id of said.ids) lacking.delete(id);
        if (said.kind === 'fingerprint') next.push(...answered(mine, said, true));
      }
    }
    open.push(...next);
  }
  if (lacking.size > 0) throw new Error(`${lacking.size} ids were not found`);
  return cost;
};

/** Sends answers, each whole in one datagram; gives those that came. */
const sentTogether = (answers: readonly (readonly [Said, readonly Said[]])[], sent: (said: readonly Said[]) => Said[]): (readonly [Said, readonly Said[]])[] => {
  const came: (readonly [Said, readonly Said[]])[] = [];
  let group: (readonly [Said, readonly Said[]])[] = [];
  const flush = (): void => {
    const said = merged(group.flatMap(([, items]) => items));
    if (said.length > 0 && sent(said).length > 0) came.push(...group);
    group = [];
  };
  for (const answer of answers) {
    if (packed(merged([...group, answer].flatMap(([, items]) => items))).length > 1) flush();
    group.push(answer);
  }
  flush();
  return came;
};

/** What is said to an item. The asker says nothing where both are the same, the other one says that. */
const answered = (own: Ids, item: Said, isAsker: boolean): Said[] => {
  const { lower, upper } = item;
  if (item.kind === 'fingerprint' && own.fingerprint(item) === item.fingerprint) return isAsker ? [] : [{ kind: 'same', lower, upper }];
  const ids = own.within(item);
  if (item.kind === 'ids' || ids.length <= listedMax) return [{ kind: 'ids', lower, upper, ids }];
  return split(own, item);
};

const split = (own: Ids, range: Range): Said[] => {
  const ids = own.within(range);
  const bounds = Array.from({ length: branches - 1 }, (_, i) => {
    const at = Math.floor(((i + 1) * ids.length) / branches);
    return shortest(ids[at - 1] ?? '', ids[at] ?? end);
  });
  const all = [range.lower, ...bounds, range.upper];
  return all.slice(1).map((upper, i) => {
    const part = { lower: all[i] as string, upper };
    return { kind: 'fingerprint', ...part, fingerprint: own.fingerprint(part) };
  });
};

/** The shortest text of whole bytes above `before` and not above `first`. */
const shortest = (before: string, first: string): string => {
  for (let length = 2; length < first.length; length += 2) if (first.slice(0, length) > before.slice(0, length)) return first.slice(0, length);
  return first;
};

/** Above every id: stands for no bytes. */
const end = 'g';

class Ids {
  readonly ids: readonly string[];
  readonly #all: ReadonlySet<string>;

  constructor(ids: readonly string[]) {
    this.ids = ids.map((id) => id.slice(0, 16)).sort();
    this.#all = new Set(this.ids);
  }

  has(id: string): boolean {
    return this.#all.has(id);
  }

  within({ lower, upper }: Range): readonly string[] {
    return this.ids.slice(this.#from(lower), this.#from(upper));
  }

  fingerprint(range: Range): string {
    return createHash('sha256').update(Buffer.from(this.within(range).join(''), 'hex')).digest('hex').slice(0, 2 * fingerprintBytes);
  }

  #from(bound: string): number {
    let [from, to] = [0, this.ids.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if ((this.ids[middle] as string) < bound) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}

/** Items that lie side by side and say "the same" are one. */
const merged = (items: readonly Said[]): Said[] => {
  const all: Said[] = [];
  for (const item of items) {
    const last = all.at(-1);
    if (last?.kind === 'same' && item.kind === 'same' && last.upper === item.lower) all[all.length - 1] = { ...last, upper: item.upper };
    else all.push(item);
  }
  return all;
};

/** Items in datagrams. */
const packed = (items: readonly Said[]): { items: Said[]; bytes: number }[] => {
  const datagrams: { items: Said[]; bytes: number }[] = [];
  for (const item of items) {
    const last = datagrams.at(-1);
    const more = last === undefined ? 0 : itemBytes(item, last.items.at(-1) ?? null);
    if (last !== undefined && last.bytes + more <= datagramBytesMax) {
      last.items.push(item);
      last.bytes += more;
    } else datagrams.push({ items: [item], bytes: headBytes + itemBytes(item, null) });
  }
  return datagrams;
};

/** Type and tag, as in ours. */
const headBytes = 9;

const itemBytes = (item: Said, before: Said | null): number => {
  const bounds = (before?.upper === item.lower ? 1 : boundBytes(item.lower)) + boundBytes(item.upper);
  return 1 + bounds + (item.kind === 'fingerprint' ? fingerprintBytes : item.kind === 'ids' ? 1 + 8 * item.ids.length : 0);
};

const boundBytes = (bound: string): number => (bound === end ? 1 : 1 + bound.length / 2);
