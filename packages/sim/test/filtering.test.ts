/** Whom a NAT lets in, as peers find it out, held against what the simulator's box is. */
import { type NatBehaviour, natBehaviours, Network, type SimPeer } from '@srp/sim';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('filtering');
const dependences = ['endpoint-independent', 'address-dependent', 'address-and-port-dependent'] as const;
const named = { 'endpoint-independent': 'independent', 'address-dependent': 'address', 'address-and-port-dependent': 'address-and-port' } as const;

/** A peer behind a box, or none, that knows so many open peers, who know each other. */
const examined = (nat: NatBehaviour | 'none', { helperCount = 4, loss = 0, seed = 1 } = {}): { readonly net: Network; readonly peer: SimPeer; readonly helpers: readonly SimPeer[] } => {
  const net = new Network({ seed, links: { latencyMs: 30, loss } });
  const helpers: SimPeer[] = [];
  for (let i = 0; i < helperCount; i += 1) helpers.push(net.peer({ name: `helper ${i}`, knows: helpers }));
  net.run(5_000);
  const peer = net.peer({ name: 'asker', nat, knows: helpers });
  net.run(5_000);
  peer.examine();
  net.run(2_000);
  return { net, peer, helpers };
};
const foundOf = (peer: SimPeer): string | undefined => peer.machine.filtering?.();

test('every box is found to be what it is, whatever its mapping, and so is a public address', () => {
  for (const mapping of dependences) {
    for (const filtering of dependences) {
      const { peer } = examined({ ...natBehaviours['port-restricted'], mapping, filtering });
      assert.is(foundOf(peer), named[filtering], `${mapping} mapping, ${filtering} filtering`);
    }
  }
  assert.is(foundOf(examined('none').peer), 'independent');
});

test('who knows too few, or one who knows nobody else, finds out nothing, but for what one packet proves', () => {
  assert.is(foundOf(examined(natBehaviours['port-restricted'], { helperCount: 2 }).peer), 'unknown');
  assert.is(foundOf(examined(natBehaviours['full-cone'], { helperCount: 1 }).peer), 'unknown');
  assert.is(foundOf(examined(natBehaviours['full-cone'], { helperCount: 2 }).peer), 'independent');
});

test('with a fifth of the datagrams lost, what is found is true as a rule, and little is not found', () => {
  let rightCount = 0;
  let wrongCount = 0;
  for (let seed = 1; seed <= 12; seed += 1) {
    for (const name of ['full-cone', 'address-restricted', 'port-restricted'] as const) {
      const found = foundOf(examined(natBehaviours[name], { loss: 0.2, seed }).peer);
      if (found === named[natBehaviours[name].filtering]) rightCount += 1;
      else if (found !== 'unknown') wrongCount += 1;
    }
  }
  assert.ok(rightCount >= 26 && wrongCount <= 1, `${rightCount} right, ${wrongCount} wrong, of 36`);
});

test.run();
