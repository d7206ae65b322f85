/**
 * Fetching what neighbours say they have: each object from one of them at a time. SPEC, Cache negotiation.
 *
 * ```
 *   want ─▶ queue of the neighbour ─▶ claim: up to 120 ids ──WANT──▶ ... all here ─────────▶ next claim
 *                                          └─ nothing for 1 s: WANT again, 3 times ─▶ others that have them
 * ```
 *
 * A claim of which more than half has not come in 15 s, or stops coming, has failed; three in a row, and the neighbour is not believed for an hour.
 * So a liar costs 3 x 120 ids, and delays what it claims by three seconds: others that have it are remembered.
 */
import { after, type Bound, BoundedMap, type Instant, type PeerId, type ShortId } from '@srp/machine';
import { alternativesMax, claimAttemptsMax, claimIdsMax, claimMs, claimPollMs, claimStallMs, failedClaimsMax, frameIds, mutedMax, muteMs, neighboursMax, neighbourWantsMax, wantsMax } from '../constants.js';
import type { ReconcilerStore, Say } from './types.js';

interface Claim {
  /** How many were asked for. */
  readonly count: number;
  left: ShortId[];
  attempt: number;
  readonly endsAt: Instant;
  /** When something last came, or was asked for. */
  movedAt: Instant;
  pollAt: Instant;
}

interface Source {
  readonly queue: ShortId[];
  claim: Claim | null;
}

interface Wanted {
  from: PeerId;
  readonly others: PeerId[];
}

/** Everything that is wanted, and from whom. */
export class Wants {
  readonly #store: ReconcilerStore;
  readonly #say: Say;
  readonly #sources = new Map<PeerId, Source>();
  readonly #wanted = new Map<ShortId, Wanted>();
  /** Claims that failed in a row, of all who can be neighbours at once; outlives a session, so that coming back is no way out. */
  readonly #failures = new BoundedMap<PeerId, number>(neighboursMax);
  readonly #muted = new BoundedMap<PeerId, Instant>(mutedMax);

  readonly #isNeighbour: (peer: PeerId) => boolean;

  constructor(store: ReconcilerStore, say: Say, isNeighbour: (peer: PeerId) => boolean) {
    this.#store = store;
    this.#say = say;
    this.#isNeighbour = isNeighbour;
  }

  get size(): number {
    return this.#wanted.size;
  }

  bounds(): readonly Bound[] {
    return [
      { name: 'reconciler wants', size: this.#wanted.size, max: wantsMax },
      { name: 'reconciler neighbours that may have a wanted object besides', size: Math.max(0, ...[...this.#wanted.values()].map(({ others }) => others.length)), max: alternativesMax },
      { name: 'reconciler neighbours to fetch from', size: this.#sources.size, max: neighboursMax },
      { name: 'reconciler wants of a neighbour', size: Math.max(0, ...[...this.#sources.values()].map(({ queue }) => queue.length)), max: neighbourWantsMax },
      { name: 'reconciler neighbours that failed', size: this.#failures.size, max: neighboursMax },
      { name: 'reconciler neighbours that are muted', size: this.#muted.size, max: mutedMax },
    ];
  }

  isMuted(now: Instant, peer: PeerId): boolean {
    const until = this.#muted.get(peer);
    if (until === undefined) return false;
    if (until > now) return true;
    this.#muted.delete(peer);
    return false;
  }

  /** A neighbour says it has this object, which is not here. False if there is no room to want it. */
  want(peer: PeerId, id: ShortId): boolean {
    const wanted = this.#wanted.get(id);
    if (wanted !== undefined) {
      if (wanted.from !== peer && wanted.others.length < alternativesMax && !wanted.others.includes(peer)) wanted.others.push(peer);
      return true;
    }
    const source = this.#sourceOf(peer);
    if (this.#wanted.size >= wantsMax || source.queue.length >= neighbourWantsMax) return false;
    this.#wanted.set(id, { from: peer, others: [] });
    source.queue.push(id);
    return true;
  }

  /** Begins to fetch what was wanted since. */
  pump(now: Instant): void {
    for (const [peer, source] of this.#sources) this.#next(now, peer, source);
  }

  /** A neighbour sent what it claimed, kept or not: it did not lie. */
  came(peer: PeerId, id: ShortId): void {
    const claim = this.#sources.get(peer)?.claim ?? null;
    if (claim?.left.includes(id) !== true) return;
    claim.left = claim.left.filter((left) => left !== id);
    this.#wanted.delete(id);
  }

  /** Lets go of a neighbour; what it was to send others may. */
  gone(now: Instant, peer: PeerId): void {
    const source = this.#sources.get(peer);
    if (source === undefined) return;
    this.#sources.delete(peer);
    for (const id of [...(source.claim?.left ?? []), ...source.queue]) this.#elsewhere(now, id);
  }

  wakeup(now: Instant): void {
    for (const [peer, source] of this.#sources) {
      if (source.claim !== null && source.claim.pollAt <= now) this.#poll(now, peer, source, source.claim);
    }
    this.pump(now);
  }

  deadline(): Instant | null {
    let first: Instant | null = null;
    for (const { claim } of this.#sources.values()) if (claim !== null && (first === null || claim.pollAt < first)) first = claim.pollAt;
    return first;
  }

  #next(now: Instant, peer: PeerId, source: Source): void {
    while (source.claim === null && source.queue.length > 0) {
      const ids = source.queue.splice(0, claimIdsMax);
      const left = this.#missing(ids);
      if (left.length === 0) continue;
      source.claim = { count: left.length, left, attempt: 1, endsAt: after(now, claimMs), movedAt: now, pollAt: after(now, claimPollMs) };
      this.#ask(peer, left);
    }
    if (source.claim === null) this.#sources.delete(peer);
  }

  #poll(now: Instant, peer: PeerId, source: Source, claim: Claim): void {
    const before = claim.left.length;
    claim.left = this.#missing(claim.left);
    if (claim.left.length < before) claim.movedAt = now;
    claim.pollAt = after(now, claimPollMs);
    if (claim.left.length > 0 && now < claim.endsAt) {
      if (now - claim.movedAt < claimStallMs) return;
      if (claim.attempt < claimAttemptsMax) {
        claim.attempt += 1;
        claim.movedAt = now;
        this.#ask(peer, claim.left);
        return;
      }
    }
    source.claim = null;
    for (const id of claim.left) this.#elsewhere(now, id);
    this.#judge(now, peer, claim.left.length * 2 > claim.count);
  }

  /** A neighbour was caught in a contradiction: as bad as a claim of what it does not have. */
  caught(now: Instant, peer: PeerId): void {
    this.#judge(now, peer, true);
  }

  #judge(now: Instant, peer: PeerId, hasFailed: boolean): void {
    if (!hasFailed) {
      this.#failures.delete(peer);
      return;
    }
    const failures = (this.#failures.get(peer) ?? 0) + 1;
    this.#failures.set(peer, failures);
    if (failures < failedClaimsMax) return;
    this.#failures.delete(peer);
    this.#muted.set(peer, after(now, muteMs));
    this.gone(now, peer);
  }

  /** Those that are not here yet; the others are wanted no more. */
  #missing(ids: readonly ShortId[]): ShortId[] {
    return ids.filter((id) => {
      if (!this.#store.knows(id)) return true;
      this.#wanted.delete(id);
      return false;
    });
  }

  /** Asks the next one that has it, if there is one. */
  #elsewhere(now: Instant, id: ShortId): void {
    const wanted = this.#wanted.get(id);
    if (wanted === undefined) return;
    this.#wanted.delete(id);
    for (let next = wanted.others.shift(); next !== undefined; next = wanted.others.shift()) {
      if (!this.#isNeighbour(next) || this.isMuted(now, next)) continue;
      const source = this.#sourceOf(next);
      if (source.queue.length >= neighbourWantsMax) continue;
      source.queue.push(id);
      this.#wanted.set(id, { from: next, others: wanted.others });
      return;
    }
  }

  #ask(peer: PeerId, ids: readonly ShortId[]): void {
    for (let at = 0; at < ids.length; at += frameIds.want) {
      this.#say({ kind: 'frame', to: peer, frame: { kind: 'want', ids: ids.slice(at, at + frameIds.want) } });
    }
  }

  #sourceOf(peer: PeerId): Source {
    const source = this.#sources.get(peer) ?? { queue: [], claim: null };
    this.#sources.set(peer, source);
    return source;
  }
}
