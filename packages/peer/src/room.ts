/** A joined topic, as an app uses it. */
import { type AuthorId, BoundedMap, type PacketId, type TopicId } from '@srp/machine';
import { inCausalOrder, type TopicStatus } from '@srp/stream';
import type { Life } from '@srp/wire';
import { callBack } from './call-back.js';
import { forksMax, historyMax, unreadMax } from './constants.js';
import type { RoomShareOptions, SharedFile } from './files.js';
import { Packet } from './packet.js';
import type { Delivery, DeliveryCause, Fork, MessageProgress } from './protocol/index.js';
import type { RoomKey } from './room-key.js';
import { Unread } from './unread.js';

/** What a room needs of its peer. */
export interface RoomHost {
  publish(room: Room, message: string | Uint8Array, life: Life): Promise<Packet>;
  leave(room: Room): void;
  shareFile(room: Room, path: string, options?: RoomShareOptions): Promise<SharedFile>;
  invite(room: Room): string;
  subscribers(topic: TopicId): number;
  missing(topic: TopicId): readonly PacketId[];
  status(topic: TopicId): TopicStatus;
  recall(topic: TopicId): void;
}

/** How a message is published. */
export interface PublishOptions {
  /** How long others keep it: 0 two minutes (nobody caches it), 1 six hours, 2 a day (the default), 3 a week. */
  readonly life?: Life;
}

/**
 * A room: publish into it, read from it, invite others.
 *
 * @example
 * const room = peer.join('greetings');
 * await room.publish('hello, world');
 * for await (const packet of room.messages()) console.log(packet.author, packet.text);
 */
export class Room implements AsyncDisposable {
  readonly key: RoomKey;
  /**
   * Resolves when all that this peer held of the room when it was joined is in the history, or the room was left. Ten thousand packets take a
   * second or two, in which the peer does other things; who reads the history before holds it up until they are there.
   */
  readonly recalled: Promise<void>;
  /** Called with each new packet of another author, as it arrives. */
  onPacket: ((packet: Packet) => void) | null = null;
  /** Called while the parts of a message above one packet come in. */
  onProgress: ((progress: MessageProgress) => void) | null = null;
  /** Called when `status()` has changed. */
  onStatus: ((status: TopicStatus) => void) | null = null;
  readonly #host: RoomHost;
  readonly #self: AuthorId;
  readonly #history = new BoundedMap<PacketId, Packet>(historyMax);
  readonly #forks: Fork[] = [];
  readonly #readers = new Set<Unread<Packet>>();
  #isRecalled = false;
  #onRecalled: () => void = () => undefined;

  /** Use `peer.join`. */
  constructor(key: RoomKey, host: RoomHost, self: AuthorId) {
    this.key = key;
    this.#host = host;
    this.#self = self;
    this.recalled = new Promise((resolve) => {
      this.#onRecalled = resolve;
    });
  }

  get name(): string {
    return this.key.name;
  }

  get topic(): TopicId {
    return this.key.topic.id;
  }

  get isPrivate(): boolean {
    return this.key.isPrivate;
  }

  /**
   * Publishes a text (as UTF-8) or bytes, at most 61 440. Resolves when the packet is on this peer's disk (if it has
   * a directory) and was sent to whoever is there; that nobody is there is no error. Above some 1000 bytes it is sent in parts, at 48 a
   * second after the first 122: wait for one `publish` before the next.
   * Throws MESSAGE_TOO_LARGE, SENDING_BEHIND, PEER_CLOSED, and PUBLISHED_NOT_KEPT if it was sent and the disk did not take it.
   */
  async publish(message: string | Uint8Array, { life = 2 }: PublishOptions = {}): Promise<Packet> {
    return await this.#host.publish(this, message, life);
  }

  /**
   * Shares a file and tells the room: others see `packet.file`, and fetch it with `peer.fetchFile`. Only members can. It is not published
   * itself, so it can have any size, and can be fetched as long as somebody who has it is there. Who shares the same file in one room
   * shares it together. Throws FILE_UNREADABLE, FILE_CHANGED, FILE_LINK_BAD, FILE_SIZE_WRONG, and what `publish` throws.
   */
  async shareFile(path: string, options?: RoomShareOptions): Promise<SharedFile> {
    return await this.#host.shareFile(this, path, options);
  }

  /** New packets of other authors, from this call on, until the signal aborts, the room is left or the peer closes. */
  messages({ signal }: { readonly signal?: AbortSignal } = {}): AsyncIterable<Packet> {
    const reader = new Unread<Packet>(unreadMax, () => this.#readers.delete(reader), signal);
    if (signal?.aborted !== true) this.#readers.add(reader);
    return reader;
  }

  /** The latest 2048 packets this peer knows of, its own too, in causal order: the same order at every peer. */
  history(): readonly Packet[] {
    const items = [...this.#known().values()].map((packet) => ({
      id: packet.id,
      prev: packet.previous,
      parents: packet.parents,
      time: Math.floor(packet.sentAtMs / 1000),
      ms: packet.sentAtMs % 1000,
      packet,
    }));
    return inCausalOrder(items).map(({ packet }) => packet);
  }

  /** A packet of the history by its id. */
  packet(id: PacketId): Packet | undefined {
    return this.#known().get(id);
  }

  /** The packets of the history that a packet names: its author's before it, and those of others that he had seen, the latest first. */
  before(packet: Packet): readonly Packet[] {
    return [...(packet.previous === null ? [] : [packet.previous]), ...packet.parents].flatMap((id) => this.#known().get(id) ?? []);
  }

  /** The packets of the history that name a packet, in their order. */
  after({ id }: Packet): readonly Packet[] {
    return this.history().filter(({ previous, parents }) => previous === id || parents.includes(id));
  }

  /**
   * How far this room is known to be whole here: `synced` if everything that packets here name is here, `missing` while some of it is
   * asked for, `lost` if some was asked for in vain. What nobody here has named nobody can know of: a room without neighbours is synced.
   */
  status(): TopicStatus {
    return this.#host.status(this.topic);
  }

  /** Ids of packets, and parts of packets, known to exist that have not arrived. */
  missing(): readonly PacketId[] {
    return this.#host.missing(this.topic);
  }

  /** The latest 64 forks, oldest first: what one author said differently in one place, with both packets as he signed them. */
  forks(): readonly Fork[] {
    return [...this.#forks];
  }

  /** How many neighbours subscribe to this room. */
  subscribers(): number {
    return this.#host.subscribers(this.topic);
  }

  /** A link with which others join: the room, its key if it is private, this peer and up to 3 others. */
  invite(): string {
    return this.#host.invite(this);
  }

  /** Leaves the room: its iterators end, nothing more arrives. */
  leave(): void {
    this.close();
    this.#host.leave(this);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.leave();
    await Promise.resolve();
  }

  /** @internal Takes what the protocol delivers. */
  take(delivery: Delivery, how: DeliveryCause): Packet {
    const packet = new Packet(delivery, this.name, this.#self);
    this.#history.set(packet.id, packet);
    if (how === 'arrived' && !packet.mine) {
      callBack(() => this.onPacket?.(packet));
      for (const reader of this.#readers) reader.push(packet);
    }
    return packet;
  }

  /** @internal */
  takeProgress(progress: MessageProgress): void {
    callBack(() => this.onProgress?.(progress));
  }

  /** @internal */
  takeFork({ topic, author, ids, packets }: Fork): void {
    this.#forks.push({ topic, author, ids, packets });
    if (this.#forks.length > forksMax) this.#forks.shift();
  }

  /** @internal */
  takeStatus(status: TopicStatus): void {
    callBack(() => this.onStatus?.(status));
  }

  /** @internal Whether `recalled` has resolved. */
  get isRecalled(): boolean {
    return this.#isRecalled;
  }

  /** @internal */
  takeRecalled(): void {
    this.#isRecalled = true;
    this.#onRecalled();
  }

  /** @internal Ends the iterators. */
  close(): void {
    this.takeRecalled();
    for (const reader of [...this.#readers]) reader.close();
  }

  /** The history, whole. */
  #known(): BoundedMap<PacketId, Packet> {
    if (!this.#isRecalled) this.#host.recall(this.topic);
    return this.#history;
  }
}
