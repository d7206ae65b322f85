import { test } from 'uvu';
import { equal, is } from 'uvu/assert';
import { type Address, addressBytes, decodeAddress, encodeAddress, familyOf, hostOf, makeAddress, networkOf, parseAddress, portOf, scopeOf } from '@srp/machine';

const address = (text: string): Address => {
  const parsed = parseAddress(text);
  if (parsed === null) throw new Error(`the test needs an address, not ${text}`);
  return parsed;
};

test('an address has one form, however it was written', () => {
  is(parseAddress('192.0.2.7:4711'), '192.0.2.7:4711');
  is(makeAddress('::ffff:192.0.2.7', 4711), '192.0.2.7:4711');
  is(parseAddress('[2001:0db8:0:0::7]:1'), '[2001:db8::7]:1');
  is(makeAddress('fe80::1%eth0', 9), '[fe80::1]:9');
});

test('what is no IP address with a port is null', () => {
  for (const text of ['', ':1', 'localhost:80', '1.2.3:4', '1.2.3.4', '1.2.3.4:0', '1.2.3.4:65536', '1.2.3.4:x', '::1:80', '[::1]', '[::g]:1', '01.2.3.4.5:1', '0x7f.1:80', '1:80']) {
    is(parseAddress(text), null, text);
  }
  is(makeAddress('1.2.3.4', 1.5), null);
});

test('parts are read back', () => {
  is(hostOf(address('[::1]:80')), '::1');
  is(hostOf(address('10.0.0.1:80')), '10.0.0.1');
  is(portOf(address('[::1]:65535')), 65535);
  is(familyOf(address('[::1]:80')), 6);
  is(familyOf(address('10.0.0.1:80')), 4);
});

test('19 bytes carry an address and only its canonical form', () => {
  for (const text of ['192.0.2.7:4711', '[2001:db8::7]:1', '0.0.0.0:65535', '[::]:1']) {
    const bytes = encodeAddress(address(text));
    is(bytes.length, addressBytes);
    is(decodeAddress(bytes), text);
  }
  const v4 = encodeAddress(address('192.0.2.7:4711'));
  is(decodeAddress(v4.subarray(1)), null, 'short');
  is(decodeAddress(v4.with(0, 5)), null, 'family');
  is(decodeAddress(v4.with(9, 1)), null, 'padding');
  is(decodeAddress(v4.with(17, 0).with(18, 0)), null, 'port 0');
  const mapped = encodeAddress(address('[::1]:1'));
  mapped.set([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 1, 2, 3, 4], 1);
  is(decodeAddress(mapped), null, 'IPv4 dressed as IPv6');
});

test('the scope says how far an address reaches', () => {
  const scopes = {
    '127.0.0.1:1': 'loopback', '[::1]:1': 'loopback', '10.1.2.3:1': 'private', '172.16.0.1:1': 'private', '192.168.0.1:1': 'private',
    '100.64.0.1:1': 'private', '[fd00::1]:1': 'private', '169.254.0.1:1': 'link-local', '[fe80::1]:1': 'link-local',
    '224.0.0.251:1': 'forbidden', '255.255.255.255:1': 'forbidden', '0.0.0.0:1': 'forbidden', '[::]:1': 'forbidden', '[ff02::fb]:1': 'forbidden',
    '240.0.0.1:1': 'forbidden', '8.8.8.8:1': 'public', '192.0.2.7:1': 'public', '[2a00::1]:1': 'public',
  } as const;
  for (const [text, scope] of Object.entries(scopes)) is(scopeOf(address(text)), scope, text);
});

test('addresses are charged to a /24 or /48, on loopback each to itself', () => {
  is(networkOf(address('198.51.100.1:1')), networkOf(address('198.51.100.250:9')));
  is(networkOf(address('198.51.100.1:1')) === networkOf(address('198.51.101.1:1')), false);
  is(networkOf(address('[2a00:1:2::1]:1')), networkOf(address('[2a00:1:2:ffff::9]:9')));
  equal([networkOf(address('127.0.0.1:1')), networkOf(address('127.0.0.1:2'))], ['127.0.0.1:1', '127.0.0.1:2']);
});

test.run();
