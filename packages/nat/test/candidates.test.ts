// Other ways to a peer with a session, which it names itself.
import type { Address } from '@srp/machine';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { candidateOf, type Seen } from '../dist/candidates.js';
import * as limits from '../dist/constants.js';
import { address, call, desk, type Desk, peer } from './helpers.js';

const test = suite('candidates');
const own = ['192.168.1.2:4000', '[2600:1::2]:4000', '127.0.0.1:4000'].map(address);
const view = ['60.1.2.3:4000', '[2600:1::2]:4000'].map(address);
const seen = { neighbour: { address: address('60.1.2.3:5000'), isRelayed: false, peerAt: address('60.1.2.3:5000') }, stranger: { address: address('60.9.9.9:5000'), isRelayed: false, peerAt: address('60.9.9.9:5000') } } as const;
const candidate = (from: Seen, ...named: string[]): string | null => candidateOf({ addresses: named.map(address), tried: new Set() }, from, own, view);

test('the own LAN is tried with whom others see at the same public address, and with nobody else', () => {
  assert.is(candidate(seen.neighbour, '192.168.1.3:5000'), '192.168.1.3:5000');
  assert.is(candidate(seen.stranger, '192.168.1.3:5000'), null);
  assert.is(candidate(seen.neighbour, '192.168.7.3:5000'), null, 'on no link of this host');
  assert.is(candidate(seen.neighbour, '127.0.0.1:5000'), null);
  assert.is(candidate({ ...seen.neighbour, peerAt: null }, '192.168.1.3:5000'), null, 'nobody has said where it is seen');
  const relayed = { address: address('60.7.7.7:1'), isRelayed: true, peerAt: address('60.1.2.3:5000') };
  assert.is(candidate(relayed, '192.168.1.3:5000'), '192.168.1.3:5000', 'the relay tells nothing about where the peer is');
});

test('IPv6 is tried where both have it and the session is over IPv4 or relayed', () => {
  assert.is(candidate(seen.stranger, '[2600:9::9]:5000'), '[2600:9::9]:5000');
  assert.is(candidate({ address: address('[2600:9::1]:1'), isRelayed: true, peerAt: null }, '[2600:9::9]:5000'), '[2600:9::9]:5000');
  assert.is(candidate({ address: address('[2600:9::8]:5000'), isRelayed: false, peerAt: null }, '[2600:9::9]:5000'), null, 'it is there already');
  assert.is(candidateOf({ addresses: [address('[2600:9::9]:5000')], tried: new Set() }, seen.stranger, own.slice(0, 1), view), null, 'this peer has none');
  assert.is(candidate({ address: address('192.168.1.3:5000'), isRelayed: false, peerAt: null }, '[2600:9::9]:5000'), null, 'nothing is nearer than the LAN');
});

test('IPv4 is tried with whom others see by IPv6, while a relay is between', () => {
  const [there, elsewhere] = ['60.9.9.9:5000', '[2600:9::9]:5000'].map(address);
  const tried = (from: Omit<Seen, 'address'>, has = own): Address | null => candidateOf({ addresses: [there!], tried: new Set() }, { ...from, address: elsewhere! }, has, view);
  assert.is(tried({ isRelayed: true, peerAt: elsewhere! }), there);
  assert.is(tried({ isRelayed: true, peerAt: there! }), null, 'it was tried when somebody called');
  assert.is(tried({ isRelayed: true, peerAt: null }), null);
  assert.is(tried({ isRelayed: true, peerAt: elsewhere! }, own.slice(1)), null, 'this peer has none beyond its own host');
  assert.is(tried({ isRelayed: false, peerAt: elsewhere! }), null, 'IPv6 leads there');
});

test('addresses that may not be probed are not, and of the others four in a session, each once', () => {
  for (const bad of ['[2600:9::9]:80', '[64:ff9b::c0a8:101]:5000', '192.168.1.3:53', '[fe80::1]:5000']) assert.is(candidate(seen.neighbour, bad), null, bad);
  const addresses = Array.from({ length: 10 }, (_, n) => address(`192.168.1.${n + 10}:5000`));
  const tried = new Set<Address>();
  for (;;) {
    const next = candidateOf({ addresses, tried }, seen.neighbour, own, view);
    if (next === null) break;
    tried.add(next);
  }
  assert.equal([...tried], addresses.slice(0, limits.namedMax));
});

/** A peer that others see at 60.1.2.3, with a session with peer 2, which others see there too. */
const besideIt = (relay: number | null): Desk => {
  const nat = desk(1);
  nat.tell({ kind: 'listening', addresses: own });
  for (const n of [3, 4]) {
    nat.tell({ kind: 'opened', peer: peer(n), address: address(`60.${n}.0.1:4000`) });
    nat.tell({ kind: 'observed', by: peer(n), address: view[0]! });
  }
  if (relay !== null) nat.tell({ kind: 'frame', peer: peer(relay), frame: call(peer(2), address('60.1.2.3:5000')) });
  nat.tell({ kind: 'opened', peer: peer(2), ...(relay === null ? { address: address('60.1.2.3:5000') } : { address: address(`60.${relay}.0.1:4000`), relay: peer(relay) }) });
  return nat;
};
const triedBy = (nat: Desk, act: () => readonly { readonly kind: string }[]): readonly string[] =>
  [...act(), ...nat.pass(5_000)].flatMap((output) => ('address' in output && output.kind === 'connect' ? [String(output.address)] : []));

test('whom a HELLO places beside this peer gets three packets there, within the budget, and no more for saying it again', () => {
  for (const relay of [null, 3]) {
    const nat = besideIt(relay);
    nat.pass(5_000);
    const says = (): readonly string[] => triedBy(nat, () => nat.tell({ kind: 'named', peer: peer(2), addresses: [address('192.168.1.3:5000')] }));
    assert.equal(says().filter((one) => one.startsWith('192.168')).length, limits.probesUnaskedPerAddressMax, String(relay));
    assert.equal(says().filter((one) => one.startsWith('192.168')), [], String(relay));
  }
});

test('what was named before others had told where this peer is, is tried when they have', () => {
  const nat = desk(1);
  nat.tell({ kind: 'opened', peer: peer(2), address: address('60.1.2.3:5000') });
  assert.equal(triedBy(nat, () => nat.tell({ kind: 'named', peer: peer(2), addresses: [address('192.168.1.3:5000')] })), []);
  nat.tell({ kind: 'listening', addresses: own });
  for (const n of [3, 4]) nat.tell({ kind: 'opened', peer: peer(n), address: address(`60.${n}.0.1:4000`) });
  nat.tell({ kind: 'observed', by: peer(3), address: view[0]! });
  assert.ok(triedBy(nat, () => nat.tell({ kind: 'observed', by: peer(4), address: view[0]! })).includes('192.168.1.3:5000'));
});

test('who has no session names nothing', () => {
  const nat = desk(1);
  nat.tell({ kind: 'listening', addresses: own });
  assert.equal(nat.tell({ kind: 'named', peer: peer(2), addresses: [address('[2600:9::9]:5000')] }), []);
});

test.run();
