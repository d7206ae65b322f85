import { shortIdOf } from '@srp/machine';
import { type MeshFrame } from '@srp/mesh';
import { test } from 'uvu';
import { equal, is, ok } from 'uvu/assert';
import { address, addressOf, Net, packet, peer, start, tag } from './net.js';
import { helloOf, One, openHello, toldTo } from './one.js';

const graftOf = (n: number): MeshFrame => ({ kind: 'graft', tag: tag(n), ids: [] });

/** Neighbours that are open and do not subscribe. */
const open = (one: One, from: number, to: number): readonly number[] =>
  Array.from({ length: to - from + 1 }, (_, at) => from + at).flatMap((n) => [...one.up(n), ...one.says(n, openHello())]).flatMap((output) => toldTo([output], 'graft'));

/** Lets so many ms go by. Carriers that are asked and are among `answering` answer. Returns who was asked. */
const passAnswered = (one: One, ms: number, answering: readonly number[]): readonly number[] => {
  const asked: number[] = [];
  for (let passed = 0; passed < ms; passed += 500) {
    for (const n of toldTo(one.pass(500), 'graft')) {
      asked.push(n);
      if (answering.includes(n)) one.says(n, graftOf(1));
    }
  }
  return asked;
};

test('who has fewer than two links has an open neighbour carry the topic, and says so again', () => {
  const one = new One();
  one.join(1);
  one.up(1);
  equal(toldTo(one.says(1, helloOf([])), 'graft'), [], 'one that is not open helps nobody');
  equal(open(one, 2, 2), [2]);
  equal(one.comes(1, null).includes(2), true, 'it is a link');
  one.says(2, graftOf(1));
  equal(passAnswered(one, 19_000, [2]), []);
  equal(passAnswered(one, 2_000, [2]), [2]);
  equal(open(one, 3, 3), []);
  equal(toldTo(one.give({ kind: 'down', peer: peer(2) }), 'graft'), [3], 'another at once');
  one.links(4, 5);
  equal(toldTo(one.pass(90_000), 'graft'), [], 'two links are enough');
  equal(one.comes(2, 4).includes(3), false, 'it is a link no more');
});

test('all that are reached through one relay are one way, and who is not that relay carries the topic besides', () => {
  const one = new One();
  one.join(1);
  const relay = 9;
  for (let n = 3; n <= 8; n += 1) {
    one.give({ kind: 'up', peer: peer(n), address: addressOf(relay), relay: peer(relay) });
    one.says(n, helloOf([1]));
  }
  equal(open(one, relay, relay), [relay], 'who else');
  equal(open(one, 10, 10), []);
  one.says(relay, graftOf(1));
  equal(passAnswered(one, 21_000, [10]), [10], 'as soon as it is asked again');
  equal(one.comes(1, null).includes(10), true);
  one.says(relay, helloOf([1]));
  equal(passAnswered(one, 30_000, [10]), [10], 'nor is it a way besides when it subscribes');
  one.give({ kind: 'moved', peer: peer(3), address: addressOf(3), relay: null });
  equal(toldTo(one.pass(90_000), 'graft'), [], 'two ways are enough');
});

test('who does not answer is left for another after 2 s, who has answered after it was asked twice more', () => {
  const one = new One();
  one.join(1);
  const [first = 0] = open(one, 2, 4);
  const [second = 0, third = 0, ...more] = toldTo(one.pass(13_000), 'graft');
  equal([second === first, third === second, more], [false, false, []], 'asked after 2 and 6 s, then after 14 s');
  one.says(third, graftOf(1));
  equal(passAnswered(one, 60_000, [third]), [third, third, third]);
  const asked = toldTo(one.pass(30_000), 'graft');
  equal([asked[0], asked[1], asked[2] === third], [third, third, false]);

  const alone = new One();
  alone.join(1);
  open(alone, 2, 2);
  const times = alone.pass(100_000).filter((said) => toldTo([said], 'graft').length > 0).map(({ at }) => at - start);
  equal(times, [2_000, 6_000, 14_000, 30_000, 50_000, 70_000, 90_000], 'ever more rarely, if there is no other');
});

test('who carries a topic is left for another after 2.5 to 7.5 min, whatever it answers, and cannot put off being asked', () => {
  const one = new One();
  one.join(1);
  const [first = 0] = open(one, 2, 9);
  for (let second = 0; second < 30; second += 1) {
    one.says(first, graftOf(1));
    const asked = toldTo(one.pass(1_000), 'graft');
    equal(asked, second === 19 ? [first] : [], `${second} s`);
  }
  const asked = passAnswered(one, 450_000, [2, 3, 4, 5, 6, 7, 8, 9]);
  const left = asked.findIndex((n) => n !== first);
  ok(left >= 6 && left <= 21, `after ${left} questions`);
  is(asked[left + 1], asked[left], 'the other is kept as long');
});

test('two of different networks carry a topic, and one alone where there is no other network', () => {
  const one = new One();
  one.join(1);
  equal(open(one, 2, 4), [2], 'all of one /24');
  one.says(2, graftOf(1));
  one.up(5, address('203.0.113.5:4000'));
  equal(toldTo(one.says(5, openHello()), 'graft'), [5]);
  one.up(6, address('198.51.100.6:4000'));
  equal(toldTo(one.says(6, openHello()), 'graft'), [], 'two are enough');
  one.says(5, graftOf(1));
  equal(new Set(passAnswered(one, 100_000, [2, 5])), new Set([2, 5]));
  equal(toldTo(one.give({ kind: 'down', peer: peer(5) }), 'graft'), [6]);
  one.says(6, graftOf(1));
  one.links(7, 7);
  equal(new Set(passAnswered(one, 60_000, [2, 5, 6])).size, 1, 'with one link, one');
});

/** Two of 2..5, each in a network of its own, carry topic 1, and answer. */
const carried = (): { readonly one: One; readonly liar: number; readonly honest: number; readonly others: readonly number[] } => {
  const one = new One();
  one.join(1);
  const asked = [2, 3, 4, 5].flatMap((n) => [...one.up(n, address(`198.51.${n}.1:4000`)), ...one.says(n, openHello())]).flatMap((output) => toldTo([output], 'graft'));
  const [liar = 0, honest = 0] = asked;
  for (const n of asked) one.says(n, graftOf(1));
  one.pass(1_000);
  return { one, liar, honest, others: [2, 3, 4, 5].filter((n) => !asked.includes(n)) };
};

test('who carries a topic and brings less than half of what the other brings is left for a third one', () => {
  for (const [objects, isLeft] of [[7, false], [8, true]] as const) {
    const { one, liar, honest, others } = carried();
    for (let n = 1; n <= objects; n += 1) one.comes(n, honest);
    const asked = passAnswered(one, 25_000, [2, 3, 4, 5]);
    equal([asked.includes(honest), asked.includes(liar)], [true, !isLeft], `${objects} objects`);
    is(asked.some((n) => others.includes(n)), isLeft);
  }
});

test('who sends what came before, or announces it before or after, has brought it', () => {
  const { one, liar, honest } = carried();
  for (let n = 1; n <= 12; n += 1) {
    if (n % 3 === 0) one.announces(liar, n);
    one.comes(n, honest);
    one.pass(100);
    if (n % 3 === 1) one.announces(liar, n);
    if (n % 3 === 2 && n < 9) one.again(n, liar);
  }
  for (let n = 100; n <= 120; n += 1) one.comes(n, null); // own ones come from nobody
  equal(new Set(passAnswered(one, 45_000, [2, 3, 4, 5])), new Set([liar, honest]));
});

test('a subscriber that reaches no other has every object within 1 s, though one of those that carry the topic keeps all back', () => {
  for (let seed = 1; seed <= 10; seed += 1) {
    const net = new Net(seed);
    const lonely = net.add(1, address('198.51.1.1:4000'));
    const carriers = [2, 3, 4, 5].map((n) => net.add(n, address(`198.51.${n}.1:4000`)));
    const subscribers = [6, 7, 8, 9].map((n) => net.add(n, address(`198.51.${n}.1:4000`)));
    net.canMeet = (a, b) => ![a, b].includes(lonely) || subscribers.every((one) => one !== a && one !== b);
    net.isLiar = (host) => host === carriers[0];
    for (const host of carriers) net.give(host, { kind: 'self', addresses: [], mapping: 'independent', filtering: 'independent' });
    for (const host of [lonely, ...subscribers]) net.give(host, { kind: 'join', tag: tag(1) });
    for (const host of carriers) for (const other of [lonely, ...subscribers]) net.link(host, other);
    net.run(5_000);
    for (let n = 1; n <= 100; n += 1) {
      net.publish(subscribers[n % 4]!, packet(n), tag(1));
      net.run(1_000);
      is(lonely.held.has(packet(n)), true, `object ${n} of seed ${seed}`);
      net.run(2_000);
    }
  }
});

test('what is carried is asked of one other subscriber each 100 s, so that none who keeps objects back stays for long', () => {
  const one = new One();
  one.links(1, 20);
  const parentsAt = (): readonly number[] => {
    const asked = new Set<number>();
    for (let passed = 0; passed < 21_000; passed += 500) for (const n of toldTo(one.pass(500), 'graft')) asked.add(n);
    one.says(20, graftOf(1));
    return [...asked].sort((a, b) => a - b);
  };
  const [, ...first] = toldTo(one.says(20, graftOf(1)), 'graft');
  const seen = Array.from({ length: 20 }, parentsAt);
  const ends = seen.map((parents, at) => parents.filter((n) => !(at === 0 ? first : seen[at - 1]!).includes(n)).length);
  ok(ends.every((count) => count <= 1));
  is(seen.every((parents) => parents.length === 3), true);
  ok(ends.filter((count) => count === 1).length >= 3, 'in 7 min');
});

test('who is asked to carry a topic says so, asks three subscribers for it, and passes on what comes', () => {
  const one = new One();
  one.links(1, 8);
  const [answered, ...parents] = toldTo(one.says(8, graftOf(1)), 'graft');
  is(answered, 8);
  is(parents.length, 3);
  is(parents.includes(8), false);
  const [first = 0, ...others] = parents;
  equal(one.comes(1, first), [...others, 8].sort((a, b) => a - b));
  equal(toldTo(one.again(1, others[0]!), 'prune'), [others[0]]);
  equal(toldTo(one.says(8, graftOf(1)), 'graft'), [8], 'it answers each time');
  const replaced = toldTo(one.give({ kind: 'down', peer: peer(first) }), 'graft');
  equal([...replaced, ...toldTo(one.pass(1), 'graft')].length >= 1, true, 'who is gone is replaced');
  equal(toldTo(one.says(8, graftOf(2)), 'graft'), [], 'not for a topic that the asker does not have');
});

test('who is asked for objects by a subscriber does not carry their topic because of it', () => {
  const one = new One();
  one.links(1, 2);
  one.says(1, { kind: 'graft', tag: tag(1), ids: [shortIdOf(packet(1))] });
  is(one.mesh.carries(tag(1)), false);
});

test('one that carries an own topic is a link as long as it says so every 20 s', () => {
  const one = new One();
  one.join(1);
  one.up(1);
  one.says(1, helloOf([]));
  for (let n = 1; n <= 12; n += 1) {
    one.says(1, graftOf(1));
    equal(one.comes(n, null), [1]);
    one.pass(19_999);
    equal(one.comes(100 + n, null), [1]);
    one.pass(1);
  }
  one.pass(60_000);
  one.links(2, 4);
  is(one.comes(200, 2).includes(1), false);
});

test('who leaves a topic that is carried for it is no link of it any more', () => {
  const one = new One();
  one.links(1, 4);
  one.says(4, graftOf(1));
  one.says(4, helloOf([]));
  is(one.comes(1, 1).includes(4), false);
  one.says(4, graftOf(1));
  is(one.mesh.drops()['not-linked'], 1);
});

test('what nobody asks for any more is let go after a minute', () => {
  const one = new One();
  one.links(1, 4);
  one.says(4, graftOf(1));
  is(one.mesh.carries(tag(1)), true);
  one.pass(40_000);
  one.says(4, graftOf(1));
  one.pass(59_000);
  is(one.mesh.carries(tag(1)), true);
  one.pass(42_000);
  is(one.mesh.carries(tag(1)), false);
});

test('topics and links that others have a peer carry are bounded', () => {
  const one = new One();
  for (let n = 1; n <= 9; n += 1) {
    one.up(n);
    one.says(n, helloOf(Array.from({ length: 9 }, (_, at) => 10 * n + at)));
    for (let at = 0; at < 9; at += 1) one.says(n, graftOf(10 * n + at));
    is(one.mesh.drops()['not-linked'], n <= 8 ? n : 8 + 9, 'eight for each neighbour, 64 in all');
  }
  one.pass(90_000);
  one.says(9, graftOf(90));
  is(one.mesh.carries(tag(90)), true, 'places come free again');

  const own = new One();
  own.join(1);
  for (let n = 1; n <= 20; n += 1) {
    own.up(n);
    own.says(n, graftOf(1));
  }
  is(own.mesh.drops()['not-linked'], 4);

  const many = new One();
  many.links(1, 100);
  for (let n = 1; n <= 100; n += 1) many.says(n, graftOf(1));
  is(many.mesh.drops()['not-linked']! >= 100 - 64, true);
});

test.run();
