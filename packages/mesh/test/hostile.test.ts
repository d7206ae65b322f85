import { after, type Instant, parseAddress, type PeerId, shortIdOf, wakeup } from '@srp/machine';
import { Mesh, type MeshOutput } from '@srp/mesh';
import { type Hello, type PeerAddress, type Peers } from '@srp/wire';
import { test } from 'uvu';
import { equal, is, ok } from 'uvu/assert';
import { Candidates } from '../dist/candidates.js';
import { announcedBurst, announcedPerSecond, candidatesMax, framesBurst, framesPerSecond, graftsLeast, lackingOfOneMax, neighboursMax, reachingMax, tagsMax, treeFramesBurst, treeFramesPerSecond, viaShareMax } from '../dist/constants.js';
import { addressOf, framesOf, only, packet, peer, random, start, tag } from './net.js';
import { helloOf, numberOf, One, openHello, told, toldTo } from './one.js';

const self = peer(0xfff);
const fresh = (): Mesh => new Mesh({ self, random: random(), has: () => false });
const hello = (tags: readonly number[]): Hello => ({ kind: 'hello', version: 1, tags: tags.map(tag), addresses: [], mapping: 'unknown', filtering: 'unknown' });
const named = (subject: Peers['tag'], from: number, count = 8): Peers => ({ kind: 'peers', tag: subject, peers: Array.from({ length: count }, (_, n) => ({ peer: peer(from + n), address: addressOf(from + n) })), closer: [] });
const up = (mesh: Mesh, n: number, at: Instant = start): readonly MeshOutput[] => mesh.handle(at, { kind: 'up', peer: peer(n), address: addressOf(n) });
const numbers = (count: number, from = 0): readonly number[] => Array.from({ length: count }, (_, n) => from + n);

test('of 65 topics the first 64 count', () => {
  const mesh = fresh();
  up(mesh, 1);
  mesh.handle(start, { kind: 'frame', peer: peer(1), frame: hello(numbers(65)) });
  is(mesh.neighbours()[0]!.tags.length, tagsMax);
  equal(mesh.subscribersOf(tag(64)), []);
});

test('what a neighbour sends without end is cut to a burst and a rate', () => {
  const mesh = fresh();
  up(mesh, 1);
  up(mesh, 2);
  let answers = 0;
  const seconds = 60;
  for (let ms = 0; ms < seconds * 1000; ms += 5) answers += framesOf(mesh.handle(after(start, ms), { kind: 'frame', peer: peer(1), frame: { kind: 'find', tag: null } })).filter(({ frame }) => frame.kind === 'peers').length;
  ok(answers <= framesBurst + framesPerSecond * seconds, `${answers} answers to 12 000 questions`);
  ok(mesh.drops()['too-often']! > 11_000);
  ok(framesOf(mesh.handle(after(start, 60_000), { kind: 'frame', peer: peer(2), frame: { kind: 'find', tag: null } })).length > 0, 'others are still answered');
});

test('a topic put on and off without end is met once in 10 s', () => {
  const mesh = fresh();
  mesh.handle(start, { kind: 'join', tag: tag(1) });
  up(mesh, 1);
  let met = 0;
  for (let n = 0; n < 400; n += 1) met += only(mesh.handle(after(start, n * 250), { kind: 'frame', peer: peer(1), frame: hello(n % 2 === 0 ? [1] : []) }), 'meet').length;
  ok(met >= 5 && met <= 10, `${met} in 100 s`);
});

test('PEERS that nobody asked for, and a second answer to one question, are ignored', () => {
  const mesh = fresh();
  up(mesh, 1);
  ok(only(mesh.handle(start, { kind: 'frame', peer: peer(1), frame: named(null, 100) }), 'reach').length > 0);
  equal(mesh.handle(start, { kind: 'frame', peer: peer(1), frame: named(null, 200) }), []);
  equal(mesh.handle(start, { kind: 'frame', peer: peer(1), frame: named(tag(1), 300) }), [], 'no own topic');
  equal(mesh.drops(), { 'not-asked': 2 });
});

test('own id, the one who says it and known neighbours are not connected, and only 8 of many are read', () => {
  const mesh = fresh();
  up(mesh, 1);
  up(mesh, 2);
  const peers = [self, peer(1), peer(2)].map((id) => ({ peer: id, address: addressOf(9) }));
  equal(only(mesh.handle(start, { kind: 'frame', peer: peer(1), frame: { kind: 'peers', tag: null, peers, closer: [] } }), 'reach'), []);
  const many = named(null, 100, 500);
  for (const { peer: id } of only(mesh.handle(start, { kind: 'frame', peer: peer(2), frame: many }), 'reach')) ok(many.peers.slice(0, 8).some((one) => one.peer === id));
});

test('a session with itself and one too many are not looked after', () => {
  const mesh = fresh();
  equal(mesh.handle(start, { kind: 'up', peer: self, address: addressOf(1) }), []);
  for (const n of numbers(neighboursMax + 3, 1)) up(mesh, n);
  is(mesh.neighbours().length, neighboursMax);
  equal(mesh.drops(), { 'own-id': 1, 'neighbours-full': 3 });
  equal(mesh.handle(start, { kind: 'frame', peer: peer(neighboursMax + 1), frame: hello([1]) }), []);
  equal(mesh.handle(start, { kind: 'down', peer: peer(neighboursMax + 1) }), []);
  is(mesh.drops()['no-neighbour'], 1);
});

test('candidates are bounded, and the ones heard of longest ago go', () => {
  const candidates = new Candidates(random());
  for (const n of numbers(candidatesMax + 50)) candidates.add(peer(n), peer(9999), null);
  is(candidates.size, candidatesMax);
  const known = new Set<PeerId>();
  for (let round = 0; round < 200; round += 1) {
    for (const reach of candidates.choose(start, null, 1000, 1000, () => true)) {
      known.add(reach.peer);
      candidates.fail(start, reach.peer);
    }
  }
  ok(known.size > 200 && !known.has(peer(0)) && !known.has(peer(49)));
});

test('a candidate for a topic that was left is forgotten', () => {
  const candidates = new Candidates(random());
  for (const n of numbers(20)) candidates.add(peer(n), peer(9999), tag(1));
  candidates.add(peer(3), peer(9999), null);
  candidates.forget(tag(1));
  is(candidates.size, 1);
});

test('not more than 32 connections are made at a time, however many are lacking', () => {
  const mesh = fresh();
  for (const n of numbers(20, 1)) mesh.handle(start, { kind: 'join', tag: tag(n) });
  let reaching = 0;
  for (const n of numbers(20, 1)) {
    up(mesh, n);
    for (const subject of numbers(20, 1)) reaching += only(mesh.handle(start, { kind: 'frame', peer: peer(n), frame: named(tag(subject), 1000 * n + 10 * subject) }), 'reach').length;
  }
  is(reaching, reachingMax);
});

test('however many topics there are, one neighbour takes half of the connections at most', () => {
  const mesh = fresh();
  for (const n of numbers(20, 1)) mesh.handle(start, { kind: 'join', tag: tag(n) });
  up(mesh, 1);
  let reaching = 0;
  for (const n of numbers(20, 1)) reaching += only(mesh.handle(start, { kind: 'frame', peer: peer(1), frame: named(tag(n), 1000 * n) }), 'reach').length;
  is(reaching, reachingMax * viaShareMax);
});

test('a liar among the neighbours does not keep a peer from those the others know', () => {
  const mesh = fresh();
  mesh.handle(start, { kind: 'join', tag: tag(1) });
  up(mesh, 1);
  up(mesh, 2);
  const reached = new Set<PeerId>();
  let lies = 0;
  const take = (at: Instant, outputs: readonly MeshOutput[]): void => {
    for (const output of outputs) {
      if (output.kind === 'reach') {
        reached.add(output.peer);
        if (Number.parseInt(output.peer, 16) < 1000) {
          take(at, mesh.handle(at, { kind: 'up', peer: output.peer, address: addressOf(1) }));
          take(at, mesh.handle(at, { kind: 'frame', peer: output.peer, frame: hello([1]) }));
        }
      } else if (output.kind === 'frame' && output.frame.kind === 'find') {
        // 1 lies at once with ever new names; 2 answers later, and truly.
        if (output.to === peer(1)) take(at, mesh.handle(at, { kind: 'frame', peer: peer(1), frame: named(output.frame.tag, 1000 + 8 * lies++) }));
        if (output.to === peer(2)) take(at, mesh.handle(at, { kind: 'frame', peer: peer(2), frame: named(output.frame.tag, 100) }));
      }
    }
  };
  take(start, mesh.handle(start, { kind: 'join', tag: tag(2) }));
  for (let at = mesh.deadline(); at !== null && at < start + 60_000; at = mesh.deadline()) take(at, mesh.handle(at, wakeup));
  ok(lies >= 2, `${lies} lies`);
  ok(mesh.subscribersOf(tag(1)).length >= 6, `${mesh.subscribersOf(tag(1)).length} subscribers`);
});

test('strangers who come by themselves, however many, do not end the search for others', () => {
  const mesh = fresh();
  mesh.handle(start, { kind: 'join', tag: tag(1) });
  up(mesh, 1);
  for (const n of numbers(100, 100)) {
    up(mesh, n);
    mesh.handle(start, { kind: 'frame', peer: peer(n), frame: hello([1]) });
  }
  const reaches = [named(null, 10), named(tag(1), 20)].map((frame) => only(mesh.handle(start, { kind: 'frame', peer: peer(1), frame }), 'reach').length);
  equal(reaches, [2, 2], 'it still chooses two of each kind');
});

// The tree

/** A peer of topic 1 that chose link 1 itself; links 2..count came by themselves. */
const withChosen = (count: number): One => {
  const one = new One();
  one.join(1);
  one.up(100);
  one.says(100, named(tag(1), 1, 1));
  one.links(1, count);
  one.pass(100);
  return one;
};

test('IHAVE of objects that do not exist fill the share of who sends them, and what others announce is asked for', () => {
  const one = withChosen(6);
  for (let n = 0; n < 20; n += 1) one.announces(3, ...numbers(100, 1_000 + 100 * n));
  one.announces(4, 1);
  const grafts = told(one.pass(60_000), 'graft');
  is(grafts.filter(([to]) => to === 3).flatMap(([, ids]) => ids).length, graftsLeast * lackingOfOneMax, 'each four times');
  const [id] = grafts.filter(([to]) => to === 4).map(([, ids]) => ids);
  equal(id, [shortIdOf(packet(1))]);
});

test('IHAVE, GRAFT and PRUNE without end are cut to a burst and a rate, and so are the ids in them', () => {
  const one = withChosen(4);
  for (let ms = 0; ms < 60_000; ms += 5) {
    one.pass(5);
    one.says(3, { kind: 'graft', tag: tag(1), ids: [] });
  }
  ok(one.mesh.drops()['too-often']! >= 12_000 - treeFramesBurst - 60 * treeFramesPerSecond - 1);
  const before = one.mesh.drops()['too-often']!;
  for (let n = 0; n < 100; n += 1) one.announces(4, ...numbers(148, 1_000));
  ok(one.mesh.drops()['too-often']! - before >= 100 - Math.ceil((announcedBurst + announcedPerSecond) / 148));
});

test('many who announce an object first and give nothing keep it from nobody: whom this peer chose is asked first', () => {
  const one = withChosen(12);
  for (let n = 2; n <= 12; n += 1) one.announces(n, 1);
  one.announces(1, 1);
  equal(toldTo(one.pass(250), 'graft'), [1]);

  const late = withChosen(12);
  for (let n = 2; n <= 12; n += 1) late.announces(n, 1);
  late.pass(250);
  late.announces(1, 1);
  equal(toldTo(late.pass(400), 'graft'), [1], 'it is the next one');
});

test('who pushes everything first, so that others are pruned, and then falls silent holds an object up for a quarter of a second', () => {
  const one = withChosen(4);
  one.says(4, { kind: 'graft', tag: tag(1), ids: [] });
  one.comes(1, 4);
  equal([...toldTo(one.again(1, 1), 'prune'), ...toldTo(one.again(1, 2), 'prune')], [1, 2], 'the attacker is the only eager link');
  equal(one.comes(2, 3), [4]);
  one.announces(1, 3);
  equal(told(one.pass(250), 'graft'), [[1, [shortIdOf(packet(3))]]]);
  equal(one.comes(3, 1, { isPulled: true }), [4]);
  equal(one.comes(4, 3), [1, 4], 'the other link is eager again');
});

test('GRAFT, PRUNE and second copies of one neighbour change its own link alone', () => {
  const one = withChosen(5);
  for (let n = 10; n < 60; n += 1) {
    one.says(5, { kind: 'graft', tag: tag(1), ids: [] });
    equal(one.comes(n, 4), [1, 2, 5], 'one copy to each');
    one.again(n, 5);
    one.says(5, { kind: 'prune', tag: tag(1) });
    equal(one.comes(n + 100, 4), [1, 2]);
  }
});

test('who puts a topic on and off drives out one other link at most', () => {
  const one = withChosen(16);
  const gone = new Set<number>();
  one.up(50);
  for (let n = 0; n < 60; n += 1) {
    one.pass(500);
    for (const { peer: id } of only(one.says(50, helloOf(n % 2 === 0 ? [1] : [])), 'drop')) {
      gone.add(numberOf(id));
      one.give({ kind: 'down', peer: id, why: 'let-go' });
      if (numberOf(id) === 50) one.up(50);
    }
  }
  ok(gone.size <= 2 && !gone.has(1), `${[...gone].join()} are gone`);
});

test('peers that name each other, come one after the other and go, do not put off asking the others', () => {
  const one = new One();
  one.join(1);
  for (let n = 1; n <= 7; n += 1) one.up(n);
  one.pass(120_000);
  let rounds = 0;
  for (let n = 100; n < 500; n += 1) {
    one.up(n, addressOf(9));
    if (n > 100) one.give({ kind: 'down', peer: peer(n - 1) });
    rounds += one.pass(300).filter(({ output }) => output.kind === 'frame' && output.frame.kind === 'find' && output.frame.tag === tag(1)).length / 3;
    is(only(one.says(n, named(tag(1), n + 1, 1)), 'reach').length, 1);
  }
  ok(rounds >= 20 && rounds <= 260, `${rounds} rounds in 2 min`);
});

// Rendezvous

test('what `closer` names behind a NAT, on a host or at the peer itself is not dialled', () => {
  const one = new One();
  one.up(1, parseAddress('20.1.1.1:4000')!);
  one.says(1, openHello());
  one.join(1);
  one.pass(1_000);
  const closer: readonly PeerAddress[] = [
    ...['127.0.0.1:4000', '192.168.1.1:4000', '10.0.0.1:4000', '[fe80::1]:4000', '[::1]:4000', '224.0.0.1:4000'].map((text, n) => ({ peer: peer(10 + n), address: parseAddress(text)! })),
    { peer: self, address: parseAddress('21.1.1.1:4000')! },
    { peer: peer(1), address: parseAddress('22.1.1.1:4000')! },
  ];
  equal(only(one.says(1, { kind: 'peers', tag: tag(1), peers: [], closer }), 'reach'), []);
});

test('`closer` in an answer that nobody asked for, or to another question, is not dialled', () => {
  const one = new One();
  one.up(1, parseAddress('20.1.1.1:4000')!);
  one.says(1, openHello());
  one.join(1);
  one.pass(1_000);
  const closer: readonly PeerAddress[] = [{ peer: peer(10), address: parseAddress('21.1.1.1:4000')! }];
  one.says(1, { kind: 'peers', tag: null, peers: [], closer });
  const before = one.mesh.drops()['not-asked'] ?? 0;
  one.says(1, { kind: 'peers', tag: tag(2), peers: [], closer });
  equal(only(one.says(1, { kind: 'peers', tag: null, peers: [], closer }), 'reach'), []);
  is(one.mesh.drops()['not-asked'], before + 2);
});

test('who only says that it is open is found by nobody, and named no more when it could not be reached', () => {
  const one = new One();
  one.up(1, parseAddress('20.1.1.1:4000')!);
  one.says(1, openHello());
  one.give({ kind: 'down', peer: peer(1), why: 'let-go' });
  const named = (): number => {
    const answer = one.mesh.answer({ peer: peer(9), address: parseAddress('23.1.1.1:4000')! }, { kind: 'find', tag: null });
    return answer?.kind === 'peers' ? answer.closer.length : 0;
  };
  is(named(), 1);
  one.join(1);
  equal(only(one.pass(1_000).map(({ output }) => output), 'reach').map(({ peer: id }) => numberOf(id)), [1]);
  one.give({ kind: 'failed', peer: peer(1) });
  is(named(), 0);
  equal(only(one.pass(1_500).map(({ output }) => output), 'reach'), []);
});

test('an early FIND or HELLO, which may be a copy, leaves no trace', () => {
  const one = withChosen(4);
  const before = JSON.stringify([one.mesh.bounds(), one.mesh.deadline(), one.mesh.drops(), one.mesh.neighbours()]);
  for (const n of numbers(500, 1_000)) {
    one.mesh.answer({ peer: peer(n), address: addressOf(n) }, openHello(1, 2));
    one.mesh.answer({ peer: peer(n), address: addressOf(n) }, { kind: 'find', tag: tag(n % 3) });
    one.mesh.answer({ peer: peer(n), address: addressOf(n) }, { kind: 'find', tag: null });
  }
  is(JSON.stringify([one.mesh.bounds(), one.mesh.deadline(), one.mesh.drops(), one.mesh.neighbours()]), before);
});

test.run();
