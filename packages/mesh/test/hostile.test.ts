import { after, type Instant, type PeerId, wakeup } from '@srp/machine';
import { Mesh, type MeshOutput } from '@srp/mesh';
import { type Hello, type Peers } from '@srp/wire';
import { test } from 'uvu';
import { equal, is, ok } from 'uvu/assert';
import { Candidates } from '../dist/candidates.js';
import { candidatesMax, framesBurst, framesPerSecond, neighboursMax, reachingMax, tagsMax, viaShareMax } from '../dist/constants.js';
import { addressOf, framesOf, only, peer, random, start, tag } from './net.js';

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

test('not more than 16 connections are made at a time, however many are lacking', () => {
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

test.run();
