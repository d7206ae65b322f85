/** Our reading of IP addresses beside those of `ipaddr.js`, the slow and well-tried twin, and of `node:net`. */
import ipaddr from 'ipaddr.js';
import { isIPv4, isIPv6, SocketAddress } from 'node:net';
import { test } from 'uvu';
import { equal, is, ok } from 'uvu/assert';
import { type Address, hostOf, makeAddress, scopeOf } from '@srp/machine';
import { formatIp, mappedIpv4, parseIp } from '../dist/ip.js';

const seed = 1;
console.log(`seed ${seed}`);
let state = seed;
/** Random enough to mix pieces with, and for nothing else. */
const below = (limit: number): number => {
  state = (state * 48_271) % 0x7fff_ffff;
  return state % limit;
};
const pick = <Item>(from: readonly Item[]): Item => from[below(from.length)]!;

const twin = (text: string): readonly number[] | null => {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text).toByteArray();
  return text.includes(':') && ipaddr.IPv6.isValid(text) ? ipaddr.IPv6.parse(text).toByteArray() : null;
};

/**
 * The twin takes ::1.2.3.4 for ::ffff:1.2.3.4, which RFC 4291 section 2.2 does not say, and reads octal numbers where
 * IPv6 ends in IPv4, which node:net does not.
 */
const isTwinWrong = (text: string): boolean => /^::\d+\.\d+\.\d+\.\d+$/.test(text) || /:(?:[\d.]+\.)?0\d+(?:\.[\d.]+)?$/.test(text.includes('.') ? text : '');

const agree = (text: string): void => {
  const ip = parseIp(text);
  is(ip?.length === 4, isIPv4(text), `node:net: ${text}`);
  if (!text.includes('%')) is(ip?.length === 16, isIPv6(text), `node:net: ${text}`);
  if (!isTwinWrong(text)) equal(ip === null ? null : [...ip], twin(text), text);
};

test('texts are read as the twin reads them, good and bad', () => {
  for (const text of [
    '', ':', '::', ':::', '1::', '::1', '1::2::3', '1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8:9', '1:2:3:4:5:6:7', '::2:3:4:5:6:7:8', '1::3:4:5:6:7:8', '1:2:3:4:5:6:7::', '1:2:3:4::5:6:7:8',
    '12345::', 'g::', '::FFFF:1.2.3.4', '::1.2.3.4', '::ffff:1.2.3', '::ffff:1.2.3.256', '1.2.3.4::', '::1.2.3.4:5', '64:ff9b::192.0.2.33', '1:2:3:4:5:6:7.8.9.10', '1:2:3:4:5:6:7:7.8.9.10',
    '1.2.3.4', '01.2.3.4', '1.2.3', '1.2.3.4.5', '256.1.1.1', '1.2.3.-4', '0x1.2.3.4', '1.2.3.4 ', ' 1.2.3.4', '+1.2.3.4', '1..2.3', '0.0.0.0', '255.255.255.255', '1e1.1.1.1',
  ]) {
    agree(text);
  }
  for (let round = 0; round < 20_000; round += 1) agree(Array.from({ length: 1 + below(12) }, () => pick([':', ':', '::', '.', '0', '1', 'ff', 'abcd', '255', '256', '10.0.0.1', ' ', 'F'])).join(''));
});

/** A group of IPv6 in any of its spellings; an octet of IPv4, now and then one that is none. */
const group = (): string => pick(['0', '00', '0000', '1', '01', '0db8', 'FfFf', 'abcd', below(65_536).toString(16)]);
const octet = (): string => pick(['0', '1', '9', '10', '99', '100', '199', '249', '255', String(below(256)), pick(['256', '00', '01', '1000', '', '300'])]);
const ipv4Text = (): string => Array.from({ length: 4 }, octet).join('.');
const ipv6Text = (): string => {
  const count = pick([8, 8, 7, 6, below(10)]);
  const parts = Array.from({ length: count }, group);
  if (below(3) === 0) parts.splice(-2, 2, ipv4Text());
  if (below(2) === 0) parts.splice(below(parts.length + 1), below(4), pick(['', ':', '']));
  return parts.join(':').replace(/^:(?!:)|(?<!:):$/, '::');
};
const damaged = (text: string): string => {
  const at = below(text.length + 1);
  return text.slice(0, at) + pick(['', ':', '.', '0', '00000', 'g', '-', '%', '%1', '/64', ' ', '\0', '\u0661', '[', '１']) + text.slice(at + below(2));
};

test('addresses in any spelling, and such that were damaged, are read as the twin and node:net read them', () => {
  let good = 0;
  for (let round = 0; round < 20_000; round += 1) {
    const text = pick([ipv4Text, ipv6Text, ipv6Text])();
    if (parseIp(text) !== null) good += 1;
    agree(text);
    if (!text.includes('%')) agree(damaged(text).replaceAll('%', '&'));
  }
  ok(good > 4000 && good < 18_000, `${good} of 20000 are good`);
});

test('what node:net writes for an address is what we write', () => {
  for (let round = 0; round < 2_000; round += 1) {
    const text = ipv6Text();
    if (parseIp(text)?.length !== 16) continue;
    const { address } = new SocketAddress({ address: text, family: 'ipv6' });
    const ours = formatIp(parseIp(text)!);
    // The system writes ::1.2.3.4 and ::ffff:1.2.3.4 with an IPv4 tail, RFC 5952 section 5; an address here never has one.
    equal(parseIp(address), parseIp(text), text);
    if (!address.includes('.')) is(ours, address, text);
  }
});

test('a zone is left out of an IPv6 host, and is none of an IPv4 host', () => {
  for (const zone of ['eth0', '1', 'Ethernet-2', 'en0.100']) is(hostOf(makeAddress(`fe80::1%${zone}`, 1)!), 'fe80::1', zone);
  for (const host of ['fe80::1%', '%eth0', 'fe80::1%a%b', 'fe80::1%a:b', '1.2.3.4%eth0', '1.2.3.4%', 'fe80%1::1']) is(makeAddress(host, 1), null, host);
  is(parseIp('fe80::1%eth0'), null);
});

test('no text is so long that reading it takes long', () => {
  const startedAt = process.cpuUsage().user;
  for (const piece of [':', '::', '1:', '.', '1.', '0', 'f', '%', ':%', ':%a', '1.2.3.4:']) {
    is(parseIp(piece.repeat(200_000)), null);
    is(makeAddress(piece.repeat(200_000), 1), null);
  }
  ok(process.cpuUsage().user - startedAt < 5_000_000);
});

test('an IPv6 address that ends in IPv4 has those four bytes, and nothing else that was not written', () => {
  equal([...parseIp('::1.2.3.4')!], [...new Array<number>(12).fill(0), 1, 2, 3, 4]);
  is(mappedIpv4(parseIp('::1.2.3.4')!), null);
  equal([...mappedIpv4(parseIp('::ffff:1.2.3.4')!)!], [1, 2, 3, 4]);
});

test('bytes are written as the twin writes them, and read back', () => {
  for (let round = 0; round < 20_000; round += 1) {
    const ip = Uint8Array.from({ length: pick([4, 16, 16]) }, () => pick([0, 0, 0, 1, 0xff, below(256)]));
    const known = ipaddr.fromByteArray([...ip]);
    const text = formatIp(ip);
    is(text, known.toString());
    equal(parseIp(text), ip, text);
    is(mappedIpv4(ip) !== null, known instanceof ipaddr.IPv6 && known.isIPv4MappedAddress());
  }
});

test('scopes are those the twin knows', () => {
  const scopes: Readonly<Record<string, string>> = {
    loopback: 'loopback', linkLocal: 'link-local', private: 'private', uniqueLocal: 'private', carrierGradeNat: 'private', multicast: 'forbidden', broadcast: 'forbidden', unspecified: 'forbidden',
  };
  const seen = new Set<string>();
  for (let round = 0; round < 40_000; round += 1) {
    const front = pick([[10], [127], [172, 10 + below(30)], [192, 168], [169, 254], [100, 60 + below(80)], [224 + below(32)], [0], [198, 51], [0, 0], [0xfe, 0x80], [0xfe, 0xc0], [0xfc + below(2)], [0xff], [0x20, 0x01], [below(256), below(256)]]);
    const ip = Uint8Array.from({ length: pick([4, 16]) }, (_, i) => front[i] ?? pick([0, 0, 0, 1, below(256)]));
    const address = makeAddress(formatIp(ip), 1);
    ok(address);
    const known = ipaddr.fromByteArray([...(mappedIpv4(ip) ?? ip)]);
    const range = known.range();
    const isNobodys = range === 'reserved' && known instanceof ipaddr.IPv4 && known.octets[0]! >= 240;
    const expected = isNobodys ? 'forbidden' : (scopes[range] ?? 'public');
    seen.add(expected);
    is(scopeOf(address), expected, address);
  }
  is(seen.size, 5);
});

test('an address that was not made here is a mistake of the caller', () => {
  let message = '';
  try {
    scopeOf('somewhere:1' as Address);
  } catch (error) {
    message = String(error);
  }
  is(message, 'TypeError: Cannot read an address: somewhere:1 was not made by this package');
});

test.run();
