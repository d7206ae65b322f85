/**
 * The peers with a session, what each said about itself, and who subscribes to what.
 */
import { type Address, type Bound, earliest, type Instant, type PeerId, TokenBucket, type TopicTag } from '@srp/machine';
import { announcedBurst, announcedPerSecond, awaitingMax, framesBurst, framesPerSecond, neighboursMax, seeksMax, supportedOfOneMax, tagsMax, treeFramesBurst, treeFramesPerSecond } from './constants.js';

/** A topic, or `null` for any neighbour: what a FIND asks for. */
export type Subject = TopicTag | null;

/** A peer with a session. */
export interface Neighbour {
  readonly peer: PeerId;
  /** Where its session sees it, or sees who relays it. */
  address: Address;
  /** Whether it is heard through another peer, who alone knows where it is. */
  isRelayed: boolean;
  /** Whether this peer asked for the connection, rather than the neighbour. */
  readonly isChosen: boolean;
  /** Whether this peer opened the session, for whatever reason. */
  readonly isDialled: boolean;
  /** Whether it may keep objects for others, and whether it is reached only by who is introduced to it. */
  keeps: boolean;
  isIntroduced: boolean;
  /** The topics of its last HELLO, at most 64. */
  tags: ReadonlySet<TopicTag>;
  /** Topics whose objects are pushed to it, as long as it is a link of them; those of others are announced. */
  readonly eager: Set<TopicTag>;
  /** Topics that this peer carries for it, at most 8, and how long. */
  readonly seeksUntil: Map<TopicTag, Instant>;
  /** When the next HELLO goes to it, and the pause after that. */
  helloAt: Instant;
  helloPauseMs: number;
  /** What it was asked and has not answered. */
  readonly asked: Set<Subject>;
  /** What it asked about when nobody could be named: at most 64. It is told when somebody subscribes. */
  readonly awaits: Set<TopicTag>;
  /** When its HELLO last named a topic that the one before did not. */
  subscribedAt: Instant | null;
  /** When a topic shared with it was last reported. Only own topics: at most 64. */
  readonly metAt: Map<TopicTag, Instant>;
  /** When it, or this peer, last moved to another address and its topics were met anew. */
  movedAt: Instant | null;
  /** When it was asked what it has, since something of it was lost. */
  missedAt: Instant | null;
  /** How many HELLO, FIND and PEERS it may still send. */
  readonly frames: TokenBucket;
  /** How many IHAVE, GRAFT and PRUNE, and how many ids it may announce. */
  readonly treeFrames: TokenBucket;
  readonly announced: TokenBucket;
}

export class Neighbours {
  readonly #all = new Map<PeerId, Neighbour>();
  readonly #open = new Set<Neighbour>();
  #chosenCount = 0;
  readonly #subscribers = new Map<TopicTag, Set<Neighbour>>();
  /** Who asked about a topic that nobody subscribed to, at most 8 for each. */
  readonly #awaiting = new Map<TopicTag, Set<Neighbour>>();
  /** Links of a topic that are not links because both subscribe, and how long they are. SPEC, Support. */
  readonly #adopted = new Map<TopicTag, Map<Neighbour, Instant>>();

  bounds(): readonly Bound[] {
    const all = [...this.#all.values()];
    const largest = (name: string, sizeOf: (neighbour: Neighbour) => number, max: number): Bound => ({ name, size: Math.max(0, ...all.map(sizeOf)), max });
    return [
      { name: 'mesh neighbours', size: all.length, max: neighboursMax },
      { name: 'mesh topics of all neighbours', size: this.#subscribers.size, max: neighboursMax * tagsMax },
      largest('mesh topics of a neighbour', ({ tags }) => tags.size, tagsMax),
      largest('mesh topics pushed to a neighbour', ({ eager }) => eager.size, 2 * tagsMax), // own ones, and its own that are carried
      largest('mesh topics carried for a neighbour', ({ seeksUntil }) => seeksUntil.size, supportedOfOneMax),
      largest('mesh topics met with a neighbour', ({ metAt }) => metAt.size, tagsMax),
      { name: 'mesh topics awaited', size: this.#awaiting.size, max: neighboursMax * tagsMax },
      { name: 'mesh askers of a topic', size: Math.max(0, ...[...this.#awaiting.values()].map(({ size }) => size)), max: awaitingMax },
      largest('mesh topics a neighbour awaits', ({ awaits }) => awaits.size, tagsMax),
      largest('mesh questions to a neighbour', ({ asked }) => asked.size, tagsMax + 1 + seeksMax),
    ];
  }

  get isFull(): boolean {
    return this.#all.size >= neighboursMax;
  }

  has(peer: PeerId): boolean {
    return this.#all.has(peer);
  }

  get(peer: PeerId): Neighbour | undefined {
    return this.#all.get(peer);
  }

  all(): readonly Neighbour[] {
    return [...this.#all.values()];
  }

  peers(): readonly PeerId[] {
    return [...this.#all.keys()];
  }

  subscribersOf(tag: TopicTag): readonly PeerId[] {
    return [...this.subscribing(tag)].map(({ peer }) => peer);
  }

  /** Those that say that everyone reaches them unasked. */
  open(): ReadonlySet<Neighbour> {
    return this.#open;
  }

  /** A neighbour says whether it is one of them. */
  setOpen(neighbour: Neighbour, isOpen: boolean): void {
    if (isOpen) this.#open.add(neighbour);
    else this.#open.delete(neighbour);
  }

  /** The neighbours that subscribe to a topic. */
  subscribing(tag: TopicTag): ReadonlySet<Neighbour> {
    return this.#subscribers.get(tag) ?? nobody;
  }

  /** The adopted links of a topic. */
  adoptedOf(tag: TopicTag): ReadonlyMap<Neighbour, Instant> {
    return this.#adopted.get(tag) ?? noAdopted;
  }

  /** Whether a neighbour is an adopted link of any topic. */
  isAdopted(neighbour: Neighbour): boolean {
    for (const adopted of this.#adopted.values()) if (adopted.has(neighbour)) return true;
    return false;
  }

  /** Makes a neighbour a link of a topic until then. */
  adopt(neighbour: Neighbour, tag: TopicTag, until: Instant): void {
    const adopted = this.#adopted.get(tag);
    if (adopted === undefined) this.#adopted.set(tag, new Map([[neighbour, until]]));
    else adopted.set(neighbour, until);
  }

  /** A topic has no adopted links any more. */
  disown(tag: TopicTag): void {
    for (const neighbour of this.adoptedOf(tag).keys()) {
      neighbour.seeksUntil.delete(tag);
      neighbour.eager.delete(tag);
    }
    this.#adopted.delete(tag);
  }

  /** Links whose time is over are adopted no more, in all topics. Returns when the next one ends. */
  expireAllAdopted(now: Instant): Instant | null {
    let first: Instant | null = null;
    for (const tag of [...this.#adopted.keys()]) {
      this.expireAdopted(now, tag);
      for (const until of this.adoptedOf(tag).values()) first = earliest(first, until);
    }
    return first;
  }

  expireAdopted(now: Instant, tag: TopicTag): void {
    const adopted = this.#adopted.get(tag);
    for (const [neighbour, until] of adopted ?? []) {
      if ((neighbour.seeksUntil.get(tag) ?? now) <= now) neighbour.seeksUntil.delete(tag);
      if (until > now) continue;
      if (!neighbour.tags.has(tag)) neighbour.eager.delete(tag);
      this.#release(neighbour, tag);
    }
  }

  /** How many neighbours there are that a search for `subject` wants. */
  count(subject: Subject): number {
    return subject === null ? this.#all.size : (this.#subscribers.get(subject)?.size ?? 0);
  }

  /** Where the datagrams to the subscribers of a topic go: those behind one relay are reached by one way, which may fail, or keep back what is for all of them. `most` of them, if there are more. */
  waysTo(tag: TopicTag, most: number): ReadonlySet<Address> {
    const ways = new Set<Address>();
    for (const { address } of this.subscribing(tag)) if (ways.add(address).size >= most) break;
    return ways;
  }

  /** How many of them this peer chose itself. */
  countChosen(subject: Subject): number {
    if (subject === null) return this.#chosenCount;
    let count = 0;
    for (const { isChosen } of this.subscribing(subject)) if (isChosen) count += 1;
    return count;
  }

  add(now: Instant, { peer, address, isRelayed, isChosen, isDialled }: Pick<Neighbour, 'peer' | 'address' | 'isRelayed' | 'isChosen' | 'isDialled'>): Neighbour {
    this.delete(peer);
    const neighbour: Neighbour = { peer, address, isRelayed, isChosen, isDialled, keeps: true, isIntroduced: false, tags: new Set(), eager: new Set(), seeksUntil: new Map(), helloAt: now, helloPauseMs: 0, asked: new Set(), awaits: new Set(), subscribedAt: null, metAt: new Map(), movedAt: null, missedAt: null, frames: new TokenBucket(framesPerSecond, framesBurst), treeFrames: new TokenBucket(treeFramesPerSecond, treeFramesBurst), announced: new TokenBucket(announcedPerSecond, announcedBurst) };
    this.#all.set(peer, neighbour);
    if (isChosen) this.#chosenCount += 1;
    return neighbour;
  }

  delete(peer: PeerId): void {
    const neighbour = this.#all.get(peer);
    if (neighbour === undefined) return;
    this.setTags(neighbour, []);
    for (const tag of this.#adopted.keys()) this.#release(neighbour, tag);
    for (const tag of neighbour.awaits) this.#awaitNoMore(neighbour, tag);
    this.#open.delete(neighbour);
    this.#all.delete(peer);
    if (neighbour.isChosen) this.#chosenCount -= 1;
  }

  /** It subscribes to these and no others; of more than 64 the first 64 count. Returns those it did not have before. */
  setTags(neighbour: Neighbour, tags: readonly TopicTag[]): readonly TopicTag[] {
    const before = neighbour.tags;
    neighbour.tags = new Set(tags.slice(0, tagsMax));
    for (const tag of before) {
      if (neighbour.tags.has(tag)) continue;
      neighbour.eager.delete(tag);
      neighbour.seeksUntil.delete(tag);
      this.#release(neighbour, tag);
      const subscribers = this.#subscribers.get(tag);
      subscribers?.delete(neighbour);
      if (subscribers?.size === 0) this.#subscribers.delete(tag);
    }
    const added = [...neighbour.tags].filter((tag) => !before.has(tag));
    for (const tag of added) {
      const subscribers = this.#subscribers.get(tag);
      if (subscribers === undefined) this.#subscribers.set(tag, new Set([neighbour]));
      else subscribers.add(neighbour);
    }
    return added;
  }

  /** It asked about a topic, and nobody could be named. Of more than 8 who wait for one the first goes. */
  await(neighbour: Neighbour, tag: TopicTag): void {
    if (neighbour.awaits.size >= tagsMax || neighbour.awaits.has(tag)) return;
    const askers = this.#awaiting.get(tag) ?? new Set();
    const [first] = askers;
    if (first !== undefined && askers.size >= awaitingMax) this.#awaitNoMore(first, tag);
    this.#awaiting.set(tag, askers.add(neighbour));
    neighbour.awaits.add(tag);
  }

  /** Those who wait to hear of a subscriber; they wait no more. */
  takeAwaiting(tag: TopicTag): readonly Neighbour[] {
    const askers = [...(this.#awaiting.get(tag) ?? [])];
    for (const neighbour of askers) this.#awaitNoMore(neighbour, tag);
    return askers;
  }

  #awaitNoMore(neighbour: Neighbour, tag: TopicTag): void {
    const askers = this.#awaiting.get(tag);
    if (askers?.delete(neighbour) === true && askers.size === 0) this.#awaiting.delete(tag);
    neighbour.awaits.delete(tag);
  }

  #release(neighbour: Neighbour, tag: TopicTag): void {
    const adopted = this.#adopted.get(tag);
    if (adopted?.delete(neighbour) === true && adopted.size === 0) this.#adopted.delete(tag);
  }
}

const nobody: ReadonlySet<Neighbour> = new Set();
const noAdopted: ReadonlyMap<Neighbour, Instant> = new Map();
