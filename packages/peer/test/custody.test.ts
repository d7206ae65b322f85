import { seededRandom } from '@srp/identity';
import { after, type Instant, instant, type PacketId, type PeerId, type ShortId, shortIdOf, type TopicTag, wakeup } from '@srp/machine';
import { test } from 'uvu';
import { equal, is, ok } from 'uvu/assert';
import { attendedMs, custodyJitter, custodyTopicsMax, hurryAgainMaxMs, hurryAgainMs, hurryFactor, joinSoonMs, memoryPeriodMs, offersPerRound, poorAgainMax, poorAgainMs, restoredShare, roundMs, roundRate, roundRetryMs, roundsMax } from '../dist/constants.js';
import { Custody, type CustodyInput, type CustodyOutput } from '../dist/protocol/custody.js';

const start = instant(1_800_000_000_000);
const dayMs = 86_400_000;
const periodMs = dayMs / 16;
const tag = (n: number): TopicTag => n.toString(16).padStart(16, '0') as TopicTag;
const peer = (n: number): PeerId => n.toString(16).padStart(64, '0') as PeerId;
const id = (n: number): PacketId => n.toString(16).padStart(8, '0').padEnd(32, '0') as PacketId;
const keepers = (...numbers: readonly number[]): readonly PeerId[] => numbers.map(peer);

/** Custody over a table of what is held of each topic, with a clock of its own. */
class Desk {
  now: Instant = start;
  readonly held = new Map<TopicTag, PacketId[]>();
  readonly own = new Set<TopicTag>();
  readonly hot = new Set<TopicTag>();
  readonly attended = new Set<TopicTag>();
  readonly lives = new Map<TopicTag, 1 | 2 | 3>();
  readonly unkept = new Set<ShortId>();
  readonly mine = new Set<PacketId>();
  movesAt: Instant = after(start, 1e12);
  /** How often custody has looked something up. */
  lookups = { isOwn: 0, life: 0 };
  /** Sees each output when it comes, and may answer. */
  onOutput: (output: CustodyOutput) => void = () => undefined;
  readonly custody: Custody;

  constructor(keepsOnDisk = true) {
    this.custody = new Custody({
      keepsOnDisk,
      random: seededRandom(new Uint8Array(32).fill(3)),
      store: {
        idsOf: (of) => this.held.get(of) ?? [],
        shortestLifeOf: (of) => {
          this.lookups.life += 1;
          return (this.held.get(of)?.length ?? 0) > 0 ? (this.lives.get(of) ?? 2) : null;
        },
        mayKeep: (short) => !this.unkept.has(short),
        isForOthers: (one) => !this.mine.has(one),
        isOwn: (of) => {
          this.lookups.isOwn += 1;
          return this.own.has(of);
        },
        isCold: (of) => !this.hot.has(of),
        isAttended: (of) => this.attended.has(of),
        movesAt: () => this.movesAt,
      },
    });
  }

  give(input: CustodyInput): readonly CustodyOutput[] {
    return this.custody.handle(this.now, input);
  }

  /** So many objects of a topic come to be held. */
  holds(n: number, ...numbers: readonly number[]): void {
    this.held.set(tag(n), [...(this.held.get(tag(n)) ?? []), ...numbers.map(id)]);
    this.give({ kind: 'held', tag: tag(n), life: this.lives.get(tag(n)) ?? 2 });
  }

  /** Lets time pass; what came out, and how long after the beginning. */
  pass(ms: number): readonly (readonly [number, CustodyOutput])[] {
    const begun = this.now;
    const end = after(this.now, ms);
    const outputs: (readonly [number, CustodyOutput])[] = [];
    for (let at = this.custody.deadline(), rounds = 0; at !== null && at <= end; at = this.custody.deadline(), rounds += 1) {
      if (rounds > 10_000) throw new Error('the deadline does not move on');
      if (at > this.now) this.now = at;
      for (const output of this.give(wakeup)) {
        outputs.push([this.now - begun, output]);
        this.onOutput(output);
      }
    }
    this.now = end;
    return outputs;
  }

  /** When rounds of topic `n` began, while nobody answered. */
  roundsOf(n: number, ms: number): readonly number[] {
    return this.pass(ms).flatMap(([at, output]) => (output.kind === 'seek' && output.tag === tag(n) ? [at] : []));
  }

  found(n: number, peers: readonly PeerId[], { isNear = false, isCrowded = false, spares = [] as readonly PeerId[], strangers = [] as readonly PeerId[] } = {}): readonly CustodyOutput[] {
    return this.give({ kind: 'keepers', tag: tag(n), peers, spares, strangers, isNear, isCrowded });
  }

  compared(n: number, who: number, lacking: readonly number[] = [], isWhole = true): readonly CustodyOutput[] {
    return this.give({ kind: 'compared', peer: peer(who), tag: tag(n), lacking: lacking.map((one) => shortIdOf(id(one))), isWhole });
  }
}

/** One that holds these of topic 1, whose keepers were sought just now. */
const seeking = (...numbers: readonly number[]): Desk => {
  const desk = new Desk();
  desk.holds(1, ...numbers);
  desk.give({ kind: 'hurry', tag: tag(1), afterMs: 0 });
  equal(desk.give(wakeup), [{ kind: 'seek', tag: tag(1) }]);
  return desk;
};
const removed = (outputs: readonly CustodyOutput[]): readonly PacketId[] => outputs.flatMap((output) => (output.kind === 'remove' ? [output.id] : []));

test('a round begins after a sixteenth of the shortest life of what is held, and serves all objects of a topic', () => {
  const desk = new Desk();
  desk.holds(1, 1);
  desk.pass(60_000);
  desk.holds(1, 2, 3);
  const rounds = desk.roundsOf(1, dayMs - 60_000);
  ok(rounds.length >= 12 && rounds.length <= 21, `${rounds.length} rounds`);
  for (const [index, at] of rounds.entries()) {
    const pause = index === 0 ? at + 60_000 : at - rounds[index - 1]!;
    ok(pause >= periodMs * (1 - custodyJitter) && pause <= periodMs * (1 + custodyJitter), `${pause} ms`);
  }
  desk.lives.set(tag(2), 1);
  desk.holds(2, 9);
  ok(desk.roundsOf(2, periodMs / 4 * (1 + custodyJitter)).length >= 1, 'six hours of life, 22 min of period');
});

test('who keeps in memory alone has a round each quarter of the time it has been up, 5 to 20 min', () => {
  const desk = new Desk(false);
  desk.holds(1, 1);
  const rounds = desk.roundsOf(1, dayMs);
  const { least, most, share } = memoryPeriodMs;
  ok(rounds.length > 60 && rounds.length < 110, `${rounds.length} rounds in a day`);
  for (const [index, at] of rounds.entries()) {
    const since = rounds[index - 1] ?? 0;
    const period = Math.min(Math.max(least, share * since), most);
    ok(at - since >= period * (1 - custodyJitter) - 1 && at - since <= period * (1 + custodyJitter) + 1, `${at - since} ms at ${since} ms`);
  }
});

test('what is held no more has no round, and a topic of many has none where this peer subscribes', () => {
  const desk = new Desk();
  desk.holds(1, 1);
  desk.held.clear();
  equal(desk.roundsOf(1, dayMs), []);
  is(desk.custody.deadline(), null);
  desk.own.add(tag(2));
  desk.hot.add(tag(2));
  desk.holds(2, 2);
  equal(desk.roundsOf(2, dayMs), []);
  desk.hot.clear();
  ok(desk.roundsOf(2, 2 * periodMs).length >= 1, 'the others have left');
});

test('what a keeper lacks it is offered, no object to more than eight in a round', () => {
  const desk = seeking(1, 2, 3);
  desk.unkept.add(shortIdOf(id(3)));
  const numbers = [11, 12, 13, 14, 15, 16, 17, 18, 19, 20];
  const all = keepers(...numbers);
  equal(desk.found(1, all).map((output) => output.kind === 'compare' && output.peer), all);
  const offers = numbers.map((who) => desk.compared(1, who, who === 11 ? [1, 3] : [1, 2, 3]));
  const offered = offers.map((outputs) => outputs.flatMap((output) => (output.kind === 'offer' ? output.ids : [])));
  equal(offered.map((ids) => ids.includes(shortIdOf(id(1)))), [...Array.from({ length: 8 }, () => true), false, false]);
  equal(offered.map((ids) => ids.includes(shortIdOf(id(2)))), [false, ...Array.from({ length: 8 }, () => true), false]);
  ok(offered.every((ids) => !ids.includes(shortIdOf(id(3)))), 'what must not be kept is not offered');
  is(offersPerRound, 8);
});

test('those behind the nearest keepers are offered, when the round is over, what fewer than three have', () => {
  const order = [18, 11, 12, 13, 17];
  const both = [1, 2];
  /** Who was offered which objects, when these lacked these; the others do not answer. */
  const offered = (...lackedBy: readonly (readonly number[])[]): readonly (readonly [number, readonly number[]])[] => {
    const desk = seeking(1, 2);
    desk.own.add(tag(1));
    desk.found(1, keepers(11, 12, 13), { spares: keepers(17, 18) });
    const outputs = lackedBy.flatMap((lacking, index) => desk.compared(1, order[index]!, lacking));
    return [...outputs, ...desk.pass(roundMs).map(([, output]) => output)].flatMap((output) =>
      output.kind === 'offer' ? [[order.find((who) => peer(who) === output.peer)!, both.filter((n) => output.ids.includes(shortIdOf(id(n))))] as const] : []
    );
  };
  equal(offered(both, both, both, both, both), [[11, both], [12, both], [13, both], [17, both], [18, both]], 'nobody has them');
  equal(offered(both, [], [], [1], both), [[13, [1]], [17, [1]], [18, [1]]], 'two have the first, three the second');
  equal(offered(both, [], [], [], both), [], 'three have both');
  equal(offered(both, []), [[18, both]], 'one has both, and three do not answer');
});

test('who subscribes or keeps the topic itself asks for what it lacks, others do not', () => {
  for (const [isOwn, isNear] of [[false, false], [false, true], [true, false]] as const) {
    const desk = seeking(1);
    if (isOwn) desk.own.add(tag(1));
    equal(desk.found(1, keepers(11), { isNear }), [{ kind: 'compare', peer: peer(11), tag: tag(1), fetches: isOwn || isNear }]);
  }
});

test('who is far from a topic lets go of what three keepers have, and of nothing else', () => {
  const end = (desk: Desk, lackedBy: readonly (readonly number[])[], isWhole = true): readonly PacketId[] => lackedBy.flatMap((lacking, index) => removed(desk.compared(1, 11 + index, lacking, isWhole)));
  const far = seeking(1, 2);
  far.found(1, keepers(11, 12, 13, 14));
  equal(end(far, [[], [2], [], [2]]), [id(1)], 'four have the first, two the second');
  const once = seeking(1, 2);
  once.mine.add(id(1));
  once.found(1, keepers(11, 12, 13));
  equal(end(once, [[], [], []]), [id(2)], 'what it published, though it is in the topic no more, stays');

  const few = seeking(1);
  few.found(1, keepers(11, 12));
  equal(end(few, [[], []]), [], 'two are not enough');
  const near = seeking(1);
  near.found(1, keepers(11, 12, 13), { isNear: true });
  equal(end(near, [[], [], []]), [], 'it keeps the topic itself');
  const own = seeking(1);
  own.own.add(tag(1));
  own.found(1, keepers(11, 12, 13));
  equal(end(own, [[], [], []]), [], 'it subscribes');
  const partly = seeking(1);
  partly.found(1, keepers(11, 12, 13));
  equal(end(partly, [[], [], []], false), [], 'they did not tell all');
  const strange = seeking(1);
  strange.found(1, keepers(11, 12), { strangers: keepers(13) });
  equal(end(strange, [[], [], []]), [], 'strangers are no keepers');

  const silent = seeking(1);
  silent.found(1, keepers(11, 12, 13, 14, 15));
  equal(end(silent, [[], [], []]), [], 'two are still to answer');
  equal(silent.pass(roundMs).flatMap(([, output]) => removed([output])), [id(1)], 'and do not: three have');
  silent.holds(1, 9);
  equal(silent.compared(1, 14), [], 'it is too late');
});

test('what nobody sought, asked or waits for changes nothing', () => {
  const desk = seeking(1);
  equal(desk.found(2, keepers(11)), []);
  equal(desk.compared(1, 11), []);
  desk.found(1, keepers(11));
  equal(desk.found(1, keepers(12)), [], 'it compares already');
  equal(desk.compared(1, 12, [1]), []);
  equal(desk.compared(1, 11, [1]).length, 1);
  equal(desk.compared(1, 11, [1]), []);
});

test('where a topic has many subscribers, who is none hands nothing on', () => {
  const desk = seeking(1);
  equal(desk.found(1, keepers(11, 12), { isCrowded: true }), []);
  equal(desk.compared(1, 11, [1]), []);
  ok(desk.roundsOf(1, 2 * periodMs).length >= 1, 'but looks again');
});

test('publishing into a topic of few hands the object on at once, and then ever more rarely while it goes on', () => {
  const desk = new Desk();
  desk.own.add(tag(1));
  const rounds: number[] = [];
  for (let n = 0; n < 720; n += 1) {
    desk.holds(1, n);
    desk.give({ kind: 'hurry', tag: tag(1), afterMs: 0 });
    for (const [at, output] of desk.pass(10_000)) {
      if (output.kind === 'seek') rounds.push(n * 10_000 + at);
      desk.found(1, keepers(11, 12, 13));
      for (const who of [11, 12, 13]) desk.compared(1, who);
    }
  }
  const [pause, longest] = [hurryAgainMs, hurryAgainMaxMs];
  const second = pause + hurryFactor * pause;
  const third = second + hurryFactor ** 2 * pause;
  equal(rounds, [0, pause, second, third, third + longest, third + 2 * longest, third + 3 * longest]);
  desk.pass(2 * longest);
  desk.give({ kind: 'hurry', tag: tag(1), afterMs: 0 });
  is(desk.roundsOf(1, 1_000).length, 1, 'after a rest it is handed on at once again');
});

test('who joins a topic of which it holds nothing asks its keepers ten seconds later, and no more after that', () => {
  const desk = new Desk();
  desk.own.add(tag(1));
  desk.give({ kind: 'hurry', tag: tag(1), afterMs: joinSoonMs });
  const [at, ...more] = desk.pass(dayMs).flatMap(([when, output]) => (output.kind === 'seek' ? (desk.found(1, keepers(11, 12, 13)), [when]) : []));
  ok(at !== undefined && at >= joinSoonMs * (1 - custodyJitter) && at <= joinSoonMs * (1 + custodyJitter), `${at} ms`);
  equal(more, []);
});

test('what was on the disk is handed on within a quarter of a period, not all at once', () => {
  const desk = new Desk();
  for (let n = 1; n <= 100; n += 1) desk.held.set(tag(n), [id(n)]);
  desk.give({ kind: 'restored', tags: desk.held.keys() });
  const begun = new Map<TopicTag, number>();
  desk.onOutput = (output) => {
    if (output.kind !== 'seek') return;
    desk.give({ kind: 'keepers', tag: output.tag, peers: keepers(11), spares: [], strangers: [], isNear: false, isCrowded: false });
    desk.give({ kind: 'compared', peer: peer(11), tag: output.tag, lacking: [], isWhole: true });
  };
  for (const [at, output] of desk.pass(periodMs * (1 + custodyJitter) * restoredShare + 10_000)) if (output.kind === 'seek') begun.set(output.tag, at);
  is(begun.size, 100);
  ok([...begun.values()].filter((at) => at < 60_000).length < 20);
});

test('in the half hour before a topic moves there is a round', () => {
  const desk = new Desk();
  desk.movesAt = after(start, 20 * 60_000);
  desk.holds(1, 1);
  const [first] = desk.roundsOf(1, 50 * 60_000);
  ok(first !== undefined && first >= 20 * 60_000, `${first} ms`);
});

test('rounds have a rate, and those of own topics come first', () => {
  const desk = new Desk();
  for (let n = 1; n <= 50; n += 1) {
    desk.holds(n, n);
    desk.give({ kind: 'hurry', tag: tag(n), afterMs: 0 });
  }
  desk.own.add(tag(50));
  const order: TopicTag[] = [];
  for (let seconds = 0; seconds < 20; seconds += 1) {
    for (const [, output] of desk.pass(1_000)) {
      if (output.kind !== 'seek') continue;
      order.push(output.tag);
      ok((desk.custody.bounds().find(({ name }) => name === 'custody rounds')?.size ?? 0) <= roundsMax);
      desk.give({ kind: 'keepers', tag: output.tag, peers: keepers(11), spares: [], strangers: [], isNear: false, isCrowded: true });
      desk.give({ kind: 'keepers', tag: output.tag, peers: [], spares: [], strangers: [], isNear: false, isCrowded: false });
    }
  }
  is(order[0], tag(50));
  ok(order.length <= roundRate.burst + 20 * roundRate.perSecond + 1, `${order.length} rounds in 20 s`);
  ok(order.length > 8, `${order.length} rounds in 20 s`);
});

test('with nobody there it tries again ten seconds later', () => {
  const desk = seeking(1);
  equal(desk.found(1, []), []);
  const [again] = desk.roundsOf(1, roundRetryMs * (1 + custodyJitter));
  ok(again !== undefined && again >= roundRetryMs * (1 - custodyJitter), `${again} ms`);
});

test('where hardly anybody keeps a topic it is looked again within seconds, ever more rarely, until somebody does', () => {
  const poor = (answer: (count: number) => readonly PeerId[]): readonly number[] => {
    const desk = new Desk();
    desk.own.add(tag(1));
    desk.holds(1, 1);
    desk.give({ kind: 'hurry', tag: tag(1), afterMs: 0 });
    const begun: number[] = [];
    desk.onOutput = (output) => {
      if (output.kind !== 'seek') return;
      const peers = answer(begun.length);
      begun.push(desk.now - start);
      desk.give({ kind: 'keepers', tag: tag(1), peers, spares: [], strangers: peers.length < 3 ? keepers(21) : [], isNear: false, isCrowded: false });
      for (const who of [11, 12, 13, 21]) desk.compared(1, who);
    };
    desk.pass(3_600_000);
    return begun;
  };
  const never = poor(() => keepers(11));
  is(never.length, 1 + poorAgainMax);
  for (const [index, at] of never.slice(1).entries()) {
    const pause = poorAgainMs * hurryFactor ** index;
    const passed = at - never[index]!;
    ok(passed >= pause * (1 - custodyJitter) - 1 && passed <= pause * (1 + custodyJitter) + 1, `${passed} ms`);
  }
  is(poor((count) => (count < 1 ? [] : keepers(11, 12, 13))).length, 2);
});

test('a hurried round of a topic that is kept for others waits while somebody is there who subscribes, the round of the period does not', () => {
  const desk = new Desk();
  const begin = (attended: boolean): void => {
    if (attended) desk.attended.add(tag(1));
    else desk.attended.delete(tag(1));
  };
  desk.holds(1, 1);
  begin(true);
  desk.give({ kind: 'hurry', tag: tag(1), afterMs: 0 });
  const asked = desk.pass(600_000);
  equal(new Set(asked.map(([, { kind }]) => kind)), new Set(['ask']), 'no round');
  for (const [n, [at]] of asked.slice(1).entries()) ok(Math.abs(at - asked[n]![0] - attendedMs - hurryAgainMs) <= custodyJitter * hurryAgainMs + 1, 'once in a minute');
  begin(false);
  const [soon] = desk.roundsOf(1, hurryAgainMs * (1 + custodyJitter) + 1);
  ok(soon !== undefined, 'who published is gone');
  begin(true);
  desk.found(1, keepers(11, 12, 13));
  for (const who of [11, 12, 13]) desk.compared(1, who);
  for (let n = 0; n < 180; n += 1) {
    desk.give({ kind: 'hurry', tag: tag(1), afterMs: 30_000 });
    const [at] = desk.roundsOf(1, 60_000);
    if (at === undefined) continue;
    ok((n + 1) * 60_000 >= periodMs * (1 - custodyJitter), `a round in minute ${n}`);
    return;
  }
  ok(false, 'no round in three hours');
});

test('who sees to a topic and does not answer is waited for no longer', () => {
  const desk = new Desk();
  desk.holds(1, 1);
  desk.attended.add(tag(1));
  desk.onOutput = ({ kind }) => kind === 'ask' && desk.attended.delete(tag(1));
  desk.give({ kind: 'hurry', tag: tag(1), afterMs: 0 });
  equal(desk.pass(attendedMs), [
    [0, { kind: 'ask', tag: tag(1) }],
    [attendedMs, { kind: 'seek', tag: tag(1) }],
  ]);
});

test('a search that never ends does not keep others from being looked for', () => {
  const desk = new Desk();
  for (let n = 1; n <= 5; n += 1) {
    desk.holds(n, n);
    desk.give({ kind: 'hurry', tag: tag(n), afterMs: 0 });
  }
  is(new Set(desk.pass(5 * 60_000).flatMap(([, output]) => (output.kind === 'seek' ? [output.tag] : []))).size, 5);
});

test('of topics without number that are due at once each is looked at once in a wakeup, and only as many as may begin are looked into', () => {
  const desk = new Desk();
  for (let n = 0; n < custodyTopicsMax; n += 1) desk.holds(n, n);
  desk.own.add(tag(custodyTopicsMax - 1));
  desk.now = after(desk.now, 2 * periodMs);
  for (let begun = 0; begun < roundsMax; begun = desk.custody.bounds().find(({ name }) => name === 'custody rounds')!.size) {
    desk.lookups = { isOwn: 0, life: 0 };
    const outputs = desk.give(wakeup);
    equal(outputs[0], { kind: 'seek', tag: tag(custodyTopicsMax - 1) }, 'the own one first');
    ok(desk.lookups.isOwn <= custodyTopicsMax + roundsMax + 1, `${desk.lookups.isOwn} looks`);
    ok(desk.lookups.life <= roundsMax + 1, `${desk.lookups.life} topics looked into`);
    ok(desk.custody.deadline()! > desk.now);
  }
});

test.run();
