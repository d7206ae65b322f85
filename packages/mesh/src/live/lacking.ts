/**
 * Objects that neighbours announced and that are not here: when to ask whom for them. SPEC, Passing on.
 *
 * ```
 *   IHAVE ──▶ waits for the push ──250 ms──▶ GRAFT to who announced it ──▶ GRAFT to the next ──▶ ... given up:
 *                    │ it comes                      │ it comes                                  reconciling brings it
 *                    ▼                               ▼
 *                 forgotten                       forgotten
 * ```
 */
import { after, BoundedMap, earliest, type Instant, type PeerId, type ShortId, type TopicTag } from '@srp/machine';
import { graftAgainMs, graftDelayMs, lackingMax, lackingSourcesMax } from '../constants.js';

interface Lacking {
  readonly tag: TopicTag;
  /** Who announced it, first one first. */
  readonly sources: PeerId[];
  dueAt: Instant;
  /** How many of them were asked, or are gone. */
  askedCount: number;
}

/** A GRAFT that is due. */
export interface Request {
  readonly to: PeerId;
  readonly tag: TopicTag;
  readonly ids: readonly ShortId[];
}

export class LackingObjects {
  readonly #lacking = new BoundedMap<ShortId, Lacking>(lackingMax);
  /** No later than the first that is due. */
  #dueAt: Instant | null = null;

  get size(): number {
    return this.#lacking.size;
  }

  deadline(): Instant | null {
    return this.#dueAt;
  }

  /** A neighbour announced an object that is not here. */
  announced(now: Instant, by: PeerId, tag: TopicTag, id: ShortId): void {
    const known = this.#lacking.get(id);
    if (known === undefined) this.#lacking.set(id, { tag, sources: [by], dueAt: this.#due(after(now, graftDelayMs)), askedCount: 0 });
    else if (known.tag === tag && known.sources.length < lackingSourcesMax && !known.sources.includes(by)) known.sources.push(by);
  }

  /** It has come. Answers who announced it before, and whether one of them was asked for it. */
  came(id: ShortId): { readonly sources: readonly PeerId[]; readonly wasAsked: boolean } {
    const lacking = this.#lacking.get(id);
    this.#lacking.delete(id);
    return { sources: lacking?.sources ?? [], wasAsked: lacking !== undefined && lacking.askedCount > 0 };
  }

  /** The topic was left. */
  leave(left: TopicTag): void {
    for (const [id, { tag }] of [...this.#lacking.entries()]) if (tag === left) this.#lacking.delete(id);
  }

  /** What to ask for now; `canAsk` tells who is still there. What nobody is left to ask for is given up. */
  take(now: Instant, canAsk: (peer: PeerId, tag: TopicTag) => boolean): readonly Request[] {
    if (this.#dueAt === null || now < this.#dueAt) return [];
    this.#dueAt = null;
    const requests = new Map<string, { to: PeerId; tag: TopicTag; ids: ShortId[] }>();
    for (const [id, lacking] of [...this.#lacking.entries()]) {
      if (now >= lacking.dueAt) {
        const to = nextOf(lacking, canAsk);
        if (to === undefined) {
          this.#lacking.delete(id);
          continue;
        }
        lacking.dueAt = after(now, graftAgainMs);
        const key = to + lacking.tag;
        const request = requests.get(key);
        if (request === undefined) requests.set(key, { to, tag: lacking.tag, ids: [id] });
        else request.ids.push(id);
      }
      this.#due(lacking.dueAt);
    }
    return [...requests.values()];
  }

  #due(at: Instant): Instant {
    this.#dueAt = earliest(this.#dueAt, at);
    return at;
  }
}

const nextOf = (lacking: Lacking, canAsk: (peer: PeerId, tag: TopicTag) => boolean): PeerId | undefined => {
  while (lacking.askedCount < lacking.sources.length) {
    const source = lacking.sources[lacking.askedCount];
    lacking.askedCount += 1;
    if (source !== undefined && canAsk(source, lacking.tag)) return source;
  }
  return undefined;
};
