/**
 * Peers heard of and not connected: whom to connect next, through whom, and when to stop trying. SPEC, Mesh.
 *
 * What a neighbour says about others may be a lie. So a search never spends more than half of what it wants
 * on the word of one neighbour at a time, and a peer that cannot be reached is left alone longer each time.
 */
import { after, BoundedMap, type Instant, type PeerId, type Random, sample } from '@srp/machine';
import { candidatesMax, reachForMs, reachingMax, reachingViaShare, retryFactor, retryMaxMs, retryMs, viaMax } from './constants.js';
import { type Subject } from './neighbours.js';

/** A connection that is wanted. */
export interface Reach {
  readonly peer: PeerId;
  readonly via: readonly PeerId[];
}

interface Candidate {
  readonly peer: PeerId;
  /** The neighbours that named it, latest last. */
  readonly via: readonly PeerId[];
  /** What it was named for. */
  readonly subjects: ReadonlySet<Subject>;
  readonly tries: number;
  /** While it is being connected: until when, and which neighbour is charged for it. */
  readonly reachingUntil: Instant | null;
  readonly chargedTo: PeerId | null;
  readonly notBefore: Instant | null;
}

export class Candidates {
  readonly #random: Random;
  readonly #all = new BoundedMap<PeerId, Candidate>(candidatesMax);

  constructor(random: Random) {
    this.#random = random;
  }

  get size(): number {
    return this.#all.size;
  }

  deadline(): Instant | null {
    let first: Instant | null = null;
    for (const { reachingUntil } of this.#all.values()) if (reachingUntil !== null && (first === null || reachingUntil < first)) first = reachingUntil;
    return first;
  }

  /** `via` named `peer` when asked for `subject`. */
  add(peer: PeerId, via: PeerId, subject: Subject): void {
    const known = this.#all.get(peer) ?? { peer, via: [], subjects: new Set<Subject>(), tries: 0, reachingUntil: null, chargedTo: null, notBefore: null };
    this.#put({ ...known, via: [...known.via.filter((other) => other !== via), via].slice(-viaMax), subjects: new Set([...known.subjects, subject]) });
  }

  /** It is connected now. Returns whether that was wanted. */
  connected(peer: PeerId): boolean {
    const candidate = this.#all.get(peer);
    this.#all.delete(peer);
    return candidate !== undefined && isReaching(candidate);
  }

  /** Nobody asks for `subject` any more. */
  forget(subject: Subject): void {
    for (const candidate of [...this.#all.values()]) {
      const subjects = new Set(candidate.subjects);
      if (!subjects.delete(subject)) continue;
      if (subjects.size > 0 || isReaching(candidate)) this.#put({ ...candidate, subjects });
      else this.#all.delete(candidate.peer);
    }
  }

  /** The connection could not be made. */
  fail(now: Instant, peer: PeerId): void {
    const candidate = this.#all.get(peer);
    if (candidate === undefined || !isReaching(candidate)) return;
    const pauseMs = Math.min(retryMs * retryFactor ** candidate.tries, retryMaxMs);
    this.#put({ ...candidate, tries: candidate.tries + 1, reachingUntil: null, chargedTo: null, notBefore: after(now, pauseMs) });
  }

  /** Gives up on connections that took too long. */
  expire(now: Instant): void {
    for (const { peer, reachingUntil } of [...this.#all.values()]) if (reachingUntil !== null && now >= reachingUntil) this.fail(now, peer);
  }

  /**
   * Whom to connect so that a search gets on that wants `wanted` in all and lacks `lacks`; `isNeighbour` tells
   * who can introduce. They count as being connected from now on.
   */
  choose(now: Instant, subject: Subject, wanted: number, lacks: number, isNeighbour: (peer: PeerId) => boolean): readonly Reach[] {
    const own = [...this.#all.values()].filter(({ subjects }) => subjects.has(subject));
    const reaching = own.filter(isReaching);
    const viaMost = Math.ceil(wanted * reachingViaShare);
    const load = new Map<PeerId, number>();
    const loadOf = (peer: PeerId): number => load.get(peer) ?? 0;
    for (const { chargedTo } of reaching) if (chargedTo !== null) load.set(chargedTo, loadOf(chargedTo) + 1);

    const chosen: Reach[] = [];
    let room = Math.min(lacks - reaching.length, reachingMax - [...this.#all.values()].filter(isReaching).length);
    for (const candidate of sample(this.#random, own, own.length)) {
      if (room <= 0) break;
      if (isReaching(candidate) || (candidate.notBefore !== null && now < candidate.notBefore)) continue;
      const via = candidate.via.filter(isNeighbour);
      const chargedTo = via.toSorted((a, b) => loadOf(a) - loadOf(b))[0];
      if (chargedTo === undefined || loadOf(chargedTo) >= viaMost) continue;
      load.set(chargedTo, loadOf(chargedTo) + 1);
      this.#put({ ...candidate, via, reachingUntil: after(now, reachForMs), chargedTo });
      chosen.push({ peer: candidate.peer, via: via.toReversed() });
      room -= 1;
    }
    return chosen;
  }

  /** The one heard of or tried longest ago goes when there are too many. */
  #put(candidate: Candidate): void {
    this.#all.set(candidate.peer, candidate);
  }
}

const isReaching = ({ reachingUntil }: Candidate): boolean => reachingUntil !== null;
