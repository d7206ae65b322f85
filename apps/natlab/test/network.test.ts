// What the networks are, as scripts; that the kernel makes of them what they say is shown by boxes.test.ts.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { kinds } from '../dist/lab/kinds.js';
import { networkOf } from '../dist/lab/pair.js';
import { drawn } from '../dist/lab/topology.js';

const test = suite('the network');
const usual = { loss: 0, lifetimeS: null };
const scriptOf = (kind: keyof typeof kinds, conditions: { loss: number; lifetimeS: number | null } = usual): string => drawn({ lab: 'x', sites: [kinds[kind]], ...conditions }).draft.script;

test('every NAT drops what comes in unasked for itself, and a plain router nothing', () => {
  for (const kind of Object.keys(kinds) as (keyof typeof kinds)[]) {
    assert.is(scriptOf(kind).includes('-A INPUT -p udp -j DROP'), kind !== 'open', kind);
  }
});

test('symmetric boxes draw ports at random, with a block or without, and no other does', () => {
  assert.match(scriptOf('symmetric'), /MASQUERADE --random-fully$/m);
  assert.match(scriptOf('symmetric-block'), /MASQUERADE --to-ports 40960-45055 --random-fully$/m);
  assert.not.match(scriptOf('carrier-grade'), /random/);
});

test('a mapping lives as long as it is told to, in conntrack and in the memory of a cone', () => {
  const script = scriptOf('full-cone', { loss: 0, lifetimeS: 20 });
  assert.match(script, /^echo 20 > \S+nf_conntrack_udp_timeout$/m);
  assert.match(script, /^echo 20 > \S+nf_conntrack_udp_timeout_stream$/m);
  assert.match(script, /map mapped .* timeout 20s;/);
});

test('the world loses datagrams after it has counted them', () => {
  const rules = scriptOf('open', { loss: 0.2, lifetimeS: null }).split('\n').filter((line) => line.startsWith('-A FORWARD -p udp'));
  assert.is(rules[2], '-A FORWARD -p udp -m statistic --mode random --probability 0.2 -j DROP');
  assert.not.match(scriptOf('open'), /statistic/);
});

test('two peers behind one box are two hosts of one site, all others have a site each', () => {
  const namesOf = (script: string): readonly string[] => [...script.matchAll(/^ip netns add x-(.*)$/gm)].map(([, name]) => name ?? '').sort();
  const pair = (a: keyof typeof kinds, b: keyof typeof kinds): readonly string[] => namesOf(networkOf('x', { a, b }, usual).draft.script);
  assert.equal(pair('one-nat', 'one-nat'), ['box1', 'host1', 'host2', 'hub', 'world']);
  assert.equal(pair('open', 'carrier-grade'), ['box1', 'box2', 'box2-1', 'host1', 'host2', 'hub', 'world']);
});

test('what a script makes its removal removes', () => {
  const { draft } = networkOf('x', { a: 'carrier-grade', b: 'dual-stack' }, usual);
  assert.is(draft.removal, [...draft.script.matchAll(/^ip netns add (.*)$/gm)].map(([, name]) => `ip netns del ${name ?? ''}`).join('\n'));
});

test.run();
