/**
 * Who gets an object: the choice, as functions without state. SPEC, Mesh. A target is always a neighbour,
 * never the one it came from, and each only once.
 */
import { type PeerId, type Random, sample, type TopicTag } from '@srp/machine';
import { publishStrangers, publishStrangersBesides, pushSubscribersMax, rebroadcastTo } from './constants.js';
import { type Neighbours } from './neighbours.js';

/** Of a topic of which this peer knows few subscribers: who keeps its object for those who are away. Its keepers and a stranger, 3 in all at least; none of `to`. */
export const othersFor = (neighbours: Neighbours, tag: TopicTag, to: readonly PeerId[], keepers: readonly PeerId[], random: Random): readonly PeerId[] => {
  const chosen = keepers.filter((peer) => !to.includes(peer));
  return [...chosen, ...strangersFor(neighbours, tag, [...to, ...chosen], Math.max(publishStrangersBesides, publishStrangers - keepers.length), random)];
};

/** So many neighbours that do not subscribe to a topic, none of `except`; those who say that they keep nothing last. */
export const strangersFor = (neighbours: Neighbours, tag: TopicTag, except: readonly PeerId[], count: number, random: Random): readonly PeerId[] => {
  const strangers = neighbours.all().filter(({ peer, tags }) => !tags.has(tag) && !except.includes(peer));
  const keeping = sample(random, strangers.filter(({ keeps }) => keeps), Math.max(0, count));
  const others = sample(random, strangers.filter(({ keeps }) => !keeps), Math.max(0, count - keeping.length));
  return [...keeping, ...others].map(({ peer }) => peer);
};

/** An object of a topic that this peer does not subscribe to, heard for the first time: the recipient if he is a neighbour, and up to 6 subscribers. */
export const relayTargets = (neighbours: Neighbours, tag: TopicTag, from: PeerId | null, recipient: PeerId | undefined, random: Random): readonly PeerId[] => {
  const to = recipient !== undefined && recipient !== from && neighbours.has(recipient) ? [recipient] : [];
  const subscribers = neighbours.subscribersOf(tag).filter((peer) => peer !== from && peer !== recipient);
  return [...to, ...sample(random, subscribers, pushSubscribersMax)];
};

/** An object near its end: 3 neighbours, whoever they are. */
export const rebroadcastTargets = (neighbours: Neighbours, random: Random): readonly PeerId[] => sample(random, neighbours.peers(), rebroadcastTo);
