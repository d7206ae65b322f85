/**
 * Question: how much of what a peer holds for its own topics does a flood displace?
 *
 * Method: a cache of 16 MiB full of what came for 4 topics in the last ten hours, by 50 authors, through 8 networks. Then for ten
 * seconds 10 000 objects a second of 1 000 fresh keys through one more network: once in those topics, by somebody who has their
 * keys, and once in a thousand topics of others. The larger of both is told, in percent of the objects that were held. No rate of
 * a neighbour is before it: a peer lets 64 a second pass, or 8.
 * Control (peer): a Map of as many bytes, the oldest out.
 */
import { PacketCache } from '@srp/cache';
import { after, type PacketId } from '@srp/machine';
import type { Effort } from '../measure.js';
import { finding, type Finding } from '../row.js';
import { objectOf, randomOf, start } from './objects.js';

const floodPerSecond = 10_000;
const full = { budgetBytes: 16 * 2 ** 20, held: 20_000, seconds: 10 };
const tiny = { budgetBytes: 2 ** 20, held: 1_250, seconds: 0.5 };

export const run = async ({ rounds }: Effort): Promise<readonly Finding[]> => {
  const effort = rounds > 1 ? full : tiny;
  const own = displaced('subscribed', effort);
  const strangers = displaced('stranger', effort);
  const map = displacedFromMap(effort);
  return Promise.resolve([
    finding(
      { name: 'cache/flood', unit: '%', target: { oursMax: 5 }, remarks: [`in its own topics ${own.toFixed(2)} %, in others ${strangers.toFixed(2)} %`] },
      { ours: [Math.max(own, strangers)], peer: { name: 'a Map of as many bytes, the oldest out', samples: [map] }, floor: null },
    ),
  ]);
};

/** When object `n` of those held came: so long before the flood that it was ten hours from the first to the last. */
const heldAt = (n: number, held: number): number => (n / held - 1) * 36_000_000;
const heldOf = (n: number, held: number): ReturnType<typeof objectOf> => objectOf(n, { author: n % 50, topic: n % 4, seconds: Math.floor(heldAt(n, held) / 1000) });
const floodOf = (n: number, topics: number): ReturnType<typeof objectOf> => objectOf(1_000_000 + n, { author: 1_000 + (n % 1_000), topic: n % topics, seconds: Math.floor(n / floodPerSecond) });

const displaced = (pool: 'subscribed' | 'stranger', { budgetBytes, held: count, seconds }: typeof full): number => {
  const cache = new PacketCache({ budgetBytes, random: randomOf(1) });
  for (let n = 0; n < count; n += 1) cache.handle(after(start, heldAt(n, count)), { kind: 'insert', packet: heldOf(n, count), postage: 12, pool: 'subscribed', ingress: `4:192.0.${n % 8}` });
  const held = [0, 1, 2, 3].flatMap((topic) => cache.idsOf(objectOf(1, { topic }).tag));
  for (let n = 0; n < seconds * floodPerSecond; n += 1) {
    cache.handle(after(start, (n * 1000) / floodPerSecond), { kind: 'insert', packet: floodOf(n, pool === 'subscribed' ? 4 : 1_004), postage: 15, pool, ingress: '4:203.0.113' });
  }
  return (100 * held.filter((id) => !cache.has(id)).length) / held.length;
};

const displacedFromMap = ({ budgetBytes, held: count, seconds }: typeof full): number => {
  const map = new Map<PacketId, number>();
  let bytes = 0;
  const take = ({ id, bytes: { length } }: ReturnType<typeof objectOf>): void => {
    map.set(id, length);
    bytes += length;
    for (const [oldest, gone] of map) {
      if (bytes <= budgetBytes) return;
      map.delete(oldest);
      bytes -= gone;
    }
  };
  for (let n = 0; n < 2 * count; n += 1) take(heldOf(n, 2 * count));
  const held = [...map.keys()];
  for (let n = 0; n < seconds * floodPerSecond; n += 1) take(floodOf(n, 4));
  return (100 * held.filter((id) => !map.has(id)).length) / held.length;
};
