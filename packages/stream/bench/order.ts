/**
 * Question: what does putting one object into causal order cost, beside checking its signature (60 us)?
 *
 * Method: a history of 10 000 objects by 10 authors, each naming its own last and 2 heads, is fed to a fresh
 * stream; candidates run in turn, so that a busy machine slows all alike. Printed: the median and the spread
 * (p10..p90) over the rounds, in nanoseconds for each object.
 * Control: a Set that remembers ids (floor).
 * Limits: one process, warm code, nothing lost for good; arrival is in order, or shuffled within 500 objects.
 *
 * usage: npm run build, then node --import tsx bench/order.ts
 */
import { seededRandom } from '@srp/identity';
import { type AuthorId, instant, type PacketId } from '@srp/machine';
import { CausalStream, type DeliveryMode, inCausalOrder, type StreamObject } from '@srp/stream';

const count = 10_000;
const rounds = 15;
const window = 500;
const random = seededRandom(new Uint8Array(32));
const now = instant(1_800_000_000_000);

const id = (n: number): PacketId => ((n * 2_654_435_761) % 0x1_0000_0000).toString(16).padStart(32, '0') as PacketId;
const objects = Array.from({ length: count }, (_, n): StreamObject => ({
  id: id(n),
  author: (n % 10).toString().repeat(64) as AuthorId,
  prev: n < 10 ? null : id(n - 10),
  parents: n < 10 ? [] : [id(n - 1), id(n - 2 - random.below(7))],
  time: n,
  ms: 0,
}));
const shuffled = objects.map((object, n) => ({ object, at: n + random.below(window) })).sort((a, b) => a.at - b.at).map(({ object }) => object);

const feed = (mode: DeliveryMode, arrivals: readonly StreamObject[]) => (): number => {
  const stream = new CausalStream({ mode, random });
  let delivered = 0;
  for (const object of arrivals) for (const output of stream.handle(now, { kind: 'object', from: null, ...object })) if (output.kind === 'deliver') delivered += 1;
  return delivered;
};
const candidates: Record<string, () => number> = {
  'floor: a Set of ids': () => new Set(objects.map((object) => object.id)).size,
  'live, in order': feed('live', objects),
  'live, shuffled': feed('live', shuffled),
  'causal, in order': feed('causal', objects),
  'causal, shuffled': feed('causal', shuffled),
  'inCausalOrder, shuffled': () => inCausalOrder(shuffled).length,
};

const samples = new Map(Object.keys(candidates).map((name) => [name, [] as number[]]));
for (let round = -3; round < rounds; round += 1) {
  for (const [name, run] of Object.entries(candidates)) {
    const from = process.hrtime.bigint();
    if (run() !== count) throw new Error(`${name} did not deliver everything`);
    const ns = Number(process.hrtime.bigint() - from) / count;
    if (round >= 0) samples.get(name)!.push(ns);
  }
}
for (const [name, all] of samples) {
  const sorted = all.toSorted((a, b) => a - b);
  const at = (share: number): string => (sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(0).padStart(6);
  console.log(`${name.padEnd(26)} ${at(0.5)} ns   ${at(0.1)} ..${at(0.9)}`);
}
