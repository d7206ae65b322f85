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
import { type Neighbour, type Neighbours } from '../neighbours.js';
import { type Question, type Rendezvous } from './rendezvous.js';

export class Visits {
  readonly #neighbours: Neighbours;
  readonly #rendezvous: Rendezvous;
  readonly #links: Links;
  /** Neighbours that a lookup alone brought here. */
  readonly #visitors = new Set<PeerId>();
  /** Those that lookups wanted connected and that have not come up yet: some come late. */
  readonly #dialled = new BoundedMap<PeerId, true>(reachingMax);

  constructor(neighbours: Neighbours, rendezvous: Rendezvous, links: Links) {
    this.#neighbours = neighbours;
    this.#rendezvous = rendezvous;
    this.#links = links;
  }

  bounds(): readonly Bound[] {
    return [{ name: 'mesh peers dialled', size: this.#dialled.size, max: this.#dialled.max }];
  }

  /** Whether a peer whose session opens was wanted by a lookup. Asked once for each. */
  connected(peer: PeerId): boolean {
    return this.#dialled.delete(peer) || this.#rendezvous.needs(peer);
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
    return this.#rendezvous.askedOf(neighbour.peer).flatMap((subject) => (neighbour.asked.has(subject) ? [] : [ask(neighbour, subject)]));
  }

  /** After every input: what lookups ask, and the end of visits. */
  getOn(now: Instant): readonly MeshOutput[] {
    const outputs = this.#rendezvous.next(now).map((question) => this.#put(question));
    for (const peer of this.#visitors) if (!this.#rendezvous.needs(peer)) outputs.push(...this.#end(peer));
    return outputs;
  }

  /** Asks a peer that a lookup wants to know of, now or with the first datagram to it. */
  #put({ peer, address, subject }: Question): MeshOutput {
    const neighbour = this.#neighbours.get(peer);
    if (neighbour !== undefined) return ask(neighbour, subject);
    this.#dialled.set(peer, true);
    return { kind: 'reach', peer, via: [], address };
  }

  #end(peer: PeerId): readonly MeshOutput[] {
    this.#visitors.delete(peer);
    const neighbour = this.#neighbours.get(peer);
    const isKept = neighbour === undefined || this.#neighbours.count(null) <= neighboursWanted || this.#links.tags().some((tag) => neighbour.tags.has(tag));
    return isKept ? [] : [{ kind: 'drop', peer }];
  }
}
