import { type Bound, parseAddress, type PeerId, shortIdOf } from '@srp/machine';
import { type PeerAddress } from '@srp/wire';
import { test } from 'uvu';
import { equal, is, ok } from 'uvu/assert';
import { lackingMax, lackingOfOneMax, linksMax } from '../dist/constants.js';
import { addressOf, only, packet, peer, tag } from './net.js';
import { helloOf, numberOf, One, openHello } from './one.js';

/** The highest that each bound ever was, over all tests of this file. */
const highest = new Map<string, Bound>();
const note = (one: One): void => {
  for (const bound of one.mesh.bounds()) {
    ok(bound.size <= bound.max, `${bound.size} ${bound.name}; at most ${bound.max} are allowed`);
    if (bound.size >= (highest.get(bound.name)?.size ?? 0)) highest.set(bound.name, bound);
  }
};
/** `n` from 0, each in a /16 of its own. */
const far = (n: number) => parseAddress(`${20 + (n >> 8)}.${n & 0xff}.1.1:4000`)!;
const times = (count: number, act: (n: number) => void): void => {
  for (let n = 0; n < count; n += 1) act(n);
};
const all64 = Array.from({ length: 64 }, (_, n) => n);
const named = (from: number, count = 8): readonly PeerAddress[] => Array.from({ length: count }, (_, n) => ({ peer: peer(from + n), address: addressOf(1) }));

test('neighbours, each with 64 topics of its own, and all that is kept of each', () => {
  const one = new One();
  one.join(...all64);
  times(520, (n) => one.up(n + 1, far(n)));
  times(520, (n) => one.says(n + 1, helloOf(Array.from({ length: 70 }, (_, k) => 0x100_0000 + 1_000 * n + k))));
  note(one);
  one.says(1, helloOf(all64));
  for (const n of all64) one.says(1, { kind: 'graft', tag: tag(n), ids: [] });
  note(one);
});

test('questions that nobody could answer', () => {
  const [many, one] = [new One(), new One()];
  times(512, (n) => many.up(n, far(n)));
  times(512, (n) => times(65, (k) => many.says(n, { kind: 'find', tag: tag(0x100_0000 + 1_000 * n + k) })));
  note(many);
  times(512, (n) => many.give({ kind: 'down', peer: peer(n) }));
  is(many.mesh.bounds().find(({ name }) => name === 'mesh topics awaited')?.size, 0);
  times(20, (n) => one.up(n, far(n)));
  times(20, (n) => one.says(n, { kind: 'find', tag: tag(1) }));
  note(one);
});

test('candidates, those being connected, and those that refused', () => {
  const one = new One();
  one.join(...all64);
  times(40, (n) => one.up(n + 1));
  times(40, (n) => {
    for (const k of all64) one.says(n + 1, { kind: 'peers', tag: tag(k), peers: named(1_000 * (n + 1) + 8 * k), closer: [] });
  });
  note(one);
  times(300, (n) => {
    one.up(100_000 + n, far(n));
    one.give({ kind: 'down', peer: peer(100_000 + n), why: 'refused' });
  });
  note(one);
});

test('objects that came, that are lacking, and that wait to be announced', () => {
  const one = new One();
  one.join(1);
  one.links(1, 513);
  times(600, (n) => one.comes(n, 513, { postage: 0 }));
  times(300, (n) => one.comes(1_000 + n, null));
  times(40, (from) => one.announces(from + 1, 599));
  note(one);
  times(20, (from) => times(14, (k) => one.says(from + 1, { kind: 'ihave', tag: tag(1), ids: Array.from({ length: 148 }, (_, n) => shortIdOf(packet(10_000 * (from + 1) + 148 * k + n))) })));
  note(one);
  times(20, (from) => one.says(from + 30, { kind: 'ihave', tag: tag(1), ids: [shortIdOf(packet(10_000))] }));
  note(one);
  one.pass(600_000);
  is(one.mesh.bounds().find(({ name }) => name === 'mesh objects lacking')?.size, 0, 'given up');
  is(one.mesh.bounds().find(({ name }) => name === 'mesh objects lacking of one neighbour')?.size, 0);
});

test('contacts, and what a lookup is told', () => {
  const one = new One();
  one.give({ kind: 'self', addresses: [], mapping: 'independent', filtering: 'independent', openAt: far(5_000) });
  times(5_000, (n) => {
    one.up(n + 1, far(n));
    one.says(n + 1, openHello());
    one.give({ kind: 'down', peer: peer(n + 1), why: 'let-go' });
  });
  note(one);
  const made = one.mesh.bounds().find(({ name }) => name === 'mesh contacts')!;
  ok(made.size > 64 + 8 * 5, `${made.size} contacts`); // the buckets far out hold 8 each, those near by nobody is in
  one.join(1);
  let told = 6_000;
  const answers = (id: PeerId): void => {
    one.give({ kind: 'up', peer: id, address: far(Number.parseInt(id, 16) - 1) });
    const closer = Array.from({ length: 8 }, () => ({ peer: peer((told += 1)), address: far(told - 1) }));
    one.give({ kind: 'frame', peer: id, frame: { kind: 'peers', tag: tag(1), peers: [], closer } });
    note(one);
  };
  let asked = only(one.pass(1_000).map(({ output }) => output), 'reach');
  for (let round = 0; asked.length > 0 && round < 40; round += 1) {
    for (const { peer: id } of asked) answers(id);
    note(one);
    asked = only(one.pass(1).map(({ output }) => output), 'reach').filter(({ address }) => address !== undefined);
  }
});

test('objects of a topic that others carry', () => {
  const one = new One();
  one.join(1);
  one.up(1);
  one.says(1, openHello());
  times(40, (n) => one.comes(n, 1));
  note(one);
});

test('topics that are carried for others, and the links of one', () => {
  const one = new One();
  times(100, (n) => {
    one.up(n + 1);
    one.says(n + 1, helloOf(all64));
  });
  times(100, (n) => one.says(n + 1, { kind: 'graft', tag: tag(1), ids: [] }));
  for (const n of all64) one.says(70 + Math.ceil(n / 8), { kind: 'graft', tag: tag(n), ids: [] }); // eight for each
  one.pass(21_000); // then three more are asked, since those who were asked first seek support themselves
  note(one);
});

test('topics pushed to a neighbour: all own ones, and all its own, which others have this peer carry', () => {
  const one = new One();
  one.join(...all64);
  times(8, (n) => {
    one.up(n);
    one.says(n, helloOf(all64.slice(8 * n, 8 * n + 8).map((topic) => topic + 1_000)));
  });
  one.up(9);
  one.says(9, helloOf(all64.map((topic) => topic + 1_000)));
  for (const [at, n] of all64.entries()) one.says(Math.floor(at / 8), { kind: 'graft', tag: tag(n + 1_000), ids: [] });
  for (const n of all64) one.says(9, { kind: 'graft', tag: tag(n), ids: [] });
  note(one);
});

test('peers that lookups want and that do not come', () => {
  const one = new One();
  one.join(...all64);
  one.up(100, far(100));
  one.says(100, openHello());
  one.pass(1_000);
  let told = 1_000;
  for (const n of all64) one.says(100, { kind: 'peers', tag: tag(n), peers: [], closer: Array.from({ length: 8 }, () => ({ peer: peer((told += 1)), address: far(told) })) });
  note(one);
});

test('keepers of many topics that are sought at once', () => {
  const one = new One();
  one.join(...all64.map((topic) => topic + 1_000));
  one.up(100, far(100));
  one.says(100, openHello());
  one.pass(1_000);
  for (const n of all64) one.give({ kind: 'seek', tag: tag(n) });
  note(one);
  let told = 1_000;
  for (const n of all64) one.says(100, { kind: 'peers', tag: tag(n), peers: [], closer: Array.from({ length: 8 }, () => ({ peer: peer((told += 1)), address: far(told) })) });
  note(one);
});

test('topics in which objects came lately, those that were left since among them', () => {
  const one = new One();
  for (const from of [0, 64, 128]) {
    const topics = all64.map((n) => from + n);
    one.join(...topics);
    for (const n of topics) one.give({ kind: 'fresh', id: packet(n), tag: tag(n), postage: 16, from: null });
    note(one);
    for (const n of topics) one.give({ kind: 'leave', tag: tag(n) });
  }
});

test('peers behind NATs that may keep a topic', () => {
  const one = new One();
  times(10, (n) => one.up(n + 1, far(n + 1)));
  times(10, (n) => one.says(n + 1, { ...openHello(), ...(n < 8 ? { keepsNothing: true as const } : {}) }));
  const outputs = [...one.give({ kind: 'seek', tag: tag(1) })];
  for (const output of outputs) { // it grows meanwhile
    if (output.kind !== 'frame' || output.frame.kind !== 'find') continue;
    const keepers = output.frame.keepers === true ? { keepers: named(10_000 * numberOf(output.to)) } : {};
    outputs.push(...one.says(numberOf(output.to), { kind: 'peers', tag: tag(1), peers: [], closer: [], ...keepers }));
    if (output.frame.keepers === true) note(one);
  }
  note(one);
  one.give({ kind: 'self', addresses: [], mapping: 'independent', filtering: 'dependent' });
  times(1_100, (n) => {
    one.says(1, { kind: 'find', tag: tag(n), keepers: true });
    one.pass(250);
  });
  note(one);
});

test('every bound was reached, but for three that chance or the size of a network keep from it', () => {
  const notFull = [...highest.values()].filter(({ size, max }) => size < max).map(({ name }) => name);
  equal(notFull.filter((name) => name !== 'mesh contacts' && !name.startsWith('mesh candidates of a ')), []);
  ok(highest.size > 12);
  ok((highest.get('mesh candidates of a lookup')?.size ?? 0) > 24);
  ok(lackingMax >= linksMax * lackingOfOneMax, 'each link has its share');
});

test.run();
