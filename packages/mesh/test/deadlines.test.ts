/** What a wakeup, or a look around, does that nobody asked for: nothing. So the deadline tells all that time alone brings. */
import { after, type Instant, type PeerId, type Random, wakeup } from '@srp/machine';
import { Mesh, type MeshInput, type MeshOutput } from '@srp/mesh';
import { type Peers } from '@srp/wire';
import { test } from 'uvu';
import { equal, is, ok } from 'uvu/assert';
import { addressOf, packet, peer, random, start, tag } from './net.js';
import { helloOf, openHello } from './one.js';

interface Event {
  readonly at: Instant;
  readonly input: MeshInput;
}

const peersCount = 40;
const hour = 3_600_000;

/** An hour in which neighbours come and go, subscribe, name others, carry topics, and say what they do not know. */
const lifeOf = (seed: number): readonly Event[] => {
  const draw = random(seed);
  const someone = (): PeerId => peer(1 + draw.below(peersCount));
  const topics = (): readonly number[] => [0, 1, 2].filter(() => draw.below(2) === 0);
  const names = (): Peers['peers'] => Array.from({ length: draw.below(9) }, () => ({ peer: peer(1 + draw.below(3 * peersCount)), address: addressOf(1 + draw.below(200)) }));
  const about = () => (draw.below(3) === 0 ? null : tag(draw.below(3)));
  const inputs: readonly (() => MeshInput)[] = [
    () => ({ kind: 'join', tag: tag(draw.below(3)) }),
    () => ({ kind: 'leave', tag: tag(draw.below(3)) }),
    () => ({ kind: 'failed', peer: peer(1 + draw.below(3 * peersCount)) }),
    () => ({ kind: 'down', peer: someone(), why: (['lost', 'let-go', 'refused'] as const)[draw.below(3)]! }),
    () => ({ kind: 'self', addresses: [], mapping: 'unknown', filtering: 'unknown', openAt: draw.below(2) === 0 ? null : addressOf(99) }),
    ...Array.from({ length: 3 }, () => (): MeshInput => ({ kind: 'up', peer: peer(1 + draw.below(3 * peersCount)), address: addressOf(1 + draw.below(200)), isDialled: draw.below(2) === 0 })),
    ...Array.from({ length: 3 }, () => (): MeshInput => ({ kind: 'frame', peer: someone(), frame: draw.below(2) === 0 ? helloOf(topics()) : openHello(...topics()) })),
    ...Array.from({ length: 4 }, () => (): MeshInput => ({ kind: 'frame', peer: someone(), frame: { kind: 'peers', tag: about(), peers: names(), closer: names().slice(0, 4) } })),
    () => ({ kind: 'frame', peer: someone(), frame: { kind: 'find', tag: about() } }),
    () => ({ kind: 'frame', peer: someone(), frame: { kind: 'graft', tag: tag(draw.below(3)), ids: [] } }),
    () => ({ kind: 'fresh', id: packet(draw.below(1000)), tag: tag(draw.below(3)), postage: 8, from: null }),
  ];
  const events: Event[] = [];
  // Busy for a while, then quiet for a while: so that much is left to time alone.
  for (let at = start as number; at < start + hour; at += draw.below(10) === 0 ? draw.below(400_000) : draw.below(4_000)) {
    events.push({ at: at as Instant, input: inputs[draw.below(inputs.length)]!() });
  }
  return events;
};

/** What a mesh says in that life; `extra` gives it inputs in between, at times of its own. */
const storyOf = (seed: number, extra: { readonly input: MeshInput; readonly draw: Random } | null): { readonly said: readonly (readonly [number, MeshOutput])[]; readonly extras: number } => {
  const mesh = new Mesh({ self: peer(0xfff), random: random(seed), has: () => false });
  const said: [number, MeshOutput][] = [];
  let now = start;
  let extras = 0;
  const give = (at: Instant, input: MeshInput): void => {
    now = at;
    for (const output of mesh.handle(at, input)) said.push([at - start, output]);
  };
  const passTo = (until: Instant): void => {
    for (let rounds = 0; rounds < 100_000; rounds += 1) {
      const at = mesh.deadline();
      const next = at === null || at > until ? until : at;
      if (extra !== null && extra.draw.below(2) === 0 && next - now > 1) {
        extras += 1;
        give(after(now, 1 + extra.draw.below(Math.ceil(next - now) - 1)), extra.input);
      } else if (next === until && (at === null || at > until)) return;
      else give(next > now ? next : now, wakeup);
    }
    throw new Error('the deadline does not move on');
  };
  for (const { at, input } of lifeOf(seed)) {
    passTo(at);
    give(at, input);
  }
  return { said, extras };
};

test('wakeups that nobody asked for change nothing, whenever they come', () => {
  for (let seed = 1; seed <= 8; seed += 1) {
    const { said } = storyOf(seed, null);
    const woken = storyOf(seed, { input: wakeup, draw: random(100 + seed) });
    ok(said.length > 500 && woken.extras > 500, `${said.length} outputs, ${woken.extras} wakeups`);
    equal(woken.said, said, `seed ${seed}`);
  }
});

test('looking around when nothing has changed finds nothing to do: all that time alone brings is in the deadline', () => {
  for (let seed = 1; seed <= 8; seed += 1) {
    const looked = storyOf(seed, { input: { kind: 'failed', peer: peer(0xabc) }, draw: random(200 + seed) }); // nobody knows that peer
    equal(looked.said, storyOf(seed, null).said, `seed ${seed}`);
  }
});

test('a candidate that was left alone is tried when its time has come, though nothing else happens', () => {
  const mesh = new Mesh({ self: peer(0xfff), random: random(), has: () => false });
  mesh.handle(start, { kind: 'up', peer: peer(1), address: addressOf(1) });
  mesh.handle(start, { kind: 'frame', peer: peer(1), frame: { kind: 'peers', tag: null, peers: [{ peer: peer(5), address: addressOf(5) }], closer: [] } });
  mesh.handle(start, { kind: 'failed', peer: peer(5) });
  const reached: number[] = [];
  for (let at = mesh.deadline(); at !== null && at <= start + 60_000; at = mesh.deadline()) {
    for (const output of mesh.handle(at, wakeup)) if (output.kind === 'reach') reached.push(at - start);
  }
  is(reached[0], 30_000);
});

test.run();
