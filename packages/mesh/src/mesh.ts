/**
 * Who knows whom, and who gets what, as a machine. SPEC, Mesh. A first version: it floods each topic among
 * the subscribers it knows; partial views and lazy push come later, behind the same inputs and outputs.
 *
 * ```
 *   up ──▶ HELLO, FIND, meet            HELLO ──▶ meet (reconcile a topic)
 *   join, leave ──▶ HELLO, FIND, meet   FIND ──▶ PEERS
 *                                       PEERS ──▶ reach (connect it, through these)
 *   fresh, rebroadcast ──▶ push
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
import { type Address, after, Counter, earliest, type Instant, jittered, type Machine, type PacketId, type PeerId, type Random, sample, type TopicTag, unreachable, type Wakeup } from '@srp/machine';
import { type Find, type Frame, type Hello, type NatBehaviour, type PeerAddress, type Peers } from '@srp/wire';
import { answerTo } from './answer.js';
import { Candidates } from './candidates.js';
import { addressesMax, chosenWanted, findFanout, helloDelayMs, helloRepeatFactor, helloRepeatMaxMs, helloRepeatMs, meetAgainMs, neighboursWanted, pauseJitter, peersMax, postageMax, protocolVersion, subscribersWanted, tagsMax } from './constants.js';
import { type Neighbour, Neighbours, type Subject } from './neighbours.js';
import { publishTargets, rebroadcastTargets, relayTargets } from './push.js';
import { Search } from './search.js';

/** The frames a mesh reads and writes. */
export type MeshFrame = Hello | Find | Peers;

/** What a mesh takes. */
export type MeshInput =
  /** A session to this peer opened, or opened anew. It has had the frames of `said` already: what {@link Mesh.greeting} and {@link Mesh.answer} gave. */
  | { readonly kind: 'up'; readonly peer: PeerId; readonly address: Address; readonly said?: readonly Frame[] }
  /** The session has another address now. */
  | { readonly kind: 'moved'; readonly peer: PeerId; readonly address: Address }
  /** The session is over. */
  | { readonly kind: 'down'; readonly peer: PeerId }
  /** A wanted connection could not be made. Saying so is optional: after 10 s another is tried. */
  | { readonly kind: 'failed'; readonly peer: PeerId }
  /** This peer subscribes to a topic: at most 64, else `RangeError`. */
  | { readonly kind: 'join'; readonly tag: TopicTag }
  /** It does no longer. */
  | { readonly kind: 'leave'; readonly tag: TopicTag }
  /** What this peer found out about itself, for its HELLO; of the addresses the first 4 count. */
  | { readonly kind: 'self'; readonly addresses: readonly Address[]; readonly mapping: NatBehaviour; readonly filtering: NatBehaviour }
  /** A neighbour says something. */
  | { readonly kind: 'frame'; readonly peer: PeerId; readonly frame: MeshFrame }
  /** An object that this peer did not have: from a neighbour, postage already reduced, or its own (`from` is `null`). Once for each id. */
  | { readonly kind: 'fresh'; readonly id: PacketId; readonly tag: TopicTag; readonly postage: number; readonly from: PeerId | null; readonly recipient?: PeerId }
  /** The cache asks for one more copy elsewhere. */
  | { readonly kind: 'rebroadcast'; readonly id: PacketId; readonly tag: TopicTag; readonly postage: number }
  | Wakeup;

/** What a mesh gives. */
export type MeshOutput =
  /** Send this to a neighbour. */
  | { readonly kind: 'frame'; readonly to: PeerId; readonly frame: MeshFrame }
  /** Send the object to these neighbours, 1..10 of them, with this postage. */
  | { readonly kind: 'push'; readonly to: readonly PeerId[]; readonly id: PacketId; readonly postage: number }
  /** Connect this peer; the neighbours in `via`, 1..3, say they know it. */
  | { readonly kind: 'reach'; readonly peer: PeerId; readonly via: readonly PeerId[] }
  /** End the session with this neighbour: nothing needs it. `down` follows. */
  | { readonly kind: 'drop'; readonly peer: PeerId }
  /** Reconcile these own topics with this neighbour: it is new, the topic is, or it has begun to subscribe to it. Who does not subscribe may keep objects of it. */
  | { readonly kind: 'meet'; readonly peer: PeerId; readonly tags: readonly TopicTag[] };

/** Why something a neighbour sent, or a session, was ignored. */
export type MeshDrop = 'no-neighbour' | 'too-often' | 'not-asked' | 'neighbours-full' | 'own-id';

/** How a mesh is made: `random` is its own, a fork of its parent's. */
export interface MeshOptions {
  readonly self: PeerId;
  readonly random: Random;
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
  readonly #drops = new Counter<MeshDrop>();
  #about: Pick<Hello, 'addresses' | 'mapping' | 'filtering'> = { addresses: [], mapping: 'unknown', filtering: 'unknown' };

  constructor({ self, random }: MeshOptions) {
    this.#self = self;
    this.#random = random;
    this.#candidates = new Candidates(random);
    this.#searches.set(null, new Search(random));
  }

  handle(now: Instant, input: MeshInput): readonly MeshOutput[] {
    const outputs: Output = [];
    switch (input.kind) {
      case 'up':
        this.#up(now, input.peer, input.address, input.said ?? [], outputs);
        break;
      case 'moved':
        this.#moved(input.peer, input.address);
        break;
      case 'down':
        this.#neighbours.delete(input.peer);
        break;
      case 'failed':
        this.#candidates.fail(now, input.peer);
        break;
      case 'join':
        this.#join(now, input.tag, outputs);
        break;
      case 'leave':
        this.#leave(now, input.tag);
        break;
      case 'self':
        this.#about = { addresses: input.addresses.slice(0, addressesMax), mapping: input.mapping, filtering: input.filtering };
        this.#helloSoon(now);
        break;
      case 'frame':
        this.#frame(now, input.peer, input.frame, outputs);
        break;
      case 'fresh': {
        const { tag, from, recipient } = input;
        const to = from === null ? publishTargets(this.#neighbours, tag, recipient, this.#random) : relayTargets(this.#neighbours, tag, from, recipient, this.#random);
        return pushOf(to, input.id, input.postage);
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
    return earliest(
      this.#candidates.deadline(),
      ...[...this.#searches.values()].map((search) => search.deadline()),
      ...this.#neighbours.all().map(({ helloAt }) => helloAt),
    );
  }

  /** The peers with a session, and the topics each says it subscribes to. */
  neighbours(): readonly { readonly peer: PeerId; readonly address: Address; readonly tags: readonly TopicTag[] }[] {
    return this.#neighbours.all().map(({ peer, address, tags }) => ({ peer, address, tags: [...tags] }));
  }

  /** The neighbours that subscribe to a topic. */
  subscribersOf(tag: TopicTag): readonly PeerId[] {
    return this.#neighbours.subscribersOf(tag);
  }

  /** What to say first to a peer that is being connected: it may ride in the first datagram, and `up` then tells so. */
  greeting(): readonly (Hello | Find)[] {
    const lacking = [...this.#searches.keys()].filter((subject) => this.#lacks(subject) > 0);
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
    const peers = answerTo(asker, frame.tag, this.#neighbours, this.#random);
    return peers.length === 0 ? null : { kind: 'peers', tag: frame.tag, peers, closer: [] };
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
    const neighbour = this.#neighbours.add(now, peer, address, this.#candidates.connected(peer));
    if (said.some((frame) => frame.kind === 'hello' && isSame(frame, this.#hello()))) this.#planHello(now, neighbour, helloRepeatMaxMs);
    else this.#sayHello(now, neighbour, outputs);
    this.#meet(now, neighbour, this.#tags(), outputs);
    for (const frame of said) if (frame.kind === 'find') neighbour.asked.add(frame.tag);
    for (const subject of this.#searches.keys()) if (this.#lacks(subject) > 0 && !neighbour.asked.has(subject)) this.#ask(neighbour, subject, outputs);
  }

  #moved(peer: PeerId, address: Address): void {
    const neighbour = this.#neighbours.get(peer);
    if (neighbour !== undefined) neighbour.address = address;
  }

  #join(now: Instant, tag: TopicTag, outputs: Output): void {
    const tags = this.#tags();
    if (tags.includes(tag)) return;
    if (tags.length >= tagsMax) throw new RangeError(`Cannot join: a peer subscribes to at most ${tagsMax} topics`);
    this.#searches.set(tag, new Search(this.#random));
    this.#helloSoon(now);
    if (this.#lacks(tag) > 0) this.#askAround(tag, outputs);
    for (const neighbour of this.#neighbours.all()) this.#meet(now, neighbour, [tag], outputs);
  }

  #leave(now: Instant, tag: TopicTag): void {
    if (!this.#searches.delete(tag)) return;
    this.#candidates.forget(tag);
    this.#helloSoon(now);
    for (const neighbour of this.#neighbours.all()) {
      neighbour.metAt.delete(tag);
      neighbour.asked.delete(tag);
    }
  }

  #frame(now: Instant, peer: PeerId, frame: MeshFrame, outputs: Output): void {
    const neighbour = this.#neighbours.get(peer);
    if (neighbour === undefined) this.#drops.add('no-neighbour');
    else if (!neighbour.frames.take(now)) this.#drops.add('too-often');
    else if (frame.kind === 'hello') this.#meet(now, neighbour, this.#neighbours.setTags(neighbour, frame.tags), outputs);
    else if (frame.kind === 'find') this.#answer(neighbour, frame.tag, outputs);
    else if (neighbour.asked.delete(frame.tag)) this.#hearOf(neighbour, frame);
    else this.#drops.add('not-asked');
  }

  #answer(asker: Neighbour, subject: Subject, outputs: Output): void {
    const peers = answerTo(asker, subject, this.#neighbours, this.#random);
    if (peers.length > 0) outputs.push({ kind: 'frame', to: asker.peer, frame: { kind: 'peers', tag: subject, peers, closer: [] } });
  }

  #hearOf(via: Neighbour, { tag, peers }: Peers): void {
    for (const { peer } of peers.slice(0, peersMax)) {
      if (peer !== this.#self && !this.#neighbours.has(peer)) this.#candidates.add(peer, via.peer, tag);
    }
  }

  #wake(now: Instant, outputs: Output): void {
    this.#candidates.expire(now);
    for (const neighbour of this.#neighbours.all()) if (now >= neighbour.helloAt) this.#sayHello(now, neighbour, outputs);
  }

  /** After every input: searches begin, rest or ask, and candidates are connected. */
  #getOn(now: Instant, outputs: Output): void {
    for (const [subject, search] of this.#searches) {
      const lacks = this.#lacks(subject);
      search.set(now, lacks <= 0);
      if (search.isResting) continue;
      const reaches = this.#candidates.choose(now, subject, wantedOf(subject), lacks, (peer) => this.#neighbours.has(peer));
      for (const reach of reaches) outputs.push({ kind: 'reach', ...reach });
      if (search.take(now)) this.#askAround(subject, outputs);
    }
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
  }

  /** Something in the HELLO changed: everybody hears of it soon, and again in case that is lost. */
  #helloSoon(now: Instant): void {
    for (const neighbour of this.#neighbours.all()) {
      neighbour.helloPauseMs = 0;
      neighbour.helloAt = after(now, helloDelayMs);
    }
  }

  /** How many neighbours are still to be found. Those who came by themselves do not suffice, however many they are. */
  #lacks(subject: Subject): number {
    return Math.max(wantedOf(subject) - this.#neighbours.count(subject), chosenWanted - this.#neighbours.countChosen(subject));
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
