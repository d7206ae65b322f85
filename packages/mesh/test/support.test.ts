import { type MeshFrame } from '@srp/mesh';
import { test } from 'uvu';
import { equal, is } from 'uvu/assert';
import { peer, tag } from './net.js';
import { helloOf, One, openHello, toldTo } from './one.js';

const graftOf = (n: number): MeshFrame => ({ kind: 'graft', tag: tag(n), ids: [] });

test('who has fewer than two links has an open neighbour carry the topic, and says so again', () => {
  const one = new One();
  one.join(1);
  one.up(1);
  equal(toldTo(one.says(1, helloOf([])), 'graft'), [], 'one that is not open helps nobody');
  one.up(2);
  equal(toldTo(one.says(2, openHello()), 'graft'), [2]);
  equal(one.comes(1, null).includes(2), true, 'it is a link');
  equal(toldTo(one.pass(19_000), 'graft'), []);
  equal(toldTo(one.pass(2_000), 'graft'), [2]);
  one.up(3);
  one.says(3, openHello());
  equal(toldTo(one.give({ kind: 'down', peer: peer(2) }), 'graft'), [3], 'another at once');
  one.links(4, 5);
  equal(toldTo(one.pass(90_000), 'graft'), [], 'two links are enough');
  equal(one.comes(2, 4).includes(3), false, 'it is a link no more');
});

test('who is asked to carry a topic asks three subscribers for it, and passes on what comes', () => {
  const one = new One();
  one.links(1, 8);
  const parents = toldTo(one.says(8, graftOf(1)), 'graft');
  is(parents.length, 3);
  is(parents.includes(8), false);
  const [first = 0, ...others] = parents;
  equal(one.comes(1, first), [...others, 8].sort((a, b) => a - b));
  equal(toldTo(one.again(1, others[0]!), 'prune'), [others[0]]);
  const replaced = toldTo(one.give({ kind: 'down', peer: peer(first) }), 'graft');
  equal([...replaced, ...toldTo(one.pass(1), 'graft')].length >= 1, true, 'who is gone is replaced');
  equal(toldTo(one.says(8, graftOf(2)), 'graft'), [], 'not for a topic that the asker does not have');
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
  one.up(1);
  one.says(1, helloOf(Array.from({ length: 64 }, (_, n) => n + 1)));
  for (let n = 1; n <= 64; n += 1) one.says(1, graftOf(n));
  one.up(2);
  one.says(2, helloOf([65]));
  one.says(2, graftOf(65));
  is(one.mesh.drops()['not-linked'], 1);

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
