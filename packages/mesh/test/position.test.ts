import { idBytes, instant, type PeerId, peerId, unixSeconds } from '@srp/machine';
import { test } from 'uvu';
import { equal, is, ok } from 'uvu/assert';
import { byDistance, commonBits, compareDistance, daysAt, type Position, positionOfPeer, positionOfTopic } from '../dist/routing/position.js';
import { address, peer, random, tag } from './net.js';
import { distance } from './reference/position.js';

const positionsOf = (count: number, seed: number): readonly Position[] => {
  const generator = random(seed);
  return Array.from({ length: count }, (_, n) => {
    const bytes = generator.bytes(32);
    if (n % 3 === 1) bytes.set(new Uint8Array(n % 32)); // some that have much in common
    return peerId(bytes) as string as Position;
  });
};

test('whoever makes keys without end stands at 8 places of an IPv4 /24 and 256 of an IPv6 /32', () => {
  const placesAt = (text: string): number => new Set(Array.from({ length: 2000 }, (_, n) => positionOfPeer((n & 255).toString(16).padStart(2, '0').padEnd(64, 'c') as PeerId, address(text)))).size;
  is(placesAt('198.51.100.1:4711'), 8);
  is(placesAt('[2001:db8::1]:4711'), 256);
});

test('distances compare as XOR of big integers does, and sort ties by key', () => {
  const all = positionsOf(60, 1);
  for (const target of positionsOf(12, 2)) {
    for (const a of all) {
      for (const b of all) {
        const slow = distance(target, a) - distance(target, b);
        is(Math.sign(compareDistance(target, a, b)), slow < 0n ? -1 : slow > 0n ? 1 : 0, `${target} ${a} ${b}`);
      }
    }
    const at = address('192.0.2.1:1');
    const tied = [peer(1), peer(2), peer(3)].map((id) => ({ peer: id, address: at, position: target }));
    const inOrder = tied.toSorted(byDistance(target));
    equal(inOrder, tied.toReversed().sort(byDistance(target)), 'whatever the order was');
    equal(inOrder.map((one) => one.peer), tied.map((one) => one.peer).sort((a, b) => (distance(target, a) < distance(target, b) ? -1 : 1)));
  }
});

test('common bits are counted from the front', () => {
  const all = positionsOf(60, 3);
  for (const a of all) {
    for (const b of all) is(commonBits(a, b), 256 - (a === b ? 0 : distance(a, b).toString(2).length), `${a} ${b}`);
  }
});

test('a topic moves every day, and half an hour before and after midnight both days count', () => {
  const midnight = 20_779 * 86_400_000;
  const at = (minutes: number): readonly number[] => daysAt(instant(midnight + minutes * 60_000));
  equal(at(-31), [20_778]);
  equal(at(-30), [20_778, 20_779]);
  equal(at(-1), [20_778, 20_779]);
  equal(at(0), [20_779, 20_778]);
  equal(at(29), [20_779, 20_778]);
  equal(at(30), [20_779]);
  equal(daysAt(instant(0)), [0], 'there is no day before the first');
  for (let minute = -720; minute < 720; minute += 7) is(at(minute)[0], Math.floor(unixSeconds(instant(midnight + minute * 60_000)) / 86_400));
  ok(positionOfTopic(tag(1), 20_778) !== positionOfTopic(tag(1), 20_779));
  is(idBytes(positionOfTopic(tag(1), 0) as string as PeerId).length, 32);
});

test.run();
