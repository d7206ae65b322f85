/**
 * Who gets an object: the choice, as functions without state. SPEC, Mesh. A target is always a neighbour,
 * never the one it came from, and each only once.
 */
import { type PeerId, type Random, sample, type TopicTag } from '@srp/machine';
import { publishKeepers, pushSubscribersMax, rebroadcastTo } from './constants.js';
import { type Neighbours } from './neighbours.js';

/** Of a topic of which this peer knows few subscribers: 3 others than `to`, who keep its object for those who are away. */
export const keepersFor = (neighbours: Neighbours, tag: TopicTag, to: readonly PeerId[], random: Random): readonly PeerId[] => {
  const others = neighbours.all().filter(({ peer, tags }) => !tags.has(tag) && !to.includes(peer));
  return sample(random, others, publishKeepers).map(({ peer }) => peer);
};

/** An object of a topic that this peer does not subscribe to, heard for the first time: the recipient if he is a neighbour, and up to 6 subscribers. */
export const relayTargets = (neighbours: Neighbours, tag: TopicTag, from: PeerId | null, recipient: PeerId | undefined, random: Random): readonly PeerId[] => {
  const to = recipient !== undefined && recipient !== from && neighbours.has(recipient) ? [recipient] : [];
  const subscribers = neighbours.subscribersOf(tag).filter((peer) => peer !== from && peer !== recipient);
  return [...to, ...sample(random, subscribers, pushSubscribersMax)];
};

/** An object near its end: 3 neighbours, whoever they are. */
export const rebroadcastTargets = (neighbours: Neighbours, random: Random): readonly PeerId[] => sample(random, neighbours.peers(), rebroadcastTo);
