// How many sessions, and who goes.
import { type PeerId } from '@srp/machine';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { chargedTo } from '../dist/path.js';
import { at, Node, World } from './support/pair.js';

const host = (): { b: Node; world: World } => {
  const b = new Node(99_999, '192.0.2.2:2000', { freeInitsPerSecond: 100_000 });
  return { b, world: new World(b) };
};
/** A guest opens a session with the host, a millisecond after the one before. */
const visit = (world: World, b: Node, guest: Node): void => {
  world.nodes[1] = guest;
  world.open(guest, b);
  world.now = (world.now + 1) as typeof world.now;
};
const evicted = (node: Node): readonly PeerId[] => node.all('closed').filter(({ reason }) => reason === 'evicted').map(({ peer }) => peer);

test('holds 512 sessions; the 513th is let in and the least recently heard one goes, and is told', () => {
  const { b, world } = host();
  const guests = Array.from({ length: 513 }, (_, i) => new Node(i, `100.${i >> 8}.${i & 255}.1:1`));
  for (const guest of guests.slice(0, 512)) visit(world, b, guest);
  assert.is(b.link.sessions().length, 512);
  world.nodes.push(guests[0]!);
  world.say(guests[0]!, b, 0x50, 1); // so that the second is the least recently heard
  world.settle();
  world.nodes.push(guests[1]!);
  visit(world, b, guests[512]!);
  assert.is(b.link.sessions().length, 512);
  assert.equal(evicted(b), [guests[1]!.id]);
  assert.equal(guests[1]!.all('closed').map(({ reason }) => reason), ['bye']);
  assert.is.not(b.link.sessionOf(guests[512]!.id), null);
});

test('a session that we began does not go while others are there that were begun by them', () => {
  const { b, world } = host();
  const chosen = new Node(1000, '99.0.0.1:1');
  world.nodes[1] = chosen;
  world.open(b, chosen);
  world.now = (world.now + 1) as typeof world.now;
  for (let i = 0; i < 515; i += 1) visit(world, b, new Node(i, `100.${i >> 8}.${i & 255}.1:1`));
  assert.is.not(b.link.sessionOf(chosen.id), null);
  assert.is(evicted(b).length, 4);
});

test('one network has 8 sessions: a /24, a /48, a host of the own LAN', () => {
  for (const [text, expected] of [
    ['203.0.113.%d:1', 8],
    ['[2001:db8:1:%d::1]:1', 8],
    ['10.1.2.3:%d', 8],
    ['10.1.2.%d:1', 12],
    ['[fe80::%d]:1', 12],
    ['127.0.0.1:%d', 12],
    ['203.0.%d.7:1', 12],
  ] as const) {
    const { b, world } = host();
    const guests = Array.from({ length: 12 }, (_, i) => new Node(i, text.replace('%d', String(i + 1))));
    for (const guest of guests) visit(world, b, guest);
    assert.is(b.link.sessions().length, expected, text);
    assert.equal(evicted(b), guests.slice(0, 12 - expected).map(({ id }) => id), text);
  }
});

test('says who is charged for an address', () => {
  assert.is(chargedTo(at('203.0.113.7:1')), chargedTo(at('203.0.113.200:9')));
  assert.is.not(chargedTo(at('203.0.113.7:1')), chargedTo(at('203.0.114.7:1')));
  assert.is(chargedTo(at('192.168.1.5:1')), chargedTo(at('192.168.1.5:2')));
  assert.is.not(chargedTo(at('192.168.1.5:1')), chargedTo(at('192.168.1.6:1')));
  assert.is.not(chargedTo(at('127.0.0.1:1')), chargedTo(at('127.0.0.1:2')));
});

test('opening and closing leaves nothing behind that is due', () => {
  const { b, world } = host();
  for (let i = 0; i < 50; i += 1) {
    const guest = new Node(i, `203.0.${i}.1:1`);
    visit(world, b, guest);
    world.tell(b, { kind: 'disconnect', peer: guest.id });
  }
  world.nodes.splice(1);
  world.pass(1);
  world.pass(60_000);
  assert.is(b.link.deadline(), null);
});

test.run();
