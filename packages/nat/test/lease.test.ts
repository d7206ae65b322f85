// When a port of the gateway is asked for, renewed and given back; and when it is believed.
import { type Instant, wakeup } from '@srp/machine';
import { judge, type LeaseInput, type LeaseOutput, PortLease, type PortMapping } from '@srp/nat';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import * as limits from '../dist/constants.js';
import { address, at, t0 } from './helpers.js';

const test = suite('lease');
const mapping = (external = '60.1.2.3:4000', lifetimeS = 7_200): PortMapping => ({ by: 'pcp', gateway: '192.168.1.1', external: address(external), lifetimeS });

/** A lease and what it said, with the seconds. */
const start = (): { lease: PortLease; tell: (seconds: number, input: LeaseInput) => readonly LeaseOutput['kind'][]; dueS: () => number | null } => {
  const lease = new PortLease(t0);
  const tell = (seconds: number, input: LeaseInput): readonly LeaseOutput['kind'][] => lease.handle(at(1000 * seconds), input).map(({ kind }) => kind);
  return { lease, tell, dueS: () => seconds(lease.deadline()) };
};
const seconds = (due: Instant | null): number | null => (due === null ? null : (due - t0) / 1000);

test('asks at once, renews at half of the life, and says so only when something is new', () => {
  const { tell, dueS } = start();
  assert.is(dueS(), 0);
  assert.equal(tell(0, wakeup), ['ask']);
  assert.equal([tell(0, wakeup), dueS()], [[], null], 'until it is answered');
  assert.equal(tell(1, { kind: 'granted', mapping: mapping() }), ['mapped']);
  assert.is(dueS(), 3_601);
  assert.equal(tell(3_601, wakeup), ['ask']);
  assert.equal(tell(3_602, { kind: 'granted', mapping: mapping() }), [], 'the same again');
  assert.is(dueS(), 7_202);
});

test('a renewal that fails is tried again, and what is not renewed in its life is gone', () => {
  const { tell, dueS } = start();
  tell(0, wakeup);
  tell(0, { kind: 'granted', mapping: mapping() });
  tell(3_600, wakeup);
  assert.equal(tell(3_602, { kind: 'refused', why: 'busy' }), [], 'the mapping lives');
  assert.is(dueS(), 3_902);
  assert.equal(tell(3_902, wakeup), ['ask']);
  assert.is(dueS(), 7_200);
  assert.equal(tell(7_200, wakeup), ['mapped']);
});

test('a refusal is told, and asked about again ever more rarely, at most every two hours', () => {
  const { tell, dueS } = start();
  let now = 0;
  const pauses: number[] = [];
  for (let k = 0; k < 8; k += 1) {
    assert.equal(tell(now, wakeup), ['ask']);
    assert.equal(tell(now, { kind: 'refused', why: 'no' }), ['mapped']);
    pauses.push(dueS()! - now);
    now = dueS()!;
  }
  assert.equal(pauses, [300, 600, 1_200, 2_400, 4_800, 7_200, 7_200, 7_200]);
});

test('another network is asked at once, also while the one before is being asked', () => {
  const { tell, dueS } = start();
  tell(0, wakeup);
  assert.equal(tell(1, { kind: 'network-changed' }), []);
  assert.equal(tell(2, { kind: 'granted', mapping: mapping() }), ['mapped', 'ask']);
  assert.equal(tell(3, { kind: 'granted', mapping: mapping('60.9.9.9:4000') }), ['mapped']);
  assert.equal(tell(4, { kind: 'network-changed' }), ['ask']);
  tell(5, { kind: 'refused', why: 'no gateway' });
  assert.is(dueS(), 305);
});

test('a life that a gateway invents is bounded: no question every second, and none in a hundred years', () => {
  const short = start();
  short.tell(0, wakeup);
  assert.equal(short.tell(0, { kind: 'granted', mapping: mapping('60.1.2.3:4000', 1) }), ['release', 'mapped']);
  assert.is(short.dueS(), 300);
  const long = start();
  long.tell(0, wakeup);
  long.tell(0, { kind: 'granted', mapping: mapping('60.1.2.3:4000', 0xffff_ffff) });
  assert.is(long.dueS(), limits.leaseMaxS / 2);
});

test('what is held is given back at the end, and then nothing more is done', () => {
  const { tell, dueS } = start();
  tell(0, wakeup);
  tell(0, { kind: 'granted', mapping: mapping() });
  assert.equal(tell(1, { kind: 'stop' }), ['release']);
  assert.equal([tell(2, { kind: 'network-changed' }), tell(9_999, wakeup), dueS()], [[], [], null]);
});

test('a mapping is believed when others see this peer there, and not when they see it at another host', () => {
  const external = address('60.1.2.3:4000');
  assert.is(judge(external, []), 'unconfirmed');
  assert.is(judge(external, [address('60.1.2.3:4000')]), 'confirmed');
  assert.is(judge(external, [address('60.1.2.3:7777')]), 'unconfirmed', 'each destination has another port');
  assert.is(judge(external, [address('60.9.9.9:4000')]), 'contradicted', 'a second NAT');
  assert.is(judge(external, [address('192.168.1.5:4000'), address('[2600::1]:4000')]), 'unconfirmed', 'these know nothing of it');
});

test('a gateway with a private address is behind another NAT, whatever others say', () => {
  for (const host of ['100.64.0.2', '192.168.0.2', '10.0.0.2', '127.0.0.1', '169.254.1.1', '224.0.0.1']) {
    assert.is(judge(address(`${host}:4000`), [address(`${host}:4000`)]), 'contradicted', host);
  }
});

test.run();
