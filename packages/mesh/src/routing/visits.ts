/**
 * Sessions that lookups bring: who is to be asked and is no neighbour is connected, and let go when the lookup is over, unless it
 * found that peer or there are other reasons to keep it. SPEC, Rendezvous (M-42).
 *
 * ```
 *   question ──▶ a neighbour? ──▶ FIND
 *                   `── no ──▶ reach ──▶ came (FIND rode along) ──▶ needed no more ──▶ drop
 * ```
 */
import { type Bound, BoundedMap, type Instant, type PeerId } from '@srp/machine';
import { neighboursWanted, reachingMax } from '../constants.js';
import { type MeshOutput } from '../contract.js';
import { ask, type Links } from '../links.js';
import { type Neighbour, type Neighbours, type Subject } from '../neighbours.js';
import { type Question } from './rendezvous.js';

/** Lookups of one kind. */
export interface Searches {
  /** Whether a session with the peer is needed. */
  needs(peer: PeerId): boolean;
  /** What a peer is being asked about. */
  askedOf(peer: PeerId): readonly Subject[];
  /** Whom to ask now. */
  next(now: Instant): readonly Question[];
  /** Whether those that are asked about a subject are asked for who they could introduce, too. */
  asksForKeepers(subject: Subject): boolean;
}

export class Visits {
  readonly #neighbours: Neighbours;
  readonly #searches: readonly Searches[];
  readonly #links: Links;
  /** Neighbours that a lookup alone brought here. */
  readonly #visitors = new Set<PeerId>();
  /** Those that lookups wanted connected and that have not come up yet: some come late. */
  readonly #dialled = new BoundedMap<PeerId, true>(reachingMax);

  constructor(neighbours: Neighbours, links: Links, searches: readonly Searches[]) {
    this.#neighbours = neighbours;
    this.#links = links;
    this.#searches = searches;
  }

  bounds(): readonly Bound[] {
    return [{ name: 'mesh peers dialled', size: this.#dialled.size, max: this.#dialled.max }];
  }

  /** Whether any lookup needs a session with the peer. */
  needs(peer: PeerId): boolean {
    return this.#searches.some((searches) => searches.needs(peer));
  }

  /** What lookups ask a peer about. */
  askedOf(peer: PeerId): readonly Subject[] {
    return [...new Set(this.#searches.flatMap((searches) => searches.askedOf(peer)))];
  }

  /** Whether a peer whose session opens was wanted by a lookup. Asked once for each. */
  connected(peer: PeerId): boolean {
    return this.#dialled.delete(peer) || this.needs(peer);
  }

  /** It could not be reached. */
  failed(peer: PeerId): void {
    this.#dialled.delete(peer);
  }

  /** A lookup brought this neighbour here. */
  add(peer: PeerId): void {
    this.#visitors.add(peer);
  }

  /** The session is over. */
  delete(peer: PeerId): void {
    this.#visitors.delete(peer);
  }

  /** A new neighbour is asked what lookups want to know of it, unless that rode in the handshake. */
  came(neighbour: Neighbour): readonly MeshOutput[] {
    return this.askedOf(neighbour.peer).flatMap((subject) => (neighbour.asked.has(subject) ? [] : [ask(neighbour, subject, this.#searches.some((searches) => searches.asksForKeepers(subject)))]));
  }

  /** After every input: what lookups ask, and the end of visits. */
  getOn(now: Instant): readonly MeshOutput[] {
    const outputs = this.#searches.flatMap((searches) => searches.next(now)).map((question) => this.#put(question));
    for (const peer of this.#visitors) if (!this.needs(peer)) outputs.push(...this.#end(peer));
    return outputs;
  }

  /** Asks a peer that a lookup wants to know of, now or with the first datagram to it. */
  #put({ peer, address, subject, via, keepers }: Question): MeshOutput {
    const neighbour = this.#neighbours.get(peer);
    if (neighbour !== undefined) return ask(neighbour, subject, keepers);
    this.#dialled.set(peer, true);
    return via === undefined ? { kind: 'reach', peer, via: [], address } : { kind: 'reach', peer, via };
  }

  #end(peer: PeerId): readonly MeshOutput[] {
    this.#visitors.delete(peer);
    const neighbour = this.#neighbours.get(peer);
    const isKept = neighbour === undefined || this.#neighbours.count(null) <= neighboursWanted || this.#links.tags().some((tag) => neighbour.tags.has(tag));
    return isKept ? [] : [{ kind: 'drop', peer }];
  }
}
