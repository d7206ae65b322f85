/**
 * Where a datagram comes from or goes to: an IP address and a UDP port. SPEC, Frames.
 *
 * In memory an address is one branded string, `192.0.2.7:4711` or `[2001:db8::7]:4711`, in its shortest
 * canonical form; an IPv4 address that came mapped into IPv6 is plain IPv4. On the wire it is 19 bytes:
 *
 * | off | size | field                                     |
 * | --- | ---- | ----------------------------------------- |
 * | 0   | 1    | family, 4 or 6                            |
 * | 1   | 16   | IP address (IPv4: 4 bytes, then 12 zeros) |
 * | 17  | 2    | port, big-endian, 1..65535                |
 */
import { BoundedMap } from './bounded.js';
import { readU16, writeU16 } from './bytes.js';
import { formatIp, ipv4Bytes, mappedIpv4, parseIp } from './ip.js';

declare const brand: unique symbol;

/** `host:port`, canonical; an IPv6 host stands in brackets. */
export type Address = string & { readonly [brand]: 'Address' };

/** How far an address reaches. `forbidden` is never a peer: multicast, broadcast, unspecified, reserved. */
export type AddressScope = 'public' | 'private' | 'link-local' | 'loopback' | 'forbidden';

/** Bytes of an address on the wire. */
export const addressBytes = 19;

/** An address of its parts, or `null` if the host is no IP address or the port is not 1..65535. The zone of an IPv6 host is left out. */
export const makeAddress = (host: string, port: number): Address | null => {
  if (!Number.isInteger(port) || port < 1 || port > 65535) return null;
  const ip = parseIp(withoutZone(host));
  return ip === null ? null : addressOf(mappedIpv4(ip) ?? ip, port);
};

/** Only IPv6 has zones: a host without a colon keeps its %, and is none. RFC 4007 section 11. */
const withoutZone = (host: string): string => {
  const at = host.indexOf('%');
  return host.includes(':') && /^%[\w.-]+$/.test(host.slice(at)) ? host.slice(0, at) : host;
};

const addressOf = (ip: Uint8Array, port: number): Address => (ip.length === ipv4Bytes ? `${formatIp(ip)}:${port}` : `[${formatIp(ip)}]:${port}`) as Address;

/** Reads `host:port` or `[host]:port`; `null` if it is not an IP address with a port. */
export const parseAddress = (text: string): Address | null => {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text);
  return match === null ? null : makeAddress(match[1] ?? match[2] ?? '', Number(match[3]));
};

/** The IP of an address, without brackets. */
export const hostOf = (address: Address): string => {
  const host = address.slice(0, address.lastIndexOf(':'));
  return host.startsWith('[') ? host.slice(1, -1) : host;
};

/** The UDP port of an address, 1..65535. */
export const portOf = (address: Address): number => Number(address.slice(address.lastIndexOf(':') + 1));

/** 4 or 6. */
export const familyOf = (address: Address): 4 | 6 => (address.startsWith('[') ? 6 : 4);

/** The 19 bytes of an address. */
export const encodeAddress = (address: Address): Uint8Array => {
  const bytes = new Uint8Array(addressBytes);
  bytes[0] = familyOf(address);
  bytes.set(ipOf(address), 1);
  writeU16(bytes, 17, portOf(address));
  return bytes;
};

/** The address in 19 bytes at `offset`, or `null` if they are not the canonical form of one. */
export const decodeAddress = (bytes: Uint8Array, offset = 0): Address | null => {
  if (bytes.length < offset + addressBytes) return null;
  const family = bytes[offset];
  if (family !== 4 && family !== 6) return null;
  const ip = bytes.subarray(offset + 1, offset + (family === 4 ? 5 : 17));
  if (family === 4) for (let i = offset + 5; i < offset + 17; i += 1) if (bytes[i] !== 0) return null;
  const port = readU16(bytes, offset + 17);
  return port === 0 || mappedIpv4(ip) !== null ? null : addressOf(ip, port);
};

/** How far the address reaches. RFC 6890; documentation ranges count as public, since labs use them. */
export const scopeOf = (address: Address): AddressScope =>
  address.startsWith('[') ? scopeOfIpv6(ipOf(address)) : scopeOfIpv4(leadingIpv4(address));

/** The first 16 bits of an IPv4 address. Read without an array for it: every datagram's sender is looked at. */
const leadingIpv4 = (address: Address): number => {
  const dot = address.indexOf('.');
  const [first, second] = [Number(address.slice(0, dot)), Number(address.slice(dot + 1, address.indexOf('.', dot + 1)))];
  if (Number.isNaN(first + second)) throw notMadeHere(address);
  return (first << 8) | second;
};

const scopeOfIpv4 = (high: number): AddressScope => {
  const first = high >>> 8;
  if (first === 127) return 'loopback';
  if (first === 0 || first >= 224) return 'forbidden'; // this host; multicast, reserved, broadcast
  if (high === 0xa9fe) return 'link-local';
  // 10/8, 172.16/12, 192.168/16, and what providers share out, 100.64/10
  return first === 10 || (high & 0xfff0) === 0xac10 || high === 0xc0a8 || (high & 0xffc0) === 0x6440 ? 'private' : 'public';
};

const scopeOfIpv6 = (ip: Uint8Array): AddressScope => {
  const high = readU16(ip, 0);
  if (high === 0 && ip.subarray(0, 15).every((byte) => byte === 0)) {
    if (ip[15] === 0) return 'forbidden';
    if (ip[15] === 1) return 'loopback';
  }
  if (high >>> 8 === 0xff) return 'forbidden'; // multicast
  if ((high & 0xffc0) === 0xfe80) return 'link-local';
  return (high & 0xfe00) === 0xfc00 ? 'private' : 'public';
};

/**
 * The network an address is charged to: its IPv4 /24 or IPv6 /48. Loopback peers are told apart by port,
 * because there every peer shares one host.
 */
export const networkOf = (address: Address): string => {
  if (address.startsWith('[')) return networkOfIpv6(address);
  return address.startsWith('127.') ? address : `4:${address.slice(0, address.lastIndexOf('.'))}`;
};

const networkOfIpv6 = (address: Address): string => {
  const known = networks.get(address);
  if (known !== undefined) return known;
  const network = scopeOf(address) === 'loopback' ? address : `6:${ipOf(address).subarray(0, 6).join('.')}`;
  networks.set(address, network);
  return network;
};

/** Of IPv6 addresses. Asked for each object that comes, and finding it out takes as long as hashing the object. */
const networks = new BoundedMap<Address, string>(1024);

const ipOf = (address: Address): Uint8Array => {
  const ip = parseIp(hostOf(address));
  if (ip === null) throw notMadeHere(address);
  return ip;
};

const notMadeHere = (address: Address): TypeError => new TypeError(`Cannot read an address: ${address} was not made by this package`);
