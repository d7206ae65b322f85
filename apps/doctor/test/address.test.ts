import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { reachOf, redact } from '../dist/address.js';

test('tells how far an address reaches', () => {
  for (const address of ['127.0.0.1:1', '[::1]:1', '::1']) assert.is(reachOf(address), 'host', address);
  for (const address of ['10.1.2.3:4', '172.31.0.1', '192.168.1.2:5', '100.64.0.2', '169.254.1.1', '[fe80::1]:1', 'fd00::1']) assert.is(reachOf(address), 'lan', address);
  for (const address of ['60.1.2.3:4000', '172.32.0.1', '100.128.0.1', '[2600::1]:4', '2a0e:1::2']) assert.is(reachOf(address), 'world', address);
});

test('leaves out every address, says what it was, and keeps apart those that differ', () => {
  const text = 'It has 192.168.1.2:4000, [2600::1]:4000 and fe80::1, is seen as 60.1.2.3:4000 and 60.1.2.4:4000, not 60.1.2.3.';
  assert.is(redact(text), 'It has private-ipv4-a:4000, [public-ipv6-b]:4000 and private-ipv6-c, is seen as public-ipv4-d:4000 and public-ipv4-e:4000, not public-ipv4-d.');
  assert.is(redact('{"a":"60.1.2.3:1","b":"[2a0e:1:1::2]:5"}'), '{"a":"public-ipv4-a:1","b":"[public-ipv6-b]:5"}');
  assert.is(redact('::ffff:60.1.2.3 and 1:2:3:4:5:6:7:8'), 'public-ipv6-a and public-ipv6-b');
});

test('leaves what is no address as it is', () => {
  const text = 'at 12:30:15, version 1.2.3, 999.1.1.1, in 2.0 s: UDP 5353; {"ok":true,"seconds":2}';
  assert.is(redact(text), text);
});

test.run();
