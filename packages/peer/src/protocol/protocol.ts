/**
 * A peer without a world: one machine that owns the machines of all layers. SPEC, Receiving an object.
 *
 * ```
 *   datagram, join, publish, ... ──▶ protocol.ts ──▶ exchange.ts ──▶ link, mesh, nat, cache, reconciler, custody
 *   transmit, delivered, put, ... ◀──────────────────────┘  ▲              │
 *                                                           └──────────────┘
 * ```
 *
 * Here stands what an app or a driver may say and ask. Children never meet: exchange.ts makes one's output another's input.
 * Nothing here waits, keeps time or touches the world.
 */
import type { PacketRecord } from '@srp/cache';
import type { SessionInfo } from '@srp/link';
import { type Bound, type Counter, type Instant, type Machine, type PacketId, type PeerId, tagOf, type TopicId, type TopicTag, unreachable } from '@srp/machine';
import type { Filtering, SelfView, StoredBook } from '@srp/nat';
import type { TopicStatus } from '@srp/stream';
import type { FetchProgress } from '@srp/transfer';
import { encodeMessage } from '@srp/wire';
import { joinSoonMs, rememberedReached, restoredAtOnce } from '../constants.js';
import { type Children, makeChildren } from './children.js';
import type { PeerDrop, PeerInput, PeerOutput, PeerProtocolOptions } from './contract.js';
import { Exchange } from './exchange.js';
import type { Reach } from './self.js';

export class PeerProtocol implements Machine<PeerInput, PeerOutput> {
  readonly id: PeerId;
  readonly dropped: Counter<PeerDrop>;
  readonly #children: Children;
  readonly #exchange: Exchange;

  constructor(options: PeerProtocolOptions) {
    this.#children = makeChildren(options);
    this.#exchange = new Exchange(this.#children, options);
    this.dropped = this.#exchange.dropped;
    this.id = this.#children.link.self;
  }

  handle(now: Instant, input: PeerInput): readonly PeerOutput[] {
    const { topics } = this.#children;
    const exchange = this.#exchange;
    const outputs = exchange.begin();
    switch (input.kind) {
      case 'datagram':
        exchange.toLink(now, input);
        break;
      case 'join':
        exchange.objects.join(now, input.topic, input.mode);
        break;
      case 'leave':
        this.#leave(now, tagOf(input.topic));
        break;
      case 'publish':
        exchange.objects.publish(now, topics.of(input.topic), input.payload, input.life);
        break;
      case 'recall':
        exchange.objects.recall(now, topics.of(input.topic), Infinity);
        break;
      case 'connect':
        exchange.toNat(now, { kind: 'reach', peer: input.peer, address: input.address, via: [] });
        break;
      case 'sockets':
      case 'found':
      case 'examine':
        exchange.toNat(now, input);
        break;
      case 'restore':
        this.#restore(now, input.records, input.book);
        break;
      case 'listening':
        exchange.listening(now, input.addresses);
        break;
      case 'mapped':
        exchange.mapped(now, input.address);
        break;
      case 'network-changed':
        exchange.networkChanged(now);
        for (const { topic } of topics.all()) exchange.toCustody(now, { kind: 'hurry', tag: topic.tag, afterMs: joinSoonMs });
        break;
      case 'file':
        exchange.toFiles(now, input.input);
        break;
      case 'stream':
        exchange.toStreams(now, input.input);
        break;
      case 'message':
        exchange.bulk.say(input.peer, encodeMessage(input.bytes));
        break;
      case 'reach':
        exchange.meet(now, input.peer);
        break;
      case 'stop':
        exchange.objects.stop(now);
        for (const { peer } of this.neighbours()) exchange.toLink(now, { kind: 'disconnect', peer });
        break;
      case 'wakeup':
        exchange.wake(now);
        break;
      default:
        unreachable(input);
    }
    exchange.finish(now);
    return outputs;
  }

  deadline(): Instant | null {
    return this.#exchange.deadline();
  }

  /** Neighbours with a live session. */
  neighbours(): readonly SessionInfo[] {
    return this.#children.link.sessions();
  }

  /** Neighbours that said they subscribe to the topic. */
  subscribersOf(topic: TopicId): readonly PeerId[] {
    return this.#children.mesh.subscribersOf(tagOf(topic));
  }

  /** Where others see this peer, most agreed first, and what that says about its NAT. */
  selfView(): SelfView {
    return this.#children.nat.selfView();
  }

  /** Whom the NAT or firewall before this peer lets in, since it was examined. */
  filtering(): Filtering {
    return this.#children.nat.filtering();
  }

  /** What this peer tells others about how it can be reached, and how far its clock is off. */
  reach(): Reach {
    return this.#exchange.reach;
  }

  /** By how much this peer's clock is ahead of those of its neighbours: the median, in milliseconds, exact to half a second; `null` if none has told. */
  clockAheadMs(): number | null {
    return this.#exchange.clockAheadMs();
  }

  /** Recently known peers, as a JSON value for {@link PeerInput} `restore`. */
  book(): StoredBook {
    return this.#children.nat.book();
  }

  /** How full everything is that others can fill, children's too. */
  bounds(): readonly Bound[] {
    const { link, mesh, nat, cache, reconciler, custody, topics, files, streams } = this.#children;
    return [
      ...[link, mesh, nat, cache, reconciler, files, streams, ...(custody === null ? [] : [custody]), ...topics.all()].flatMap((child) => child.bounds()),
      { name: 'peer neighbours', size: this.#exchange.up.size, max: link.sessionCount },
    ];
  }

  /** How far a fetch is; `null` if it is over. */
  fetchProgress(now: Instant, transfer: number): FetchProgress | null {
    return this.#children.files.progress(now, transfer);
  }

  /** How full the shared cache is. */
  cacheUse(): { readonly objects: number; readonly bytes: number } {
    const { entryCount, bytes } = this.#children.cache.stats();
    return { objects: entryCount, bytes };
  }

  /** Ids of a joined topic known to exist, and not here. */
  missing(topic: TopicId): readonly PacketId[] {
    return this.#children.topics.of(topic).missing();
  }

  /** How far a joined topic is known to be whole. */
  statusOf(topic: TopicId): TopicStatus {
    return this.#children.topics.of(topic).status();
  }

  #leave(now: Instant, tag: TopicTag): void {
    if (!this.#children.topics.leave(tag)) return;
    this.#exchange.toCache(now, { kind: 'leave', tag });
    this.#exchange.toReconciler(now, { kind: 'leave', tag });
    this.#exchange.toMesh(now, { kind: 'leave', tag });
  }

  #restore(now: Instant, records: readonly PacketRecord[], book?: unknown): void {
    const { cache, intake, nat } = this.#children;
    for (let at = 0; at < records.length; at += restoredAtOnce) {
      this.#exchange.toCache(now, { kind: 'restore', records: records.slice(at, at + restoredAtOnce) });
    }
    for (const { id } of records) if (cache.has(id)) intake.remember(now, id, false);
    if (book === undefined) return; // there is more
    this.#exchange.toCustody(now, { kind: 'restored', tags: cache.tags() });
    if (book === null) return;
    nat.restore(book);
    for (const { peer } of nat.remembered().slice(0, rememberedReached)) {
      this.#exchange.toNat(now, { kind: 'reach', peer, via: [] });
    }
  }
}
