/**
 * Own objects, of which all that was said may have been lost: nobody else can announce them then. SPEC, Passing on.
 *
 * ```
 *   published ──0.4 s──▶ announced again to three links ──▶ to three after 1 s, 2 s, 4 s ──▶ done
 *        └─ a link announced or sent it: others have it ─────▶ done
 * ```
 */
import { after, type Bound, BoundedMap, earliest, type Instant, type ShortId, type TopicTag } from '@srp/machine';
import { announceAtMost, announceOwnMs, announceOwnWithinMs, ownMax } from '../constants.js';

interface Own {
  readonly tag: TopicTag;
  readonly publishedAt: Instant;
  /** How often it was announced again. */
  count: number;
}

export class OwnObjects {
  readonly #isKnown: (id: ShortId) => boolean;
  readonly #own = new BoundedMap<ShortId, Own>(ownMax);
  /** No later than the first that is due. */
  #dueAt: Instant | null = null;

  /** `isKnown`: whether somebody is known to have an object. */
  constructor(isKnown: (id: ShortId) => boolean) {
    this.#isKnown = isKnown;
  }

  bounds(): readonly Bound[] {
    return [{ name: 'mesh own objects', size: this.#own.size, max: ownMax }];
  }

  deadline(): Instant | null {
    return this.#dueAt;
  }

  published(now: Instant, tag: TopicTag, id: ShortId): void {
    const one = { tag, publishedAt: now, count: 0 };
    this.#own.set(id, one);
    this.#dueAt = earliest(this.#dueAt, dueAt(one));
  }

  /** The topic was left. */
  leave(tag: TopicTag): void {
    for (const [id, one] of [...this.#own.entries()]) if (one.tag === tag) this.#own.delete(id);
  }

  /** What is to be announced again now, and what would be soon: of each topic, 148 ids at most. */
  take(now: Instant): readonly { readonly tag: TopicTag; readonly ids: readonly ShortId[] }[] {
    if (this.#dueAt === null || now < this.#dueAt) return [];
    this.#dueAt = null;
    const due = new Map<TopicTag, ShortId[]>();
    for (const [id, one] of [...this.#own.entries()]) {
      const isKnown = this.#isKnown(id);
      const ids = due.get(one.tag) ?? [];
      if (!isKnown && after(now, announceOwnWithinMs) >= dueAt(one) && ids.length < announceAtMost) {
        due.set(one.tag, [...ids, id]);
        one.count += 1;
      }
      if (isKnown || one.count === announceOwnMs.length) this.#own.delete(id);
      else this.#dueAt = earliest(this.#dueAt, dueAt(one));
    }
    return [...due].map(([tag, ids]) => ({ tag, ids }));
  }
}

const dueAt = ({ publishedAt, count }: Own): Instant => after(publishedAt, announceOwnMs[count] ?? 0);
