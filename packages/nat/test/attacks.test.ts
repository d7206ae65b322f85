import { type Address, hostOf, makeAddress, type PeerId } from '@srp/machine';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { address, at, call, desk, type Desk, home, kinds, peer } from './helpers.js';

const test = suite('attacks');

/** When packets leave for which address: a punch, an INIT, or the link's five INIT for an address that the user named. */
const packetsOf = (desk: Pick<Desk, 'log'>): { at: number; to: Address }[] =>
  desk.log
    .flatMap(({ at: ms, output }) => {
      if (output.kind === 'punch') return [{ at: ms, to: output.to }];
      return output.kind === 'connect' ? (output.isPaced ? [0] : [0, 300, 1000, 1600, 2200]).map((delay) => ({ at: ms + delay, to: output.address })) : [];
    })
    .sort((a, b) => a.at - b.at);

/** The most packets within any window of `ms`. */
const mostWithin = (packets: readonly { at: number }[], ms: number): number =>
  Math.max(0, ...packets.map((first) => packets.filter((packet) => packet.at >= first.at && packet.at < first.at + ms).length));

/** Every unproved address gets at most 3 packets a minute, every host 5; 10 a second leave in all. */
const assertBudget = (desk: Pick<Desk, 'log'>): void => {
  const packets = packetsOf(desk);
  assert.ok(mostWithin(packets, 1_000) <= 10, `${mostWithin(packets, 1_000)} a second`);
  for (const to of new Set(packets.map((packet) => packet.to))) {
    const most = mostWithin(packets.filter((packet) => packet.to === to), 60_000);
    assert.ok(most <= 3, `${most} to ${to}`);
  }
  for (const host of new Set(packets.map((packet) => hostOf(packet.to)))) {
    if (host === '127.0.0.1') continue;
    const most = mostWithin(packets.filter((packet) => hostOf(packet.to) === host), 60_000);
    assert.ok(most <= 5, `${most} to ${host}`);
  }
};

test('an introducer cannot make a peer send a victim more than two packets unasked, and three in all', () => {
  for (const initiator of [true, false]) {
    const a = desk(1).open(3);
    for (let i = 0; i < 500; i += 1) {
      a.tell({ kind: 'frame', peer: peer(3), frame: call(peer(100 + i), address('9.9.9.9:9999'), { initiator, token: i + 1 }) });
      a.pass(100);
    }
    assert.is(packetsOf(a).filter((packet) => packet.at < 50_000).length, 2);
    const [asker, victim] = [desk(1).open(3), address('9.9.9.9:9999')];
    for (let i = 0; i < 20; i += 1) {
      asker.tell({ kind: 'reach', peer: peer(100 + i), via: [peer(3)] });
      for (const by of [i, 500 + i]) asker.tell({ kind: 'frame', peer: peer(3), frame: call(peer(100 + i), victim, { initiator, token: by + 1 }) });
      asker.pass(2_500);
    }
    assert.is(packetsOf(asker).filter((packet) => packet.at < 50_000).length, 3);
    assertBudget(asker);
    assertBudget(a);
  }
});

test('many introducers that name many ports of one host get three packets to it unasked', () => {
  const a = desk(1).open(...Array.from({ length: 50 }, (_, i) => i + 3));
  for (let i = 0; i < 1_000; i += 1) {
    const frame = call(peer(1000 + i), makeAddress('9.9.9.9', 2000 + i)!, { initiator: i % 2 === 0, token: i + 1 });
    a.tell({ kind: 'frame', peer: peer(3 + (i % 50)), frame });
    a.pass(50);
  }
  assert.ok(packetsOf(a).filter((packet) => packet.at < 50_000).length <= 3);
  assertBudget(a);
});

test('many introducers that name many hosts get six packets a second out of it', () => {
  const a = desk(1).open(...Array.from({ length: 50 }, (_, i) => i + 3));
  for (let i = 0; i < 2_000; i += 1) {
    const frame = call(peer(1000 + i), home(3000 + i), { initiator: i % 3 === 0, token: i + 1 });
    a.tell({ kind: 'frame', peer: peer(3 + (i % 50)), frame });
    a.pass(10);
  }
  assertBudget(a);
  assert.ok(mostWithin(packetsOf(a).filter((packet) => packet.at < 20_000), 1_000) <= 6);
});

test('the same holds when the peer asked, on the LAN, and after a stored address book full of victims', () => {
  const a = desk(1).open(3);
  a.nat.restore({ version: 1, peers: Array.from({ length: 64 }, (_, i) => ({ peer: peer(500 + i), address: `9.9.${i >> 2}.9:${2000 + i}`, seenAt: i })) });
  for (const { peer: other } of a.nat.remembered()) a.tell({ kind: 'reach', peer: other, via: [peer(3)] });
  for (let i = 0; i < 600; i += 1) {
    a.tell({ kind: 'found', peer: peer(2000 + i), address: makeAddress('192.168.1.9', 2000 + i)! });
    a.tell({ kind: 'reach', peer: peer(4000 + i), via: [peer(3)] });
    a.tell({ kind: 'frame', peer: peer(3), frame: call(peer(4000 + i), makeAddress(`8.8.${i >> 3}.8`, 3000 + i)!, { token: i + 1 }) });
    a.pass(100);
  }
  a.pass(60_000);
  assertBudget(a);
});

test('addresses that others told a search of get no more: three packets each, none to a forbidden one', () => {
  const a = desk(1);
  for (let i = 0; i < 500; i += 1) {
    a.tell({ kind: 'reach', peer: peer(100 + i), told: address('9.9.9.9:9999'), via: [] });
    a.tell({ kind: 'reach', peer: peer(1_000 + i), told: makeAddress('9.9.9.10', 2_000 + i)!, via: [] });
    a.pass(100);
  }
  assertBudget(a);
  assert.ok(packetsOf(a).some(({ to }) => to === '9.9.9.9:9999'));
  const b = desk(1);
  for (const told of ['9.9.9.9:53', '224.0.0.1:4000', '[2002:c0a8:101::1]:4000', '[64:ff9b::c0a8:101]:4000']) b.tell({ kind: 'reach', peer: peer(7), told: address(told), via: [] });
  b.pass(60_000);
  assert.equal(packetsOf(b), []);
});

test('on loopback, where all share one host, ports are told apart', () => {
  const a = desk(1);
  a.tell({ kind: 'opened', peer: peer(3), address: address('127.0.0.1:3000') });
  for (let i = 0; i < 3; i += 1) a.tell({ kind: 'frame', peer: peer(3), frame: call(peer(10 + i), address(`127.0.0.1:${4000 + i}`), { token: i + 1 }) });
  a.pass(1_000);
  assert.is(new Set(packetsOf(a).map(({ to }) => to)).size, 3);
});

test('a flood of calls that nobody asked for leaves room for one that somebody did', () => {
  const a = desk(1).open(3, 4);
  for (let i = 0; i < 30; i += 1) {
    a.tell({ kind: 'frame', peer: peer(3), frame: call(peer(100 + i), home(200 + i), { token: i + 1 }) });
  }
  a.tell({ kind: 'reach', peer: peer(2), via: [peer(4)] });
  const outputs = a.tell({ kind: 'frame', peer: peer(4), frame: call(peer(2), home(2), { token: 99 }) });
  assert.equal(outputs.filter((output) => output.kind === 'connect'), [{ kind: 'connect', peer: peer(2), address: home(2), isPaced: true }]);
});

test('another introducer cannot put its own address in the way of the one that was asked', () => {
  const a = desk(1).open(3, 4);
  a.tell({ kind: 'reach', peer: peer(2), via: [peer(4)] });
  assert.equal(kinds(a.tell({ kind: 'frame', peer: peer(3), frame: call(peer(2), home(66), { token: 1 }) })), ['connect']);
  for (const [token, initiator, outcome] of [[2, true, 'busy'], [3, false, 'punch']] as const) {
    assert.equal(kinds(a.tell({ kind: 'frame', peer: peer(3), frame: call(peer(2), home(66 + token), { token, initiator }) })), [outcome], 'one address beside its own');
  }
  assert.equal(kinds(a.tell({ kind: 'frame', peer: peer(4), frame: call(peer(2), home(2), { token: 4 }) })), ['connect']);
});

test('a wrong address that came first does not keep out the right one, and only one more is added', () => {
  const a = desk(1).open(3, 4);
  assert.equal(kinds(a.tell({ kind: 'frame', peer: peer(3), frame: call(peer(2), home(66), { token: 1 }) })), ['connect']);
  assert.equal(kinds(a.tell({ kind: 'frame', peer: peer(4), frame: call(peer(2), home(2), { token: 2 }) })), ['connect']);
  a.pass(2_000);
  assert.equal(kinds(a.tell({ kind: 'frame', peer: peer(4), frame: call(peer(2), home(67), { token: 3 }) })), ['busy']);
});

test('a peer that is wanted after a wrong address was told for it is asked for soon', () => {
  const a = desk(1).open(3, 4);
  a.tell({ kind: 'frame', peer: peer(3), frame: call(peer(2), home(66), { token: 1 }) });
  a.tell({ kind: 'reach', peer: peer(2), via: [peer(4)] });
  a.pass(3_000);
  a.tell({ kind: 'unreachable', peer: peer(2) });
  assert.equal(kinds(a.pass(1_500)), ['frame']);
});

test('calls that nobody asked for neither use up the attempts for a wanted peer nor put off a configured one', () => {
  const quiet = desk(1).open(3, 4);
  const flooded = desk(1).open(3, 4);
  let token = 1;
  for (const [a, isFlooded] of [[quiet, false], [flooded, true]] as const) {
    a.tell({ kind: 'reach', peer: peer(2), via: [peer(3)] });
    a.tell({ kind: 'reach', peer: peer(5), address: home(5), via: [] });
    for (let i = 0; i < 300; i += 1) {
      if (isFlooded) for (const n of [2, 5]) a.tell({ kind: 'frame', peer: peer(4), frame: call(peer(n), home(500 + i), { initiator: i % 2 === 0, token: (token += 1) }) });
      a.pass(200);
    }
  }
  const own = (a: Desk): Desk['log'] => a.log.filter(({ output }) => output.kind === 'frame' || output.kind === 'failed' || (output.kind === 'connect' && !output.isPaced));
  assert.equal(own(flooded), own(quiet));
  assert.is(own(quiet).filter(({ output }) => output.kind === 'frame').length, 2);
});

test('whoever announces a configured peer at wrong addresses does not make it connect to the right one more often', () => {
  const a = desk(1);
  a.tell({ kind: 'reach', peer: peer(2), address: home(2), via: [] });
  for (let i = 0; i < 1_200; i += 1) {
    a.tell({ kind: 'found', peer: peer(2), address: makeAddress(`192.168.${i >> 5}.9`, 2000 + i)! });
    for (const output of a.pass(500)) if (output.kind === 'connect') a.tell({ kind: 'unreachable', peer: output.peer });
  }
  const times = a.log.filter(({ output }) => output.kind === 'connect' && output.address === home(2)).map(({ at: ms }) => ms);
  assert.ok(times.length >= 5 && times.length <= 20, `${times.length} in ten minutes`);
  assertBudget({ log: a.log.filter(({ output }) => !(output.kind === 'connect' && output.address === home(2))) });
});

test('whoever announces wrong addresses on the LAN cannot keep a peer from its introducers', () => {
  const a = desk(1).open(3);
  a.tell({ kind: 'reach', peer: peer(2), via: [peer(3)] });
  for (let i = 0; i < 300; i += 1) {
    a.tell({ kind: 'found', peer: peer(2), address: makeAddress(`192.168.${i >> 4}.9`, 2000 + i)! });
    for (const output of a.pass(100)) if (output.kind === 'connect') a.tell({ kind: 'unreachable', peer: output.peer });
  }
  const asked = a.log.filter(({ output }) => output.kind === 'frame').length;
  assert.ok(asked >= 2, `asked ${asked} times`);
  assertBudget(a);
});

test('a peer that announces itself on the LAN while a wrong address is tried is tried next', () => {
  const a = desk(1);
  a.tell({ kind: 'found', peer: peer(2), address: address('192.168.1.66:4000') });
  assert.equal(a.tell({ kind: 'found', peer: peer(2), address: address('192.168.1.2:4000') }), []);
  a.pass(3_000);
  a.tell({ kind: 'unreachable', peer: peer(2) });
  const [first] = a.pass(2_000);
  assert.equal(first, { kind: 'connect', peer: peer(2), address: address('192.168.1.2:4000'), isPaced: true });
});

test('calls are heeded only from a peer with a session, and never for oneself or for one connected to', () => {
  const a = desk(1).open(3, 4);
  assert.equal(kinds(a.tell({ kind: 'frame', peer: peer(9), frame: call(peer(2), home(2)) })), ['not-connected']);
  assert.equal(kinds(a.tell({ kind: 'frame', peer: peer(3), frame: call(peer(1), home(2), { token: 2 }) })), ['self']);
  assert.equal(kinds(a.tell({ kind: 'frame', peer: peer(3), frame: call(peer(4), home(5), { token: 3 }) })), ['connected-already']);
});

test('a call is heeded once, however often it comes', () => {
  const a = desk(1).open(3);
  const frame = call(peer(2), home(2), { initiator: false });
  assert.equal(kinds(a.tell({ kind: 'frame', peer: peer(3), frame })), ['punch']);
  assert.equal(a.tell({ kind: 'frame', peer: peer(3), frame }), []);
});

test('never sends to well-known ports, multicast, broadcast, or gateways that hide an address', () => {
  const a = desk(1).open(3);
  const refused = ['9.9.9.9:53', '9.9.9.9:1023', '224.0.0.251:5353', '255.255.255.255:5000', '0.0.0.0:5000', '240.0.0.1:5000', '[ff02::fb]:5353', '[::]:5000', '[64:ff9b::7f00:1]:5000', '[2002:7f00:1::1]:5000', '[2001:0:1::1]:5000'];
  for (const [i, text] of refused.entries()) {
    for (const initiator of [true, false]) {
      const outputs = a.tell({ kind: 'frame', peer: peer(3), frame: call(peer(2), address(text), { initiator, token: 2 * i + Number(initiator) + 1 }) });
      assert.match(kinds(outputs).join(), /^(address|port)-forbidden$/, text);
    }
    assert.match(kinds(a.tell({ kind: 'found', peer: peer(2), address: address(text) })).join(), /forbidden$/, text);
  }
  a.pass(60_000);
  assert.equal(packetsOf(a), []);
});

test('never sends to a private network or to itself because a stranger outside says so', () => {
  const inside: readonly [string, readonly string[]][] = [
    ['60.1.1.1:4000', ['192.168.1.1:5000', '10.0.0.1:5000', '172.16.0.1:5000', '100.64.0.1:5000', '169.254.1.1:5000', '127.0.0.1:5000', '[::1]:5000', '[fe80::1]:5000', '[fd00::1]:5000']],
    ['192.168.1.3:4000', ['127.0.0.1:5000', '[::1]:5000']],
    ['127.0.0.1:4000', []],
  ];
  let token = 0;
  for (const [introducer, refused] of inside) {
    const a = desk(1);
    a.tell({ kind: 'opened', peer: peer(3), address: address(introducer) });
    for (const text of refused) {
      assert.equal(kinds(a.tell({ kind: 'frame', peer: peer(3), frame: call(peer(2), address(text), { token: (token += 1) }) })), ['scope-mismatch'], `${introducer} tells ${text}`);
    }
    assert.equal(kinds(a.tell({ kind: 'frame', peer: peer(3), frame: call(peer(2), address(introducer.replace('4000', '5000')), { token: (token += 1) }) })), ['connect']);
  }
});

test('a peer that asks to meet everybody is held to a rate, and so are all of them together', () => {
  const members = Array.from({ length: 60 }, (_, i) => i + 10);
  const i = desk(3).open(...members);
  for (const asker of members) {
    for (const wanted of members) i.tell({ kind: 'frame', peer: peer(asker), frame: { kind: 'introduce', peer: peer(wanted) } });
  }
  const calls = i.log.filter(({ output }) => output.kind === 'frame');
  assert.ok(calls.length <= 2 * 200, `${calls.length} calls`);
  assert.ok(kinds(i.log.map(({ output }) => output)).includes('introductions-limit'));
  i.pass(10_000);
  assert.is(i.nat.deadline(), null);
});

test('one asked-for peer is not called more often than it is allowed to be', () => {
  const askers = Array.from({ length: 100 }, (_, i) => i + 10);
  const i = desk(3).open(1, ...askers);
  for (const asker of askers) {
    i.tell({ kind: 'frame', peer: peer(asker), frame: { kind: 'introduce', peer: peer(1) } });
    i.pass(100);
  }
  const calls = i.log.filter(({ output }) => output.kind === 'frame' && output.to === peer(1)).length / 2;
  assert.ok(calls <= 32 + 2 * 10 + 1, `${calls} calls in 10 s`);
});

test('names nobody an address that it does not see itself', () => {
  const i = desk(3).open(1, 2);
  i.tell({ kind: 'moved', peer: peer(1), address: home(1, 7777) });
  i.tell({ kind: 'frame', peer: peer(1), frame: { kind: 'introduce', peer: peer(2) } });
  for (const { output } of i.log) {
    if (output.kind !== 'frame' || output.frame.kind !== 'call') continue;
    const expected = new Map<PeerId, Address>([[peer(1), home(1, 7777)], [peer(2), home(2)]]).get(output.frame.peer);
    assert.is(output.frame.address, expected);
  }
});

test('gives up on an address that never answers without a trace', () => {
  const a = desk(1).open(3);
  a.tell({ kind: 'frame', peer: peer(3), frame: call(peer(2), home(2)) });
  a.pass(10_000);
  assert.is(a.nat.deadline(), null);
  assert.is(a.now, at(10_000));
});

test.run();
