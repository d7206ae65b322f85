/**
 * What becomes of an object: from the app or a neighbour to the cache, the app and others. SPEC, Receiving an object.
 *
 * ```
 *   publish ──▶ compose ─┐                                                         (parts of long messages a few at a time)
 *   arrived ──▶ intake ──┴─▶ read (open, put in order, tell the app) ─▶ cache ─▶ pass on
 *                                 └─ named and not here ─▶ WANT
 * ```
 *
 * An object is stored, passed on and delivered only after its signature held, and at most once.
 */
import type { CacheInput, PacketCache, Pool, ReconcilerInput } from '@srp/cache';
import type { Topic } from '@srp/identity';
import { type Counter, type Instant, networkOf, type PacketId, type PeerId, type Random, sample, shortIdOf, type TopicTag } from '@srp/machine';
import type { Mesh, MeshInput } from '@srp/mesh';
import type { DeliveryMode } from '@srp/stream';
import { encodeFrame, type Life, messageBytesMax, openPacket, type Packet, partsMax, postageBound, pullPostage, withPostage } from '@srp/wire';
import { dutySoonMs, joinSoonMs, offeredSubscribers, recallStep, wantNeighbours } from '../constants.js';
import type { DeliveryCause, PeerDrop, PeerOutput } from './contract.js';
import type { CustodyInput } from './custody.js';
import { PeerError } from '../errors.js';
import { packetMessageBytesMax } from './envelope.js';
import type { Intake } from './intake.js';
import type { JoinedTopic, Origin, TopicNews } from './joined-topic.js';
import { Outbox, type Outgoing } from './outbox.js';
import type { Topics } from './topics.js';

/** The machines that objects go through, and the ways to them. */
export interface ObjectsOptions {
  readonly topics: Topics;
  readonly intake: Intake;
  readonly cache: PacketCache;
  readonly mesh: Mesh;
  readonly random: Random;
  readonly dropped: Counter<PeerDrop>;
  /** Push each new object to so many random subscribers among the neighbours, instead of along the mesh. */
  readonly fanOut: number | null;
  /** Whether it keeps objects of topics that are not joined. */
  readonly keepsForOthers: boolean;
  readonly toCache: (now: Instant, input: CacheInput) => void;
  readonly toCustody: (now: Instant, input: CustodyInput) => void;
  readonly toMesh: (now: Instant, input: MeshInput) => void;
  readonly toReconciler: (now: Instant, input: ReconcilerInput) => void;
  readonly say: (to: PeerId, frame: Uint8Array) => void;
  readonly sendObject: (now: Instant, to: PeerId, id: PacketId, bytes: Uint8Array) => void;
  readonly neighbours: () => readonly PeerId[];
  readonly tell: (output: PeerOutput) => void;
}

export class Objects {
  readonly #ways: ObjectsOptions;
  readonly #outbox = new Outbox();
  /** The object that is being passed on. */
  #inHand: Packet | null = null;

  constructor(options: ObjectsOptions) {
    this.#ways = options;
  }

  /** The app publishes. Throws MESSAGE_TOO_LARGE, SENDING_BEHIND, and what composing throws. */
  publish(now: Instant, joined: JoinedTopic, payload: Uint8Array, life: Life): void {
    const { topics, intake, mesh, toCache } = this.#ways;
    if (payload.length > messageBytesMax) {
      throw new PeerError('MESSAGE_TOO_LARGE', `Cannot publish: a message has at most ${messageBytesMax} bytes, got ${payload.length}; share what is larger as a file`);
    }
    const isLong = payload.length > packetMessageBytesMax;
    if (isLong && !this.#outbox.hasRoom(partsMax + 1)) {
      throw new PeerError('SENDING_BEHIND', `Cannot publish: ${this.#outbox.size} parts of messages wait to be sent already; wait until a publish resolves`);
    }
    this.recall(now, joined, Infinity); // it names what was here before it
    const run = topics.compose(now, joined, payload, life);
    for (const packet of run) {
      intake.remember(now, packet.id, true);
      toCache(now, { kind: 'insert', packet, postage: packet.postage, pool: 'unsent', ingress: null });
      this.#read(now, joined, packet, null, 'published');
    }
    if (isLong) {
      this.#outbox.add(now, { packets: run, holders: mesh.holdersFor(joined.topic.tag) });
      this.#passOut(now, this.#outbox.take(now));
    } else for (const packet of run) this.#sent(now, packet);
  }

  /** When the next part of a long message of ours is passed on. */
  deadline(): Instant | null {
    return this.#outbox.deadline();
  }

  /** The peer is about to stop: what waits to be passed on goes now. */
  stop(now: Instant): void {
    this.#passOut(now, this.#outbox.takeAll());
  }

  /** A neighbour sends an object. */
  arrived(now: Instant, from: Origin & object, bytes: Uint8Array): void {
    const { topics, intake, mesh, cache, dropped, toMesh, toReconciler } = this.#ways;
    const admitted = intake.admit(now, from.peer, bytes, (tag) => topics.get(tag) !== undefined, (tag) => mesh.carries(tag));
    if (!admitted.ok) {
      dropped.add(admitted.reason);
      if (admitted.again !== undefined) toMesh(now, { kind: 'duplicate', ...admitted.again, from: from.peer });
      // A neighbour that gave what we asked for did as promised, even if our clocks differ.
      if (admitted.lateId !== undefined) toReconciler(now, { kind: 'came', peer: from.peer, id: admitted.lateId });
      return;
    }
    const packet = admitted.value;
    const joined = topics.get(packet.tag);
    const isReadable = joined !== undefined && this.#read(now, joined, packet, from, 'arrived');
    this.#keep(now, packet, isReadable ? 'subscribed' : mesh.keeps(now, packet.tag) ? 'duty' : 'stranger', from, admitted.wasAsked);
    this.#passOn(now, packet, from.peer, admitted.wasAsked);
    if (admitted.wasAsked && joined === undefined && cache.has(packet.id)) this.#offer(now, packet, from.peer);
  }

  /** The app joins a topic: what the cache holds of it comes first. */
  join(now: Instant, topic: Topic, mode: DeliveryMode): void {
    const { topics, cache, toCache, toCustody, toMesh } = this.#ways;
    const joined = topics.join(topic, mode, cache.idsOf(topic.tag));
    if (joined === null) return;
    toCache(now, { kind: 'join', tag: topic.tag });
    this.recall(now, joined, recallStep);
    toMesh(now, { kind: 'join', tag: topic.tag });
    toCustody(now, { kind: 'hurry', tag: topic.tag, afterMs: joinSoonMs });
  }

  /** More of what the cache held of a topic comes out: so many steps of it. */
  recall(now: Instant, joined: JoinedTopic, stepCount: number): void {
    const { intake, tell } = this.#ways;
    const recalled = joined.recall(now, stepCount);
    if (recalled === null) return;
    for (const { id, news, how } of recalled) {
      intake.remember(now, id, true);
      this.#tell(joined, news, how);
    }
    if (joined.isRecalled) tell({ kind: 'recalled', topic: joined.topic.id });
  }

  /** Time has passed: what waits for its past in a topic may go on. */
  wake(now: Instant, joined: JoinedTopic): void {
    this.recall(now, joined, recallStep);
    this.#tell(joined, joined.wake(now), 'arrived');
  }

  /** Time has passed: more of a long message of ours is passed on. */
  release(now: Instant): void {
    this.#passOut(now, this.#outbox.take(now));
  }

  /** Sends an object with `postage`, never more than its age allows. */
  push(now: Instant, to: readonly PeerId[], id: PacketId, postage: number): void {
    const packet = this.#inHand?.id === id ? this.#inHand : this.#ways.cache.get(id);
    if (packet === null) return;
    const { bytes } = withPostage(packet, Math.max(0, Math.min(postage, postageBound(packet, now))));
    for (const peer of to) this.#ways.sendObject(now, peer, id, bytes);
    this.#ensure(now, packet.tag, to);
  }

  /** Where a topic has few links, nobody else may tell a subscriber of what was lost on the way to it. */
  #ensure(now: Instant, tag: TopicTag, among: readonly PeerId[] | null): void {
    const { mesh, toReconciler } = this.#ways;
    if (!mesh.isSparse(tag)) return;
    for (const peer of mesh.subscribersOf(tag)) if (among?.includes(peer) !== false) toReconciler(now, { kind: 'pushed', peer, tag });
  }

  /** Sends an object to who asked for it: a request cannot multiply, so it travels on as if it were fresh. */
  give(now: Instant, to: PeerId, id: PacketId): void {
    const packet = this.#ways.cache.get(id);
    if (packet !== null) this.#ways.sendObject(now, to, id, withPostage(packet, pullPostage(packet, now)).bytes);
  }

  #passOut(now: Instant, outgoing: readonly Outgoing[]): void {
    for (const { packet, run } of outgoing) {
      const isLast = packet === run.packets.at(-1);
      if (isLast) this.#sent(now, packet, run.holders);
      else this.#passOn(now, packet, null, false, run.holders);
      if (!isLast) continue;
      // What went beyond a holder's rate he asks for, which no rate forbids.
      const ids = run.packets.map(({ id }) => shortIdOf(id));
      if (packet.life > 0) for (const peer of run.holders) this.#ways.toReconciler(now, { kind: 'offer', peer, tag: packet.tag, ids });
      this.#ways.tell({ kind: 'sent', id: packet.id });
    }
  }

  /** A message of ours goes out, or the last object of it: its keepers are to have it soon. */
  #sent(now: Instant, packet: Packet, holders?: readonly PeerId[]): void {
    const { mesh, toCustody } = this.#ways;
    this.#passOn(now, packet, null, false, holders);
    this.#ensure(now, packet.tag, null);
    if (packet.life === 0) return;
    toCustody(now, { kind: 'held', tag: packet.tag, life: packet.life });
    if (mesh.isCold(packet.tag)) toCustody(now, { kind: 'hurry', tag: packet.tag, afterMs: 0 });
  }

  #keep(now: Instant, packet: Packet, pool: Pool, from: Origin & object, wasAsked: boolean): void {
    const { cache, keepsForOthers, toCache, toCustody } = this.#ways;
    if (pool !== 'subscribed' && !keepsForOthers) return;
    const { id, tag, life, postage } = packet;
    toCache(now, { kind: 'insert', packet, postage, pool, ingress: networkOf(from.address) });
    if (life === 0 || !cache.has(id)) return;
    toCustody(now, { kind: 'held', tag, life });
    if (pool !== 'subscribed' && !wasAsked) toCustody(now, { kind: 'hurry', tag, afterMs: dutySoonMs });
  }

  /** Passes a new object on, also one that the cache did not take. */
  #passOn(now: Instant, packet: Packet, from: PeerId | null, isPulled = false, holders?: readonly PeerId[]): void {
    const { fanOut, toMesh } = this.#ways;
    this.#inHand = packet;
    if (fanOut === null) toMesh(now, { kind: 'fresh', id: packet.id, tag: packet.tag, postage: packet.postage, from, isPulled, ...(holders === undefined ? {} : { holders }) });
    else this.push(now, this.#anySubscribers(packet, from, fanOut), packet.id, packet.postage);
    this.#inHand = null;
  }

  /** Tells subscribers of what was fetched from somebody else and kept: they may have asked just before it came, and wait. */
  #offer(now: Instant, packet: Packet, from: PeerId): void {
    for (const peer of this.#anySubscribers(packet, from, offeredSubscribers)) this.#ways.toReconciler(now, { kind: 'offer', peer, tag: packet.tag, ids: [shortIdOf(packet.id)] });
  }

  #anySubscribers({ tag }: Packet, except: PeerId | null, count: number): readonly PeerId[] {
    const { mesh, random } = this.#ways;
    return sample(random, mesh.subscribersOf(tag).filter((peer) => peer !== except), count);
  }

  /** Opens an object of a joined topic and puts it in order. False if the topic's key does not open it. */
  #read(now: Instant, joined: JoinedTopic, packet: Packet, from: Origin, how: Exclude<DeliveryCause, 'restored'>): boolean {
    const content = openPacket(packet, joined.topic);
    if (!content.ok) {
      this.#ways.dropped.add(content.reason);
      return false;
    }
    this.#tell(joined, joined.take(now, { packet, content: content.value, from }), how);
    return true;
  }

  #tell(joined: JoinedTopic, news: TopicNews, how: DeliveryCause): void {
    const { intake, cache, dropped, say, tell } = this.#ways;
    for (const reason of news.drops) dropped.add(reason);
    for (const progress of news.progress) tell({ kind: 'progress', ...progress });
    for (const delivery of news.deliveries) tell({ kind: 'delivered', delivery, how });
    for (const fork of news.forks) tell({ kind: 'forked', ...fork });
    if (news.status !== null) tell({ kind: 'status', topic: joined.topic.id, status: news.status });
    for (const want of news.wants) {
      // A `next` can name anything, also what is here.
      const ids = want.ids.filter((id) => !intake.hadOwn(id) && !cache.hasShort(id));
      if (ids.length === 0) continue;
      for (const id of ids) intake.expect(id);
      for (const to of this.#whoMayHave(joined, want.from, want.attempt)) say(to, encodeFrame({ kind: 'want', ids }));
    }
  }

  /** Whom to ask for a missing object: first who named it, then others of the topic, then those who keep it, or anyone. */
  #whoMayHave({ topic }: JoinedTopic, namedBy: PeerId | null, attempt: number): readonly PeerId[] {
    const { mesh, random } = this.#ways;
    const neighbours = this.#ways.neighbours();
    if (attempt === 0 && namedBy !== null && neighbours.includes(namedBy)) return [namedBy];
    const members = mesh.subscribersOf(topic.tag);
    const keepers = mesh.keepersOf(topic.tag);
    return sample(random, attempt <= 1 && members.length > 0 ? members : keepers.length > 0 ? keepers : neighbours, wantNeighbours);
  }
}
