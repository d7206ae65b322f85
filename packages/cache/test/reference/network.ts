/**
 * Reconcilers on a network that loses, delays and reorders, with stores that are plain Sets. The driver of each is the
 * four lines of the contract.
 */
import { Reconciler, type ReconcilerFrame, type ReconcilerOutput, Sketches } from '@srp/cache';
import { type Instant, instant, type PacketId, type PeerId, type Random, type ShortId, shortIdOf, type TopicTag, wakeup } from '@srp/machine';
import { decodeFrame, encodeFrame } from '@srp/wire';
import { randomOf } from '../helpers.js';
import { start } from '../objects.js';

export const peerOf = (n: number): PeerId => (n + 1).toString(16).padStart(64, '0') as PeerId;

/** A peer that holds ids and nothing else. */
export class Node {
  readonly peer: PeerId;
  readonly held = new Map<PacketId, { readonly tag: TopicTag; readonly time: number }>();
  readonly reconciler: Reconciler;
  /** Bytes and frames it sent, and objects it gave. */
  readonly sent = { bytes: 0, frames: 0, objects: 0 };
  readonly drops: string[] = [];
  readonly #sketches: Sketches;

  constructor(n: number, seed: number) {
    this.peer = peerOf(n);
    const idsOf = (tag: TopicTag, since: number): PacketId[] => [...this.held].filter(([, object]) => object.tag === tag && object.time >= since).map(([id]) => id);
    this.#sketches = new Sketches({ idsOf, random: randomOf(seed * 100 + n) });
    const shorts = (): Set<ShortId> => new Set([...this.held.keys()].map(shortIdOf));
    let known = shorts();
    let knownSize = 0;
    const knows = (id: ShortId): boolean => {
      if (knownSize !== this.held.size) known = shorts();
      knownSize = this.held.size;
      return known.has(id);
    };
    this.reconciler = new Reconciler({
      random: randomOf(seed * 100 + n),
      store: {
        knows,
        passed: knows,
        idsOf,
        sketchOf: (now, tag, since, mayMake) => this.#sketches.of(now, tag, since, mayMake),
        byShortId: (id) => [...this.held.keys()].filter((one) => one.startsWith(id)),
        byPrev: () => [],
      },
    });
  }

  hold(id: PacketId, tag: TopicTag, time = 0): void {
    if (this.held.has(id)) return;
    this.held.set(id, { tag, time });
    this.#sketches.changed(tag, time, id, 1);
  }
}

interface Flying {
  readonly at: number;
  readonly from: Node;
  readonly to: Node;
  readonly frame?: ReconcilerFrame;
  readonly object?: PacketId;
}

/** All nodes, and what is under way between them. */
export class Network {
  now: Instant = start;
  readonly nodes: Node[];
  readonly #random: Random;
  readonly #loss: number;
  #flying: Flying[] = [];

  constructor(count: number, seed: number, lossPercent: number) {
    this.nodes = Array.from({ length: count }, (_, n) => new Node(n, seed));
    this.#random = randomOf(seed);
    this.#loss = lossPercent;
  }

  meet(a: Node, b: Node, tags: readonly TopicTag[]): void {
    this.carry(a, a.reconciler.handle(this.now, { kind: 'meet', peer: b.peer, tags }));
    this.carry(b, b.reconciler.handle(this.now, { kind: 'meet', peer: a.peer, tags }));
  }

  carry(from: Node, outputs: readonly ReconcilerOutput[]): void {
    for (const output of outputs) {
      if (output.kind === 'dropped') {
        from.drops.push(output.reason);
        continue;
      }
      if (output.kind === 'compared' || output.kind === 'agreed') continue; // nobody compares here
      const to = this.nodes.find(({ peer }) => peer === output.to);
      if (output.kind === 'give') for (const object of output.ids) this.#send({ from, to: to!, object });
      else this.#send({ from, to: to!, frame: output.frame });
    }
  }

  /** Runs until `ms` later; answers when all had been quiet and equal, if they ever were. */
  run(ms: number, isDone: () => boolean): number | null {
    const end = this.now + ms;
    for (;;) {
      if (this.#flying.length === 0 && isDone()) return this.now;
      const deadlines = this.nodes.map(({ reconciler }) => reconciler.deadline()).filter((deadline) => deadline !== null);
      const next = Math.min(...deadlines, ...this.#flying.map(({ at }) => at));
      if (next > end) return null;
      this.now = instant(Math.max(this.now, next));
      const arrived = this.#flying.filter(({ at }) => at <= this.now);
      this.#flying = this.#flying.filter(({ at }) => at > this.now);
      for (const { from, to, frame, object } of arrived) {
        const carried = object === undefined ? undefined : from.held.get(object);
        if (object !== undefined && carried !== undefined) to.hold(object, carried.tag, carried.time);
        if (frame !== undefined) this.carry(to, to.reconciler.handle(this.now, { kind: 'frame', peer: from.peer, frame }));
      }
      for (const node of this.nodes) if ((node.reconciler.deadline() ?? Infinity) <= this.now) this.carry(node, node.reconciler.handle(this.now, wakeup));
    }
  }

  #send(flying: Omit<Flying, 'at'>): void {
    const { from, frame } = flying;
    if (flying.object !== undefined) from.sent.objects += 1;
    const sent = { ...flying };
    if (frame !== undefined) {
      // Over the wire and back: what is said must be sayable.
      const bytes = encodeFrame(frame);
      const read = decodeFrame(bytes);
      if (!read.ok) throw new Error(read.reason);
      sent.frame = read.value as ReconcilerFrame;
      from.sent.bytes += bytes.length;
      from.sent.frames += 1;
    }
    if (this.#random.below(100) < this.#loss) return;
    this.#flying.push({ ...sent, at: this.now + 20 + this.#random.below(130) });
  }
}
