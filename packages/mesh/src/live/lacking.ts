/**
 * Objects that neighbours announced and that are not here: when to ask whom for them. SPEC, Passing on.
 *
 * ```
 *   IHAVE ──▶ waits for the push ──250 ms──▶ GRAFT to who announced it ──▶ GRAFT to the next ──▶ ... given up:
 *     │              │ it comes                 ▲    │ it comes                                  reconciling brings it
 *     │              ▼                          │    ▼
 *     │           forgotten                     │ forgotten
 *     └── an eager link announced it: it may have been pushed, and lost
 * ```
 *
 * Whoever announces what does not exist fills his own share alone. And those this peer chose are asked before those
 * who came by themselves, so that many of these, who announce first and give nothing, hold nothing up.
 */
import { after, type Bound, BoundedMap, earliest, type Instant, type PeerId, type ShortId, type TopicTag } from '@srp/machine';
import { graftAgainMs, graftDelayMs, graftEachMs, graftsLeast, lackingMax, lackingOfOneMax, lackingSourcesMax } from '../constants.js';

interface Lacking {
  readonly tag: TopicTag;
  /** Who was the first to announce it. */
  readonly first: PeerId;
  /** Who announced it: those who were asked in this round, then those this peer chose, then the others. */
  readonly sources: PeerId[];
  dueAt: Instant;
  /** The place of the next one to ask. */
  next: number;
  /** How often it was asked for. */
  asks: number;
}

/** A neighbour that announced something: whether this peer chose it, and of which topics its link is eager. */
export interface Source {
  readonly peer: PeerId;
  readonly isChosen: boolean;
  readonly eager: ReadonlySet<TopicTag>;
}

/** A GRAFT that is due. */
export interface Request {
  readonly to: PeerId;
  readonly tag: TopicTag;
  readonly ids: readonly ShortId[];
}

export class LackingObjects {
  readonly #lacking = new BoundedMap<ShortId, Lacking>(lackingMax);
  /** How many each was the first to announce. */
  readonly #counts = new Map<PeerId, number>();
  /** No later than the first that is due. */
  #dueAt: Instant | null = null;

  bounds(): readonly Bound[] {
    return [
      { name: 'mesh objects lacking', size: this.#lacking.size, max: lackingMax },
      { name: 'mesh objects lacking of one neighbour', size: Math.max(0, ...this.#counts.values()), max: lackingOfOneMax },
      { name: 'mesh sources of an object', size: Math.max(0, ...[...this.#lacking.values()].map(({ sources }) => sources.length)), max: lackingSourcesMax },
    ];
  }

  deadline(): Instant | null {
    return this.#dueAt;
  }

  /** A neighbour announced an object that is not here. */
  announced(now: Instant, { peer: by, isChosen, eager }: Source, tag: TopicTag, id: ShortId): void {
    const known = this.#lacking.get(id);
    const isEager = eager.has(tag);
    if (known === undefined) this.#add(id, { tag, first: by, sources: [by], dueAt: isEager ? now : after(now, graftDelayMs), next: 0, asks: 0 });
    else if (known.tag === tag && !known.sources.includes(by)) {
      const isFirst = isEager && known.asks === 0;
      known.sources.splice(isFirst || isChosen ? known.next : known.sources.length, 0, by);
      if (known.sources.length > lackingSourcesMax) known.sources.pop();
      if (!isFirst) return;
      known.dueAt = now;
      this.#due(now);
    }
  }

  /** It has come. Answers who announced it before, and whether one of them was asked for it. */
  came(id: ShortId): { readonly sources: readonly PeerId[]; readonly wasAsked: boolean } {
    const lacking = this.#lacking.get(id);
    if (lacking !== undefined) this.#delete(id, lacking);
    return { sources: lacking?.sources ?? [], wasAsked: lacking !== undefined && lacking.asks > 0 };
  }

  /** The topic was left. */
  leave(left: TopicTag): void {
    for (const [id, lacking] of [...this.#lacking.entries()]) if (lacking.tag === left) this.#delete(id, lacking);
  }

  /** What to ask for now; `canAsk` tells who is still there. What nobody is left to ask for is given up. */
  take(now: Instant, canAsk: (peer: PeerId, tag: TopicTag) => boolean): readonly Request[] {
    if (this.#dueAt === null || now < this.#dueAt) return [];
    this.#dueAt = null;
    const requests = new Map<string, Request & { readonly ids: ShortId[]; readonly asked: Lacking[] }>();
    for (const [id, lacking] of [...this.#lacking.entries()]) {
      if (now >= lacking.dueAt) {
        const to = nextOf(lacking, canAsk);
        if (to === undefined) {
          this.#delete(id, lacking);
          continue;
        }
        const key = to + lacking.tag;
        const request = requests.get(key) ?? { to, tag: lacking.tag, ids: [], asked: [] };
        requests.set(key, request);
        request.ids.push(id);
        request.asked.push(lacking);
      } else this.#due(lacking.dueAt);
    }
    for (const { asked } of requests.values()) {
      for (const lacking of asked) {
        lacking.dueAt = after(now, waitMs(lacking, asked.length));
        this.#due(lacking.dueAt);
      }
    }
    return [...requests.values()];
  }

  #add(id: ShortId, lacking: Lacking): void {
    const count = this.#counts.get(lacking.first) ?? 0;
    if (count >= lackingOfOneMax) return;
    this.#counts.set(lacking.first, count + 1);
    const gone = this.#lacking.set(id, lacking);
    if (gone !== null) this.#uncount(gone[1]);
    this.#due(lacking.dueAt);
  }

  #delete(id: ShortId, lacking: Lacking): void {
    this.#lacking.delete(id);
    this.#uncount(lacking);
  }

  #uncount({ first }: Lacking): void {
    const left = (this.#counts.get(first) ?? 0) - 1;
    if (left > 0) this.#counts.set(first, left);
    else this.#counts.delete(first);
  }

  #due(at: Instant): void {
    this.#dueAt = earliest(this.#dueAt, at);
  }
}

/** Who is asked next. Where few announced it they are asked in turn again: a GRAFT and what it brings may be lost too. */
const nextOf = (lacking: Lacking, canAsk: (peer: PeerId, tag: TopicTag) => boolean): PeerId | undefined => {
  for (let round = 0; round < 2; round += 1) {
    while (lacking.next < lacking.sources.length && lacking.asks < Math.max(graftsLeast, lacking.sources.length)) {
      const source = lacking.sources[lacking.next];
      lacking.next += 1;
      if (source === undefined || !canAsk(source, lacking.tag)) continue;
      lacking.asks += 1;
      return source;
    }
    if (lacking.asks >= graftsLeast) return undefined;
    lacking.next = 0;
  }
  return undefined;
};

/** How long an object may take that one of so many in a GRAFT asked for: longer before somebody is asked anew, since what he sends may be under way, and each round longer. */
const waitMs = ({ next, sources, asks }: Lacking, askedAtOnce: number): number =>
  next < sources.length ? graftAgainMs : Math.ceil(asks / sources.length) * graftAgainMs + askedAtOnce * graftEachMs;
