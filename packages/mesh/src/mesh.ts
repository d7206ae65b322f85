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
 *   a busy topic ──▶ ask (silent links), meet
 *   rebroadcast ──▶ push               seek ──▶ keepers (these keep the topic, and are neighbours now)
 * ```
 *
 * It dispatches; the rooms do the work. greeter.ts says HELLO, links.ts looks for links and lets go of them, answer.ts answers FIND,
 * live/ passes objects on, routing/ finds the peers where strangers with one topic meet, custody/ those who keep its objects. contract.ts is what it takes and gives.
 *
 * The caller has sessions, objects and addresses; this machine only names peers and ids. It never sends an
 * object twice by itself: it pushes once for each `fresh` and `rebroadcast` it is given.
 *
 * What always holds, tested in test/mesh.test.ts and test/hostile.test.ts:
 * - a push goes to neighbours alone, to none twice, never back, never with more postage than was given
 * - a PEERS nobody asked for is ignored
 * - what one neighbour sends costs a bounded amount of work, memory and answers
 */
import { type Address, type Bound, Counter, earliest, instant, type Instant, isDue, type Machine, type PacketId, type PeerId, type Random, sample, shortIdOf, type TopicTag, unreachable } from '@srp/machine';
import type { Find, Frame, Graft, Hello, PeerAddress, Peers } from '@srp/wire';
import { Answers } from './answer.js';
import { addressesMax, linkSilentMs, meetAgainMs, missedAgainMs, missedTagsMax, postageMax, publishStrangers, sparseBelow, supportedBelow, tagsMax } from './constants.js';
import type { CustodyRule, MeshDrop, MeshFrame, MeshInput, MeshOptions, MeshOutput } from './contract.js';
import { Duty, reachOf } from './custody/duty.js';
import { type Found, Keepers } from './custody/keepers.js';
import { type About, Greeter } from './greeter.js';
import { Links } from './links.js';
import { type Ask, Support } from './live/support.js';
import { Tree } from './live/tree.js';
import { type Neighbour, Neighbours } from './neighbours.js';
import { othersFor, rebroadcastTargets, relayTargets, strangersFor } from './push.js';
import { blindSpots, noBlindSpots } from './routing/blind-spot.js';
import { Contacts } from './routing/contacts.js';
import { Introducers } from './routing/introducers.js';
import { Rendezvous } from './routing/rendezvous.js';
import { Visits } from './routing/visits.js';

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
  readonly #greeter: Greeter;
  readonly #links: Links;
  readonly #tree: Tree;
  readonly #support: Support;
  readonly #custody: CustodyRule;
  readonly #rendezvous: Rendezvous;
  readonly #keepers: Keepers;
  readonly #duty: Duty;
  #about: About = { addresses: [], mapping: 'unknown', filtering: 'unknown' };
  readonly #visits: Visits;
  readonly #introducers: Introducers;
  readonly #answers: Answers;
  readonly #drops = new Counter<MeshDrop>();
  /** When the last input came. */
  #latest: Instant = instant(0);
  /** When what {@link getOn} does is due next, as far as nothing changes. */
  #getOnAt: Instant | null = null;

  constructor({ self, random, has, custody = 'keepers', lookupBlindness = 0 }: MeshOptions) {
    this.#self = self;
    this.#random = random;
    const contacts = new Contacts(self);
    const blindSpot = lookupBlindness > 0 ? blindSpots(random.fork('blind'), lookupBlindness) : noBlindSpots;
    this.#custody = custody;
    this.#rendezvous = new Rendezvous(self, random, contacts, blindSpot);
    this.#duty = new Duty({ random: random.fork('duty'), isWilling: custody === 'keepers', contacts, nearest: () => this.#rendezvous.nearestToSelf() });
    this.#keepers = new Keepers({ self, contacts, neighbours: this.#neighbours, duty: this.#duty, blindSpot });
    this.#links = new Links({ self, neighbours: this.#neighbours, random, isNeeded: (peer) => this.#visits.needs(peer) });
    this.#visits = new Visits(this.#neighbours, this.#links, [this.#rendezvous, this.#keepers]);
    this.#introducers = new Introducers(this.#neighbours, this.#rendezvous, this.#links, this.#visits, random);
    this.#answers = new Answers(this.#neighbours, this.#rendezvous, this.#keepers, random);
    this.#greeter = new Greeter(this.#neighbours, random, () => this.#links.tags());
    this.#tree = new Tree(this.#neighbours, random.fork('tree'), (tag) => this.#links.isOwn(tag), has);
    this.#support = new Support(this.#neighbours, random);
  }

  handle(now: Instant, input: MeshInput): readonly MeshOutput[] {
    // One that comes early would find nothing to do, at the cost of looking everywhere.
    if (input.kind === 'wakeup' && !isDue(now, this.deadline())) return [];
    this.#latest = now;
    const outputs: Output = [];
    switch (input.kind) {
      case 'up':
        this.#up(now, input, outputs);
        break;
      case 'moved':
        this.#moved(now, input, outputs);
        break;
      case 'missed':
        this.#missed(now, input.peer, outputs);
        break;
      case 'down':
        this.#down(now, input.peer, input.why ?? 'lost', outputs);
        break;
      case 'slept':
        for (const peer of this.#neighbours.peers()) this.#down(now, peer, 'let-go', []); // nobody is left to tell anything
        break;
      case 'failed':
        this.#links.failed(now, input.peer);
        this.#visits.failed(input.peer);
        this.#rendezvous.failed(now, input.peer, false);
        this.#keepers.failed(input.peer);
        break;
      case 'join':
        this.#join(now, input.tag, outputs);
        break;
      case 'leave':
        this.#leave(now, input.tag);
        break;
      case 'self':
        this.#about = { addresses: input.addresses.slice(0, addressesMax), mapping: input.mapping, filtering: input.filtering };
        this.#duty.describe(now, reachOf(input));
        this.#describe(now);
        this.#rendezvous.locate(now, input.openAt ?? null);
        break;
      case 'frame':
        this.#frame(now, input.peer, input.frame, outputs);
        break;
      case 'fresh':
        return pushOf(this.#targetsOf(now, input), input.id, input.postage);
      case 'duplicate': {
        const from = this.#neighbours.get(input.from);
        if (from === undefined || !this.carries(input.tag)) return [];
        this.#support.brought(from.peer, input.tag, [shortIdOf(input.id)]);
        return this.#tree.duplicate(now, from, input.tag, shortIdOf(input.id));
      }
      case 'rebroadcast':
        return pushOf(rebroadcastTargets(this.#neighbours, this.#random), input.id, input.postage);
      case 'seek':
        this.#forget(this.#keepers.seek(now, input.tag));
        break;
      case 'wakeup':
        if (this.#duty.wake(now)) this.#describe(now);
        outputs.push(...this.#tree.wake(now), ...this.#greeter.wake(now));
        this.#look(now, outputs);
        if (!isDue(now, earliest(this.#introducers.deadline(), this.#getOnAt))) return outputs;
        this.#graft(this.#support.wake(now), outputs);
        outputs.push(...this.#links.wake(now), ...this.#introducers.wake(now));
        break;
      default:
        return unreachable(input);
    }
    if (mayChange(input) || isDue(now, this.#getOnAt)) this.#getOn(now, outputs);
    return outputs;
  }

  /** Found once for each input that can change it. */
  deadline(): Instant | null {
    return earliest(this.#greeter.deadline(), this.#tree.deadline(), this.#introducers.deadline(), this.#duty.deadline(), this.#getOnAt);
  }

  /** The peers with a session, and the topics each says it subscribes to. */
  neighbours(): readonly { readonly peer: PeerId; readonly address: Address; readonly tags: readonly TopicTag[] }[] {
    return this.#neighbours.all().map(({ peer, address, tags }) => ({ peer, address, tags: [...tags] }));
  }

  /** The neighbours that subscribe to a topic. */
  subscribersOf(tag: TopicTag): readonly PeerId[] {
    return this.#neighbours.subscribersOf(tag);
  }

  /** Whether a neighbour helps to spread an own topic: it is a link of it, or there are so few ways to its subscribers that anybody may be of help. */
  spreads(peer: PeerId, tag: TopicTag): boolean {
    const neighbour = this.#neighbours.get(peer);
    if (neighbour === undefined) return false;
    const adopted = this.#neighbours.adoptedOf(tag);
    return neighbour.tags.has(tag) || adopted.has(neighbour) || this.#neighbours.waysTo(tag, supportedBelow).size + adopted.size < supportedBelow;
  }

  /** Whether objects of a topic go along its tree here: it is an own one, or carried for others. */
  carries(tag: TopicTag): boolean {
    return this.#links.isOwn(tag) || this.#support.carries(tag);
  }

  /** Whether so few subscribers of a topic are known that others must keep its objects. */
  isCold(tag: TopicTag): boolean {
    return this.#links.isCold(tag);
  }

  /** Whether a topic has so few links that what is pushed to one of them, and lost, may come to it from nobody else. */
  isSparse(tag: TopicTag): boolean {
    return this.#neighbours.count(tag) < sparseBelow;
  }

  /** Who besides `to` is to have what this peer publishes, for those who are away: nobody unless the topic is cold. Drawn anew each time. */
  holdersFor(tag: TopicTag, to: readonly PeerId[] = []): readonly PeerId[] {
    return this.isCold(tag) ? othersFor(this.#neighbours, tag, to, this.keepersOf(tag), this.#random) : [];
  }

  /** Whether this peer itself is one of those who keep a topic, as far as it knows. */
  keeps(now: Instant, tag: TopicTag): boolean {
    return this.#keepers.keeps(now, tag);
  }

  /** The neighbours that keep a topic: those where its subscribers meet, and those that were sought just now. */
  keepersOf(tag: TopicTag): readonly PeerId[] {
    if (this.#custody === 'seed') return [];
    return [...new Set([...this.#rendezvous.foundOf(tag), ...this.#keepers.foundOf(tag)])].filter((peer) => this.#neighbours.get(peer)?.keeps === true);
  }

  /** What to say first to a peer that is being connected: it may ride in the first datagram, and `up` then tells so. */
  greeting(peer: PeerId): readonly (Hello | Find)[] {
    const lacking = this.#links.subjects().filter((subject) => this.#links.lacks(subject) > 0);
    const subjects = [...new Set([...lacking, ...this.#visits.askedOf(peer)])];
    return [this.#greeter.hello(), ...subjects.reverse().map((tag): Find => ({ kind: 'find', tag }))];
  }

  /**
   * What to answer a peer that may not be there: its datagram may be a copy of an old one. Changes nothing. `null` if it
   * is to be answered when the session is up.
   */
  answer(asker: PeerAddress, frame: Frame): Hello | Peers | null {
    if (frame.kind === 'hello') return this.#greeter.hello();
    if (frame.kind !== 'find') return null;
    // Whoever else there is may be named a round trip later: by then somebody may have come who subscribes.
    if (frame.tag !== null && this.#neighbours.subscribersOf(frame.tag).length === 0) return null;
    return frame.keepers === true ? null : this.#answers.peersFor(this.#latest, asker, frame.tag);
  }

  /** How full everything is that others can fill. */
  bounds(): readonly Bound[] {
    return [this.#visits, this.#neighbours, this.#links, this.#tree, this.#support, this.#rendezvous, this.#keepers].flatMap((part) => part.bounds());
  }

  /** How often something was ignored, by reason. */
  drops(): Readonly<Partial<Record<MeshDrop, number>>> {
    return this.#drops.snapshot();
  }

  #up(now: Instant, { peer, address, relay = null, said = [], isDialled = false }: Extract<MeshInput, { kind: 'up' }>, outputs: Output): void {
    if (peer === this.#self || (this.#neighbours.isFull && !this.#neighbours.has(peer))) {
      this.#drops.add(peer === this.#self ? 'own-id' : 'neighbours-full');
      return;
    }
    const isLookedFor = this.#visits.connected(peer);
    const isChosen = this.#links.connected(peer) || isLookedFor;
    this.#down(now, peer, 'let-go', outputs);
    const neighbour = this.#neighbours.add(now, { peer, address, isRelayed: relay !== null, isChosen, isDialled });
    this.#introducers.came(now);
    outputs.push(...this.#greeter.came(now, neighbour, said));
    this.#meet(now, neighbour, this.#links.tags(), outputs);
    for (const frame of said) if (frame.kind === 'find') neighbour.asked.add(frame.tag);
    if (isLookedFor) this.#visits.add(peer);
    outputs.push(...this.#visits.came(neighbour), ...this.#links.came(now, neighbour));
  }

  #down(now: Instant, peer: PeerId, why: 'lost' | 'let-go' | 'refused', outputs: Output): void {
    const neighbour = this.#neighbours.get(peer);
    if (neighbour === undefined) return;
    this.#support.lost(now, neighbour);
    const eager = [...neighbour.eager];
    this.#neighbours.delete(peer);
    this.#visits.delete(peer);
    this.#tree.down(peer);
    for (const tag of eager) outputs.push(...this.#tree.shrink(tag));
    if (why !== 'let-go') this.#rendezvous.failed(now, peer, why === 'refused');
    this.#keepers.failed(peer);
    if (why === 'refused') this.#links.refused(now, peer);
  }

  /** What was on the way went to where nobody is any more. */
  #moved(now: Instant, { peer, address, relay = null }: Extract<MeshInput, { kind: 'moved' }>, outputs: Output): void {
    const neighbour = this.#neighbours.get(peer);
    if (neighbour === undefined) return;
    neighbour.address = address;
    neighbour.isRelayed = relay !== null;
    if (neighbour.movedAt !== null && now - neighbour.movedAt < meetAgainMs) return;
    neighbour.movedAt = now;
    neighbour.metAt.clear();
    this.#meet(now, neighbour, this.#links.tags(), outputs);
  }

  /** Something was lost on the way from a link, objects or word of them perhaps: it is asked what it has. */
  #missed(now: Instant, peer: PeerId, outputs: Output): void {
    const neighbour = this.#neighbours.get(peer);
    if (neighbour === undefined || (neighbour.missedAt !== null && now - neighbour.missedAt < missedAgainMs)) return;
    const tags = this.#links.tags().filter((tag) => this.#tree.isLink(tag, neighbour) && this.#tree.isBusy(now, tag));
    if (tags.length === 0) return;
    neighbour.missedAt = now;
    outputs.push({ kind: 'meet', peer, tags: sample(this.#random, tags, missedTagsMax) });
  }

  /** Links of busy topics may be dead, and the last of a topic that falls silent may have been lost. */
  #look(now: Instant, outputs: Output): void {
    for (const { tag, links, asked } of this.#tree.takeBusy(now)) {
      if (links.length > 0) outputs.push({ kind: 'ask', peers: links.map(({ peer }) => peer), silentMs: linkSilentMs });
      for (const { peer } of asked) outputs.push({ kind: 'meet', peer, tags: [tag] });
    }
  }

  #join(now: Instant, tag: TopicTag, outputs: Output): void {
    if (this.#links.isOwn(tag)) return;
    if (this.#links.tags().length >= tagsMax) throw new RangeError(`Cannot join: a peer subscribes to at most ${tagsMax} topics`);
    this.#links.join(now, tag);
    this.#rendezvous.join(now, tag);
    this.#support.join(tag);
    this.#greeter.tellAll(now);
    for (const link of this.#neighbours.subscribing(tag)) outputs.push(...this.#tree.grow(tag, link));
    if (this.#links.lacks(tag) > 0) outputs.push(...this.#links.askAround(tag));
    for (const neighbour of this.#neighbours.all()) this.#meet(now, neighbour, [tag], outputs);
  }

  #leave(now: Instant, tag: TopicTag): void {
    if (!this.#links.leave(tag)) return;
    this.#tree.leave(tag);
    this.#support.leave(tag);
    this.#rendezvous.leave(tag);
    this.#greeter.tellAll(now);
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
        if (frame.keepers === true && frame.tag !== null) this.#keepers.asked(now, frame.tag);
        outputs.push(...this.#answers.answer(now, neighbour, frame));
        return null;
      case 'peers':
        if (!neighbour.frames.take(now)) return 'too-often';
        if (!neighbour.asked.has(frame.tag)) return 'not-asked';
        this.#heard(neighbour, frame);
        this.#keepers.answered(neighbour, frame.tag, frame);
        this.#rendezvous.answered(neighbour.peer, neighbour.address, frame.tag, frame);
        return null;
      case 'ihave':
      case 'graft':
      case 'prune':
        if (!neighbour.treeFrames.take(now) || (frame.kind === 'ihave' && !neighbour.announced.take(now, frame.ids.length))) return 'too-often';
        if (frame.kind === 'graft') this.#grafted(now, neighbour, frame, outputs);
        if (!this.#tree.isLink(frame.tag, neighbour)) return 'not-linked';
        this.#tree.frame(now, neighbour, frame);
        if (frame.kind === 'ihave') this.#support.brought(neighbour.peer, frame.tag, frame.ids);
        return null;
      default:
        return unreachable(frame);
    }
  }

  /** An answer names subscribers. Of a topic whose keepers alone are sought they are of no use. */
  #heard(neighbour: Neighbour, frame: Peers): void {
    const isOwn = frame.tag === null || this.#links.isOwn(frame.tag);
    if (frame.tag === null || frame.peers.length > 0 || !isOwn) neighbour.asked.delete(frame.tag); // else the names may still come
    if (isOwn) this.#links.heardOf(neighbour, frame);
  }

  /** Who is no link by subscribing as this peer does may become one, or stay one. SPEC, Support. */
  #grafted(now: Instant, neighbour: Neighbour, { tag, ids }: Graft, outputs: Output): void {
    const doesSubscribe = neighbour.tags.has(tag);
    if (this.#links.isOwn(tag) && !doesSubscribe) this.#support.offered(now, neighbour, tag);
    if (!this.#links.isOwn(tag) && doesSubscribe && ids.length === 0) this.#graft(this.#support.asked(now, neighbour, tag) ?? [], outputs);
  }

  #greeted(now: Instant, neighbour: Neighbour, { tags, mapping, filtering, keepsNothing }: Hello, outputs: Output): void {
    const reach = reachOf({ mapping, filtering });
    const isOpen = reach === 'open' && !neighbour.isRelayed;
    neighbour.keeps = keepsNothing !== true;
    neighbour.isIntroduced = reach === 'introduced';
    this.#neighbours.setOpen(neighbour, isOpen);
    this.#rendezvous.heard(now, neighbour.peer, neighbour.address, isOpen, neighbour.keeps);
    const eager = [...neighbour.eager];
    const added = this.#neighbours.setTags(neighbour, tags);
    if (added.length > 0) neighbour.subscribedAt = now;
    for (const tag of eager) if (!neighbour.eager.has(tag)) outputs.push(...this.#tree.shrink(tag));
    this.#meet(now, neighbour, added, outputs);
    for (const tag of added) {
      if (this.#links.isOwn(tag)) outputs.push(...this.#tree.grow(tag, neighbour));
      outputs.push(...this.#links.trim(tag));
      for (const asker of this.#neighbours.takeAwaiting(tag)) outputs.push(...this.#answers.answer(now, asker, { tag }, true));
    }
  }

  #targetsOf(now: Instant, { id, tag, from, postage, isPulled = false, recipient, holders }: Extract<MeshInput, { kind: 'fresh' }>): readonly PeerId[] {
    if (!this.carries(tag)) return isPulled ? [] : relayTargets(this.#neighbours, tag, from, recipient, this.#random);
    const { to: links, knownBy } = this.#tree.fresh(now, { id: shortIdOf(id), tag, from, postage, isPulled });
    if (from !== null) this.#support.came(now, tag, shortIdOf(id), knownBy);
    const to = recipient !== undefined && recipient !== from && this.#neighbours.has(recipient) && !links.includes(recipient) ? [recipient, ...links] : links;
    if (from !== null) return to;
    return holders === undefined ? [...to, ...this.holdersFor(tag, to)] : [...to, ...holders.filter((peer) => !to.includes(peer) && this.#neighbours.has(peer))];
  }

  #describe(now: Instant): void {
    this.#greeter.describe(now, { ...this.#about, ...(this.#custody !== 'seed' && this.#duty.mustDeny ? { keepsNothing: true } : {}) });
  }

  /** After each input that may change who is there or what is known of them, and in time: what is lacking is looked for. */
  #getOn(now: Instant, outputs: Output): void {
    for (const tag of this.#links.tags()) this.#graft(this.#support.seek(now, tag), outputs);
    outputs.push(...this.#links.getOn(now), ...this.#visits.getOn(now));
    for (const found of this.#keepers.finished(now)) this.#tellKeepers(found, outputs);
    this.#getOnAt = earliest(this.#links.deadline(), this.#rendezvous.deadline(), this.#keepers.deadline(), this.#support.deadline());
  }

  #tellKeepers({ tag, peers, spares, isNear, isCrowded }: Found, outputs: Output): void {
    this.#forget(tag);
    const strangers = strangersFor(this.#neighbours, tag, peers, publishStrangers - peers.length, this.#random);
    outputs.push({ kind: 'keepers', tag, peers, spares, strangers, isNear, isCrowded });
  }

  /** The keepers of a topic are sought no more: who has not answered need not. */
  #forget(tag: TopicTag | null): void {
    if (tag !== null && !this.#links.isOwn(tag)) for (const neighbour of this.#neighbours.all()) neighbour.asked.delete(tag);
  }

  #graft(asks: readonly Ask[], outputs: Output): void {
    for (const { tag, link } of asks) outputs.push(this.#tree.graft(tag, link));
  }

  /** Reports those of `tags` that are own topics, each at most once in 10 s. */
  #meet(now: Instant, neighbour: Neighbour, tags: readonly TopicTag[], outputs: Output): void {
    const met = tags.filter((tag) => {
      const metAt = neighbour.metAt.get(tag);
      return this.#links.isOwn(tag) && (metAt === undefined || now - metAt >= meetAgainMs);
    });
    for (const tag of met) neighbour.metAt.set(tag, now);
    if (met.length > 0) outputs.push({ kind: 'meet', peer: neighbour.peer, tags: met });
  }
}

/** Whether an input can change what this peer lacks, or whom it could ask for that. Objects, and what is said about them, cannot. */
const mayChange = (input: MeshInput): boolean => {
  if (input.kind === 'frame') return input.frame.kind === 'hello' || input.frame.kind === 'peers' || input.frame.kind === 'graft';
  return input.kind !== 'moved' && input.kind !== 'missed';
};

const pushOf = (to: readonly PeerId[], id: PacketId, postage: number): readonly MeshOutput[] => {
  if (!Number.isInteger(postage) || postage < 0 || postage > postageMax) throw new RangeError(`Cannot push: postage must be 0..${postageMax}, got ${postage}`);
  return to.length === 0 || postage === 0 ? [] : [{ kind: 'push', to, id, postage }];
};
