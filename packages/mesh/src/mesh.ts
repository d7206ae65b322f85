/**
 * Who knows whom, and who gets what, as a machine. SPEC, Mesh. Each topic has a partial view, the links, and a
 * tree in it, along which objects are pushed; see live/tree.ts.
 *
 * ```
 *   up ──▶ HELLO, FIND, meet            HELLO ──▶ meet (reconcile a topic)
 *   join, leave ──▶ HELLO, FIND, meet   FIND ──▶ PEERS
 *                                       PEERS ──▶ reach (connect it, through these)
 *   fresh ──▶ push, IHAVE               IHAVE ──▶ GRAFT, if it does not come
 *   duplicate ──▶ PRUNE                 GRAFT, PRUNE: a link is eager, lazy
 *   rebroadcast ──▶ push
 * ```
 *
 * The caller has sessions, objects and addresses; this machine only names peers and ids. It never sends an
 * object twice by itself: it pushes once for each `fresh` and `rebroadcast` it is given.
 *
 * What always holds, tested in test/mesh.test.ts and test/hostile.test.ts:
 * - a push goes to neighbours alone, to none twice, never back, never with more postage than was given
 * - a PEERS nobody asked for is ignored
 * - what one neighbour sends costs a bounded amount of work, memory and answers
 */
import { type Address, after, type Bound, BoundedMap, Counter, earliest, instant, type Instant, jittered, type Machine, type PacketId, type PeerId, type Random, sample, type ShortId, shortIdOf, type TopicTag, unreachable, type Wakeup } from '@srp/machine';
import { type Find, type Frame, type Hello, type NatBehaviour, type PeerAddress, type Peers } from '@srp/wire';
import { answerTo, mayHearOf } from './answer.js';
import { Candidates, type Reach } from './candidates.js';
import { addressesMax, chosenLeast, chosenMost, findFanout, guestsPerTopicMax, helloDelayMs, helloRepeatFactor, helloRepeatMaxMs, helloRepeatMs, keepersNeededBelow, linksKept, linksMax, meetAgainMs, neighboursWanted, pauseJitter, peersMax, postageMax, protocolVersion, reachingMax, renewMs, subscribersWanted, supportForMs, tagsMax, trimMs } from './constants.js';
import { type Neighbour, Neighbours, type Subject } from './neighbours.js';
import { Support } from './live/support.js';
import { type TreeFrame, Tree } from './live/tree.js';
import { keepersFor, rebroadcastTargets, relayTargets } from './push.js';
import { type Question, Rendezvous } from './routing/rendezvous.js';
import { Search } from './search.js';

/** The frames a mesh reads and writes. */
export type MeshFrame = Hello | Find | Peers | TreeFrame;

/** What a mesh takes. */
export type MeshInput =
  /** A session to this peer opened, or opened anew. It has had the frames of `said` already: what {@link Mesh.greeting} and {@link Mesh.answer} gave. */
  | { readonly kind: 'up'; readonly peer: PeerId; readonly address: Address; readonly said?: readonly Frame[] }
  /** The session has another address now. */
  | { readonly kind: 'moved'; readonly peer: PeerId; readonly address: Address }
  /** The session is over: lost if `why` is absent, let go as this mesh asked, or refused by the other side, which wanted no more of it. */
  | { readonly kind: 'down'; readonly peer: PeerId; readonly why?: 'lost' | 'let-go' | 'refused' }
  /** A wanted connection could not be made. Saying so is optional: after 10 s another is tried. */
  | { readonly kind: 'failed'; readonly peer: PeerId }
  /** This peer subscribes to a topic: at most 64, else `RangeError`. */
  | { readonly kind: 'join'; readonly tag: TopicTag }
  /** It does no longer. */
  | { readonly kind: 'leave'; readonly tag: TopicTag }
  /** What this peer found out about itself, for its HELLO; of the addresses the first 4 count. `openAt`: where everybody reaches it unasked, if anywhere. */
  | { readonly kind: 'self'; readonly addresses: readonly Address[]; readonly mapping: NatBehaviour; readonly filtering: NatBehaviour; readonly openAt?: Address | null }
  /** A neighbour says something. */
  | { readonly kind: 'frame'; readonly peer: PeerId; readonly frame: MeshFrame }
  /**
   * An object that this peer did not have: from a neighbour, postage already reduced, or its own (`from` is `null`). Once for each id.
   * `isPulled`: it came because it was asked for, here or elsewhere; so others have it, and it is announced rather than pushed.
   */
  | { readonly kind: 'fresh'; readonly id: PacketId; readonly tag: TopicTag; readonly postage: number; readonly from: PeerId | null; readonly isPulled?: boolean; readonly recipient?: PeerId }
  /** A neighbour sent an object that was here already. */
  | { readonly kind: 'duplicate'; readonly id: PacketId; readonly tag: TopicTag; readonly from: PeerId }
  /** The cache asks for one more copy elsewhere. */
  | { readonly kind: 'rebroadcast'; readonly id: PacketId; readonly tag: TopicTag; readonly postage: number }
  | Wakeup;

/** What a mesh gives. */
export type MeshOutput =
  /** Send this to a neighbour. */
  | { readonly kind: 'frame'; readonly to: PeerId; readonly frame: MeshFrame }
  /** Let the session go: there are others. */
  | { readonly kind: 'drop'; readonly peer: PeerId }
  /** Send the object to these neighbours, none twice, with this postage. */
  | { readonly kind: 'push'; readonly to: readonly PeerId[]; readonly id: PacketId; readonly postage: number }
  /** Connect this peer: the neighbours in `via`, 0..3, say they know it; somebody said that everyone reaches it at `address`. */
  | { readonly kind: 'reach'; readonly peer: PeerId; readonly via: readonly PeerId[]; readonly address?: Address }
  /** Reconcile these own topics with this neighbour: it is new, the topic is, or it has begun to subscribe to it. Who does not subscribe may keep objects of it. */
  | { readonly kind: 'meet'; readonly peer: PeerId; readonly tags: readonly TopicTag[] };

/** Why something a neighbour sent, or a session, was ignored. */
export type MeshDrop = 'no-neighbour' | 'too-often' | 'not-asked' | 'not-linked' | 'neighbours-full' | 'own-id';

/** How a mesh is made: `random` is its own, a fork of its parent's. `has` tells whether an object of a topic is, or was, here. */
export interface MeshOptions {
  readonly self: PeerId;
  readonly random: Random;
  readonly has: (id: ShortId, tag: TopicTag) => boolean;
}

type Output = MeshOutput[];

/**
 * The mesh of one peer.
 *
 * @example
 * const mesh = new Mesh({ self, random });
 * mesh.handle(now, { kind: 'join', tag });
 * for (const output of mesh.handle(now, { kind: 'up', peer, address })) carryOut(output);
 */
export class Mesh implements Machine<MeshInput, MeshOutput> {
  readonly #self: PeerId;
  readonly #random: Random;
  readonly #neighbours = new Neighbours();
  readonly #candidates: Candidates;
  /** One for each own topic, and one for neighbours of any kind. */
  readonly #searches = new Map<Subject, Search>();
  readonly #tree: Tree;
  readonly #support: Support;
  readonly #rendezvous: Rendezvous;
  /** Neighbours that a lookup alone brought here. They go when it is over, unless it found them. */
  readonly #lookedFor = new Set<PeerId>();
  /** Those that lookups wanted connected and that have not come up yet: some come late. */
  readonly #dialled = new BoundedMap<PeerId, true>(reachingMax);
  readonly #drops = new Counter<MeshDrop>();
  /** When the last input came. */
  #latest: Instant = instant(0);
  /** No later than the first HELLO and the first renewal that is due. */
  #nextAt: Instant | null = null;
  #about: Pick<Hello, 'addresses' | 'mapping' | 'filtering'> = { addresses: [], mapping: 'unknown', filtering: 'unknown' };

  constructor({ self, random, has }: MeshOptions) {
    this.#self = self;
    this.#tree = new Tree(this.#neighbours, (tag) => this.#searches.has(tag), has);
    this.#support = new Support(this.#neighbours, random);
    this.#rendezvous = new Rendezvous(self, random);
    this.#random = random;
    this.#candidates = new Candidates(random);
    this.#searches.set(null, new Search(random));
  }

  handle(now: Instant, input: MeshInput): readonly MeshOutput[] {
    this.#latest = now;
    const outputs: Output = [];
    switch (input.kind) {
      case 'up':
        this.#up(now, input.peer, input.address, input.said ?? [], outputs);
        break;
      case 'moved':
        this.#moved(input.peer, input.address);
        break;
      case 'down':
        this.#down(now, input.peer, input.why ?? 'lost', outputs);
        break;
      case 'failed':
        this.#candidates.fail(now, input.peer);
        this.#dialled.delete(input.peer);
        this.#rendezvous.failed(now, input.peer, false);
        break;
      case 'join':
        this.#join(now, input.tag, outputs);
        break;
      case 'leave':
        this.#leave(now, input.tag);
        break;
      case 'self':
        this.#about = { addresses: input.addresses.slice(0, addressesMax), mapping: input.mapping, filtering: input.filtering };
        this.#rendezvous.locate(now, input.openAt ?? null);
        this.#helloSoon(now);
        break;
      case 'frame':
        this.#frame(now, input.peer, input.frame, outputs);
        break;
      case 'fresh':
        return pushOf(this.#targetsOf(now, input), input.id, input.postage);
      case 'duplicate': {
        const from = this.#neighbours.get(input.from);
        return from === undefined || !this.carries(input.tag) ? [] : this.#tree.duplicate(from, input.tag, shortIdOf(input.id));
      }
      case 'rebroadcast':
        return pushOf(rebroadcastTargets(this.#neighbours, this.#random), input.id, input.postage);
      case 'wakeup':
        this.#wake(now, outputs);
        break;
      default:
        return unreachable(input);
    }
    this.#getOn(now, outputs);
    return outputs;
  }

  deadline(): Instant | null {
    return earliest(this.#nextAt, this.#tree.deadline(), this.#candidates.deadline(), this.#rendezvous.deadline(), this.#support.deadline(), ...[...this.#searches.values()].map((search) => search.deadline()));
  }

  /** The peers with a session, and the topics each says it subscribes to. */
  neighbours(): readonly { readonly peer: PeerId; readonly address: Address; readonly tags: readonly TopicTag[] }[] {
    return this.#neighbours.all().map(({ peer, address, tags }) => ({ peer, address, tags: [...tags] }));
  }

  /** The neighbours that subscribe to a topic. */
  subscribersOf(tag: TopicTag): readonly PeerId[] {
    return this.#neighbours.subscribersOf(tag);
  }

  /** Whether objects of a topic go along its tree here: it is an own one, or carried for others. */
  carries(tag: TopicTag): boolean {
    return this.#searches.has(tag) || this.#support.carries(tag);
  }

  /** What to say first to a peer that is being connected: it may ride in the first datagram, and `up` then tells so. */
  greeting(peer: PeerId): readonly (Hello | Find)[] {
    const lookups = new Set(this.#rendezvous.askedOf(peer));
    const lacking = [...this.#searches.keys()].filter((subject) => this.#lacks(subject) > 0 || lookups.has(subject));
    return [this.#hello(), ...lacking.reverse().map((tag): Find => ({ kind: 'find', tag }))];
  }

  /**
   * What to answer a peer that may not be there: its datagram may be a copy of an old one. Changes nothing. `null` if it
   * is to be answered when the session is up.
   */
  answer(asker: PeerAddress, frame: Frame): Hello | Peers | null {
    if (frame.kind === 'hello') return this.#hello();
    if (frame.kind !== 'find') return null;
    // Whoever else there is may be named a round trip later: by then somebody may have come who subscribes.
    if (frame.tag !== null && this.#neighbours.subscribersOf(frame.tag).length === 0) return null;
    return this.#peersFor(asker, frame.tag);
  }

  /** How full everything is that others can fill. */
  bounds(): readonly Bound[] {
    const dialled = { name: 'mesh peers dialled', size: this.#dialled.size, max: this.#dialled.max };
    return [dialled, ...[this.#neighbours, this.#candidates, this.#tree, this.#support, this.#rendezvous].flatMap((part) => part.bounds())];
  }

  /** How often something was ignored, by reason. */
  drops(): Readonly<Partial<Record<MeshDrop, number>>> {
    return this.#drops.snapshot();
  }

  #up(now: Instant, peer: PeerId, address: Address, said: readonly Frame[], outputs: Output): void {
    if (peer === this.#self || (this.#neighbours.isFull && !this.#neighbours.has(peer))) {
      this.#drops.add(peer === this.#self ? 'own-id' : 'neighbours-full');
      return;
    }
    const isLookedFor = this.#dialled.delete(peer) || this.#rendezvous.needs(peer);
    const isChosen = this.#candidates.connected(peer) || isLookedFor;
    this.#down(now, peer, 'let-go', outputs);
    const neighbour = this.#neighbours.add(now, peer, address, isChosen);
    if (said.some((frame) => frame.kind === 'hello' && isSame(frame, this.#hello()))) this.#planHello(now, neighbour, helloRepeatMaxMs);
    else this.#sayHello(now, neighbour, outputs);
    this.#meet(now, neighbour, this.#tags(), outputs);
    for (const frame of said) if (frame.kind === 'find') neighbour.asked.add(frame.tag);
    if (isLookedFor) this.#lookedFor.add(peer);
    for (const subject of this.#rendezvous.askedOf(peer)) if (!neighbour.asked.has(subject)) this.#ask(neighbour, subject, outputs);
    for (const [subject, search] of this.#searches) {
      if (this.#lacks(subject) <= 0) continue;
      if (!neighbour.asked.has(subject)) this.#ask(neighbour, subject, outputs);
      if (isChosen) search.found(now);
    }
  }

  #down(now: Instant, peer: PeerId, why: 'lost' | 'let-go' | 'refused', outputs: Output): void {
    const neighbour = this.#neighbours.get(peer);
    if (neighbour === undefined) return;
    this.#support.lost(now, neighbour);
    const eager = [...neighbour.eager];
    this.#neighbours.delete(peer);
    this.#lookedFor.delete(peer);
    this.#tree.down(peer);
    for (const tag of eager) outputs.push(...this.#tree.shrink(tag));
    if (why !== 'let-go') this.#rendezvous.failed(now, peer, why === 'refused');
    if (why === 'refused') this.#candidates.refused(now, peer);
  }

  #moved(peer: PeerId, address: Address): void {
    const neighbour = this.#neighbours.get(peer);
    if (neighbour !== undefined) neighbour.address = address;
  }

  #join(now: Instant, tag: TopicTag, outputs: Output): void {
    const tags = this.#tags();
    if (tags.includes(tag)) return;
    if (tags.length >= tagsMax) throw new RangeError(`Cannot join: a peer subscribes to at most ${tagsMax} topics`);
    const search = new Search(this.#random);
    this.#searches.set(tag, search);
    this.#rendezvous.join(now, tag);
    search.planRenewal(now, trimMs);
    this.#plan(search.renewAt);
    this.#helloSoon(now);
    for (const link of this.#neighbours.subscribing(tag)) outputs.push(...this.#tree.grow(tag, link));
    if (this.#lacks(tag) > 0) this.#askAround(tag, outputs);
    for (const neighbour of this.#neighbours.all()) this.#meet(now, neighbour, [tag], outputs);
  }

  #leave(now: Instant, tag: TopicTag): void {
    if (!this.#searches.delete(tag)) return;
    this.#candidates.forget(tag);
    this.#tree.leave(tag);
    this.#support.leave(tag);
    this.#rendezvous.leave(tag);
    this.#helloSoon(now);
    for (const neighbour of this.#neighbours.all()) {
      neighbour.eager.delete(tag);
      neighbour.metAt.delete(tag);
      neighbour.asked.delete(tag);
    }
  }

  #frame(now: Instant, peer: PeerId, frame: MeshFrame, outputs: Output): void {
    const neighbour = this.#neighbours.get(peer);
    const refusal = neighbour === undefined ? 'no-neighbour' : this.#read(now, neighbour, frame, outputs);
    if (refusal !== null) this.#drops.add(refusal);
  }

  #read(now: Instant, neighbour: Neighbour, frame: MeshFrame, outputs: Output): MeshDrop | null {
    switch (frame.kind) {
      case 'hello':
        if (!neighbour.frames.take(now)) return 'too-often';
        this.#greeted(now, neighbour, frame, outputs);
        return null;
      case 'find':
        if (!neighbour.frames.take(now)) return 'too-often';
        this.#answer(neighbour, frame.tag, outputs);
        return null;
      case 'peers':
        if (!neighbour.frames.take(now)) return 'too-often';
        if (!neighbour.asked.delete(frame.tag)) return 'not-asked';
        this.#hearOf(neighbour, frame);
        this.#rendezvous.answered(neighbour.peer, neighbour.address, frame.tag, frame.closer);
        return null;
      case 'ihave':
      case 'graft':
      case 'prune':
        if (!neighbour.treeFrames.take(now) || (frame.kind === 'ihave' && !neighbour.announced.take(now, frame.ids.length))) return 'too-often';
        if (frame.kind === 'graft' && !this.#tree.isLink(frame.tag, neighbour)) return this.#visit(now, neighbour, frame.tag, outputs);
        if (!this.#tree.isLink(frame.tag, neighbour)) return 'not-linked';
        if (frame.kind === 'graft' && this.#support.carries(frame.tag)) this.#support.asked(now, neighbour, frame.tag);
        this.#tree.frame(now, neighbour, frame);
        return null;
      default:
        return unreachable(frame);
    }
  }

  /** Somebody wants to be a link who is none yet: to have a topic carried, or to carry an own one. */
  #visit(now: Instant, neighbour: Neighbour, tag: TopicTag, outputs: Output): MeshDrop | null {
    if (this.#searches.has(tag)) {
      if (this.#neighbours.adoptedOf(tag).size >= linksMax) return 'not-linked';
      this.#neighbours.adopt(neighbour, tag, after(now, supportForMs));
      neighbour.eager.add(tag);
      return null;
    }
    const asks = neighbour.tags.has(tag) ? this.#support.asked(now, neighbour, tag) : null;
    for (const ask of asks ?? []) outputs.push(this.#tree.graft(ask.tag, ask.link));
    return asks === null ? 'not-linked' : null;
  }

  #greeted(now: Instant, neighbour: Neighbour, { tags, mapping, filtering }: Hello, outputs: Output): void {
    neighbour.isOpen = mapping === 'independent' && filtering === 'independent';
    this.#rendezvous.heard(now, neighbour.peer, neighbour.address, neighbour.isOpen);
    const eager = [...neighbour.eager];
    const added = this.#neighbours.setTags(neighbour, tags);
    for (const tag of eager) if (!neighbour.eager.has(tag)) outputs.push(...this.#tree.shrink(tag));
    this.#meet(now, neighbour, added, outputs);
    for (const tag of added) {
      const isOwn = this.#searches.has(tag);
      if (isOwn) outputs.push(...this.#tree.grow(tag, neighbour));
      if (this.#neighbours.subscribing(tag).size > (isOwn ? linksMax : guestsPerTopicMax)) this.#letGo(this.#linksThatCame(tag), tag, outputs);
    }
  }

  /** Links of a topic that this peer did not choose itself. */
  #linksThatCame(tag: TopicTag): readonly Neighbour[] {
    return [...this.#neighbours.subscribing(tag)].filter(({ isChosen }) => !isChosen);
  }

  /** One of the links of a topic goes, if there is one that no other own topic needs, nor a lookup. */
  #letGo(links: readonly Neighbour[], topic: TopicTag, outputs: Output): void {
    const own = this.#tags().filter((tag) => tag !== topic);
    const [gone] = sample(this.#random, links.filter(({ peer, tags }) => !this.#rendezvous.needs(peer) && !own.some((tag) => tags.has(tag))), 1);
    if (gone !== undefined) outputs.push({ kind: 'drop', peer: gone.peer });
  }

  #targetsOf(now: Instant, { id, tag, from, postage, isPulled = false, recipient }: Extract<MeshInput, { kind: 'fresh' }>): readonly PeerId[] {
    if (!this.carries(tag)) return isPulled ? [] : relayTargets(this.#neighbours, tag, from, recipient, this.#random);
    const links = this.#tree.fresh(now, { id: shortIdOf(id), tag, from, postage, isPulled });
    const to = recipient !== undefined && recipient !== from && this.#neighbours.has(recipient) && !links.includes(recipient) ? [recipient, ...links] : links;
    const knownCount = this.#neighbours.count(tag) + this.#candidates.count(tag);
    return from === null && knownCount < keepersNeededBelow ? [...to, ...keepersFor(this.#neighbours, tag, recipient, this.#random)] : to;
  }

  #answer(asker: Neighbour, subject: Subject, outputs: Output): void {
    const answer = this.#peersFor(asker, subject);
    if (answer !== null) outputs.push({ kind: 'frame', to: asker.peer, frame: answer });
  }

  #peersFor(asker: PeerAddress, subject: Subject): Peers | null {
    const peers = answerTo(asker, subject, this.#neighbours, this.#random);
    const closer = this.#rendezvous.closerFor(this.#latest, asker, subject, (contact) => mayHearOf(asker, contact));
    return peers.length === 0 && closer.length === 0 ? null : { kind: 'peers', tag: subject, peers, closer };
  }

  #hearOf(via: Neighbour, { tag, peers }: Peers): void {
    for (const { peer } of peers.slice(0, peersMax)) {
      if (peer !== this.#self && !this.#neighbours.has(peer)) this.#candidates.add(peer, via.peer, tag);
    }
  }

  #wake(now: Instant, outputs: Output): void {
    this.#candidates.expire(now);
    outputs.push(...this.#tree.wake(now));
    for (const ask of this.#support.wake(now)) outputs.push(this.#tree.graft(ask.tag, ask.link));
    if (this.#nextAt === null || now < this.#nextAt) return;
    this.#nextAt = null;
    for (const neighbour of this.#neighbours.all()) {
      if (now >= neighbour.helloAt) this.#sayHello(now, neighbour, outputs);
      this.#plan(neighbour.helloAt);
    }
    for (const [subject, search] of this.#searches) {
      if (subject !== null && search.renewAt !== null && now >= search.renewAt) this.#renew(now, subject, search, outputs);
      this.#plan(search.renewAt);
    }
  }

  /**
   * With too many links one is let go. With few enough one is taken up from time to time, so that parts of a topic that lost
   * each other meet again; and somebody is asked for others.
   */
  #renew(now: Instant, tag: TopicTag, search: Search, outputs: Output): void {
    const links = [...this.#neighbours.subscribing(tag)];
    const chosen = links.filter(({ isChosen }) => isChosen);
    if (links.length > linksKept && chosen.length > chosenLeast) {
      search.planRenewal(now, trimMs);
      this.#letGo(chosen, tag, outputs);
      return;
    }
    search.planRenewal(now, renewMs);
    for (const reach of this.#choose(now, tag, 1)) outputs.push({ kind: 'reach', ...reach });
    for (const neighbour of sample(this.#random, this.#neighbours.all(), 1)) this.#ask(neighbour, tag, outputs);
  }

  #plan(at: Instant | null): void {
    this.#nextAt = earliest(this.#nextAt, at);
  }

  #choose(now: Instant, subject: Subject, lacks: number): readonly Reach[] {
    return this.#candidates.choose(now, subject, wantedOf(subject), lacks, (peer) => this.#neighbours.has(peer));
  }

  /** After every input: searches begin, rest or ask, and candidates are connected. */
  #getOn(now: Instant, outputs: Output): void {
    for (const tag of this.#tags()) for (const ask of this.#support.seek(now, tag)) outputs.push(this.#tree.graft(ask.tag, ask.link));
    for (const [subject, search] of this.#searches) {
      const lacks = this.#lacks(subject);
      search.set(now, lacks <= 0);
      if (search.isResting) continue;
      for (const reach of this.#choose(now, subject, lacks)) outputs.push({ kind: 'reach', ...reach });
      if (search.take(now)) this.#askAround(subject, outputs);
    }
    for (const question of this.#rendezvous.next(now)) this.#put(question, outputs);
    for (const peer of this.#lookedFor) if (!this.#rendezvous.needs(peer)) this.#endVisit(peer, outputs);
  }

  /** Asks a peer that a lookup wants to know of, now or with the first datagram to it. */
  #put({ peer, address, subject }: Question, outputs: Output): void {
    const neighbour = this.#neighbours.get(peer);
    if (neighbour !== undefined) {
      this.#ask(neighbour, subject, outputs);
      return;
    }
    this.#dialled.set(peer, true);
    outputs.push({ kind: 'reach', peer, via: [], address });
  }

  /** A lookup is over that brought a neighbour here and did not find it. */
  #endVisit(peer: PeerId, outputs: Output): void {
    this.#lookedFor.delete(peer);
    const neighbour = this.#neighbours.get(peer);
    if (neighbour === undefined || this.#neighbours.count(null) <= neighboursWanted || this.#tags().some((tag) => neighbour.tags.has(tag))) return;
    outputs.push({ kind: 'drop', peer });
  }

  /** Reports those of `tags` that are own topics, each at most once in 10 s. */
  #meet(now: Instant, neighbour: Neighbour, tags: readonly TopicTag[], outputs: Output): void {
    const met = tags.filter((tag) => {
      const metAt = neighbour.metAt.get(tag);
      return this.#searches.has(tag) && (metAt === undefined || now - metAt >= meetAgainMs);
    });
    for (const tag of met) neighbour.metAt.set(tag, now);
    if (met.length > 0) outputs.push({ kind: 'meet', peer: neighbour.peer, tags: met });
  }

  #ask(neighbour: Neighbour, subject: Subject, outputs: Output): void {
    neighbour.asked.add(subject);
    outputs.push({ kind: 'frame', to: neighbour.peer, frame: { kind: 'find', tag: subject } });
  }

  #askAround(subject: Subject, outputs: Output): void {
    for (const neighbour of sample(this.#random, this.#neighbours.all(), findFanout)) this.#ask(neighbour, subject, outputs);
  }

  #hello(): Hello {
    return { kind: 'hello', version: protocolVersion, tags: this.#tags(), ...this.#about };
  }

  #sayHello(now: Instant, neighbour: Neighbour, outputs: Output): void {
    outputs.push({ kind: 'frame', to: neighbour.peer, frame: this.#hello() });
    this.#planHello(now, neighbour, neighbour.helloPauseMs === 0 ? helloRepeatMs : Math.min(neighbour.helloPauseMs * helloRepeatFactor, helloRepeatMaxMs));
  }

  #planHello(now: Instant, neighbour: Neighbour, pauseMs: number): void {
    neighbour.helloPauseMs = pauseMs;
    neighbour.helloAt = after(now, jittered(this.#random, pauseMs, pauseJitter));
    this.#plan(neighbour.helloAt);
  }

  /** Something in the HELLO changed: everybody hears of it soon, and again in case that is lost. */
  #helloSoon(now: Instant): void {
    for (const neighbour of this.#neighbours.all()) {
      neighbour.helloPauseMs = 0;
      neighbour.helloAt = after(now, helloDelayMs);
    }
    this.#plan(after(now, helloDelayMs));
  }

  /** How many neighbours are still to be found. Those who came by themselves do not suffice, however many they are; and who chose enough lets others come. */
  #lacks(subject: Subject): number {
    const chosen = this.#neighbours.countChosen(subject);
    return Math.max(chosenLeast - chosen, Math.min(wantedOf(subject) - this.#neighbours.count(subject), chosenMost - chosen));
  }

  #tags(): readonly TopicTag[] {
    return [...this.#searches.keys()].filter((subject) => subject !== null);
  }
}

/** Whether two HELLOs say the same. Both were made by {@link Mesh}, so their fields come in one order. */
const isSame = (a: Hello, b: Hello): boolean => JSON.stringify(a) === JSON.stringify(b);

const wantedOf = (subject: Subject): number => (subject === null ? neighboursWanted : subscribersWanted);

const pushOf = (to: readonly PeerId[], id: PacketId, postage: number): readonly MeshOutput[] => {
  if (!Number.isInteger(postage) || postage < 0 || postage > postageMax) throw new RangeError(`Cannot push: postage must be 0..${postageMax}, got ${postage}`);
  return to.length === 0 || postage === 0 ? [] : [{ kind: 'push', to, id, postage }];
};
