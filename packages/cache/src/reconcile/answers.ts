/**
 * Answering SYNC_REQ: the ids of a topic, in parts, a few at a time. SPEC, Cache negotiation.
 *
 * A question of 22 bytes may call for 112 kB. Therefore: only to neighbours, whose address is proved; a budget of parts for
 * each, one answer at a time to each, 32 in all; and no more than 8 datagrams in 50 ms.
 */
import { after, BoundedMap, type Instant, type PacketId, type PeerId, type ShortId, shortIdOf, TokenBucket, type TopicTag } from '@srp/machine';
import type { SyncRequest } from '@srp/wire';
import { answerPartsMax, answersMax, answerStep, askAgainMs, frameIds, neighbourRates, neighbourTagsMax, totalRates } from '../constants.js';
import type { ReconcilerDrop, ReconcilerStore, Say } from './types.js';

interface Answer {
  readonly tag: TopicTag;
  /** Whole ids: they are in memory anyway. */
  readonly ids: readonly PacketId[];
  readonly parts: number;
  next: number;
  stepAt: Instant;
}

/** What one neighbour may ask. */
export class Asker {
  /** One question about a topic in ten seconds, and one more in case the answer was lost. */
  readonly #asked = new BoundedMap<TopicTag, TokenBucket>(neighbourTagsMax);
  readonly #parts = new TokenBucket(neighbourRates.parts.perSecond, neighbourRates.parts.burst);

  mayAsk(now: Instant, tag: TopicTag): boolean {
    const bucket = this.#asked.touch(tag) ?? new TokenBucket(1000 / askAgainMs, 2);
    this.#asked.set(tag, bucket);
    return bucket.take(now) && this.#parts.take(now);
  }

  mayHave(now: Instant, parts: number): boolean {
    return this.#parts.take(now, parts);
  }
}

/** All answers under way. */
export class Answers {
  readonly #store: ReconcilerStore;
  readonly #say: Say;
  readonly #total = new TokenBucket(totalRates.answers.perSecond, totalRates.answers.burst);
  readonly #open = new Map<PeerId, Answer>();

  constructor(store: ReconcilerStore, say: Say) {
    this.#store = store;
    this.#say = say;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Begins to answer; or says why not. */
  ask(now: Instant, peer: PeerId, asker: Asker, { tag, since }: SyncRequest): ReconcilerDrop | null {
    if (this.#open.has(peer) || this.#open.size >= answersMax) return 'busy';
    if (!asker.mayAsk(now, tag) || !this.#total.take(now)) return 'too-often';
    const ids = this.#store.idsOf(tag, since).slice(-answerPartsMax * frameIds.syncIds);
    const parts = Math.max(1, Math.ceil(ids.length / frameIds.syncIds));
    if (!asker.mayHave(now, parts - 1)) return 'too-often'; // the first part is paid for
    const answer = { tag, ids, parts, next: 0, stepAt: now };
    this.#open.set(peer, answer);
    this.#step(now, peer, answer);
    return null;
  }

  gone(peer: PeerId): void {
    this.#open.delete(peer);
  }

  wakeup(now: Instant): void {
    for (const [peer, answer] of this.#open) if (answer.stepAt <= now) this.#step(now, peer, answer);
  }

  deadline(): Instant | null {
    let first: Instant | null = null;
    for (const { stepAt } of this.#open.values()) if (first === null || stepAt < first) first = stepAt;
    return first;
  }

  #step(now: Instant, peer: PeerId, answer: Answer): void {
    const { tag, ids, parts } = answer;
    for (let count = 0; count < answerStep.parts && answer.next < parts; count += 1) {
      const from = answer.next * frameIds.syncIds;
      this.#say({ kind: 'frame', to: peer, frame: { kind: 'sync-ids', tag, part: answer.next, parts, ids: distinct(ids.slice(from, from + frameIds.syncIds).map(shortIdOf)) } });
      answer.next += 1;
    }
    if (answer.next >= parts) this.#open.delete(peer);
    else answer.stepAt = after(now, answerStep.ms);
  }
}

/** Two objects may begin alike; a frame names none twice. */
const distinct = (ids: readonly ShortId[]): readonly ShortId[] => [...new Set(ids)];
