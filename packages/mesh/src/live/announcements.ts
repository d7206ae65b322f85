/**
 * What waits to be announced: for each neighbour, ids of objects that are not pushed to it. SPEC, Passing on.
 *
 * They wait a moment, so that many ids share one IHAVE, and so that what the neighbour announces first need
 * not be told to it. The moment is the same for all, so who waits longest stands first.
 */
import { after, type Bound, type Instant, type PeerId, type ShortId, type TopicTag } from '@srp/machine';
import { announceAtMost, announceDelayMs, neighboursMax } from '../constants.js';

interface Waiting {
  readonly dueAt: Instant;
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

  bounds(): readonly Bound[] {
    const ids = [...this.#waiting.values()].flatMap((waiting) => [...waiting.ids.values()].map(({ size }) => size));
    return [
      { name: 'mesh neighbours to announce to', size: this.#waiting.size, max: neighboursMax },
      { name: 'mesh objects to announce', size: Math.max(0, ...ids), max: announceAtMost },
    ];
  }

  deadline(): Instant | null {
    for (const { dueAt } of this.#waiting.values()) return dueAt;
    return null;
  }

  /** Announces an id soon. Of more than 148 of one topic at once the rest is left to reconciling. */
  add(now: Instant, to: PeerId, tag: TopicTag, id: ShortId): void {
    let waiting = this.#waiting.get(to);
    if (waiting === undefined) this.#waiting.set(to, (waiting = { dueAt: after(now, announceDelayMs), ids: new Map() }));
    const ids = waiting.ids.get(tag);
    if (ids === undefined) waiting.ids.set(tag, new Set([id]));
    else if (ids.size < announceAtMost) ids.add(id);
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
    const due: Announcement[] = [];
    for (const [to, { dueAt, ids }] of this.#waiting) {
      if (dueAt > now) break;
      this.#waiting.delete(to);
      for (const [tag, set] of ids) if (set.size > 0) due.push({ to, tag, ids: [...set] });
    }
    return due;
  }
}
