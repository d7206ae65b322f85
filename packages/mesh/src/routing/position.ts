/**
 * Positions: where peers and topics stand to each other. SPEC, Rendezvous.
 *
 * ```
 *   peer, IPv4    SHA-256("srp1 pos" ‖ first 3 bytes of the address ‖ key[0] & 7)
 *   peer, IPv6    SHA-256("srp1 pos" ‖ first 4 bytes of the address ‖ key[0])
 *   peer, other   SHA-256("srp1 pos" ‖ key 32)              loopback, link-local and private addresses
 *   topic         SHA-256("srp1 keep" ‖ tag 8 ‖ day u32)    day = Unix seconds / 86400, rounded down
 * ```
 *
 * A position is never sent: who needs it computes it, of a peer from the address where it is seen or said to be. So
 * nobody chooses his position by choosing a key; a network of 256 hosts has 8. Peers at one position are told apart by key.
 *
 * In memory a position is hex like every id (ADR 3). Which of two is nearer to a third is decided by the first digit
 * in which the two differ, so that comparing reads 1.07 digits of each in the mean.
 */
import { suite } from '@srp/identity';
import { type Address, encodeAddress, familyOf, idBytes, instant, type Instant, type PeerId, scopeOf, toHex, type TopicTag, unixSeconds, utf8, writeU32 } from '@srp/machine';
import { type PeerAddress } from '@srp/wire';
import { dayOverlapSeconds, daySeconds, positionKeyMaskIpv4 } from '../constants.js';

declare const brand: unique symbol;

/** A place in the space of 2^256, where distance is XOR: 64 hex characters. */
export type Position = string & { readonly [brand]: 'Position' };

/** A peer, where it is, and the position that follows from both. */
export interface Placed extends PeerAddress {
  readonly position: Position;
}

const peerPrefix = utf8('srp1 pos');
const topicPrefix = utf8('srp1 keep');

/** Bytes of an address in its 19-byte form: the family before it, an IPv4 /24, an IPv6 /32. */
const familyBytes = 1;
const ipv4NetworkBytes = 3;
const ipv6NetworkBytes = 4;

/** The position of a peer that is at `address`. */
export const positionOfPeer = (peer: PeerId, address: Address): Position => {
  if (scopeOf(address) !== 'public') return positionOf(peerPrefix, idBytes(peer));
  const bytes = encodeAddress(address);
  const first = Number.parseInt(peer.slice(0, 2), 16);
  return familyOf(address) === 4
    ? positionOf(peerPrefix, bytes.subarray(familyBytes, familyBytes + ipv4NetworkBytes), Uint8Array.of(first & positionKeyMaskIpv4))
    : positionOf(peerPrefix, bytes.subarray(familyBytes, familyBytes + ipv6NetworkBytes), Uint8Array.of(first));
};

/** The position of a topic on one day, a number of {@link daysAt}. */
export const positionOfTopic = (tag: TopicTag, day: number): Position => {
  const dayBytes = new Uint8Array(4);
  writeU32(dayBytes, 0, day);
  return positionOf(topicPrefix, idBytes(tag), dayBytes);
};

/** The day, and from half an hour before midnight (UTC) to half an hour after it the day on the other side as well. */
export const daysAt = (now: Instant): readonly number[] => {
  const seconds = unixSeconds(now);
  const day = Math.floor(seconds / daySeconds);
  const other = Math.floor((seconds + dayOverlapSeconds) / daySeconds) + Math.floor((seconds - dayOverlapSeconds) / daySeconds) - day;
  return other === day || other < 0 ? [day] : [day, other];
};

/** When topics next begin to move: half an hour before midnight. */
export const topicsMoveAt = (now: Instant): Instant => {
  const day = Math.floor((unixSeconds(now) + dayOverlapSeconds) / daySeconds) + 1;
  return instant((day * daySeconds - dayOverlapSeconds) * 1000);
};

/** Where a topic is: that of the day first. */
export const topicPositions = (tag: TopicTag, now: Instant): readonly Position[] => daysAt(now).map((day) => positionOfTopic(tag, day));

/** The peer with its position. */
export const placed = ({ peer, address }: PeerAddress): Placed => ({ peer, address, position: positionOfPeer(peer, address) });

/** Compares two peers for sorting: nearest to `target` first; of two at one position, the one whose key is nearer. */
export const byDistance = (target: Position) => (a: Placed, b: Placed): number => compareDistance(target, a.position, b.position) || compareDistance(target, a.peer, b.peer);

/** How many leading bits two positions have in common, 0..256. */
export const commonBits = (a: Position, b: Position): number => {
  for (let i = 0; i < a.length; i += 1) {
    const difference = digitAt(a, i) ^ digitAt(b, i);
    if (difference !== 0) return 4 * i + Math.clz32(difference) - 28;
  }
  return 4 * a.length;
};

/** Below 0 if `a` is nearer to `target` than `b`, above 0 if it is farther, 0 if they are the same. All of one length, in hex. */
export const compareDistance = (target: string, a: string, b: string): number => {
  for (let i = 0; i < a.length; i += 1) {
    if (a.charCodeAt(i) === b.charCodeAt(i)) continue;
    const here = digitAt(target, i);
    return (digitAt(a, i) ^ here) - (digitAt(b, i) ^ here);
  }
  return 0;
};

/** The value of a lowercase hex digit: '0' is 48, 'a' is 97. */
const digitAt = (hex: string, index: number): number => {
  const code = hex.charCodeAt(index);
  return code < 97 ? code - 48 : code - 87;
};

const positionOf = (...parts: readonly Uint8Array[]): Position => toHex(suite.sha256(...parts)) as Position;
