/**
 * A room and how to reach it, as a link that can be sent by any other means. SPEC, Invites.
 *
 * `srp:` and the base64url of a CBOR map: 1 name, 2 topic key (32 bytes; absent for a public room, whose key
 * derives from its name), 3 peers, each 51 bytes: peer key 32, address 19. Whoever has a private room's link can
 * read and write in it.
 */
import { addressBytes, type Address, concat, decodeAddress, encodeAddress, fromBase64Url, fromHex, idBytes, parseAddress, peerId, type PeerId, toBase64Url } from '@srp/machine';
import { type CborValue, decodeCbor, encodeCbor } from '@srp/wire';
import { inviteCharactersMax, invitePeersMax } from './constants.js';
import { PeerError } from './errors.js';
import { privateRoomOfKey, publicRoom, type RoomKey } from './room-key.js';

const scheme = 'srp:';
const peerBytes = 32 + addressBytes;

/** A peer and an address it listens on. */
export interface KnownPeer {
  readonly peer: PeerId;
  readonly address: Address;
}

/** What an invite link says. */
export interface Invite {
  readonly room: RoomKey;
  readonly peers: readonly KnownPeer[];
}

/** The link of an invite. At most 4 peers are named; further ones are left out. */
export const formatInvite = ({ room, peers }: Invite): string => {
  const named = peers.slice(0, invitePeersMax).map(({ peer, address }) => concat(idBytes(peer), encodeAddress(address)));
  const entries: [number, CborValue][] = [[1, room.name]];
  if (room.isPrivate) entries.push([2, room.topic.key]);
  entries.push([3, concat(...named)]);
  return scheme + toBase64Url(encodeCbor(new Map(entries)));
};

/** Reads an invite link. Throws INVITE_BAD with what is wrong. */
export const parseInvite = (text: string): Invite => {
  const trimmed = text.trim();
  if (!trimmed.startsWith(scheme)) throw bad(`it must start with ${scheme}`);
  if (trimmed.length > inviteCharactersMax) throw bad(`it has at most ${inviteCharactersMax} characters, got ${trimmed.length}`);
  const bytes = fromBase64Url(trimmed.slice(scheme.length));
  const map = bytes === null ? null : decodeCbor(bytes);
  if (map === null || !map.ok || !(map.value instanceof Map)) throw bad('it is damaged or cut off; copy it whole');
  const name: unknown = map.value.get(1);
  const key: unknown = map.value.get(2);
  const peers: unknown = map.value.get(3);
  if (typeof name !== 'string') throw bad('it names no room');
  if (key !== undefined && !(key instanceof Uint8Array && key.length === 32)) throw bad('its room key is not 32 bytes');
  if (!(peers instanceof Uint8Array) || peers.length % peerBytes !== 0 || peers.length > peerBytes * invitePeersMax) throw bad('its list of peers is damaged');
  return { room: key === undefined ? publicRoom(name) : privateRoomOfKey(name, key), peers: [...readPeers(peers)] };
};

/** Reads `PEERID@host:port`. Throws INVITE_BAD. */
export const parseKnownPeer = (text: string): KnownPeer => {
  const match = /^([0-9a-f]{64})@(.+)$/.exec(text.trim());
  const address = match?.[2] === undefined ? null : parseAddress(match[2]);
  if (match?.[1] === undefined || address === null) throw bad(`a peer is written as 64 hex digits, @, and an IP address with a port, got ${text}`);
  return { peer: peerId(fromHex(match[1])), address };
};

function* readPeers(bytes: Uint8Array): Generator<KnownPeer> {
  for (let offset = 0; offset < bytes.length; offset += peerBytes) {
    const address = decodeAddress(bytes, offset + 32);
    if (address === null) throw bad('it holds an address that is none');
    yield { peer: peerId(bytes.subarray(offset, offset + 32)), address };
  }
}

const bad = (why: string): PeerError => new PeerError('INVITE_BAD', `Cannot read the invite: ${why}`);
