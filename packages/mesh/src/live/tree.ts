/**
 * Passing objects of the own topics on: pushed along a tree, announced on all other links. SPEC, Passing on.
 *
 * ```
 *            ┌──push──▶ eager link        the first two links are eager (GRAFT), all others lazy
 *  fresh ────┤                            a second push of one object makes its link lazy (PRUNE)
 *            └─IHAVE──▶ lazy link         an object that is announced and does not come makes it eager (GRAFT)
 * ```
 *
 * This is Plumtree (Leitão, Pereira, Rodrigues: Epidemic Broadcast Trees, 2007), with one tree for all authors
 * of a topic. Three things differ. Links begin lazy but for the first two, so that the first objects do not flood. A second
 * push prunes only if the first came along the tree as well: what came by a lazy link says nothing about it. And of several
 * objects that are under way one prunes, in the mean.
 *
 * The links are the neighbours that subscribe to the topic as this peer does, and those that support.ts adopts. Everything is bounded by what they may announce.
 */
import { type Bound, BoundedMap, earliest, type Instant, type PeerId, type Random, sample, type ShortId, type TopicTag } from '@srp/machine';
import { type Graft, type IHave, type Prune } from '@srp/wire';
import { eagerWanted, graftIdsMax, knownByMax, announceOwnTo, pacedTopicsMax, recentMax, underWayMs } from '../constants.js';
import { type Neighbour, type Neighbours } from '../neighbours.js';
import { Announcements } from './announcements.js';
import { LackingObjects } from './lacking.js';
import { OwnObjects } from './own.js';
import { Pulse } from './pulse.js';

/** The frames of the tree. */
export type TreeFrame = IHave | Graft | Prune;

/** What the tree asks of the mesh. */
export interface TreeOutput {
  readonly kind: 'frame';
  readonly to: PeerId;
  readonly frame: TreeFrame;
}

/** An object that came or went lately. */
interface Recent {
  /** Who brought it; `null` if it is our own. */
  readonly from: PeerId | null;
  /** Whether it came along the tree, or is our own. */
  readonly isOfTree: boolean;
  /** Who sent or announced it, at most 32: to them it is not announced. Mostly a handful, and there are many such lists: not a set, which is four times as large. */
  readonly knownBy: PeerId[];
}

/** How an object came here: who brought it, with what postage left, and whether it had been asked for elsewhere. */
export interface Fresh {
  readonly id: ShortId;
  readonly tag: TopicTag;
  readonly from: PeerId | null;
  readonly postage: number;
  readonly isPulled: boolean;
}

export class Tree {
  readonly #neighbours: Neighbours;
  readonly #random: Random;
  readonly #isOwn: (tag: TopicTag) => boolean;
  /** Whether an object of a topic is, or was, here. */
  readonly #has: (id: ShortId, tag: TopicTag) => boolean;
  readonly #announcements = new Announcements((id, to) => this.#recent.get(id)?.knownBy.includes(to) === true);
  readonly #lacking = new LackingObjects();
  readonly #own = new OwnObjects((id) => (this.#recent.get(id)?.knownBy.length ?? 0) > 0);
  readonly #recent = new BoundedMap<ShortId, Recent>(recentMax);
  /** When an object of a topic last came, and how many had come shortly before. */
  readonly #paces = new BoundedMap<TopicTag, { readonly at: Instant; readonly count: number }>(pacedTopicsMax);
  readonly #pulse: Pulse;

  constructor(neighbours: Neighbours, random: Random, isOwn: (tag: TopicTag) => boolean, has: (id: ShortId, tag: TopicTag) => boolean) {
    this.#neighbours = neighbours;
    this.#random = random;
    this.#isOwn = isOwn;
    this.#has = has;
    this.#pulse = new Pulse(random.fork('pulse'));
  }

  deadline(): Instant | null {
    return earliest(this.#announcements.deadline(), this.#lacking.deadline(), this.#own.deadline(), this.#pulse.deadline());
  }

  bounds(): readonly Bound[] {
    return [...this.#announcements.bounds(), ...this.#lacking.bounds(), ...this.#own.bounds(), ...this.#pulse.bounds(), { name: 'mesh objects that came lately', size: this.#recent.size, max: recentMax }, { name: 'mesh topics with a pace', size: this.#paces.size, max: pacedTopicsMax }, { name: 'mesh neighbours that have an object', size: Math.max(0, ...[...this.#recent.values()].map(({ knownBy }) => knownBy.length)), max: knownByMax }];
  }

  /** Whom to push a fresh object to, and who had brought or announced it. To the other links it is announced. */
  fresh(now: Instant, { id, tag, from, postage, isPulled }: Fresh): { readonly to: readonly PeerId[]; readonly knownBy: readonly PeerId[] } {
    const { wasAsked: wasGrafted, sources } = this.#lacking.came(id);
    const knownBy = from === null || sources.includes(from) ? [...sources] : [...sources, from];
    const sender = from === null ? undefined : this.#neighbours.get(from);
    const isOfTree = sender === undefined || sender.eager.has(tag);
    this.#recent.set(id, { from, isOfTree, knownBy });
    this.#heard(now, tag);
    const isPassedOn = !isPulled || wasGrafted;
    if (isPassedOn) this.#paces.set(tag, { at: now, count: 1 + this.#underWay(now, tag) });

    const mayPush = postage > 0 && isPassedOn;
    const to: PeerId[] = [];
    for (const link of this.#linksOf(tag)) {
      if (knownBy.includes(link.peer)) continue;
      if (mayPush && link.eager.has(tag)) to.push(link.peer);
      else this.#announcements.add(now, link.peer, tag, id);
    }
    if (from === null && mayPush) this.#own.published(now, tag, id);
    return { to, knownBy };
  }

  /** A neighbour pushed an object that is here already: one of the two ways is one too many. */
  duplicate(now: Instant, from: Neighbour, tag: TopicTag, id: ShortId): readonly TreeOutput[] {
    const recent = this.#recent.get(id);
    if (recent === undefined) return [];
    isKnownBy(recent, from.peer);
    if (recent.from === from.peer || !recent.isOfTree || !from.eager.has(tag)) return [];
    // Each object that is on its way cuts a circle elsewhere, and what is between two cuts is cut off: so only one of them does, in the mean.
    if (this.#random.below(Math.max(1, Math.ceil(this.#underWay(now, tag)))) > 0) return [];
    from.eager.delete(tag);
    return [{ kind: 'frame', to: from.peer, frame: { kind: 'prune', tag } }];
  }

  /** A link says something about an own topic. */
  frame(now: Instant, from: Neighbour, frame: TreeFrame): void {
    switch (frame.kind) {
      case 'ihave':
        // What it said before takes no turn.
        if (frame.ids.filter((id) => this.#announced(now, from, frame.tag, id)).length > 0) this.#announcements.heard(now, from.peer, frame.tag);
        break;
      case 'graft':
        from.eager.add(frame.tag);
        break;
      case 'prune':
        from.eager.delete(frame.tag);
        break;
    }
  }

  /** A neighbour is a link of an own topic from now on: one of the tree, while there are few. */
  grow(tag: TopicTag, link: Neighbour): readonly TreeOutput[] {
    return this.#eagerCount(tag) < eagerWanted ? [this.graft(tag, link)] : [];
  }

  /** Makes a link one of the tree. */
  graft(tag: TopicTag, link: Neighbour): TreeOutput {
    link.eager.add(tag);
    return { kind: 'frame', to: link.peer, frame: { kind: 'graft', tag, ids: [] } };
  }

  /** The session with the peer is over. */
  down(peer: PeerId): void {
    this.#announcements.forget(peer);
  }

  /** An eager link of a topic is gone. Who hung on it alone takes another place in the tree. */
  shrink(tag: TopicTag): readonly TreeOutput[] {
    if (this.#eagerCount(tag) > 0) return [];
    for (const link of this.#linksOf(tag)) return [this.graft(tag, link)];
    return [];
  }

  /** Whether objects of an own topic have come lately, or word of any: where none go about, none is lost. */
  isBusy(now: Instant, tag: TopicTag): boolean {
    return this.#pulse.isBusy(now, tag);
  }

  /** The links of each busy topic whose turn it is; `asked` are those to ask what they have, if it has fallen silent. */
  takeBusy(now: Instant): readonly { readonly tag: TopicTag; readonly links: readonly Neighbour[]; readonly asked: readonly Neighbour[] }[] {
    return this.#pulse.take(now).map(({ tag, isSilent }) => {
      const links = [...this.#linksOf(tag)];
      return { tag, links, asked: isSilent ? [...sample(this.#random, links, 1), ...sample(this.#random, this.#othersThatKeep(new Set(links)), 1)] : [] };
    });
  }

  leave(tag: TopicTag): void {
    this.#pulse.leave(tag);
    this.#announcements.leave(tag);
    this.#lacking.leave(tag);
    this.#own.leave(tag);
  }

  /** What is due: announcements, and requests for what was announced and did not come. */
  wake(now: Instant): readonly TreeOutput[] {
    const outputs: TreeOutput[] = [];
    for (const { tag, ids } of this.#own.take(now)) {
      // Apart from what waits, which must not wait longer for it.
      for (const { peer } of sample(this.#random, [...this.#linksOf(tag)], announceOwnTo)) outputs.push({ kind: 'frame', to: peer, frame: { kind: 'ihave', tag, ids } });
    }
    for (const { to, tag, ids } of this.#announcements.take(now)) outputs.push({ kind: 'frame', to, frame: { kind: 'ihave', tag, ids } });
    const isLink = (peer: PeerId, tag: TopicTag): boolean => {
      const neighbour = this.#neighbours.get(peer);
      return neighbour !== undefined && this.isLink(tag, neighbour);
    };
    for (const { to, tag, ids } of this.#lacking.take(now, isLink)) {
      this.#neighbours.get(to)?.eager.add(tag);
      for (let at = 0; at < ids.length; at += graftIdsMax) outputs.push({ kind: 'frame', to, frame: { kind: 'graft', tag, ids: ids.slice(at, at + graftIdsMax) } });
    }
    return outputs;
  }

  /** Whether a neighbour is a link of a topic. */
  isLink(tag: TopicTag, neighbour: Neighbour): boolean {
    return (this.#isOwn(tag) && neighbour.tags.has(tag)) || this.#neighbours.adoptedOf(tag).has(neighbour);
  }

  #heard(now: Instant, tag: TopicTag): void {
    if (this.#isOwn(tag)) this.#pulse.heard(now, tag);
  }

  /** How many objects of a topic are under way, about. */
  #underWay(now: Instant, tag: TopicTag): number {
    const { at, count } = this.#paces.get(tag) ?? { at: now, count: 0 };
    return count * Math.max(0, 1 - (now - at) / underWayMs);
  }

  #linksOf(tag: TopicTag): Iterable<Neighbour> {
    const adopted = this.#neighbours.adoptedOf(tag);
    if (!this.#isOwn(tag)) return adopted.keys();
    const subscribing = this.#neighbours.subscribing(tag);
    return adopted.size === 0 ? subscribing : new Set([...subscribing, ...adopted.keys()]);
  }

  #othersThatKeep(links: ReadonlySet<Neighbour>): readonly Neighbour[] {
    return [...this.#neighbours.open()].filter((neighbour) => neighbour.keeps && !links.has(neighbour));
  }

  #eagerCount(tag: TopicTag): number {
    let count = 0;
    for (const { eager } of this.#linksOf(tag)) if (eager.has(tag)) count += 1;
    return count;
  }

  /** Answers whether that was news. */
  #announced(now: Instant, from: Neighbour, tag: TopicTag, id: ShortId): boolean {
    const recent = this.#recent.get(id);
    if (recent?.knownBy.includes(from.peer) === true) return false;
    this.#heard(now, tag);
    if (recent !== undefined) isKnownBy(recent, from.peer);
    else if (!this.#has(id, tag)) this.#lacking.announced(now, from, tag, id);
    return true;
  }
}

const isKnownBy = ({ knownBy }: Recent, peer: PeerId): void => {
  if (knownBy.length < knownByMax && !knownBy.includes(peer)) knownBy.push(peer);
};
