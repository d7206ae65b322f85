/** The IPv4 addresses of this host, and who is on the same link. */
import { networkInterfaces } from 'node:os';
import { interfacesMax } from '../constants.js';

/** One IPv4 address of this host with its netmask. */
export interface LocalInterface {
  readonly address: string;
  readonly netmask: string;
}

/** The one interface every host has. */
export const loopbackInterface: LocalInterface = { address: '127.0.0.1', netmask: '255.0.0.0' };

/** The IPv4 addresses of this host, loopback included, at most 16. */
export const localInterfaces = (): readonly LocalInterface[] => {
  const found = new Map<string, LocalInterface>();
  for (const addresses of Object.values(networkInterfaces())) {
    for (const { family, address, netmask } of addresses ?? []) {
      if (family === 'IPv4') found.set(address, { address, netmask });
    }
  }
  return [...found.values()].slice(0, interfacesMax);
};

/**
 * Whether `address` is on the link of `own`. RFC 6762 section 11: what comes from elsewhere is ignored, because
 * mDNS never crosses a router, and so a stranger outside cannot announce anything by plain unicast to port 5353.
 */
export const isOnLink = (own: LocalInterface, address: string): boolean => {
  const mask = numberOf(own.netmask);
  return mask !== 0 && (numberOf(own.address) & mask) === (numberOf(address) & mask);
};

/** Four decimal parts as a 32-bit number. The callers' addresses come from the system. */
const numberOf = (ip: string): number => ip.split('.').reduce((sum, part) => (sum << 8) | Number(part), 0);
