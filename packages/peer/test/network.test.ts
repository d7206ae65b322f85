// What a peer tells about the network it is in.
import { generateKeyPair, seededRandom } from '@srp/identity';
import { type Address, instant, parseAddress, wakeup } from '@srp/machine';
import { PeerProtocol, type PeerOutput } from '@srp/peer/protocol';
import { test } from 'uvu';
import { equal, is, ok } from 'uvu/assert';
import { Self } from '../dist/protocol/self.js';
import { LanReport, PortReport } from '../dist/network.js';
import { loopbackPeer, until, whereIs } from './helpers.js';

const address = (text: string): Address => parseAddress(text)!;
const random = (n: number): ReturnType<typeof seededRandom> => seededRandom(new Uint8Array(32).fill(n));
const protocol = (n: number): PeerProtocol => new PeerProtocol({ keys: generateKeyPair(random(n)), author: generateKeyPair(random(n + 100)), random: random(n + 200) });

test('what a gateway grants is told as what it says, until others see the peer there or elsewhere', () => {
  const port = new PortReport('auto');
  is(port.report([]).state, 'asking');
  port.mapped({ by: 'pcp', gateway: '192.168.1.1', external: address('60.1.2.3:4000'), lifetimeS: 7200 }, null);
  equal(port.report([]), { state: 'granted', by: 'pcp', address: address('60.1.2.3:4000'), why: null });
  is(port.report([address('60.1.2.3:4000')]).state, 'confirmed');
  const { state, why } = port.report([address('60.9.9.9:4000')]);
  is(state, 'contradicted');
  ok(why?.includes('second NAT'));
  port.mapped(null, 'not authorized');
  equal(port.report([]), { state: 'none', by: null, address: null, why: 'not authorized' });
  is(new PortReport('off').report([]).state, 'off');
});

test('discovery that fails on an interface is told, and at most 256 found peers are counted', () => {
  const lan = new LanReport('all');
  for (let n = 0; n < 300; n += 1) lan.found(n.toString(16).padStart(64, '0') as Parameters<LanReport['found']>[0]);
  equal(lan.report(), { state: 'on', found: 256, why: null });
  lan.failed('no multicast');
  equal(lan.report(), { state: 'failed', found: 256, why: 'no multicast' });
  is(new LanReport('off').report().state, 'off');
});

test('a peer names where it listens beyond its own host, and with public IPv6 also where others see it by IPv4', () => {
  const self = new Self();
  const [lan, seen, ipv6, loopback] = ['192.168.1.2:4000', '60.1.2.3:4000', '[2600:1::2]:4000', '127.0.0.1:4000'].map(address);
  self.listens([lan!, loopback!]);
  equal(self.named([seen!]), [lan], 'who introduces it sees that');
  self.listens([ipv6!, lan!, loopback!]);
  equal(self.named([seen!, ipv6!]), [seen, ipv6, lan]);
  self.listens([ipv6!, seen!]);
  equal(self.named([seen!, ipv6!]), [ipv6, seen], 'once');
});

test('a mapping makes a peer open when others see it just there, and not before, nor after it is gone', () => {
  const at = { alice: address('60.1.2.3:4000'), bob: address('60.4.5.6:5000') };
  const [alice, bob] = [protocol(1), protocol(2)];
  let now = instant(1_800_000_000_000);
  const carry = (from: Address, outputs: readonly PeerOutput[]): void => {
    for (const output of outputs) if (output.kind === 'transmit') carry(output.to, (output.to === at.alice ? alice : bob).handle(now, { kind: 'datagram', from, bytes: output.bytes }));
  };
  for (const peer of [alice, bob]) peer.handle(now, { kind: 'listening', addresses: [address('192.168.1.2:4000')] });
  alice.handle(now, { kind: 'mapped', address: at.alice });
  is(alice.reach().openAt, null, 'nobody has seen it');
  carry(at.alice, alice.handle(now, { kind: 'connect', peer: bob.id, address: at.bob }));
  for (let turn = 0; turn < 50 && alice.reach().openAt === null; turn += 1) {
    now = instant(now + 100);
    carry(at.alice, alice.handle(now, wakeup));
    carry(at.bob, bob.handle(now, wakeup));
  }
  equal(alice.reach(), { mapping: 'independent', filtering: 'independent', openAt: at.alice });
  ok(Math.abs(alice.clockAheadMs() ?? Infinity) <= 600, `${alice.clockAheadMs()} ms`);
  alice.handle(now, { kind: 'mapped', address: null });
  is(alice.reach().openAt, null);
  alice.handle(now, { kind: 'mapped', address: address('60.1.2.3:4001') });
  is(alice.reach().openAt, null, 'another port');
});

test('a peer tells what it knows of its network, and what it does not', async () => {
  await using bob = await loopbackPeer();
  await using alice = await loopbackPeer({ introducers: [whereIs(bob)] });
  const { listening, observed, openAt, portMapping, lan, clockAheadMs, mapping } = bob.network();
  equal({ listening, observed, openAt, portMapping: portMapping.state, lan: lan.state, clockAheadMs, mapping }, { listening: bob.addresses, observed: [], openAt: null, portMapping: 'off', lan: 'off', clockAheadMs: null, mapping: 'unknown' });
  await until('it has been told', () => alice.network().observed.length > 0);
  equal(alice.network().observed, alice.addresses);
  await until('a clock was told', () => alice.network().clockAheadMs !== null);
  ok(Math.abs(alice.network().clockAheadMs ?? Infinity) < 10_000);
});

test.run();
