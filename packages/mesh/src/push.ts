/**
 * Who gets an object: the choice, as functions without state. SPEC, Mesh. A target is always a neighbour,
 * never the one it came from, and each only once.
 */
import { type PeerId, type Random, sample, type TopicTag } from '@srp/machine';
import { keepersNeededBelow, publishKeepers, pushSubscribersMax, rebroadcastTo } from './constants.js';
import { type Neighbours } from './neighbours.js';

/**
 * An object of this peer's own: the recipient, up to 6 subscribers, and in a topic of few subscribers 3 others, who
 * keep it. Those come on top, since a subscriber that has just died counts as a neighbour for up to a minute.
 */
export const publishTargets = (neighbours: Neighbours, tag: TopicTag, recipient: PeerId | undefined, random: Random): readonly PeerId[] => {
  const first = relayTargets(neighbours, tag, null, recipient, random);
  if (neighbours.subscribersOf(tag).length >= keepersNeededBelow) return first;
  const others = neighbours.peers().filter((peer) => !first.includes(peer));
  return [...first, ...sample(random, others, publishKeepers)];
};

/** Somebody's object, heard for the first time: the recipient if he is a neighbour, and up to 6 subscribers. */
export const relayTargets = (neighbours: Neighbours, tag: TopicTag, from: PeerId | null, recipient: PeerId | undefined, random: Random): readonly PeerId[] => {
  const to = recipient !== undefined && recipient !== from && neighbours.has(recipient) ? [recipient] : [];
  const subscribers = neighbours.subscribersOf(tag).filter((peer) => peer !== from && peer !== recipient);
  return [...to, ...sample(random, subscribers, pushSubscribersMax)];
};

/** An object near its end: 3 neighbours, whoever they are. */
export const rebroadcastTargets = (neighbours: Neighbours, random: Random): readonly PeerId[] => sample(random, neighbours.peers(), rebroadcastTo);
