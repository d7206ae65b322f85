import { fail } from 'node:assert';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { AddressBook } from '../dist/book.js';
import { address, at, desk, home, natOf, peer, t0 } from './helpers.js';

const test = suite('address book');

const entry = (n: number, where: string = home(n), seenAt = n): { peer: string; address: string; seenAt: number } => ({ peer: peer(n), address: where, seenAt });
const stored = (...peers: readonly unknown[]): unknown => ({ version: 1, peers });

test('survives being stored and restored', () => {
  const a = desk(1);
  a.open(2, 3);
  a.pass(5_000);
  a.tell({ kind: 'closed', peer: peer(2) });
  const text = JSON.stringify(a.nat.book());
  const later = natOf(1);
  assert.equal(later.restore(JSON.parse(text)), { kept: 2, dropped: 0 });
  assert.equal(later.remembered(), [
    { peer: peer(2), address: home(2), seenAt: at(5_000) },
    { peer: peer(3), address: home(3), seenAt: t0 },
  ]);
  assert.is(JSON.stringify(later.book()), text);
});

test('takes over what is sound and counts what is not', () => {
  const bad: readonly unknown[] = [
    null, 7, 'peer', [], {}, entry(1), // itself
    { ...entry(3), peer: undefined }, { ...entry(3), peer: peer(171).toUpperCase() }, { ...entry(3), peer: peer(3).slice(2) }, { ...entry(3), peer: 3 },
    { ...entry(3), address: undefined }, { ...entry(3), address: 'example.org:4000' }, { ...entry(3), address: '9.9.9.9' }, { ...entry(3), address: '9.9.9.9:0' },
    { ...entry(3), address: '9.9.9.9:53' }, { ...entry(3), address: '224.0.0.251:5353' }, { ...entry(3), address: '9'.repeat(1000) }, { ...entry(3), address: { length: 3 } },
    { ...entry(3), seenAt: undefined }, { ...entry(3), seenAt: '5' }, { ...entry(3), seenAt: -1 }, { ...entry(3), seenAt: 1.5 }, { ...entry(3), seenAt: Number.NaN }, { ...entry(3), seenAt: 1e300 },
  ];
  const nat = natOf(1);
  assert.equal(nat.restore(stored(entry(2), ...bad, entry(4))), { kept: 2, dropped: bad.length });
  assert.equal(nat.remembered().map((one) => one.peer), [peer(4), peer(2)]);
});

test('is empty after anything that is no address book', () => {
  for (const value of [undefined, null]) assert.equal(natOf(1).restore(value), { kept: 0, dropped: 0 });
  for (const value of [5, 'x', true, [], {}, { version: 2, peers: [entry(2)] }, { version: 1 }, { version: 1, peers: {} }, { version: 1, peers: 'peers' }]) {
    assert.equal(natOf(1).restore(value), { kept: 0, dropped: 1 });
  }
});

test('never throws, and never holds anything unsound, whatever is restored', () => {
  const almost = fc.record({ peer: fc.oneof(fc.constant(peer(5)), fc.string()), address: fc.oneof(fc.constant('9.9.9.9:4000'), fc.ipV4(), fc.ipV6(), fc.string()), seenAt: fc.oneof(fc.nat(), fc.double()) }, { requiredKeys: [] });
  const value = fc.oneof(fc.anything(), fc.record({ version: fc.constant(1), peers: fc.array(fc.oneof(almost, fc.anything())) }));
  fc.assert(
    fc.property(value, (garbage) => {
      const nat = natOf(1);
      nat.restore(garbage);
      for (const one of nat.remembered()) if (!/^[0-9a-f]{64}$/.test(one.peer) || !Number.isSafeInteger(one.seenAt)) fail(JSON.stringify(one));
    }),
    { numRuns: 300 },
  );
});

test('looks at no more than 256 entries, the last ones', () => {
  const nat = natOf(1);
  const many = Array.from({ length: 100_000 }, (_, i) => (i < 99_744 ? entry(2) : entry(i - 99_000)));
  const restored = nat.restore(stored(...many));
  assert.equal(restored, { kept: 64, dropped: 99_936 });
  assert.not.ok(nat.remembered().some((one) => one.peer === peer(2)));
});

test('holds 64 peers and lets go of the one not seen for longest', () => {
  const book = new AddressBook(peer(1), () => false);
  for (let n = 2; n < 102; n += 1) {
    book.seen(at(n), peer(n), home(n));
    book.seen(at(n), peer(2), home(2));
  }
  assert.is(book.remembered().length, 64);
  assert.is(book.addressOf(peer(2)), home(2), 'seen again and again');
  assert.is(book.addressOf(peer(3)), null);
  assert.is(book.addressOf(peer(101)), home(101));
});

test('keeps who has a session or was named by the user, whoever comes and goes', () => {
  const a = desk(1);
  a.tell({ kind: 'reach', peer: peer(2), address: home(2), via: [] });
  a.open(2, 3, 4);
  a.tell({ kind: 'closed', peer: peer(2) });
  for (let n = 100; n < 300; n += 1) {
    a.open(n);
    a.tell({ kind: 'closed', peer: peer(n) });
  }
  const remembered = a.nat.remembered().map((one) => one.peer);
  assert.is(remembered.length, 64);
  for (const n of [2, 3, 4]) assert.ok(remembered.includes(peer(n)), String(n));
  // Many who stay are no reason to let go of those who were there first.
  const b = desk(1).open(...Array.from({ length: 200 }, (_, i) => i + 10));
  assert.equal(new Set(b.nat.remembered().map((one) => one.peer)), new Set(Array.from({ length: 64 }, (_, i) => peer(i + 10))));
});

test('gives one public network no more than four places, so that a subnet full of keys pushes nobody out', () => {
  const book = new AddressBook(peer(1), () => false);
  for (let n = 2; n < 12; n += 1) book.seen(t0, peer(n), home(n));
  for (let n = 100; n < 300; n += 1) book.seen(t0, peer(n), address(`66.6.6.${n % 250}:4000`));
  assert.is(book.remembered().length, 14);
  for (let n = 100; n < 110; n += 1) book.seen(t0, peer(n), address(`192.168.1.${n}:4000`));
  assert.is(book.remembered().length, 24, 'a LAN has one network and many friends');
});

test('what was restored is older than what is known, whatever it claims', () => {
  const a = desk(1).open(2);
  a.nat.restore(stored(...Array.from({ length: 64 }, (_, i) => entry(10 + i, home(10 + i), Number.MAX_SAFE_INTEGER)), entry(2, home(99), Number.MAX_SAFE_INTEGER)));
  assert.equal(a.nat.remembered()[0], { peer: peer(2), address: home(2), seenAt: t0 });
});

test('does not remember where no peer may be probed', () => {
  const a = desk(1);
  a.tell({ kind: 'opened', peer: peer(2), address: address('9.9.9.9:53') });
  assert.equal(a.nat.remembered(), []);
});

test.run();
