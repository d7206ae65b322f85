/**
 * A network in one process: virtual time, one event after the other, and one seed that fixes everything.
 *
 * ```
 *   queue ──▶ arrival ──▶ NAT box ──▶ process ──▶ machine ──▶ outputs ──▶ links ──▶ queue
 *         ──▶ timer ─────────────────▶
 *         ──▶ what the test does
 * ```
 *
 * Nothing here touches a socket, a clock or a disk. While it runs, the invariants of audit.ts hold, or it throws.
 */
import { seededRandom, suite } from '@srp/identity';
import { type Address, after, instant, type Instant, type PacketId, type Random, readU32, toHex, utf8, writeU32 } from '@srp/machine';
import { PeerProtocol } from '@srp/peer/protocol';
import { Audit } from './audit.js';
import { Carried, type CarriedObject } from './carried.js';
import { discoveryDelayMs, epochMs, eventsMaxDefault, packetsTrackedDefault } from './constants.js';
import { SimError } from './errors.js';
import { type Arrival, Internet, type Traffic } from './internet.js';
import { type LinkOptions, Links } from './links.js';
import type { MachineMaker } from './machine.js';
import { type NatBehaviour, type NatKind, natBehaviours } from './nat-box.js';
import type { Bandwidth } from './pipe.js';
import type { Datagram, Process } from './process.js';
import { EventQueue } from './queue.js';
import { type Lan, type PlugOptions, SimPeer, type SimPeerOptions, type Surroundings } from './sim-peer.js';
import type { Site } from './site.js';
import type { Place } from './sockets.js';
import { type PacketStep, type Published, sinceStart, Trace } from './trace.js';

export interface NetworkOptions {
  /** A whole number >= 0, or 32 bytes. The same seed and the same test give the same run. */
  readonly seed: number | Uint8Array;
  /** How links behave: 20 to 145 ms, 5 ms of jitter and no loss unless told otherwise. */
  readonly links?: LinkOptions;
  /** What runs on the peers; `PeerProtocol` if absent. */
  readonly machine?: MachineMaker;
  /** How late timers may fire, milliseconds, uniform; 0 if absent. */
  readonly timerLatenessMs?: number;
  /** Events one `run` may take before it throws. */
  readonly eventsMax?: number;
  /** A command that runs the same test again, for the message of a failure. */
  readonly replay?: string;
  /** Whether peers share the results of signature checks and key agreements, which depend on their arguments alone: it saves most of the time of a large run and changes nothing in it. True if absent. */
  readonly sharesResults?: boolean;
  /** Packets whose life and holders are kept, 65,536 if absent; what is older is held to fewer invariants. It is for long runs that run out of memory. */
  readonly packetsTracked?: number;
  /** Called with each datagram that has an object in it, when it is sent and when it arrives at a peer. For measuring; it must change nothing. */
  readonly onCarried?: (passage: CarriedObject) => void;
}

/** How a LAN is connected. */
export interface LanOptions {
  /** The LAN whose box this one's box is behind, as in a carrier's network. */
  readonly behind?: Lan;
  /** What its connection carries; no limit if absent. */
  readonly bandwidth?: Bandwidth;
}

type Event =
  | { readonly kind: 'arrival'; readonly arrival: Arrival<Datagram> }
  | { readonly kind: 'timer'; readonly process: Process; readonly number: number }
  | { readonly kind: 'action'; readonly action: () => void };

/**
 * @example
 * const net = new Network({ seed: 1 });
 * const hub = net.peer({ name: 'hub' });
 * const room = net.peer({ nat: 'port-restricted', knows: [hub] }).join('tea');
 * net.run(5_000);
 */
export class Network {
  readonly #seed: Uint8Array;
  /** For messages: which seed it was, and how to run it again. */
  readonly #seedNote: string;
  readonly #timerLatenessMs: number;
  readonly #eventsMax: number;
  readonly #queue = new EventQueue<Event>();
  readonly #random: Random;
  readonly #timerRandom: Random;
  readonly #links: Links;
  readonly #internet: Internet<Datagram>;
  readonly #trace: Trace;
  readonly #audit: Audit;
  readonly #carried: Carried | null;
  readonly #peers = new Map<string, SimPeer>();
  #peersMade = 0;
  readonly #lans = new Map<Lan, Site<Datagram>>();
  readonly #surroundings: Surroundings;
  #at: Instant = instant(epochMs);

  constructor({ seed, links = {}, machine = (options) => new PeerProtocol(options), timerLatenessMs = 0, eventsMax = eventsMaxDefault, packetsTracked = packetsTrackedDefault, sharesResults = true, replay, onCarried }: NetworkOptions) {
    this.#seed = seedBytes(seed);
    this.#timerLatenessMs = timerLatenessMs;
    this.#eventsMax = eventsMax;
    this.#random = this.#randomOf('test');
    this.#timerRandom = this.#randomOf('timers');
    this.#links = new Links(links, this.#randomOf('links'), (label) => readU32(suite.hmacSha256(this.#seed, utf8(label)), 0) / 2 ** 32);
    this.#internet = new Internet<Datagram>(this.#links, this.#randomOf('boxes'), (at, arrival) => this.#queue.push(at, { kind: 'arrival', arrival }));
    this.#carried = onCarried === undefined ? null : new Carried(onCarried);
    this.#trace = new Trace(packetsTracked);
    this.#seedNote = `Seed ${typeof seed === 'number' ? seed : toHex(seed)}${replay === undefined ? '' : `, again with: ${replay}`}`;
    this.#audit = new Audit(this.#seedNote, this.#trace, packetsTracked);
    const at = (): Instant => this.#at;
    this.#surroundings = {
      audit: this.#audit,
      trace: this.#trace,
      machine,
      carried: this.#carried,
      sharing: sharesResults ? 'all' : 'nothing',
      get at() {
        return at();
      },
      random: (label) => this.#randomOf(label),
      plug: (options) => this.#plug(options),
      unplug: (site) => this.#unplug(site),
      transmit: (place, to, datagram) => this.#transmit(place, to, datagram),
      later: (later, action) => this.#queue.push(later, { kind: 'action', action }),
      wake: (process, dueAt, number) => this.#queue.push(after(dueAt, this.#lateness()), { kind: 'timer', process, number }),
      started: (peer) => this.#discover(peer),
    };
  }

  /** Milliseconds since the start. */
  get now(): number {
    return sinceStart(this.#at);
  }

  /** The virtual time as machines see it. */
  get instant(): Instant {
    return this.#at;
  }

  /** For what a test draws itself, so that it too follows from the seed. */
  get random(): Random {
    return this.#random;
  }

  /** All peers, up or down, in order of their making. */
  get peers(): readonly SimPeer[] {
    return [...this.#peers.values()];
  }

  /** What became of all datagrams so far. */
  get traffic(): Traffic {
    return this.#internet.traffic();
  }

  /** 16 hex digits that depend on everything that happened so far. */
  get traceHash(): string {
    return this.#trace.hash;
  }

  /** A new peer, which starts at once. */
  peer(options: SimPeerOptions = {}): SimPeer {
    this.#peersMade += 1;
    const name = options.name ?? `peer-${this.#peersMade}`;
    if (this.#peers.has(name)) throw new SimError('NETWORK_OPTION_WRONG', `Cannot add a peer: names must differ, and there is a ${name}`);
    const peer = new SimPeer(name, options, this.#surroundings);
    this.#peers.set(name, peer);
    return peer;
  }

  /** A peer that will not return: it crashes if it is up, and it and all that was its own leave memory. */
  remove(peer: SimPeer): void {
    if (this.#peers.get(peer.name) !== peer) return;
    peer.crash();
    this.#peers.delete(peer.name);
    this.#unplug(peer.site);
  }

  /** A NAT box with a LAN behind it, to plug several peers into: `net.peer({ nat: home })`. `behind`: a carrier's box that it is itself behind. */
  nat(behaviour: NatKind | NatBehaviour, { behind, bandwidth }: LanOptions = {}): Lan {
    const site = this.#internet.addSite(typeof behaviour === 'string' ? natBehaviours[behaviour] : behaviour, {
      ...(behind === undefined ? {} : { behind: this.#siteOfLan(behind) }),
      ...(bandwidth === undefined ? {} : { bandwidth }),
    });
    if (site.box === null) throw new SimError('NETWORK_OPTION_WRONG', 'Cannot add a LAN: it needs a NAT box');
    const lan = { box: site.box };
    this.#lans.set(lan, site);
    return lan;
  }

  /** Changes all links from now on; what is not named stays as it is. */
  links(options: LinkOptions): void {
    this.#links.change(options);
  }

  /** Changes the link between two peers' sites, both ways: `net.link(a, b, { loss: 1 })` cuts it. */
  link(a: SimPeer, b: SimPeer, options: LinkOptions): void {
    this.#links.changePair(a.site.number, b.site.number, options);
  }

  /** Splits the network: no datagram passes between peers of different groups. Peers in no group reach everyone. It replaces the partition before. */
  partition(...groups: readonly (readonly SimPeer[])[]): void {
    this.#internet.partition(groups.map((peers) => peers.map(({ site }) => site)));
  }

  /** Ends the partition. */
  heal(): void {
    this.#internet.partition([]);
  }

  /** Does something at `timeMs` after the start, or now if that has passed. */
  at(timeMs: number, action: () => void): void {
    const at = after(instant(epochMs), timeMs);
    this.#queue.push(at < this.#at ? this.#at : at, { kind: 'action', action });
  }

  /** Lets `ms` milliseconds pass. Throws INVARIANT_BROKEN, EVENTS_EXHAUSTED, and what the test's own actions throw. */
  run(ms: number): void {
    this.runUntil(() => false, ms);
  }

  /** Lets time pass until `isDone`, which is asked after each event, but at most `ms` milliseconds. Returns what it answered last. */
  runUntil(isDone: () => boolean, ms: number): boolean {
    const end = after(this.#at, ms);
    for (let count = 0; ; count += 1) {
      if (isDone()) return true;
      const nextAt = this.#queue.nextAt();
      if (nextAt === null || nextAt > end) break;
      if (count >= this.#eventsMax) throw new SimError('EVENTS_EXHAUSTED', `Cannot run on: ${count} events within ${ms} ms, at ${this.now} ms. ${this.#seedNote}. The last ones:\n${this.#trace.recent()}`);
      const next = this.#queue.pop();
      if (next === null) break;
      this.#at = next.at;
      this.#happen(next.event);
    }
    this.#at = end;
    return isDone();
  }

  /** How a packet spread: who kept it when and from whom, who was shown it. `describeLife` puts it in words. */
  lifeOf(id: PacketId): readonly PacketStep[] {
    return this.#trace.lifeOf(id);
  }

  /** Packets published here, oldest first; of long runs the latest (`packetsTracked`). */
  get published(): readonly Published[] {
    return this.#trace.published();
  }

  #happen(event: Event): void {
    switch (event.kind) {
      case 'arrival':
        this.#internet.arrive(this.#at, event.arrival);
        break;
      case 'timer':
        event.process.timer(event.number);
        break;
      case 'action':
        event.action();
        break;
    }
  }

  #plug({ nat = 'none', ip = 4, bandwidth = {} }: PlugOptions): Site<Datagram> {
    if (ip === 6 && nat !== 'none') throw new SimError('NETWORK_OPTION_WRONG', "Cannot add a peer: ip 6 goes with nat 'none' alone");
    if (nat === 'none') return this.#internet.addSite(null, { family: ip, bandwidth });
    if (typeof nat === 'string') return this.#internet.addSite(natBehaviours[nat], { bandwidth });
    return 'box' in nat ? this.#siteOfLan(nat) : this.#internet.addSite(nat, { bandwidth });
  }

  /** A site that is no LAN goes with the one peer that was there. */
  #unplug(site: Site<Datagram>): void {
    const isLan = [...this.#lans.values()].includes(site);
    if (!isLan) this.#internet.removeSite(site);
  }

  #siteOfLan(lan: Lan): Site<Datagram> {
    const site = this.#lans.get(lan);
    if (site === undefined) throw new SimError('NETWORK_OPTION_WRONG', 'Cannot use a LAN: it belongs to another network');
    return site;
  }

  #transmit({ site, address }: Place<Datagram>, to: Address, datagram: Datagram): void {
    const { sender, bytes } = datagram;
    this.#trace.record(this.#at, [sender.name, 'sends to', to, bytes.length, 'bytes'], bytes);
    this.#internet.send(this.#at, site, address, to, datagram, bytes.length);
  }

  /** Peers on one LAN find each other a moment after either starts. */
  #discover(peer: SimPeer): void {
    if (peer.site.box === null || !peer.discovers) return;
    this.at(this.now + discoveryDelayMs, () => {
      for (const other of peer.site.listeners.values()) {
        if (!(other instanceof SimPeer) || other === peer || !other.discovers || !peer.isListening || !other.isListening) continue;
        peer.find(other);
        other.find(peer);
      }
    });
  }

  #lateness(): number {
    return this.#timerLatenessMs === 0 ? 0 : (this.#timerRandom.below(2 ** 32) / 2 ** 32) * this.#timerLatenessMs;
  }

  /** The generator of a label: it depends on the seed and the label, whatever was drawn or forked before. */
  #randomOf(label: string): Random {
    return seededRandom(this.#seed).fork(label);
  }
}

const seedBytes = (seed: number | Uint8Array): Uint8Array => {
  if (typeof seed !== 'number') return seed;
  if (!Number.isSafeInteger(seed) || seed < 0) throw new SimError('NETWORK_OPTION_WRONG', `Cannot make a network: seed must be a whole number >= 0 or 32 bytes, got ${seed}`);
  const bytes = new Uint8Array(32);
  writeU32(bytes, 24, Math.floor(seed / 2 ** 32));
  writeU32(bytes, 28, seed % 2 ** 32);
  return bytes;
};
