/**
 * IP addresses for simulated machines, from ranges that no network routes: the benchmarking range 198.18.0.0/15
 * (RFC 2544) and the three documentation networks (RFC 5737). The protocol takes both for public ones.
 *
 * Peers count what they grant per /24, so hosts are dealt out one network after the other: the first 515 have a
 * /24 each.
 */
import { SimError } from './errors.js';

const networks: readonly string[] = [
  ...Array.from({ length: 512 }, (_, number) => `198.${18 + (number >> 8)}.${number & 255}`),
  '192.0.2',
  '198.51.100',
  '203.0.113',
];
const hostsPerNetwork = 254;

/** The public host number `count`, counted from 0. Throws HOSTS_EXHAUSTED beyond 130,810 hosts. */
export const publicHost = (count: number): string => {
  const host = Math.floor(count / networks.length) + 1;
  if (host > hostsPerNetwork) throw new SimError('HOSTS_EXHAUSTED', `Cannot add a host: there are ${networks.length * hostsPerNetwork} public addresses, got ${count} hosts`);
  return `${networks[count % networks.length] ?? ''}.${host}`;
};

/** The public IPv6 host number `count`, each in a /48 of its own of the documentation range 2001:db8::/32 (RFC 3849). */
export const publicHost6 = (count: number): string => {
  if (count >= 0xffff) throw new SimError('HOSTS_EXHAUSTED', `Cannot add a host: there are 65535 public IPv6 addresses, got ${count} hosts`);
  return `2001:db8:${(count + 1).toString(16)}::1`;
};

/** The host number `count` behind a carrier's box: 100.64.0.0/10 (RFC 6598). */
export const carrierHost = (count: number): string => `100.64.${(count + 1) >> 8}.${(count + 1) & 255}`;

/** The host number `count` of any LAN, counted from 0. Every LAN has the same addresses, as homes do. */
export const lanHost = (count: number): string => `192.168.1.${count + 2}`;
