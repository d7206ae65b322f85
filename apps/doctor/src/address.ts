/** What the doctor needs to know of an address, and how it is left out. */
import { isIP, isIPv4, isIPv6 } from 'node:net';

/** How far an address reaches: this host, its local network, the world. */
export type Reach = 'host' | 'lan' | 'world';

export const familyOf = (address: string): 4 | 6 => (address.startsWith('[') || isIPv6(address) ? 6 : 4);

/** Of `host:port`, `[host]:port` or an IP address. 100.64.0.0/10 is what a carrier gives behind its own NAT. */
export const reachOf = (address: string): Reach => {
  const host = isIP(address) === 0 ? address.slice(0, address.lastIndexOf(':')).replace(/^\[|\]$/g, '') : address;
  if (isIPv4(host)) {
    const [first = 0, second = 0] = host.split('.').map(Number);
    if (first === 127) return 'host';
    const isLocal = first === 10 || (first === 172 && second >= 16 && second < 32) || (first === 192 && second === 168) || (first === 100 && second >= 64 && second < 128) || (first === 169 && second === 254);
    return isLocal ? 'lan' : 'world';
  }
  if (host === '::1') return 'host';
  return /^f[cd]|^fe[89ab]/i.test(host) ? 'lan' : 'world';
};

/** A text without IP addresses: each becomes what it is, with a letter that tells it from others. */
export const redact = (text: string): string => {
  const names = new Map<string, string>();
  const nameOf = (host: string): string => {
    const known = names.get(host);
    if (known !== undefined) return known;
    const reach = { host: 'loopback', lan: 'private', world: 'public' }[reachOf(host)];
    const name = `${reach}-ipv${familyOf(host)}-${letters(names.size)}`;
    names.set(host, name);
    return name;
  };
  return text.replace(candidates, (host) => (isIP(host) === 0 ? host : nameOf(host)));
};

/** What may be an IP address, and `isIP` decides: IPv4, IPv6 that ends in IPv4, IPv6. */
const candidates = /(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){1,6}:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,8})(?!\w)/gi;

const letters = (n: number): string => (n < 26 ? '' : letters(Math.floor(n / 26) - 1)) + String.fromCharCode(97 + (n % 26));
