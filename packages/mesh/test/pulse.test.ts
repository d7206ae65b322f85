/** What a peer does for topics in which something goes on. SPEC, Passing on (M-59). */
import { test } from 'uvu';
import { equal, ok } from 'uvu/assert';
import { linkSilentMs } from '../dist/constants.js';
import { only, peer, tag } from './net.js';
import { One, openHello, type Said } from './one.js';

const outputsOf = (said: readonly Said[]): readonly Said['output'][] => said.map(({ output }) => output);
const asked = (said: readonly Said[]): ReturnType<typeof only<'ask'>> => only(outputsOf(said), 'ask');
const met = (said: readonly Said[]): ReturnType<typeof only<'meet'>> => only(outputsOf(said), 'meet');

/** A peer of topic 1 with links 1..4, which is not new to them. */
const withLinks = (seed = 1): One => {
  const one = new One(seed);
  one.join(1);
  one.links(1, 4);
  one.pass(60_000);
  return one;
};

test('links of a busy topic are asked, if they are silent, every 1 to 3 s until nothing has come for 10 s; those of a quiet one never', () => {
  const one = withLinks();
  equal(asked(one.pass(60_000)), [], 'nothing has come yet');
  one.comes(1, 1);
  const asks = asked(one.pass(60_000));
  ok(asks.length >= 3 && asks.length <= 10, `${asks.length} looks`);
  for (const ask of asks) equal(ask, { kind: 'ask', peers: [1, 2, 3, 4].map(peer), silentMs: linkSilentMs });
  one.announces(2, 2);
  ok(asked(one.pass(4_000)).length > 0, 'word of an object makes it busy again');
});

test('a topic that falls silent is asked about, mostly twice: a link, and an open neighbour that is none', () => {
  let count = 0;
  for (let seed = 1; seed <= 50; seed += 1) {
    const one = withLinks(seed);
    for (const [n, keepsNothing] of [[8, true], [9, false]] as const) {
      one.up(n);
      one.says(n, { ...openHello(), ...(keepsNothing ? { keepsNothing } : {}) });
    }
    one.pass(60_000);
    one.comes(1, 1);
    const from = one.now;
    const said = one.pass(60_000);
    const times = [...new Set(said.filter(({ output }) => output.kind === 'meet').map(({ at }) => at - from))];
    count += times.length;
    ok(times.length <= 2 && times[0]! >= 2_000 && times[0]! <= 5_000 && (times[1] ?? Infinity) - times[0]! >= 4_000 && (times[1] ?? 0) < 10_000, String(times));
    const meets = met(said);
    for (const { tags } of meets) equal(tags, [tag(1)]);
    equal([meets.length, meets.filter(({ peer: id }) => id === peer(9)).length], [2 * times.length, times.length]);
  }
  ok(count > 80, `${count} questions in 50 silences`);
});

test('a topic that speaks now and then is asked about once in 4 s at most', () => {
  for (const everyMs of [2_500, 4_000, 6_000, 9_000]) {
    const one = withLinks();
    const times: number[] = [];
    for (let n = 1; n <= 60; n += 1) {
      one.comes(n, 1);
      times.push(...one.pass(everyMs).filter(({ output }) => output.kind === 'meet').map(({ at }) => at));
    }
    ok(times.length > 10, `${times.length} questions`);
    for (let at = 1; at < times.length; at += 1) ok(times[at]! - times[at - 1]! >= 4_000, `${times[at]! - times[at - 1]!} ms`);
  }
});

test('as long as something comes nobody is asked what there is', () => {
  const one = withLinks();
  for (let n = 1; n <= 30; n += 1) {
    one.comes(n, 1);
    equal(met(one.pass(1_000)), []);
  }
});

test('who leaves a topic looks after it no more', () => {
  const one = withLinks();
  one.comes(1, 1);
  one.give({ kind: 'leave', tag: tag(1) });
  equal([...asked(one.pass(60_000)), ...met(one.pass(60_000))], []);
});

test('a link that announces objects without end, which do not exist, has this peer ask no more often', () => {
  const one = withLinks();
  let asks = 0;
  let meets = 0;
  for (let n = 1; n <= 100; n += 1) {
    one.announces(1, 1_000 + n);
    const said = one.pass(600);
    asks += asked(said).length;
    meets += met(said).length;
  }
  ok(asks <= 60, `${asks} looks in a minute`);
  equal(meets, 0);
  for (let n = 1; n <= 20; n += 1) {
    one.announces(1, 2_000 + n);
    meets += met(one.pass(3_000)).length;
  }
  ok(meets <= 20, `${meets} questions in a minute`);
});

test.run();
