import { after, type PeerId, peerId } from '@srp/machine';
import { type PeerAddress } from '@srp/wire';
import { test } from 'uvu';
import { equal, is, ok } from 'uvu/assert';
import { lookupAnswerMs, lookupAskedMax, lookupParallel, lookupSeedsMax, nearestWanted, peersMax } from '../dist/constants.js';
import { blindSpots } from '../dist/routing/blind-spot.js';
import { Lookup } from '../dist/routing/lookup.js';
import { byDistance, placed, positionOfTopic } from '../dist/routing/position.js';
import { address, peer, random, start, tag } from './net.js';
import { randomAddress, StaticNetwork } from './static-network.js';

const self = peer(0xfff);
const target = positionOfTopic(tag(1), 20_000);
const generator = random(9);
/** 400 peers, nearest to the target first, no two in one /16. */
const ranked: readonly PeerAddress[] = Array.from({ length: 400 }, (_, n) => placed({ peer: peerId(generator.bytes(32)), address: address(`${20 + (n % 80)}.${n % 256}.${generator.below(256)}.1:4711`) }))
  .sort(byDistance(target))
  .map((one) => ({ peer: one.peer, address: one.address }));
const rank = (n: number): PeerAddress => ranked[n]!;
const ranks = (...numbers: readonly number[]): readonly PeerAddress[] => numbers.map(rank);
const lookupFrom = (...numbers: readonly number[]): Lookup => new Lookup({ self, target, seeds: ranks(...numbers) });
const answer = (lookup: Lookup, n: number, ...names: readonly number[]): boolean => lookup.answered(rank(n).peer, rank(n).address, ranks(...names));

interface Figures {
  readonly right: number;
  readonly questions: readonly number[];
  readonly ms: readonly number[];
}

/** From each of 10 peers to each of 20 topics. */
const measure = (network: StaticNetwork): Figures => {
  const starts = network.some(10);
  const questions: number[] = [];
  const ms: number[] = [];
  let right = 0;
  for (let day = 0; day < 20; day += 1) {
    const position = positionOfTopic(tag(2), day);
    const nearest = network.trulyNearest(position, nearestWanted + 1);
    for (const from of starts) {
      const { lookup, found, tookMs } = network.run(from, position);
      questions.push(lookup.askedCount);
      ms.push(tookMs);
      if (nearest.filter((one) => one !== from.peer).slice(0, nearestWanted).join() === found.join()) right += 1;
    }
  }
  return { right: right / questions.length, questions, ms };
};
const mean = (numbers: readonly number[]): number => numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
const shown = ({ right, questions, ms }: Figures): string => `${(right * 100).toFixed(1)} % right, ${mean(questions).toFixed(1)} questions (at most ${Math.max(...questions)}), ${(mean(ms) / 1000).toFixed(1)} s (at most ${Math.max(...ms) / 1000} s)`;

test('among 1,000 and 10,000 peers, a tenth of them dead, the true nearest three are found, and ten times as many cost a few questions more', () => {
  const [small, large] = [1_000, 10_000].map((count) => measure(new StaticNetwork(3, count, 0.1)));
  console.log(`  1,000 peers: ${shown(small!)}\n  10,000 peers: ${shown(large!)}`);
  for (const { right, questions } of [small!, large!]) {
    ok(right >= 0.99, `${right} right`);
    ok(Math.max(...questions) <= lookupAskedMax);
  }
  ok(mean(large!.questions) <= 20);
  ok(mean(large!.questions) - mean(small!.questions) < 5, 'it grows with the logarithm');
});

test('with every tenth peer a liar who names addresses near the target where nobody is, the lookups still end right', () => {
  const liar = (n: number, from: ReturnType<typeof random>): ((position: typeof target) => readonly PeerAddress[]) | null => {
    if (n % 10 !== 0) return null;
    // what a liar can afford between question and answer: the best 8 of 64 addresses
    return (position) => Array.from({ length: 64 }, () => placed({ peer: peerId(from.bytes(32)), address: randomAddress(from) })).sort(byDistance(position)).slice(0, 8);
  };
  const figures = measure(new StaticNetwork(4, 1_000, 0.1, liar));
  console.log(`  1,000 peers, 100 liars: ${shown(figures)}`);
  ok(figures.right >= 0.99);
});

test('three are asked at a time, the nearest first, and the lookup ends when the nearest three have answered', () => {
  const lookup = lookupFrom(40, 50, 60, 70);
  equal(lookup.next(start), ranks(40, 50, 60));
  equal(lookup.next(start), [], 'three wait');
  ok(answer(lookup, 40, 10, 2, 80));
  equal(lookup.next(start), ranks(2), 'as many as answered');
  ok(answer(lookup, 2, 0, 1, 3));
  equal(lookup.next(start), ranks(0));
  ok(answer(lookup, 0));
  equal(lookup.next(start), ranks(1));
  is(lookup.isDone, false);
  ok(answer(lookup, 1));
  ok(lookup.isDone, '50 and 60 could not be among them');
  equal(lookup.nearest(), ranks(0, 1, 2));
  equal(lookup.next(start), []);
});

test('who fails or does not answer in 1.5 s is left out, and heard if it answers late', () => {
  const lookup = lookupFrom(1, 2, 3, 4);
  is(lookup.deadline(), null);
  lookup.next(start);
  is(lookup.deadline(), after(start, lookupAnswerMs));
  lookup.failed(rank(1).peer);
  equal(lookup.next(after(start, 10)), ranks(4));
  lookup.expire(after(start, lookupAnswerMs - 1));
  ok(answer(lookup, 2));
  lookup.expire(after(start, lookupAnswerMs));
  is(lookup.deadline(), after(start, lookupAnswerMs + 10));
  ok(answer(lookup, 4));
  ok(lookup.isDone);
  equal(lookup.nearest(), ranks(2, 4));
  ok(answer(lookup, 3, 0));
  equal(lookup.nearest(), ranks(2, 3, 4));
  equal(lookup.next(after(start, 2_000)), ranks(0), 'and what it says counts');
});

test('who has nobody to ask is done, and so is who was left by everyone', () => {
  const nobody = lookupFrom();
  ok(nobody.isDone);
  equal(nobody.next(start), []);
  const lookup = lookupFrom(1, 2);
  lookup.next(start);
  lookup.expire(after(start, lookupAnswerMs));
  ok(lookup.isDone);
  equal(lookup.nearest(), []);
});

test('an answer nobody asked for, or a second one, changes nothing', () => {
  const lookup = lookupFrom(5, 6, 7, 8);
  lookup.next(start);
  is(answer(lookup, 8, 0), false, 'known, not asked');
  is(answer(lookup, 99, 0), false, 'not known');
  ok(answer(lookup, 5));
  is(answer(lookup, 5, 0), false);
  equal(lookup.next(start), []);
});

test('one answer names at most 8, never the asker, and only addresses that mean the same to the asker', () => {
  const lookup = lookupFrom(20);
  lookup.next(start);
  const near = { peer: peer(5), address: address('192.168.1.7:4711') };
  const away = [{ peer: self, address: rank(0).address }, { peer: rank(20).peer, address: rank(0).address }, near, { peer: peer(6), address: address('127.0.0.1:4711') }, { peer: peer(7), address: address('224.0.0.1:4711') }];
  lookup.answered(rank(20).peer, rank(20).address, [...away, ...ranks(11, 12, 13, 0, 1, 2)]);
  equal(lookup.next(start), ranks(11, 12, 13));

  const local = new Lookup({ self, target, seeds: [{ peer: peer(1), address: address('192.168.1.2:4711') }] });
  local.next(start);
  local.answered(peer(1), address('192.168.1.2:4711'), [near]);
  equal(local.next(start), [near], 'of his own network he may speak');
});

test('a liar without end is asked about for three names, and the names of others go on', () => {
  const lookup = lookupFrom(200, 300);
  equal(lookup.next(start), ranks(200, 300));
  ok(answer(lookup, 200, 0, 1, 2, 3, 4, 5, 6, 7));
  ok(answer(lookup, 300, 8, 9, 10, 7));
  let now = start;
  const asked: PeerAddress[] = [];
  for (let n = 0; n < 3; n += 1) {
    asked.push(...lookup.next(now));
    now = after(now, lookupAnswerMs);
    if (n === 0) lookup.expire(now);
    else for (const { peer: one, address: at } of asked.slice(3)) lookup.answered(one, at, []);
  }
  equal(asked, ranks(0, 1, 2, 7, 8, 9));
  ok(lookup.isDone);
  equal(lookup.nearest(), ranks(7, 8, 9));
});

test('who names others without end fills 200 places at most', () => {
  const chance = random(11);
  const strangers = (count: number): readonly PeerAddress[] => Array.from({ length: count }, () => ({ peer: peerId(chance.bytes(32)), address: randomAddress(chance) }));
  const nearer = (): readonly PeerAddress[] => strangers(2_000).map(placed).sort(byDistance(target)).slice(0, 100);
  const lookup = new Lookup({ self, target, seeds: strangers(100) });
  is(lookup.size, lookupSeedsMax);
  const waiting: PeerAddress[] = [];
  while (!lookup.isDone) {
    waiting.push(...lookup.next(start));
    const one = waiting.shift()!;
    lookup.answered(one.peer, one.address, lookup.askedCount % 4 === 0 ? nearer() : strangers(100));
  }
  ok(lookup.size <= lookupSeedsMax + lookupAskedMax * peersMax);
  ok(lookup.size > 60, `${lookup.size}`);
});

test('where many have died, those who named them in good faith are still believed', () => {
  const lookup = lookupFrom(100, 101);
  lookup.next(start);
  ok(answer(lookup, 100, 0, 1, 2, 3, 20));
  ok(answer(lookup, 101, 0, 1, 2, 3, 20));
  let now = start;
  const asked: PeerAddress[] = [];
  for (let n = 0; n < 2; n += 1) {
    asked.push(...lookup.next(now));
    now = after(now, lookupAnswerMs);
    if (n === 0) lookup.expire(now);
  }
  equal(asked, ranks(0, 1, 2, 3, 20), 'three failed, and 100 and 101 are charged with one and two');
});

test('a false address does not hide the right one, and where a peer answers from is where it is', () => {
  const falseAt = (n: number): PeerAddress['address'] => ranked.map((one) => one.address).find((at) => byDistance(target)(placed({ peer: rank(n).peer, address: at }), placed(rank(20))) < 0)!;
  const false30 = falseAt(30); // nearer to the target than the peer really is
  const lookup = lookupFrom(100, 101);
  lookup.next(start);
  lookup.answered(rank(100).peer, rank(100).address, [{ peer: rank(30).peer, address: false30 }]);
  ok(answer(lookup, 101, 30, 31));
  equal(lookup.next(start), [{ peer: rank(30).peer, address: false30 }, rank(31)], 'one question at a time to one peer');
  lookup.expire(after(start, lookupAnswerMs));
  equal(lookup.next(start), ranks(30));
  ok(answer(lookup, 30));
  equal(lookup.nearest()[0], rank(30));

  const other = lookupFrom(100);
  other.next(start);
  other.answered(rank(100).peer, rank(100).address, [{ peer: rank(150).peer, address: falseAt(150) }]);
  other.next(start);
  ok(answer(other, 150), 'a session that was there already');
  equal(other.nearest(), ranks(100, 150), 'it stands where it is seen');
});

test('of one /16 or /32 two are asked and found', () => {
  const same = Array.from({ length: 6 }, (_, n) => placed({ peer: peer(n), address: address(`[2001:db8:${n + 1}::1]:4711`) })).sort(byDistance(target));
  const lookup = new Lookup({ self, target, seeds: same.map((one) => ({ peer: one.peer, address: one.address })) });
  const asked = lookup.next(start);
  equal(asked.map((one) => one.peer), same.slice(0, 2).map((one) => one.peer));
  lookup.failed(same[0]!.peer);
  equal(lookup.next(start).map((one) => one.peer), [same[2]!.peer], 'who failed leaves room');
  for (const one of same.slice(1, 3)) lookup.answered(one.peer, one.address, []);
  ok(lookup.isDone);
  is(lookup.nearest().length, 2);
});

test('whatever is answered, a lookup ends after at most 24 questions, 3 at a time, none twice', () => {
  for (let seed = 0; seed < 60; seed += 1) {
    const chance = random(100 + seed);
    const names = (): readonly PeerAddress[] => Array.from({ length: chance.below(10) }, () => (chance.below(3) === 0 ? { peer: rank(chance.below(30)).peer, address: randomAddress(chance) } : rank(chance.below(400))));
    const lookup = new Lookup({ self, target, seeds: names() });
    const waiting = new Map<PeerId, PeerAddress>();
    const asked = new Set<string>();
    let now = start;
    for (let step = 0; step < 500 && !lookup.isDone; step += 1) {
      for (const one of lookup.next(now)) {
        ok(!asked.has(`${one.peer} ${one.address}`), 'asked twice');
        asked.add(`${one.peer} ${one.address}`);
        waiting.set(one.peer, one);
      }
      ok(waiting.size <= lookupParallel);
      const one = [...waiting.values()][chance.below(Math.max(waiting.size, 1))];
      if (one === undefined) continue;
      if (chance.below(4) > 0) {
        lookup.answered(one.peer, one.address, names());
        waiting.delete(one.peer);
      } else {
        now = after(now, lookupAnswerMs);
        lookup.expire(now);
        waiting.clear();
      }
    }
    ok(lookup.isDone, `seed ${seed}`);
    is(asked.size, lookup.askedCount);
    ok(asked.size <= lookupAskedMax);
    ok(lookup.nearest().length <= nearestWanted);
  }
});

test('a lookup that was made blind to a tenth of the peers finds the nearest of the others, and is blind to others the next time', () => {
  const blindSpot = blindSpots(random(7), 0.1);
  const hiddenOf = [blindSpot(), blindSpot()].map((hides) => {
    const lookup = new Lookup({ self, target, seeds: ranks(5, 6, 7, 8), hides });
    for (let asked = lookup.next(start); asked.length > 0; asked = lookup.next(start)) for (const one of asked) lookup.answered(one.peer, one.address, ranks(0, 1, 2, 3, 4));
    const seen = ranked.slice(0, 9).filter(({ peer }) => !hides(peer));
    equal(lookup.nearest(), seen.slice(0, nearestWanted));
    return ranked.filter(({ peer }) => hides(peer));
  });
  ok(hiddenOf.every((hidden) => hidden.length > 20 && hidden.length < 60), hiddenOf.map((hidden) => hidden.length).join());
  ok(hiddenOf[0]!.filter((one) => hiddenOf[1]!.includes(one)).length < 15);
});

test.run();
