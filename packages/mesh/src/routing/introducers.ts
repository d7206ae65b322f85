/**
 * Who stays of the neighbours this peer went to and that nothing needs now: two introducers, which are open, since whoever needs one
 * again finds it among the contacts; and of the others, with whom it began while it knew nobody of its topics, none. SPEC, Rendezvous (M-46).
 */
import { after, type Instant, jittered, type Random, sample } from '@srp/machine';
import { introducersKept, introducersLookMs, neighboursWanted, pauseJitter } from '../constants.js';
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

  /** Those that are too many are let go, while there are others; without any open neighbour all lookups begin anew. */
  wake(now: Instant): readonly MeshOutput[] {
    if (this.#lookAt === null || now < this.#lookAt) return [];
    this.#plan(now, introducersLookMs);
    const open = this.#neighbours.open();
    if (open.size === 0) this.#rendezvous.again(now);
    const spare = this.#neighbours.all().filter((neighbour) => this.#isSpare(neighbour));
    const introducers = spare.filter((neighbour) => open.has(neighbour));
    const others = this.#links.tags().length === 0 ? [] : spare.filter((neighbour) => !open.has(neighbour));
    const room = this.#neighbours.count(null) - neighboursWanted;
    const dropped = [...sample(this.#random, introducers, Math.max(0, introducers.length - introducersKept)), ...sample(this.#random, others, others.length)];
    return dropped.slice(0, Math.max(0, room)).map(({ peer }) => ({ kind: 'drop', peer }));
  }

  #isSpare(neighbour: Neighbour): boolean {
    return neighbour.isDialled && !this.#links.tags().some((tag) => neighbour.tags.has(tag)) && !this.#visits.needs(neighbour.peer) && !this.#neighbours.isAdopted(neighbour);
  }

  #plan(now: Instant, ms: number): void {
    this.#lookAt = after(now, jittered(this.#random, ms, pauseJitter));
  }
}
