/** Messages in parts: what the order does with them, and how they are put together. */
import { after, type Instant, type PacketId, wakeup } from '@srp/machine';
import { CausalStream, type Part, Parts, putTogether, type StreamObject } from '@srp/stream';
import { test } from 'uvu';
import { equal, is, ok } from 'uvu/assert';
import { heldBytesMax, heldMax, incompleteForMs, incompleteMax, partsBytesMax, partsForMs, partsKeptMax } from '../dist/constants.js';
import { author, deliveredBy, feed, object, pid, run, say, start, testRandom } from './helpers.js';

const streamOf = (mode: 'live' | 'causal'): CausalStream => new CausalStream({ mode, random: testRandom() });
/** A run of `count` parts and its manifest: `x.1`, `x.2`, ... and `x`. */
const runOf = (name: string, prev: string | null, count: number, parents: readonly string[] = []): { readonly parts: readonly StreamObject[]; readonly manifest: StreamObject } => {
  const ids = Array.from({ length: count }, (_, n) => `${name}.${n + 1}`);
  return {
    parts: ids.map((id, n) => object(id, ids[n - 1] ?? prev, [], { isSilent: true })),
    manifest: object(name, ids.at(-1) ?? null, parents, { parts: ids.map(pid) }),
  };
};
const shown = (outputs: ReturnType<CausalStream['handle']>): readonly string[] => outputs.map(say).filter((one) => !one.startsWith('progress'));

test('a message in parts is delivered once, when all of it is here, in whatever order it comes', () => {
  for (const mode of ['live', 'causal'] as const) {
    for (const turn of [0, 1, 2, 3]) {
      const { parts, manifest } = runOf('m', 'a1', 3);
      const all = [...parts, manifest];
      const stream = streamOf(mode);
      feed(stream, start, object('a1'));
      const outputs = [...all.slice(turn), ...all.slice(0, turn)].flatMap((one) => feed(stream, start, one));
      equal(shown(outputs), ['deliver m']);
      equal(stream.missing(), []);
      is(stream.lastOf(manifest.author), 'm');
    }
  }
});

test('parts are shown to nobody, are no heads, and what they follow is what their message follows', () => {
  const stream = streamOf('live');
  const { parts, manifest } = runOf('m', 'a1', 3, ['b1']);
  feed(stream, start, object('b1'));
  equal(parts.flatMap((part) => feed(stream, start, part)), []);
  equal(stream.heads(author('c')), ['b1']);
  equal(feed(stream, start, manifest).map(say), ['deliver m -a1'], 'what came before the first part is missing, and no part is');
  equal(stream.heads(author('c')), ['m']);
  feed(stream, start, object('a1'));
  equal(stream.heads(author('c')), ['m'], 'named by the run');
});

test('a manifest tells which parts are here, and asks for the others at once', () => {
  const stream = streamOf('live');
  const { parts, manifest } = runOf('m', null, 5);
  feed(stream, start, parts[1]!);
  equal(feed(stream, start, manifest).map(say), ['progress m 1/5']);
  equal(stream.missing(), ['m.1', 'm.5', 'm.3', 'm.4']);
  equal(stream.status(), { state: 'missing', missing: 4, lost: 0 });
  equal([...new Set(run(stream, after(start, 200)).map(({ output }) => say(output)))], ['want m.1,m.5,m.3,m.4@0']);
  equal(feed(stream, after(start, 200), parts[0]!).map(say), ['progress m 2/5']);
  equal([2, 3, 4].flatMap((n) => feed(stream, after(start, 200), parts[n]!)).map(say), ['progress m 3/5', 'progress m 4/5', 'progress m 5/5', 'deliver m']);
  equal(stream.status(), { state: 'synced', missing: 0, lost: 0 });
});

test('who names a message that is not whole waits for it in causal mode, 30 s at most, and says in live mode that it is missing', () => {
  const { parts, manifest } = runOf('m', null, 2);
  const live = streamOf('live');
  feed(live, start, manifest);
  equal(shown(feed(live, start, object('b1', null, ['m']))), ['deliver b1 -m']);
  ok(!live.missing().includes(pid('m')), 'it is here');
  const causal = streamOf('causal');
  feed(causal, start, manifest);
  equal(shown(feed(causal, start, object('b1', null, ['m']))), []);
  feed(causal, after(start, 10), parts[0]!);
  equal(shown(feed(causal, after(start, 10), parts[1]!)), ['deliver m', 'deliver b1']);
  const impatient = streamOf('causal');
  feed(impatient, start, manifest);
  feed(impatient, start, object('b1', null, ['m']));
  ok(run(impatient, after(start, 30_000)).map(({ output }) => say(output)).includes('deliver b1 -m gap'));
  equal(shown(parts.flatMap((part) => feed(impatient, after(start, 40_000), part))), ['deliver m'], 'what was given up and comes after all is delivered then');
});

test('a message whose parts never come goes after a day, and counts as lost', () => {
  const stream = streamOf('live');
  const { parts, manifest } = runOf('m', null, 2);
  feed(stream, start, manifest);
  const said = run(stream, after(start, incompleteForMs + 1)).map(({ output }) => say(output));
  is(said.at(-2), 'abandoned m');
  equal(stream.status(), { state: 'lost', missing: 0, lost: 3 });
  equal(shown(parts.flatMap((part) => feed(stream, after(start, incompleteForMs + 1), part))), []);
  is(stream.deadline(), null);
});

test('messages that wait for parts are bounded, and who has most of them loses his oldest', () => {
  const stream = streamOf('live');
  const honest = runOf('h', null, 2);
  feed(stream, start, { ...honest.manifest, author: author('h') });
  for (let n = 0; n < incompleteMax + 50; n += 1) feed(stream, start, { ...runOf(`m${n}`, null, 60).manifest, author: author('m') });
  is(stream.bounds().find(({ name }) => name === 'stream incomplete')?.size, incompleteMax);
  is(stream.counts().abandoned, 51);
  equal(shown(honest.parts.flatMap((part) => feed(stream, start, part))), ['deliver h']);
});

test('objects are held up to a number of bytes too', () => {
  const stream = streamOf('causal');
  const count = 1.5 * (heldBytesMax / 1198);
  for (let n = 0; n < count && n < heldMax; n += 1) feed(stream, start, object(`m${n}`, 'x', [], { bytes: 1198 }));
  const bytes = stream.bounds().find(({ name }) => name === 'stream held, bytes');
  ok(bytes!.size <= heldBytesMax && bytes!.size > heldBytesMax - 2 * 1198);
  is(deliveredBy(feed(stream, start, object('x', null, [], { bytes: 10 }))).length, 1 + bytes!.size / 1198);
  is(stream.bounds().find(({ name }) => name === 'stream held, bytes')!.size, 0);
});

test('parts of a restored message that are not there are asked for, unlike a past that is not', () => {
  const stream = streamOf('causal');
  const { parts, manifest } = runOf('m', 'a1', 3);
  const restored = (one: StreamObject): readonly string[] => shown(stream.handle(start, { kind: 'object', from: null, restored: true, ...one }));
  equal([parts[0]!, parts[2]!, manifest].flatMap(restored), []);
  equal(stream.missing(), ['m.2']);
  equal(stream.status().lost, 1, 'a1 is gone');
  equal(shown(feed(stream, start, parts[1]!)), ['deliver m -a1 gap']);
});

test('the status tells what is asked for, and what was asked for in vain', () => {
  const stream = streamOf('live');
  equal(stream.status(), { state: 'synced', missing: 0, lost: 0 });
  feed(stream, start, object('a3', 'a2', ['b1']));
  equal(stream.status(), { state: 'missing', missing: 2, lost: 0 });
  feed(stream, start, object('a2', null, [], { next: pid('a3') as never }));
  equal(stream.status(), { state: 'missing', missing: 1, lost: 0 });
  run(stream, after(start, 3_700_000));
  equal(stream.status(), { state: 'lost', missing: 0, lost: 1 });
  feed(stream, after(start, 3_700_000), object('b1', null, [], { next: 'b2' as never }));
  equal(stream.status(), { state: 'missing', missing: 1, lost: 0 }, 'the author says that there is more');
  feed(stream, after(start, 3_700_000), object('b2', 'b1'));
  equal(stream.status(), { state: 'synced', missing: 0, lost: 0 });
});

const part = (name: string, prev: string | null, bytes = 3): Part => ({ id: pid(name), author: author(name.slice(0, 1)), prev: prev === null ? null : pid(prev), payload: new Uint8Array(bytes).fill(name.charCodeAt(1)) });

test('parts are put together if they are the run of the author that ends at the manifest', () => {
  const parts = new Parts();
  for (const one of [part('a1', 'a0'), part('a2', 'a1', 0), part('a3', 'a2', 1), part('b1', null), part('a5', 'a4')]) parts.add(start, one);
  const together = (prev: string | null, ...ids: readonly string[]): unknown => {
    const made = putTogether({ author: author('a'), prev: prev as PacketId | null, parts: ids.map(pid) }, (id) => {
      const found = parts.get(id);
      return found === undefined ? { ok: false, reason: 'part-gone' } : { ok: true, value: found };
    });
    return made.ok ? [[...made.value.payload], made.value.previous] : made.reason;
  };
  equal(together('a3', 'a1', 'a2', 'a3'), [[49, 49, 49, 51], 'a0']);
  equal(together('a3', 'a2', 'a3'), [[51], 'a1'], 'a run may begin anywhere');
  is(together('a3', 'a1', 'a3'), 'manifest-alien');
  is(together('a3', 'a3', 'a2', 'a1'), 'manifest-alien');
  is(together('a2', 'a1', 'a2', 'a3'), 'manifest-alien');
  is(together('b1', 'b1'), 'manifest-alien');
  is(together('a4', 'a3', 'a4'), 'part-gone');
  is(together(null), 'manifest-alien');
});

test('parts wait for their manifest in a bounded room and for ten minutes, and who brings most loses his oldest', () => {
  const parts = new Parts();
  const now = (ms: number): Instant => after(start, ms);
  parts.add(now(0), part('h1', null, 1024));
  for (let n = 0; n < 1_500; n += 1) parts.add(now(1), { ...part('m1', null, 1024), id: pid(`m${n}`) });
  equal(parts.bounds().map(({ size, max }) => size <= max), [true, true]);
  is(parts.bounds()[1]?.size, partsBytesMax);
  ok(parts.get(pid('h1')) !== undefined && parts.get(pid('m0')) === undefined && parts.get(pid('m1499')) !== undefined);
  for (let n = 0; n < 3_000; n += 1) parts.add(now(1), { ...part('n1', null, 0), id: pid(`n${n}`) });
  is(parts.bounds()[0]?.size, partsKeptMax);
  is(parts.deadline(), now(partsForMs));
  parts.wake(now(partsForMs));
  is(parts.get(pid('h1')), undefined);
  parts.wake(now(partsForMs + 1));
  equal(parts.bounds().map(({ size }) => size), [0, 0]);
  is(parts.deadline(), null);
});

test('nothing is left of a run that was delivered', () => {
  const stream = streamOf('causal');
  const { parts, manifest } = runOf('m', null, 3);
  for (const one of [manifest, ...parts]) feed(stream, start, one);
  stream.handle(after(start, 100_000), wakeup);
  equal(stream.bounds().map(({ size }) => size), [0, 0, 0, 0, 0]);
  is(stream.deadline(), null);
});

test.run();
