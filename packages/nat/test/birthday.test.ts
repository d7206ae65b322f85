// Many ports on one side, many guesses on the other: what each side sends, and what it refuses to send.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hostOf, portOf } from '@srp/machine';
import type { NatOutput } from '@srp/nat';
import { call, type Desk, desk, home, peer } from './helpers.js';

const test = suite('birthday');
const only = <Kind extends NatOutput['kind']>(outputs: readonly NatOutput[], kind: Kind): readonly Extract<NatOutput, { kind: Kind }>[] =>
  outputs.filter((output): output is Extract<NatOutput, { kind: Kind }> => output.kind === kind);
const token = 'ab'.repeat(8);
const [self, other, relay] = [50, 60, 1];

/** Introduced by `relay`, which relays the session; its neighbours have seen it at these ports. */
const relayed = (ports: readonly number[], who = other, isInUse?: () => boolean): Desk => {
  const one = desk(self, isInUse).open(...ports.map((_, i) => i + 1));
  for (const [i, port] of ports.entries()) one.tell({ kind: 'observed', by: peer(i + 1), address: home(self, port), rttMs: 20 });
  one.tell({ kind: 'frame', peer: peer(relay), frame: call(peer(who), home(who), { token: 1000 + who }) });
  one.tell({ kind: 'opened', peer: peer(who), address: home(relay), relay: peer(relay) });
  return one;
};
const wide = [2000, 30_000, 45_000, 60_000];
const opener = (ports = wide): Desk => {
  const one = relayed(ports);
  one.tell({ kind: 'behaviour', peer: peer(other), mapping: 'independent' });
  return one;
};
const searcher = (): Desk => relayed([4000, 4000, 4000]);
const ask = (one: Desk, { who = other, low = 1, high = 65_535 } = {}): readonly NatOutput[] => one.tell({ kind: 'frame', peer: peer(who), frame: { kind: 'ports', token, low, high } });
const guesses = (outputs: readonly NatOutput[]): readonly Extract<NatOutput, { kind: 'punch' }>[] => only(outputs, 'punch').filter((punch) => punch.token === token);

test('who has another port for each remote opens 256 sockets, sends one packet by each, and tells where its ports were seen', () => {
  const one = opener();
  const [open] = only(one.pass(400), 'open-sockets');
  assert.is(open?.count, 256);
  const outputs = one.tell({ kind: 'sockets', first: open!.first, count: 256 });
  const punches = only(outputs, 'punch');
  assert.is(new Set(punches.map(({ socket }) => socket)).size, 256);
  assert.ok(punches.every(({ to, socket }) => to === home(other) && socket! >= open!.first));
  const [frame] = only(outputs, 'frame').map((output) => output.frame);
  assert.ok(frame?.kind === 'ports' && frame.low === 2000 && frame.high === 60_000 && frame.token === punches[0]?.token);
  assert.equal(only(one.pass(500_000), 'open-sockets'), [], 'once in ten minutes for one host');
});

test('a simple punch has 350 ms before, unless few ports are to be guessed', () => {
  assert.equal(only(opener().pass(349), 'open-sockets'), []);
  const narrow = relayed([5000, 5001, 5900, 8000]);
  assert.is(only(narrow.tell({ kind: 'behaviour', peer: peer(other), mapping: 'independent' }), 'open-sockets').length, 1);
});

test('no sockets are opened where that is no use: one port for all, the other side like this one or unknown, or nobody relays', () => {
  const own = relayed([4000, 4000, 4000, 4000]);
  own.tell({ kind: 'behaviour', peer: peer(other), mapping: 'independent' });
  assert.equal(only(own.pass(60_000), 'open-sockets'), []);
  for (const mapping of ['dependent', 'unknown'] as const) {
    const one = relayed(wide);
    one.tell({ kind: 'behaviour', peer: peer(other), mapping });
    assert.equal(only(one.pass(60_000), 'open-sockets'), [], mapping);
  }
  const direct = opener();
  direct.tell({ kind: 'moved', peer: peer(other), address: home(other) });
  assert.equal(only(direct.pass(60_000), 'open-sockets'), []);
});

test('the one whose PUNCH comes is answered by the socket it came to, and when the session is there the others are closed', () => {
  const one = opener();
  const [open] = only(one.pass(400), 'open-sockets');
  const first = open!.first;
  const [punch] = only(one.tell({ kind: 'sockets', first, count: 256 }), 'punch');
  const own = punch!.token;
  for (const [from, said, socket] of [[home(other, 4001), own, first], [home(61), own, first], [home(other), token, first], [home(other), own, 0]] as const) {
    assert.equal(only(one.tell({ kind: 'punched', from, token: said, socket }), 'connect'), [], 'not from there, not with that, not to that one');
  }
  const found = one.tell({ kind: 'punched', from: home(other), token: own, socket: first + 7 });
  assert.equal(found, [{ kind: 'connect', peer: peer(other), address: home(other), isPaced: false, socket: first + 7 }]);
  assert.equal(only(one.tell({ kind: 'punched', from: home(other), token: own, socket: first + 9 }), 'connect'), [], 'one at a time');
  const [closed] = only(one.tell({ kind: 'moved', peer: peer(other), address: home(other), socket: first + 7 }), 'close-sockets');
  assert.is(closed?.sockets.length, 255);
  assert.not.ok(closed?.sockets.includes(first + 7));
  assert.equal(only(one.tell({ kind: 'closed', peer: peer(other) }), 'close-sockets').map(({ sockets }) => sockets), [[first + 7]]);
});

test('the socket that a session went by stays open while a relay stands in, until another one is sought', () => {
  const one = opener();
  const [open] = only(one.pass(400), 'open-sockets');
  const first = open!.first;
  const [punch] = only(one.tell({ kind: 'sockets', first, count: 256 }), 'punch');
  one.tell({ kind: 'punched', from: home(other), token: punch!.token, socket: first + 7 });
  one.tell({ kind: 'moved', peer: peer(other), address: home(other), socket: first + 7 });
  assert.equal(only(one.tell({ kind: 'moved', peer: peer(other), address: home(relay), relay: peer(relay) }), 'close-sockets'), []);
  one.pass(700_000);
  const again = [...one.tell({ kind: 'frame', peer: peer(relay), frame: call(peer(other), home(other), { token: 2000 }) }), ...one.pass(1000)];
  assert.is(only(again, 'open-sockets').length, 1);
  assert.equal(only(again, 'close-sockets')[0]?.sockets, [first + 7]);
});

test('sockets that nobody finds are closed after 11 s, fewer than were asked for will do, and those that come too late are closed', () => {
  const one = opener();
  const [open] = only(one.pass(400), 'open-sockets');
  assert.is(only(one.tell({ kind: 'sockets', first: open!.first, count: 3 }), 'punch').length, 3);
  assert.is(only(one.pass(12_000), 'close-sockets').length, 1);
  assert.equal(only(one.tell({ kind: 'sockets', first: open!.first, count: 2 }), 'close-sockets').map(({ sockets }) => sockets), [[open!.first, open!.first + 1]]);
  const none = opener();
  const [asked] = only(none.pass(400), 'open-sockets');
  assert.equal(only(none.tell({ kind: 'sockets', first: asked!.first, count: 0 }), 'frame'), [], 'nobody is asked to search for nothing');
});

test('who is asked guesses 1024 ports of the host that a neighbour saw, none twice, none below 1024, 125 a second, and stops', () => {
  const one = searcher();
  const began = one.now;
  const all = [...guesses(ask(one)), ...guesses(one.pass(30_000))];
  assert.is(all.length, 1024);
  assert.is(new Set(all.map(({ to }) => to)).size, 1024);
  assert.ok(all.every(({ to, socket }) => hostOf(to) === hostOf(home(other)) && portOf(to) >= 1024 && socket === undefined));
  const times = one.log.filter(({ output }) => output.kind === 'punch' && output.token === token).map(({ at }) => at - (began - one.now));
  for (let i = 125; i < times.length; i += 1) assert.ok(times[i]! - times[i - 125]! >= 1000 - 8, 'at most 126 in any second');
});

test('the ports near those that were seen come first, and then the others', () => {
  const one = searcher();
  const ports = [...guesses(ask(one, { low: 5000, high: 5300 })), ...guesses(one.pass(30_000))].map(({ to }) => portOf(to));
  const near = ports.slice(0, 301 + 2 * 256);
  assert.equal([...near].sort((a, b) => a - b), Array.from({ length: 813 }, (_, i) => 4744 + i));
  assert.ok(ports.slice(813).every((port) => port < 4744 || port > 5556));
});

test('what is found ends the search', () => {
  const one = searcher();
  ask(one);
  one.pass(100);
  one.tell({ kind: 'moved', peer: peer(other), address: home(other, 7777) });
  assert.equal(guesses(one.pass(30_000)), []);
});

test('nobody is searched for who is not relayed, whom no direct neighbour saw lately, or by one whose own ports are not one', () => {
  const refused = (one: Desk, who = other): void => assert.equal(ask(one, { who }), [{ kind: 'dropped', reason: 'ports-refused' }]);
  const direct = searcher();
  direct.tell({ kind: 'moved', peer: peer(other), address: home(other) });
  refused(direct);
  const unseen = searcher();
  unseen.tell({ kind: 'opened', peer: peer(61), address: home(relay), relay: peer(relay) });
  refused(unseen, 61);
  const witness = searcher();
  witness.tell({ kind: 'moved', peer: peer(relay), address: home(9), relay: peer(9) });
  refused(witness);
  const late = searcher();
  late.pass(600_000);
  refused(late);
  refused(relayed(wide));
});

test('however many ask, one is searched for at a time, ever more rarely, and a host gets 1024 packets in ten minutes', () => {
  const one = searcher();
  for (const who of [61, 62]) {
    one.tell({ kind: 'frame', peer: peer(relay), frame: call(peer(who), home(who === 61 ? other : who, 4000 + who), { token: 2000 + who }) });
    one.tell({ kind: 'opened', peer: peer(who), address: home(relay), relay: peer(relay) });
  }
  one.pass(5000);
  let toHost = 0;
  for (let second = 0; second < 590; second += 1) {
    for (const who of [other, 61]) toHost += guesses(ask(one, { who })).length;
    toHost += guesses(one.pass(1000)).filter(({ to }) => hostOf(to) === hostOf(home(other))).length;
  }
  assert.is(toHost, 1024, 'two keys at one host are one target');
  const starts: number[] = [];
  for (let minute = 0; minute < 120; minute += 1) {
    for (const who of [other, 61, 62]) one.tell({ kind: 'frame', peer: peer(relay), frame: call(peer(who), home(who === 61 ? other : who, 4000 + who), { token: 3000 + 10 * minute + who - other }) });
    if ([other, 62].some((who) => guesses(ask(one, { who })).length > 0)) starts.push(minute);
    one.pass(60_000);
  }
  const pauses = starts.map((start, i) => start - (starts[i - 1] ?? 0)).slice(1);
  assert.ok(pauses.length >= 2 && pauses.every((pause, i) => pause >= 19 * 2 ** i), `${starts.join()}: twice as long each time`);
});

test('for whom files or streams need, the pause stays at ten minutes however long it has become, and a host gets no more', () => {
  const use = { isOn: false };
  const one = relayed([4000, 4000, 4000], other, () => use.isOn);
  const startsOf = (minutes: number): readonly number[] =>
    Array.from({ length: minutes }, (_, minute) => {
      one.tell({ kind: 'frame', peer: peer(relay), frame: call(peer(other), home(other), { token: 5000 + Math.floor(one.now / 60_000) }) });
      const count = guesses(ask(one)).length;
      one.pass(60_000);
      return count > 0 ? [minute] : [];
    }).flat();
  const pausesOf = (starts: readonly number[]): readonly number[] => starts.map((start, i) => start - (starts[i - 1] ?? 0)).slice(1);
  const alone = pausesOf(startsOf(200));
  assert.ok(alone.length >= 2 && alone.at(-1)! >= 40, alone.join());
  use.isOn = true;
  const inUse = pausesOf(startsOf(120));
  assert.ok(inUse.length >= 8 && inUse.every((minutes) => minutes >= 10), inUse.join());
});

test.run();
