/**
 * Question: what does an object cost on its way into a full cache, and how long does the longest step of each kind hold
 * the thread? The rule is 5 ms (docs/SPEC.md, Cache).
 *
 * Method: a cache of 16 MiB, full of objects of 1198 bytes by 200 authors in 20 topics from 16 neighbours; every case in rounds
 * that take turns. Printed are the median and the range over the rounds, and for steps the longest of each round's, by the
 * clock and by the CPU time of the thread's process (on a loaded machine the clock counts what others did).
 * Control (floor): the same objects into a Map, copied, the oldest out.
 * Limits: objects are not signed, so `restore` is measured with its hash and a signature that fails; that costs what one
 * that succeeds costs. Everything is warm.
 *
 *   node --import tsx bench/cache.bench.ts
 */
import { PacketCache, Reconciler, type ReconcilerOutput, SeenFilter } from '@srp/cache';
import { after, type PacketId, type ShortId, shortIdOf, wakeup } from '@srp/machine';
import type { Packet } from '@srp/wire';
import { randomOf, sketchesOver } from '../test/helpers.js';
import { cheap, start, tagOf } from '../test/objects.js';
import { peerOf } from '../test/reference/network.js';

const rounds = Number(process.env['SRP_BENCH_ROUNDS'] ?? 7);
const objects = Array.from({ length: 30_000 }, (_, n) => cheap({ n, bodyBytes: 1064, author: n % 200, topic: n % 20 }));
for (const object of objects) object.id.charCodeAt(0); // whoever inserts has hashed it

const samples = new Map<string, number[]>();
const note = (name: string, value: number): void => void samples.set(name, [...(samples.get(name) ?? []), value]);

/** Microseconds of CPU a call. */
const each = (name: string, count: number, work: () => void): void => {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  note(name, (user + system) / count);
};

/** Milliseconds of the longest of several steps. */
const longest = (name: string, step: () => boolean): void => {
  let clock = 0;
  for (let more = true; more; ) {
    const begin = performance.now();
    more = step();
    clock = Math.max(clock, performance.now() - begin);
  }
  note(name, clock);
};

const insertAll = (cache: PacketCache, list: readonly Packet[]): void => {
  for (const [n, packet] of list.entries()) cache.handle(start, { kind: 'insert', packet, postage: 15, pool: 'stranger', ingress: `4:192.0.${n % 16}` });
};

const round = (): void => {
  const cache = new PacketCache({ random: randomOf(1) });
  insertAll(cache, objects.slice(0, 15_000));
  each('insert into a full cache, us', 15_000, () => insertAll(cache, objects.slice(15_000)));
  const map = new Map<PacketId, Uint8Array>();
  each('floor: a Map, copied, us', 15_000, () => {
    for (const { id, bytes } of objects.slice(15_000)) {
      map.set(id, bytes.slice());
      if (map.size > 9_000) for (const oldest of map.keys()) if (map.delete(oldest)) break;
    }
  });
  const seen = new SeenFilter({ random: randomOf(1) });
  each('seen filter, a duplicate, us', 30_000, () => {
    for (const { id } of objects.slice(0, 15_000)) seen.remember(start, id);
    for (const { id } of objects.slice(0, 15_000)) seen.remember(start, id);
  });

  let hasJoined = false;
  longest('longest step: join, ms', () => {
    cache.handle(start, hasJoined ? wakeup : { kind: 'join', tag: tagOf(3) });
    hasJoined = true;
    return cache.deadline() === start;
  });
  const night = after(start, 12 * 3_600_000);
  longest('longest step: a night slept, ms', () => (cache.handle(night, wakeup), (cache.deadline() ?? Infinity) <= night));
  const late = after(start, 48 * 3_600_000);
  longest('longest step: all expired, ms', () => (cache.handle(late, wakeup), (cache.deadline() ?? Infinity) <= late));
  let at = 0;
  longest('longest step: restore 32, ms', () => {
    const records = objects.slice(at, at + 32).map((packet) => ({ id: packet.id, pool: 'stranger' as const, keptAt: start, ingress: null, bytes: packet.bytes }));
    cache.handle(start, { kind: 'restore', records });
    at += 32;
    return at < 1_600;
  });

  const ids = objects.slice(0, 14_000).map(({ id }) => id);
  const known = new Set<ShortId>(ids.map(shortIdOf));
  const make = (): Reconciler =>
    new Reconciler({ random: randomOf(1), store: { sketchOf: sketchesOver(() => ids), knows: (id) => known.has(id), passed: (id) => known.has(id), idsOf: () => ids, byShortId: () => [], byPrev: () => [] } });
  const asker = make();
  const answerer = make();
  const tag = tagOf(1);
  let question: readonly ReconcilerOutput[] = [];
  longest('longest step: ask about 14 000, ms', () => {
    question = asker.handle(start, { kind: 'meet', peer: peerOf(1), tags: [tag] });
    return false;
  });
  const parts: ReconcilerOutput[] = [];
  let now = start;
  longest('longest step: list 14 000, ms', () => {
    const [first] = question;
    const list = { kind: 'sync-request', tag, since: 0, state: 0, from: 0, count: 0, digest: null } as const;
    if (parts.length === 0 && first?.kind === 'frame') parts.push(...answerer.handle(now, { kind: 'frame', peer: peerOf(0), frame: list }));
    else parts.push(...answerer.handle(now, wakeup));
    now = answerer.deadline() ?? now;
    return answerer.stats().answerCount > 0;
  });
  longest('longest step: read a part, ms', () => {
    const part = parts.shift();
    if (part?.kind === 'frame') asker.handle(now, { kind: 'frame', peer: peerOf(1), frame: part.frame });
    return parts.length > 0;
  });
};

for (let n = 0; n <= rounds; n += 1) {
  if (n === 1) samples.clear(); // the first round warms up
  round();
}
console.log(`node ${process.version}, ${rounds} rounds: median (range)`);
for (const [name, all] of samples) {
  const sorted = all.sort((a, b) => a - b);
  const show = (value: number | undefined): string => (value ?? 0).toFixed(2);
  console.log(`${name.padEnd(38)}${show(sorted[Math.floor(sorted.length / 2)])} (${show(sorted[0])}..${show(sorted.at(-1))})`);
}
