/**
 * After this host moved: who has not answered at the new address is brought back by those who have. SPEC, Introductions.
 *
 * The link asks every session at once. Whose NAT lets in everybody answers; whose NAT lets in only whom its owner has sent something
 * answers nothing, and its session would die. Who has answered sees this peer where it is now, and introduces: the other side
 * punches there, and the next PING passes. Nobody's session ends.
 */
import { after, type Instant, type PeerId, type Random, sample } from '@srp/machine';
import type { Introduce } from '@srp/wire';
import { movedAskDelaysMs, movedPeersMax, movedWitnessesMax } from './constants.js';

/** Asks a peer with a session to introduce another. */
export interface MoveOutput {
  readonly kind: 'frame';
  readonly to: PeerId;
  readonly frame: Introduce;
}

export class Moves {
  readonly #random: Random;
  /** Who has not answered since; at most all that have sessions. */
  readonly #silent = new Set<PeerId>();
  #dueAts: readonly Instant[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  get size(): number {
    return this.#silent.size;
  }

  /** This host moved; these have sessions. */
  moved(now: Instant, peers: readonly PeerId[]): void {
    this.#silent.clear();
    for (const peer of peers) this.#silent.add(peer);
    this.#dueAts = peers.length === 0 ? [] : movedAskDelaysMs.map((delayMs) => after(now, delayMs));
  }

  /** The peer answered, or has no session any more. */
  settled(peer: PeerId): void {
    if (this.#silent.delete(peer) && this.#silent.size === 0) this.#dueAts = [];
  }

  deadline(): Instant | null {
    return this.#dueAts[0] ?? null;
  }

  /** Does what is due; `peers` have sessions. */
  wake(now: Instant, peers: () => readonly PeerId[], out: MoveOutput[]): void {
    const [dueAt, ...later] = this.#dueAts;
    if (dueAt === undefined || now < dueAt) return;
    this.#dueAts = later;
    const witnesses = sample(this.#random, peers().filter((peer) => !this.#silent.has(peer)), movedWitnessesMax);
    for (const peer of [...this.#silent].slice(0, movedPeersMax)) for (const to of witnesses) out.push({ kind: 'frame', to, frame: { kind: 'introduce', peer } });
    if (later.length === 0) this.#silent.clear();
  }
}
