/**
 * The 16-ary trie of the earlier implementation: its own `Cache`, summaries and their encoding, driven by what its `_onSync`
 * does, which is part of a class that needs sockets:
 *
 * - a summary whose hash is the own one of the same prefix ends there;
 * - for each of 16 children: if the other has none, the objects are sent; if both have, or the other alone has, the own
 *   summary of that child is sent, also where the two are equal;
 * - the same summary is read once (`gate`).
 *
 * Counted is what a summary says, without the 397 bytes of the packet that carries it. Objects arrive at once and are not
 * counted. Where summaries were lost and it has fallen silent, it begins again, as its main loop would.
 */
import { earlierCache, type EarlierCache, type EarlierSummary } from '../earlier/index.js';
import type { Cost, Sets } from './sets.js';

/** What it costs until both have the same. */
export const compareTries = async ({ asker, answerer }: Sets, isLost: () => boolean): Promise<Cost> => {
  const { Cache } = await earlierCache();
  const sides = [asker, answerer].map((ids) => new Side((keys) => new Cache(keys), ids)) as [Side, Side];
  const total = new Set([...asker, ...answerer]).size;
  const cost = { bytes: 0, datagrams: 0 };
  let round = 0;
  do {
    let flying: { readonly to: 0 | 1; readonly message: Uint8Array }[] = [];
    const say = (to: 0 | 1, summary: EarlierSummary): void => {
      const message = Cache.encodeSummary(summary);
      cost.bytes += message.length;
      cost.datagrams += 1;
      if (!isLost()) flying.push({ to, message });
    };
    for (const side of sides) side.gate.clear(); // it forgets in seconds what it has read
    say(1, await sides[0].summarize(''));
    while (flying.length > 0) {
      const arrived = flying;
      flying = [];
      for (const { to, message } of arrived) await onSync(sides[to], sides[1 - to] as Side, Cache.decodeSummary(message), Buffer.from(message).toString('latin1'), (summary) => say(to === 0 ? 1 : 0, summary));
    }
    round += 1;
    if (round > roundsMax) throw new Error(`not the same after ${roundsMax} rounds`);
  } while (sides.some(({ size }) => size < total));
  return cost;
};

const roundsMax = 200;

const onSync = async (own: Side, other: Side, remote: EarlierSummary, name: string, say: (summary: EarlierSummary) => void): Promise<void> => {
  if (own.gate.has(name)) return;
  own.gate.add(name);
  const local = await own.summarize(remote.prefix);
  if (local.hash === remote.hash) return;
  for (const [child, bucket] of local.buckets.entries()) {
    const theirs = remote.buckets[child] ?? null;
    const prefix = local.prefix + child.toString(16);
    if (bucket === null && theirs === null) continue;
    if (theirs === null) for (const id of own.within(prefix)) other.add(id);
    else say(await own.summarize(prefix));
  }
};

/** The keys of a cache, in drawers by their first three digits: its `summarize` walks over all keys of `entries()`, once for each summary. */
class Prefixed extends Map<string, object> {
  readonly #drawers = new Map<string, Map<string, object>>();
  looksFor = '';

  override set(id: string, value: object): this {
    const name = id.slice(0, 3);
    const drawer = this.#drawers.get(name) ?? new Map<string, object>();
    this.#drawers.set(name, drawer.set(id, value));
    return super.set(id, value);
  }

  override entries(): MapIterator<[string, object]> {
    return this.looksFor.length < 3 ? super.entries() : (this.#drawers.get(this.looksFor.slice(0, 3)) ?? new Map<string, object>()).entries();
  }
}

class Side {
  readonly gate = new Set<string>();
  readonly #keys = new Prefixed();
  readonly #cache: EarlierCache;

  constructor(make: (keys: Prefixed) => EarlierCache, ids: readonly string[]) {
    this.#cache = make(this.#keys);
    for (const id of ids) this.add(id);
  }

  get size(): number {
    return this.#keys.size;
  }

  add(id: string): void {
    this.#keys.set(id, {});
  }

  summarize(prefix: string): Promise<EarlierSummary> {
    this.#keys.looksFor = prefix;
    return this.#cache.summarize(prefix, () => true);
  }

  within(prefix: string): readonly string[] {
    this.#keys.looksFor = prefix;
    return [...this.#keys.entries()].map(([id]) => id).filter((id) => id.startsWith(prefix));
  }
}
