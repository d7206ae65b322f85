/**
 * Keeping objects for those who are away: once in a custody period whoever holds objects of a topic compares them with its keepers, and
 * hands on what they lack. SPEC, Custody.
 *
 * ```
 *   held, hurry ──▶ due ──seek──▶ keepers ──compare──▶ compared ──offer──▶ (they want, and get)
 *                     ▲                                    └─ far from the topic, and three keepers have it all ──▶ remove
 *                     └── a sixteenth of the shortest life of what is held ──┘
 * ```
 *
 * One round serves all objects of a topic, so that who holds many pays one lookup. Nothing here looks for peers, talks to them or keeps
 * objects: the mesh, the reconciler and the cache do. What others can cause is bounded: rounds by a rate, own topics first, offers
 * by eight of an object and round, topics by what the cache holds.
 */
import { after, type Bound, BoundedMap, earliest, type Instant, jittered, type Machine, type PacketId, type PeerId, type Random, type ShortId, shortIdOf, TokenBucket, type TopicTag, unreachable, type Wakeup } from '@srp/machine';
import { type Life, lifeMs } from '@srp/wire';
import { attendedMs, custodyJitter, custodyPeriods, custodyTopicsMax, handOverLeast, hurryAgainMaxMs, hurryAgainMs, hurryFactor, memoryPeriodMs, moveMs, offersPerRound, poorAgainMax, poorAgainMs, restoredShare, roundMs, roundRate, roundRetryMs, roundsMax, searchMs } from '../constants.js';

/** What custody takes. */
export type CustodyInput =
  /** An object of a topic came to be held here. */
  | { readonly kind: 'held'; readonly tag: TopicTag; readonly life: Life }
  /** These topics were on the disk. */
  | { readonly kind: 'restored'; readonly tags: Iterable<TopicTag> }
  /** Hand on, or ask for, objects of this topic in so many milliseconds, if that was not done just now. */
  | { readonly kind: 'hurry'; readonly tag: TopicTag; readonly afterMs: number }
  /** What came of `seek`. */
  | { readonly kind: 'keepers'; readonly tag: TopicTag; readonly peers: readonly PeerId[]; readonly spares: readonly PeerId[]; readonly strangers: readonly PeerId[]; readonly isNear: boolean; readonly isCrowded: boolean }
  /** What came of `compare`. */
  | { readonly kind: 'compared'; readonly peer: PeerId; readonly tag: TopicTag; readonly lacking: readonly ShortId[]; readonly isWhole: boolean }
  | Wakeup;

/** What custody gives. */
export type CustodyOutput =
  /** Ask the neighbours that subscribe to this topic whether they are there. */
  | { readonly kind: 'ask'; readonly tag: TopicTag }
  /** Find those who keep this topic. */
  | { readonly kind: 'seek'; readonly tag: TopicTag }
  /** Compare the topic with one of them. */
  | { readonly kind: 'compare'; readonly peer: PeerId; readonly tag: TopicTag; readonly fetches: boolean }
  /** Offer it what it lacks. */
  | { readonly kind: 'offer'; readonly peer: PeerId; readonly tag: TopicTag; readonly ids: readonly ShortId[] }
  /** Let go of an object: it is in the keepers' hands. */
  | { readonly kind: 'remove'; readonly id: PacketId };

/** What custody looks up. */
export interface CustodyStore {
  /** What is held of a topic. */
  idsOf(tag: TopicTag): readonly PacketId[];
  /** The shortest life of those that are for others to keep; `null` if none is. */
  shortestLifeOf(tag: TopicTag): Life | null;
  /** Whether an object that is held is for others to keep. */
  mayKeep(id: ShortId): boolean;
  /** Whether an object is held for others alone: this peer neither published it nor subscribes, or subscribed, to its topic. */
  isForOthers(id: PacketId): boolean;
  /** Whether this peer subscribes to a topic. */
  isOwn(tag: TopicTag): boolean;
  /** Whether it knows so few others that do that somebody else must keep it. */
  isCold(tag: TopicTag): boolean;
  /** Whether somebody who subscribes to it is a neighbour, and so sees to it. */
  isAttended(tag: TopicTag): boolean;
  /** When topics next move to other keepers. */
  movesAt(now: Instant): Instant;
}

interface Topic {
  readonly nextAt: Instant;
  /** When it is if nothing hurries it; `null` where nothing is held. */
  readonly periodAt: Instant | null;
  /** When the last round began. */
  readonly begunAt: Instant | null;
  /** How long after it a hurried one may begin. */
  readonly pauseMs: number;
  /** Whether the next one is hurried. */
  readonly isHurried: boolean;
  /** Whether it waits for those who see to the topic to say that they are there. */
  readonly hasAsked: boolean;
  /** How many rounds in a row found too few keepers. */
  readonly poorCount: number;
}

interface Round {
  endsAt: Instant;
  readonly poorCount: number;
  isNear: boolean;
  /** What was held when the comparisons began. */
  ids: readonly PacketId[];
  readonly waiting: Set<PeerId>;
  /** How many said that they have all, but for those counted in `lacked`. */
  heard: number;
  readonly lacked: Map<ShortId, number>;
  /** What those lack that stand behind the nearest keepers: it is offered where too few have it. */
  readonly spares: Map<PeerId, readonly ShortId[]>;
}

export class Custody implements Machine<CustodyInput, CustodyOutput> {
  readonly #store: CustodyStore;
  readonly #random: Random;
  readonly #keepsOnDisk: boolean;
  /** When the first input came. */
  #begunAt: Instant | null = null;
  readonly #topics = new BoundedMap<TopicTag, Topic>(custodyTopicsMax);
  readonly #rounds = new Map<TopicTag, Round>();
  readonly #budget = new TokenBucket(roundRate.perSecond, roundRate.burst);
  /** No later than the first topic that is due, or may be looked at again. */
  #dueAt: Instant | null = null;
  #outputs: CustodyOutput[] = [];

  /** `keepsOnDisk`: what is held outlives the program. */
  constructor({ store, random, keepsOnDisk }: { readonly store: CustodyStore; readonly random: Random; readonly keepsOnDisk: boolean }) {
    this.#store = store;
    this.#keepsOnDisk = keepsOnDisk;
    this.#random = random;
  }

  handle(now: Instant, input: CustodyInput): readonly CustodyOutput[] {
    this.#begunAt ??= now;
    switch (input.kind) {
      case 'held':
        this.#plan(input.tag, this.#periodAfter(now, input.life));
        break;
      case 'restored':
        for (const tag of input.tags) this.#restored(now, tag);
        break;
      case 'hurry':
        this.#hurry(now, input.tag, input.afterMs);
        break;
      case 'keepers':
        this.#compare(now, input);
        break;
      case 'compared':
        this.#compared(input);
        break;
      case 'wakeup':
        this.#wake(now);
        break;
      default:
        unreachable(input);
    }
    const outputs = this.#outputs;
    this.#outputs = [];
    return outputs;
  }

  deadline(): Instant | null {
    let first = this.#rounds.size < roundsMax ? this.#dueAt : null;
    for (const { endsAt } of this.#rounds.values()) first = earliest(first, endsAt);
    return first;
  }

  bounds(): readonly Bound[] {
    return [
      { name: 'custody topics', size: this.#topics.size, max: custodyTopicsMax },
      { name: 'custody rounds', size: this.#rounds.size, max: roundsMax },
    ];
  }

  #restored(now: Instant, tag: TopicTag): void {
    const life = this.#store.shortestLifeOf(tag);
    // Its period may have ended while this peer was away, with all the others.
    if (life !== null) this.#plan(tag, this.#periodAfter(now, life, restoredShare * (this.#random.below(0x1_0000) / 0x1_0000)));
  }

  #hurry(now: Instant, tag: TopicTag, afterMs: number): void {
    const { begunAt = null, pauseMs = 0 } = this.#topics.get(tag) ?? {};
    const at = after(now, jittered(this.#random, afterMs, custodyJitter));
    const isFirst = begunAt === null || now - begunAt >= hurryAgainMaxMs;
    const again = isFirst ? at : after(begunAt, pauseMs);
    this.#plan(tag, at > again ? at : again, isFirst ? 'first' : 'again');
  }

  /** The next round of a topic begins at this time, if not before. */
  #plan(tag: TopicTag, at: Instant, hurried: 'first' | 'again' | null = null): void {
    const known = this.#topics.get(tag);
    if (known !== undefined && known.nextAt <= at) return;
    const periodAt = hurried === null ? at : (known?.periodAt ?? null);
    const pauseMs = hurried === 'first' ? 0 : (known?.pauseMs ?? 0);
    this.#set(tag, { nextAt: at, periodAt, begunAt: known?.begunAt ?? null, pauseMs, isHurried: hurried !== null, hasAsked: false, poorCount: known?.poorCount ?? 0 });
  }

  /** The end of a period that begins now; no later than the first half of the hour in which the topic moves to other keepers. */
  #periodAfter(now: Instant, life: Life, share = 1): Instant {
    const at = after(now, jittered(this.#random, Math.min(lifeMs(life) / custodyPeriods, this.#periodMsMax(now)), custodyJitter) * share);
    const movesAt = this.#store.movesAt(now);
    return at < movesAt ? at : after(movesAt, moveMs * (this.#random.below(0x1_0000) / 0x1_0000));
  }

  /** Whose cache dies with the program hands on before that: who was here for long will be here for as long again, as far as anybody knows. */
  #periodMsMax(now: Instant): number {
    if (this.#keepsOnDisk) return Infinity;
    const { least, most, share } = memoryPeriodMs;
    return Math.min(Math.max(least, share * (now - (this.#begunAt ?? now))), most);
  }

  #wake(now: Instant): void {
    for (const [tag, round] of this.#rounds) if (now >= round.endsAt) this.#finish(tag, round);
    if (this.#dueAt === null || now < this.#dueAt || this.#rounds.size >= roundsMax) return;
    this.#dueAt = null;
    const own: TopicTag[] = [];
    const others: TopicTag[] = [];
    for (const [tag, { nextAt }] of this.#topics.entries()) {
      if (nextAt > now) this.#dueAt = earliest(this.#dueAt, nextAt);
      else if (!this.#rounds.has(tag)) (this.#store.isOwn(tag) ? own : others).push(tag);
    }
    // Own topics first: others can make this peer hold objects of many.
    const due = [...own, ...others];
    const waiting = due.findIndex((tag) => !this.#begin(now, tag));
    // Those that have to wait are looked at when the rate allows the next one.
    if (waiting >= 0) this.#dueAt = earliest(this.#dueAt, after(now, 1000 / roundRate.perSecond));
  }

  /** Begins the round of a topic that is due, or plans the next if there is nothing to do. False if it has to wait. */
  #begin(now: Instant, tag: TopicTag): boolean {
    const isOwn = this.#store.isOwn(tag);
    const life = this.#store.shortestLifeOf(tag);
    if (life === null && !isOwn) {
      this.#topics.delete(tag);
      return true;
    }
    const isIdle = isOwn && !this.#store.isCold(tag);
    const { isHurried = false } = this.#topics.get(tag) ?? {};
    if (isHurried && !isOwn && this.#store.isAttended(tag)) {
      this.#putOff(now, tag);
      return true;
    }
    if (!isIdle && (this.#rounds.size >= roundsMax || !this.#budget.take(now))) return false;
    const poorCount = this.#topics.get(tag)?.poorCount ?? 0;
    if (life === null) this.#topics.delete(tag);
    else this.#set(tag, { ...this.#nextPeriod(now, life), begunAt: isIdle ? null : now, pauseMs: this.#nextPause(tag), isHurried: false, hasAsked: false, poorCount });
    if (isIdle) return true;
    this.#rounds.set(tag, { endsAt: after(now, searchMs), poorCount, isNear: false, ids: [], waiting: new Set(), heard: 0, lacked: new Map(), spares: new Map() });
    this.#outputs.push({ kind: 'seek', tag });
    return true;
  }

  #set(tag: TopicTag, topic: Topic): void {
    this.#topics.set(tag, topic);
    this.#dueAt = earliest(this.#dueAt, topic.nextAt);
  }

  #nextPeriod(now: Instant, life: Life): Pick<Topic, 'nextAt' | 'periodAt'> {
    const at = this.#periodAfter(now, life);
    return { nextAt: at, periodAt: at };
  }

  /** Who published is there, or somebody else whose affair it is: the round is held when they have gone without a word, or at the end of the period. */
  #putOff(now: Instant, tag: TopicTag): void {
    const topic = this.#topics.get(tag);
    if (topic === undefined) return;
    if (!topic.hasAsked) this.#outputs.push({ kind: 'ask', tag });
    const at = after(now, topic.hasAsked ? jittered(this.#random, hurryAgainMs, custodyJitter) : attendedMs);
    const isPeriod = topic.periodAt !== null && topic.periodAt <= at;
    this.#set(tag, { ...topic, nextAt: isPeriod ? topic.periodAt : at, isHurried: !isPeriod, hasAsked: !topic.hasAsked });
  }

  /** After this round: longer if it was hurried. */
  #nextPause(tag: TopicTag): number {
    const { pauseMs = 0, isHurried = false } = this.#topics.get(tag) ?? {};
    return isHurried && pauseMs > 0 ? Math.min(pauseMs * hurryFactor, hurryAgainMaxMs) : Math.max(pauseMs, hurryAgainMs);
  }

  #compare(now: Instant, { tag, peers, spares, strangers, isNear, isCrowded }: CustodyInput & { kind: 'keepers' }): void {
    const round = this.#rounds.get(tag);
    if (round === undefined || round.waiting.size > 0) return;
    const isOwn = this.#store.isOwn(tag);
    const all = [...peers, ...spares, ...strangers];
    if (all.length === 0 || (isCrowded && !isOwn)) {
      this.#rounds.delete(tag);
      if (all.length === 0) this.#plan(tag, after(now, jittered(this.#random, roundRetryMs, custodyJitter)));
      return;
    }
    this.#comeAgain(now, tag, peers.length < handOverLeast ? round.poorCount : null);
    round.isNear = isNear || strangers.length > 0; // what strangers say is no hand-over
    round.ids = this.#store.idsOf(tag);
    round.endsAt = after(now, roundMs);
    for (const peer of spares) round.spares.set(peer, []);
    for (const peer of all) {
      round.waiting.add(peer);
      this.#outputs.push({ kind: 'compare', peer, tag, fetches: isOwn || isNear });
    }
  }

  /** Where hardly anybody keeps the topic it is soon looked again, some times, ever more rarely: in a network that has just begun there are some in seconds. `null`: there are enough. */
  #comeAgain(now: Instant, tag: TopicTag, poorCount: number | null): void {
    const isSoon = poorCount !== null && poorCount < poorAgainMax;
    if (isSoon) this.#plan(tag, after(now, jittered(this.#random, poorAgainMs * hurryFactor ** poorCount, custodyJitter)));
    const topic = this.#topics.get(tag);
    if (topic !== undefined) this.#topics.set(tag, { ...topic, poorCount: poorCount === null ? 0 : poorCount + 1 });
  }

  #compared({ peer, tag, lacking, isWhole }: CustodyInput & { kind: 'compared' }): void {
    const round = this.#rounds.get(tag);
    if (round?.waiting.delete(peer) !== true) return;
    const offered: ShortId[] = [];
    for (const id of lacking) {
      const count = (round.lacked.get(id) ?? 0) + 1;
      round.lacked.set(id, count);
      if (count <= offersPerRound && this.#store.mayKeep(id)) offered.push(id);
    }
    if (isWhole) round.heard += 1;
    if (round.spares.has(peer)) round.spares.set(peer, offered);
    else if (offered.length > 0) this.#outputs.push({ kind: 'offer', peer, tag, ids: offered });
    if (round.waiting.size === 0) this.#finish(tag, round);
  }

  /** Those behind the nearest keepers are offered what fewer than three have. Who is far from a topic lets go of what three have. */
  #finish(tag: TopicTag, { isNear, ids, heard, lacked, spares }: Round): void {
    this.#rounds.delete(tag);
    const isHandedOver = (id: ShortId): boolean => heard - (lacked.get(id) ?? 0) >= handOverLeast;
    for (const [peer, lacking] of spares) {
      const offered = lacking.filter((id) => !isHandedOver(id));
      if (offered.length > 0) this.#outputs.push({ kind: 'offer', peer, tag, ids: offered });
    }
    if (isNear || this.#store.isOwn(tag)) return;
    for (const id of ids) if (isHandedOver(shortIdOf(id)) && this.#store.isForOthers(id)) this.#outputs.push({ kind: 'remove', id });
  }
}
