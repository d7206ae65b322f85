import { parseAddress } from '@srp/machine';
import { type MeshOutput } from '@srp/mesh';
import { type PeerAddress, type Peers } from '@srp/wire';
import { test } from 'uvu';
import { equal, is, ok } from 'uvu/assert';
import { byDistance, daysAt, placed, positionOfPeer, positionOfTopic } from '../dist/routing/position.js';
import { only, peer, start, tag } from './net.js';
import { helloOf, numberOf, One, openHello, type Said } from './one.js';

/** Each in a /16 of its own. */
const far = (n: number) => parseAddress(`${20 + (n >> 8)}.${n & 0xff}.1.1:4000`)!;
const at = (n: number): PeerAddress => ({ peer: peer(n), address: far(n) });
const peersOf = (subject: Peers['tag'], closer: readonly PeerAddress[] = []): Peers => ({ kind: 'peers', tag: subject, peers: [], closer });

/** Peers 1..60, the nearest to topic 1 first. */
const nearest = Array.from({ length: 60 }, (_, n) => placed(at(n + 1))).sort(byDistance(positionOfTopic(tag(1), daysAt(start)[0]!))).map(({ peer: id }) => numberOf(id));

/** Neighbours `from`..`to` come by themselves and are open. */
const opens = (one: One, from: number, to: number): void => {
  for (let n = from; n <= to; n += 1) {
    one.up(n, far(n));
    one.says(n, openHello());
  }
};
/** Whom a lookup wants to be connected to. */
const dialled = (said: readonly (Said | MeshOutput)[]): readonly number[] =>
  only(said.map((one) => ('output' in one ? one.output : one)), 'reach').flatMap(({ peer: id, address }) => (address === undefined ? [] : [numberOf(id)]));
const asked = (said: readonly (Said | MeshOutput)[], subject: Peers['tag']): readonly number[] =>
  said.map((one) => ('output' in one ? one.output : one)).flatMap((output) => (output.kind === 'frame' && output.frame.kind === 'find' && output.frame.tag === subject ? [numberOf(output.to)] : []));

/** A peer of topic 1 that knows 1, 2 and 3, whose lookup is over and has found them. It has nothing else to look for. */
const withFound = (): One => {
  const one = new One();
  opens(one, 1, 3);
  one.join(1);
  one.pass(1_000);
  for (const n of [1, 2, 3]) one.says(n, peersOf(tag(1)));
  one.pass(0);
  return one;
};

test('the lookup for a topic begins 1 s after it is joined, and after the first contact', () => {
  const one = new One();
  opens(one, 1, 3);
  one.pass(10_000);
  const joined = one.join(1);
  ok(asked(joined, tag(1)).length > 0, 'neighbours are asked at once');
  equal(dialled(one.pass(999)), []);
  for (const n of [1, 2, 3]) one.says(n, peersOf(tag(1)));
  ok(asked(one.pass(1), tag(1)).length === 3);

  const early = new One();
  early.join(1);
  early.pass(60_000);
  early.up(1, far(1));
  early.says(1, openHello());
  equal(early.mesh.bounds().find(({ name }) => name === 'mesh candidates of a lookup')?.size, 0);
  early.pass(1_000);
  equal(early.mesh.bounds().find(({ name }) => name === 'mesh candidates of a lookup')?.size, 1);
});

test('who is named as nearer is dialled, its FIND rides in the greeting, and those found are kept', () => {
  const one = new One();
  const [near, farthest] = [nearest.slice(0, 3), nearest.at(-1)!];
  opens(one, farthest, farthest);
  one.join(1);
  one.pass(1_000);
  equal(dialled(one.says(farthest, peersOf(tag(1), near.map(at)))), near);
  const greeting = one.mesh.greeting(peer(near[0]!));
  ok(greeting.some((frame) => frame.kind === 'find' && frame.tag === tag(1)));
  for (const n of near) {
    equal(asked(one.give({ kind: 'up', peer: peer(n), address: far(n), said: greeting }), tag(1)), [], 'it was asked with the first datagram');
    one.says(n, openHello());
  }
  const outputs = near.flatMap((n) => one.says(n, peersOf(tag(1))));
  opens(one, 101, 120);
  equal(only([...outputs, ...one.pass(0).map(({ output }) => output)], 'drop'), []);
});

test('who was asked on the way and not found is let go, if there are neighbours enough and it shares no topic', () => {
  const one = new One();
  for (const n of nearest.slice(50)) opens(one, n, n);
  one.join(1);
  let reached = dialled(one.pass(1_000));
  const visited: number[] = [];
  const dropped: number[] = [];
  const namesOf = (n: number): readonly PeerAddress[] => {
    const first = Math.max(0, nearest.indexOf(n) - 20);
    return nearest.slice(first, first + 4).map(at);
  };
  for (const n of nearest.slice(50)) reached = [...reached, ...dialled(one.says(n, peersOf(tag(1), namesOf(n))))];
  for (let next = reached[0]; next !== undefined; next = reached[0]) {
    visited.push(next);
    const outputs = [...one.up(next, far(next)), ...one.says(next, openHello(...(visited.length === 1 ? [1] : []))), ...one.says(next, peersOf(tag(1), namesOf(next)))];
    dropped.push(...only(outputs, 'drop').map(({ peer: id }) => numberOf(id)));
    reached = [...reached.slice(1), ...dialled(outputs)];
  }
  ok(visited.length > 5, `${visited.length} visited`);
  const kept = visited.filter((n) => !dropped.includes(n));
  equal(kept.sort((a, b) => a - b), [visited[0]!, ...nearest.slice(0, 3)].sort((a, b) => a - b), 'the nearest three, and one that subscribes');
});

test('who was asked and comes up when its question is over is let go as well', () => {
  const one = new One();
  const [late = 0, farthest] = [nearest[0], nearest.slice(50)];
  for (const n of farthest) opens(one, n, n);
  one.join(1);
  one.pass(1_000);
  const dials = farthest.flatMap((n) => dialled(one.says(n, peersOf(tag(1), [at(late)]))));
  equal(dials, [late]);
  one.pass(2_500);
  equal(only(one.up(late, far(late)), 'drop').map(({ peer: id }) => numberOf(id)), [late]);
});

test('when one of those found is lost the next lookup begins within 7.5 s, when it is let go or refuses not before 5 min', () => {
  for (const [why, isSoon] of [['lost', true], ['refused', false], ['let-go', false]] as const) {
    const one = withFound();
    one.give({ kind: 'down', peer: peer(1), why });
    const lookup = (): number => one.mesh.bounds().find(({ name }) => name === 'mesh candidates of a lookup')!.size;
    let begunMs: number | null = null;
    for (let ms = 0; ms <= 300_000 && begunMs === null; ms += 100) {
      one.pass(100);
      if (lookup() > 0) begunMs = ms;
    }
    if (isSoon) ok(begunMs !== null && begunMs >= 2_400 && begunMs <= 7_500, `after ${begunMs} ms`);
    else is(begunMs, null, why);
  }
});

test('a lookup is repeated after 10 min, moved by up to half', () => {
  const one = withFound();
  let begunMs = 0;
  while (one.mesh.bounds().find(({ name }) => name === 'mesh candidates of a lookup')!.size === 0 && begunMs < 1_000_000) {
    one.pass(1_000);
    begunMs += 1_000;
  }
  ok(begunMs >= 299_000 && begunMs <= 901_000, `after ${begunMs} ms`);
});

test('an open peer looks itself up, with a FIND that has no tag, and no longer when it is not open any more', () => {
  const one = new One();
  opens(one, 1, 3);
  one.pass(600_000);
  one.give({ kind: 'self', addresses: [], mapping: 'independent', filtering: 'independent', openAt: far(99) });
  const lookup = (): number => one.mesh.bounds().find(({ name }) => name === 'mesh candidates of a lookup')!.size;
  const said = one.pass(1_000);
  equal([...new Set(asked(said, null))].sort(), [1, 2, 3]);
  is(lookup(), 3);
  one.give({ kind: 'self', addresses: [], mapping: 'unknown', filtering: 'unknown' });
  is(lookup(), 0);
});

test('FIND is answered with the open neighbours nearest to the topic, or to the asker where no topic is named; never with others', () => {
  const one = new One();
  opens(one, 1, 40);
  one.up(60, far(60));
  one.says(60, helloOf([1]));
  const closer = (subject: Peers['tag'], asker = 60): readonly string[] => {
    const answer = one.mesh.answer({ peer: peer(asker), address: far(asker) }, { kind: 'find', tag: subject });
    return answer?.kind === 'peers' ? answer.closer.map(({ peer: id }) => id) : [];
  };
  const open = Array.from({ length: 40 }, (_, n) => at(n + 1));
  const target = positionOfPeer(peer(60), far(60));
  equal(closer(null), open.map(placed).sort(byDistance(target)).slice(0, 4).map(({ peer: id }) => id));
  is(closer(tag(1), 77).length, 4);
  ok(!closer(null, 5).includes(peer(5)), 'never the asker');
  // what others named is nobody's contact, until it answers itself
  one.join(2);
  one.pass(1_000);
  for (let n = 1; n <= 40; n += 1) one.says(n, peersOf(tag(2), [at(200)]));
  const all = new Set(Array.from({ length: 100 }, (_, n) => closer(null, 300 + n)).flat());
  ok(!all.has(peer(200)) && !all.has(peer(60)) && all.size > 10);
});

test('a contact at an address that the asker may not hear of is not named', () => {
  const one = new One();
  one.up(1, parseAddress('192.168.1.1:4000')!);
  one.says(1, openHello());
  const closerTo = (address: string): number => {
    const answer = one.mesh.answer({ peer: peer(9), address: parseAddress(address)! }, { kind: 'find', tag: null });
    return answer?.kind === 'peers' ? answer.closer.length : 0;
  };
  is(closerTo('192.168.1.2:4000'), 1);
  is(closerTo('198.51.100.1:4000'), 0);
});

test('who says that it is not open any more, or does not answer, is named no longer', () => {
  const one = new One();
  opens(one, 1, 2);
  const names = (): number => {
    const answer = one.mesh.answer({ peer: peer(9), address: far(9) }, { kind: 'find', tag: null });
    return answer?.kind === 'peers' ? answer.closer.length : 0;
  };
  is(names(), 2);
  one.says(1, helloOf([]));
  is(names(), 1);
  one.give({ kind: 'down', peer: peer(2) });
  is(names(), 0);
});

test('of the guests of a topic that is not its own a peer keeps 128', () => {
  const one = new One();
  const outputs = one.links(1, 128, 7);
  equal(only(outputs, 'drop'), []);
  const [gone, ...others] = only(one.links(129, 129, 7), 'drop');
  ok(gone !== undefined && others.length === 0);
});

test('a peer that a lookup found is not let go when the topic has too many links', () => {
  const one = withFound();
  for (const n of [1, 2, 3]) one.says(n, openHello(1));
  one.links(4, 16);
  for (let n = 17; n < 60; n += 1) {
    for (const { peer: gone } of [...only(one.links(n, n), 'drop'), ...only(one.pass(10_000).map(({ output }) => output), 'drop')]) {
      ok(numberOf(gone) > 3, `${numberOf(gone)} goes`);
      one.give({ kind: 'down', peer: gone, why: 'let-go' });
    }
  }
});

test('where many subscribers are known a peer does not stay to be found', () => {
  const one = new One();
  opens(one, 1, 3);
  one.join(1);
  one.pass(1_000);
  const names = Array.from({ length: 8 }, (_, n) => at(100 + n));
  for (const n of [1, 2, 3]) one.says(n, { ...peersOf(tag(1)), peers: names });
  one.pass(0);
  one.give({ kind: 'down', peer: peer(1) });
  equal(dialled(one.pass(60_000)), [], 'no lookup because of its loss');
});

test('of the introducers that nothing needs two stay, and without any the lookups begin anew', () => {
  const one = new One();
  const gone = new Set<number>();
  for (let n = 1; n <= 5; n += 1) {
    one.give({ kind: 'up', peer: peer(n), address: far(n), isDialled: true });
    one.says(n, openHello());
  }
  for (let n = 6; n <= 14; n += 1) one.up(n);
  for (let seconds = 0; seconds < 600; seconds += 1) {
    for (const { peer: id } of only(one.pass(1_000).map(({ output }) => output), 'drop')) {
      gone.add(numberOf(id));
      one.give({ kind: 'down', peer: id, why: 'let-go' });
    }
  }
  is(gone.size, 3);
  ok([...gone].every((n) => n <= 5), 'none that came by itself, and none that is not open');

  const alone = withFound();
  for (const n of [1, 2, 3]) alone.give({ kind: 'down', peer: peer(n), why: 'let-go' });
  ok(dialled(alone.pass(200_000)).length > 0);
});

test('who has a topic keeps nobody that nothing needs, beyond eight neighbours', () => {
  const one = new One();
  one.join(1);
  for (let n = 1; n <= 12; n += 1) {
    one.give({ kind: 'up', peer: peer(n), address: far(n), isDialled: n <= 6 });
    one.says(n, helloOf([n <= 2 || n > 6 ? 1 : 2]));
  }
  const gone = only(one.pass(46_000).map(({ output }) => output), 'drop').map(({ peer: id }) => numberOf(id));
  equal([...new Set(gone)].sort(), [3, 4, 5, 6], 'neither links nor who came by itself');
});

test.run();
