/**
 * What waits to be announced: for each neighbour, ids of objects that are not pushed to it. SPEC, Passing on.
 *
 * They wait a moment, so that what the neighbour announces first need not be told to it; and after one IHAVE the next
 * waits longer, so that in a busy topic many ids share one.
 */
import { after, type Bound, earliest, type Instant, type PeerId, type ShortId, type TopicTag } from '@srp/machine';
import { announceAtMost, announceDelayMs, announcePauseMs, neighboursMax } from '../constants.js';

/** What one neighbour is to hear of. */
interface Waiting {
  /** When; `null` while nothing waits. */
  dueAt: Instant | null;
  /** Not before that: there was an IHAVE lately. */
  pausesUntil: Instant | null;
  readonly ids: Map<TopicTag, Set<ShortId>>;
}

/** An IHAVE that is due. */
export interface Announcement {
  readonly to: PeerId;
  readonly tag: TopicTag;
  /** 1..148. */
  readonly ids: readonly ShortId[];
}

export class Announcements {
  readonly #waiting = new Map<PeerId, Waiting>();
  /** No later than the first that is due. */
  #dueAt: Instant | null = null;

  bounds(): readonly Bound[] {
    const ids = [...this.#waiting.values()].flatMap((waiting) => [...waiting.ids.values()].map(({ size }) => size));
    return [
      { name: 'mesh neighbours to announce to', size: this.#waiting.size, max: neighboursMax },
      { name: 'mesh objects to announce', size: Math.max(0, ...ids), max: announceAtMost },
    ];
  }

  deadline(): Instant | null {
    return this.#dueAt;
  }

  /** Announces an id soon. Of more than 148 of one topic at once the rest is left to reconciling. */
  add(now: Instant, to: PeerId, tag: TopicTag, id: ShortId): void {
    let waiting = this.#waiting.get(to);
    if (waiting === undefined) this.#waiting.set(to, (waiting = { dueAt: null, pausesUntil: null, ids: new Map() }));
    const ids = waiting.ids.get(tag);
    if (ids === undefined) waiting.ids.set(tag, new Set([id]));
    else if (ids.size < announceAtMost) ids.add(id);
    if (waiting.dueAt !== null) return;
    const soon = after(now, announceDelayMs);
    waiting.dueAt = waiting.pausesUntil !== null && waiting.pausesUntil > soon ? waiting.pausesUntil : soon;
    this.#dueAt = earliest(this.#dueAt, waiting.dueAt);
  }

  /** The neighbour has it by now. */
  knows(peer: PeerId, tag: TopicTag, id: ShortId): void {
    this.#waiting.get(peer)?.ids.get(tag)?.delete(id);
  }

  forget(peer: PeerId): void {
    this.#waiting.delete(peer);
  }

  /** The topic was left. */
  leave(tag: TopicTag): void {
    for (const { ids } of this.#waiting.values()) ids.delete(tag);
  }

  /** What is due; it no longer waits. */
  take(now: Instant): readonly Announcement[] {
    if (this.#dueAt === null || now < this.#dueAt) return [];
    this.#dueAt = null;
    const due: Announcement[] = [];
    for (const [to, waiting] of this.#waiting) {
      if (waiting.dueAt === null) continue;
      if (waiting.dueAt > now) {
        this.#dueAt = earliest(this.#dueAt, waiting.dueAt);
        continue;
      }
      for (const [tag, ids] of waiting.ids) {
        if (ids.size === 0) continue;
        due.push({ to, tag, ids: [...ids] });
        waiting.pausesUntil = after(now, announcePauseMs);
      }
      waiting.ids.clear();
      waiting.dueAt = null;
    }
    return due;
  }
}
