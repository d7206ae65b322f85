/**
 * How many introducers stay: open neighbours this peer went to, which nothing needs now. Whoever needs one again finds it among the
 * contacts. SPEC, Rendezvous (M-46).
 */
import { after, type Instant, jittered, type PeerId, type Random, sample } from '@srp/machine';
import { introducersKept, introducersLookMs, neighboursWanted, pauseJitter, trimMs } from '../constants.js';
import { type MeshOutput } from '../contract.js';
import { type Links } from '../links.js';
import { type Neighbour, type Neighbours } from '../neighbours.js';
import { type Rendezvous } from './rendezvous.js';
import { type Visits } from './visits.js';

export class Introducers {
  readonly #neighbours: Neighbours;
  readonly #rendezvous: Rendezvous;
  readonly #links: Links;
  readonly #visits: Visits;
  readonly #random: Random;
  /** When they are looked at; never before the first neighbour. */
  #lookAt: Instant | null = null;

  constructor(neighbours: Neighbours, rendezvous: Rendezvous, links: Links, visits: Visits, random: Random) {
    this.#neighbours = neighbours;
    this.#rendezvous = rendezvous;
    this.#links = links;
    this.#visits = visits;
    this.#random = random;
  }

  deadline(): Instant | null {
    return this.#lookAt;
  }

  /** A neighbour came. */
  came(now: Instant): void {
    if (this.#lookAt === null) this.#plan(now, introducersLookMs);
  }

  /** Of too many one is let go; without any open neighbour all lookups begin anew. */
  wake(now: Instant): readonly MeshOutput[] {
    if (this.#lookAt === null || now < this.#lookAt) return [];
    const open = [...this.#neighbours.open()];
    const spare = open.filter((neighbour) => this.#isSpare(neighbour)).map(({ peer }) => peer);
    const areTooMany = spare.length > introducersKept && this.#neighbours.count(null) > neighboursWanted;
    this.#plan(now, areTooMany ? trimMs : introducersLookMs);
    if (open.length === 0) this.#rendezvous.again(now);
    return areTooMany ? sample(this.#random, spare, 1).map((peer: PeerId) => ({ kind: 'drop', peer })) : [];
  }

  #isSpare(neighbour: Neighbour): boolean {
    return neighbour.isDialled && !this.#links.tags().some((tag) => neighbour.tags.has(tag)) && !this.#visits.needs(neighbour.peer) && !this.#neighbours.isAdopted(neighbour);
  }

  #plan(now: Instant, ms: number): void {
    this.#lookAt = after(now, jittered(this.#random, ms, pauseJitter));
  }
}
