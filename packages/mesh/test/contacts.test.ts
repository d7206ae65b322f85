import { type Address, after, type PeerId } from '@srp/machine';
import { test } from 'uvu';
import { equal, is, ok } from 'uvu/assert';
import { bucketCount, bucketMax, contactLostMs, contactStaleMs, sparesMax, staleMax } from '../dist/constants.js';
import { Contacts } from '../dist/routing/contacts.js';
import { byDistance, commonBits, placed, positionOfPeer, positionOfTopic } from '../dist/routing/position.js';
import { address, peer, random, start, tag } from './net.js';

const self = peer(0xfff);
const own = address('203.0.113.1:4711');
const here = positionOfPeer(self, own);
const target = positionOfTopic(tag(1), 20_000);
/** A peer with a /16 of its own, up to 50,000 of them. */
const far = (n: number): { readonly peer: PeerId; readonly address: Address } => ({ peer: peer(n), address: address(`${20 + (n % 180)}.${Math.floor(n / 180) % 256}.7.1:4711`) });
const bucketOf = (n: number): number => commonBits(here, placed(far(n)).position);
/** The first `count` of them whose position is in that bucket. */
const inBucket = (bucket: number, count: number, from = 0): readonly number[] => {
  const found: number[] = [];
  for (let n = from; found.length < count; n += 1) if (bucketOf(n) === bucket) found.push(n);
  return found;
};
const see = (contacts: Contacts, n: number, now = start): boolean => contacts.seen(now, far(n).peer, far(n).address);
/** A table whose spares are taken by others that stay. */
const full = (now = start): Contacts => {
  const contacts = new Contacts(self);
  for (let n = 0; n < sparesMax; n += 1) contacts.seen(now, peer(100_000 + n), address(`192.168.0.${n + 1}:4711`));
  return contacts;
};
/** The same, and it knows where it is itself, so that some of those others take places. */
const located = (): Contacts => {
  const contacts = new Contacts(self);
  contacts.locate(start, own);
  let n = 0;
  const spare = inBucket(0, bucketMax + sparesMax, 20_000);
  for (const one of spare) n += Number(see(contacts, one));
  is(n, bucketMax + sparesMax);
  return contacts;
};

test('64 peers are all known, wherever they are and before the own address is', () => {
  for (const where of [null, own]) {
    const contacts = new Contacts(self);
    contacts.locate(start, where);
    for (let n = 0; n < 64; n += 1) ok(contacts.seen(start, peer(n), address(`198.51.100.${n}:4711`)));
    is(contacts.size, 64);
    is(contacts.nearest(target, 100).length, 64);
  }
});

test('however many are seen, at most 320 are held', () => {
  const contacts = new Contacts(self);
  contacts.locate(start, own);
  const generator = random(5);
  for (let n = 0; n < 20_000; n += 1) contacts.seen(start, peer(n), address(`${[...generator.bytes(3)].map((byte) => (byte % 220) + 1).join('.')}.9:4711`));
  ok(contacts.size <= bucketCount * bucketMax + sparesMax);
  ok(contacts.size >= sparesMax + 8 * bucketMax, `${contacts.size} are held`);
});

test('a table that does not know where it is holds 64, and finds their places when it does', () => {
  const contacts = full();
  is(contacts.size, sparesMax);
  is(see(contacts, 1), false, 'one more does not fit');
  contacts.locate(start, own);
  is(contacts.size, sparesMax);
  ok(see(contacts, 1), 'those who took places left room');
});

test('a bucket has 8 places, of one /16 or /32 two, and who is in it stays', () => {
  const contacts = located();
  const [first] = inBucket(0, 1);
  is(see(contacts, first!), false, 'a ninth in a bucket when the spares are taken');
  const named = new Set(contacts.nearest(target, 400).map((one) => one.peer));
  ok(inBucket(0, 8, 20_000).every((n) => named.has(far(n).peer)));

  let held = 0;
  for (let n = 0; n < 3_000; n += 1) held += Number(contacts.seen(start, peer(50_000 + n), address(`45.67.${n % 256}.${1 + (n >> 8)}:4711`)));
  const mine = contacts.nearest(target, 400).filter((one) => one.address.startsWith('45.67.'));
  is(mine.length, held);
  const buckets = mine.map((one) => commonBits(here, placed(one).position));
  ok(buckets.every((bucket) => buckets.filter((other) => other === bucket).length <= 2), 'a /16 took more than two places of a bucket');
  for (const n of inBucket(1, 6)) ok(see(contacts, n), 'the other places are free for others');
});

test('a newcomer takes the place of who failed, or was silent for long although it was to be tried, and of nobody else', () => {
  const contacts = located();
  const [newcomer, second] = inBucket(0, 2);
  const [old, older] = inBucket(0, 2, 20_000);
  contacts.failed(far(old!).peer);
  ok(see(contacts, newcomer!));
  is(contacts.addressOf(far(old!).peer), undefined);
  is(see(contacts, second!), false);
  is(see(contacts, second!, after(start, contactLostMs - 1)), false);
  ok(see(contacts, second!, after(start, contactLostMs)));
  is(contacts.addressOf(far(older!).peer), undefined, 'the one known longest of those silent');
});

test('a full share of a /16 gives way to itself alone', () => {
  const contacts = new Contacts(self);
  contacts.locate(start, own);
  for (const n of inBucket(0, 6)) see(contacts, n);
  const same = Array.from({ length: 3_000 }, (_, n) => ({ peer: peer(60_000 + n), address: address(`45.67.${n % 256}.1:${4000 + n}`) })).filter((one) => commonBits(here, placed(one).position) === 0);
  const [first, second] = same;
  for (const one of same.slice(0, 2 + sparesMax)) ok(contacts.seen(start, one.peer, one.address));
  contacts.failed(far(inBucket(0, 1)[0]!).peer);
  const next = same[2 + sparesMax]!;
  is(contacts.seen(start, next.peer, next.address), false, 'it took the place of another network');
  contacts.failed(second!.peer);
  ok(contacts.seen(start, next.peer, next.address));
  is(contacts.addressOf(second!.peer), undefined);
  ok(contacts.addressOf(first!.peer) !== undefined);
});

test('a spare takes a place when it is heard of again', () => {
  const contacts = located();
  const [seated] = inBucket(0, 1, 20_000);
  const spare = inBucket(0, bucketMax + 1, 20_000).at(-1)!;
  contacts.gone(far(seated!).peer);
  ok(see(contacts, spare), 'and leaves its own');
  ok(see(contacts, inBucket(0, 1)[0]!));
  is(contacts.size, bucketMax + sparesMax);
});

test('who failed is named no more until it is heard of, and forgotten the third time', () => {
  const contacts = new Contacts(self);
  see(contacts, 1);
  see(contacts, 2);
  contacts.failed(peer(1));
  contacts.failed(peer(1));
  equal(contacts.nearest(target, 8), [far(2)]);
  equal(contacts.seeds(target, 8), [far(2), far(1)], 'but it is asked rather than nobody');
  see(contacts, 1);
  is(contacts.nearest(target, 8).length, 2);
  for (let n = 0; n < 3; n += 1) contacts.failed(peer(1));
  is(contacts.addressOf(peer(1)), undefined);
  contacts.failed(peer(1));
  is(contacts.size, 1);
});

test('the nearest come first, as many as were asked for, of those accepted', () => {
  const contacts = new Contacts(self);
  for (let n = 0; n < 60; n += 1) see(contacts, n);
  const sorted = Array.from({ length: 60 }, (_, n) => placed(far(n))).sort(byDistance(target)).map((one) => one.peer);
  equal(contacts.nearest(target, 8).map((one) => one.peer), sorted.slice(0, 8));
  equal(contacts.nearest(target, 2, (one) => one.peer !== sorted[0]).map((one) => one.peer), sorted.slice(1, 3));
});

test('who was silent for 15 min is to be tried again, 8 at a time, the longest silent first, each once', () => {
  const contacts = new Contacts(self);
  for (let n = 0; n < 12; n += 1) see(contacts, n, after(start, n));
  equal(contacts.stale(after(start, contactStaleMs - 1)), []);
  see(contacts, 0, after(start, 20));
  const later = after(start, contactStaleMs + 15);
  equal(contacts.stale(later).map((one) => one.peer), Array.from({ length: staleMax }, (_, n) => peer(n + 1)));
  equal(contacts.stale(later).map((one) => one.peer), [peer(9), peer(10), peer(11)]);
  equal(contacts.stale(later), []);
  is(contacts.stale(after(later, contactStaleMs)).length, staleMax, 'who does not answer is tried again');
});

test('a peer is held once, where it was seen last; itself and forbidden addresses never', () => {
  const contacts = new Contacts(self);
  see(contacts, 1);
  ok(contacts.seen(start, peer(1), address('198.51.100.9:1')));
  equal(contacts.nearest(target, 8), [{ peer: peer(1), address: address('198.51.100.9:1') }]);
  is(contacts.seen(start, self, own), false);
  is(contacts.seen(start, peer(2), address('224.0.0.1:4711')), false);
  contacts.gone(peer(1));
  is(contacts.size, 0);
});

test.run();
