/**
 * Ours: two reconcilers, as a peer has them, until the asker knows everything that it lacks. What follows, WANT, OFFER and
 * objects, is not counted.
 */
import { Reconciler, type ReconcilerOutput, Sketches } from '@srp/cache';
import { after, instant, type Instant, type PacketId, type PeerId, type Random, type ShortId, shortIdOf, type TopicTag, wakeup } from '@srp/machine';
import { encodeFrame } from '@srp/wire';
import { cpuClock } from '../measure.js';
import type { Cost, Sets } from './sets.js';

/** Frames come out as the payload of datagrams. */
export interface OurCost extends Cost {
  /** How often the asker asked: round trips, if nothing waited for a timer. */
  readonly roundTrips: number;
  /** CPU time of both sides. */
  readonly cpuMs: number;
}

const tag = 'a0a1a2a3a4a5a6a7' as TopicTag;
const start = instant(1_800_000_000_000);
const tripMs = 50;
/** Longer than a reconciler waits before it asks the same again. */
const againMs = 15_000;
const peers = { asker: '01'.repeat(32) as PeerId, answerer: '02'.repeat(32) as PeerId };

type Side = keyof typeof peers;

interface Flying {
  readonly at: Instant;
  readonly to: Side;
  readonly frame: Extract<ReconcilerOutput, { kind: 'frame' }>['frame'];
}

/** `isWarm`: both sides have compared the topic before, so what they keep for it is at hand. */
export const compareOurs = (random: Random, { asker, answerer }: Sets, isLost: () => boolean, isWarm: boolean): OurCost => {
  const own = new Set(asker.map(shortOf));
  const lacking = new Map(answerer.map((id) => [shortOf(id), packetOf(id)] as const).filter(([id]) => !own.has(id)));
  /** What the asker has found out that it lacks: it looks whether that is here. */
  const known = new Set<ShortId>();
  const sides = {
    asker: new Peer(random.fork('asker'), asker, (id) => {
      if (lacking.has(id)) known.add(id);
      return own.has(id);
    }),
    answerer: new Peer(random.fork('answerer'), answerer, () => true),
  };
  if (isWarm) for (const side of Object.values(sides)) side.warm();

  const cost = { bytes: 0, datagrams: 0, roundTrips: 0, cpuMs: 0 };
  let now = start;
  let flying: Flying[] = [];
  const run = (side: Side, step: (reconciler: Reconciler) => readonly ReconcilerOutput[]): void => {
    const began = cpuClock();
    const outputs = step(sides[side].reconciler);
    cost.cpuMs += (cpuClock() - began) / 1e6;
    let asks = false;
    for (const output of outputs) {
      if (output.kind !== 'frame') continue;
      if (output.frame.kind === 'want' && side === 'asker') {
        // The objects come at once.
        for (const id of output.frame.ids) {
          const packet = lacking.get(id);
          if (packet === undefined || own.has(id)) continue;
          own.add(id);
          sides.asker.take(packet);
        }
      }
      if (!output.frame.kind.startsWith('sync')) continue;
      asks ||= output.frame.kind === 'sync-request';
      cost.bytes += encodeFrame(output.frame).length;
      cost.datagrams += 1;
      if (!isLost()) flying.push({ at: after(now, tripMs), to: side === 'asker' ? 'answerer' : 'asker', frame: output.frame });
    }
    if (asks) cost.roundTrips += 1;
  };

  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    run('asker', (reconciler) => reconciler.handle(now, { kind: 'meet', peer: peers.answerer, tags: [tag] }));
    while (isBusy(sides.asker.reconciler)) {
      const deadlines = Object.values(sides).map(({ reconciler }) => reconciler.deadline() ?? Infinity);
      now = instant(Math.max(now, Math.min(...deadlines, ...flying.map(({ at }) => at))));
      const arrived = flying.filter(({ at }) => at <= now);
      flying = flying.filter(({ at }) => at > now);
      for (const { to, frame } of arrived) run(to, (reconciler) => reconciler.handle(now, { kind: 'frame', peer: peers[to === 'asker' ? 'answerer' : 'asker'], frame }));
      for (const side of ['asker', 'answerer'] as const) if ((sides[side].reconciler.deadline() ?? Infinity) <= now) run(side, (reconciler) => reconciler.handle(now, wakeup));
    }
    if (known.size === lacking.size) return cost;
    now = after(now, againMs);
    flying = [];
  }
  throw new Error(`the asker knows ${known.size} of ${lacking.size} after ${attemptsMax} questions`);
};

const attemptsMax = 50;

const isBusy = (reconciler: Reconciler): boolean => {
  const { questionCount, wantedCount } = reconciler.stats();
  return questionCount > 0 || wantedCount > 0;
};

class Peer {
  readonly reconciler: Reconciler;
  readonly #ids: PacketId[];
  readonly #sketches: Sketches;

  constructor(random: Random, held: readonly string[], knows: (id: ShortId) => boolean) {
    this.#ids = held.map(packetOf);
    const idsOf = (): readonly PacketId[] => this.#ids;
    this.#sketches = new Sketches({ random, idsOf });
    const sketchOf = this.#sketches.of.bind(this.#sketches);
    this.reconciler = new Reconciler({ random, store: { knows, passed: knows, idsOf, sketchOf, byShortId: () => [], byPrev: () => [] } });
  }

  take(id: PacketId): void {
    this.#ids.push(id);
    this.#sketches.changed(tag, 0, id, 1);
  }

  warm(): void {
    const sketch = this.#sketches.of(start, tag, 0, () => true);
    if (sketch === null || sketch.ids.digest() === '' || sketch.symbols(0, 1).length === 0) throw new Error('there is no sketch');
  }
}

const packetOf = (id: string): PacketId => id.slice(0, 32) as PacketId;
const shortOf = (id: string): ShortId => shortIdOf(packetOf(id));
