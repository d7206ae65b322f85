/**
 * Asking a neighbour what it has of a topic, and telling the two sides of the difference apart. SPEC, Cache negotiation.
 *
 * ```
 *   SYNC_REQ digest ─▶ waiting ──nothing, the same digest───▶ done
 *                        ├──symbols──▶ decoding ──all known─▶ done: want, offer
 *                        │                ├─ not yet: as many more as the difference seems to take
 *                        │                └─ too many, or hopeless: SYNC_REQ for the list ─▶ waiting
 *                        └──ids──────▶ listing ──all parts──▶ done: want, offer
 * ```
 *
 * A question takes the memory of this peer's own ids and 4 096 symbols, whatever is answered. If a part of a list is lost,
 * nothing is offered: the other side has most of it. Symbols that are lost are asked for again: later ones would do as well,
 * but each holds less, so more of them are needed.
 */
import { after, type Bound, BoundedMap, type Instant, type PeerId, type Random, type ShortId, shortIdOf, type TopicTag } from '@srp/machine';
import type { SyncIds, SyncRequest, SyncSymbols } from '@srp/wire';
import { answerMs, answerPartsMax, frameIds, frameSymbols, hopelessSymbols, listAgainMs, listedMax, listShare, moreSymbolsMin, moreSymbolsPatience, offerFramesMax, questionAttemptsMax, questionMs, questionsMax, reorderMs, requestsMax, requestSymbolsMax, restartsMax, roundSymbolsMax, symbolRoundsMax, symbolsAsked, syncSymbolsMax } from '../constants.js';
import { Difference } from './difference.js';
import { IdSet } from './id-set.js';
import type { ReconcilerDrop, ReconcilerStore, Say } from './types.js';

interface Waiting {
  readonly kind: 'waiting';
  /** Asked for when nothing comes. */
  readonly request: SyncRequest;
}

interface Listing {
  readonly kind: 'listing';
  /** What of this peer's ids was not named yet. */
  readonly mine: Set<ShortId>;
  readonly parts: number;
  readonly seen: Set<number>;
}

interface Decoding {
  readonly kind: 'decoding';
  readonly salt: string;
  readonly state: number;
  readonly count: number;
  readonly difference: Difference;
  readonly restarts: number;
  /** How long more symbols may take, milliseconds. */
  readonly patienceMs: number;
  rounds: number;
  /** The largest estimate so far. */
  estimate: number;
  /** Symbols below were asked for. */
  end: number;
  /** Of what was asked for last: how many, where the last one ends, and how many symbols had come before. */
  asked: number;
  askedTo: number;
  receivedBefore: number;
}

interface Question {
  readonly tag: TopicTag;
  readonly since: number;
  readonly endsAt: Instant;
  readonly purpose: Purpose;
  /** When the answer that is waited for was last asked for. */
  askedAt: Instant;
  attempt: number;
  answer: Waiting | Listing | Decoding;
  dueAt: Instant;
}

/** What is done with the answer to a question. */
export interface Purpose {
  /** What is not here is asked for. */
  readonly fetches: boolean;
  /** `compare` is answered, instead of offering what the neighbour lacks. */
  readonly tells: boolean;
}

/** What questions need of the reconciler. */
export interface QuestionsOptions {
  readonly store: ReconcilerStore;
  readonly random: Random;
  readonly say: Say;
  /** A neighbour has these, which are not here. */
  readonly lack: (now: Instant, peer: PeerId, tag: TopicTag, ids: readonly ShortId[]) => ReconcilerDrop | null;
  /** A neighbour has all that was here of a topic when it was asked. */
  readonly hasAll: (peer: PeerId, tag: TopicTag, askedAt: Instant) => void;
}

/** All questions that are open, at most one to each neighbour. */
export class Questions {
  readonly #store: ReconcilerStore;
  readonly #random: Random;
  readonly #say: Say;
  readonly #lack: QuestionsOptions['lack'];
  readonly #hasAll: QuestionsOptions['hasAll'];
  readonly #open = new Map<PeerId, Question>();
  /** When a list was last asked for because symbols were no use. */
  readonly #listedAt = new BoundedMap<string, Instant>(listedMax);

  constructor({ store, random, say, lack, hasAll }: QuestionsOptions) {
    this.#store = store;
    this.#random = random;
    this.#say = say;
    this.#lack = lack;
    this.#hasAll = hasAll;
  }

  get size(): number {
    return this.#open.size;
  }

  bounds(): readonly Bound[] {
    return [
      { name: 'reconciler questions', size: this.#open.size, max: questionsMax },
      { name: 'reconciler lists asked for instead of symbols', size: this.#listedAt.size, max: listedMax },
    ];
  }

  mayAsk(peer: PeerId): boolean {
    return this.#open.size < questionsMax && !this.#open.has(peer);
  }

  ask(now: Instant, peer: PeerId, tag: TopicTag, since: number, purpose: Purpose): void {
    const digest = this.#ids(now, tag, since).digest();
    const request: SyncRequest = { kind: 'sync-request', tag, since, state: 0, from: 0, count: frameSymbols, digest };
    const question: Question = { tag, since, purpose, endsAt: after(now, questionMs), askedAt: now, attempt: 1, answer: { kind: 'waiting', request }, dueAt: after(now, answerMs) };
    this.#open.set(peer, question);
    this.#say({ kind: 'frame', to: peer, frame: request });
  }

  /** Reads one part of a list. */
  readIds(now: Instant, peer: PeerId, { tag, part, parts, ids }: SyncIds): ReconcilerDrop | null {
    const question = this.#open.get(peer);
    if (question?.tag !== tag || question.answer.kind === 'decoding') return 'not-asked';
    if (parts > answerPartsMax) return 'part-inconsistent';
    if (question.answer.kind === 'waiting') question.answer = { kind: 'listing', mine: this.#mine(question), parts, seen: new Set() };
    const { mine, parts: partsBefore, seen } = question.answer;
    if (partsBefore !== parts || seen.has(part)) return 'part-inconsistent';
    seen.add(part);
    question.dueAt = after(now, answerMs);
    const lacking = ids.filter((id) => !mine.delete(id));
    if (seen.size === parts) {
      this.#open.delete(peer);
      this.#tell(peer, question, [...mine], true);
    }
    return this.#want(now, peer, question, lacking);
  }

  /** Reads some symbols. */
  readSymbols(now: Instant, peer: PeerId, frame: SyncSymbols): ReconcilerDrop | null {
    const question = this.#open.get(peer);
    if (question?.tag !== frame.tag || question.answer.kind === 'listing') return 'not-asked';
    if (question.answer.kind === 'waiting') {
      if (question.answer.request.count === 0 || frame.from > 0) return 'not-asked';
      if (frame.symbols.length === 0) {
        this.#open.delete(peer); // the same
        this.#tell(peer, question, [], true);
        return null;
      }
      this.#begin(now, question, frame, { restarts: 0, rounds: 0, patienceMs: patienceMs(now - question.askedAt), asked: frame.symbols.length });
    } else if (!isOf(frame, question.answer)) {
      const { restarts, rounds, patienceMs: patience, end } = question.answer;
      if (frame.from > 0 || frame.symbols.length === 0 || restarts >= restartsMax) return 'part-inconsistent';
      this.#begin(now, question, frame, { restarts: restarts + 1, rounds, patienceMs: patience, asked: Math.min(end, requestSymbolsMax) });
    }
    return this.#decode(now, peer, question, question.answer as Decoding, frame);
  }

  gone(peer: PeerId): void {
    this.#open.delete(peer);
  }

  leave(tag: TopicTag): void {
    for (const [peer, question] of this.#open) if (question.tag === tag) this.#open.delete(peer);
  }

  /** What the other lacks, from a random place on: if it is too much for once, other rounds offer other ids. */
  offer(peer: PeerId, tag: TopicTag, ids: readonly ShortId[]): void {
    const from = ids.length === 0 ? 0 : this.#random.below(ids.length);
    const turned = [...ids.slice(from), ...ids.slice(0, from)].slice(0, offerFramesMax * frameIds.offer);
    for (let at = 0; at < turned.length; at += frameIds.offer) {
      this.#say({ kind: 'frame', to: peer, frame: { kind: 'offer', tag, ids: turned.slice(at, at + frameIds.offer) } });
    }
  }

  wakeup(now: Instant): void {
    for (const [peer, question] of this.#open) if (due(question) <= now) this.#overdue(now, peer, question);
  }

  deadline(): Instant | null {
    let first: Instant | null = null;
    for (const question of this.#open.values()) if (first === null || due(question) < first) first = due(question);
    return first;
  }

  #overdue(now: Instant, peer: PeerId, question: Question): void {
    const { answer } = question;
    const isOver = question.endsAt <= now;
    if (answer.kind === 'waiting' && !isOver && question.attempt < questionAttemptsMax) {
      question.attempt += 1;
      question.askedAt = now;
      question.dueAt = after(now, answerMs);
      this.#say({ kind: 'frame', to: peer, frame: answer.request });
    } else if (answer.kind === 'decoding') {
      if (isOver) this.#finish(now, peer, question, answer.difference);
      else this.#goOn(now, peer, question, answer);
    } else this.#open.delete(peer);
  }

  #begin(now: Instant, question: Question, { tag, salt, state, count }: SyncSymbols, begun: Pick<Decoding, 'restarts' | 'rounds' | 'patienceMs' | 'asked'>): void {
    const difference = new Difference(tag, this.#ids(now, tag, question.since), { salt, count });
    question.answer = { kind: 'decoding', salt, state, count, difference, ...begun, estimate: 0, end: begun.asked, askedTo: begun.asked, receivedBefore: 0 };
  }

  #decode(now: Instant, peer: PeerId, question: Question, answer: Decoding, { from, symbols }: SyncSymbols): ReconcilerDrop | null {
    const { difference } = answer;
    const end = from + symbols.length;
    if (end > answer.end) return 'not-asked';
    const verdict = difference.add(from, symbols);
    if (verdict === 'decoded') return this.#finish(now, peer, question, difference, true);
    if (verdict === 'contradictory') {
      this.#open.delete(peer);
      return 'symbols-contradictory';
    }
    if (difference.received - answer.receivedBefore >= answer.asked) this.#goOn(now, peer, question, answer);
    else question.dueAt = after(now, end === answer.askedTo ? reorderMs : answer.patienceMs);
    return null;
  }

  /** What came does not do: asks for what was lost and for more, for the list, or lets it be. */
  #goOn(now: Instant, peer: PeerId, question: Question, answer: Decoding): void {
    const { difference, end, count } = answer;
    const estimate = Math.max(answer.estimate, difference.estimate());
    const wanted = Math.ceil(symbolsAsked.perDifference * estimate + symbolsAsked.perRoot * Math.sqrt(estimate));
    if (estimate > listShare * count || wanted > syncSymbolsMax) {
      this.#askList(now, peer, question);
      return;
    }
    const isHopeless = difference.received > hopelessSymbols.perDifference * estimate + hopelessSymbols.more;
    const gaps = difference.missing(end);
    const more = wanted > end ? wanted - end : gaps.length > 0 ? 0 : Math.max(moreSymbolsMin, end >> 1);
    if (isHopeless || answer.rounds >= symbolRoundsMax || (gaps.length === 0 && end >= syncSymbolsMax)) {
      this.#giveUp(now, peer, question, difference, estimate);
      return;
    }
    const requests = inRequests([...gaps, [end, Math.min(end + more, syncSymbolsMax)]]);
    answer.estimate = estimate;
    answer.rounds += 1;
    answer.receivedBefore = difference.received;
    answer.asked = requests.reduce((sum, [from, to]) => sum + to - from, 0);
    answer.askedTo = requests.at(-1)?.[1] ?? end;
    answer.end = Math.max(end, answer.askedTo);
    question.dueAt = after(now, answer.patienceMs);
    for (const [from, to] of requests) {
      const next: SyncRequest = { kind: 'sync-request', tag: question.tag, since: question.since, state: answer.state, from, count: to - from, digest: null };
      this.#say({ kind: 'frame', to: peer, frame: next });
    }
  }

  /** Ids were made to fall into the same symbols, or the neighbour lies: what is known will do, or, now and then, the list. */
  #giveUp(now: Instant, peer: PeerId, question: Question, difference: Difference, estimate: number): void {
    const name = `${peer} ${question.tag}`;
    const listedAt = this.#listedAt.get(name);
    const isMostKnown = difference.found > 0 && difference.found * 2 >= estimate;
    if (isMostKnown || (listedAt !== undefined && now - listedAt < listAgainMs)) {
      this.#finish(now, peer, question, difference);
      return;
    }
    this.#listedAt.set(name, now);
    this.#askList(now, peer, question);
  }

  #askList(now: Instant, peer: PeerId, question: Question): void {
    const { tag, since } = question;
    const request: SyncRequest = { kind: 'sync-request', tag, since, state: 0, from: 0, count: 0, digest: null };
    question.answer = { kind: 'waiting', request };
    question.attempt = 1;
    question.dueAt = after(now, answerMs);
    this.#say({ kind: 'frame', to: peer, frame: request });
  }

  #finish(now: Instant, peer: PeerId, question: Question, difference: Difference, isWhole = false): ReconcilerDrop | null {
    this.#open.delete(peer);
    this.#tell(peer, question, difference.mine(), isWhole);
    return this.#want(now, peer, question, difference.theirs());
  }

  #tell(peer: PeerId, { tag, since, askedAt, purpose }: Question, lacking: readonly ShortId[], isWhole: boolean): void {
    if (isWhole && lacking.length === 0) this.#hasAll(peer, tag, askedAt);
    if (isWhole) this.#say({ kind: 'agreed', tag, since, askedAt, lacking });
    if (purpose.tells) this.#say({ kind: 'compared', peer, tag, lacking, isWhole });
    else if (this.#store.offersTo?.(peer, tag) !== false) this.offer(peer, tag, lacking);
  }

  #want(now: Instant, peer: PeerId, { tag, purpose }: Question, ids: readonly ShortId[]): ReconcilerDrop | null {
    const lacking = purpose.fetches ? ids.filter((id) => !this.#store.knows(id)) : [];
    return this.#lack(now, peer, tag, lacking);
  }

  #ids(now: Instant, tag: TopicTag, since: number): IdSet {
    const sketch = this.#store.sketchOf(now, tag, since, () => true);
    sketch?.settle();
    return sketch?.ids ?? new IdSet([]);
  }

  #mine({ tag, since }: Question): Set<ShortId> {
    return new Set(this.#store.idsOf(tag, since).slice(-answerPartsMax * frameIds.syncIds).map(shortIdOf));
  }
}

const due = ({ dueAt, endsAt }: Question): Instant => (dueAt < endsAt ? dueAt : endsAt);

/** Ranges of symbols as they are asked for: the first ones first, as many as may be at once. */
const inRequests = (ranges: readonly (readonly [from: number, to: number])[]): readonly (readonly [from: number, to: number])[] => {
  const requests: [number, number][] = [];
  let left = roundSymbolsMax;
  for (const [from, to] of ranges) {
    for (let at = from; at < to && left > 0 && requests.length < requestsMax; ) {
      const end = Math.min(to, at + requestSymbolsMax, at + left);
      requests.push([at, end]);
      left -= end - at;
      at = end;
    }
  }
  return requests;
};

const patienceMs = (firstMs: number): number => Math.min(answerMs, Math.max(moreSymbolsPatience.msMin, moreSymbolsPatience.times * firstMs));

const isOf = (frame: SyncSymbols, { salt, state, count }: Decoding): boolean => frame.salt === salt && frame.state === state && frame.count === count;
