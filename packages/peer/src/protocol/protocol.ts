/**
 * The protocol that joins the layers: one machine that owns the others and translates between them. SPEC, Receiving an object.
 *
 * ```
 *  datagram ─▶ link ─▶ frame ──┬─▶ mesh        who knows whom, who gets what
 *                ▲             ├─▶ nat         introductions, addresses
 *                │             ├─▶ reconciler  what the other lacks
 *                │             └─▶ intake ─▶ cache ─▶ joined topic ─▶ app
 *                └────────────── frames and objects to send
 * ```
 *
 * Children never meet: what one puts out becomes another's input here, and nowhere else. Nothing here
 * waits, keeps time or touches the world. Invariants: an object is stored, passed on and delivered only
 * after its signature held, and at most once; whatever a remote sent and we refuse is counted.
 */
import { type CacheInput, PacketCache, type PacketRecord, Reconciler, type ReconcilerInput } from '@srp/cache';
import type { KeyPair, Topic } from '@srp/identity';
import { type ClosedReason, Link, type LinkInput, type LinkOutput, type SessionInfo } from '@srp/link';
import { type Address, type Bound, Counter, earliest, type Instant, type Machine, networkOf, type PacketId, type PeerId, type Random, sample, scopeOf, shortIdOf, tagOf, type TopicId, type TopicTag, unreachable, wakeup } from '@srp/machine';
import { Mesh, type MeshInput, type MeshOutput } from '@srp/mesh';
import { Nat, type NatInput, type NatOutput, type SelfView, type StoredBook } from '@srp/nat';
import type { DeliveryMode } from '@srp/stream';
import { decodeFrame, encodeFrame, type Frame, isObject, type Life, type NatBehaviour, openPacket, type Packet, postageBound, pullPostage, restamp } from '@srp/wire';
import { rememberedReached, restoredAtOnce, wantNeighbours } from '../constants.js';
import type { DeliveryCause, PeerDrop, PeerInput, PeerOutput } from './contract.js';
import { answerEarly, framesOf } from './early.js';
import { Intake } from './intake.js';
import type { JoinedTopic, Origin, TopicNews } from './joined-topic.js';
import { cachedContents, Topics } from './topics.js';

export interface PeerProtocolOptions {
  /** The installation's keys: they name this peer to its neighbours and sign no object. */
  readonly keys: KeyPair;
  /** Who signs what this peer publishes. */
  readonly author: KeyPair;
  readonly random: Random;
  /** Bytes of the shared cache; 16 MiB if absent. */
  readonly cacheBytes?: number;
  /** Push each new object to so many random subscribers among the neighbours, and leave it at that: the rule this protocol began with, to compare the mesh with. */
  readonly fanOut?: number;
  /** Told of each datagram with an object in it, before its `transmit` comes out: sessions are sealed, so a driver cannot see it. It must change nothing. */
  readonly onCarried?: (datagram: Uint8Array, id: PacketId) => void;
}

export class PeerProtocol implements Machine<PeerInput, PeerOutput> {
  readonly id: PeerId;
  readonly dropped = new Counter<PeerDrop>();
  readonly #link: Link;
  readonly #mesh: Mesh;
  readonly #nat: Nat;
  readonly #cache: PacketCache;
  readonly #reconciler: Reconciler;
  readonly #intake: Intake;
  readonly #topics: Topics;
  /** Peers whose session is open. The link also reports the end of attempts that never became one. */
  readonly #up = new Set<PeerId>();
  readonly #random: Random;
  readonly #fanOut: number | null;
  readonly #onCarried: PeerProtocolOptions['onCarried'];
  /** Connections that begin with the next wakeup, which is due: the first datagram tells what an app joins right after it connects. */
  #dials: Extract<NatOutput, { kind: 'connect' }>[] = [];
  #dialAt: Instant | null = null;
  #ownAddresses: readonly Address[] = [];
  #mapping: NatBehaviour = 'unknown';
  /** The object that is being passed on. */
  #inHand: Packet | null = null;
  #outputs: PeerOutput[] = [];

  constructor({ keys, author, random, cacheBytes, fanOut, onCarried }: PeerProtocolOptions) {
    this.#random = random.fork('peer');
    this.#fanOut = fanOut ?? null;
    this.#onCarried = onCarried;
    this.#topics = new Topics(author, random.fork('topics'));
    this.#link = new Link({ keys, random: random.fork('link'), answerEarly: (_now, words) => answerEarly(words, (asker, frame) => this.#mesh.answer(asker, frame)) });
    this.id = this.#link.self;
    this.#mesh = new Mesh({ self: this.id, random: random.fork('mesh'), has: (id, tag) => this.#cache.hasShort(id) || (this.#topics.get(tag) === undefined ? this.#intake.had(id) : this.#intake.hadOwn(id)) });
    this.#nat = new Nat({ self: this.id, random: random.fork('nat') });
    this.#cache = new PacketCache({ random: random.fork('cache'), ...(cacheBytes === undefined ? {} : { budgetBytes: cacheBytes }) });
    this.#intake = new Intake(random.fork('intake'));
    this.#reconciler = new Reconciler({
      random: random.fork('reconciler'),
      store: {
        knows: (id) => this.#cache.hasShort(id) || this.#intake.hadOwn(id),
        passed: (id) => this.#cache.hasShort(id) || this.#intake.had(id),
        idsOf: (tag, since) => this.#cache.idsOf(tag, since),
        sketchOf: (now, tag, since, mayMake) => this.#cache.sketchOf(now, tag, since, mayMake),
        byShortId: (id) => this.#cache.byShortId(id),
        byPrev: (prev, tag) => this.#cache.byPrev(prev, tag),
      },
    });
  }

  handle(now: Instant, input: PeerInput): readonly PeerOutput[] {
    this.#outputs = [];
    switch (input.kind) {
      case 'datagram':
        this.#toLink(now, input);
        break;
      case 'join':
        this.#join(now, input.topic, input.mode);
        break;
      case 'leave':
        this.#leave(now, tagOf(input.topic));
        break;
      case 'publish':
        this.#publish(now, this.#topics.of(input.topic), input.payload, input.life);
        break;
      case 'connect':
        this.#toNat(now, { kind: 'reach', peer: input.peer, address: input.address, via: [] });
        break;
      case 'found':
        this.#toNat(now, input);
        break;
      case 'restore':
        this.#restore(now, input.records, input.book);
        break;
      case 'listening':
        // A host may have an address, as of 240.0.0.0/4, that no peer can have: no frame takes it.
        this.#ownAddresses = input.addresses.filter((address) => scopeOf(address) !== 'forbidden');
        this.#describeSelf(now);
        break;
      case 'network-changed':
        this.#toLink(now, input);
        break;
      case 'stop':
        for (const { peer } of this.#link.sessions()) this.#toLink(now, { kind: 'disconnect', peer });
        break;
      case 'wakeup':
        this.#wake(now);
        break;
      default:
        unreachable(input);
    }
    return this.#outputs;
  }

  deadline(): Instant | null {
    return earliest(
      this.#dialAt,
      this.#link.deadline(),
      this.#mesh.deadline(),
      this.#nat.deadline(),
      this.#cache.deadline(),
      this.#reconciler.deadline(),
      this.#topics.deadline(),
    );
  }

  /** Neighbours with a live session. */
  neighbours(): readonly SessionInfo[] {
    return this.#link.sessions();
  }

  /** Neighbours that said they subscribe to the topic. */
  subscribersOf(topic: TopicId): readonly PeerId[] {
    return this.#mesh.subscribersOf(tagOf(topic));
  }

  /** Where others see this peer, most agreed first, and what that says about its NAT. */
  selfView(): SelfView {
    return this.#nat.selfView();
  }

  /** Recently known peers, as a JSON value for {@link PeerInput} `restore`. */
  book(): StoredBook {
    return this.#nat.book();
  }

  /** How full everything is that others can fill, children's too. */
  bounds(): readonly Bound[] {
    return [
      ...[this.#link, this.#mesh, this.#nat, this.#cache, this.#reconciler, ...this.#topics.all()].flatMap((child) => child.bounds()),
      { name: 'peer neighbours', size: this.#up.size, max: this.#link.sessions().length },
    ];
  }

  /** How full the shared cache is. */
  cacheUse(): { readonly objects: number; readonly bytes: number } {
    const { entryCount, bytes } = this.#cache.stats();
    return { objects: entryCount, bytes };
  }

  /** Ids of a joined topic known to exist, and not here. */
  missing(topic: TopicId): readonly PacketId[] {
    return this.#topics.of(topic).missing();
  }

  #wake(now: Instant): void {
    this.#dial(now);
    if (isDue(now, this.#link)) this.#toLink(now, wakeup);
    if (isDue(now, this.#nat)) this.#toNat(now, wakeup);
    this.#toMesh(now, wakeup); // whom it may try again is no deadline of it
    if (isDue(now, this.#cache)) this.#toCache(now, wakeup);
    if (isDue(now, this.#reconciler)) this.#toReconciler(now, wakeup);
    for (const joined of this.#topics.all()) if (isDue(now, joined)) this.#tell(now, joined, joined.wake(now), 'arrived');
  }

  #dial(now: Instant): void {
    const dials = this.#dials;
    if (dials.length === 0) return;
    this.#dials = [];
    this.#dialAt = null;
    for (const dial of dials) {
      const early = this.#mesh.greeting(dial.peer);
      // A FIND makes an INIT long, and an address that somebody else named may be that of a victim.
      const fitting = dial.isPaced ? early.filter(({ kind }) => kind === 'hello') : early;
      this.#toLink(now, { ...dial, early: fitting.map(encodeFrame) });
    }
  }

  // Topics

  #join(now: Instant, topic: Topic, mode: DeliveryMode): void {
    const joined = this.#topics.join(topic, mode);
    if (joined === null) return;
    this.#toCache(now, { kind: 'join', tag: topic.tag });
    for (const { packet, content } of cachedContents(this.#cache, topic)) {
      this.#intake.remember(now, packet.id, true);
      this.#tell(now, joined, joined.take(now, packet, content, null, true), 'restored');
    }
    this.#toMesh(now, { kind: 'join', tag: topic.tag });
  }

  #leave(now: Instant, tag: TopicTag): void {
    if (!this.#topics.leave(tag)) return;
    this.#toCache(now, { kind: 'leave', tag });
    this.#toReconciler(now, { kind: 'leave', tag });
    this.#toMesh(now, { kind: 'leave', tag });
  }

  #restore(now: Instant, records: readonly PacketRecord[], book: unknown): void {
    for (let at = 0; at < records.length; at += restoredAtOnce) {
      this.#toCache(now, { kind: 'restore', records: records.slice(at, at + restoredAtOnce) });
    }
    for (const { id } of records) if (this.#cache.has(id)) this.#intake.remember(now, id, false);
    if (book === null) return;
    this.#nat.restore(book);
    for (const { peer } of this.#nat.remembered().slice(0, rememberedReached)) {
      this.#toNat(now, { kind: 'reach', peer, via: [] });
    }
  }

  // Objects

  #publish(now: Instant, joined: JoinedTopic, payload: Uint8Array, life: Life): void {
    const packet = this.#topics.compose(now, joined, payload, life);
    this.#intake.remember(now, packet.id, true);
    this.#toCache(now, { kind: 'insert', packet, postage: packet.postage, pool: 'own', ingress: null });
    this.#read(now, joined, packet, null, 'published');
    this.#passOn(now, packet, null);
  }

  #objectArrived(now: Instant, from: Origin & object, bytes: Uint8Array): void {
    const admitted = this.#intake.admit(now, from.peer, bytes, (tag) => this.#topics.get(tag) !== undefined, (tag) => this.#mesh.carries(tag));
    if (!admitted.ok) {
      this.dropped.add(admitted.reason);
      if (admitted.again !== undefined) this.#toMesh(now, { kind: 'duplicate', ...admitted.again, from: from.peer });
      // A neighbour that gave what we asked for did as promised, even if our clocks differ.
      if (admitted.lateId !== undefined) this.#toReconciler(now, { kind: 'came', peer: from.peer, id: admitted.lateId });
      return;
    }
    const packet = admitted.value;
    const joined = this.#topics.get(packet.tag);
    const isReadable = joined !== undefined && this.#read(now, joined, packet, from, 'arrived');
    this.#toCache(now, { kind: 'insert', packet, postage: packet.postage, pool: isReadable ? 'subscribed' : 'stranger', ingress: networkOf(from.address) });
    this.#passOn(now, packet, from.peer, admitted.wasAsked);
  }

  /** Passes a new object on, also one that the cache did not take. */
  #passOn(now: Instant, packet: Packet, from: PeerId | null, isPulled = false): void {
    this.#inHand = packet;
    if (this.#fanOut === null) this.#toMesh(now, { kind: 'fresh', id: packet.id, tag: packet.tag, postage: packet.postage, from, isPulled });
    else this.#push(now, this.#anySubscribers(packet.tag, from, this.#fanOut), packet.id, packet.postage);
    this.#inHand = null;
  }

  #anySubscribers(tag: TopicTag, except: PeerId | null, count: number): readonly PeerId[] {
    const others = this.#mesh.subscribersOf(tag).filter((peer) => peer !== except);
    return sample(this.#random, others, count);
  }

  /** Opens an object of a joined topic and puts it in order. False if the topic's key does not open it. */
  #read(now: Instant, joined: JoinedTopic, packet: Packet, from: Origin, how: Exclude<DeliveryCause, 'restored'>): boolean {
    const content = openPacket(packet, joined.topic);
    if (!content.ok) {
      this.dropped.add(content.reason);
      return false;
    }
    this.#tell(now, joined, joined.take(now, packet, content.value, from, false), how);
    return true;
  }

  #tell(now: Instant, joined: JoinedTopic, news: TopicNews, how: DeliveryCause): void {
    for (const delivery of news.deliveries) this.#outputs.push({ kind: 'delivered', delivery, how });
    for (const { author, ids } of news.forks) this.#outputs.push({ kind: 'forked', topic: joined.topic.id, author, ids });
    for (const want of news.wants) {
      // A member may name two ids that begin alike; a WANT names none twice.
      const ids = [...new Set(want.ids.map(shortIdOf))];
      for (const id of ids) this.#intake.expect(id);
      for (const to of this.#whoMayHave(joined.topic.tag, want.from, want.attempt)) this.#send(now, to, encodeFrame({ kind: 'want', ids }));
    }
  }

  /** Whom to ask for a missing object: first who named it, then others of the topic, then anyone. */
  #whoMayHave(tag: TopicTag, namedBy: PeerId | null, attempt: number): readonly PeerId[] {
    if (attempt === 0 && namedBy !== null && this.#link.sessionOf(namedBy) !== null) return [namedBy];
    const members = this.#mesh.subscribersOf(tag);
    const pool = attempt <= 1 && members.length > 0 ? members : this.#link.sessions().map(({ peer }) => peer);
    return sample(this.#random, pool, wantNeighbours);
  }

  // Children's outputs, translated

  #toLink(now: Instant, input: LinkInput): void {
    for (const output of this.#link.handle(now, input)) {
      switch (output.kind) {
        case 'transmit':
          this.#outputs.push(output);
          break;
        case 'opened':
          this.#up.add(output.peer);
          this.#outputs.push({ kind: 'neighbour-up', peer: output.peer, address: output.address });
          this.#toNat(now, output);
          this.#toMesh(now, { kind: 'up', peer: output.peer, address: output.address, said: output.said.flatMap(framesOf), isDialled: output.role === 'initiator' });
          break;
        case 'closed':
          this.#closed(now, output);
          break;
        case 'moved':
          this.#toNat(now, output);
          this.#toMesh(now, output);
          break;
        case 'observed':
          this.#toNat(now, output);
          break;
        case 'received':
          this.#received(now, output);
          break;
        case 'punched':
          break; // it opened the way; the handshake that follows is what counts
        case 'dropped':
          this.dropped.add(output.reason);
          break;
        default:
          unreachable(output);
      }
    }
  }

  #closed(now: Instant, { peer, reason }: Extract<LinkOutput, { kind: 'closed' }>): void {
    if (!this.#up.delete(peer)) {
      this.#toNat(now, { kind: 'unreachable', peer });
      return;
    }
    this.#outputs.push({ kind: 'neighbour-down', peer, reason });
    this.#intake.forget(peer);
    this.#toNat(now, { kind: 'closed', peer, isUnneeded: reason === 'disconnected' || reason === 'unneeded' });
    this.#toMesh(now, { kind: 'down', peer, why: downWhy(reason) });
    this.#toReconciler(now, { kind: 'gone', peer });
  }

  #received(now: Instant, { peer, from, frame: bytes }: Extract<LinkOutput, { kind: 'received' }>): void {
    if (isObject(bytes)) {
      this.#objectArrived(now, { peer, address: from }, bytes);
      return;
    }
    const parsed = decodeFrame(bytes);
    if (!parsed.ok) this.dropped.add(parsed.reason);
    else this.#frameArrived(now, peer, parsed.value);
  }

  #frameArrived(now: Instant, peer: PeerId, frame: Frame): void {
    switch (frame.kind) {
      case 'hello':
      case 'find':
      case 'peers':
      case 'ihave':
      case 'prune':
        this.#toMesh(now, { kind: 'frame', peer, frame });
        break;
      case 'graft':
        this.#toMesh(now, { kind: 'frame', peer, frame });
        if (frame.ids.length > 0) this.#toReconciler(now, { kind: 'frame', peer, frame: { kind: 'want', ids: frame.ids } });
        break;
      case 'introduce':
      case 'call':
        this.#toNat(now, { kind: 'frame', peer, frame });
        break;
      case 'want':
      case 'want-after':
      case 'offer':
      case 'sync-request':
      case 'sync-symbols':
      case 'sync-ids':
        this.#toReconciler(now, { kind: 'frame', peer, frame });
        break;
      case 'ping':
      case 'pong':
      case 'bye':
        break; // the link has dealt with them
      default:
        unreachable(frame);
    }
  }

  #toMesh(now: Instant, input: MeshInput): void {
    for (const output of this.#mesh.handle(now, input)) {
      switch (output.kind) {
        case 'frame':
          if (output.frame.kind === 'graft') for (const id of output.frame.ids) this.#intake.expect(id);
          this.#send(now, output.to, encodeFrame(output.frame));
          break;
        case 'push':
          this.#push(now, output.to, output.id, output.postage);
          break;
        case 'reach':
          if (this.#link.sessionOf(output.peer) === null) this.#toNat(now, reachOf(output));
          break;
        case 'drop':
          this.#toLink(now, { kind: 'disconnect', peer: output.peer, why: 'unneeded' });
          break;
        case 'meet':
          this.#toReconciler(now, output);
          break;
        default:
          unreachable(output);
      }
    }
  }

  #toNat(now: Instant, input: NatInput): void {
    for (const output of this.#nat.handle(now, input)) {
      switch (output.kind) {
        case 'frame':
          this.#send(now, output.to, encodeFrame(output.frame));
          break;
        case 'punch':
          this.#toLink(now, output);
          break;
        case 'connect':
          this.#dials.push(output);
          this.#dialAt ??= now;
          break;
        case 'failed':
          this.#toMesh(now, { kind: 'failed', peer: output.peer });
          break;
        case 'self':
          this.#mapping = output.mapping;
          this.#describeSelf(now);
          break;
        case 'dropped':
          this.dropped.add(output.reason);
          break;
        default:
          unreachable(output);
      }
    }
  }

  #describeSelf(now: Instant): void {
    // Seen by others where it listens, so nothing translates: open, unless a firewall is before it.
    const openAt = this.#nat.selfView().addresses.find((address) => this.#ownAddresses.includes(address)) ?? null;
    const behaviour = openAt === null ? { mapping: this.#mapping, filtering: 'unknown' as const } : { mapping: 'independent' as const, filtering: 'independent' as const };
    this.#toMesh(now, { kind: 'self', addresses: this.#ownAddresses, ...behaviour, openAt });
  }

  #toCache(now: Instant, input: CacheInput): void {
    for (const output of this.#cache.handle(now, input)) {
      switch (output.kind) {
        case 'put':
        case 'delete':
          this.#outputs.push(output);
          break;
        case 'rebroadcast':
          this.#toMesh(now, output);
          break;
        case 'dropped':
          this.dropped.add(output.reason);
          break;
        case 'evicted':
        case 'expired':
        case 'purged':
        case 'removed':
          break; // the `delete` beside it says all that matters here
        default:
          unreachable(output);
      }
    }
  }

  #toReconciler(now: Instant, input: ReconcilerInput): void {
    for (const output of this.#reconciler.handle(now, input)) {
      switch (output.kind) {
        case 'frame':
          if (output.frame.kind === 'want') for (const id of output.frame.ids) this.#intake.expect(id);
          this.#send(now, output.to, encodeFrame(output.frame));
          break;
        case 'give':
          for (const id of output.ids) this.#give(now, output.to, id);
          break;
        case 'dropped':
          this.dropped.add(output.reason);
          break;
        default:
          unreachable(output);
      }
    }
  }

  /** Sends an object with `postage`, never more than its age allows. */
  #push(now: Instant, to: readonly PeerId[], id: PacketId, postage: number): void {
    const packet = this.#inHand?.id === id ? this.#inHand : this.#cache.get(id);
    if (packet === null) return;
    const bytes = restamp(packet.bytes, Math.max(0, Math.min(postage, postageBound(packet, now))));
    for (const peer of to) this.#sendObject(now, peer, id, bytes);
  }

  /** Sends an object to who asked for it: a request cannot multiply, so it travels on as if it were fresh. */
  #give(now: Instant, to: PeerId, id: PacketId): void {
    const packet = this.#cache.get(id);
    if (packet !== null) this.#sendObject(now, to, id, restamp(packet.bytes, pullPostage(packet, now)));
  }

  #sendObject(now: Instant, to: PeerId, id: PacketId, bytes: Uint8Array): void {
    const first = this.#outputs.length;
    this.#send(now, to, bytes);
    const sent = this.#outputs[first];
    if (sent?.kind === 'transmit') this.#onCarried?.(sent.bytes, id);
  }

  #send(now: Instant, to: PeerId, frame: Uint8Array): void {
    this.#toLink(now, { kind: 'send', peer: to, frame });
  }
}

/** Whether a child asked to be woken by now. To the others a wakeup would be an early one, which changes nothing and costs time. */
const isDue = (now: Instant, child: { deadline(): Instant | null }): boolean => {
  const at = child.deadline();
  return at !== null && now >= at;
};

/** What a session's end means to the mesh. */
const downWhy = (reason: ClosedReason): 'lost' | 'let-go' | 'refused' => {
  if (reason === 'unneeded') return 'refused';
  return reason === 'disconnected' || reason === 'replaced' ? 'let-go' : 'lost';
};

/** An address that the mesh heard of is no more than told: the app alone names one to be tried for ever. */
const reachOf = ({ peer, via, address }: Extract<MeshOutput, { kind: 'reach' }>): NatInput => ({ kind: 'reach', peer, via, ...(address === undefined ? {} : { told: address }) });
