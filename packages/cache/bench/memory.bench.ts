/**
 * Question: how many bytes of memory does one object in the cache take besides its own?
 * Method: fill a cache with 10 000 objects whose authors, topics, predecessors and neighbours all differ (the dearest case)
 * and again with few of each, collect garbage before and after, and compare the process' heap and array buffers.
 * Control: a plain Map of id to bytes. Limits: one version of one engine; sizes differ a little from run to run.
 *
 *   node --expose-gc --import tsx bench/memory.bench.ts
 */
import { PacketCache } from '@srp/cache';
import { blockBytes, blockCharge, entryOverheadBytes, partyBytes } from '../dist/constants.js';
import { randomOf } from '../test/helpers.js';
import { cheap, start } from '../test/objects.js';

const count = 10_000;
const bodyBytes = 400;
const collect = globalThis.gc;
if (collect === undefined) throw new Error('run it with --expose-gc');

const held: object[] = [];

const memory = (): number => {
  collect();
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
};

const object = (n: number, isDear: boolean): ReturnType<typeof cheap> =>
  isDear ? cheap({ n, bodyBytes, author: n, topic: n, prev: cheap({ n: n + 1_000_000 }).id }) : cheap({ n, bodyBytes, author: n % 20, topic: n % 5 });

const perObject = (label: string, fill: () => object): void => {
  const samples: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    held.length = 0;
    const before = memory();
    held.push(fill());
    samples.push(Math.round((memory() - before) / count - (134 + bodyBytes)));
  }
  console.log(`${label.padEnd(34)} ${samples.map((sample) => `${sample}`.padStart(6)).join('')} bytes besides the object`);
};

console.log(`node ${process.version}, ${count} objects of ${134 + bodyBytes} bytes; charged are ${entryOverheadBytes + Math.ceil((134 + bodyBytes) / blockBytes) * blockCharge - 134 - bodyBytes}, and ${partyBytes} for each author, topic and neighbour`);
for (const isDear of [true, false]) {
  perObject(`cache, ${isDear ? 'all different' : 'few authors and topics'}`, () => {
    const cache = new PacketCache({ budgetBytes: 1024 * 1024 * 1024, random: randomOf(1) });
    for (let n = 0; n < count; n += 1) cache.handle(start, { kind: 'insert', packet: object(n, isDear), postage: 15, pool: 'stranger', ingress: isDear ? `4:${n}` : '4:192.0.2' });
    return cache;
  });
}
perObject('control: Map of id to bytes', () => {
  const map = new Map<string, Uint8Array>();
  for (let n = 0; n < count; n += 1) {
    const { id, bytes } = object(n, false);
    map.set(id, bytes);
  }
  return map;
});
