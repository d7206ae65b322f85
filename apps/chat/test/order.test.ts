import type { Packet } from '@srp/peer';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { heldMax, orderHoldMs } from '../dist/constants.js';
import { Order } from '../dist/order.js';

const id = (name: string): Packet['id'] => name as Packet['id'];
const packet = (name: string, previous: string | null, missing: string[] = [], parents: string[] = []): Packet =>
  ({ id: id(name), previous: previous === null ? null : id(previous), parents: parents.map(id), missing: missing.map(id) }) as unknown as Packet;

const ordered = (): { order: Order; shown: string[] } => {
  const shown: string[] = [];
  return { order: new Order((one) => shown.push(one.id)), shown };
};

test('shows at once what misses nothing', () => {
  const { order, shown } = ordered();
  order.take(packet('a', null));
  order.take(packet('b', 'a'));
  assert.equal(shown, ['a', 'b']);
});

test('waits for what is on the way, also through one that waits itself', () => {
  const { order, shown } = ordered();
  order.take(packet('d', 'c', ['c']));
  order.take(packet('c', 'b', ['b']));
  order.take(packet('e', null, [], ['d']));
  order.take(packet('b', 'a', ['a']));
  assert.equal(shown, []);
  order.take(packet('a', null));
  assert.equal(shown, ['a', 'b', 'c', 'd', 'e']);
});

test('waits for all of several', () => {
  const { order, shown } = ordered();
  order.take(packet('c', 'a', ['a', 'b'], ['b']));
  order.take(packet('b', null));
  assert.equal(shown, ['b']);
  order.take(packet('a', null));
  assert.equal(shown, ['b', 'a', 'c']);
});

test('waits for nothing for long', async () => {
  const { order, shown } = ordered();
  order.take(packet('b', 'a', ['a']));
  order.take(packet('c', 'b'));
  await new Promise((done) => setTimeout(done, orderHoldMs + 100));
  assert.equal(shown, ['b', 'c']);
  order.take(packet('a', null));
  assert.equal(shown, ['b', 'c', 'a']);
});

test('holds no more than it may, and nothing at its end', () => {
  const { order, shown } = ordered();
  for (let at = 0; at < heldMax + 3; at += 1) order.take(packet(`x${at}`, `y${at}`, [`y${at}`]));
  assert.equal(shown, ['x0', 'x1', 'x2']);
  order.close();
  assert.is(shown.length, heldMax + 3);
});

test.run();
