/**
 * IP addresses for simulated machines. Public IPv4 hosts stand in a /16 each, since peers count what they grant by /24 and what they
 * believe by /16, and no range that is set aside for tests has so many. They are names: the simulator opens no socket.
 */
import { SimError } from './errors.js';

/** First bytes of public addresses: all but those with a range of another scope, or one set aside, in it. */
const firstBytes: readonly number[] = Array.from({ length: 223 }, (_, number) => number + 1).filter((byte) => ![10, 100, 127, 169, 172, 192, 198, 203].includes(byte));
const networks = firstBytes.length * 256;
const hostsPerNetwork = 254;

/** The public host number `count`, counted from 0: the first 55,040 have a /16 each. Throws HOSTS_EXHAUSTED beyond 13,980,160 hosts. */
export const publicHost = (count: number): string => {
  const host = Math.floor(count / networks) + 1;
  if (host > hostsPerNetwork) throw new SimError('HOSTS_EXHAUSTED', `Cannot add a host: there are ${networks * hostsPerNetwork} public addresses, got ${count} hosts`);
  const network = count % networks;
  return `${firstBytes[network % firstBytes.length] ?? 0}.${Math.floor(network / firstBytes.length)}.0.${host}`;
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
