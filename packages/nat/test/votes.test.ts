import { type Address, type PeerId } from '@srp/machine';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Votes } from '../dist/votes.js';
import { address, at, desk, type Desk, home, kinds, peer, t0 } from './helpers.js';

const test = suite('votes');

const mine = address('70.1.1.1:4000');
const observe = (desk: Desk, by: number, seen: string): readonly string[] => kinds(desk.tell({ kind: 'observed', by: peer(by), address: address(seen) }));

test('two networks that agree tell a peer where it is', () => {
  const a = desk(1).open(2, 3);
  assert.equal(observe(a, 2, mine), []);
  assert.equal(observe(a, 3, mine), ['self']);
  assert.equal(a.nat.selfView(), { addresses: [mine], mapping: 'unknown', ports: [4000, 4000] });
  assert.equal(observe(a, 3, mine), [], 'says it once');
});

test('one peer is enough if the user named it', () => {
  const a = desk(1);
  a.tell({ kind: 'reach', peer: peer(2), address: home(2), via: [] });
  a.open(2);
  assert.equal(observe(a, 2, mine), ['self']);
});

test('a lying observer is outvoted, at whatever point it lies', () => {
  for (let liar = 2; liar <= 5; liar += 1) {
    const a = desk(1).open(2, 3, 4, 5);
    for (let by = 2; by <= 5; by += 1) observe(a, by, by === liar ? '6.6.6.6:5353' : mine);
    assert.equal(a.nat.selfView(), { addresses: [mine], mapping: 'independent', ports: [4000, 4000] });
    assert.not.ok(a.log.some(({ output }) => output.kind === 'self' && output.addresses.includes(address('6.6.6.6:5353'))));
  }
});

test('a thousand keys of one network have one vote', () => {
  const a = desk(1).open(2, 3);
  observe(a, 2, mine);
  observe(a, 3, mine);
  for (let i = 0; i < 200; i += 1) {
    a.tell({ kind: 'opened', peer: peer(1000 + i), address: address(`66.6.6.${i}:6666`) });
    observe(a, 1000 + i, '6.6.6.6:5353');
  }
  assert.equal(a.nat.selfView().addresses, [mine]);
});

test('a named peer speaks for its network against strangers in it', () => {
  const a = desk(1);
  a.tell({ kind: 'reach', peer: peer(2), address: home(2), via: [] });
  a.open(2);
  observe(a, 2, mine);
  a.tell({ kind: 'opened', peer: peer(3), address: home(2, 6666) });
  assert.equal(observe(a, 3, '6.6.6.6:5353'), []);
  assert.equal(a.nat.selfView().addresses, [mine]);
});

test('a peer without a session has no vote, and one that leaves takes it along', () => {
  const a = desk(1).open(2, 3);
  assert.equal(observe(a, 9, mine), ['not-connected']);
  observe(a, 2, mine);
  observe(a, 3, mine);
  assert.equal(kinds(a.tell({ kind: 'closed', peer: peer(3) })), ['self']);
  assert.equal(a.nat.selfView().addresses, []);
});

test('what was seen of one family counts on when the sessions go on by the other, until this host moves', () => {
  const a = desk(1).open(2, 3);
  const [ipv6, moved] = ['[2600:1::2]:4000', '[2600:2::2]:4000'].map(address);
  const sees = (seen: Address | undefined): void => [2, 3].forEach((by) => observe(a, by, seen!));
  sees(mine);
  for (const by of [2, 3]) a.tell({ kind: 'moved', peer: peer(by), address: address(`[2600:${by}0::1]:4000`) });
  sees(ipv6);
  assert.equal(a.nat.selfView().addresses, [mine, ipv6]);
  a.tell({ kind: 'network-changed' });
  sees(moved);
  assert.equal(a.nat.selfView().addresses, [moved]);
});

test('a peer votes once for a family, by the path it speaks, however often it moves', () => {
  const a = desk(1).open(2, 3);
  for (const by of [2, 3]) observe(a, by, mine);
  for (const n of [4, 5, 6, 7]) {
    a.tell({ kind: n === 4 ? 'opened' : 'moved', peer: peer(9), address: address(`[2600:${n}0::1]:4000`) });
    assert.equal(observe(a, 9, '6.6.6.6:5353'), ['vote-out-of-scope']);
    a.tell({ kind: 'moved', peer: peer(9), address: address(`66.${n}.6.6:6666`) });
    observe(a, 9, '6.6.6.6:5353');
  }
  assert.equal(a.nat.selfView().addresses, [mine]);
});

test('a peer can see only its own circle', () => {
  const a = desk(1).open(2);
  a.tell({ kind: 'opened', peer: peer(3), address: address('192.168.1.3:4000') });
  a.tell({ kind: 'opened', peer: peer(4), address: address('127.0.0.1:4004') });
  for (const seen of ['192.168.1.9:4000', '127.0.0.1:4000', '224.0.0.1:4000']) assert.equal(observe(a, 2, seen), ['vote-out-of-scope']);
  for (const seen of ['7.7.7.7:4000', '127.0.0.1:4000']) assert.equal(observe(a, 3, seen), ['vote-out-of-scope']);
  assert.equal(observe(a, 4, '7.7.7.7:4000'), ['vote-out-of-scope']);
  assert.equal(observe(a, 4, '127.0.0.1:4000'), ['self'], 'this host believes itself');
});

test('a session by a socket that was opened to guess has no vote, and has one again when it goes by the common one', () => {
  const a = desk(1).open(2, 3, 4);
  for (const by of [2, 3, 4]) observe(a, by, mine);
  a.tell({ kind: 'opened', peer: peer(5), address: home(5), socket: 7 });
  a.tell({ kind: 'moved', peer: peer(4), address: home(4), socket: 8 });
  observe(a, 5, '70.1.1.1:5005');
  observe(a, 4, '70.1.1.1:5004');
  assert.equal(a.nat.selfView(), { addresses: [mine], mapping: 'unknown', ports: [4000, 4000] });
  a.tell({ kind: 'moved', peer: peer(4), address: home(4) });
  observe(a, 4, mine);
  assert.equal(a.nat.selfView().mapping, 'independent');
});

test('keeps one address for each circle and family, the widest first', () => {
  const a = desk(1).open(2, 3);
  const seen = ['127.0.0.1:4000', '192.168.1.1:4000', '70.1.1.1:4000', '[2a00::1]:4000'];
  const from = [['127.0.0.1:4004'], ['192.168.1.3:4000', '192.168.1.4:4000'], ['80.1.1.1:4000', '81.1.1.1:4000'], ['[2a01::1]:4000', '[2a02::1]:4000']];
  let n = 10;
  for (const [i, voters] of from.entries()) {
    for (const voter of voters) {
      a.tell({ kind: 'opened', peer: peer(n), address: address(voter) });
      observe(a, n, seen[i]!);
      n += 1;
    }
  }
  assert.equal(a.nat.selfView().addresses, [seen[2], seen[3], seen[1], seen[0]]);
});

test('three networks that see one port mean an independent mapping, four that see four a dependent one', () => {
  const a = desk(1).open(2, 3, 4, 5);
  for (const by of [2, 3, 4]) observe(a, by, mine);
  assert.is(a.nat.selfView().mapping, 'independent');
  const b = desk(1).open(2, 3, 4, 5);
  for (const by of [2, 3, 4]) observe(b, by, `70.1.1.1:${4000 + by}`);
  assert.is(b.nat.selfView().mapping, 'unknown');
  observe(b, 5, '70.1.1.1:4005');
  assert.equal(b.nat.selfView(), { addresses: [], mapping: 'dependent', ports: [4002, 4005] });
});

test('one liar makes no mapping dependent, and no dependent one independent', () => {
  const honest = desk(1).open(2, 3, 4, 5);
  for (const by of [2, 3, 4]) observe(honest, by, mine);
  observe(honest, 5, '70.1.1.1:9999');
  assert.is(honest.nat.selfView().mapping, 'independent');
  const dependent = desk(1).open(2, 3, 4, 5, 6);
  for (const by of [2, 3, 4, 5]) observe(dependent, by, `70.1.1.1:${4000 + by}`);
  observe(dependent, 6, '70.1.1.1:4002');
  assert.is(dependent.nat.selfView().mapping, 'dependent');
});

test('a vote ends after half an hour', () => {
  const votes = new Votes();
  for (const n of [2, 3]) votes.cast(t0, peer(n), home(n), mine, false);
  assert.equal(votes.view(at(30 * 60_000 - 1)).addresses, [mine]);
  assert.equal(votes.view(at(30 * 60_000)).addresses, []);
});

test('at most 64 votes are kept, the newest', () => {
  const votes = new Votes();
  const voter = (n: number): PeerId => peer(n);
  for (let n = 0; n < 64; n += 1) votes.cast(t0, voter(n), home(n), mine, false);
  for (let n = 64; n < 128; n += 1) votes.cast(t0, voter(n), home(n), address('70.1.1.1:5000'), false);
  assert.equal(votes.view(t0).addresses, [address('70.1.1.1:5000')]);
});

test.run();
