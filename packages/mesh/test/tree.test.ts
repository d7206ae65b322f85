import { after, shortIdOf } from '@srp/machine';
import { type MeshFrame } from '@srp/mesh';
import { test } from 'uvu';
import { equal, is, ok } from 'uvu/assert';
import { graftIdsMax } from '../dist/constants.js';
import { only, packet, peer, tag } from './net.js';
import { helloOf, numberOf, One, told, toldTo } from './one.js';

const graft: MeshFrame = { kind: 'graft', tag: tag(1), ids: [] };
const prune: MeshFrame = { kind: 'prune', tag: tag(1) };
const id = (n: number): string => shortIdOf(packet(n));

/** A peer of topic 1 with links 1..count, the first two of them eager. */
const withLinks = (count: number): One => {
  const one = new One();
  one.join(1);
  one.links(1, count);
  one.pass(100);
  return one;
};

test('the first two links of a topic are made eager with a GRAFT, the others are lazy', () => {
  const one = new One();
  one.join(1);
  equal(told(one.links(1, 5), 'graft'), [[1, []], [2, []]]);
  equal(one.comes(1, 5), [1, 2]);

  const late = new One();
  equal(toldTo(late.links(1, 3), 'graft'), [], 'no topic, no tree');
  equal(toldTo(late.join(1), 'graft'), [1, 2], 'links that were there before the topic was joined');
});

test('an object is pushed to the eager links and announced to the lazy ones within 25 ms', () => {
  const one = withLinks(5);
  const at = one.now;
  equal(one.comes(1, 5), [1, 2]);
  const said = one.pass(25);
  equal(told(said, 'ihave'), [[3, [id(1)]], [4, [id(1)]]], 'nothing to 5, who sent it');
  for (const { at: saidAt } of said) ok(saidAt <= after(at, 25));
  equal(toldTo(one.pass(5_000), 'ihave'), [], 'once');
});

test('many objects of one moment share an IHAVE, of 148 ids at most', () => {
  const one = withLinks(3);
  for (let n = 1; n <= 160; n += 1) one.comes(n, 1);
  const [[to, ids] = [0, []], ...others] = told(one.pass(25), 'ihave');
  equal([to, ids.length, new Set(ids).size, others], [3, 148, 148, []]);
});

test('nothing goes to a link that has it: not what it announced or pushed before, nor what it does while an IHAVE waits', () => {
  const one = withLinks(6);
  one.announces(1, 1);
  one.announces(3, 1);
  equal(one.comes(1, 6), [2], '1 announced it');
  one.announces(4, 1);
  one.again(1, 5);
  equal(toldTo(one.pass(25), 'ihave'), []);
});

test('the author pushes along the tree as others do', () => {
  const one = withLinks(5);
  equal(one.comes(1, null), [1, 2]);
  equal(toldTo(one.pass(25), 'ihave'), [3, 4, 5]);
});

test('what an author published is announced again to three links after 0.4 s, 1 s, 2 s and 4 s, until a link shows that it has it', () => {
  const one = withLinks(8);
  one.comes(1, null);
  one.pass(399);
  for (const [ms, what] of [[51, 'after 0.4 s'], [600, 'after 1 s'], [1_000, 'after 2 s'], [2_000, 'after 4 s']] as const) {
    const again = told(one.pass(ms), 'ihave');
    equal([again.length, new Set(again.map(([to]) => to)).size], [3, 3], what);
    for (const [, ids] of again) equal(ids, [id(1)]);
  }
  equal(one.pass(600_000).filter(({ output }) => output.kind === 'frame' && output.frame.kind === 'ihave'), [], 'no more');

  for (const show of [(other: One) => other.announces(4, 1), (other: One) => other.again(1, 4)]) {
    const known = withLinks(8);
    known.comes(1, null);
    known.pass(25);
    show(known);
    equal(toldTo(known.pass(600_000), 'ihave'), []);
  }
  const fast = withLinks(1);
  for (let n = 1; n <= 100; n += 1) {
    fast.comes(n, null);
    fast.pass(20);
  }
  const announced = told(fast.pass(2_000), 'ihave');
  ok(announced.length > 0 && announced.length < 40, `${announced.length} IHAVE: what is due within 100 ms goes with what is due`);

  const passedOn = withLinks(8);
  passedOn.comes(1, 3);
  passedOn.pass(25);
  equal(toldTo(passedOn.pass(600_000), 'ihave'), [], 'only the author');
  const heard = withLinks(3);
  heard.comes(1, 3);
  heard.pass(25);
  heard.announces(3, 1);
  heard.comes(2, 1);
  equal(toldTo(heard.pass(25), 'ihave'), [3], 'what is said again takes no turn');
  const left = withLinks(8);
  left.comes(1, null);
  left.give({ kind: 'leave', tag: tag(1) });
  equal(toldTo(left.pass(600_000), 'ihave'), []);
});

test('after an IHAVE the next to the same neighbour waits for 600 ms', () => {
  const one = withLinks(3);
  one.comes(1, 1);
  const at = one.now;
  equal(told(one.pass(25), 'ihave'), [[3, [id(1)]]]);
  one.comes(2, 1);
  one.comes(3, 1);
  equal(told(one.pass(574), 'ihave'), []);
  const [[to, ids] = [0, []]] = told(one.pass(26), 'ihave');
  equal([to, ids], [3, [id(2), id(3)]]);
  is(one.now - at, 625);
});

test('of two sides that have the same, one announces it', () => {
  const one = withLinks(3);
  one.comes(1, 1);
  one.announces(3, 1);
  const at = one.now;
  one.comes(2, 1);
  equal(told(one.pass(499), 'ihave'), []);
  equal(told(one.pass(1), 'ihave'), [[3, [id(2)]]], 'its turn');
  is(one.now - at, 500);
  one.comes(3, 1);
  equal(told(one.pass(599), 'ihave'), [], 'the turn of the other side, and a little more');
  equal(told(one.pass(1), 'ihave'), [[3, [id(3)]]], 'which was silent');

  const busy = withLinks(3);
  for (let n = 1; n <= 50; n += 1) {
    busy.comes(n, 1);
    equal(told(busy.pass(24), 'ihave'), [], 'the other side is always 24 ms ahead, and is never told');
    busy.announces(3, n);
  }
});

test('who lacks what others brought is told of it, however much it announces itself', () => {
  const one = withLinks(3);
  const toldOf = new Set<string>();
  for (let n = 0; n < 40; n += 1) {
    one.comes(2 * n, 1);
    one.comes(2 * n + 1, 1);
    for (const [, ids] of told(one.pass(50), 'ihave')) for (const each of ids) toldOf.add(each);
    if (n % 10 === 9) one.announces(3, ...Array.from({ length: 10 }, (_, k) => 2 * (n - k) + 1));
  }
  for (let n = 0; n < 20; n += 1) ok(toldOf.has(id(2 * n)), `object ${2 * n}`);
});

test('what a neighbour announces of one topic puts off nothing of another', () => {
  const one = new One();
  one.join(1, 2);
  for (let n = 1; n <= 3; n += 1) {
    one.up(n);
    one.says(n, helloOf([1, 2]));
  }
  one.comes(1, 1);
  one.give({ kind: 'fresh', id: packet(7), tag: tag(2), postage: 8, from: peer(1) });
  one.announces(3, 1);
  equal(told(one.pass(25), 'ihave'), [[3, [id(7)]]]);
});

test('as many as one IHAVE names are announced at once, pause or not', () => {
  const one = withLinks(3);
  one.comes(1_000, 1);
  one.pass(25);
  for (let n = 1; n <= 147; n += 1) one.comes(n, 1);
  equal(told(one.pass(100), 'ihave'), []);
  one.comes(148, 1);
  equal(told(one.pass(0), 'ihave').map(([to, ids]) => [to, ids.length]), [[3, 148]]);
});

test('what has no postage left is announced and not pushed', () => {
  const one = withLinks(4);
  equal(one.comes(1, 4, { postage: 0 }), []);
  equal(toldTo(one.pass(25), 'ihave'), [1, 2, 3]);
});

test('a second copy over an eager link prunes it, if the first came along the tree and from somebody else', () => {
  const one = withLinks(4);
  one.comes(1, 1);
  equal(toldTo(one.again(1, 1), 'prune'), [], 'twice from the same neighbour');
  equal(toldTo(one.again(1, 3), 'prune'), [], 'a lazy link needs no PRUNE');
  equal(toldTo(one.again(1, 2), 'prune'), [2]);
  equal(toldTo(one.again(1, 2), 'prune'), [], 'said once');
  equal(one.comes(2, 4), [1], '2 is lazy now');

  const other = withLinks(4);
  other.comes(1, 4);
  equal(toldTo(other.again(1, 1), 'prune'), [], 'the first came over a lazy link, as a wide push does');
  equal(toldTo(other.again(99, 1), 'prune'), [], 'nobody knows any more how it came');
  other.pass(400);
  other.comes(2, null);
  equal(toldTo(other.again(2, 1), 'prune'), [1], 'one\'s own comes back');
});

test('of so many objects as came within 400 ms a second copy of one prunes', () => {
  const one = withLinks(4);
  let pruned = 0;
  for (let n = 1; n <= 400; n += 1) {
    one.comes(n, 1);
    for (const to of toldTo(one.again(n, 2), 'prune')) {
      pruned += 1;
      one.says(to, graft);
    }
    one.pass(20);
  }
  ok(pruned >= 10 && pruned <= 40, `${pruned} of 400, of which 20 at a time are under way`);

  one.pass(400);
  equal(toldTo(one.again(400, 2), 'prune'), [2], 'when no more are under way');

  const pulled = withLinks(4);
  for (let n = 1; n <= 50; n += 1) pulled.comes(n, 3, { isPulled: true });
  pulled.comes(51, 1);
  equal(toldTo(pulled.again(51, 2), 'prune'), [2], 'what was asked for goes along no tree');
});

test('GRAFT makes a link eager, PRUNE makes it lazy', () => {
  const one = withLinks(4);
  one.says(4, graft);
  equal(one.comes(1, 3), [1, 2, 4]);
  one.says(1, prune);
  one.says(2, prune);
  one.says(4, prune);
  equal(one.comes(2, 3), []);
  equal(toldTo(one.pass(25), 'ihave'), [1, 2, 4], 'nobody is left without it');
});

test('what is announced and does not come is asked for after 250 ms, and makes the link eager', () => {
  const one = withLinks(4);
  one.announces(4, 1, 2);
  equal(told(one.pass(249), 'graft'), []);
  equal(told(one.pass(1), 'graft'), [[4, [id(1), id(2)]]]);
  equal(one.comes(3, 3), [1, 2, 4]);
});

test('the next one that announced it is asked 400 ms later, and it is given up when all were asked', () => {
  const one = withLinks(6);
  for (const n of [5, 3, 4, 6]) one.announces(n, 1);
  const at = one.now;
  const asked = one.pass(60_000).filter(({ output }) => output.kind === 'frame' && output.frame.kind === 'graft');
  equal(asked.map(({ at: askedAt, output }) => [askedAt - at, output.kind === 'frame' ? numberOf(output.to) : 0]), [[250, 5], [650, 3], [1050, 4], [1450, 6]]);
});

test('what an eager link announces was lost on its way here, and is asked for at once', () => {
  const one = withLinks(4);
  one.announces(2, 1);
  equal(told(one.pass(0), 'graft'), [[2, [id(1)]]]);

  const late = withLinks(4);
  late.announces(3, 1);
  late.pass(20);
  late.announces(2, 1);
  equal(told(late.pass(0), 'graft'), [[2, [id(1)]]], 'though a lazy one announced it before');
});

test('who announced it are asked in turn again as long as it was asked for less than four times, each round later', () => {
  for (const [by, asked] of [
    [[3], [[250, 3], [660, 3], [1470, 3], [2680, 3]]],
    [[4, 3], [[250, 4], [650, 3], [1060, 4], [1460, 3]]],
    [[5, 3, 4], [[250, 5], [650, 3], [1050, 4], [1460, 5]]],
  ] as const) {
    const one = withLinks(5);
    for (const n of by) one.announces(n, 1);
    const at = one.now;
    const said = one.pass(60_000).filter(({ output }) => output.kind === 'frame' && output.frame.kind === 'graft');
    equal(said.map((one) => [one.at - at, ...toldTo([one], 'graft')]), asked);
  }
});

test('who was asked for many objects is given longer before it is asked again', () => {
  const one = withLinks(4);
  one.announces(3, ...Array.from({ length: 50 }, (_, n) => 1 + n));
  one.pass(250);
  equal([told(one.pass(899), 'graft').length, told(one.pass(1), 'graft').length], [0, 1]);
});

test('who announced it and is gone, or has left the topic, is not asked', () => {
  const one = withLinks(5);
  for (const n of [3, 4, 5]) one.announces(n, 1);
  one.give({ kind: 'down', peer: peer(3) });
  one.says(4, helloOf([]));
  equal(toldTo(one.pass(60_000), 'graft'), [5, 5, 5, 5]);
});

test('what comes in between is asked for no more, and what is here is not asked for', () => {
  const one = withLinks(4);
  one.held.add(packet(7));
  one.announces(4, 1, 2, 7);
  one.pass(200);
  one.comes(1, 1);
  equal(told(one.pass(300), 'graft'), [[4, [id(2)]]]);
  one.comes(2, 4, { isPulled: true });
  equal(told(one.pass(60_000), 'graft'), []);
  one.announces(3, 1, 2);
  equal(told(one.pass(60_000), 'graft'), []);
});

test('one GRAFT asks for at most 60 objects', () => {
  const one = withLinks(3);
  one.announces(3, ...Array.from({ length: 148 }, (_, n) => n + 1));
  const grafts = told(one.pass(250), 'graft');
  equal(grafts.map(([to, ids]) => [to, ids.length]), [[3, graftIdsMax], [3, graftIdsMax], [3, 28]]);
  is(new Set(grafts.flatMap(([, ids]) => ids)).size, 148);
});

test('a grafted object goes on along the tree; one that was asked for otherwise is announced alone', () => {
  const one = withLinks(5);
  one.announces(5, 1);
  one.pass(250);
  equal(one.comes(1, 5, { isPulled: true, postage: 15 }), [1, 2]);
  equal(toldTo(one.pass(25), 'ihave'), [3, 4]);
  one.pass(600);
  equal(one.comes(2, 5, { isPulled: true, postage: 15 }), []);
  equal([...toldTo(one.pass(25), 'ihave')].sort(), [1, 2, 3, 4]);
});

test('who loses its last eager link, by any way, grafts another', () => {
  for (const lose of [(one: One, n: number) => one.give({ kind: 'down', peer: peer(n) }), (one: One, n: number) => one.says(n, helloOf([]))]) {
    const one = withLinks(4);
    equal(told(lose(one, 1), 'graft'), [], 'one is left');
    equal(told(lose(one, 2), 'graft'), [[3, []]]);
    equal(one.comes(1, 4), [3]);
    one.says(4, helloOf([]));
    equal(told(lose(one, 3), 'graft'), [], 'nobody is left');
  }
});

test('who leaves a topic forgets what it would have announced or asked for, and its links', () => {
  const one = withLinks(4);
  one.comes(1, 1);
  one.announces(4, 2);
  one.give({ kind: 'leave', tag: tag(1) });
  const said = one.pass(60_000);
  equal([...toldTo(said, 'ihave'), ...toldTo(said, 'graft')], []);
  equal(one.again(1, 2), []);
  one.says(3, prune);
  is(one.mesh.drops()['not-linked'], 1);
  equal(toldTo(one.join(1), 'graft'), [1, 2], 'the tree grows anew');
});

test('IHAVE and PRUNE of a topic that one of both does not have are dropped', () => {
  const one = withLinks(2);
  one.up(9);
  for (const frame of [prune, { kind: 'ihave', tag: tag(1), ids: [shortIdOf(packet(1))] } as const]) {
    one.says(9, frame);
    one.says(1, { ...frame, tag: tag(2) });
  }
  is(one.mesh.drops()['not-linked'], 4);
  equal(told(one.pass(5_000), 'graft'), []);
});

test('with more than 16 links of a topic one of those that came by themselves goes', () => {
  const one = withLinks(16);
  const dropped = only(one.links(17, 17), 'drop').map(({ peer: gone }) => numberOf(gone));
  is(dropped.length, 1);
  ok(dropped[0]! >= 1 && dropped[0]! <= 17);
});

test('one that another own topic needs, or that this peer chose itself, does not go for a 17th link', () => {
  const one = new One();
  one.join(1, 2);
  one.up(100);
  const named = [1, 2, 3].map((n) => ({ peer: peer(n), address: '192.0.2.1:4001' as never }));
  const reached = only(one.says(100, { kind: 'peers', tag: tag(1), peers: named, closer: [] }), 'reach').map(({ peer: id }) => numberOf(id));
  ok(reached.length >= 2);
  one.links(1, 3);
  for (let n = 4; n <= 15; n += 1) one.up(n);
  for (let n = 4; n <= 15; n += 1) one.says(n, helloOf([1, 2]));
  const kept = new Set([...reached, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
  let drops = 0;
  for (let n = 16; n <= 60; n += 1) {
    for (const { peer: gone } of only(one.links(n, n), 'drop')) {
      drops += 1;
      ok(!kept.has(numberOf(gone)), `${numberOf(gone)} goes`);
      one.give({ kind: 'down', peer: gone, why: 'let-go' });
    }
  }
  ok(drops > 20, `${drops} went`);
});

test.run();
