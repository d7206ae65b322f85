/**
 * Peers heard of and not connected: whom to connect next, through whom, and when to stop trying. SPEC, Mesh.
 *
 * What a neighbour says about others may be a lie. So never more than half of what one search wants, and half
 * of what all may try at a time, is spent on the word of one neighbour; and a peer that cannot be reached is left alone longer each time.
 */
import { after, type Bound, BoundedMap, earliest, instant, type Instant, type PeerId, type Random } from '@srp/machine';
import { candidatesMax, reachForMs, reachHopeMs, reachingMax, retryFactor, retryMaxMs, retryMs, viaMax, viaShareMax } from './constants.js';
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
  readonly notBefore: Instant | null;
}

/** A candidate being connected: until when, and which neighbour is charged for it. */
interface Reaching {
  readonly candidate: Candidate;
  /** Until when it counts as good as connected; `null` when that is over. */
  readonly hopeUntil: Instant | null;
  readonly until: Instant;
  readonly chargedTo: PeerId;
}

export class Candidates {
  readonly #random: Random;
  /** Not being connected; the one heard of or tried longest ago goes when there are too many. */
  readonly #waiting = new BoundedMap<PeerId, Candidate>(candidatesMax);
  readonly #reaching = new Map<PeerId, Reaching>();
  readonly #refusedUntil = new BoundedMap<PeerId, Instant>(candidatesMax);

  constructor(random: Random) {
    this.#random = random;
  }

  get size(): number {
    return this.#waiting.size + this.#reaching.size;
  }

  bounds(): readonly Bound[] {
    return [
      { name: 'mesh candidates', size: this.#waiting.size, max: candidatesMax },
      { name: 'mesh candidates being connected', size: this.#reaching.size, max: reachingMax },
      { name: 'mesh peers that refused', size: this.#refusedUntil.size, max: candidatesMax },
    ];
  }

  deadline(): Instant | null {
    let first: Instant | null = null;
    for (const { until, hopeUntil } of this.#reaching.values()) {
      first ??= until; // begun first, due first
      if (hopeUntil !== null) return earliest(hopeUntil, first);
    }
    return first;
  }

  /** `via` named `peer` when asked for `subject`. */
  add(peer: PeerId, via: PeerId, subject: Subject): void {
    const reaching = this.#reaching.get(peer);
    const known = reaching?.candidate ?? this.#waiting.get(peer) ?? { peer, via: [], subjects: new Set<Subject>(), tries: 0, notBefore: null };
    const candidate = { ...known, via: [...known.via.filter((other) => other !== via), via].slice(-viaMax), subjects: new Set([...known.subjects, subject]) };
    if (reaching === undefined) this.#waiting.set(peer, candidate);
    else this.#reaching.set(peer, { ...reaching, candidate });
  }

  /** It is connected now. Returns whether that was wanted. */
  connected(peer: PeerId): boolean {
    this.#waiting.delete(peer);
    return this.#reaching.delete(peer);
  }

  /** It let us go: it has enough. */
  refused(now: Instant, peer: PeerId): void {
    this.#refusedUntil.set(peer, after(now, retryMs));
  }

  /** How many are known that were named for `subject`, and were not tried in vain. */
  count(subject: Subject): number {
    let count = 0;
    for (const { subjects, tries } of this.#waiting.values()) if (tries === 0 && subjects.has(subject)) count += 1;
    for (const { candidate, hopeUntil } of this.#reaching.values()) if (hopeUntil !== null && candidate.subjects.has(subject)) count += 1;
    return count;
  }

  /** Nobody asks for `subject` any more. */
  forget(subject: Subject): void {
    for (const candidate of [...this.#waiting.values()]) {
      const subjects = new Set(candidate.subjects);
      if (!subjects.delete(subject)) continue;
      if (subjects.size > 0) this.#waiting.set(candidate.peer, { ...candidate, subjects });
      else this.#waiting.delete(candidate.peer);
    }
  }

  /** The connection could not be made. */
  fail(now: Instant, peer: PeerId): void {
    const reaching = this.#reaching.get(peer);
    if (reaching === undefined) return;
    const { candidate } = reaching;
    const pauseMs = Math.min(retryMs * retryFactor ** candidate.tries, retryMaxMs);
    this.#reaching.delete(peer);
    this.#waiting.set(peer, { ...candidate, tries: candidate.tries + 1, notBefore: after(now, pauseMs) });
  }

  /** Gives up on connections that took too long. */
  expire(now: Instant): void {
    for (const [peer, reaching] of [...this.#reaching]) {
      if (now >= reaching.until) this.fail(now, peer);
      else if (reaching.hopeUntil !== null && now >= reaching.hopeUntil) this.#reaching.set(peer, { ...reaching, hopeUntil: null });
    }
  }

  /**
   * Whom to connect so that a search gets on that wants `wanted` in all and lacks `lacks`; `isNeighbour` tells
   * who can introduce. They count as being connected from now on.
   */
  choose(now: Instant, subject: Subject, wanted: number, lacks: number, isNeighbour: (peer: PeerId) => boolean): readonly Reach[] {
    const charged = new Charges();
    const chargedHere = new Charges();
    let room = lacks;
    for (const { candidate, hopeUntil, chargedTo } of this.#reaching.values()) {
      charged.add(chargedTo);
      // One that takes long probably cannot be reached: it goes on, but nobody waits for it.
      if (!candidate.subjects.has(subject) || hopeUntil === null) continue;
      chargedHere.add(chargedTo);
      room -= 1;
    }
    if (room <= 0) return [];

    const payerOf = ({ via }: Candidate): PeerId | undefined =>
      via
        .filter((peer) => isNeighbour(peer) && chargedHere.of(peer) < wanted * viaShareMax && charged.of(peer) < reachingMax * viaShareMax)
        .sort((a, b) => chargedHere.of(a) - chargedHere.of(b) || charged.of(a) - charged.of(b))[0];
    const chosen: Reach[] = [];
    let fit = [...this.#waiting.values()].filter((candidate) => candidate.subjects.has(subject) && this.#leftAloneUntil(now, candidate) === null);
    while (chosen.length < room && this.#reaching.size < reachingMax) {
      fit = fit.filter((candidate) => payerOf(candidate) !== undefined);
      // Nothing is drawn unless somebody is chosen: so looking once more, when nothing has changed, changes nothing.
      const candidate = fit[fit.length > 0 ? this.#random.below(fit.length) : 0];
      const chargedTo = candidate === undefined ? undefined : payerOf(candidate);
      if (candidate === undefined || chargedTo === undefined) break;
      charged.add(chargedTo);
      chargedHere.add(chargedTo);
      fit = fit.filter((other) => other !== candidate);
      this.#waiting.delete(candidate.peer);
      this.#reaching.set(candidate.peer, { candidate, hopeUntil: after(now, reachHopeMs), until: after(now, reachForMs), chargedTo });
      chosen.push({ peer: candidate.peer, via: candidate.via.filter(isNeighbour).toReversed() });
    }
    return chosen;
  }

  /** When the first of those named for `subject` that are left alone now may be tried. */
  leftAloneUntil(now: Instant, subject: Subject): Instant | null {
    let first: Instant | null = null;
    for (const candidate of this.#waiting.values()) if (candidate.subjects.has(subject)) first = earliest(first, this.#leftAloneUntil(now, candidate));
    return first;
  }

  /** Until when a candidate is left alone, since it could not be reached, or refused; `null` if it may be tried. */
  #leftAloneUntil(now: Instant, { peer, notBefore }: Candidate): Instant | null {
    const refused = this.#refusedUntil.get(peer) ?? null;
    const until = notBefore !== null && refused !== null ? instant(Math.max(notBefore, refused)) : (notBefore ?? refused);
    return until !== null && until > now ? until : null;
  }
}

/** How many connections are being tried on the word of each neighbour. */
class Charges {
  readonly #counts = new Map<PeerId, number>();

  of(peer: PeerId): number {
    return this.#counts.get(peer) ?? 0;
  }

  add(peer: PeerId): void {
    this.#counts.set(peer, this.of(peer) + 1);
  }
}
