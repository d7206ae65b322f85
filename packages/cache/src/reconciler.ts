/**
 * Makes what two neighbours hold of a shared topic alike, by coded symbols or lists of ids. SPEC, Cache negotiation.
 *
 * ```
 *   A                                            B
 *   │ SYNC_REQ tag, since, digest of A's ids ──▶ │ the same: says so, and that is all
 *   │ ◀───────────────────── SYNC_SYM 0..83      │ otherwise some symbols, or a list that fits one datagram
 *   │ SYNC_REQ from 84, as many as it takes ───▶ │
 *   │ ◀───────────────────── SYNC_SYM 84..       │
 *   │ WANT what A lacks ───────────────────────▶ │ gives them
 *   │ OFFER what B lacks ──────────────────────▶ │ WANTs of them what it really lacks
 * ```
 *
 * When: on meeting a neighbour, and each minute with one at random, mostly the last hour and now and then the whole topic.
 * What a neighbour claims is fetched and then believed: an object that comes is checked by whoever inserts it, and one that
 * never comes counts against the neighbour.
 *
 * An offer for a topic that is not this peer's own is how an author finds keepers who missed his push. What is new in it is
 * asked for once, as fast as strangers' objects may come, and not waited for: the next round offers it again.
 *
 * Every list, queue and rate has a bound (constants.ts): test/bounds.test.ts fills each that neighbours can make grow, test/reconciler-hostile.test.ts
 * looks at what comes of it.
 */
import { after, type Bound, BoundedMap, Counter, earliest, type Instant, jittered, type Machine, type PacketId, type PeerId, type Random, sample, type ShortId, TokenBucket, type TopicTag, unixSeconds, unreachable } from '@srp/machine';
import type { Offer } from '@srp/wire';
import { comparisonsMax, frameIds, hotSeconds, hotStepSeconds, neighbourRates, neighboursMax, neighbourTagsMax, roundJitter, roundMs, totalRates, wholeRoundEvery } from './constants.js';
import { Answers, Asker, questionRate } from './reconcile/answers.js';
import { Offers } from './reconcile/offers.js';
import { type Asked, Pushes } from './reconcile/pushes.js';
import { Questions } from './reconcile/questions.js';
import type { ReconcilerDrop, ReconcilerFrame, ReconcilerInput, ReconcilerOutput, ReconcilerStore } from './reconcile/types.js';
import { Wants } from './reconcile/wants.js';

/** How a reconciler is made. */
export interface ReconcilerOptions {
  readonly store: ReconcilerStore;
  readonly random: Random;
}

/** Numbers about a reconciler, fresh on each reading. */
export interface ReconcilerStats {
  readonly neighbourCount: number;
  readonly questionCount: number;
  readonly answerCount: number;
  /** Ids that are wanted and not here. */
  readonly wantedCount: number;
  readonly dropped: Readonly<Partial<Record<ReconcilerDrop, number>>>;
}

interface Neighbour {
  /** Topics shared with it, and how often it may be asked about each: no more often than it answers. */
  readonly tags: Map<TopicTag, TokenBucket>;
  /** What to ask it next, in order: topics, and since when. */
  readonly questions: Map<TopicTag, number>;
  /** Topics to compare with it once, and whether to fetch what is not here: asked before the others. */
  readonly comparisons: Map<TopicTag, boolean>;
  readonly asker: Asker;
  readonly frames: TokenBucket;
  readonly offers: TokenBucket;
  readonly strangersOffers: TokenBucket;
  /** Ids of topics that are kept for others: offered, or found in a comparison. */
  readonly kept: TokenBucket;
  readonly objects: TokenBucket;
}

interface Round {
  nextAt: Instant;
  count: number;
}

/**
 * The reconciliation of one peer with all its neighbours.
 *
 * @example
 * const reconciler = new Reconciler({ random, store: {
 *   knows: (id) => cache.hasShort(id) || delivered.has(id),
 *   passed: (id) => cache.hasShort(id) || seen.has(id),
 *   idsOf: (tag, since) => cache.idsOf(tag, since),
 *   sketchOf: (now, tag, since, mayMake) => cache.sketchOf(now, tag, since, mayMake),
 *   byShortId: (id) => cache.byShortId(id),
 *   byPrev: (prev, tag) => cache.byPrev(prev, tag),
 * } });
 */
export class Reconciler implements Machine<ReconcilerInput, ReconcilerOutput> {
  readonly #store: ReconcilerStore;
  readonly #random: Random;
  readonly #answers: Answers;
  readonly #questions: Questions;
  readonly #wants: Wants;
  readonly #offers: Offers;
  readonly #pushes: Pushes;
  readonly #neighbours = new BoundedMap<PeerId, Neighbour>(neighboursMax);
  readonly #rounds = new Map<TopicTag, Round>();
  readonly #objects = new TokenBucket(totalRates.objects.perSecond, totalRates.objects.burst);
  readonly #dropped = new Counter<ReconcilerDrop>();
  #outputs: ReconcilerOutput[] = [];
  /** Whether any neighbour may have something to be asked. */
  #mayAsk = false;

  constructor({ store, random }: ReconcilerOptions) {
    const say = (output: ReconcilerOutput): void => {
      this.#outputs.push(output);
    };
    this.#store = store;
    this.#random = random.fork('reconciler');
    this.#answers = new Answers(store, say);
    this.#questions = new Questions({ store, random: this.#random, say, lack: (now, peer, tag, ids) => this.#lack(now, peer, tag, ids), hasAll: (peer, tag, askedAt) => this.#pushes.hasAll(peer, tag, askedAt) });
    this.#offers = new Offers((peer, tag, ids) => this.#questions.offer(peer, tag, ids));
    this.#pushes = new Pushes((now, peer, tag) => this.#askPushed(now, peer, tag));
    this.#wants = new Wants(store, say, (peer) => this.#neighbours.has(peer));
  }

  handle(now: Instant, input: ReconcilerInput): readonly ReconcilerOutput[] {
    switch (input.kind) {
      case 'meet':
        this.#meet(now, input.peer, input.tags);
        break;
      case 'compare':
        this.#compare(now, input.peer, input.tag, input.fetches);
        break;
      case 'pushed':
        if (this.#neighbours.get(input.peer)?.tags.has(input.tag) === true) this.#pushes.add(now, input.peer, input.tag);
        break;
      case 'offer':
        this.#offers.add(now, input.peer, input.tag, input.ids);
        break;
      case 'frame':
        this.#frame(now, input.peer, input.frame);
        break;
      case 'came':
        this.#wants.came(input.peer, input.id);
        break;
      case 'gone':
        this.#neighbours.delete(input.peer);
        this.#forget(now, input.peer);
        break;
      case 'leave':
        this.#leave(input.tag);
        break;
      case 'wakeup':
        this.#wakeup(now);
        break;
      default:
        return unreachable(input);
    }
    this.#askNext(now);
    this.#wants.pump(now);
    const outputs = this.#outputs;
    this.#outputs = [];
    return outputs;
  }

  deadline(): Instant | null {
    let first = earliest(this.#answers.deadline(), this.#questions.deadline(), this.#wants.deadline(), this.#offers.deadline(), this.#pushes.deadline());
    for (const { nextAt } of this.#rounds.values()) first = earliest(first, nextAt);
    return first;
  }

  /** How full what others can fill is. */
  bounds(): readonly Bound[] {
    const most = (count: (neighbour: Neighbour) => number): number => Math.max(0, ...[...this.#neighbours.values()].map(count));
    return [
      { name: 'reconciler neighbours', size: this.#neighbours.size, max: neighboursMax },
      { name: 'reconciler topics of a neighbour', size: most(({ tags }) => tags.size), max: neighbourTagsMax },
      { name: 'reconciler topics to ask a neighbour about', size: most(({ questions }) => questions.size), max: neighbourTagsMax },
      { name: 'reconciler topics to compare with a neighbour', size: most(({ comparisons }) => comparisons.size), max: comparisonsMax },
      { name: 'reconciler topics a neighbour asked about', size: most(({ asker }) => asker.size), max: neighbourTagsMax },
      { name: 'reconciler rounds', size: this.#rounds.size, max: neighbourTagsMax },
      ...[this.#questions, this.#answers, this.#wants, this.#offers, this.#pushes].flatMap((part) => part.bounds()),
    ];
  }

  stats(): ReconcilerStats {
    return {
      neighbourCount: this.#neighbours.size,
      questionCount: this.#questions.size,
      answerCount: this.#answers.size,
      wantedCount: this.#wants.size,
      dropped: this.#dropped.snapshot(),
    };
  }

  #meet(now: Instant, peer: PeerId, tags: readonly TopicTag[]): void {
    const neighbour = this.#neighbourOf(now, peer);
    for (const tag of tags) {
      if (!neighbour.tags.has(tag) && neighbour.tags.size >= neighbourTagsMax) continue;
      if (!neighbour.tags.has(tag)) neighbour.tags.set(tag, questionRate());
      neighbour.questions.set(tag, 0);
      this.#mayAsk = true;
      if (!this.#rounds.has(tag)) this.#rounds.set(tag, { nextAt: this.#roundAfter(now), count: 0 });
    }
  }

  #compare(now: Instant, peer: PeerId, tag: TopicTag, fetches: boolean): void {
    const { comparisons } = this.#neighbourOf(now, peer);
    if (comparisons.size >= comparisonsMax && !comparisons.has(tag)) return;
    comparisons.set(tag, fetches);
    this.#mayAsk = true;
  }

  #leave(tag: TopicTag): void {
    this.#rounds.delete(tag);
    this.#questions.leave(tag);
    this.#pushes.leave(tag);
    for (const neighbour of this.#neighbours.values()) {
      neighbour.tags.delete(tag);
      neighbour.questions.delete(tag);
    }
  }

  #frame(now: Instant, peer: PeerId, frame: ReconcilerFrame): void {
    const neighbour = this.#neighbourOf(now, peer);
    const reason = this.#read(now, peer, neighbour, frame);
    if (reason === null) return;
    this.#dropped.add(reason);
    this.#outputs.push({ kind: 'dropped', from: peer, reason });
  }

  #read(now: Instant, peer: PeerId, neighbour: Neighbour, frame: ReconcilerFrame): ReconcilerDrop | null {
    // An answer was asked for, part by part; whatever else comes has a rate.
    if (frame.kind !== 'sync-ids' && frame.kind !== 'sync-symbols' && !neighbour.frames.take(now)) return 'too-often';
    switch (frame.kind) {
      case 'sync-request':
        return this.#answers.ask(now, peer, neighbour.asker, frame);
      case 'sync-symbols':
      case 'sync-ids':
        return this.#learn(now, peer, frame);
      case 'offer':
        return this.#offered(now, peer, neighbour, frame);
      case 'want':
        return this.#give(now, peer, neighbour, frame.ids.flatMap((id) => this.#store.byShortId(id)));
      case 'want-after':
        return this.#give(now, peer, neighbour, this.#store.byPrev(frame.prev, frame.tag));
      default:
        return unreachable(frame);
    }
  }

  #learn(now: Instant, peer: PeerId, frame: ReconcilerFrame & { kind: 'sync-ids' | 'sync-symbols' }): ReconcilerDrop | null {
    if (this.#wants.isMuted(now, peer)) return 'muted';
    if (frame.kind === 'sync-ids') return this.#questions.readIds(now, peer, frame);
    const reason = this.#questions.readSymbols(now, peer, frame);
    if (reason === 'symbols-contradictory') this.#wants.caught(now, peer);
    return reason;
  }

  #offered(now: Instant, peer: PeerId, neighbour: Neighbour, { tag, ids }: Offer): ReconcilerDrop | null {
    if (this.#wants.isMuted(now, peer)) return 'muted';
    if (!neighbour.tags.has(tag)) {
      const isKept = this.#store.keeps?.(now, tag) === true;
      return isKept ? this.#lack(now, peer, tag, ids.filter((id) => !this.#store.knows(id))) : this.#offeredToStranger(now, peer, neighbour, ids);
    }
    if (!neighbour.offers.take(now, ids.length)) return 'too-often';
    return this.#want(
      peer,
      ids.filter((id) => !this.#store.knows(id)),
    );
  }

  #offeredToStranger(now: Instant, peer: PeerId, { strangersOffers }: Neighbour, ids: readonly ShortId[]): ReconcilerDrop | null {
    const fresh = ids.filter((id) => !this.#store.passed(id));
    const taken = fresh.slice(0, frameIds.want).filter(() => strangersOffers.take(now));
    if (taken.length > 0) this.#outputs.push({ kind: 'frame', to: peer, frame: { kind: 'want', ids: taken } });
    return taken.length < fresh.length ? 'too-often' : null;
  }

  /** A neighbour has these, which are not here: of a topic that is not shared with it, as many as the rate of what is kept for others allows. */
  #lack(now: Instant, peer: PeerId, tag: TopicTag, ids: readonly ShortId[]): ReconcilerDrop | null {
    const neighbour = this.#neighbourOf(now, peer);
    if (neighbour.tags.has(tag)) return this.#want(peer, ids);
    const taken = ids.filter(() => neighbour.kept.take(now));
    return this.#want(peer, taken) ?? (taken.length < ids.length ? 'too-often' : null);
  }

  #want(peer: PeerId, ids: readonly ShortId[]): ReconcilerDrop | null {
    return ids.map((id) => this.#wants.want(peer, id)).includes(false) ? 'wants-full' : null;
  }

  /** Gives as many as the rates allow; the other side asks again for the rest. */
  #give(now: Instant, peer: PeerId, neighbour: Neighbour, ids: readonly PacketId[]): ReconcilerDrop | null {
    const given = ids.filter(() => neighbour.objects.take(now) && this.#objects.take(now));
    if (given.length > 0) this.#outputs.push({ kind: 'give', to: peer, ids: given });
    return given.length < ids.length ? 'too-often' : null;
  }

  #wakeup(now: Instant): void {
    this.#answers.wakeup(now);
    this.#questions.wakeup(now);
    this.#wants.wakeup(now);
    this.#offers.wakeup(now);
    this.#pushes.wakeup(now);
    for (const [tag, round] of this.#rounds) {
      if (round.nextAt > now) continue;
      round.nextAt = this.#roundAfter(now);
      if (!this.#round(now, tag, round)) this.#rounds.delete(tag); // the next one met begins it again
    }
  }

  /** Asks what a neighbour has of what was pushed to it lately. */
  #askPushed(now: Instant, peer: PeerId, tag: TopicTag): Asked {
    if (this.#wants.isMuted(now, peer)) return 'never';
    if (!this.#questions.mayAsk(peer)) return 'busy';
    this.#neighbours.get(peer)?.tags.get(tag)?.take(now);
    this.#questions.ask(now, peer, tag, hotSince(now), { fetches: true, tells: false });
    return 'asked';
  }

  /** One neighbour, at random, is asked about the topic. Answers whether there is any. */
  #round(now: Instant, tag: TopicTag, round: Round): boolean {
    const all = [...this.#neighbours.entries()].filter(([, { tags }]) => tags.has(tag));
    const [chosen] = sample(
      this.#random,
      all.filter(([peer]) => !this.#wants.isMuted(now, peer)),
      1,
    );
    if (chosen === undefined) return all.length > 0;
    round.count += 1;
    const since = round.count % wholeRoundEvery === 0 ? 0 : hotSince(now);
    const [, { questions }] = chosen;
    if (!questions.has(tag)) questions.set(tag, since);
    this.#mayAsk = true;
    return true;
  }

  /** Asks what is to be asked, as far as questions may be open. */
  #askNext(now: Instant): void {
    if (!this.#mayAsk) return;
    this.#mayAsk = false;
    for (const [peer, neighbour] of this.#neighbours.entries()) {
      if (neighbour.questions.size + neighbour.comparisons.size === 0) continue;
      this.#mayAsk = true;
      if (!this.#questions.mayAsk(peer)) continue;
      const [comparison] = neighbour.comparisons;
      if (comparison !== undefined) {
        const [tag, fetches] = comparison;
        neighbour.comparisons.delete(tag);
        if (!this.#wants.isMuted(now, peer)) this.#questions.ask(now, peer, tag, 0, { fetches, tells: true });
        continue;
      }
      for (const [tag, since] of neighbour.questions) {
        neighbour.questions.delete(tag);
        if (this.#wants.isMuted(now, peer) || neighbour.tags.get(tag)?.take(now) !== true) continue;
        this.#questions.ask(now, peer, tag, since, { fetches: true, tells: false });
        break;
      }
    }
  }

  #neighbourOf(now: Instant, peer: PeerId): Neighbour {
    const known = this.#neighbours.touch(peer);
    if (known !== undefined) return known;
    const neighbour: Neighbour = {
      tags: new Map(),
      questions: new Map(),
      comparisons: new Map(),
      asker: new Asker(),
      frames: new TokenBucket(neighbourRates.frames.perSecond, neighbourRates.frames.burst),
      offers: new TokenBucket(neighbourRates.offeredIds.perSecond, neighbourRates.offeredIds.burst),
      strangersOffers: new TokenBucket(neighbourRates.strangersIds.perSecond, neighbourRates.strangersIds.burst),
      kept: new TokenBucket(neighbourRates.keptIds.perSecond, neighbourRates.keptIds.burst),
      objects: new TokenBucket(neighbourRates.objects.perSecond, neighbourRates.objects.burst),
    };
    const gone = this.#neighbours.set(peer, neighbour);
    if (gone !== null) this.#forget(now, gone[0]);
    return neighbour;
  }

  #forget(now: Instant, peer: PeerId): void {
    this.#answers.gone(peer);
    this.#questions.gone(peer);
    this.#offers.gone(peer);
    this.#pushes.gone(peer);
    this.#wants.gone(now, peer);
  }

  #roundAfter(now: Instant): Instant {
    return after(now, jittered(this.#random, roundMs, roundJitter));
  }
}

/** When the last hour began: one time for ten minutes, so that those who ask alike are answered alike. */
const hotSince = (now: Instant): number => Math.max(0, Math.floor((unixSeconds(now) - hotSeconds) / hotStepSeconds) * hotStepSeconds);
