/**
 * Which room to enter: what was asked for, what invites are at hand, and what private rooms the profile keeps.
 *
 * - an invite for the room that is asked for opens it; without a wish, the first invite is the wish
 * - but a private room that the profile keeps under the name asked for goes before the public one, also before an invite
 *   to the public one: there a stranger would read what was meant for a few
 * - else `--private` makes a new one, and anything else is the public room of that name
 */
import { type Invite, parseInvite, PeerError, privateRoom, type RoomKey } from '@srp/peer';
import { defaultPrivateRoom, defaultRoom } from './constants.js';
import type { KeptRoom } from './profile.js';

export interface Wish {
  readonly room: string | null;
  readonly isPrivate: boolean;
  readonly invites: readonly Invite[];
}

export interface Choice {
  readonly name: string;
  /** What `Peer.join` takes. */
  readonly key: string | RoomKey;
  readonly isPrivate: boolean;
  /** How we came by it; `public` also when an invite's peers only introduce us. */
  readonly origin: 'invite' | 'kept' | 'new' | 'public';
  /** Whose peers to meet there, besides those of `Wish.invites`. */
  readonly introduction: Invite | null;
}

export function chooseRoom({ room, isPrivate, invites }: Wish, kept: readonly KeptRoom[]): Choice {
  const name = room ?? (isPrivate ? defaultPrivateRoom : (invites[0]?.room.name ?? defaultRoom));
  const invite = invites.find(({ room: its }) => its.name === name && (its.isPrivate || !isPrivate));
  const own = keptInvite(name, kept);
  if (invite !== undefined && (invite.room.isPrivate || own === null || room === null)) {
    return { name, key: invite.room, isPrivate: invite.room.isPrivate, origin: 'invite', introduction: null };
  }
  if (own !== null) return { name, key: own.room, isPrivate: true, origin: 'kept', introduction: own };
  if (isPrivate) return { name, key: privateRoom(name), isPrivate, origin: 'new', introduction: null };
  return { name, key: name, isPrivate, origin: 'public', introduction: null };
}

/** An invite that was kept and has become unreadable is passed over: the file is the user's, not ours to mend. */
function keptInvite(name: string, kept: readonly KeptRoom[]): Invite | null {
  for (const room of kept) {
    if (room.name !== name) continue;
    try {
      return parseInvite(room.invite);
    } catch (error) {
      if (!(error instanceof PeerError)) throw error;
    }
  }
  return null;
}
