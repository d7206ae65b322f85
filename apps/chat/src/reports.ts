/**
 * What the chat knows, in sentences: the answers of /who and /status.
 */
import { fingerprintOf, type Peer, type Room } from '@srp/peer';
import type { Authors } from './authors.js';
import { count, timeOf } from './paint.js';
import type { Profile } from './profile.js';
import { clean } from './text.js';

interface Self {
  readonly peer: Peer;
  readonly profile: Profile;
}

/** Who was heard in the room, with whole fingerprints, ourselves first. */
export function whoLines({ peer, profile }: Self, room: Room | null, authors: Authors): string[] {
  const others = authors.list().filter(({ author }) => author !== peer.author);
  return [
    `${profile.name}, that is you: ${fingerprintOf(peer.author)}`,
    ...others.map(({ author, name, heardAt }) => `${name}, last heard ${timeOf(heardAt)}: ${fingerprintOf(author)}`),
    `${count(peer.neighbours().length, 'neighbour')}, ${room?.subscribers() ?? 0} of them in this room. Others may be further away.`,
  ];
}

/** The state of this peer: room, profile, neighbours, cache, and what was dropped and why. */
export function statusLines({ peer, profile }: Self, room: Room | null, unreadable: number): string[] {
  const { cache, dropped, observed } = peer.status();
  const drops = Object.entries(dropped).filter(([, number]) => number > 0);
  return [
    ...(room === null ? [] : [`Room ${clean(room.name)}, ${room.isPrivate ? 'private' : 'public'}, topic ${room.topic.slice(0, 16)}; ${count(room.subscribers(), 'subscriber')} next to us.`]),
    ...(room === null ? [] : [wholeness(room)]),
    ...(unreadable === 0 ? [] : [`Not shown: ${count(unreadable, 'message')} without a text.`]),
    `Profile ${profile.number} in ${clean(profile.directory)}.`,
    `Peer ${peer.id.slice(0, 16)}, listening on ${peer.addresses.join(', ')}${observed.length === 0 ? '' : `, seen from outside as ${observed.join(', ')}`}.`,
    ...peer.neighbours().map(({ peer: id, address, rttMs }) => `Neighbour ${id.slice(0, 16)} at ${address}${rttMs === null ? '' : `, ${Math.round(rttMs)} ms away`}.`),
    `Cache: ${count(cache.objects, 'object')}, ${Math.ceil(cache.bytes / 1024)} KiB.`,
    `Dropped: ${drops.length === 0 ? 'nothing' : drops.map(([reason, number]) => `${reason} ${number}`).join(', ')}.`,
  ];
}

/** How far the room is known to be whole. */
function wholeness(room: Room): string {
  const { state, missing, lost } = room.status();
  const inVain = lost === 0 ? '' : `; ${lost} more nobody had, mostly because their time was over`;
  if (state === 'missing') return `${count(missing, 'message')} or parts of some that others refer to ${missing === 1 ? 'has' : 'have'} not arrived${inVain}.`;
  return state === 'synced' ? 'Synced: everything that messages here refer to is here.' : `Of what messages here refer to, ${lost} nobody had, mostly because their time was over.`;
}
