/** A reconciler with a cache behind it, and neighbours that lie about what they have. */
import { ok } from 'node:assert/strict';
import { PacketCache, Reconciler, type ReconcilerFrame, type ReconcilerOutput, type Sketch, Sketches } from '@srp/cache';
import { seededRandom } from '@srp/identity';
import { after, type Instant, type PacketId, type PeerId, readU16, type ShortId, shortIdOf, toHex, type TopicTag, wakeup } from '@srp/machine';
import { decodeFrame, encodeFrame, type Packet, type SyncSymbol } from '@srp/wire';
import type { Chance } from '../chance.js';
import { mutated } from '../mutate.js';
import { frameBytes, packets, square, start } from '../samples.js';
import type { Subject, Target } from '../target.js';

const peer = (index: number): PeerId => toHex(new Uint8Array(32).fill(index + 1)) as PeerId;
const neighbours = Array.from({ length: 5 }, (_, index) => peer(index));
const honest = peer(200);
const self = peer(201);
const [held, lacking] = [packets.filter(({ tag }) => tag === square.tag).slice(1), packets.find(({ tag }) => tag === square.tag) as Packet];
const ids = packets.map(({ id }) => shortIdOf(id));
const kinds: readonly string[] = ['want', 'want-after', 'offer', 'sync-request', 'sync-symbols', 'sync-ids'];

/** An input: what happens (a frame, a meeting, an end, or time), which neighbour, and the frame or how long. */
const happenings = ['frame', 'meet', 'gone', 'pass'] as const;

const claimed = (chance: Chance, max: number): readonly ShortId[] => {
  const some = Array.from({ length: chance.oneIn(4) ? max : chance.below(8) }, () => (chance.oneIn(3) ? chance.pick(ids) : (toHex(chance.bytes(8)) as ShortId)));
  return [...new Set(some)];
};

const asked = (chance: Chance, tag: TopicTag): ReconcilerFrame => {
  const since = chance.pick([0, 1_799_999_000, 0xffff_ffff]);
  if (chance.oneIn(3)) return { kind: 'sync-request', tag, since, state: 0, from: 0, count: 0, digest: null };
  if (chance.oneIn(2)) return { kind: 'sync-request', tag, since, state: 0, from: 0, count: chance.pick([1, 84, 4096]), digest: toHex(chance.bytes(12)) };
  return { kind: 'sync-request', tag, since, state: chance.below(0xffff_ffff), from: chance.pick([1, 84, 4095]), count: 1, digest: null };
};

/** Sketches of sets that differ from what is held by a few, by all, and by many that nobody has. */
const sketches: readonly Sketch[] = [3, 100, 2000].map((count, index) => {
  const random = seededRandom(new Uint8Array(32).fill(90 + index));
  const made = new Sketches({ random, idsOf: () => [...packets.slice(0, 2).map(({ id }) => id), ...Array.from({ length: count }, () => toHex(random.bytes(16)) as PacketId)] }).of(start, square.tag, 0, () => true);
  ok(made !== null);
  return made;
});

/** True symbols of a set, some with a bit or a count that is wrong, at places where they were asked for and elsewhere. */
const symbols = (chance: Chance, tag: TopicTag): ReconcilerFrame => {
  const sketch = chance.pick(sketches);
  const from = chance.pick([0, 0, 84, 168, 4080]);
  const told = sketch.symbols(from, from + chance.pick([0, 1, 16, 84])).map((symbol): SyncSymbol => {
    if (!chance.oneIn(20)) return symbol;
    const { high, low, check, excess } = symbol;
    return chance.pick<SyncSymbol>([{ ...symbol, low: (low ^ 1) >>> 0 }, { ...symbol, high: (high ^ 1) >>> 0 }, { ...symbol, check: (check ^ 1) >>> 0 }, { ...symbol, excess: chance.pick([excess + 1, excess - 1, 0x7fff_ffff, -0x8000_0000]) }]);
  });
  return { kind: 'sync-symbols', tag, salt: sketch.salt, state: chance.oneIn(10) ? 0 : sketch.state, count: chance.oneIn(10) ? chance.below(0xffff_ffff) : sketch.ids.size, from, symbols: told };
};

const frame = (chance: Chance): ReconcilerFrame => {
  const tag = chance.oneIn(4) ? (toHex(chance.bytes(8)) as TopicTag) : square.tag;
  const parts = chance.pick([1, 1, 2, 3, 256]);
  const or = (list: readonly ShortId[]): readonly ShortId[] => (list.length > 0 ? list : ids.slice(0, 1));
  return chance.pick<ReconcilerFrame>([
    { kind: 'want', ids: or(claimed(chance, 60)) },
    { kind: 'want-after', tag, prev: chance.oneIn(2) ? chance.pick(packets).id : (toHex(chance.bytes(16)) as PacketId) },
    { kind: 'offer', tag, ids: or(claimed(chance, 148)) },
    asked(chance, tag),
    symbols(chance, tag),
    symbols(chance, tag),
    { kind: 'sync-ids', tag, part: chance.below(parts), parts, ids: claimed(chance, 147) },
  ]);
};

const make = (chance: Chance): Uint8Array => {
  const happening = chance.oneIn(5) ? 1 + chance.below(3) : 0;
  const rest = happening === 0 ? (chance.oneIn(8) ? mutated(chance, frameBytes) : encodeFrame(frame(chance))) : chance.bytes(2);
  return Uint8Array.of(happening, chance.below(neighbours.length), ...rest);
};

/** One side: objects it holds, and a reconciler that looks them up. */
class Side {
  readonly cache: PacketCache;
  readonly reconciler: Reconciler;

  constructor(seed: number, objects: readonly Packet[]) {
    const random = seededRandom(new Uint8Array(32).fill(seed));
    const cache = new PacketCache({ random, budgetBytes: 1024 * 1024 });
    this.cache = cache;
    for (const packet of objects) this.take(start, packet);
    this.reconciler = new Reconciler({
      random,
      store: {
        knows: (id) => cache.hasShort(id),
        passed: (id) => cache.hasShort(id),
        idsOf: (tag, since) => cache.idsOf(tag, since),
        sketchOf: (at, tag, since, mayMake) => cache.sketchOf(at, tag, since, mayMake),
        byShortId: (id) => cache.byShortId(id),
        byPrev: (prev, tag) => cache.byPrev(prev, tag),
      },
    });
  }

  take(now: Instant, packet: Packet): void {
    this.cache.handle(now, { kind: 'insert', packet, postage: packet.postage, pool: 'subscribed', ingress: null });
  }
}

const open = (): Subject => {
  let now = start;
  const side = new Side(1, held);
  return {
    feed: (input) => {
      const happening = happenings[(input[0] ?? 0) % happenings.length] ?? 'frame';
      const from = neighbours[(input[1] ?? 0) % neighbours.length] ?? honest;
      switch (happening) {
        case 'frame': {
          const read = decodeFrame(input.subarray(2));
          if (read.ok && kinds.includes(read.value.kind)) side.reconciler.handle(now, { kind: 'frame', peer: from, frame: read.value as ReconcilerFrame });
          break;
        }
        case 'meet':
          side.reconciler.handle(now, { kind: 'meet', peer: from, tags: [square.tag] });
          break;
        case 'gone':
          side.reconciler.handle(now, { kind: 'gone', peer: from });
          break;
        case 'pass':
          now = after(now, input.length < 4 ? 1 : readU16(input, 2));
          side.reconciler.handle(now, wakeup);
      }
    },
    check: () => {
      const other = new Side(2, packets);
      const air: (readonly [from: PeerId, output: ReconcilerOutput])[] = [];
      const say = (from: PeerId, outputs: readonly ReconcilerOutput[]): void => void air.push(...outputs.map((output) => [from, output] as const));
      say(self, side.reconciler.handle(now, { kind: 'meet', peer: honest, tags: [square.tag] }));
      say(honest, other.reconciler.handle(now, { kind: 'meet', peer: self, tags: [square.tag] }));
      for (let second = 0; second < 600 && side.cache.get(lacking.id) === null; second += 1) {
        for (let next = air.shift(); next !== undefined; next = air.shift()) {
          const [from, output] = next;
          const [to, name] = from === self ? [other, honest] : [side, self];
          if (output.kind === 'dropped' || output.kind === 'compared' || output.kind === 'agreed' || output.to !== name) continue; // to a neighbour that is only a name
          if (output.kind === 'frame') say(name, to.reconciler.handle(now, { kind: 'frame', peer: from, frame: output.frame }));
          else for (const id of output.ids) to.take(now, (from === self ? side : other).cache.get(id) as Packet);
        }
        now = after(now, 1000);
        say(self, side.reconciler.handle(now, wakeup));
        say(honest, other.reconciler.handle(now, wakeup));
      }
      ok(side.cache.get(lacking.id) !== null, 'an honest neighbour could not give what was missing');
    },
  };
};

export const sync: Target = { name: 'sync', inputsPerCase: 1500, inputMsMax: 100, grownBytesMax: 8 * 1024 * 1024, make, open };
