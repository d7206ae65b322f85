// Sessions through a relay, as this machine asks for them. The link's part is in @srp/link, both together in @srp/sim.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { wakeup } from '@srp/machine';
import type { NatOutput } from '@srp/nat';
import { address, call, type Desk, desk, home, peer } from './helpers.js';

const test = suite('relayed');
type Kind = NatOutput['kind'];
const only = <One extends Kind>(outputs: readonly NatOutput[], kind: One): readonly Extract<NatOutput, { kind: One }>[] =>
  outputs.filter((output): output is Extract<NatOutput, { kind: One }> => output.kind === kind);
const isAsking = (outputs: readonly NatOutput[]): readonly number[] => only(outputs, 'frame').flatMap(({ to, frame }) => (frame.kind === 'introduce' ? [Number.parseInt(to.slice(0, 4), 16)] : []));
const called = (one: Desk, by: number, other: number, options: { initiator?: boolean; token?: number } = {}): readonly NatOutput[] =>
  one.tell({ kind: 'frame', peer: peer(by), frame: call(peer(other), home(other), options) });
const openRelayed = (one: Desk, other: number, relay: number): readonly NatOutput[] => one.tell({ kind: 'opened', peer: peer(other), address: home(relay), relay: peer(relay) });

test('who introduces two offers to relay between them, by a channel that both read in the token', () => {
  const introducer = desk(1).open(2, 3);
  const outputs = introducer.tell({ kind: 'frame', peer: peer(2), frame: { kind: 'introduce', peer: peer(3) } });
  const [offer] = only(outputs, 'relay');
  assert.equal(offer?.ends, [peer(2), peer(3)]);
  for (const { to, frame } of only(outputs, 'frame')) {
    const end = desk(Number.parseInt(to.slice(0, 4), 16)).open(1);
    assert.equal(only(end.tell({ kind: 'frame', peer: peer(1), frame }), 'accept').map(({ relay, channel }) => ({ relay, channel })), [{ relay: peer(1), channel: offer?.channel }]);
  }
});

test('who can be told only of one side offers no channel', () => {
  const introducer = desk(1).open(2);
  introducer.tell({ kind: 'opened', peer: peer(3), address: address('192.168.1.3:4000') });
  assert.equal(only(introducer.tell({ kind: 'frame', peer: peer(3), frame: { kind: 'introduce', peer: peer(2) } }), 'relay'), []);
});

test('the direct way has a round trip and 10 ms before the relay is tried, the called side 300 ms more', () => {
  for (const [initiator, rttMs, expectedMs] of [[true, 100, 110], [true, 5, 40], [true, 2000, 300], [false, 100, 410]] as const) {
    const one = desk(5).open(1);
    one.tell({ kind: 'observed', by: peer(1), address: home(5), rttMs });
    assert.equal(only(called(one, 1, 2, { initiator }), 'connect-relayed'), []);
    assert.equal(only(one.pass(expectedMs - 1), 'connect-relayed'), []);
    assert.equal(only(one.pass(1), 'connect-relayed').map((output) => output.peer), [peer(2)]);
    assert.equal(only(one.pass(5000), 'connect-relayed'), [], 'once');
  }
});

test('nothing is relayed where the direct way leads there in time', () => {
  const one = desk(5).open(1);
  called(one, 1, 2);
  one.pass(30);
  one.open(2);
  assert.equal(only(one.pass(120_000), 'connect-relayed'), []);
});

test('what was under way when a relayed session opened goes on, so that it may find a direct path', () => {
  const one = desk(5).open(1);
  assert.is(only(called(one, 1, 2), 'connect').length, 1);
  one.pass(50);
  openRelayed(one, 2, 1);
  assert.is(only(one.pass(2000), 'connect').length, 1, 'of two that nobody asked for');
  one.tell({ kind: 'moved', peer: peer(2), address: home(2) });
  assert.equal(only(one.pass(120_000), 'connect'), []);
});

test('a relayed session is looked at for a direct path after four seconds, one minute, two, four and so on, by the lower id, until it has one', () => {
  const [lower, higher] = [desk(5).open(1), desk(9).open(1)];
  for (const [one, other] of [[lower, 9], [higher, 5]] as const) {
    called(one, 1, other);
    openRelayed(one, other, 1);
  }
  assert.is(isAsking(lower.pass(5000)).length, 1);
  assert.is(isAsking(lower.pass(600_000)).length, 3);
  assert.equal(isAsking(higher.pass(300_000)), []);
  const probes = only([...called(lower, 1, 9, { token: 2 }), ...lower.pass(2000)], 'connect');
  assert.ok(probes.length >= 2 && probes.every((probe) => probe.address === home(9) && probe.isPaced));
  lower.tell({ kind: 'moved', peer: peer(9), address: home(9) });
  assert.equal(isAsking(lower.pass(300_000)), []);
});

test('while files or streams need a relayed session a direct path is looked for each minute, and more and more rarely again afterwards', () => {
  const use = { isOn: false };
  const one = desk(5, (_now, who) => use.isOn && who === peer(9)).open(1);
  for (const other of [9, 10]) {
    called(one, 1, other, { token: other });
    openRelayed(one, other, 1);
  }
  one.pass(3_600_000);
  use.isOn = true;
  const asked = only(Array.from({ length: 60 }, () => [...one.tell(wakeup), ...one.pass(10_000)]).flat(), 'frame').flatMap(({ frame }) => (frame.kind === 'introduce' ? [frame.peer] : []));
  const count = asked.filter((who) => who === peer(9)).length;
  assert.ok(count >= 8 && count <= 11, `${count} times in ten minutes`);
  assert.ok(asked.length - count <= 1, 'and nobody else is');
  use.isOn = false;
  assert.ok(isAsking(one.pass(3_600_000)).length <= 2 * 7);
});

test('a path in doubt is asked about where the peer was introduced last, and the CALL leads through the relay', () => {
  const one = desk(5).open(1, 3, 2);
  called(one, 1, 2);
  called(one, 3, 2, { token: 2 });
  assert.equal(isAsking(one.tell({ kind: 'doubted', peer: peer(2) })), [3, 1], 'the last two');
  const outputs = called(one, 3, 2, { token: 3 });
  assert.equal(only(outputs, 'connect-relayed').map((output) => output.peer), [peer(2)]);
  assert.equal(only(outputs, 'connect').map((output) => output.address), [home(2)], 'and PINGs go to where it is seen now');
});

test('who was relayed by a peer that is gone is asked for elsewhere, and not where somebody relays too', () => {
  const one = desk(5).open(1, 3);
  called(one, 3, 2);
  called(one, 1, 2, { token: 2 });
  openRelayed(one, 2, 1);
  assert.equal(isAsking(one.tell({ kind: 'closed', peer: peer(1) })), [3]);
  assert.equal(isAsking(one.tell({ kind: 'doubted', peer: peer(2) })), [3], 'not the one through whom nothing comes');
  one.tell({ kind: 'moved', peer: peer(3), address: home(7), relay: peer(7) });
  assert.equal(isAsking(one.tell({ kind: 'doubted', peer: peer(2) })), []);
});

test('of a relayed peer nobody is told where it is, nothing is remembered, and its word about addresses counts for nothing', () => {
  const one = desk(5).open(1, 3);
  openRelayed(one, 2, 1);
  assert.equal(one.nat.remembered().filter((entry) => entry.peer === peer(2)), []);
  for (const [asker, wanted] of [[3, 2], [2, 3]] as const) {
    const outputs = one.tell({ kind: 'frame', peer: peer(asker), frame: { kind: 'introduce', peer: peer(wanted) } });
    assert.equal(outputs, [{ kind: 'dropped', reason: 'unknown-peer' }]);
  }
  assert.equal(called(one, 2, 8), [{ kind: 'dropped', reason: 'not-connected' }]);
  one.tell({ kind: 'closed', peer: peer(2) });
  assert.equal(one.nat.remembered().filter((entry) => entry.peer === peer(2)), []);
});

test('a neighbour on the local network that somebody relays is asked there, whichever came first', () => {
  const lan = address('192.168.1.7:4000');
  const found = { kind: 'found', peer: peer(9), address: lan } as const;
  const [before, after] = [desk(5).open(1), desk(5).open(1)];
  openRelayed(before, 9, 1);
  assert.equal(only(before.tell(found), 'connect').map((output) => output.address), [lan]);
  after.tell(found);
  assert.ok(only(openRelayed(after, 9, 1), 'connect').some((output) => output.address === lan));
});

test('an INTRODUCE, a CALL for a live peer, and a wakeup more lead to no session through a relay', () => {
  const one = desk(5).open(1, 2);
  assert.equal(only(called(one, 1, 2), 'connect-relayed'), []);
  assert.equal(only([...one.tell(wakeup), ...one.pass(10_000)], 'connect-relayed'), []);
});

test.run();
