import { after, instant, parseAddress } from '@srp/machine';
import { type MeshOutput, topicsMoveAt } from '@srp/mesh';
import { type PeerAddress } from '@srp/wire';
import { test } from 'uvu';
import { equal, is, ok } from 'uvu/assert';
import { askedToKeepMs, dutyAgainMs, dutyUptimeMs, keepersFirst, keepersWanted, keeperSessionMs, seeksMax } from '../dist/constants.js';
import { byDistance, daysAt, placed, positionOfPeer, positionOfTopic } from '../dist/routing/position.js';
import { only, packet, peer, start, tag } from './net.js';
import { helloOf, introducedHello, numberOf, One, openHello } from './one.js';

/** Each in a /16 of its own. */
const far = (n: number) => parseAddress(`${20 + (n >> 8)}.${n & 0xff}.1.1:4000`)!;
const at = (n: number): PeerAddress => ({ peer: peer(n), address: far(n) });
const position = positionOfTopic(tag(1), daysAt(start)[0]!);
/** Peers 1..60, the nearest to topic 1 first. */
const nearest = Array.from({ length: 60 }, (_, n) => placed(at(n + 1))).sort(byDistance(position)).map(({ peer: id }) => numberOf(id));

const opens = (one: One, numbers: readonly number[]): void => {
  for (const n of numbers) {
    one.up(n, far(n));
    one.says(n, openHello());
  }
};
const describe = (one: One, reach: 'open' | 'introduced' | 'hard', self = far(0xfff)): readonly MeshOutput[] =>
  one.give({ kind: 'self', addresses: [self], mapping: reach === 'hard' ? 'dependent' : 'independent', filtering: reach === 'open' ? 'independent' : 'dependent', openAt: reach === 'open' ? self : null });
const keepersIn = (outputs: readonly MeshOutput[]) => only(outputs, 'keepers')[0];
const asked = (outputs: readonly MeshOutput[]): readonly number[] => outputs.flatMap((output) => (output.kind === 'frame' && output.frame.kind === 'find' && output.frame.tag === tag(1) ? [numberOf(output.to)] : []));

/** Seeks the keepers of topic 1; everyone answers with the four nearest that it knows of, who are all of `known`. */
const seek = (one: One, known: readonly number[], subscribersOf: (n: number) => number = () => 0): readonly MeshOutput[] => {
  const outputs = [...one.give({ kind: 'seek', tag: tag(1) })];
  for (const output of outputs) { // it grows meanwhile
    if (output.kind === 'reach' && output.address !== undefined) {
      const n = numberOf(output.peer);
      outputs.push(...one.up(n, far(n)), ...one.says(n, openHello()));
    }
    for (const n of asked([output])) {
      const peers = Array.from({ length: subscribersOf(n) }, (_, i) => at(200 + i));
      outputs.push(...one.says(n, { kind: 'peers', tag: tag(1), peers, closer: known.filter((other) => other !== n).slice(0, 4).map(at) }));
      // nobody names himself, so that the fifth and the following are heard of from others too
      outputs.push(...one.pass(0).map(({ output: later }) => later));
    }
  }
  return outputs;
};

test('the eight nearest that answer keep a topic, whoever seeks them, and are neighbours then', () => {
  const one = new One();
  opens(one, nearest.slice(5, 20));
  const outputs = seek(one, nearest);
  equal(keepersIn(outputs)?.peers.map(numberOf), nearest.slice(0, keepersFirst));
  equal(keepersIn(outputs)?.spares.map(numberOf), nearest.slice(keepersFirst, keepersWanted), 'two stand behind the nearest six');
  for (const n of nearest.slice(0, keepersWanted)) ok(one.mesh.neighbours().some((neighbour) => neighbour.peer === peer(n)), `${n} is a neighbour`);
  equal(keepersIn(outputs)?.strangers, [], 'eight are enough');
});

test('sessions that a seek made are let go 15 s after it, where nothing else needs them', () => {
  const one = new One();
  opens(one, nearest.slice(5, 20));
  const made = only(seek(one, nearest), 'reach').map(({ peer: id }) => numberOf(id));
  const droppedIn = (ms: number): readonly number[] => only(one.pass(ms).map(({ output }) => output), 'drop').map(({ peer: id }) => numberOf(id));
  ok(made.length >= 5);
  equal(droppedIn(keeperSessionMs - 1), []);
  equal([...droppedIn(1)].sort(), [...made].sort());
});

test('who knows nobody open finds other neighbours instead, three at most; and nobody, if it has none', () => {
  const alone = new One();
  equal(keepersIn(alone.give({ kind: 'seek', tag: tag(1) })), { kind: 'keepers', tag: tag(1), peers: [], spares: [], strangers: [], isNear: false, isCrowded: false });
  const one = new One();
  one.up(1);
  one.says(1, helloOf([1]));
  for (let n = 2; n <= 6; n += 1) one.up(n);
  const { peers, strangers } = keepersIn(one.give({ kind: 'seek', tag: tag(1) }))!;
  equal(peers, []);
  is(strangers.length, 3);
  ok(!strangers.includes(peer(1)), 'who subscribes is no stranger');
});

test('a peer takes part in keeping a topic while it knows of fewer than 16 that are nearer, and only if it is open', () => {
  const one = new One();
  const self = far(0xfff);
  const nearer = Array.from({ length: 1_000 }, (_, n) => placed({ peer: peer(n + 1), address: far(n + 1) })).filter((other) => byDistance(position)(other, placed({ peer: peer(0xfff), address: self })) < 0);
  is(one.mesh.keeps(start, tag(1)), false, 'it is not open');
  describe(one, 'open', self);
  one.pass(6_001);
  const numbers = nearer.map(({ peer: id }) => numberOf(id));
  ok(numbers.length > 16);
  opens(one, numbers.slice(0, 15));
  is(one.mesh.keeps(start, tag(1)), true);
  opens(one, numbers.slice(15, 16));
  is(one.mesh.keeps(start, tag(1)), false);
  one.says(numbers[1]!, { ...openHello(), keepsNothing: true });
  is(one.mesh.keeps(start, tag(1)), true, 'nor does one that keeps nothing');
  one.says(numbers[1]!, openHello());
  one.give({ kind: 'down', peer: peer(numbers[0]!), why: 'lost' });
  is(one.mesh.keeps(start, tag(1)), true, 'one that failed does not count');
  ok(positionOfPeer(peer(0xfff), self).length === 64);
});

test('who comes where those near it keep does so after half an hour, elsewhere at once, and says when it does not', () => {
  const denies = (one: One): boolean => one.mesh.greeting(peer(1)).some((frame) => frame.kind === 'hello' && frame.keepsNothing === true);
  for (const [unwilling, keeps] of [[1, false], [2, true]] as const) {
    const one = new One();
    const others = nearest.slice(20, 23);
    opens(one, others);
    for (const n of others.slice(0, unwilling)) one.says(n, { ...openHello(), keepsNothing: true });
    describe(one, 'open');
    for (const { output } of one.pass(1_500)) {
      if (output.kind === 'frame' && output.frame.kind === 'find' && output.frame.tag === null) one.says(numberOf(output.to), { kind: 'peers', tag: null, peers: [], closer: [] });
    }
    one.pass(6_001);
    equal([denies(one), one.mesh.keeps(one.now, tag(1))], [!keeps, keeps], `${unwilling} of the three nearest keep nothing`);
    one.pass(dutyUptimeMs + 2 * dutyAgainMs);
    is(one.mesh.keeps(one.now, tag(1)), true);
  }
  const alone = new One();
  opens(alone, [1]);
  describe(alone, 'open');
  is(denies(alone), true, 'it has not decided yet');
  alone.pass(6_001);
  equal([denies(alone), alone.mesh.keeps(alone.now, tag(1))], [false, true], 'hardly anybody is there');
  const none = new One(1, 'none');
  describe(none, 'open');
  opens(none, [1]);
  none.pass(6_001);
  equal([denies(none), none.mesh.keeps(none.now, tag(1))], [true, false]);
  none.pass(2 * dutyUptimeMs);
  is(none.mesh.keeps(none.now, tag(1)), false, 'it never does');
});

test('who waits before it keeps stands near what it will keep, so that it lets go of nothing that it kept before; who keeps nothing at all does not', () => {
  for (const [custody, isNear] of [['keepers', true], ['none', false]] as const) {
    const one = new One(1, custody);
    describe(one, 'open');
    opens(one, nearest.slice(0, 8));
    is(one.mesh.keeps(one.now, tag(1)), false, 'it has just started');
    is(keepersIn(seek(one, nearest))?.isNear, isNear, custody);
  }
  const far = new One();
  describe(far, 'introduced');
  opens(far, nearest.slice(0, 8));
  is(keepersIn(seek(far, nearest))?.isNear, false, 'a peer behind a NAT that was not asked will not keep it');
});

test('a peer behind a NAT keeps the topics of which it was asked lately, if it keeps anything and others can be introduced to it', () => {
  for (const [reach, custody, keeps] of [['introduced', 'keepers', true], ['introduced', 'none', false], ['hard', 'keepers', false]] as const) {
    const one = new One(1, custody);
    describe(one, reach);
    opens(one, [1]);
    one.says(1, { kind: 'find', tag: tag(1) });
    is(one.mesh.keeps(one.now, tag(1)), false, 'it was asked something else');
    one.says(1, { kind: 'find', tag: tag(1), keepers: true });
    equal([one.mesh.keeps(one.now, tag(1)), one.mesh.keeps(one.now, tag(2))], [keeps, false], `${reach}, ${custody}`);
    is(one.mesh.greeting(peer(1)).some((frame) => frame.kind === 'hello' && frame.keepsNothing === true), reach === 'introduced' && !keeps);
    one.pass(askedToKeepMs);
    is(one.mesh.keeps(one.now, tag(1)), false);
  }
});

test('of those that answer only who may keep objects counts, and the next ones are asked instead', () => {
  const one = new One();
  const unwilling = nearest.slice(0, 10).filter((_, n) => n % 3 === 0);
  opens(one, nearest.slice(0, 20));
  for (const n of unwilling) one.says(n, { ...openHello(), keepsNothing: true });
  const { peers, spares } = keepersIn(seek(one, nearest))!;
  equal([...peers, ...spares].map(numberOf), nearest.filter((n) => !unwilling.includes(n)).slice(0, keepersWanted));
});

test('around midnight the nearest six to each of the two positions keep a topic, and two stand behind each', () => {
  const one = new One();
  const known = nearest.slice(0, 30);
  opens(one, known);
  one.now = topicsMoveAt(start);
  const towards = (day: number): readonly number[] => known.map((n) => placed(at(n))).sort(byDistance(positionOfTopic(tag(1), day))).map(({ peer: id }) => numberOf(id));
  const [before, after] = daysAt(one.now).map(towards) as [readonly number[], readonly number[]];
  const first = new Set([...before.slice(0, keepersFirst), ...after.slice(0, keepersFirst)]);
  const behind = new Set([...before.slice(keepersFirst, keepersWanted), ...after.slice(keepersFirst, keepersWanted)].filter((n) => !first.has(n)));
  const { peers, spares } = keepersIn(seek(one, known))!;
  equal(new Set(peers.map(numberOf)), first);
  equal(new Set(spares.map(numberOf)), behind);
});

test('where fewer than four open peers keep, those behind NATs make up the number that they introduce, nearest first', () => {
  const one = new One();
  const [open, behind] = [nearest.slice(30, 33), nearest.slice(0, 12)];
  opens(one, open);
  one.give({ kind: 'seek', tag: tag(1) });
  const again = open.flatMap((n) => one.says(n, { kind: 'peers', tag: tag(1), peers: [], closer: [] }));
  equal(only(again, 'frame').filter(({ frame }) => frame.kind === 'find' && frame.keepers === true).map(({ to }) => numberOf(to)).sort(), [...open].sort(), 'they are asked whom they could introduce');
  // all three tell of those behind NATs; the third lies
  const outputs = open.flatMap((n, index) => one.says(n, { kind: 'peers', tag: tag(1), peers: [], closer: [], keepers: (index === 2 ? [500, 501] : behind.slice(0, 8)).map(at) }));
  const reached: number[] = [];
  const found = [...outputs];
  for (const output of found) {
    if (output.kind === 'reach') {
      const n = numberOf(output.peer);
      reached.push(n);
      is(output.address, undefined, 'who introduces it knows where it is');
      equal(output.via.map(numberOf), n >= 500 ? [open[2]] : open.slice(0, 2));
      if (n < 500) found.push(...one.up(n, far(n)), ...one.says(n, introducedHello(n === behind[0] ? { keepsNothing: true } : {})));
    }
    for (const n of asked([output])) found.push(...one.says(n, { kind: 'peers', tag: tag(1), peers: [], closer: [] }));
  }
  const later = one.pass(10_000).map(({ output }) => output);
  equal([...keepersIn([...found, ...later])!.peers.map(numberOf)].sort(), [...open, ...behind.slice(1, 6)].sort(), 'eight in all, without the one that keeps nothing');
  ok(reached.length <= 12);
});

test('neighbours behind NATs are named to who asks for keepers of a topic, nearest first', () => {
  const one = new One();
  const behind = nearest.slice(0, 12);
  for (const n of behind) {
    one.up(n, far(n));
    one.says(n, introducedHello(n === behind[1] ? { keepsNothing: true } : {}));
  }
  one.up(99, far(99));
  const answer = (subject = tag(1) as ReturnType<typeof tag> | null, keepers = true): readonly number[] | undefined =>
    only(one.says(99, { kind: 'find', tag: subject, ...(keepers ? { keepers } : {}) }), 'frame').flatMap(({ frame }) => (frame.kind === 'peers' ? [frame.keepers?.map(({ peer: id }) => numberOf(id))] : []))[0];
  equal(answer(), behind.filter((_, n) => n !== 1).slice(0, 8));
  is(answer(null), undefined, 'not to who asks about no topic');
  is(answer(tag(1), false), undefined, 'nor to who does not ask for them');
});

test('where most keepers know as many subscribers as they can name, the topic needs nobody to keep it', () => {
  for (const [crowded, expected] of [[3, false], [5, true]] as const) {
    const one = new One();
    opens(one, nearest.slice(0, 20));
    is(keepersIn(seek(one, nearest, (n) => (nearest.indexOf(n) < crowded ? 8 : 0)))?.isCrowded, expected);
  }
});

test('the author of a topic of few pushes to the keepers that are its neighbours and to one stranger, three in all at least', () => {
  const one = new One();
  opens(one, nearest.slice(0, 3));
  for (let n = 101; n <= 105; n += 1) one.up(n, far(n));
  one.join(1);
  const strangersOf = (pushed: readonly number[]): readonly number[] => pushed.filter((n) => n > 100);
  is(strangersOf(one.comes(1, null)).length + one.comes(2, null).filter((n) => n <= 100).length >= 3, true, 'nobody is found yet');
  one.pass(1_000);
  for (const n of nearest.slice(0, 3)) one.says(n, { kind: 'peers', tag: tag(1), peers: [], closer: [] });
  const pushed = one.comes(3, null);
  equal(pushed.filter((n) => n <= 100), [...nearest.slice(0, 3)].sort((a, b) => a - b));
  is(strangersOf(pushed).length, 1);
  equal([...one.mesh.keepersOf(tag(1))].map(numberOf).sort(), [...nearest.slice(0, 3)].sort());
  ok(packet(3).length > 0);
});

test('names alone do not make a topic one of many: who names subscribers may lie', () => {
  const one = new One();
  opens(one, [1]);
  one.join(1);
  one.says(1, { kind: 'peers', tag: tag(1), peers: Array.from({ length: 8 }, (_, n) => at(200 + n)), closer: [] });
  is(one.mesh.isCold(tag(1)), true);
  one.links(101, 103);
  is(one.mesh.isCold(tag(1)), false, 'three links and the names of five others');
  one.pass(60_000);
  is(one.mesh.isCold(tag(1)), true, 'who was tried in vain does not count');
});

test('a PEERS about a topic whose keepers are sought adds no candidates to connect', () => {
  const one = new One();
  opens(one, [1]);
  one.give({ kind: 'seek', tag: tag(1) });
  one.says(1, { kind: 'peers', tag: tag(1), peers: [at(200)], closer: [] });
  is(one.mesh.bounds().find(({ name }) => name === 'mesh candidates')?.size, 0);
});

test('who asks is told of the four nearest open peers, and of as many that may keep objects', () => {
  const one = new One();
  opens(one, nearest.slice(0, 20));
  const answer = (): readonly number[] => only(one.says(nearest[19]!, { kind: 'find', tag: tag(1) }), 'frame').flatMap(({ frame }) => (frame.kind === 'peers' ? frame.closer.map(({ peer: id }) => numberOf(id)) : []));
  equal(answer(), nearest.slice(0, 4));
  for (const n of nearest.slice(0, 3)) one.says(n, { ...openHello(), keepsNothing: true });
  equal(answer(), nearest.slice(0, 7));
});

test('so many seeks are under way and no more, the first one goes', () => {
  const one = new One();
  opens(one, [1]);
  for (let n = 1; n <= seeksMax + 3; n += 1) one.give({ kind: 'seek', tag: tag(n) });
  is(one.mesh.bounds().find(({ name }) => name === 'mesh keepers sought')?.size, seeksMax);
});

test('topics begin to move half an hour before midnight', () => {
  const midnight = 20_779 * 86_400_000;
  for (const [minutes, next] of [[-31, -30], [-30, 1_410], [0, 1_410], [1_409, 1_410]] as const) is(topicsMoveAt(instant(midnight + minutes * 60_000)), midnight + next * 60_000);
  ok(topicsMoveAt(start) > start && topicsMoveAt(start) <= after(start, 86_400_000));
});

test.run();
