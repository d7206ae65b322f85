/**
 * Question: how fast does a full cache take an object, and find one?
 *
 * Method: a cache of 16 MiB, full of objects of 534 bytes by 200 authors in 20 topics from 16 neighbours, which came one a
 * second. Insert: further ones, a second later each, of which nearly each makes another go. Lookup: objects that are held
 * (`get`, which gives a view of a copy), at random. CPU time of the process, garbage collection included.
 * Control: the peer is classic-level, another way is lmdb, with as many objects, 64 puts and deletes at a time, handed to the
 * operating system; they look up in what they have cached. The floor is a Map of copies, the oldest out.
 * Limits: nobody signed the objects, and whoever inserts has read and hashed them.
 */
import { PacketCache } from '@srp/cache';
import { after, type PacketId } from '@srp/machine';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Candidate, cpuClock, type Effort, interleave, type Slice, use } from '../measure.js';
import { finding, type Finding, type Measured, quantile } from '../row.js';
import { idOf, objectOf, randomOf, recordOf, start } from './objects.js';
import { type Kind, loadStores, type Store } from './stores.js';

const batch = 64;
/** Of all rounds, what is enough. */
const roundShare = 4;

export const run = async (effort: Effort): Promise<readonly Finding[]> => {
  const objects = effort.rounds > 1 ? 16_000 : 200;
  const { level, lmdb, missing } = await loadStores();
  const folder = await mkdtemp(join(tmpdir(), 'srp-bench-'));
  const rivals: Record<string, Rival> = {};
  for (const kind of [level, lmdb]) if (kind !== null) rivals[kind.name] = new Rival(await kind.open(folder), objects);
  for (const rival of Object.values(rivals)) await rival.fill();
  const each = (act: (rival: Rival) => Candidate): Record<string, Candidate> => Object.fromEntries(Object.entries(rivals).map(([name, rival]) => [name, act(rival)]));
  const some = { ...effort, rounds: Math.ceil(effort.rounds / roundShare) };
  const cache = new Held(objects);
  const map = new Plain(objects);
  const inserted = await interleave(some, { ours: () => cache.insert(), floor: () => map.insert(), ...each((rival) => () => rival.insert()) });
  const lookedUp = await interleave(some, { ours: () => cache.lookUp(), floor: () => map.lookUp(), ...each((rival) => () => rival.lookUp()) });
  for (const { store } of Object.values(rivals)) await store.close();
  await rm(folder, { recursive: true, force: true });
  const row = (name: string, nsMax: number, found: Readonly<Record<string, readonly number[]>>): Finding => {
    const of = (kind: Kind | null): Measured | null => (kind === null ? null : { name: kind.name, samples: found[kind.name] ?? [] });
    const ours = found['ours'] ?? [];
    const perSecond = (ns: number): string => `${Math.round(1e9 / ns).toLocaleString('en')} a second`;
    return finding(
      { name, unit: 'ns/object', target: { oursMax: nsMax }, remarks: [`ours: ${perSecond(quantile(ours, 0.5))}; the target is ${perSecond(nsMax)}`, ...missing] },
      { ours, peer: of(level), others: [of(lmdb)], floor: { name: 'a Map of copies, the oldest out', samples: found['floor'] ?? [] } },
    );
  };
  return [row('cache/insert', 10_000, inserted), row('cache/lookup', 2_000, lookedUp)];
};

/** Made outside of what is timed, a batch at a time. */
const next = (from: number): ReturnType<typeof objectOf>[] =>
  Array.from({ length: batch }, (_, n) => {
    const packet = objectOf(from + n, { seconds: from + n });
    use(packet.id.length); // whoever inserts has hashed it
    return packet;
  });

const timed = (count: number, work: () => void): Slice => {
  const before = cpuClock();
  work();
  return { spentNs: cpuClock() - before, count };
};

const rounds = 8; // of a batch, so that a slice is long enough for the clock

class Held {
  readonly #cache = new PacketCache({ random: randomOf(1) });
  #count = 0;

  constructor(objects: number) {
    while (this.#count < 1.2 * objects) this.#take(next(this.#count));
  }

  insert(): Slice {
    const packets = Array.from({ length: rounds }, (_, n) => next(this.#count + n * batch)).flat();
    return timed(packets.length, () => this.#take(packets));
  }

  lookUp(): Slice {
    const ids = [...this.#cache.idsOf(objectOf(this.#count % 20).tag)];
    const asked = Array.from({ length: rounds * batch }, (_, n) => ids[(n * 7919 + this.#count) % ids.length] as PacketId);
    return timed(asked.length, () => {
      for (const id of asked) use(this.#cache.get(id)?.bytes.length ?? 0);
    });
  }

  #take(packets: ReturnType<typeof next>): void {
    for (const packet of packets) {
      const now = after(start, this.#count * 1000);
      use(this.#cache.handle(now, { kind: 'insert', packet, postage: 15, pool: 'subscribed', ingress: `4:192.0.${this.#count % 16}` }).length);
      this.#count += 1;
    }
  }
}

class Plain {
  readonly #map = new Map<PacketId, Uint8Array>();
  readonly #objects: number;
  #count = 0;

  constructor(objects: number) {
    this.#objects = objects;
    while (this.#count < objects) this.#take(next(this.#count));
  }

  insert(): Slice {
    const packets = Array.from({ length: rounds }, (_, n) => next(this.#count + n * batch)).flat();
    return timed(packets.length, () => this.#take(packets));
  }

  lookUp(): Slice {
    const ids = [...this.#map.keys()];
    const asked = Array.from({ length: rounds * batch }, (_, n) => ids[(n * 7919 + this.#count) % ids.length] as PacketId);
    return timed(asked.length, () => {
      for (const id of asked) use(this.#map.get(id)?.slice().length ?? 0);
    });
  }

  #take(packets: ReturnType<typeof next>): void {
    for (const { id, bytes } of packets) {
      this.#map.set(id, bytes.slice());
      this.#count += 1;
      if (this.#map.size > this.#objects) for (const oldest of this.#map.keys()) if (this.#map.delete(oldest)) break;
    }
  }
}

/** A store on disk that holds as many. */
class Rival {
  readonly store: Store;
  readonly #objects: number;
  /** Numbers from `#next - #objects` on are there. */
  #next = 0;

  constructor(store: Store, objects: number) {
    this.store = store;
    this.#objects = objects;
  }

  async fill(): Promise<void> {
    for (; this.#next < this.#objects; this.#next += batch) await this.store.write(this.#batch(this.#next), []);
  }

  async insert(): Promise<Slice> {
    const starts = Array.from({ length: rounds }, (_, n) => this.#next + n * batch);
    const [puts, deletes] = [starts.map((from) => this.#batch(from)), starts.map((from) => this.#batch(from - this.#objects).map(({ id }) => id))];
    this.#next += rounds * batch;
    const before = cpuClock();
    for (const [n, put] of puts.entries()) await this.store.write(put, deletes[n] ?? []);
    return { spentNs: cpuClock() - before, count: rounds * batch };
  }

  lookUp(): Slice {
    const asked = Array.from({ length: rounds * batch }, (_, n) => idOf(this.#next - 1 - ((n * 7919) % this.#objects)));
    return timed(asked.length, () => {
      for (const id of asked) use(this.store.get?.(id)?.length ?? Number.NaN);
    });
  }

  #batch(from: number): ReturnType<typeof recordOf>[] {
    return Array.from({ length: batch }, (_, n) => recordOf(from + n, 534));
  }
}
