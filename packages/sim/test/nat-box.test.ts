import { seededRandom } from '@srp/identity';
import { instant, makeAddress, portOf, type Address } from '@srp/machine';
import { type NatBehaviour, natBehaviours, NatBox, type NatDependence } from '@srp/sim';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('nat box');
const at = (host: string, port: number): Address => makeAddress(host, port)!;
const inside = at('192.168.1.2', 5_000);
const friend = at('198.51.100.1', 4_000);
const friendOtherPort = at('198.51.100.1', 4_001);
const stranger = at('203.0.113.9', 4_000);
const box = (behaviour: Partial<NatBehaviour> = {}): NatBox => new NatBox('192.0.2.1', { ...natBehaviours['port-restricted'], ...behaviour }, seededRandom(new Uint8Array(32)));

/** Which of three remotes get in after the inside has sent to `friend`. */
const whoGetsIn = (filtering: NatDependence): boolean[] => {
  const nat = box({ filtering });
  const outside = nat.outbound(instant(0), inside, friend)!;
  return [friend, friendOtherPort, stranger].map((from) => nat.inbound(instant(1), from, outside) === inside);
};

test('filters by nothing, by address, or by address and port', () => {
  assert.equal(whoGetsIn('endpoint-independent'), [true, true, true]);
  assert.equal(whoGetsIn('address-dependent'), [true, true, false]);
  assert.equal(whoGetsIn('address-and-port-dependent'), [true, false, false]);
});

/** How many outer addresses three remotes see. */
const outerAddresses = (mapping: NatDependence): number => {
  const nat = box({ mapping });
  return new Set([friend, friendOtherPort, stranger].map((to) => nat.outbound(instant(0), inside, to))).size;
};

test('maps by nothing, by address, or by address and port', () => {
  assert.is(outerAddresses('endpoint-independent'), 1);
  assert.is(outerAddresses('address-dependent'), 2);
  assert.is(outerAddresses('address-and-port-dependent'), 3);
});

test('maps two inner ports to two outer ones', () => {
  const nat = box();
  assert.is.not(nat.outbound(instant(0), inside, friend), nat.outbound(instant(0), at('192.168.1.3', 5_000), friend));
});

test('lets nobody in to a port that nobody opened', () => {
  assert.is(box({ filtering: 'endpoint-independent' }).inbound(instant(0), friend, at('192.0.2.1', 5_000)), null);
});

test('forgets a mapping after its lifetime, and a new one may have another port', () => {
  const nat = box({ lifetimeMs: 60_000 });
  const outside = nat.outbound(instant(0), inside, friend)!;
  assert.is(nat.inbound(instant(60_000), friend, outside), null);
  assert.is.not(nat.outbound(instant(60_001), inside, friend), outside);
});

test('keeps a mapping alive by what goes out, and if told so by what comes in', () => {
  for (const isRefreshedByInbound of [true, false]) {
    const nat = box({ isRefreshedByInbound });
    const outside = nat.outbound(instant(0), inside, friend)!;
    assert.is(nat.inbound(instant(50_000), friend, outside), inside);
    assert.is(nat.inbound(instant(100_000), friend, outside), isRefreshedByInbound ? inside : null);
    assert.is(nat.outbound(instant(100_000), inside, friend) === outside, isRefreshedByInbound);
  }
});

test('forgets one remote while it goes on with another', () => {
  const nat = box();
  const outside = nat.outbound(instant(0), inside, friend)!;
  for (let now = 30_000; now <= 90_000; now += 30_000) nat.outbound(instant(now), inside, stranger);
  assert.is(nat.inbound(instant(90_001), stranger, outside), inside);
  assert.is(nat.inbound(instant(90_001), friend, outside), null);
});

test('preserves the inner port if it is free', () => {
  const nat = box({ ports: 'preserved' });
  assert.is(portOf(nat.outbound(instant(0), inside, friend)!), 5_000);
  assert.is.not(portOf(nat.outbound(instant(0), at('192.168.1.3', 5_000), friend)!), 5_000);
});

test('draws ports from its range, and holds no more mappings than live', () => {
  const nat = box({ mapping: 'address-and-port-dependent' });
  for (let count = 0; count < 300; count += 1) {
    const port = portOf(nat.outbound(instant(count * 1_000), inside, at('198.51.100.1', 1_024 + count))!);
    assert.ok(port >= 1_024 && port <= 65_534);
  }
  assert.ok(nat.size <= 121, `${nat.size} mappings`);
});

test.run();
