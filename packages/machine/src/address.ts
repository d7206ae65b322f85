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
import ipaddr from 'ipaddr.js';
import { BoundedMap } from './bounded.js';
import { readU16, writeU16 } from './bytes.js';

declare const brand: unique symbol;

/** `host:port`, canonical; an IPv6 host stands in brackets. */
export type Address = string & { readonly [brand]: 'Address' };

/** How far an address reaches. `forbidden` is never a peer: multicast, broadcast, unspecified, reserved. */
export type AddressScope = 'public' | 'private' | 'link-local' | 'loopback' | 'forbidden';

/** Bytes of an address on the wire. */
export const addressBytes = 19;

/** An address of its parts, or `null` if the host is no IP address or the port is not 1..65535. */
export const makeAddress = (host: string, port: number): Address | null => {
  if (!Number.isInteger(port) || port < 1 || port > 65535) return null;
  const zoneless = host.split('%', 1)[0] ?? '';
  if (ipaddr.IPv4.isValidFourPartDecimal(zoneless)) return `${zoneless}:${port}` as Address;
  if (!ipaddr.IPv6.isValid(zoneless)) return null;
  const ip = ipaddr.IPv6.parse(zoneless);
  if (ip.isIPv4MappedAddress()) return `${ip.toIPv4Address().toString()}:${port}` as Address;
  return `[${ip.toString()}]:${port}` as Address;
};

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
  bytes.set(ipaddr.parse(hostOf(address)).toByteArray(), 1);
  writeU16(bytes, 17, portOf(address));
  return bytes;
};

/** The address in 19 bytes at `offset`, or `null` if they are not the canonical form of one. */
export const decodeAddress = (bytes: Uint8Array, offset = 0): Address | null => {
  if (bytes.length < offset + addressBytes) return null;
  const family = bytes[offset];
  if (family !== 4 && family !== 6) return null;
  const ip = bytes.subarray(offset + 1, offset + (family === 4 ? 5 : 17));
  if (family === 4 && bytes.subarray(offset + 5, offset + 17).some((byte) => byte !== 0)) return null;
  const address = makeAddress(ipaddr.fromByteArray([...ip]).toString(), readU16(bytes, offset + 17));
  return address !== null && familyOf(address) === family ? address : null;
};

/** How far the address reaches. */
export const scopeOf = (address: Address): AddressScope => {
  switch (ipaddr.parse(hostOf(address)).range()) {
    case 'loopback':
      return 'loopback';
    case 'linkLocal':
      return 'link-local';
    case 'private':
    case 'uniqueLocal':
    case 'carrierGradeNat':
      return 'private';
    case 'multicast':
    case 'broadcast':
    case 'unspecified':
      return 'forbidden';
    case 'reserved': // documentation ranges count as public, since labs use them; 240.0.0.0/4 is nobody's
      return /^2[45]\d\./.test(hostOf(address)) ? 'forbidden' : 'public';
    default:
      return 'public';
  }
};

/**
 * The network an address is charged to: its IPv4 /24 or IPv6 /48. Loopback peers are told apart by port,
 * because there every peer shares one host.
 */
export const networkOf = (address: Address): string => {
  const known = networks.get(address);
  if (known !== undefined) return known;
  const network = networkAnew(address);
  networks.set(address, network);
  return network;
};

/** Asked for each object that comes, and finding it out takes as long as hashing the object. */
const networks = new BoundedMap<Address, string>(1024);

const networkAnew = (address: Address): string => {
  if (scopeOf(address) === 'loopback') return address;
  const ip = ipaddr.parse(hostOf(address)).toByteArray();
  return ip.length === 4 ? `4:${ip.slice(0, 3).join('.')}` : `6:${ip.slice(0, 6).join('.')}`;
};
