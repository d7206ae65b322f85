import { seededRandom } from '@srp/identity';
import { type Address, makeAddress } from '@srp/machine';
import { natDropReasons, type NatInput } from '@srp/nat';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import * as limits from '../dist/constants.js';
import { Introducer, introductionLimits } from '../dist/introducer.js';
import { ProbeBudget } from '../dist/probes.js';
import { Reaches, type ReachOutput } from '../dist/reaches.js';
import { Volleys } from '../dist/volleys.js';
import { address, at, call, Desk, desk, home, kinds, natOf, peer, seed, t0 } from './helpers.js';

const test = suite('bounds');

/** Constants have literal types, which the compiler would compare for us. */
const assertOrder = (...ascending: readonly number[]): void => {
  for (let i = 1; i < ascending.length; i += 1) assert.ok(ascending[i - 1]! < ascending[i]!, ascending.join(' < '));
};

test('the numbers fit each other', () => {
  assert.is(limits.initDelaysMs.length, limits.probesPerAddressMax);
  assertOrder(limits.probesPerAddressMax, limits.probesPerHostMax, limits.probesPerSecondMax);
  // What was asked for always has room, and a first packet before any that repeats.
  assertOrder(limits.probesUnaskedPerAddressMax, limits.probesPerAddressMax);
  assertOrder(limits.probesUnaskedPerHostMax, limits.probesPerHostMax);
  assertOrder(limits.probesForFirstPerSecond, limits.probesUnaskedPerSecondMax, limits.probesPerSecondMax);
  assertOrder(limits.configuredMax, limits.reachesMax);
  // Who asks again after hearing nothing is answered, and the second copy of a call comes before that.
  assertOrder(limits.callRepeatMs, limits.introducedQuietMs, limits.callAnswerMs);
  // Who is asked after a move for all that are silent does not refuse, nor when it is asked again.
  assert.is(limits.movedPeersMax, limits.introductionBurst);
  assertOrder(limits.movedAskDelaysMs[0] + limits.introducedQuietMs, limits.movedAskDelaysMs[1]);
  // The link gives up first, after 3 s.
  assertOrder(3_000, limits.connectAnswerMs);
  assertOrder(limits.agreeingMin, limits.independentMin, limits.dependentVotesMin);
  assertOrder(limits.answerDelayMinMs, limits.answerDelayMaxMs, limits.secondQueryMs);
  // Every announcement of a minute can be reported.
  assertOrder(limits.findAgainMs, limits.queryIntervalMs);
  assertOrder(limits.packetHostBurst, limits.packetBurst);
});

const asked = { isAsked: true, isRepeat: false };

test('the probe budget holds no more than a minute of packets', () => {
  const budget = new ProbeBudget();
  let taken = 0;
  for (let i = 0; i < 4_000; i += 1) {
    if (budget.take(at(i * 50), makeAddress(`9.${i >> 8}.${i & 255}.9`, 4000)!, asked) === 'taken') taken += 1;
    assert.ok(budget.size <= (limits.probesPerSecondMax * limits.probeWindowMs) / 1_000);
  }
  assert.is(taken, 2_000);
});

test('an address that answers gives its packets back', () => {
  const budget = new ProbeBudget();
  const [one, other] = [address('9.9.9.9:4000'), address('9.9.9.9:4001')];
  for (let i = 0; i < 3; i += 1) assert.is(budget.take(at(i), one, asked), 'taken');
  assert.is(budget.take(at(3), one, asked), 'spent');
  for (let i = 0; i < 2; i += 1) assert.is(budget.take(at(i), other, asked), 'taken');
  assert.is(budget.take(at(3), other, asked), 'spent');
  budget.prove(one);
  assert.is(budget.take(at(3), other, asked), 'taken');
});

test('an IPv6 host is its /64', () => {
  const budget = new ProbeBudget();
  let taken = 0;
  for (let i = 1; i <= 50; i += 1) if (budget.take(at(i * 1_000), address(`[2a00::${i.toString(16)}]:4000`), asked) === 'taken') taken += 1;
  assert.is(taken, limits.probesPerHostMax);
});

test('what nobody asked for leaves an address, a host and a second to what somebody did, and a repetition to what is first', () => {
  const budget = new ProbeBudget();
  const unasked = { isAsked: false, isRepeat: false };
  for (let i = 0; i < 2; i += 1) assert.is(budget.take(t0, home(1), unasked), 'taken');
  assert.is(budget.take(t0, home(1), unasked), 'spent');
  assert.is(budget.take(t0, home(1), asked), 'taken');
  assert.is(budget.take(t0, home(1, 4001), unasked), 'spent', 'its host has had three');
  assert.is(budget.take(t0, home(1, 4001), asked), 'taken');
  assert.is(budget.take(t0, home(2), { isAsked: false, isRepeat: true }), 'later', 'four have left');
  for (let i = 2; i < 4; i += 1) assert.is(budget.take(t0, home(i), unasked), 'taken');
  assert.is(budget.take(t0, home(4), unasked), 'later');
  for (let i = 4; i < 6; i += 1) assert.is(budget.take(t0, home(i), asked), 'taken');
  assert.is(budget.take(t0, home(4), { isAsked: true, isRepeat: true }), 'later');
  for (let i = 6; i < 8; i += 1) assert.is(budget.take(t0, home(i), asked), 'taken');
  assert.is(budget.take(at(999), home(8), asked), 'later', 'ten have left');
  assert.is(budget.take(at(1_000), home(8), asked), 'taken');
});

test('at most 96 packets wait or are due', () => {
  const volleys = new Volleys();
  const out: { kind: string }[] = [];
  for (let i = 0; i < 1_000; i += 1) volleys.punch(t0, call(peer(i), home(i)), peer(5_000), out as never);
  assert.is(volleys.size, limits.volleysMax);
  assert.is(out.length, 1_000 - limits.volleysMax);
  for (let i = 0; i < 4_000; i += 1) {
    volleys.wake(at(i), () => false, out as never);
    volleys.init(at(i), { peer: peer(2_000 + i), address: home(2_000 + i), isAsked: true, calledBy: null }, out as never);
    assert.ok(volleys.size <= limits.volleysMax);
  }
});

test('who wants to meet ten at once sends each an INIT before it repeats one', () => {
  const a = desk(1).open(3);
  for (let n = 10; n < 20; n += 1) {
    a.tell({ kind: 'reach', peer: peer(n), via: [peer(3)] });
    a.tell({ kind: 'frame', peer: peer(3), frame: call(peer(n), home(n), { token: n }) });
  }
  a.pass(2_900);
  const inits = a.log.flatMap(({ at: ms, output }) => (output.kind === 'connect' ? [{ ms, to: output.address }] : []));
  assert.is(new Set(inits.filter(({ ms }) => ms === 0).map(({ to }) => to)).size, 10);
  assert.ok(inits.length >= 24, `${inits.length} in 3 s: a repetition waits, and is not lost`);
});

const reachesOf = (live: readonly number[] = []): Reaches =>
  new Reaches({ self: peer(1), random: seededRandom(seed(1)), volleys: new Volleys(), isLive: (one) => live.some((n) => peer(n) === one) });

test('at most 128 peers are reached at once; the oldest that others told of goes first, a configured one never', () => {
  const reaches = reachesOf([3]);
  const out: ReachOutput[] = [];
  for (let n = 10; n < 74; n += 1) reaches.configure(t0, peer(n), home(n), [], out);
  for (let n = 100; n < 400; n += 1) reaches.found(t0, peer(n), home(n), out);
  assert.is(reaches.size, limits.reachesMax);
  out.length = 0;
  for (let n = 500; n < 600; n += 1) reaches.want(t0, peer(n), null, [peer(3)], out);
  assert.is(reaches.size, limits.reachesMax);
  assert.is(out.filter((output) => output.kind === 'failed').length, 100 - 64, 'who has to go fails, and says so');
  reaches.found(t0, peer(700), home(700), out);
  assert.is(reaches.size, limits.reachesMax);
  for (let n = 10; n < 74; n += 1) assert.ok(reaches.isConfigured(peer(n)));
});

test('at most 64 peers are configured; one more fails', () => {
  const a = desk(1);
  for (let n = 10; n < 74; n += 1) assert.equal(kinds(a.tell({ kind: 'reach', peer: peer(n), address: home(n), via: [] })), ['connect']);
  assert.equal(a.tell({ kind: 'reach', peer: peer(80), address: home(80), via: [] }), [{ kind: 'failed', peer: peer(80) }]);
  assert.equal(kinds(a.tell({ kind: 'reach', peer: peer(10), address: home(99), via: [] })), [], 'another address of one of them is taken');
});

test('refuses to be configured with itself or with multicast', () => {
  const a = desk(1);
  assert.equal(kinds(a.tell({ kind: 'reach', peer: peer(1), address: home(1), via: [] })), ['failed']);
  assert.equal(kinds(a.tell({ kind: 'reach', peer: peer(2), address: address('224.0.0.1:4000'), via: [] })), ['failed']);
  assert.equal(kinds(a.tell({ kind: 'reach', peer: peer(2), address: address('10.0.0.1:53'), via: [] })), ['connect'], 'the user may name any other');
});

test('remembers eight introducers of a wanted peer', () => {
  const live = Array.from({ length: 40 }, (_, i) => i + 10);
  const a = desk(1).open(...live);
  for (const n of live) a.tell({ kind: 'reach', peer: peer(2), via: [peer(n), peer(n), peer(2)] });
  a.tell({ kind: 'reach', peer: peer(2), address: home(2), via: live.map(peer) });
  const asked = new Set<string>();
  for (let i = 0; i < 60; i += 1) for (const output of a.pass(60_000)) if (output.kind === 'frame') asked.add(output.to);
  assert.is(asked.size, limits.introducersMax);
});

test('remembers 256 tokens, 512 sessions and 256 introduced pairs', () => {
  const a = desk(1).open(3);
  for (let i = 1; i <= 300; i += 1) {
    a.tell({ kind: 'frame', peer: peer(3), frame: call(peer(1), home(2), { token: i }) });
    a.pass(300);
  }
  assert.equal(kinds(a.tell({ kind: 'frame', peer: peer(3), frame: call(peer(1), home(2), { token: 300 }) })), []);
  assert.equal(kinds(a.tell({ kind: 'frame', peer: peer(3), frame: call(peer(1), home(2), { token: 1 }) })), ['self'], 'the first was forgotten');

  const crowd = desk(1).open(...Array.from({ length: 600 }, (_, i) => i + 10));
  assert.equal(kinds(crowd.tell({ kind: 'observed', by: peer(10), address: home(1) })), ['not-connected']);
  assert.equal(kinds(crowd.tell({ kind: 'observed', by: peer(609), address: home(1) })), []);

  const introducer = new Introducer(seededRandom(seed(3)));
  const someone = (n: number) => ({ peer: peer(n), address: home(n), ...introductionLimits() });
  let now = t0;
  for (let n = 10; n < 310; n += 1) assert.is(introducer.introduce((now = at((n - 10) * 50)), someone(1), someone(n), []), null);
  assert.is(introducer.introduce(now, someone(1), someone(309), []), 'introduced-lately');
});

test('at most 128 second copies of calls wait', () => {
  const introducer = new Introducer(seededRandom(seed(3)));
  const someone = (n: number) => ({ peer: peer(n), address: home(n), ...introductionLimits() });
  for (let n = 10; n < 200; n += 1) introducer.introduce(at((n - 10) * 50), someone(1), someone(n), []); // nobody wakes it
  const out: { kind: 'frame' }[] = [];
  introducer.wake(at(60_000), () => true, out as never);
  assert.is(out.length, limits.callRepeatsMax);
});

test('whatever it is told, it does not throw, keeps its deadlines and names its reasons', () => {
  const someone = fc.integer({ min: 1, max: 40 }).map(peer);
  const somewhere: fc.Arbitrary<Address> = fc.oneof(
    fc.integer({ min: 1, max: 40 }).map((n) => home(n)),
    fc.constantFrom('127.0.0.1:4000', '192.168.1.1:4000', '169.254.1.1:4000', '[fe80::1]:4000', '[2a00::1]:4000', '224.0.0.1:4000', '9.9.9.9:53').map(address),
  );
  const input: fc.Arbitrary<NatInput> = fc.oneof(
    fc.record({ kind: fc.constantFrom('opened', 'moved', 'found'), peer: someone, address: somewhere }),
    fc.record({ kind: fc.constantFrom('closed', 'forget', 'unreachable'), peer: someone }),
    fc.record({ kind: fc.constant('observed'), by: someone, address: somewhere }),
    fc.record({ kind: fc.constant('reach'), peer: someone, via: fc.array(someone) }),
    fc.record({ kind: fc.constant('reach'), peer: someone, address: somewhere, via: fc.array(someone) }),
    fc.record({ kind: fc.constant('frame'), peer: someone, frame: fc.record({ kind: fc.constant('introduce'), peer: someone }) }),
    fc.record({
      kind: fc.constant('frame'),
      peer: someone,
      frame: fc.tuple(someone, somewhere, fc.boolean(), fc.nat()).map(([other, where, initiator, token]) => call(other, where, { initiator, token })),
    }),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(input, fc.integer({ min: 0, max: 5_000 })), { maxLength: 120 }), (script) => {
      const a = new Desk(natOf(1));
      for (const [one, ms] of script) {
        a.tell(one);
        a.pass(ms);
      }
      a.pass(10_000);
      for (const { output } of a.log) {
        if (output.kind === 'dropped') assert.ok(natDropReasons.includes(output.reason));
        if (output.kind === 'connect' || output.kind === 'frame') assert.is.not(output.kind === 'connect' ? output.peer : output.to, peer(1));
      }
    }),
    { numRuns: 150 },
  );
});

test('drops are named once each', () => {
  assert.is(new Set(natDropReasons).size, natDropReasons.length);
});

test.run();
