/**
 * A peer, as an app uses it: the facade over the protocol and the UDP driver. Events exist only here.
 *
 * ```
 * new ──init()──▶ running ──close()──▶ closed
 * ```
 */
import { type Address, type AuthorId, hostOf, type PacketId, type PeerId, portOf, type SrpError, type TopicId, unreachable, utf8 } from '@srp/machine';
import type { Life } from '@srp/wire';
import { callBack } from './call-back.js';
import { datagramBytesMax, invitePeersMax, warningsMax } from './constants.js';
import { PeerError } from './errors.js';
import type { FileLink } from './file-link.js';
import type { FetchedFile, FetchOptions, RoomShareOptions, SharedFile, ShareOptions } from './files.js';
import { formatInvite, type Invite, type KnownPeer, parseInvite, parseKnownPeer } from './invite.js';
import { type NetworkReport, reportOf } from './network.js';
import type { PeerEvent } from './node/driver.js';
import { checkOptions, givenKeys, type PeerOptions } from './options.js';
import { Packet } from './packet.js';
import { packetMessageBytesMax } from './protocol/envelope.js';
import type { Delivery, DeliveryCause, Fork, PeerDrop } from './protocol/index.js';
import { type PublishOptions, Room } from './room.js';
import { privateRoomOfKey, publicRoom, type RoomKey } from './room-key.js';
import { type Running, startRunning } from './running.js';
import type { AnswerRequest, PeerStream, RequestOptions, StreamOptions } from './streams.js';

/** What a peer tells about itself. */
export interface PeerStatus {
  readonly neighbours: number;
  /** Where other peers see this one, most agreed first; empty until some have told. */
  readonly observed: readonly Address[];
  /** Datagrams, frames and packets refused, by reason. */
  readonly dropped: Readonly<Partial<Record<PeerDrop, number>>>;
  /** The shared cache, and how many of its packets the disk could not take. */
  readonly cache: { readonly objects: number; readonly bytes: number; readonly lostOnDisk: number };
}

/** What `peer.on` tells. */
export interface PeerEvents {
  'neighbour-up': { readonly peer: PeerId; readonly address: Address };
  'neighbour-down': { readonly peer: PeerId; readonly reason: string };
  /** One author signed two successors of one packet. With both in `packets` that is a proof: `provesFork` of `@srp/wire`. */
  fork: Fork;
  /** A datagram of another peer's app, 1..1197 bytes; any may be lost, and come in any order. */
  datagram: { readonly from: PeerId; readonly bytes: Uint8Array };
  /** A sentence for the user: something is not as it should be, and the peer goes on. */
  warning: string;
}

type Listeners = { [Event in keyof PeerEvents]: Set<(detail: PeerEvents[Event]) => void> };

/**
 * A peer on UDP.
 *
 * @example
 * await using peer = await Peer.open();
 * const room = peer.join('greetings');
 * await room.publish('hello, world');
 */
export class Peer implements AsyncDisposable {
  /** Called with each new packet of another author in any joined room, and where it came from. */
  onPacket: ((packet: Packet, port: number, address: string) => void) | null = null;
  readonly #options: PeerOptions;
  readonly #rooms = new Map<TopicId, Room>();
  readonly #listeners: Listeners = { 'neighbour-up': new Set(), 'neighbour-down': new Set(), fork: new Set(), datagram: new Set(), warning: new Set() };
  readonly #warnings: string[] = [];
  /** Long messages on their way out, and who waits until they are. */
  readonly #sending = new Map<PacketId, () => void>();
  #running: Running | null = null;
  #starting: Promise<void> | null = null;
  #isClosed = false;

  /** Throws OPTIONS_BAD, KEYS_BAD, INVITE_BAD for options that cannot work. Nothing starts before `init`. */
  constructor(options: PeerOptions = {}) {
    checkOptions(options);
    givenKeys(options);
    for (const introducer of options.introducers ?? []) readPeers(introducer);
    this.#options = options;
  }

  /** A started peer. Throws what the constructor and `init` throw. */
  static async open(options: PeerOptions = {}): Promise<Peer> {
    return await new Peer(options).init();
  }

  /**
   * Opens the directory, binds the sockets, looks for peers. A second call waits for the first.
   * Throws DIRECTORY_IN_USE, DIRECTORY_UNUSABLE, PORT_UNAVAILABLE, PEER_CLOSED and what key files throw.
   */
  async init(): Promise<this> {
    if (this.#isClosed) throw closedError('start');
    this.#starting ??= this.#start();
    await this.#starting;
    return this;
  }

  /** This installation's name among peers. */
  get id(): PeerId {
    return this.#started().protocol.id;
  }

  /** Who signs what this peer publishes. */
  get author(): AuthorId {
    return this.#started().author;
  }

  /** Where this peer listens, farthest reach first. */
  get addresses(): readonly Address[] {
    return this.#started().driver.addresses;
  }

  /**
   * Joins a room: by name (public), or by a key made with `privateRoom`, `roomFromPassphrase` or an invite.
   * Joining twice gives the same room. Throws ROOM_BAD, TOPICS_FULL.
   */
  join(room: string | RoomKey, { mode = 'live' }: { readonly mode?: 'live' | 'causal' } = {}): Room {
    const { driver, author } = this.#started();
    const key = typeof room === 'string' ? publicRoom(room) : room;
    const known = this.#rooms.get(key.topic.id);
    if (known !== undefined) return known;
    const joined = new Room(key, this.#roomHost, author);
    this.#rooms.set(key.topic.id, joined);
    try {
      driver.input({ kind: 'join', topic: key.topic, mode });
    } catch (error) {
      this.#rooms.delete(key.topic.id);
      throw error;
    }
    return joined;
  }

  /**
   * Publishes to the room `clusterId` (a public name, or a 32-byte key), joining it if need be. See `Room.publish`.
   * Throws MESSAGE_TOO_LARGE, SENDING_BEHIND, ROOM_BAD, PEER_CLOSED, PUBLISHED_NOT_KEPT.
   */
  async publish({ clusterId, message, ...options }: PublishOptions & { readonly clusterId: string | Uint8Array; readonly message: string | Uint8Array }): Promise<Packet> {
    const key = typeof clusterId === 'string' ? publicRoom(clusterId) : privateRoomOfKey('private', clusterId);
    return await this.join(key).publish(message, options);
  }

  /** Connects to the peers of an invite or to `PEERID@host:port`, and goes on trying. Throws INVITE_BAD. */
  connect(where: string | Invite): void {
    const { driver } = this.#started();
    for (const { peer, address } of typeof where === 'string' ? readPeers(where) : where.peers) {
      driver.input({ kind: 'connect', peer, address });
    }
  }

  /**
   * Lets everyone fetch a file who gets its `link`, as long as this peer runs, and after a restart if it has a `directory`. The file is read
   * twice. `room.shareFile` also tells a room. Throws FILE_UNREADABLE, FILE_CHANGED, FILE_LINK_BAD, FILE_SIZE_WRONG.
   */
  async shareFile(path: string, options?: ShareOptions): Promise<SharedFile> {
    const { files, fileSecret } = this.#started();
    return await files.share(path, fileSecret, options);
  }

  /**
   * Brings a file here: by its link, or by `packet.file`. Each kilobyte is checked; under its name stands nothing but the whole file. It
   * waits for those who have it, for ever unless the signal aborts, and goes on where an earlier attempt at the same path ended. If it is there
   * already, nothing is fetched.
   * Throws FILE_EXISTS, FILE_NOT_WRITTEN, FILE_BUSY, FILE_LINK_BAD, FETCHES_FULL, PEER_CLOSED, and the reason of the signal.
   *
   * @example
   * room.onPacket = async ({ file }) => {
   *   if (file !== null) await peer.fetchFile(file, { to: 'downloads/' });
   * };
   */
  async fetchFile(file: string | FileLink, options: FetchOptions): Promise<FetchedFile> {
    return await this.#started().files.fetch(file, options);
  }

  /**
   * Opens a stream of bytes to a peer, both ways: to a neighbour, or to one that neighbours can introduce. It goes straight to it or through
   * another peer, and from one to the other without a word.
   * Throws PEER_UNREACHABLE, STREAM_NAME_BAD, STREAMS_FULL, PEER_CLOSED, the reason of the signal; the streams then fail with STREAM_BROKEN.
   *
   * @example
   * const { readable, writable } = await peer.openStream(other, 'log');
   * await new Blob(['hello']).stream().pipeTo(writable);
   */
  async openStream(to: PeerId, name: string, options?: StreamOptions): Promise<PeerStream> {
    return await this.#started().streams.open(to, name, options);
  }

  /** Takes streams of this name that other peers open, one taker for each name. The function it returns takes that back. Throws STREAM_NAME_BAD. */
  onStream(name: string, take: (stream: PeerStream) => void): () => void {
    return this.#started().streams.onStream(name, take);
  }

  /**
   * Asks a peer, and gives its answer; both have at most 16 MiB. Throws REQUEST_TIMED_OUT after 30 s, STREAM_BROKEN with the reason, and what
   * `openStream` throws. Whoever answers is told when nobody waits any more.
   */
  async request(to: PeerId, name: string, body: Uint8Array | string = '', options?: RequestOptions): Promise<Uint8Array> {
    return await this.#started().streams.request(to, name, body, options);
  }

  /** Answers requests of this name, one answerer for each name. What it throws, the one who asks gets as STREAM_BROKEN. Throws STREAM_NAME_BAD. */
  onRequest(name: string, answer: AnswerRequest): () => void {
    return this.#started().streams.onRequest(name, answer);
  }

  /** Sends 1..1197 bytes to a neighbour, once, now: `on('datagram')` there. Returns whether there is a session. Throws MESSAGE_TOO_LARGE. */
  sendDatagram(to: PeerId, message: Uint8Array): boolean {
    const { driver, protocol } = this.#started();
    if (message.length < 1 || message.length > datagramBytesMax) {
      throw new PeerError('MESSAGE_TOO_LARGE', `Cannot send a datagram: it has 1..${datagramBytesMax} bytes, got ${message.length}`);
    }
    if (!protocol.neighbours().some(({ peer }) => peer === to)) return false;
    driver.input({ kind: 'message', peer: to, bytes: message });
    return true;
  }

  /** Peers with a live session. `path`: straight to the address, or through another peer, which cannot read it and whose address it is. */
  neighbours(): readonly { readonly peer: PeerId; readonly address: Address; readonly path: 'direct' | 'relayed'; readonly rttMs: number | null }[] {
    return this.#started().protocol.neighbours().map(({ peer, address, relay, rttMs }) => ({ peer, address, path: relay === null ? 'direct' : 'relayed', rttMs }));
  }

  status(): PeerStatus {
    const { protocol, directory } = this.#started();
    return {
      neighbours: protocol.neighbours().length,
      observed: protocol.selfView().addresses,
      dropped: protocol.dropped.snapshot(),
      cache: { ...protocol.cacheUse(), lostOnDisk: directory?.log.stats().lostCount ?? 0 },
    };
  }

  /** What this peer has found out about the network it is in. */
  network(): NetworkReport {
    const { protocol, driver, lan, portMapping } = this.#started();
    return reportOf(protocol, driver.addresses, lan, portMapping);
  }

  /** Has neighbours try whom the NAT or firewall before this peer lets in. What comes of it, {@link network} tells within two seconds. */
  examine(): void {
    this.#started().driver.input({ kind: 'examine' });
  }

  /** The latest 100 warnings, oldest first: what was damaged in the directory, what the system refused. */
  get warnings(): readonly string[] {
    return this.#warnings;
  }

  /** Calls `listener` on each event; the function it returns takes it back. */
  on<Event extends keyof PeerEvents>(event: Event, listener: (detail: PeerEvents[Event]) => void): () => void {
    this.#listeners[event].add(listener);
    return () => this.#listeners[event].delete(listener);
  }

  /** Leaves: says goodbye to the neighbours, writes what is to be kept, closes sockets and files. Again does nothing. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#starting?.catch(() => undefined);
    for (const room of this.#rooms.values()) room.close();
    await this.#running?.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #start(): Promise<void> {
    const { clusterId, introducers = [] } = this.#options;
    this.#running = await startRunning(this.#options, { take: (event) => this.#take(event), warn: (message) => this.#warn(message) });
    await this.#running.files.restore();
    for (const warning of this.#running.directory?.warnings ?? []) this.#warn(warning);
    for (const introducer of introducers) this.connect(introducer);
    if (clusterId !== undefined) this.join(clusterId);
  }

  #take(event: PeerEvent): void {
    switch (event.kind) {
      case 'file':
        this.#running?.files.take(event.output);
        break;
      case 'stream':
        this.#running?.streams.take(event.event);
        break;
      case 'message':
        this.#tell('datagram', { from: event.peer, bytes: event.bytes });
        break;
      case 'delivered':
        this.#deliver(event.delivery, event.how);
        break;
      case 'neighbour-up':
        this.#running?.streams.up();
        this.#tell(event.kind, event);
        break;
      case 'neighbour-down':
        this.#tell(event.kind, event);
        break;
      case 'forked':
        this.#rooms.get(event.topic)?.takeFork(event);
        this.#tell('fork', event);
        break;
      case 'progress':
        this.#rooms.get(event.topic)?.takeProgress(event);
        break;
      case 'status':
        this.#rooms.get(event.topic)?.takeStatus(event.status);
        break;
      case 'recalled':
        this.#rooms.get(event.topic)?.takeRecalled();
        break;
      case 'sent':
        this.#sending.get(event.id)?.();
        this.#sending.delete(event.id);
        break;
      default:
        unreachable(event);
    }
  }

  #deliver(delivery: Delivery, how: DeliveryCause): void {
    const { from } = delivery;
    const packet = this.#rooms.get(delivery.topic)?.take(delivery, how);
    if (packet === undefined || from === null || packet.mine) return;
    callBack(() => this.onPacket?.(packet, portOf(from.address), hostOf(from.address)));
  }

  #tell<Event extends keyof PeerEvents>(event: Event, detail: PeerEvents[Event]): void {
    for (const listener of this.#listeners[event]) callBack(() => listener(detail));
  }

  #warn(message: string): void {
    this.#warnings.push(message);
    if (this.#warnings.length > warningsMax) this.#warnings.shift();
    this.#tell('warning', message);
  }

  readonly #roomHost = {
    publish: async (room: Room, message: string | Uint8Array, life: Life): Promise<Packet> => {
      const payload = typeof message === 'string' ? utf8(message) : message.slice();
      if (!room.isRecalled) await room.recalled; // it names what was here before it
      const { driver, directory, author } = this.#started();
      const events = driver.input({ kind: 'publish', topic: room.topic, payload, life });
      const published = events.find((event) => event.kind === 'delivered' && event.how === 'published');
      if (published?.kind !== 'delivered') throw closedError('publish');
      const packet = new Packet(published.delivery, room.name, author);
      const isOnItsWay = payload.length > packetMessageBytesMax && !events.some((event) => event.kind === 'sent');
      const sent = isOnItsWay ? new Promise<void>((resolve) => this.#sending.set(packet.id, resolve)) : undefined;
      await directory?.log.flush().catch((cause: unknown) => {
        throw new PeerError('PUBLISHED_NOT_KEPT', `Published ${packet.id}, but this disk did not keep it: ${String(cause)}`, { cause });
      });
      await sent;
      return packet;
    },
    leave: (room: Room): void => {
      if (this.#rooms.delete(room.topic)) this.#running?.driver.input({ kind: 'leave', topic: room.topic });
    },
    shareFile: async (room: Room, path: string, { message = (link) => link, ...options }: RoomShareOptions = {}): Promise<SharedFile> => {
      const file = await this.#started().files.share(path, room.key.topic.key, options);
      await room.publish(message(file.link), { life: 3 });
      return file;
    },
    invite: (room: Room): string => formatInvite({ room: room.key, peers: this.#reachablePeers() }),
    subscribers: (topic: TopicId): number => this.#started().protocol.subscribersOf(topic).length,
    missing: (topic: TopicId) => this.#started().protocol.missing(topic),
    status: (topic: TopicId) => this.#started().protocol.statusOf(topic),
    recall: (topic: TopicId): void => void this.#started().driver.input({ kind: 'recall', topic }),
  };

  /** This peer at each of its addresses as others would reach it, then neighbours that may introduce. */
  #reachablePeers(): readonly KnownPeer[] {
    const { protocol, driver } = this.#started();
    const own = [...protocol.selfView().addresses, ...driver.addresses].map((address) => ({ peer: protocol.id, address }));
    const others = protocol.neighbours().filter(({ relay }) => relay === null).map(({ peer, address }) => ({ peer, address }));
    return [...unique(own).slice(0, invitePeersMax - 1), ...others, ...unique(own).slice(invitePeersMax - 1)].slice(0, invitePeersMax);
  }

  #started(): Running {
    if (this.#isClosed) throw closedError('use the peer');
    if (this.#running === null) throw new PeerError('PEER_NOT_STARTED', 'Cannot use the peer: await init() first');
    return this.#running;
  }
}

const unique = (peers: readonly KnownPeer[]): readonly KnownPeer[] => [...new Map(peers.map((known) => [known.address, known])).values()];

const readPeers = (text: string): readonly KnownPeer[] => (text.trim().startsWith('srp:') ? parseInvite(text).peers : [parseKnownPeer(text)]);

const closedError = (action: string): SrpError => new PeerError('PEER_CLOSED', `Cannot ${action}: the peer was closed`);
