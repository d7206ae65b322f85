/**
 * Other ways to a peer with a session, which it names itself in its HELLO: its own LAN, if it is this peer's too, and the other family. SPEC, Other ways.
 *
 * ```
 *   LAN     seen by others at the same public host as this peer, and names an address beside one of mine
 *   IPv6    the session is over IPv4 or through a relay, both have a public IPv6 address
 *   IPv4    the session is through a relay, and those who introduce see the peer by IPv6
 * ```
 *
 * Two that met through somebody outside may sit side by side, where multicast does not pass; what IPv4 needs a relay for, IPv6 may do
 * straight; and who has IPv4 alone can go to a peer that speaks IPv6 with all others only if that one says where IPv4 saw it.
 * Both sides hear the other's HELLO and try, so that each opens its own firewall. Whoever has a session can name a victim: so at most 4 of its addresses are tried, each once, within the budget for what nobody asked for.
 */
import { type Address, familyOf, hostOf, networkOf, scopeOf } from '@srp/machine';
import { namedMax } from './constants.js';
import { circleOf, mayTell, refusalOf } from './rules.js';

/** What is known of a session with the peer that names addresses. */
export interface Named {
  readonly addresses: readonly Address[];
  /** Those that were tried. */
  readonly tried: Set<Address>;
}

/** Where the session goes (its relay, if `isRelayed`), and where others see the peer: `null` if nobody has said. */
export interface Seen {
  readonly address: Address;
  readonly isRelayed: boolean;
  readonly peerAt: Address | null;
}

/** The address to try now, `null` if none: the link tries one at a time. `own`: where this peer listens; `view`: where others see it. */
export const candidateOf = ({ addresses, tried }: Named, { address, isRelayed, peerAt }: Seen, own: readonly Address[], view: readonly Address[]): Address | null => {
  if (tried.size >= namedMax || (!isRelayed && circleOf(scopeOf(address)) !== 2)) return null; // nothing is nearer than where it is
  const isSameSite = peerAt !== null && view.some((mine) => scopeOf(mine) === 'public' && hostOf(mine) === hostOf(peerAt));
  const isBeside = (one: Address): boolean => own.some((mine) => scopeOf(mine) === 'private' && networkOf(mine) === networkOf(one));
  const lan = isSameSite ? addresses.filter((one) => scopeOf(one) === 'private' && isBeside(one)) : [];
  const outside = (family: 4 | 6): readonly Address[] => addresses.filter((one) => familyOf(one) === family && scopeOf(one) === 'public' && mayTell(address, one));
  const hasIpv6 = own.some((mine) => familyOf(mine) === 6 && scopeOf(mine) === 'public');
  const needsIpv6 = isRelayed || familyOf(address) === 4;
  const hasIpv4 = own.some((mine) => familyOf(mine) === 4 && scopeOf(mine) !== 'loopback');
  const needsIpv4 = isRelayed && peerAt !== null && familyOf(peerAt) === 6;
  return [...lan, ...(hasIpv6 && needsIpv6 ? outside(6) : []), ...(hasIpv4 && needsIpv4 ? outside(4) : [])].find((one) => !tried.has(one) && refusalOf(one) === null) ?? null;
};
