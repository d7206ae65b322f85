/**
 * Carries out one run of survival: packets whose authors are gone, kept by peers that come and go, until a reader who was away returns.
 *
 * ```
 *   warm-up   reader up, off   author up   publish   author gone                    reader returns
 *   ──────────┼──────────┼─────┼───────────┼─────────┼── peers come and go ... ─────┼── found within a minute?
 *                                          └─ copies counted 48 times ──────────────┘
 * ```
 *
 * Every draw comes from the network's own generator, so that a seed fixes it. What runs on each peer is the protocol itself.
 */
import { publicTopic, type Topic } from '@srp/identity';
import { type PacketId, sample } from '@srp/machine';
import { PeerProtocol, type PeerProtocolOptions } from '@srp/peer/protocol';
import { type CarriedObject, describeLife, type NatKind, Network, type SimPeer } from '@srp/sim';
import { exponential, share, uniform } from '../experiment/draw.js';
import { lies } from './liar.js';
import type { PacketResult, Sample, SurvivalResult } from './result.js';
import { authorGoneMs, authorUpMs, findWithinMs, hourMs, introducersKnown, introducersOf, payloadBytes, type Policy, publishEveryMs, readerOffMs, readerUpMs, samples, visitMs, type World } from './world.js';

/** Peers that are up at the start begin within so long. */
const startsWithinMs = 60_000;

/** A packet under way. */
interface Publication {
  readonly id: PacketId;
  readonly atMs: number;
  readonly curve: Sample[];
  sent: number;
  foundMs: number | null;
  isOver: boolean;
}

export interface SurvivalOptions {
  readonly seed: number;
  readonly world: World;
  /** Told of each hour that has passed, with the packets that somebody still holds. */
  readonly onHour?: (hour: number, alive: number, of: number) => void;
}

export class Survival {
  readonly #seed: number;
  readonly #world: World;
  readonly #onHour: NonNullable<SurvivalOptions['onHour']>;
  readonly #net: Network;
  readonly #introducers: readonly SimPeer[];
  /** Peers that come and go. */
  readonly #peers: SimPeer[] = [];
  readonly #publications = new Map<PacketId, Publication>();
  readonly #endMs: number;
  #introducersHeld = 0;
  /** What is sent within a call of `publish`, of which nobody knows the id yet. */
  #early: Pick<CarriedObject, 'kind' | 'id'>[] | null = null;
  #sentBefore = 0;
  #peerHours = 0;

  constructor({ seed, world, onHour = () => undefined }: SurvivalOptions) {
    this.#seed = seed;
    this.#world = world;
    this.#onHour = onHour;
    this.#net = new Network({ seed, links: { loss: world.loss }, machine: this.#machine(world.policy), onCarried: (passage) => this.#carried(passage), eventsMax: Number.MAX_SAFE_INTEGER });
    this.#introducers = Array.from({ length: introducersOf(world) }, (_, number) => this.#net.peer({ name: `introducer-${number + 1}`, machine: this.#machine('none') }));
    for (const one of this.#introducers) for (const other of this.#introducers) if (one !== other) one.connect(other);
    this.#endMs = world.warmUpMs + (world.packets - 1) * publishEveryMs + world.hours * hourMs + findWithinMs;
    for (let number = 1; number <= world.nodes - 2 * world.packets; number += 1) this.#comeAndGo(number);
    for (let number = 1; number <= world.visitors; number += 1) this.#net.at(uniform(this.#net.random, 0, visitMs), () => this.#visit(number));
    for (let number = 1; number <= world.liars; number += 1) this.#net.at(uniform(this.#net.random, 0, startsWithinMs), () => this.#newPeer('liar', number, 'none', this.#liar()));
    for (let number = 1; number <= world.packets; number += 1) this.#plan(number);
    this.#countHours();
  }

  /** The whole run; `trace` is how the id of a packet begins whose life is to be told. Throws what the simulator throws when an invariant breaks. */
  run(trace?: string): SurvivalResult {
    this.#net.run(this.#endMs);
    const hours = (this.#endMs - this.#world.warmUpMs) / hourMs;
    return {
      seed: this.#seed,
      packets: [...this.#publications.values()].map(({ id, atMs, curve, sent, foundMs }): PacketResult => ({ id, atMs, curve, sent, foundMs })),
      introducers: this.#introducers.length,
      introducersHeld: this.#introducersHeld,
      datagramsPerPeerHour: (this.#net.traffic.sent - this.#sentBefore) / (this.#peerHours + hours * this.#introducers.length),
      meanOnline: this.#peerHours / hours,
      virtualMs: this.#endMs,
      traceHash: this.#net.traceHash,
      life: trace === undefined ? null : this.#life(trace),
    };
  }

  /** What runs on a peer of this policy. */
  #machine(custody: Policy): (options: PeerProtocolOptions) => PeerProtocol {
    const { blind, cache } = this.#world;
    return (options) => new PeerProtocol({ ...options, custody, keepsOnDisk: cache === 'disk', lookupBlindness: blind });
  }

  #liar(): (options: PeerProtocolOptions) => PeerProtocol {
    const answersInstead = lies(this.#net.random.fork('liar'));
    return (options) => new PeerProtocol({ ...options, custody: 'keepers', answersInstead });
  }

  #newPeer(role: string, number: number, nat = this.#drawNat(), machine?: (options: PeerProtocolOptions) => PeerProtocol): SimPeer {
    const { random } = this.#net;
    return this.#net.peer({ name: `${role}-${number}-${nat === 'none' ? 'open' : nat}`, nat, ...(machine === undefined ? {} : { machine }), knows: sample(random, this.#introducers, introducersKnown) });
  }

  #drawNat(): NatKind | 'none' {
    const { open, hard } = this.#world;
    const { random } = this.#net;
    if (share(random) < open) return 'none';
    const drawn = share(random);
    if (drawn < hard) return 'hard';
    return drawn < hard + (1 - hard) / 2 ? 'address-restricted' : 'port-restricted';
  }

  /** A peer with sessions and pauses of exponential length; at the start it is in either, as one that has long been so is. */
  #comeAndGo(number: number): void {
    const { onHours, offHours, cache } = this.#world;
    const { random } = this.#net;
    const later = (meanHours: number, action: () => void): void => this.#net.at(this.#net.now + exponential(random) * meanHours * hourMs, action);
    let peer: SimPeer | null = null;
    const up = (): void => {
      if (peer === null) this.#peers.push((peer = this.#newPeer('peer', number)));
      else peer.start();
      later(onHours, down);
    };
    const down = (): void => {
      peer?.crash({ disk: cache === 'disk' ? 'kept' : 'cache-lost' });
      later(offHours, up);
    };
    const isUp = share(random) * (onHours + offHours) < onHours;
    if (isUp) this.#net.at(uniform(random, 0, startsWithinMs), up);
    else later(offHours, up);
  }

  /** A public peer that is there once and not for long; then another. */
  #visit(number: number): void {
    const visitor = this.#newPeer('visitor', number, 'none');
    this.#net.at(this.#net.now + exponential(this.#net.random) * visitMs, () => {
      this.#net.remove(visitor);
      this.#visit(number);
    });
  }

  /** What happens to one packet. */
  #plan(number: number): void {
    const { warmUpMs, hours } = this.#world;
    const topic = publicTopic(`cold topic ${number}`);
    const publishMs = warmUpMs + (number - 1) * publishEveryMs;
    const at = (ms: number, action: () => void): void => this.#net.at(publishMs + ms, action);
    at(-readerOffMs - readerUpMs, () => {
      const reader = this.#newPeer('reader', number);
      reader.join(topic);
      at(-readerOffMs, () => reader.crash());
      at(-authorUpMs, () => this.#author(number, topic, reader, publishMs + hours * hourMs));
    });
  }

  #author(number: number, topic: Topic, reader: SimPeer, returnMs: number): void {
    const author = this.#newPeer('author', number);
    const room = author.join(topic);
    this.#net.at(this.#net.now + authorUpMs, () => {
      const early: Pick<CarriedObject, 'kind' | 'id'>[] = [];
      this.#early = early;
      const id = room.publish(this.#net.random.bytes(payloadBytes), { life: this.#world.life });
      this.#early = null;
      const publication: Publication = { id, atMs: this.#net.now, curve: [], sent: 0, foundMs: null, isOver: false };
      this.#publications.set(id, publication);
      for (const passage of early) this.#carried(passage);
      const stepMs = (returnMs - publication.atMs) / samples;
      for (let step = 0; step < samples; step += 1) this.#net.at(publication.atMs + step * stepMs, () => this.#count(publication));
      this.#net.at(publication.atMs + authorGoneMs, () => this.#net.remove(author));
      this.#net.at(returnMs, () => this.#return(publication, reader, topic));
    });
  }

  #return(publication: Publication, reader: SimPeer, topic: Topic): void {
    this.#count(publication);
    publication.isOver = true;
    const startMs = this.#net.now;
    reader.start();
    reader.join(topic).onDelivery = ({ id, atMs }) => {
      if (id === publication.id && atMs - startMs <= findWithinMs) publication.foundMs = atMs - startMs;
    };
    this.#net.at(startMs + findWithinMs, () => this.#net.remove(reader));
  }

  #count({ id, curve }: Publication): void {
    const holders = this.#peers.filter((peer) => peer.stores(id));
    curve.push({ copies: holders.length, online: holders.filter(({ isUp }) => isUp).length });
    this.#introducersHeld = Math.max(this.#introducersHeld, this.#introducers.reduce((sum, { storedCount }) => sum + storedCount, 0));
  }

  #carried({ kind, id }: Pick<CarriedObject, 'kind' | 'id'>): void {
    const publication = this.#publications.get(id);
    if (publication === undefined) this.#early?.push({ kind, id });
    else if (kind === 'sent' && !publication.isOver) publication.sent += 1;
  }

  /** Looks at the network each hundredth of an hour after the warm-up, and tells of each hour. */
  #countHours(): void {
    const ticksPerHour = 100;
    this.#net.at(this.#world.warmUpMs, () => {
      this.#sentBefore = this.#net.traffic.sent;
      const look = (ticks: number): void => {
        this.#peerHours += this.#peers.filter(({ isUp }) => isUp).length / ticksPerHour;
        if (ticks % ticksPerHour === 0) this.#tellHour(ticks / ticksPerHour);
        this.#net.at(this.#world.warmUpMs + ((ticks + 1) * hourMs) / ticksPerHour, () => look(ticks + 1));
      };
      look(0);
    });
  }

  #tellHour(hour: number): void {
    const ids = [...this.#publications.keys()];
    this.#onHour(hour, ids.filter((id) => this.#peers.some((peer) => peer.stores(id))).length, ids.length);
  }

  #life(trace: string): string | null {
    const found = [...this.#publications.keys()].filter((id) => id.startsWith(trace));
    const [id] = found;
    return id === undefined || found.length > 1 ? null : `${id}\n${describeLife(this.#net.lifeOf(id))}`;
  }
}
