/** The measures, on publishes made by hand. */
import { seededRandom } from '@srp/identity';
import type { PacketId } from '@srp/machine';
import { Network } from '@srp/sim';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Experiment } from '../dist/experiment/experiment.js';
import { exponential, poisson } from '../dist/experiment/draw.js';
import { measure, type Publication } from '../dist/experiment/measure.js';
import { departures, headlineMix, introducersFor } from '../dist/experiment/mix.js';
import { hastened, idleWindows } from '../dist/experiment/plan.js';
import { type Member, Population } from '../dist/experiment/population.js';
import { carryOutAll } from '../dist/jobs.js';
import { quantile, shareOf } from '../dist/report/summary.js';
import { isMet, targetLines } from '../dist/report/targets.js';

const test = suite('measures');
const id = 'packet' as PacketId;
const atMs = 1_000;
const member = (reachedMs: number | null, diedMs: number | null = null): Member =>
  ({ reachedAt: new Map(reachedMs === null ? [] : [[id, atMs + reachedMs]]), endedAtMs: diedMs === null ? null : atMs + diedMs }) as Member;
const publication = (expected: readonly Member[], others: readonly Member[] = []): Publication => {
  const publisher = member(null);
  return { id, phase: 'S0', atMs, publisher, expected, members: [publisher, ...expected, ...others], sent: 4, sentBytes: 2_000, received: 3 };
};

test('T100 is when the last of those who were there was reached or had died', () => {
  const { t100Ms, isComplete, expected, stayed, stayedReached, reached } = measure(publication([member(100), member(700), member(null, 900)], [member(300)]), 10_000, 61_000);
  assert.equal({ t100Ms, isComplete, expected, stayed, stayedReached, reached }, { t100Ms: 900, isComplete: true, expected: 3, stayed: 2, stayedReached: 2, reached: 3 });
});

test('a publish that never reached somebody counts to the end of the run, and says so', () => {
  const { t100Ms, isComplete, stayed, stayedReached } = measure(publication([member(100), member(null)]), 10_000, 61_000);
  assert.equal({ t100Ms, isComplete, stayed, stayedReached }, { t100Ms: 60_000, isComplete: false, stayed: 2, stayedReached: 1 });
});

test('cov(t) counts those who still live at t, the reached and the others', () => {
  const { curve } = measure(publication([member(100), member(200, 1_000), member(null, 2_000), member(3_000)]), 10_000, 61_000);
  assert.equal([0, 100, 200, 1_000, 2_000, 3_000].map((ms) => curve[ms / 50]), [0, 1 / 4, 2 / 4, 1 / 3, 1 / 2, 1]);
});

test('idle is what lies outside the ten seconds after any publish', () => {
  const plan = { phases: [{ name: 'a', fromMs: 0, toMs: 1, publishes: [35_000, 44_000, 70_000] }], endMs: 85_000 };
  assert.equal(idleWindows(plan), [[0, 35_000], [54_000, 70_000], [80_000, 85_000]]);
  assert.equal(idleWindows(hastened(plan, 10)), [[0, 3_500], [5_400, 7_000], [8_000, 8_500]]);
  assert.equal(idleWindows({ ...plan, idleFromMs: 80_000 }), [[80_000, 85_000]]);
});

test('a Poisson process has about as many events as its rate says, all within its time', () => {
  const times = poisson(seededRandom(new Uint8Array(32)), 55_000, 95_000, 0.025);
  assert.ok(Math.abs(times.length - 1_000) < 150, `${times.length} events`);
  assert.ok(times.every((ms, index) => ms >= 55_000 && ms < 95_000 && ms > (times[index - 1] ?? 0)));
});

test('exponential draws have their mean, variance and tail, and are the same on every machine', () => {
  const random = seededRandom(new Uint8Array(32));
  const draws = Array.from({ length: 20_000 }, () => exponential(random));
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  assert.ok(Math.abs(mean(draws) - 1) < 0.03, `mean ${mean(draws)}`);
  assert.ok(Math.abs(mean(draws.map((x) => (x - 1) ** 2)) - 1) < 0.1, 'variance');
  for (const x of [0.1, 0.5, 1, 2, 3]) {
    const above = draws.filter((draw) => draw > x).length / draws.length;
    assert.ok(Math.abs(above - Math.exp(-x)) < 0.015, `${above} of them above ${x}`);
  }
  assert.equal(draws.slice(0, 4), [0.3831647636834532, 0.6438241139985621, 2.5975282799918205, 0.1724875643849373]);
});

test('another world says in what it differs', () => {
  assert.equal(departures(headlineMix, headlineMix), []);
  assert.equal(departures({ ...headlineMix, nodes: 64, loss: 0.2 }, headlineMix), ['nodes 64', 'loss 0.2']);
  assert.equal([16, 128, 1_024, 10_000].map(introducersFor), [4, 4, 32, 313]);
});

test('another world is the one that was asked for', () => {
  const mix = { ...headlineMix, hard: 0.8, subscribed: 0.2 };
  const population = new Population(new Network({ seed: 1 }), mix);
  const members = Array.from({ length: 300 }, () => population.start());
  const share = (is: (member: Member) => boolean): number => members.filter(is).length / members.length;
  for (const [drawn, asked] of [[share(({ nat }) => nat === 'hard'), 0.8], [share(({ nat }) => nat === 'port-restricted'), 0.1], [share(({ isSubscriber }) => isSubscriber), 0.2]] as const) {
    assert.ok(Math.abs(drawn - asked) < 0.06, `${drawn}, asked for ${asked}`);
  }
  const { world } = new Experiment({ seed: 1, mix: { ...mix, nodes: 8, loss: 0.2, burst: 2 }, plan: { phases: [], starts: [0, 100], endMs: 2_000 } }).run();
  assert.equal([world.peers, world.hard <= 8, world.sent > 200], [8, true, true]);
  assert.ok(Math.abs(world.lost / world.sent - 0.2) < 0.07, `${world.lost} of ${world.sent} lost`);
});

test('a share is 1 only if nothing is missing, and 0 of nothing; a target that is missed is shown', () => {
  assert.equal([shareOf(9_999_999, 10_000_000), shareOf(5, 5), shareOf(0, 0)], [0.999999, 1, 0]);
  assert.equal([quantile([3, 1, 2], 0.5), quantile([1, 2], 0.95), quantile([], 0.5)], [2, 2, 0]);
  const target = { what: 'reached', is: 0.99996, atLeast: 1, unit: 'share' } as const;
  assert.not(isMet(target));
  assert.match(targetLines([target]).join(), /MISSED {2}reached +99\.99 % +at least 100\.00 %/);
});

test('a run that ends by an error says why, and counts it', async () => {
  const job = { label: '', mix: { ...headlineMix, loss: 7 }, plan: { phases: [], endMs: 1 }, seed: 1, trace: null };
  const [done] = await carryOutAll([job], 1, () => undefined);
  assert.is(done?.result, null);
  assert.is(done?.uncaught, 1);
  assert.match(done?.failure ?? '', /loss must be a share 0..1, got 7/);
});

test.run();
