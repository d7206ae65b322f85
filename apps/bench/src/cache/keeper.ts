/** A process that keeps objects, or makes them and keeps none: does so, settles, tells its resident set, and ends. */
import { PacketCache } from '@srp/cache';
import { after } from '@srp/machine';
import { setTimeout } from 'node:timers/promises';
import { use } from '../measure.js';
import { objectOf, randomOf, start } from './objects.js';

export type Keeps = 'cache' | 'nothing' | 'buffer';

const [what = '', objects = '', settleMs = ''] = process.argv.slice(2);
const cache = new PacketCache({ random: randomOf(1) });
const kept: Uint8Array[] = [];
if ((what as Keeps) === 'buffer') kept.push(new Uint8Array(16 * 2 ** 20).fill(1));
for (let n = 0; n < Number(objects); n += 1) {
  const packet = objectOf(n, { seconds: n });
  use(packet.id.length);
  if ((what as Keeps) === 'cache') cache.handle(after(start, n * 1000), { kind: 'insert', packet, postage: 15, pool: 'subscribed', ingress: `4:192.0.${n % 16}` });
}
for (let n = 0; n < 6; n += 1) {
  globalThis.gc?.();
  await setTimeout(Number(settleMs) / 6);
}
const { rss } = process.memoryUsage();
use(cache.stats().bytes + kept.length);
process.send?.(rss, () => process.disconnect());
