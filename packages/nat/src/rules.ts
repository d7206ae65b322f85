/**
 * Which addresses may be probed, and how addresses are told apart when probes are counted. SPEC, Probes.
 *
 * Whoever introduces two peers names an address, and the named host gets packets. So an address that was
 * learnt from others must be one that the teller can know to be right, and one where a stray packet is
 * harmless: never multicast, never a well-known port, never a private network seen from outside it.
 */
import { type Address, type AddressScope, encodeAddress, familyOf, hostOf, portOf, scopeOf, toHex } from '@srp/machine';
import { probePortMin } from './constants.js';

/** Why an address is not probed. */
export type AddressRefusal = 'address-forbidden' | 'port-forbidden' | 'scope-mismatch';

/** How near an address is: a peer may tell of its own circle and of wider ones, never of a narrower one. */
type Circle = 0 | 1 | 2;

/** This host 0, this local network 1, the world 2; `null` for what is never a peer. */
export const circleOf = (scope: AddressScope): Circle | null => {
  switch (scope) {
    case 'loopback':
      return 0;
    case 'link-local':
    case 'private':
      return 1;
    case 'public':
      return 2;
    case 'forbidden':
      return null;
  }
};

/** Whether a peer seen at `teller` can know that `told` is right and reaches the host it means. */
export const mayTell = (teller: Address, told: Address): boolean => {
  const from = circleOf(scopeOf(teller));
  const to = circleOf(scopeOf(told));
  return from !== null && to !== null && from <= to;
};

/** Whether an address that nobody here has chosen may be probed at all; the reason if not. */
export const refusalOf = (address: Address): AddressRefusal | null => {
  if (circleOf(scopeOf(address)) === null || isTranslated(address)) return 'address-forbidden';
  return portOf(address) < probePortMin ? 'port-forbidden' : null;
};

/** What the probes to an address are counted under: its IPv4 host or IPv6 /64; on loopback the address itself. */
export const hostKeyOf = (address: Address): string => {
  if (scopeOf(address) === 'loopback') return address;
  return familyOf(address) === 4 ? hostOf(address) : toHex(encodeAddress(address).subarray(1, 9));
};

/**
 * IPv6 that carries an IPv4 address for a gateway (NAT64 64:ff9b::/96, 6to4 2002::/16, Teredo 2001::/32). No
 * peer is seen at one, and behind it may hide a private IPv4 address that the scope does not show.
 */
const isTranslated = (address: Address): boolean => {
  if (familyOf(address) === 4) return false;
  const bytes = encodeAddress(address);
  return ['0064ff9b', '20010000'].includes(toHex(bytes.subarray(1, 5))) || toHex(bytes.subarray(1, 3)) === '2002';
};
