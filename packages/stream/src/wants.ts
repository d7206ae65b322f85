/**
 * The ids that were named and have not come: when to ask for them, and when to stop. SPEC, Order.
 *
 * ```
 *   named --100 ms--> asked --0.25 s--> asked --0.5 s--> asked ... every 60 s --1 h--> forgotten
 *      \---------------------- 30 s ----------------------> given up: nothing waits for it any more
 * ```
 *
 * Pauses are moved by up to half, and fall on ticks so that ids of one moment share a question. However
 * many ids are named, at most 240 a second are asked for, the longest wanted first. When there are too
 * many, the author who caused the most loses his oldest; of what nothing waits for (`next`), the newest is not asked for.
 */
import { after, type AuthorId, type Instant, jittered, type PeerId, type Random, TokenBucket } from '@srp/machine';
import { askBackoffMaxMs, askBackoffMs, askDelayMs, askIdsBurst, askIdsMax, askIdsPerSecond, askJitter, askTickMs } from './constants.js';
import { Shares } from './shares.js';

/** One question: at most 60 ids. */
export interface Ask<Id extends string> {
  readonly ids: readonly Id[];
  /** Who sent the object that named them; `null` if it was not a peer. */
  readonly from: PeerId | null;
  /** 0 for the first question, 1 for the second, ... */
  readonly attempt: number;
}

/** What is due at one moment. */
export interface Due<Id extends string> {
  readonly asks: readonly Ask<Id>[];
  readonly gaveUp: readonly Id[];
  /** These were asked for long enough. */
  readonly ended: readonly Id[];
}

/** How many are wanted, and how long. */
export interface WantLimits {
  readonly max: number;
  readonly perAuthorMax: number;
  /** For how long each is asked for, ms. */
  readonly askForMs: number;
  /** After how long nothing waits for it any more, ms; `null` if nothing ever did. Then no other goes when there are too many. */
  readonly giveUpMs: number | null;
}

interface Want<Id extends string> {
  readonly id: Id;
  /** Who named it first and is charged for it. */
  readonly author: AuthorId;
  readonly from: PeerId | null;
  readonly attempt: number;
  readonly askAt: Instant;
  /** `null` once nothing waits for it. */
  readonly giveUpAt: Instant | null;
  readonly endsAt: Instant;
}

export class Wants<Id extends string> {
  readonly #random: Random;
  readonly #limits: WantLimits;
  readonly #wants = new Map<Id, Want<Id>>();
  readonly #shares = new Shares<Id>();
  readonly #budget = new TokenBucket(askIdsPerSecond, askIdsBurst);
  /** No want is due before this; it may be too early, never too late. */
  #dueAt: Instant | null = null;

  constructor(random: Random, limits: WantLimits) {
    this.#random = random;
    this.#limits = limits;
  }

  ids(): readonly Id[] {
    return [...this.#wants.keys()];
  }

  get size(): number {
    return this.#wants.size;
  }

  deadline(): Instant | null {
    return this.#wants.size === 0 ? null : this.#dueAt;
  }

  /** Wants `ids`, all named by one object of `author`; those already wanted stay as they are. Returns those that had to go, or did not get in. */
  add(now: Instant, ids: readonly Id[], author: AuthorId, from: PeerId | null): readonly Id[] {
    if (ids.length === 0) return nobody;
    const { max, perAuthorMax, askForMs, giveUpMs } = this.#limits;
    const askAt = tickAfter(now, jittered(this.#random, askDelayMs, askJitter));
    const giveUpAt = giveUpMs === null ? null : after(now, giveUpMs);
    const displaced: Id[] = [];
    for (const id of ids) {
      if (this.#wants.has(id)) continue;
      const isGreedy = this.#shares.countOf(author) >= perAuthorMax;
      if (isGreedy || this.#wants.size >= max) {
        const gone = giveUpMs === null ? id : isGreedy ? this.#shares.oldestOf(author) : this.#shares.oldestOfLargest();
        if (gone !== null) displaced.push(gone);
        if (gone === id) continue;
        if (gone !== null) this.delete(gone);
      }
      this.#put({ id, author, from, attempt: 0, askAt, giveUpAt, endsAt: after(now, askForMs) });
      this.#shares.add(author, id);
    }
    return displaced;
  }

  /** It came, or nobody needs it any more. */
  delete(id: Id): void {
    const want = this.#wants.get(id);
    if (want === undefined) return;
    this.#wants.delete(id);
    this.#shares.delete(want.author, id);
  }

  /** Takes out what is due: ids to give up, and questions to ask, each with the ids of one sender and attempt. */
  due(now: Instant): Due<Id> {
    if (this.#dueAt === null || now < this.#dueAt) return { asks: [], gaveUp: [], ended: [] };
    const gaveUp: Id[] = [];
    const ended: Id[] = [];
    const asked = new Map<string, { ids: Id[]; from: PeerId | null; attempt: number }>();
    this.#dueAt = null;
    for (const want of [...this.#wants.values()]) {
      if (now >= want.endsAt) {
        if (want.giveUpAt !== null) gaveUp.push(want.id);
        ended.push(want.id);
        this.delete(want.id);
        continue;
      }
      const isGivenUp = want.giveUpAt !== null && now >= want.giveUpAt;
      if (isGivenUp) gaveUp.push(want.id);
      const isAsked = now >= want.askAt && this.#budget.take(now);
      if (isAsked) {
        const key = `${want.attempt} ${want.from ?? ''}`;
        const question = asked.get(key) ?? { ids: [], from: want.from, attempt: want.attempt };
        question.ids.push(want.id);
        asked.set(key, question);
      }
      this.#put({
        ...want,
        giveUpAt: isGivenUp ? null : want.giveUpAt,
        attempt: isAsked ? want.attempt + 1 : want.attempt,
        askAt: isAsked ? tickAfter(now, this.#pause(want.attempt)) : now >= want.askAt ? tickAfter(now, askTickMs) : want.askAt,
      });
    }
    return { asks: [...asked.values()].flatMap(inPortions), gaveUp, ended };
  }

  #put(want: Want<Id>): void {
    this.#wants.set(want.id, want); // the place in the map stays: the longest wanted is first
    const first = want.giveUpAt !== null && want.giveUpAt < want.askAt ? want.giveUpAt : want.askAt;
    this.#dueBy(first < want.endsAt ? first : want.endsAt);
  }

  #dueBy(at: Instant): void {
    if (this.#dueAt === null || at < this.#dueAt) this.#dueAt = at;
  }

  #pause(attempt: number): number {
    return jittered(this.#random, Math.min(askBackoffMs * 2 ** attempt, askBackoffMaxMs), askJitter);
  }
}

const nobody: readonly never[] = [];

const tickAfter = (now: Instant, ms: number): Instant => after(now, Math.ceil((now + ms) / askTickMs) * askTickMs - now);

const inPortions = <Id extends string>({ ids, from, attempt }: Ask<Id>): readonly Ask<Id>[] =>
  Array.from({ length: Math.ceil(ids.length / askIdsMax) }, (_, portion) => ({ ids: ids.slice(portion * askIdsMax, (portion + 1) * askIdsMax), from, attempt }));
