import { after, instant, type PacketId, wakeup } from '@srp/machine';
import { CausalStream } from '@srp/stream';
import { test } from 'uvu';
import { equal, is, ok, throws } from 'uvu/assert';
import { author, deliveredBy, feed, object, peer, pid, run, say, sid, start, testRandom } from './helpers.js';

const causal = (): CausalStream => new CausalStream({ mode: 'causal', random: testRandom() });
const live = (): CausalStream => new CausalStream({ mode: 'live', random: testRandom() });

test('what has no past is delivered at once, in both modes', () => {
  for (const stream of [causal(), live()]) {
    equal(feed(stream, start, object('a1')).map(say), ['deliver a1']);
    equal(feed(stream, start, object('b2', null, ['a1'])).map(say), ['deliver b2']);
    is(stream.deadline(), null);
  }
});

test('live delivers in the same call and says what is missing', () => {
  const stream = live();
  equal(feed(stream, start, object('a3', 'a2', ['b1', 'c1'])).map(say), ['deliver a3 -a2 -b1 -c1']);
  equal(feed(stream, start, object('b1')).map(say), ['deliver b1']);
  equal(stream.missing(), ['a2', 'c1']);
  equal(stream.pending(), []);
});

test('causal holds until the past has come, then lets out the least first', () => {
  const stream = causal();
  equal(feed(stream, start, object('a4', 'a1')), []);
  equal(feed(stream, start, object('c2', null, ['a1'])), []);
  equal(feed(stream, start, object('b3', null, ['a1'])), []);
  equal(feed(stream, start, object('d5', null, ['b3'])), []);
  equal(stream.pending(), ['a4', 'c2', 'b3', 'd5']);
  equal(feed(stream, start, object('a1')).map(say), ['deliver a1', 'deliver c2', 'deliver b3', 'deliver a4', 'deliver d5']);
  is(stream.deadline(), null);
});

test('a duplicate changes nothing, held or delivered', () => {
  const stream = causal();
  feed(stream, start, object('a2', 'a1'));
  equal(feed(stream, start, object('a2', 'a1')), []);
  equal(feed(stream, start, object('a1')).map(say), ['deliver a1', 'deliver a2']);
  equal(feed(stream, start, object('a2', 'a1')), []);
  equal(feed(stream, start, object('a1')), []);
  equal(stream.counts(), { duplicate: 3 });
});

test('a missing object is asked for after a moment, first from who named it, with growing pauses', () => {
  const stream = live();
  feed(stream, start, object('a9', 'a8', ['b1', 'c1']), peer('n'));
  const asks = run(stream, after(start, 29_999)).flatMap(({ at, output }) => (output.kind === 'want' ? [{ at, ...output }] : []));
  ok(asks.length >= 5 && asks.length <= 30, `${asks.length} questions in 30 s`);
  equal(asks[0]!.ids, ['a8', 'b1', 'c1'], 'one question for ids named together');
  is(asks[0]!.from, peer('n'));
  const first = asks[0]!.at - start;
  ok(first >= 50 && first <= 200, `first question after ${first} ms`);
  for (const id of ['a8', 'b1', 'c1']) {
    const own = asks.filter(({ ids }) => ids.includes(pid(id)));
    equal(own.map(({ attempt }) => attempt), own.map((_, at) => at));
    own.slice(1).forEach(({ at }, n) => {
      const pause = at - own[n]!.at;
      const meant = 250 * 2 ** n;
      ok(pause >= 0.5 * meant && pause <= 1.5 * meant + 50, `pause ${n} of ${id} is ${pause} ms`);
    });
  }
});

test('pauses stop growing at 60 s, and after an hour nobody asks any more', () => {
  const stream = live();
  feed(stream, start, object('a9', 'a8'));
  const asks = run(stream, instant(start + 10 * 3_600_000)).flatMap(({ at, output }) => (output.kind === 'want' ? [at] : []));
  asks.slice(1).forEach((at, n) => ok(at - asks[n]! <= 90_050));
  ok(asks.at(-1)! <= start + 3_600_000 && asks.length < 130, `${asks.length} questions`);
  equal(stream.missing(), []);
  is(stream.deadline(), null);
});

test('causal gives up after 30 s and delivers with a gap, in order', () => {
  const stream = causal();
  feed(stream, start, object('a3', 'a2'));
  feed(stream, after(start, 1000), object('b4', null, ['a3']));
  const said = run(stream, after(start, 60_000)).filter(({ output }) => output.kind !== 'want');
  equal(said.map(({ output }) => say(output)), ['gave-up a2', 'deliver a3 -a2 gap', 'deliver b4']);
  is(said[0]!.at, after(start, 30_000));
  equal(stream.pending(), []);
});

test('what names a given-up object does not wait for it again', () => {
  const stream = causal();
  feed(stream, start, object('a3', 'a2'));
  run(stream, after(start, 30_000));
  equal(feed(stream, after(start, 30_001), object('c5', null, ['a2'])).map(say), ['deliver c5 -a2 gap']);
});

test('a given-up object that comes late is delivered, and heals its name', () => {
  const stream = causal();
  feed(stream, start, object('a3', 'a2'));
  run(stream, after(start, 30_000));
  equal(feed(stream, after(start, 31_000), object('a2', 'a1')), [], 'late, but its own past is waited for');
  equal(feed(stream, after(start, 31_000), object('d5', null, ['a2'])), [], 'it is here again, so it is waited for');
  equal(feed(stream, after(start, 31_001), object('a1')).map(say), ['deliver a1', 'deliver a2', 'deliver d5']);
});

test('in live, gap says that something missing was given up', () => {
  const stream = live();
  equal(feed(stream, start, object('a3', 'a2')).map(say), ['deliver a3 -a2']);
  const said = run(stream, after(start, 30_000)).filter(({ output }) => output.kind !== 'want');
  equal(said.map(({ output }) => say(output)), ['gave-up a2']);
  equal(feed(stream, after(start, 30_000), object('b4', null, ['a2', 'a3'])).map(say), ['deliver b4 -a2 gap']);
});

test('nobody waits longer than 30 s, even if its past comes in piece by piece', () => {
  const stream = causal();
  feed(stream, start, object('z9', null, ['a99']));
  const said: string[] = [];
  // Each piece comes just before the last one's time is up, and names another one.
  for (let n = 99; n > 94; n -= 1) {
    const at = after(start, (100 - n) * 29_000);
    for (const { at: then, output } of run(stream, at)) if (output.kind === 'deliver') said.push(`${then - start} ${say(output)}`);
    for (const output of feed(stream, at, object(`a${n}`, `a${n - 1}`))) said.push(say(output));
  }
  is(said[0], '30000 deliver a99 -a98 gap');
  is(said[1], '30000 deliver z9');
});

test('a fork is reported once for each further object, and all of them are delivered', () => {
  const stream = causal();
  feed(stream, start, object('a1'));
  equal(feed(stream, start, object('a2', 'a1')).map(say), ['deliver a2']);
  equal(feed(stream, start, object('a3', 'a1')).map(say), ['deliver a3', 'fork of a1: a2 a3']);
  equal(feed(stream, start, object('a4', 'a1')).map(say), ['deliver a4', 'fork of a1: a2 a4']);
  equal(feed(stream, start, object('a3', 'a1')), []);
});

test('a fork is seen before its common past is, and whatever comes first', () => {
  const stream = causal();
  feed(stream, start, object('a3', 'a1'));
  equal(feed(stream, start, object('a2', 'a1')).map(say), ['fork of a1: a3 a2']);
  equal(feed(stream, start, object('a1')).map(say), ['deliver a1', 'deliver a2', 'deliver a3']);
});

test('two authors who name one prev are no fork, and nobody can hide the fork of another', () => {
  const stream = live();
  feed(stream, start, object('a1'));
  equal(feed(stream, start, object('m2', 'a1')).map(say), ['deliver m2']);
  equal(feed(stream, start, object('a2', 'a1')).map(say), ['deliver a2']);
  equal(feed(stream, start, object('a3', 'a1')).map(say), ['deliver a3', 'fork of a1: a2 a3']);
});

test('a new chain after a lost state is no fork', () => {
  const stream = causal();
  feed(stream, start, object('a1'));
  feed(stream, start, object('a2', 'a1'));
  equal(feed(stream, start, object('a3')).map(say), ['deliver a3']);
  is(stream.lastOf(author('a')), 'a3');
  equal(stream.heads(author('b')), ['a3', 'a2']);
  equal(stream.heads(author('a')), ['a2'], 'the old chain is tied to the new one');
});

test('the last object of an author is found in any order of arrival, also with a clock set back', () => {
  const chain = [object('a5'), object('a4', 'a5'), object('a3', 'a4'), object('a2', 'a3')]; // times run back
  const orders = [[0, 1, 2, 3], [3, 2, 1, 0], [0, 2, 1, 3], [0, 3, 2, 1], [2, 0, 3, 1], [1, 3, 0, 2]];
  for (const mode of ['live', 'causal'] as const) {
    for (const order of orders) {
      const stream = new CausalStream({ mode, random: testRandom(), own: author('a') });
      for (const at of order) feed(stream, start, chain[at]!);
      is(stream.lastOf(author('a')), 'a2', `${mode} ${order.join('')}`);
      is(stream.lastOf(author('x')), null);
    }
  }
});

test('heads are what nobody named, latest first, at most 8, and not the own last', () => {
  const stream = live();
  feed(stream, start, object('a1'));
  feed(stream, start, object('b2', null, ['a1']));
  equal(stream.heads(author('x')), ['b2']);
  equal(stream.heads(author('b')), []);
  for (const name of 'cdefghijkl') feed(stream, start, object(`${name}3`));
  equal(stream.heads(author('x')), ['l3', 'k3', 'j3', 'i3', 'h3', 'g3', 'f3', 'e3']);
  equal(stream.heads(author('l'), 2), ['k3', 'j3']);
  is(stream.heads(author('x'), 99).length, 8);
});

test('what was named before it came is no head', () => {
  const stream = live();
  feed(stream, start, object('b2', null, ['a1']));
  feed(stream, start, object('a1'));
  equal(stream.heads(author('x')), ['b2']);
});

test('in causal, what is held back is no head yet, but the own last is known', () => {
  const stream = new CausalStream({ mode: 'causal', random: testRandom(), own: author('a') });
  feed(stream, start, object('a2', 'a1'));
  equal(stream.heads(author('b')), []);
  is(stream.lastOf(author('a')), 'a2', 'or the next one would fork the chain');
});

test('restored objects are delivered at once, and what is lost to them is neither asked nor waited for', () => {
  for (const mode of ['live', 'causal'] as const) {
    const stream = new CausalStream({ mode, random: testRandom() });
    const restored = (one: ReturnType<typeof object>): readonly string[] => stream.handle(start, { kind: 'object', from: null, restored: true, ...one }).map(say);
    equal(restored(object('a5', 'a4')), ['deliver a5 -a4 gap']);
    equal(restored(object('a6', 'a5', ['b1'])), ['deliver a6 -b1 gap']);
    is(stream.deadline(), null);
    equal(feed(stream, start, object('a6', 'a5', ['b1'])), [], 'the network brings it once more');
    equal(feed(stream, start, object('c7', null, ['b1'])).map(say), ['deliver c7 -b1 gap']);
    equal(feed(stream, start, object('b1')).map(say), ['deliver b1']);
    equal(stream.heads(author('x')), ['c7', 'a6']);
  }
});

test('restored objects fed again are not delivered twice', () => {
  for (const mode of ['live', 'causal'] as const) {
    const stream = new CausalStream({ mode, random: testRandom() });
    const objects = [object('a1'), object('a2', 'a1'), object('b3', null, ['a2'])];
    const out: PacketId[] = [];
    for (const restored of [true, false, true]) {
      for (const one of objects) for (const output of stream.handle(start, { kind: 'object', from: null, restored, ...one })) if (output.kind === 'deliver') out.push(output.id);
    }
    equal(out, ['a1', 'a2', 'b3']);
  }
});

test('a wakeup that comes early, late or twice does no harm', () => {
  const stream = causal();
  equal(stream.handle(start, wakeup), []);
  feed(stream, start, object('a2', 'a1'));
  equal(stream.handle(after(start, 1), wakeup), []);
  const late = stream.handle(after(start, 90_000), wakeup);
  equal(late.map(say), ['gave-up a1', 'deliver a2 -a1 gap', 'want a1@0']);
  equal(stream.handle(after(start, 90_000), wakeup), []);
  ok(stream.deadline()! > start + 90_000);
});

test('a time to give up that is no positive number is the caller\'s mistake', () => {
  for (const giveUpMs of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    throws(() => new CausalStream({ mode: 'live', random: testRandom(), giveUpMs }), /giveUpMs must be a number > 0/);
  }
  const quick = new CausalStream({ mode: 'causal', random: testRandom(), giveUpMs: 10 });
  feed(quick, start, object('a2', 'a1'));
  equal(deliveredBy(quick.handle(after(start, 10), wakeup)), ['a2']);
});

test('what an object says to follow is asked for like what it names, until it is here', () => {
  const stream = new CausalStream({ mode: 'causal', random: testRandom() });
  equal(feed(stream, start, object('a1', null, [], { next: sid('a2') }), peer('s')).map(say), ['deliver a1']);
  const asked = run(stream, after(start, 2_000)).map(({ output }) => output);
  equal(asked.map(say), ['want-next a2@0', 'want-next a2@1', 'want-next a2@2', 'want-next a2@3'].slice(0, asked.length));
  ok(asked.length >= 2 && asked.every((output) => output.kind === 'want-next' && output.from === peer('s')));
  equal(feed(stream, after(start, 2_000), object('a2', 'a1', [], { next: sid('a3') })).map(say), ['deliver a2']);
  feed(stream, after(start, 2_010), object('a3', 'a2'));
  equal(run(stream, after(start, 60_000)), [], 'they came');
});

test('what follows is not asked for where it is here, is asked for anyway, or was read back', () => {
  const stream = new CausalStream({ mode: 'live', random: testRandom() });
  feed(stream, start, object('a2', 'a1'));
  const said = run(stream, after(start, 400)).map(({ output }) => say(output));
  equal(new Set(said), new Set(['want a1@0', 'want a1@1'].slice(0, said.length)));
  feed(stream, after(start, 400), object('a1', null, [], { next: sid('a2') }));
  equal(run(stream, after(start, 10_000)), [], 'the next one is here');
  feed(stream, after(start, 10_000), object('b1', null, [], { next: sid('b2') }));
  feed(stream, after(start, 10_000), object('c1', 'b2'));
  ok(run(stream, after(start, 20_000)).every(({ output }) => output.kind === 'want'), 'one question for each');
  feed(stream, after(start, 20_000), object('b2', 'b1'));
  stream.handle(after(start, 20_000), { kind: 'object', from: null, restored: true, ...object('d1', null, [], { next: sid('d2') }) });
  feed(stream, after(start, 20_000), object('e1', null, [], { next: sid('e1') }));
  equal(run(stream, after(start, 40_000)), []);
});

test.run();
