/**
 * The answer to FIND: which neighbours to name to whom. SPEC, Mesh.
 *
 * An address is named only to an asker whose own address reaches no further: who is on this host may hear
 * of anyone, who is on this network of anyone but this host's, and the rest of the world of public
 * addresses alone. So nobody outside learns what is inside, or is sent to an address that means another host.
 */
import { type PeerId, type Random, sample } from '@srp/machine';
import { type PeerAddress } from '@srp/wire';
import { peersMax } from './constants.js';
import { type Neighbours, type Subject } from './neighbours.js';
import { mayName } from './routing/block.js';

/** At most 8 random neighbours that `asker` may hear of: subscribers of a topic, or of any kind (`null`). */
export const answerTo = (asker: PeerAddress, subject: Subject, neighbours: Neighbours, random: Random): readonly PeerAddress[] => {
  const named = (peers: readonly PeerId[]): readonly PeerAddress[] =>
    peers.flatMap((peer) => {
      const neighbour = neighbours.get(peer);
      return neighbour !== undefined && mayHearOf(asker, neighbour) ? [{ peer, address: neighbour.address }] : [];
    });
  return sample(random, named(subject === null ? neighbours.peers() : neighbours.subscribersOf(subject)), peersMax);
};

/** Whether `asker` may be told of a peer. */
export const mayHearOf = (asker: PeerAddress, { peer, address }: PeerAddress): boolean => peer !== asker.peer && mayName(asker.address, address);
