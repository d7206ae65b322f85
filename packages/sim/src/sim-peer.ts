/**
 * A simulated machine with a peer on it, and an app that uses the peer. It outlives its program: a disk, an
 * author and a place in the network stay when the program crashes.
 *
 * ```
 *   up ──crash()──▶ down ──start()──▶ up       rooms end with the program; the app joins again
 *      ──stop()───▶
 * ```
 */
import { generateKeyPair, type KeyPair, publicTopic, type Topic } from '@srp/identity';
import { type Address, type AuthorId, authorId, makeAddress, type PacketId, type PeerId, portOf, type Random } from '@srp/machine';
import type { PeerOutput, StreamCommand } from '@srp/peer/protocol';
import { ephemeralPortMax, ephemeralPortMin } from './constants.js';
import { Disk } from './disk.js';
import { SimError } from './errors.js';
import type { SimFetch, SimFile } from './files.js';
import type { MachineMaker, PeerMachine } from './machine.js';
import type { NatBehaviour, NatBox, NatKind } from './nat-box.js';
import type { Bandwidth } from './pipe.js';
import type { Carried } from './carried.js';
import { type Datagram, Process, type World } from './process.js';
import type { SimRoom } from './room.js';
import type { Listener, Site } from './site.js';
import type { Place } from './sockets.js';

/** A peer to connect to: a simulated one, or where one might be. */
export type KnownPeer = SimPeer | { readonly id: PeerId; readonly address: Address };

/** Where a peer is plugged in. */
export interface PlugOptions {
  /** The NAT before it: none (a public address), a box of its own by name or behaviour, or a box made with `network.nat`, shared with others on its LAN. */
  readonly nat?: 'none' | NatKind | NatBehaviour | Lan;
  /** Which kind of address it has; 4 if absent. 6 goes with `nat: 'none'` alone, and who has the one reaches nobody who has the other. */
  readonly ip?: 4 | 6;
  /** What its connection carries; no limit if absent. On a shared LAN it belongs to `network.nat`. */
  readonly bandwidth?: Bandwidth;
}

/** What a new peer is like. */
export interface SimPeerOptions extends PlugOptions {
  /** Its name in traces; `peer-1` and so on if absent. */
  readonly name?: string;
  /** Peers its app connects to at every start. They must have a public address, or be on the same LAN. */
  readonly knows?: readonly KnownPeer[];
  /** Who signs what it publishes; fresh if absent. Two peers with the same keys are two devices of one author. */
  readonly author?: KeyPair;
  readonly cacheBytes?: number;
  /** Its UDP port. If absent: drawn once for a public host, at every start behind a NAT, as systems do. */
  readonly port?: number;
  /** How far its clock is ahead of the network's, milliseconds, perhaps negative. */
  readonly clockOffsetMs?: number;
  /** Whether it finds others on its LAN, and they it. True if absent. */
  readonly discovers?: boolean;
  /** What runs on it, if not what the network's other peers run. */
  readonly machine?: MachineMaker;
  /** It may do anything: what it sends is not held to the invariants, what it signs may be delivered. */
  readonly isHostile?: boolean;
}

/** A NAT box and the LAN behind it, to plug several peers into. Made by `network.nat`. */
export interface Lan {
  readonly box: NatBox;
}

/** What a peer needs of its network, besides what its programs need. */
export interface Surroundings extends World {
  /** A place for one more peer. Throws NETWORK_OPTION_WRONG, HOSTS_EXHAUSTED. */
  plug(options: PlugOptions): Site<Datagram>;
  /** A peer has left its place. */
  unplug(site: Site<Datagram>): void;
  /** A generator that depends on nothing but the network's seed and the label. */
  random(label: string): Random;
  readonly machine: MachineMaker;
  /** A program started: others on its LAN may find it. */
  started(peer: SimPeer): void;
  /** Which datagrams have objects in them, if anybody wants to know. */
  readonly carried: Carried | null;
}

/** Counted by the peer's own socket. */
export interface PeerTraffic {
  readonly sent: number;
  readonly sentBytes: number;
  readonly received: number;
  readonly receivedBytes: number;
}

export class SimPeer implements Listener<Datagram> {
  readonly name: string;
  readonly author: AuthorId;
  readonly discovers: boolean;
  /** Called with everything the machine puts out, after it was carried out. */
  onOutput: ((output: PeerOutput) => void) | null = null;
  readonly #surroundings: Surroundings;
  readonly #options: SimPeerOptions;
  readonly #random: Random;
  readonly #authorKeys: KeyPair;
  #site: Site<Datagram>;
  #host: string;
  readonly #traffic = { sent: 0, sentBytes: 0, received: 0, receivedBytes: 0 };
  #disk: Disk;
  #process: Process;
  #address: Address;

  /** For the network alone: apps call `network.peer`. The program starts at once. */
  constructor(name: string, options: SimPeerOptions, surroundings: Surroundings) {
    this.name = name;
    this.#options = options;
    this.#surroundings = surroundings;
    this.#random = surroundings.random(`peer ${name}`);
    this.#authorKeys = options.author ?? generateKeyPair(this.#random.fork('author'));
    this.author = authorId(this.#authorKeys.publicKey);
    this.discovers = options.discovers ?? true;
    this.#site = surroundings.plug(options);
    this.#host = this.#site.nextHost();
    this.#disk = this.#freshDisk();
    this.#address = this.#listen(null);
    this.#process = this.#newProcess();
    if (options.isHostile !== true) surroundings.audit.watch(this.author);
    this.#run();
  }

  get isUp(): boolean {
    return this.#process.isRunning;
  }

  /** The installation's name; a new one after a crash that lost the disk. */
  get id(): PeerId {
    return this.#process.machine.id;
  }

  /** Where it listens, as its own host sees it: private behind a NAT. */
  get address(): Address {
    return this.#address;
  }

  /** Its public site: a host, or the box it is behind. */
  get site(): Site<Datagram> {
    return this.#site;
  }

  /** Whether its host sleeps. */
  get isAsleep(): boolean {
    return this.#process.isAsleep;
  }

  /** Whether a datagram that comes now reaches its program. */
  get isListening(): boolean {
    return this.isUp && !this.isAsleep;
  }

  /** What runs on it, or ran last; a `PeerProtocol` unless a test brought something else. */
  get machine(): PeerMachine {
    return this.#process.machine;
  }

  get traffic(): PeerTraffic {
    return { ...this.#traffic };
  }

  /** Objects on its disk. */
  get storedCount(): number {
    return this.#disk.records.size;
  }

  /** Whether an object is on its disk, be it up or down. */
  stores(id: PacketId): boolean {
    return this.#disk.records.has(id);
  }

  /** Neighbours with a live session; none while it is down. */
  neighbours(): ReturnType<PeerMachine['neighbours']> {
    return this.isUp ? this.#process.machine.neighbours() : [];
  }

  /** What it has refused since its last start, counted by reason. */
  dropped(): ReturnType<PeerMachine['dropped']['snapshot']> {
    return this.#process.machine.dropped.snapshot();
  }

  /** Rooms its app has joined since the last start. */
  get rooms(): readonly SimRoom[] {
    return [...this.#process.rooms.values()];
  }

  /** Joins a topic, or the public one of a name. Joining twice gives the same room. Throws PEER_DOWN. */
  join(topic: string | Topic, { mode = 'live' }: { readonly mode?: 'live' | 'causal' } = {}): SimRoom {
    return this.#process.join(typeof topic === 'string' ? publicTopic(topic) : topic, mode);
  }

  /**
   * Shares a file, as long as it is up, and after a crash again. What is shared under one secret is one file, whoever shares it. Throws PEER_DOWN.
   * An app sends what comes back in a message; a test hands it over.
   */
  shareFile(content: Uint8Array, secret: Uint8Array = new Uint8Array(32)): SimFile {
    return this.#process.files.share(content, secret);
  }

  /** Brings a file here from those who share it, and from `from` if they have it. Again after a crash goes on where it was. Throws PEER_DOWN. */
  fetchFile(file: SimFile, { from = [] }: { readonly from?: readonly SimPeer[] } = {}): SimFetch {
    return this.#process.files.fetch(file, from.map(({ id }) => id));
  }

  /** Does something with a stream to a neighbour; {@link onOutput} hears what comes of it, as `stream`. Throws PEER_DOWN. */
  stream(command: StreamCommand): void {
    this.#process.input({ kind: 'stream', input: command });
  }

  /** Goes on trying to reach a peer at its address. Throws PEER_DOWN, PEER_NOT_PUBLIC. */
  connect(known: KnownPeer): void {
    const address = known instanceof SimPeer ? this.#addressFor(known) : known.address;
    this.#process.knowledge.learn(this.#surroundings.at, address);
    this.#process.input({ kind: 'connect', peer: known.id, address });
  }

  /** Its app wants to know whom the box before it lets in: `machine.filtering` tells within two seconds. Throws PEER_DOWN. */
  examine(): void {
    this.#process.input({ kind: 'examine' });
  }

  /** Local discovery saw another peer on this LAN. */
  find(other: SimPeer): void {
    this.#process.knowledge.learn(this.#surroundings.at, other.address);
    this.#process.input({ kind: 'found', peer: other.id, address: other.address });
  }

  /**
   * The program dies in the middle of whatever it does. Its disk stays, unless it is `lost`: then cache, keys and known peers are gone, and
   * only the author's keys are not. `cache-lost`: keys and known peers stay, as where an app keeps its cache in memory alone.
   */
  crash({ disk = 'kept' }: { readonly disk?: 'kept' | 'cache-lost' | 'lost' } = {}): void {
    this.#end(false);
    if (disk === 'lost') this.#disk = this.#freshDisk();
    else if (disk === 'cache-lost') this.#disk.records.clear();
  }

  /** The program says goodbye to its neighbours and ends. */
  stop(): void {
    this.#end(true);
  }

  /** Starts the program again, from what the disk holds. It does nothing if it is up. */
  start(): void {
    if (this.isUp) return;
    this.#address = this.#listen(this.#address);
    this.#process = this.#newProcess();
    this.#run();
  }

  /** Its host sleeps: timers stand still, datagrams to it are lost, and its app can do nothing. Throws PEER_DOWN. */
  sleep(): void {
    this.#mustBeUp('sleep');
    this.#process.sleep();
    this.#record('falls asleep');
  }

  /** Its host wakes up: its clock has gone on, and what was due fires late. It does nothing if it is awake. */
  wake(): void {
    if (!this.isAsleep) return;
    this.#record('wakes up');
    this.#process.wake();
  }

  /**
   * Its host goes to another network, while its program runs on at the same port, asleep or not. The old address is gone at
   * once; the program looks at its addresses every 5 s, as over UDP.
   */
  move(options: PlugOptions): void {
    const site = this.#surroundings.plug(options);
    this.#site.listeners.delete(this.#address);
    this.#surroundings.unplug(this.#site);
    this.#site = site;
    this.#host = site.nextHost();
    const address = makeAddress(this.#host, portOf(this.#address));
    if (address === null) throw new TypeError(`Cannot move ${this.name}: ${this.#host} is no host`);
    this.#address = address;
    if (!this.isUp) return;
    site.listeners.set(address, this);
    this.#record('moves to', address);
    this.#process.move(this.#place());
  }

  /** A datagram has come to this host. For the network alone. */
  arrived(from: Address, datagram: Datagram, socket = 0): void {
    this.#traffic.received += 1;
    this.#traffic.receivedBytes += datagram.bytes.length;
    this.#surroundings.carried?.passes('received', this, datagram.bytes);
    this.#process.receive(from, datagram, socket);
  }

  #run(): void {
    this.#record('starts at', this.#address);
    this.#process.start();
    for (const known of this.#options.knows ?? []) this.connect(known);
    this.#surroundings.started(this);
  }

  #end(isClean: boolean): void {
    if (!this.isUp) return;
    this.#process.end(isClean);
    this.site.listeners.delete(this.#address);
    this.#record(isClean ? 'stops' : 'crashes');
  }

  #record(...words: readonly string[]): void {
    this.#surroundings.trace.record(this.#surroundings.at, [this.name, ...words]);
  }

  #place(): Place<Datagram> {
    return { site: this.#site, address: this.#address };
  }

  #mustBeUp(action: string): void {
    if (!this.isUp) throw new SimError('PEER_DOWN', `Cannot ${action}: ${this.name} is down`);
  }

  #newProcess(): Process {
    const { name } = this;
    const { machine, cacheBytes, isHostile = false, clockOffsetMs = 0 } = this.#options;
    const disk = this.#disk;
    const { carried } = this.#surroundings;
    const made = (machine ?? this.#surroundings.machine)({
      keys: disk.keys,
      author: this.#authorKeys,
      random: this.#random.fork('machine'),
      ...(cacheBytes === undefined ? {} : { cacheBytes }),
      ...(carried === null ? {} : { onCarried: (datagram, id) => carried.note(datagram, id) }),
    });
    const onOutput = (output: PeerOutput): void => {
      if (output.kind === 'transmit') {
        this.#traffic.sent += 1;
        this.#traffic.sentBytes += output.bytes.length;
        carried?.passes('sent', this, output.bytes);
      }
      this.onOutput?.(output);
    };
    return new Process(this.#surroundings, { name, machine: made, place: this.#place(), disk, isHostile, clockOffsetMs, onOutput, listener: this });
  }

  #freshDisk(): Disk {
    return new Disk(generateKeyPair(this.#random.fork('keys')));
  }

  /** Opens the socket: where it was before, if that is a public host or the port was asked for. */
  #listen(before: Address | null): Address {
    const { port } = this.#options;
    const stays = before !== null && (port !== undefined || this.site.box === null);
    const address = stays ? before : makeAddress(this.#host, port ?? ephemeralPortMin + this.#random.below(ephemeralPortMax - ephemeralPortMin + 1));
    if (address === null) throw new SimError('NETWORK_OPTION_WRONG', `Cannot start ${this.name}: port must be 1..65535, got ${String(port)}`);
    this.site.listeners.set(address, this);
    return address;
  }

  #addressFor(other: SimPeer): Address {
    if (other.site === this.site || other.site.box === null) return other.address;
    throw new SimError('PEER_NOT_PUBLIC', `Cannot connect ${this.name} to ${other.name}: it is behind a NAT of its own, so nobody knows its address beforehand`);
  }
}
