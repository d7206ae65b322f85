/** One mesh, driven by hand: its neighbours are whoever the test says, and do what the test says. */
import { type Address, after, type Instant, type PacketId, type PeerId, shortIdOf, wakeup } from '@srp/machine';
import { type CustodyRule, Mesh, type MeshFrame, type MeshInput, type MeshOutput } from '@srp/mesh';
import { type Hello } from '@srp/wire';
import { addressOf, only, packet, peer, random, start, tag } from './net.js';

export const helloOf = (tags: readonly number[], nat: Pick<Hello, 'mapping' | 'filtering' | 'keepsNothing'> = { mapping: 'unknown', filtering: 'unknown' }): Hello => ({ kind: 'hello', version: 1, tags: tags.map(tag), addresses: [], ...nat });
/** The HELLO of a peer behind a NAT, that others are introduced to. */
export const introducedHello = (more: Pick<Hello, 'keepsNothing'> = {}): Hello => helloOf([], { mapping: 'independent', filtering: 'dependent', ...more });
/** The HELLO of a peer that everyone reaches unasked. */
export const openHello = (...tags: readonly number[]): Hello => helloOf(tags, { mapping: 'independent', filtering: 'independent' });

export interface Said {
  readonly at: Instant;
  readonly output: MeshOutput;
}

export class One {
  readonly mesh: Mesh;
  now: Instant = start;
  /** Objects it has, as its cache would say. */
  readonly held = new Set<PacketId>();

  constructor(seed = 1, custody: CustodyRule = 'keepers') {
    this.mesh = new Mesh({ self: peer(0xfff), random: random(seed), custody, has: (id) => [...this.held].some((held) => shortIdOf(held) === id) });
  }

  give(input: MeshInput): readonly MeshOutput[] {
    return this.mesh.handle(this.now, input);
  }

  join(...topics: readonly number[]): readonly MeshOutput[] {
    return topics.flatMap((n) => this.give({ kind: 'join', tag: tag(n) }));
  }

  up(n: number, at: Address = addressOf(n)): readonly MeshOutput[] {
    return this.give({ kind: 'up', peer: peer(n), address: at });
  }

  says(n: number, frame: MeshFrame): readonly MeshOutput[] {
    return this.give({ kind: 'frame', peer: peer(n), frame });
  }

  /** Neighbours `from`..`to` come by themselves and subscribe to `topic`. */
  links(from: number, to: number, topic = 1): readonly MeshOutput[] {
    const outputs: MeshOutput[] = [];
    for (let n = from; n <= to; n += 1) outputs.push(...this.up(n), ...this.says(n, helloOf([topic])));
    return outputs;
  }

  announces(n: number, ...ids: readonly number[]): readonly MeshOutput[] {
    return this.says(n, { kind: 'ihave', tag: tag(1), ids: ids.map((id) => shortIdOf(packet(id))) });
  }

  /** Object `n` of topic 1 comes from a neighbour, or is published. */
  comes(n: number, from: number | null, { postage = from === null ? 16 : 12, isPulled = false } = {}): readonly number[] {
    this.held.add(packet(n));
    const outputs = this.give({ kind: 'fresh', id: packet(n), tag: tag(1), postage, from: from === null ? null : peer(from), isPulled });
    return only(outputs, 'push').flatMap(({ to }) => to.map(numberOf)).sort((a, b) => a - b);
  }

  again(n: number, from: number): readonly MeshOutput[] {
    return this.give({ kind: 'duplicate', id: packet(n), tag: tag(1), from: peer(from) });
  }

  /** Lets so many ms go by, with the machine's own wakeups. */
  pass(ms: number): readonly Said[] {
    const until = after(this.now, ms);
    const said: Said[] = [];
    for (let at = this.mesh.deadline(), rounds = 0; at !== null && at <= until; at = this.mesh.deadline(), rounds += 1) {
      if (rounds > 100_000) throw new Error('the deadline does not move on');
      if (at > this.now) this.now = at;
      for (const output of this.give(wakeup)) said.push({ at: this.now, output });
    }
    this.now = until;
    return said;
  }
}

export const numberOf = (id: PeerId): number => Number.parseInt(id, 16);

/** Frames of one kind among the outputs, as `[to, ids]`. */
export const told = (outputs: readonly (MeshOutput | Said)[], kind: 'ihave' | 'graft' | 'prune'): readonly (readonly [number, readonly string[]])[] =>
  outputs
    .map((one) => ('output' in one ? one.output : one))
    .flatMap((output) => (output.kind === 'frame' && output.frame.kind === kind ? [[numberOf(output.to), 'ids' in output.frame ? output.frame.ids : []] as const] : []));
/** Whom the frames of one kind go to. */
export const toldTo = (outputs: readonly (MeshOutput | Said)[], kind: 'ihave' | 'graft' | 'prune'): readonly number[] => told(outputs, kind).map(([to]) => to);
