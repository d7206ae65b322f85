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
  /** While it is being connected: until when. */
  readonly reachingUntil: Instant | null;
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
    const known = this.#all.get(peer) ?? { peer, via: [], subjects: new Set<Subject>(), tries: 0, reachingUntil: null, notBefore: null };
    this.#put({ ...known, via: [...known.via.filter((other) => other !== via), via].slice(-viaMax), subjects: new Set([...known.subjects, subject]) });
  }

  /** It is connected now, or never will be. */
  delete(peer: PeerId): void {
    this.#all.delete(peer);
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
    this.#put({ ...candidate, tries: candidate.tries + 1, reachingUntil: null, notBefore: after(now, pauseMs) });
  }

  /** Gives up on connections that took too long. */
  expire(now: Instant): void {
    for (const { peer, reachingUntil } of [...this.#all.values()]) if (reachingUntil !== null && now >= reachingUntil) this.fail(now, peer);
  }

  /** Whom to connect so that a search which wants `wanted` and has `has` gets on; they count as being connected from now on. */
  choose(now: Instant, subject: Subject, wanted: number, has: number, isNeighbour: (peer: PeerId) => boolean): readonly Reach[] {
    const own = [...this.#all.values()].filter(({ subjects }) => subjects.has(subject));
    const reaching = own.filter(isReaching);
    const viaMost = Math.ceil(wanted * reachingViaShare);
    const load = new Map<PeerId, number>();
    for (const { via } of reaching) for (const peer of via) load.set(peer, (load.get(peer) ?? 0) + 1);

    const chosen: Reach[] = [];
    let room = Math.min(wanted - has - reaching.length, reachingMax - [...this.#all.values()].filter(isReaching).length);
    for (const candidate of sample(this.#random, own, own.length)) {
      if (room <= 0) break;
      if (isReaching(candidate) || (candidate.notBefore !== null && now < candidate.notBefore)) continue;
      const via = candidate.via.filter(isNeighbour);
      if (!via.some((peer) => (load.get(peer) ?? 0) < viaMost)) continue;
      for (const peer of via) load.set(peer, (load.get(peer) ?? 0) + 1);
      this.#put({ ...candidate, via, reachingUntil: after(now, reachForMs) });
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
