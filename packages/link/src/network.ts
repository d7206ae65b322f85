/** Who is charged for a session. SPEC, Limits. */
import { type Address, hostOf, networkOf, scopeOf } from '@srp/machine';

/**
 * The network an address is charged to: an IPv4 /24 or IPv6 /48; on the own LAN each host, because all of them share
 * one /24; on loopback each port, because all of them share one host.
 */
export const chargedTo = (address: Address): string => {
  const scope = scopeOf(address);
  return scope === 'private' || scope === 'link-local' ? hostOf(address) : networkOf(address);
};
