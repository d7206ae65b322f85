/**
 * Several meshes wired by hand with an explicit clock: links that always connect when somebody knows both
 * ends, datagrams that take 20 ms and may be lost, and a peer that keeps what it is given.
 */
import { seededRandom } from '@srp/identity';
import { type Address, after, type Instant, instant, type PacketId, parseAddress, type PeerId, type Random, type ShortId, shortIdOf, type TopicTag, wakeup } from '@srp/machine';
import { Mesh, type MeshFrame, type MeshInput, type MeshOutput } from '@srp/mesh';
import { decodeFrame, encodeFrame } from '@srp/wire';

export const start = instant(1_000_000);
export const random = (seed = 1): Random => seededRandom(new Uint8Array(32).fill(seed));
export const peer = (n: number): PeerId => n.toString(16).padStart(64, '0') as PeerId;
export const tag = (n: number): TopicTag => n.toString(16).padStart(16, 'a') as TopicTag;
export const packet = (n: number): PacketId => n.toString(16).padStart(16, 'c').padEnd(32, '0') as PacketId;
export const address = (text: string): Address => {
  const parsed = parseAddress(text);
  if (parsed === null) throw new Error(`the test needs an address, not ${text}`);
  return parsed;
};
export const addressOf = (n: number): Address => address(`192.0.2.${n % 250}:${4000 + n}`);

export const framesOf = (outputs: readonly MeshOutput[]): readonly { readonly to: PeerId; readonly frame: MeshFrame }[] => outputs.flatMap((output) => (output.kind === 'frame' ? [output] : []));
export const only = <Kind extends MeshOutput['kind']>(outputs: readonly MeshOutput[], kind: Kind): readonly Extract<MeshOutput, { kind: Kind }>[] =>
  outputs.filter((output): output is Extract<MeshOutput, { kind: Kind }> => output.kind === kind);

export interface Host {
  readonly id: PeerId;
  readonly address: Address;
  readonly mesh: Mesh;
  /** What it holds, and with which postage it came. */
  readonly held: Map<PacketId, number>;
  readonly links: Set<PeerId>;
  wakeAt: Instant | null;
}

const latencyMs = 20;

export class Net {
  now: Instant = start;
  readonly hosts = new Map<PeerId, Host>();
  readonly said: { readonly at: Instant; readonly by: PeerId; readonly output: MeshOutput }[] = [];
  readonly lossPercent: number;
  /** Whether two can connect at all, whoever introduces them. */
  canMeet: (a: Host, b: Host) => boolean = () => true;
  /** Whether a host gives no objects to anybody, whatever else it says. */
  isLiar: (host: Host) => boolean = () => false;
  readonly #random: Random;
  readonly #events: { readonly at: Instant; readonly act: () => void }[] = [];

  constructor(seed: number, lossPercent = 0) {
    this.#random = random(seed);
    this.lossPercent = lossPercent;
  }

  add(n: number, at: Address = addressOf(n)): Host {
    const held = new Map<PacketId, number>();
    const has = (id: ShortId): boolean => [...held.keys()].some((held) => shortIdOf(held) === id);
    const host: Host = { id: peer(n), address: at, mesh: new Mesh({ self: peer(n), random: this.#random.fork(`host ${n}`), has }), held, links: new Set(), wakeAt: null };
    this.hosts.set(host.id, host);
    return host;
  }

  give(host: Host, input: MeshInput): void {
    for (const output of host.mesh.handle(this.now, input)) {
      this.said.push({ at: this.now, by: host.id, output });
      this.#carryOut(host, output);
    }
    host.wakeAt = host.mesh.deadline();
  }

  link(a: Host, b: Host): void {
    if (a === b || a.links.has(b.id) || !this.canMeet(a, b)) return;
    a.links.add(b.id);
    b.links.add(a.id);
    this.give(a, { kind: 'up', peer: b.id, address: b.address });
    this.give(b, { kind: 'up', peer: a.id, address: a.address });
  }

  cut(a: Host, b: Host): void {
    a.links.delete(b.id);
    b.links.delete(a.id);
    this.give(a, { kind: 'down', peer: b.id });
    this.give(b, { kind: 'down', peer: a.id });
  }

  remove(host: Host): void {
    this.hosts.delete(host.id);
    for (const id of [...host.links]) this.cut(host, this.hosts.get(id)!);
  }

  publish(host: Host, id: PacketId, topic: TopicTag): void {
    host.held.set(id, 16);
    this.give(host, { kind: 'fresh', id, tag: topic, postage: 16, from: null });
  }

  /** Each subscriber compares notes with one random other, as the cache's reconciliation does once a minute. */
  reconcile(topic: TopicTag): void {
    for (const host of this.hosts.values()) {
      const others = host.mesh.subscribersOf(topic);
      const other = this.hosts.get(others[this.#random.below(Math.max(others.length, 1))]!);
      if (other?.mesh.subscribersOf(topic).includes(host.id) !== true) continue;
      for (const [id, postage] of host.held) if (!other.held.has(id)) other.held.set(id, postage);
      for (const [id, postage] of other.held) if (!host.held.has(id)) host.held.set(id, postage);
    }
  }

  run(ms: number): void {
    const until = after(this.now, ms);
    for (let rounds = 0; rounds < 2_000_000; rounds += 1) {
      const next = this.#events[0];
      let sleeper: Host | undefined;
      let wakeAt: Instant = until;
      for (const host of this.hosts.values()) if (host.wakeAt !== null && host.wakeAt < wakeAt) [sleeper, wakeAt] = [host, host.wakeAt];
      if (next !== undefined && next.at <= wakeAt) {
        this.#events.shift();
        this.now = next.at;
        next.act();
      } else if (sleeper !== undefined) {
        if (wakeAt > this.now) this.now = wakeAt;
        this.give(sleeper, wakeup);
      } else {
        this.now = until;
        return;
      }
    }
    throw new Error('the net does not come to an end');
  }

  #object(from: Host, to: PeerId, id: PacketId, postage: number, isPulled: boolean): void {
    if (this.isLiar(from)) return;
    this.#send(from, to, (host) => {
      if (host.held.has(id)) this.give(host, { kind: 'duplicate', id, tag: tagOfPush, from: from.id });
      else {
        host.held.set(id, postage - 1);
        this.give(host, { kind: 'fresh', id, tag: tagOfPush, postage: postage - 1, from: from.id, isPulled });
      }
    });
  }

  #later(ms: number, act: () => void): void {
    const at = after(this.now, ms);
    let place = this.#events.length;
    while (place > 0 && this.#events[place - 1]!.at > at) place -= 1;
    this.#events.splice(place, 0, { at, act });
  }

  #send(from: Host, to: PeerId, act: (host: Host) => void): void {
    if (this.#random.below(100) < this.lossPercent) return;
    this.#later(latencyMs, () => {
      const host = this.hosts.get(to);
      if (host?.links.has(from.id) === true) act(host);
    });
  }

  #carryOut(host: Host, output: MeshOutput): void {
    switch (output.kind) {
      case 'introduce': // who hears of another asks to be introduced all the same
        break;
      case 'frame': {
        const frame = decodeFrame(encodeFrame(output.frame));
        if (!frame.ok) throw new Error(`a mesh said what nobody can read: ${frame.reason}`);
        this.#send(host, output.to, (to) => {
          this.give(to, { kind: 'frame', peer: host.id, frame: frame.value as MeshFrame });
          if (frame.value.kind !== 'graft') return;
          for (const asked of frame.value.ids) for (const id of to.held.keys()) if (shortIdOf(id) === asked) this.#object(to, host.id, id, 16, true);
        });
        return;
      }
      case 'push':
        for (const to of output.to) {
          if (!host.links.has(to)) throw new Error('a mesh pushes to who is no neighbour');
          this.#object(host, to, output.id, output.postage, false);
        }
        return;
      case 'drop':
        this.#later(0, () => {
          const other = this.hosts.get(output.peer);
          if (other === undefined || !host.links.has(other.id)) return;
          host.links.delete(other.id);
          other.links.delete(host.id);
          this.give(host, { kind: 'down', peer: other.id, why: 'let-go' });
          this.give(other, { kind: 'down', peer: host.id, why: 'refused' });
        });
        return;
      case 'reach':
        this.#later(100, () => {
          const other = this.hosts.get(output.peer);
          const isIntroduced = output.via.some((via) => host.links.has(via) && other?.links.has(via) === true);
          if (other !== undefined && this.hosts.has(host.id) && (isIntroduced || output.address === other.address)) this.link(host, other);
        });
        return;
      case 'ask':
        for (const peer of output.peers) if (!host.links.has(peer)) throw new Error('a mesh asks who is no neighbour');
        return;
      case 'meet':
      case 'keepers': // nobody seeks any here
        return;
    }
  }
}

/** All packets of these tests are of one topic. */
export const tagOfPush = tag(1);
