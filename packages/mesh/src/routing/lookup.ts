/**
 * One search for the peers nearest to a position: ask the nearest known ones for nearer ones, until the nearest
 * three (or as many as are wanted) have answered. SPEC, Rendezvous.
 *
 * ```
 *   seeds ──▶ known ──next──▶ asked ──answered──▶ answered, its names are known
 *                               └────1.5 s, failed──▶ failed (an answer that comes late still counts)
 * ```
 *
 * Whoever answers may lie. His names have the positions that follow from the addresses he claims; after three that do not
 * answer, those that nobody else names are left alone; of one /16 or /32 two count. A peer that is named with two
 * addresses is two candidates until it answers, so that a false address does not hide the right one.
 *
 * What always holds, tested in test/lookup.test.ts: at most 24 questions, 3 at a time, none twice to one peer at one
 * address; at most 8 + 24 x 8 = 200 candidates, since nobody is heard twice; only who answered is found.
 */
import { type Address, after, type Instant, type PeerId } from '@srp/machine';
import { type PeerAddress } from '@srp/wire';
import { lookupAnswerMs, lookupAskedMax, lookupParallel, lookupSeedsMax, namesFailedMax, nearestWanted, peersMax } from '../constants.js';
import { blockOf, fitsBlock, mayName } from './block.js';
import { byDistance, type Placed, placed, type Position } from './position.js';

/** How a lookup is made: `seeds` are known first hand, nearest first; of more than 8, or `seedsMax`, the first ones count. */
export interface LookupOptions {
  readonly self: PeerId;
  readonly target: Position;
  readonly seeds: readonly PeerAddress[];
  /** How many of the nearest it finds; 3 if absent. */
  readonly wanted?: number;
  /** How many questions it asks at most; 24 if absent. */
  readonly askedMax?: number;
  readonly seedsMax?: number;
  /** Peers it cannot see; none if absent. */
  readonly hides?: (peer: PeerId) => boolean;
}

type State = { readonly kind: 'known' | 'answered' | 'failed' } | { readonly kind: 'asked'; readonly until: Instant };

interface Candidate extends Placed {
  readonly block: string | null;
  /** Who named it; empty if it is known first hand. */
  readonly namedBy: ReadonlySet<PeerId>;
  readonly state: State;
  /** Whether it is one of those sought, and not just one who knows others. */
  readonly counts: boolean;
}

export class Lookup {
  readonly target: Position;
  readonly #self: PeerId;
  readonly #wanted: number;
  readonly #askedMax: number;
  readonly #hides: (peer: PeerId) => boolean;
  /** Nearest first. */
  #candidates: readonly Candidate[];
  /** How many names each peer is charged with because they did not answer. */
  readonly #failedNames = new Map<PeerId, number>();
  #askedCount = 0;

  constructor({ self, target, seeds, wanted = nearestWanted, askedMax = lookupAskedMax, seedsMax = lookupSeedsMax, hides = () => false }: LookupOptions) {
    this.#self = self;
    this.#wanted = wanted;
    this.#askedMax = askedMax;
    this.#hides = hides;
    this.target = target;
    this.#candidates = this.#ordered(seeds.slice(0, seedsMax).filter(({ peer }) => peer !== self && !hides(peer)).map((seed) => candidateOf(seed, 'known')));
  }

  /** How many questions were asked. */
  get askedCount(): number {
    return this.#askedCount;
  }

  /** How many candidates it remembers. */
  get size(): number {
    return this.#candidates.length;
  }

  /** Whether nobody is left to ask or to wait for. */
  get isDone(): boolean {
    return this.#front().every(({ state }) => state.kind === 'answered') || (this.#askedCount >= this.#askedMax && this.deadline() === null);
  }

  /** Whether a peer was asked and has not answered yet. */
  asks(peer: PeerId): boolean {
    return this.#candidates.some((candidate) => candidate.peer === peer && candidate.state.kind === 'asked');
  }

  /** When the next question has waited long enough. */
  deadline(): Instant | null {
    let first: Instant | null = null;
    for (const { state } of this.#candidates) if (state.kind === 'asked' && (first === null || state.until < first)) first = state.until;
    return first;
  }

  /** Whom to ask now; they count as asked. */
  next(now: Instant): readonly PeerAddress[] {
    const waiting = this.#candidates.filter(({ state }) => state.kind === 'asked').length;
    const room = Math.min(lookupParallel - waiting, this.#askedMax - this.#askedCount);
    const chosen = this.#front().filter(({ state }) => state.kind === 'known').slice(0, Math.max(room, 0));
    this.#askedCount += chosen.length;
    this.#move(chosen, { kind: 'asked', until: after(now, lookupAnswerMs) });
    return chosen.map(({ peer, address }) => ({ peer, address }));
  }

  /**
   * `peer`, whose session is at `address`, named these; of more than 8 the first 8 count. `counts`: it is one of those sought. Returns
   * whether it was asked and had not answered.
   */
  answered(peer: PeerId, address: Address, closer: readonly PeerAddress[], counts = true): boolean {
    const claims = this.#candidates.filter((candidate) => candidate.peer === peer);
    if (!claims.some(({ state }) => state.kind === 'asked' || state.kind === 'failed')) return false;
    // where it was said to be does not matter any more
    const answerer = { ...candidateOf({ peer, address }, 'answered'), counts };
    const others = this.#candidates.filter((candidate) => candidate.peer !== peer);
    this.#candidates = this.#ordered([...closer.slice(0, peersMax).reduce((all, name) => this.#learn(all, answerer, name), others), answerer]);
    return true;
  }

  /** It could not be asked. */
  failed(peer: PeerId): void {
    this.#fail((candidate) => candidate.peer === peer);
  }

  /** Gives up on questions that waited for 1.5 s. */
  expire(now: Instant): void {
    this.#fail(({ state }) => state.kind === 'asked' && now >= state.until);
  }

  /** The nearest that answered, at most as many as are wanted. */
  nearest(): readonly PeerAddress[] {
    return firstOf(this.#candidates.filter(({ state, counts }) => state.kind === 'answered' && counts), this.#wanted).map(({ peer, address }) => ({ peer, address }));
  }

  /** The nearest that answered, also those that do not count. */
  answerers(): readonly PeerAddress[] {
    return this.#candidates.filter(({ state }) => state.kind === 'answered').slice(0, this.#wanted).map(({ peer, address }) => ({ peer, address }));
  }

  /** Those who would be the nearest, if all who may still answer do. */
  #front(): readonly Candidate[] {
    return firstOf(this.#candidates.filter((candidate) => candidate.counts && candidate.state.kind !== 'failed' && (candidate.state.kind !== 'known' || this.#isBelieved(candidate))), this.#wanted);
  }

  #isBelieved({ namedBy }: Candidate): boolean {
    return namedBy.size === 0 || [...namedBy].some((peer) => this.#failedNamesOf(peer) < namesFailedMax);
  }

  #failedNamesOf(peer: PeerId): number {
    return this.#failedNames.get(peer) ?? 0;
  }

  /** Those known already, with one name of the answerer. */
  #learn(all: readonly Candidate[], by: Candidate, name: PeerAddress): Candidate[] {
    const claims = all.filter(({ peer }) => peer === name.peer);
    const isKnown = claims.some(({ state }) => state.kind === 'answered');
    if (isKnown || name.peer === this.#self || this.#hides(name.peer) || name.peer === by.peer || !mayName(by.address, name.address)) return [...all];
    const claim = claims.find(({ address }) => address === name.address);
    if (claim === undefined) return [...all, candidateOf(name, 'known', new Set([by.peer]))];
    if (claim.namedBy.size === 0) return [...all];
    return all.map((candidate) => (candidate === claim ? { ...claim, namedBy: new Set([...claim.namedBy, by.peer]) } : candidate));
  }

  #fail(isMeant: (candidate: Candidate) => boolean): void {
    const failed = this.#candidates.filter((candidate) => candidate.state.kind === 'asked' && isMeant(candidate));
    for (const { namedBy } of failed) {
      // one pays, who is believed most: where many died, those who all named them in good faith are not disbelieved together
      const payer = [...namedBy].sort((a, b) => this.#failedNamesOf(a) - this.#failedNamesOf(b))[0];
      if (payer !== undefined) this.#failedNames.set(payer, this.#failedNamesOf(payer) + 1);
    }
    this.#move(failed, { kind: 'failed' });
  }

  #move(moved: readonly Candidate[], state: State): void {
    this.#candidates = this.#candidates.map((candidate) => (moved.includes(candidate) ? { ...candidate, state } : candidate));
  }

  #ordered(candidates: readonly Candidate[]): readonly Candidate[] {
    return candidates.toSorted(byDistance(this.target));
  }
}

const candidateOf = (peer: PeerAddress, kind: 'known' | 'answered', namedBy: ReadonlySet<PeerId> = new Set()): Candidate => ({ ...placed(peer), block: blockOf(peer.address), namedBy, state: { kind }, counts: true });

/** The first few of these, nearest first; no peer twice, and at most 2 of one /16 or /32. */
const firstOf = (candidates: readonly Candidate[], count: number): readonly Candidate[] => {
  const first: Candidate[] = [];
  for (const candidate of candidates) {
    if (first.length === count) break;
    if (fitsBlock(candidate.block, first) && first.every(({ peer }) => peer !== candidate.peer)) first.push(candidate);
  }
  return first;
};
