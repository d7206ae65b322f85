/**
 * Answering SYNC_REQ: symbols of a topic, copied from its sketch; or its ids, in parts, a few at a time. SPEC, Cache negotiation.
 *
 * ```
 *   first question  ─▶ the same digest: nothing ·· a list of one datagram: the list ·· otherwise: the first symbols
 *   more symbols    ─▶ those; from 0 on, if the set has changed in between
 *   the list        ─▶ all parts, 8 in 50 ms
 * ```
 *
 * Of who asks for symbols nothing is kept. A question of 21 bytes may call for 9 kB of symbols, or 112 kB of ids. Therefore:
 * only to neighbours, whose address is proved; a budget of parts for each, one list at a time to each, 32 in all; and
 * sketches, which cost time, are made as often as a budget allows.
 */
import { after, type Bound, BoundedMap, type Instant, type PacketId, type PeerId, type ShortId, shortIdOf, TokenBucket, type TopicTag } from '@srp/machine';
import type { SyncRequest } from '@srp/wire';
import { answerPartsMax, answersMax, answerStep, askAgainMs, frameIds, frameSymbols, neighbourRates, neighbourTagsMax, requestSymbolsMax, sketchUnitIds, totalRates } from '../constants.js';
import { idOfHalves } from './cells.js';
import type { Sketch } from './sketch.js';
import type { ReconcilerDrop, ReconcilerStore, Say } from './types.js';

interface Answer {
  readonly tag: TopicTag;
  /** Whole ids: they are in memory anyway. */
  readonly ids: readonly PacketId[];
  readonly parts: number;
  next: number;
  stepAt: Instant;
}

/** How often one may ask another about one topic: once in ten seconds, and twice more, since the answer may be lost, and the list asked for. */
export const questionRate = (): TokenBucket => new TokenBucket(1000 / askAgainMs, 3);

/** What one neighbour may ask. */
export class Asker {
  readonly #asked = new BoundedMap<TopicTag, TokenBucket>(neighbourTagsMax);
  readonly #parts = new TokenBucket(neighbourRates.parts.perSecond, neighbourRates.parts.burst);
  readonly #sketchUnits = new TokenBucket(neighbourRates.sketchUnits.perSecond, neighbourRates.sketchUnits.burst);

  /** Topics it asked about. */
  get size(): number {
    return this.#asked.size;
  }

  mayAsk(now: Instant, tag: TopicTag): boolean {
    const bucket = this.#asked.touch(tag) ?? questionRate();
    this.#asked.set(tag, bucket);
    return bucket.take(now) && this.#parts.take(now);
  }

  mayHave(now: Instant, parts: number): boolean {
    return this.#parts.take(now, parts);
  }

  mayCause(now: Instant, units: number): boolean {
    return this.#sketchUnits.take(now, units);
  }
}

/** All answers under way. */
export class Answers {
  readonly #store: ReconcilerStore;
  readonly #say: Say;
  readonly #total = new TokenBucket(totalRates.answers.perSecond, totalRates.answers.burst);
  readonly #sketchUnits = new TokenBucket(totalRates.sketchUnits.perSecond, totalRates.sketchUnits.burst);
  readonly #open = new Map<PeerId, Answer>();

  constructor(store: ReconcilerStore, say: Say) {
    this.#store = store;
    this.#say = say;
  }

  get size(): number {
    return this.#open.size;
  }

  bounds(): readonly Bound[] {
    return [{ name: 'reconciler answers', size: this.#open.size, max: answersMax }];
  }

  /** Answers, or begins to; or says why not. */
  ask(now: Instant, peer: PeerId, asker: Asker, request: SyncRequest): ReconcilerDrop | null {
    if (request.count === 0) return this.#list(now, peer, asker, request);
    const { tag, since, digest } = request;
    if (digest !== null && !asker.mayAsk(now, tag)) return 'too-often';
    if (!this.#total.take(now)) return 'too-often';
    const sketch = this.#store.sketchOf(now, tag, since, (ids) => {
      const units = 1 + Math.floor(ids / sketchUnitIds);
      return asker.mayCause(now, units) && this.#sketchUnits.take(now, units);
    });
    if (sketch === null) return 'too-often';
    if (digest !== null) {
      this.#begin(peer, request, sketch);
      return null;
    }
    return this.#goOn(now, peer, asker, request, sketch);
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

  /** The answer to a first question: one datagram, which is paid for. */
  #begin(peer: PeerId, { tag, count, digest }: SyncRequest, sketch: Sketch): void {
    sketch.settle();
    const { size, high, low } = sketch.ids;
    if (digest === sketch.ids.digest()) {
      this.#say({ kind: 'frame', to: peer, frame: { kind: 'sync-symbols', tag, salt: noSalt, state: 0, count: size, from: 0, symbols: [] } });
    } else if (size <= frameIds.syncIds) {
      const ids = Array.from({ length: size }, (_, at) => idOfHalves(high[at] as number, low[at] as number));
      this.#say({ kind: 'frame', to: peer, frame: { kind: 'sync-ids', tag, part: 0, parts: 1, ids } });
    } else this.#tell(peer, tag, sketch, 0, Math.min(count, frameSymbols));
  }

  #goOn(now: Instant, peer: PeerId, asker: Asker, { tag, state, from, count }: SyncRequest, sketch: Sketch): ReconcilerDrop | null {
    const start = state === sketch.state ? from : 0;
    const end = start + Math.min(requestSymbolsMax, from + count - start);
    if (!asker.mayHave(now, Math.ceil((end - start) / frameSymbols))) return 'too-often';
    this.#tell(peer, tag, sketch, start, end);
    return null;
  }

  #tell(peer: PeerId, tag: TopicTag, sketch: Sketch, start: number, end: number): void {
    const { salt, state, ids } = sketch;
    for (let from = start; from < end; from += frameSymbols) {
      const symbols = sketch.symbols(from, Math.min(end, from + frameSymbols));
      this.#say({ kind: 'frame', to: peer, frame: { kind: 'sync-symbols', tag, salt, state, count: ids.size, from, symbols } });
    }
  }

  #list(now: Instant, peer: PeerId, asker: Asker, { tag, since }: SyncRequest): ReconcilerDrop | null {
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

/** There is none where there are no symbols. */
const noSalt = '00'.repeat(8);

/** Two objects may begin alike; a frame names none twice. */
const distinct = (ids: readonly ShortId[]): readonly ShortId[] => [...new Set(ids)];
