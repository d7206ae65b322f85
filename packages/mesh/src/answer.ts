/**
 * The answer to FIND: which neighbours to name to whom. SPEC, Mesh.
 *
 * ```
 *   FIND ──▶ PEERS, and introduce (who asks, and who is as new, need not ask to meet)
 *        └─▶ nobody to name: who asks waits, and is told of the first who comes
 * ```
 *
 * An address is named only to an asker whose own address reaches no further: who is on this host may hear
 * of anyone, who is on this network of anyone but this host's, and the rest of the world of public
 * addresses alone; of who is heard through a relay nobody, since only the relay knows where it is. So nobody outside learns what is inside, or is sent to an address that means another host.
 */
import { type Instant, type PeerId, type Random, sample, type TopicTag } from '@srp/machine';
import type { Find, PeerAddress, Peers } from '@srp/wire';
import { introducedAtOnceMax, namesMax, newForMs, peersMax } from './constants.js';
import type { MeshOutput } from './contract.js';
import type { Keepers } from './custody/keepers.js';
import type { Neighbour, Neighbours, Subject } from './neighbours.js';
import { mayName } from './routing/block.js';
import type { Rendezvous } from './routing/rendezvous.js';

export class Answers {
  readonly #neighbours: Neighbours;
  readonly #rendezvous: Rendezvous;
  readonly #keepers: Keepers;
  readonly #random: Random;

  constructor(neighbours: Neighbours, rendezvous: Rendezvous, keepers: Keepers, random: Random) {
    this.#neighbours = neighbours;
    this.#rendezvous = rendezvous;
    this.#keepers = keepers;
    this.#random = random;
  }

  /** `isLate`: it has had an answer, in which there were no names. */
  answer(now: Instant, asker: Neighbour, { tag: subject, keepers }: Omit<Find, 'kind'>, isLate = false): readonly MeshOutput[] {
    const answer = this.peersFor(now, asker, subject, keepers === true);
    const hasNames = answer !== null && answer.peers.length > 0;
    if (subject !== null && !hasNames) this.#neighbours.await(asker, subject);
    const introductions = subject !== null && hasNames ? this.#introduce(now, asker, subject, answer) : [];
    return answer !== null && (hasNames || !isLate) ? [...introductions, { kind: 'frame', to: asker.peer, frame: answer }] : introductions;
  }

  /** Who may be of use to `asker`: at most 8 random neighbours, and who is nearer to a topic. `null` if nobody is. */
  peersFor(now: Instant, asker: PeerAddress, subject: Subject, wantsKeepers = false): Peers | null {
    const peers = answerTo(asker, subject, this.#neighbours, this.#random);
    const closer = this.#rendezvous.closerFor(now, asker, subject, (contact) => mayHearOf(asker, contact));
    const keepers = wantsKeepers ? this.#keepers.introducedFor(now, subject, namesMax - peers.length - closer.length, (neighbour) => mayHearOf(asker, neighbour)) : [];
    if (!wantsKeepers && peers.length + closer.length === 0) return null; // who asks for keepers waits for nothing else
    return { kind: 'peers', tag: subject, peers, closer, ...(keepers.length === 0 ? {} : { keepers }) };
  }

  /** Two that come at one moment need not ask to meet: who asks wants all of so few, and who is new can have heard of nobody before. */
  #introduce(now: Instant, asker: Neighbour, tag: TopicTag, { peers }: Peers): readonly MeshOutput[] {
    if (peers.length > introducedAtOnceMax || !asker.tags.has(tag)) return [];
    return peers.flatMap(({ peer }): readonly MeshOutput[] => {
      const at = this.#neighbours.get(peer)?.subscribedAt ?? null;
      return at !== null && now - at < newForMs ? [{ kind: 'introduce', asker: asker.peer, wanted: peer }] : [];
    });
  }
}

/** At most 8 random neighbours that `asker` may hear of: subscribers of a topic, or of any kind (`null`). */
const answerTo = (asker: PeerAddress, subject: Subject, neighbours: Neighbours, random: Random): readonly PeerAddress[] => {
  const named = (peers: readonly PeerId[]): readonly PeerAddress[] =>
    peers.flatMap((peer) => {
      const neighbour = neighbours.get(peer);
      return neighbour !== undefined && !neighbour.isRelayed && mayHearOf(asker, neighbour) ? [{ peer, address: neighbour.address }] : [];
    });
  return sample(random, named(subject === null ? neighbours.peers() : neighbours.subscribersOf(subject)), peersMax);
};

/** Whether `asker` may be told of a peer. */
const mayHearOf = (asker: PeerAddress, { peer, address }: PeerAddress): boolean => peer !== asker.peer && mayName(asker.address, address);
