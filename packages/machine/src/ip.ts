/**
 * IP addresses as bytes: 4 of IPv4 or 16 of IPv6, big-endian, read from text and written in their one canonical form.
 * RFC 4291 section 2.2, RFC 5952 section 4.
 *
 * By hand: a CommonJS package for it goes through Node's WebAssembly lexer, which took 7 MB of an idle peer's memory: ADR 7.
 * test/ip.test.ts holds this file, `ipaddr.js` and `node:net` together.
 */
import { readU16, writeU16 } from './bytes.js';

/** Bytes of an IPv4 address. */
export const ipv4Bytes = 4;
/** Bytes of an IPv6 address, and 16-bit groups in it. */
const ipv6Bytes = 16;
const groupCount = 8;
/** The code of '.' less that of '0'. */
const dotFromZero = -2;

/** The 4 or 16 bytes of an IP address, or `null` if the text is none. IPv4 has four decimal parts; zone ids are not read. */
export const parseIp = (text: string): Uint8Array | null => (text.includes(':') ? parseIpv6(text) : parseIpv4(text));

/** The canonical text of 4 or 16 bytes. */
export const formatIp = (ip: Uint8Array): string => (ip.length === ipv4Bytes ? `${ip[0]}.${ip[1]}.${ip[2]}.${ip[3]}` : formatIpv6(ip));

/** The IPv4 address that an IPv6 address of the form ::ffff:0:0/96 carries, or `null`. */
export const mappedIpv4 = (ip: Uint8Array): Uint8Array | null => {
  if (ip.length !== ipv6Bytes || readU16(ip, 10) !== 0xffff) return null;
  return ip.subarray(0, 10).every((byte) => byte === 0) ? ip.subarray(12) : null;
};

/** Digit by digit: an address is read for each PONG, and splitting its text took longer than sealing it. */
const parseIpv4 = (text: string): Uint8Array | null => {
  const ip = new Uint8Array(ipv4Bytes);
  let part = 0;
  let value = -1; // no digit yet
  for (let i = 0; i < text.length; i += 1) {
    const digit = text.charCodeAt(i) - 48;
    if (digit === dotFromZero) {
      if (value < 0 || part === ipv4Bytes - 1) return null;
      ip[part] = value;
      part += 1;
      value = -1;
    } else {
      if (digit < 0 || digit > 9 || value === 0) return null; // no leading zeros
      value = value < 0 ? digit : 10 * value + digit;
      if (value > 255) return null;
    }
  }
  if (value < 0 || part !== ipv4Bytes - 1) return null;
  ip[part] = value;
  return ip;
};

const parseIpv6 = (text: string): Uint8Array | null => {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const front = readGroups(halves[0] ?? '', halves.length === 1);
  const back = readGroups(halves[1] ?? '', true);
  if (front === null || back === null) return null;
  const missing = groupCount - front.length - back.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null;
  const ip = new Uint8Array(ipv6Bytes);
  for (const [i, group] of front.entries()) writeU16(ip, 2 * i, group);
  for (const [i, group] of back.entries()) writeU16(ip, 2 * (groupCount - back.length + i), group);
  return ip;
};

/** Groups between colons; the last two may be written as IPv4 where the address ends. */
const readGroups = (text: string, isEnd: boolean): readonly number[] | null => {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [i, part] of parts.entries()) {
    const ipv4 = isEnd && i === parts.length - 1 && part.includes('.') ? parseIpv4(part) : null;
    if (ipv4 !== null) groups.push(readU16(ipv4, 0), readU16(ipv4, 2));
    else if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(Number.parseInt(part, 16));
    else return null;
  }
  return groups;
};

/** Lowercase, no leading zeros, the first of the longest runs of two or more zero groups shortened. */
const formatIpv6 = (ip: Uint8Array): string => {
  const groups = Array.from({ length: groupCount }, (_, i) => readU16(ip, 2 * i));
  let [start, length] = [0, 1];
  for (let from = 0; from < groupCount; from += 1) {
    let to = from;
    while (to < groupCount && groups[to] === 0) to += 1;
    if (to - from > length) [start, length] = [from, to - from];
  }
  const text = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(':');
  return length < 2 ? text(groups) : `${text(groups.slice(0, start))}::${text(groups.slice(start + length))}`;
};
