/**
 * Asking a neighbour what it has of a topic, and telling the two sides of the difference apart. SPEC, Cache negotiation.
 *
 * ```
 *   mine  = what this peer has, when it asks
 *   part k ──▶ ids that are in mine: cross them off        ids that are not: wanted
 *   all parts ──▶ what is left of mine: the other lacks it, offer it
 * ```
 *
 * Nothing of what the neighbour says is kept but its wanted ids, so a question takes the memory of this peer's own list,
 * whatever is answered. If a part is lost, nothing is offered: the other side has most of it.
 */
import { after, type Decoded, decoded, type Instant, type PeerId, type Random, refused, type ShortId, shortIdOf, type TopicTag } from '@srp/machine';
import type { SyncIds } from '@srp/wire';
import { answerMs, answerPartsMax, frameIds, offerFramesMax, questionAttemptsMax, questionMs, questionsMax } from '../constants.js';
import type { ReconcilerDrop, ReconcilerStore, Say } from './types.js';

interface Question {
  readonly tag: TopicTag;
  readonly since: number;
  readonly mine: Set<ShortId>;
  readonly endsAt: Instant;
  attempt: number;
  parts: number | null;
  readonly seen: Set<number>;
  dueAt: Instant;
}

/** All questions that are open, at most one to each neighbour. */
export class Questions {
  readonly #store: ReconcilerStore;
  readonly #random: Random;
  readonly #say: Say;
  readonly #open = new Map<PeerId, Question>();

  constructor(store: ReconcilerStore, random: Random, say: Say) {
    this.#store = store;
    this.#random = random;
    this.#say = say;
  }

  get size(): number {
    return this.#open.size;
  }

  mayAsk(peer: PeerId): boolean {
    return this.#open.size < questionsMax && !this.#open.has(peer);
  }

  ask(now: Instant, peer: PeerId, tag: TopicTag, since: number): void {
    const ids = this.#store.idsOf(tag, since).slice(-answerPartsMax * frameIds.syncIds);
    const question: Question = {
      tag,
      since,
      mine: new Set(ids.map(shortIdOf)),
      endsAt: after(now, questionMs),
      attempt: 1,
      parts: null,
      seen: new Set(),
      dueAt: after(now, answerMs),
    };
    this.#open.set(peer, question);
    this.#send(peer, question);
  }

  /** Reads one part: the ids in it that are not here. */
  answer(now: Instant, peer: PeerId, { tag, part, parts, ids }: SyncIds): Decoded<readonly ShortId[], ReconcilerDrop> {
    const question = this.#open.get(peer);
    if (question?.tag !== tag) return refused('not-asked');
    question.parts ??= parts;
    if (question.parts !== parts || parts > answerPartsMax || question.seen.has(part)) return refused('part-inconsistent');
    question.seen.add(part);
    question.dueAt = after(now, answerMs);
    const lacking = ids.filter((id) => !question.mine.delete(id) && !this.#store.knows(id));
    if (question.seen.size === parts) {
      this.#open.delete(peer);
      this.#offer(peer, question);
    }
    return decoded(lacking);
  }

  gone(peer: PeerId): void {
    this.#open.delete(peer);
  }

  leave(tag: TopicTag): void {
    for (const [peer, question] of this.#open) if (question.tag === tag) this.#open.delete(peer);
  }

  wakeup(now: Instant): void {
    for (const [peer, question] of this.#open) {
      if (due(question) > now) continue;
      if (question.parts === null && question.attempt < questionAttemptsMax) {
        question.attempt += 1;
        question.dueAt = after(now, answerMs);
        this.#send(peer, question);
      } else this.#open.delete(peer);
    }
  }

  deadline(): Instant | null {
    let first: Instant | null = null;
    for (const question of this.#open.values()) if (first === null || due(question) < first) first = due(question);
    return first;
  }

  #send(peer: PeerId, { tag, since }: Question): void {
    this.#say({ kind: 'frame', to: peer, frame: { kind: 'sync-request', tag, since } });
  }

  /** What is left over, from a random place on: if it is too much for once, other rounds offer other ids. */
  #offer(peer: PeerId, { tag, mine }: Question): void {
    const ids = [...mine];
    const from = ids.length === 0 ? 0 : this.#random.below(ids.length);
    const turned = [...ids.slice(from), ...ids.slice(0, from)].slice(0, offerFramesMax * frameIds.offer);
    for (let at = 0; at < turned.length; at += frameIds.offer) {
      this.#say({ kind: 'frame', to: peer, frame: { kind: 'offer', tag, ids: turned.slice(at, at + frameIds.offer) } });
    }
  }
}

const due = ({ dueAt, endsAt }: Question): Instant => (dueAt < endsAt ? dueAt : endsAt);
