/**
 * What an address says about whom to believe: how many of one owner's addresses count, and who may speak of which. SPEC, Rendezvous.
 */
import { type Address, type AddressScope, encodeAddress, familyOf, scopeOf, toHex } from '@srp/machine';
import { blockMax } from '../constants.js';

/**
 * The block that a public address was given out with, an IPv4 /16 or IPv6 /32. `null` for others: on a network of
 * one's own they are all in one.
 */
export const blockOf = (address: Address): string | null =>
  scopeOf(address) === 'public' ? toHex(encodeAddress(address).subarray(0, familyOf(address) === 4 ? 3 : 5)) : null;

/** Whether one more of `block` fits beside `others`. */
export const fitsBlock = (block: string | null, others: readonly { readonly block: string | null }[]): boolean =>
  block === null || others.filter((other) => other.block === block).length < blockMax;

/** Whether who is seen at `teller` may name `told`: an address that reaches no less far than his own, so that it means the same host here. */
export const mayName = (teller: Address, told: Address): boolean => {
  const least = scopes.indexOf(scopeOf(teller));
  return least >= 0 && scopes.indexOf(scopeOf(told)) >= least;
};

/** From the nearest to the widest; a forbidden address is nobody's. */
const scopes: readonly AddressScope[] = ['loopback', 'link-local', 'private', 'public'];
