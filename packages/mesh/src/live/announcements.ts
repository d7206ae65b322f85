/**
 * What waits to be announced: for each neighbour, ids of objects that are not pushed to it. SPEC, Passing on.
 *
 * They wait a moment, so that what the neighbour announces first need not be told to it. After one IHAVE, of either side, the next waits
 * longer, so that in a busy topic many ids share one, and one side alone says what both have. The sides take turns: so each hears that
 * the other is there, and neither has to ask.
 *
 * ```
 *   id ──25 ms──▶ IHAVE ──▶ ids gather for 600 ms ─────────────────▶ IHAVE, if the other side was silent
 *                   └──▶ it strikes them out, if it has no others that are as old ──500 ms──▶ IHAVE: its turn
 * ```
 */
import { after, type Bound, earliest, type Instant, type PeerId, type ShortId, type TopicTag } from '@srp/machine';
import { announceAtMost, announceDelayMs, announcePauseMs, announceTurnMs, neighboursMax } from '../constants.js';

/** What one neighbour is to hear of. */
interface Waiting {
  /** When; `null` while nothing waits. */
  dueAt: Instant | null;
  /** Not before that: there was an IHAVE lately, of this peer or of the neighbour. */
  pausesUntil: Instant | null;
  readonly ids: Map<TopicTag, ShortId[]>;
}

/** An IHAVE that is due. */
export interface Announcement {
  readonly to: PeerId;
  readonly tag: TopicTag;
  /** 1..148. */
  readonly ids: readonly ShortId[];
}

export class Announcements {
  readonly #isKnown: (id: ShortId, to: PeerId) => boolean;
  readonly #waiting = new Map<PeerId, Waiting>();
  /** No later than the first that is due. */
  #dueAt: Instant | null = null;

  /** `isKnown`: whether a neighbour is known to have an object. Asked when its IHAVE is due, and not for each id that waits. */
  constructor(isKnown: (id: ShortId, to: PeerId) => boolean) {
    this.#isKnown = isKnown;
  }

  bounds(): readonly Bound[] {
    const ids = [...this.#waiting.values()].flatMap((waiting) => [...waiting.ids.values()].map(({ length }) => length));
    return [
      { name: 'mesh neighbours to announce to', size: this.#waiting.size, max: neighboursMax },
      { name: 'mesh objects to announce', size: Math.max(0, ...ids), max: announceAtMost },
    ];
  }

  deadline(): Instant | null {
    return this.#dueAt;
  }

  /** Announces an id soon; at once, when as many wait as one IHAVE names. Of more at one moment the rest is left to reconciling. */
  add(now: Instant, to: PeerId, tag: TopicTag, id: ShortId): void {
    const waiting = this.#waitingFor(to);
    const ids = waiting.ids.get(tag);
    if (ids === undefined) waiting.ids.set(tag, [id]);
    else if (ids.length < announceAtMost) ids.push(id);
    if (ids?.length === announceAtMost) this.#plan(waiting, now);
    else if (waiting.dueAt === null) this.#plan(waiting, Math.max(after(now, announceDelayMs), waiting.pausesUntil ?? now) as Instant);
  }

  /**
   * A neighbour sent an IHAVE, and so lets those ids be struck out. If it lacked nothing then, what is left is so new that it is likely to
   * have it by now: it is this peer's turn, but not yet.
   */
  heard(now: Instant, from: PeerId, tag: TopicTag): void {
    const waiting = this.#waitingFor(from);
    const ids = waiting.ids.get(tag) ?? [];
    const left = ids.filter((id) => !this.#isKnown(id, from));
    if (left.length === ids.length && left.length > 0) return;
    waiting.ids.set(tag, left);
    if (left.length > 0 && left[0] !== ids[ids.length - left.length]) return;
    for (const [other, { length }] of waiting.ids) if (other !== tag && length > 0) return;
    waiting.pausesUntil = after(now, announceTurnMs);
    waiting.dueAt = null;
    if (left.length > 0) this.#plan(waiting, waiting.pausesUntil);
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
      for (const [tag, waited] of waiting.ids) {
        const ids = waited.filter((id) => !this.#isKnown(id, to));
        if (ids.length === 0) continue;
        due.push({ to, tag, ids });
        waiting.pausesUntil = after(now, announcePauseMs);
      }
      waiting.ids.clear();
      waiting.dueAt = null;
    }
    return due;
  }

  #plan(waiting: Waiting, at: Instant): void {
    waiting.dueAt = at;
    this.#dueAt = earliest(this.#dueAt, at);
  }

  #waitingFor(peer: PeerId): Waiting {
    const known = this.#waiting.get(peer);
    if (known !== undefined) return known;
    const waiting: Waiting = { dueAt: null, pausesUntil: null, ids: new Map() };
    this.#waiting.set(peer, waiting);
    return waiting;
  }
}
