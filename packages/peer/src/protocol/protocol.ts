/**
 * The protocol that joins the layers: one machine that owns the others and translates between them. SPEC, Receiving an object.
 *
 * ```
 *  datagram ─▶ link ─▶ frame ──┬─▶ mesh        who knows whom, who gets what
 *                ▲             ├─▶ nat         introductions, addresses
 *                │             ├─▶ reconciler  what the other lacks
 *                │             └─▶ intake ─▶ cache ─▶ joined topic ─▶ app
 *                └────────────── frames and objects to send       custody ─▶ mesh, reconciler, cache
 * ```
 *
 * Children never meet: what one puts out becomes another's input here, and nowhere else. Nothing here
 * waits, keeps time or touches the world. What becomes of an object says objects.ts, and what they look up in each other
 * children.ts; whatever a remote sent and we refuse is
 * counted.
 */
import type { CacheInput, PacketCache, PacketRecord, Reconciler, ReconcilerInput } from '@srp/cache';
import type { ClosedReason, Link, LinkInput, LinkOutput, SessionInfo } from '@srp/link';
import { type Address, type Bound, Counter, earliest, type Instant, type Machine, type PacketId, type PeerId, scopeOf, tagOf, type TopicId, type TopicTag, unreachable, wakeup } from '@srp/machine';
import type { Mesh, MeshInput, MeshOutput } from '@srp/mesh';
import type { Nat, NatInput, SelfView, StoredBook } from '@srp/nat';
import { decodeFrame, encodeFrame, type Frame, isObject, type NatBehaviour } from '@srp/wire';
import { joinSoonMs, redialledMax, rememberedReached, restoredAtOnce } from '../constants.js';
import { makeChildren } from './children.js';
import type { PeerDrop, PeerInput, PeerOutput, PeerProtocolOptions } from './contract.js';
import type { Custody, CustodyInput } from './custody.js';
import { framesOf } from './early.js';
import { Dials } from './dials.js';
import type { Intake } from './intake.js';
import { Objects } from './objects.js';
import type { Topics } from './topics.js';

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
  readonly #objects: Objects;
  readonly #dials = new Dials();
  /** When each child wants to be woken. Asked after each input of a child, which alone can change it: each datagram goes to few of them. */
  readonly #due: Record<'link' | 'mesh' | 'nat' | 'cache' | 'reconciler', Instant | null> = { link: null, mesh: null, nat: null, cache: null, reconciler: null };
  readonly #custody: Custody | null;
  /** Peers whose session is open. The link also reports the end of attempts that never became one. */
  readonly #up = new Map<PeerId, Address>();
  readonly #onCarried: PeerProtocolOptions['onCarried'];
  #ownAddresses: readonly Address[] = [];
  #mapping: NatBehaviour = 'unknown';
  #outputs: PeerOutput[] = [];

  constructor(options: PeerProtocolOptions) {
    const { link, mesh, nat, cache, reconciler, intake, topics, custody, chooser } = makeChildren(options);
    this.#link = link;
    this.#mesh = mesh;
    this.#nat = nat;
    this.#cache = cache;
    this.#reconciler = reconciler;
    this.#intake = intake;
    this.#topics = topics;
    this.#custody = custody;
    this.#onCarried = options.onCarried;
    this.id = link.self;
    this.#objects = new Objects({
      topics,
      intake,
      cache,
      mesh,
      random: chooser,
      dropped: this.dropped,
      fanOut: options.fanOut ?? null,
      keepsForOthers: options.custody !== 'none',
      toCache: (now, input) => this.#toCache(now, input),
      toCustody: (now, input) => this.#toCustody(now, input),
      toMesh: (now, input) => this.#toMesh(now, input),
      toReconciler: (now, input) => this.#toReconciler(now, input),
      send: (now, to, frame) => this.#send(now, to, frame),
      sendObject: (now, to, id, bytes) => this.#sendObject(now, to, id, bytes),
      neighbours: () => link.sessions().map(({ peer }) => peer),
      tell: (output) => this.#outputs.push(output),
    });
  }

  handle(now: Instant, input: PeerInput): readonly PeerOutput[] {
    this.#outputs = [];
    switch (input.kind) {
      case 'datagram':
        this.#toLink(now, input);
        break;
      case 'join':
        this.#objects.join(now, input.topic, input.mode);
        break;
      case 'leave':
        this.#leave(now, tagOf(input.topic));
        break;
      case 'publish':
        this.#objects.publish(now, this.#topics.of(input.topic), input.payload, input.life);
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
        for (const { topic } of this.#topics.all()) this.#toCustody(now, { kind: 'hurry', tag: topic.tag, afterMs: joinSoonMs });
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
    const { link, mesh, nat, cache, reconciler } = this.#due;
    return earliest(this.#dials.deadline(), link, mesh, nat, cache, reconciler, this.#topics.deadline(), this.#custody?.deadline() ?? null);
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
      ...[this.#link, this.#mesh, this.#nat, this.#cache, this.#reconciler, ...(this.#custody === null ? [] : [this.#custody]), ...this.#topics.all()].flatMap((child) => child.bounds()),
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
    for (const dial of this.#dials.take(this.#mesh)) this.#toLink(now, dial);
    if (isDue(now, this.#due.link)) this.#toLink(now, wakeup);
    if (isDue(now, this.#due.nat)) this.#toNat(now, wakeup);
    if (isDue(now, this.#due.mesh)) this.#toMesh(now, wakeup);
    if (isDue(now, this.#due.cache)) this.#toCache(now, wakeup);
    if (isDue(now, this.#due.reconciler)) this.#toReconciler(now, wakeup);
    if (isDue(now, this.#custody?.deadline() ?? null)) this.#toCustody(now, wakeup);
    for (const joined of this.#topics.all()) if (isDue(now, joined.deadline())) this.#objects.wake(now, joined);
  }

  // Topics

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
    this.#toCustody(now, { kind: 'restored', tags: this.#cache.tags() });
    if (book === null) return;
    this.#nat.restore(book);
    for (const { peer } of this.#nat.remembered().slice(0, rememberedReached)) {
      this.#toNat(now, { kind: 'reach', peer, via: [] });
    }
  }

  // Children's outputs, translated

  #toLink(now: Instant, input: LinkInput): void {
    const outputs = this.#link.handle(now, input);
    this.#due.link = this.#link.deadline();
    for (const output of outputs) {
      switch (output.kind) {
        case 'transmit':
          this.#outputs.push(output);
          break;
        case 'opened':
          this.#up.set(output.peer, output.address);
          this.#outputs.push({ kind: 'neighbour-up', peer: output.peer, address: output.address });
          this.#toNat(now, output);
          this.#toMesh(now, { kind: 'up', peer: output.peer, address: output.address, said: output.said.flatMap(framesOf), isDialled: output.role === 'initiator' });
          break;
        case 'closed':
          this.#closed(now, output);
          break;
        case 'moved':
          this.#up.set(output.peer, output.address);
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
    const address = this.#up.get(peer);
    if (address === undefined) {
      this.#toNat(now, { kind: 'unreachable', peer });
      return;
    }
    this.#up.delete(peer);
    this.#outputs.push({ kind: 'neighbour-down', peer, reason });
    this.#intake.forget(peer);
    this.#toNat(now, { kind: 'closed', peer, isUnneeded: reason === 'disconnected' || reason === 'unneeded' });
    this.#toMesh(now, reason === 'slept' ? { kind: 'slept' } : { kind: 'down', peer, why: downWhy(reason) });
    this.#toReconciler(now, { kind: 'gone', peer });
    // It was there before this host slept, at an address that it had proved.
    if (reason === 'slept' && this.#dials.size < redialledMax) this.#dials.add(now, { kind: 'connect', peer, address, isPaced: false });
  }

  #received(now: Instant, { peer, from, frame: bytes }: Extract<LinkOutput, { kind: 'received' }>): void {
    if (isObject(bytes)) {
      this.#objects.arrived(now, { peer, address: from }, bytes);
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
      case 'prune':
        this.#toMesh(now, { kind: 'frame', peer, frame });
        break;
      case 'ihave':
        this.#toCache(now, { kind: 'taken', ids: frame.ids });
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
    const outputs = this.#mesh.handle(now, input);
    this.#due.mesh = this.#mesh.deadline();
    for (const output of outputs) {
      switch (output.kind) {
        case 'frame':
          if (output.frame.kind === 'graft') for (const id of output.frame.ids) this.#intake.expect(id);
          this.#send(now, output.to, encodeFrame(output.frame));
          break;
        case 'push':
          this.#objects.push(now, output.to, output.id, output.postage);
          break;
        case 'reach':
          if (this.#link.sessionOf(output.peer) === null) this.#toNat(now, reachOf(output));
          break;
        case 'drop':
          this.#toLink(now, { kind: 'disconnect', peer: output.peer, why: 'unneeded' });
          break;
        case 'introduce':
          this.#toNat(now, output);
          break;
        case 'meet':
          this.#toReconciler(now, output);
          break;
        case 'keepers':
          this.#toCustody(now, output);
          break;
        default:
          unreachable(output);
      }
    }
  }

  #toNat(now: Instant, input: NatInput): void {
    const outputs = this.#nat.handle(now, input);
    this.#due.nat = this.#nat.deadline();
    for (const output of outputs) {
      switch (output.kind) {
        case 'frame':
          this.#send(now, output.to, encodeFrame(output.frame));
          break;
        case 'punch':
          this.#toLink(now, output);
          break;
        case 'connect':
          this.#dials.add(now, output);
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
    const outputs = this.#cache.handle(now, input);
    this.#due.cache = this.#cache.deadline();
    for (const output of outputs) {
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
    const outputs = this.#reconciler.handle(now, input);
    this.#due.reconciler = this.#reconciler.deadline();
    for (const output of outputs) {
      switch (output.kind) {
        case 'frame':
          if (output.frame.kind === 'want') for (const id of output.frame.ids) this.#intake.expect(id);
          this.#send(now, output.to, encodeFrame(output.frame));
          break;
        case 'give':
          for (const id of output.ids) this.#objects.give(now, output.to, id);
          break;
        case 'agreed':
          this.#toCache(now, output);
          break;
        case 'compared':
          this.#toCustody(now, output);
          break;
        case 'dropped':
          this.dropped.add(output.reason);
          break;
        default:
          unreachable(output);
      }
    }
  }

  #toCustody(now: Instant, input: CustodyInput): void {
    for (const output of this.#custody?.handle(now, input) ?? []) {
      switch (output.kind) {
        case 'seek':
          this.#toMesh(now, output);
          break;
        case 'compare':
        case 'offer':
          this.#toReconciler(now, output);
          break;
        case 'remove':
          this.#toCache(now, output);
          break;
        default:
          unreachable(output);
      }
    }
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
const isDue = (now: Instant, at: Instant | null): boolean => at !== null && now >= at;

/** What a session's end means to the mesh. */
const downWhy = (reason: ClosedReason): 'lost' | 'let-go' | 'refused' => {
  if (reason === 'unneeded') return 'refused';
  return reason === 'disconnected' || reason === 'replaced' ? 'let-go' : 'lost';
};

/** An address that the mesh heard of is no more than told: the app alone names one to be tried for ever. */
const reachOf = ({ peer, via, address }: Extract<MeshOutput, { kind: 'reach' }>): NatInput => ({ kind: 'reach', peer, via, ...(address === undefined ? {} : { told: address }) });
