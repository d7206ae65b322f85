// Whom a NAT lets in: what the asker makes of what comes, and what observers and third parties can be brought to send.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Address, hostOf } from '@srp/machine';
import type { NatOutput } from '@srp/nat';
import { address, type Desk, desk, home, peer } from './helpers.js';

const test = suite('filtering');
type Of<Kind extends NatOutput['kind']> = Extract<NatOutput, { kind: Kind }>;
const only = <Kind extends NatOutput['kind']>(outputs: readonly NatOutput[], kind: Kind): readonly Of<Kind>[] => outputs.filter((output): output is Of<Kind> => output.kind === kind);
const knocks = (outputs: readonly NatOutput[]) => only(outputs, 'frame').flatMap(({ to, frame }) => (frame.kind === 'knock' ? [{ to, token: frame.token, address: frame.address }] : []));
const punches = (outputs: readonly NatOutput[]) => only(outputs, 'punch');
const token = 'ab'.repeat(8);
const nonce = 'cd'.repeat(8);

/** Neighbours 1 to `count`, whom it asks; what leaves when the sockets are open. */
const asking = (count = 4): { readonly one: Desk; readonly first: number; readonly outputs: readonly NatOutput[] } => {
  const one = desk(50).open(...Array.from({ length: count }, (_, i) => i + 1));
  const [open] = only(one.tell({ kind: 'examine' }), 'open-sockets');
  const first = open?.first ?? 0;
  return { one, first, outputs: one.tell({ kind: 'sockets', first, count: open?.count ?? 0 }) };
};
/** Observers as they were asked, each with its socket. */
const askedOf = (outputs: readonly NatOutput[]) => punches(outputs).map(({ to, socket = 0, token: said }) => ({ at: to, socket, token: said }));

test('four of different networks are asked, those first who say that everybody reaches them, each by a socket of its own', () => {
  const one = desk(50).open(1, 2, 3, 4, 5, 6);
  one.tell({ kind: 'opened', peer: peer(7), address: address('60.0.1.77:5000') }); // of the network of 1
  for (const n of [2, 3, 4, 5]) one.tell({ kind: 'behaviour', peer: peer(n), mapping: 'independent', filtering: 'independent' });
  const [open] = only(one.tell({ kind: 'examine' }), 'open-sockets');
  assert.equal({ count: open?.count, family: open?.family }, { count: 4, family: 4 });
  const outputs = one.tell({ kind: 'sockets', first: open!.first, count: 4 });
  assert.equal(knocks(outputs).map(({ to }) => to).sort(), [2, 3, 4, 5].map(peer).sort());
  assert.is(new Set(punches(outputs).map(({ socket }) => socket)).size, 4);
  assert.equal(punches(outputs).map(({ token: said }) => said), knocks(outputs).map(({ token: said }) => said));
  assert.equal(only(one.tell({ kind: 'examine' }), 'open-sockets'), [], 'one examination at a time');
  assert.equal(only(one.pass(1_600), 'close-sockets').map(({ sockets }) => sockets.length), [4]);
  assert.equal(one.pass(3_600_000).filter(({ kind }) => kind === 'punch' || kind === 'open-sockets'), [], 'and never by itself');
});

test('nobody is asked who is relayed, or whose address is none of the world', () => {
  const one = desk(50);
  one.tell({ kind: 'opened', peer: peer(1), address: home(1), relay: peer(9) });
  one.tell({ kind: 'opened', peer: peer(2), address: address('192.168.1.9:4000') });
  assert.equal(one.tell({ kind: 'examine' }), []);
});

test('one packet from a host that was not written to decides, however many say nothing', () => {
  const { one, outputs } = asking();
  const [observer] = askedOf(outputs);
  assert.equal(knocks(one.tell({ kind: 'punched', from: observer!.at, token: nonce, socket: observer!.socket })).map(({ token: said }) => said), [nonce], 'it takes part');
  one.tell({ kind: 'punched', from: home(99), token: nonce, socket: observer!.socket });
  one.pass(1_600);
  assert.is(one.nat.filtering(), 'independent');
});

test('that nothing came counts if three networks took part, and not before; one of them in another port says more', () => {
  for (const [tookPart, fromOtherPort, expected] of [[2, 0, 'unknown'], [3, 0, 'address-and-port'], [4, 1, 'address'], [2, 1, 'unknown']] as const) {
    const { one, outputs } = asking();
    for (const { at, socket } of askedOf(outputs).slice(0, tookPart)) one.tell({ kind: 'punched', from: at, token: nonce, socket });
    for (const { at, socket } of askedOf(outputs).slice(0, fromOtherPort)) one.tell({ kind: 'punched', from: `${hostOf(at)}:9999` as Address, token: nonce, socket });
    one.pass(1_600);
    assert.is(one.nat.filtering(), expected, `${tookPart} took part`);
  }
});

test('what comes with another token, to another socket, from the own network, or before the observer takes part, says nothing', () => {
  const { one, first, outputs } = asking();
  const asked = askedOf(outputs);
  const stranger = home(99);
  for (const { socket, token: own } of asked) one.tell({ kind: 'punched', from: stranger, token: own, socket });
  for (const { at, socket } of asked) one.tell({ kind: 'punched', from: at, token: nonce, socket });
  one.tell({ kind: 'punched', from: stranger, token, socket: first });
  one.tell({ kind: 'punched', from: stranger, token: nonce, socket: 0 });
  one.tell({ kind: 'punched', from: address('192.168.1.7:4000'), token: nonce, socket: first });
  one.pass(1_600);
  assert.is(one.nat.filtering(), 'address-and-port');
  one.tell({ kind: 'network-changed' });
  assert.is(one.nat.filtering(), 'unknown');
});

const [asker, host] = [1, home(1)];
const elsewhere = `${hostOf(host)}:5555` as Address;
const knock = (one: Desk, said: string, at: Address | null = null, from = asker): readonly NatOutput[] => one.tell({ kind: 'frame', peer: peer(from), frame: { kind: 'knock', token: said, address: at } });
/** Asked by neighbour 1, with its other port open. */
const observer = (...neighbours: readonly number[]): Desk => {
  const one = desk(50).open(asker, ...neighbours);
  const [open] = only(knock(one, token), 'open-sockets');
  assert.is(open?.count, 1);
  one.tell({ kind: 'sockets', first: open!.first, count: 1 });
  return one;
};

test('an observer answers where the asker has its session, once it was asked, and sends no more until the asker says back what came', () => {
  const one = observer(2, 3);
  for (const [from, said] of [[elsewhere, nonce], [home(7, 5555), token], [address('60.0.1.9:443'), token], [address('60.0.1.8:5555'), token]] as const) {
    assert.equal(punches(one.tell({ kind: 'punched', from, token: said })), [], `${from} ${said}`);
  }
  const [answer] = punches(one.tell({ kind: 'punched', from: elsewhere, token }));
  assert.equal({ to: answer?.to, socket: answer?.socket }, { to: elsewhere, socket: undefined });
  assert.not.equal(answer?.token, token);
  assert.equal(punches(one.pass(2_000)), []);
  assert.equal(punches(one.tell({ kind: 'punched', from: `${hostOf(host)}:6666` as Address, token })), [], 'to one place');
  const outputs = knock(one, answer!.token);
  assert.equal(punches(outputs).map(({ to, socket }) => ({ to, isOther: socket !== undefined })), [{ to: elsewhere, isOther: true }]);
  const [third] = knocks(outputs);
  assert.ok([peer(2), peer(3)].includes(third!.to));
  assert.equal(third?.address, elsewhere);
  const more = Array.from({ length: 10 }, () => knock(one, answer!.token)).flat();
  assert.is(knocks(more).length + punches(more).length, 4, 'three times in all');
  assert.equal(only(one.pass(10_000), 'close-sockets').length, 1);
});

test('who can ask nobody elsewhere to take part takes no part', () => {
  for (const neighbours of [[], [2]]) {
    const one = observer(...neighbours);
    if (neighbours.length > 0) one.tell({ kind: 'moved', peer: peer(2), address: `${hostOf(host)}:7000` as Address });
    assert.equal(one.tell({ kind: 'punched', from: elsewhere, token }), []);
  }
});

test('an asker gets two answers to one port and three to its host in a minute, whatever it asks', () => {
  const one = observer(2, 3);
  let count = 0;
  for (let port = 2000; port < 2030; port += 1) {
    const said = port.toString(16).padStart(16, '0');
    knock(one, said);
    for (let copy = 0; copy < 3; copy += 1) count += punches(one.tell({ kind: 'punched', from: `${hostOf(host)}:${port}` as Address, token: said })).length;
    one.pass(1_000);
  }
  assert.is(count, 3);
});

test('a third party sends one small packet for each KNOCK, two to one address and three to one host in a minute, and none where none may go', () => {
  const one = desk(50).open(1, 2);
  const victim = home(99);
  assert.equal(knock(one, token, victim), [{ kind: 'punch', to: victim, token }]);
  let count = 1;
  for (let i = 0; i < 40; i += 1) count += punches(knock(one, token, i % 2 === 0 ? victim : home(99, 5000 + i), 1 + (i % 2))).length;
  assert.is(count, 3);
  one.pass(1_000);
  const refused = [address('192.168.1.1:4000'), address('127.0.0.1:4000'), home(98, 443), address('[64:ff9b::c0a8:101]:4000')];
  assert.equal(refused.map((at) => knock(one, token, at)[0]?.kind), ['dropped', 'dropped', 'dropped', 'dropped']);
  one.tell({ kind: 'moved', peer: peer(2), address: home(1), relay: peer(1) });
  assert.equal(knock(one, token, home(97), 2), [{ kind: 'dropped', reason: 'not-connected' }]);
  assert.equal(knock(one, token, home(97), 3), [{ kind: 'dropped', reason: 'not-connected' }]);
});

test('of many that ask, sixty-four are remembered, and the other port is one', () => {
  const one = desk(50).open(...Array.from({ length: 200 }, (_, i) => i + 1));
  let sockets = 0;
  for (let n = 1; n <= 200; n += 1) sockets += only(knock(one, n.toString(16).padStart(16, '0'), null, n), 'open-sockets').length;
  assert.is(sockets, 1);
  assert.equal(punches(one.tell({ kind: 'punched', from: `${hostOf(home(1))}:5555` as Address, token: '1'.padStart(16, '0') })), [], 'the oldest went');
  assert.is(punches(one.tell({ kind: 'punched', from: `${hostOf(home(200))}:5555` as Address, token: (200).toString(16).padStart(16, '0') })).length, 1);
});

test.run();
