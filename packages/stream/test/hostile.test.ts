import { after, type Instant, type PacketId, wakeup } from '@srp/machine';
import { CausalStream } from '@srp/stream';
import { test } from 'uvu';
import { equal, is, ok } from 'uvu/assert';
import { Chains } from '../dist/chains.js';
import { askForMs, askIdsBurst, askIdsPerSecond, askNextForMs, authorsMax, chainLinksMax, deliveredMax, goneMax, headsMax, heldMax, namedMax, nextsMax, nextsPerAuthorMax, tipsPerAuthorMax, wantsMax, wantsPerAuthorMax } from '../dist/constants.js';
import { Heads } from '../dist/heads.js';
import { WaitingRoom } from '../dist/waiting-room.js';
import { Wants } from '../dist/wants.js';
import { author, deliveredBy, feed, object, peer, pid, run, say, sid, start, testRandom } from './helpers.js';

const streamOf = (mode: 'live' | 'causal'): CausalStream => new CausalStream({ mode, random: testRandom() });
const bogus = (n: number): readonly string[] => Array.from({ length: 8 }, (_, p) => `x${n}-${p}`);

test('an object that names itself names nobody', () => {
  for (const mode of ['live', 'causal'] as const) {
    const stream = streamOf(mode);
    equal(feed(stream, start, object('a1', 'a1', ['a1'])).map(say), ['deliver a1']);
    equal(feed(stream, start, object('a2', 'a1')).map(say), ['deliver a2'], 'and forks nothing');
    is(stream.lastOf(author('a')), 'a2');
    is(stream.deadline(), null);
  }
});

test('a circle is held 30 s at most, like anything else', () => {
  const stream = streamOf('causal');
  feed(stream, start, object('a1', 'b2'));
  feed(stream, start, object('b2', 'c3'));
  feed(stream, after(start, 5), object('c3', 'a1'));
  feed(stream, after(start, 9), object('d4', 'b2'));
  equal(stream.pending(), ['a1', 'b2', 'c3', 'd4']);
  equal(run(stream, after(start, 30_000)).map(({ output }) => say(output)), ['deliver a1 -b2 gap', 'deliver c3', 'deliver b2', 'deliver d4']);
});

test('8 bogus parents on every message cost honest members nothing', () => {
  const stream = streamOf('causal');
  let now: Instant = start;
  let asked = 0;
  for (let n = 0; n < 5000; n += 1) {
    now = after(now, 10);
    if (n % 100 === 50) {
      // An honest member loses a datagram now and then; it is asked for and comes.
      feed(stream, now, object(`h${n + 1}`, `h${n}`), peer('h'));
      for (const { output } of run(stream, after(now, 700))) if (output.kind === 'want' && output.ids.includes(pid(`h${n}`))) asked += 1;
      equal(deliveredBy(feed(stream, after(now, 700), object(`h${n}`, n > 50 ? `h${n - 99}` : null), peer('h'))), [`h${n}`, `h${n + 1}`]);
      now = after(now, 700);
    }
    feed(stream, now, object(`m${n}`, n === 0 ? null : `m${n - 1}`, bogus(n)), peer('m'));
    ok(stream.missing().length <= wantsPerAuthorMax + 1 && stream.pending().length <= heldMax);
  }
  ok(asked >= 50, `${asked} questions for 50 lost objects`);
  run(stream, after(now, 30_000));
  equal(stream.pending(), []);
});

test('many authors with bogus parents fill the wants and no more, and never hurry the questions', () => {
  const stream = streamOf('live');
  let now: Instant = start;
  let ids = 0;
  const seconds = 20;
  for (let n = 0; n < seconds * 100; n += 1) {
    now = after(now, 10);
    for (const output of stream.handle(now, wakeup)) if (output.kind === 'want') ids += output.ids.length;
    feed(stream, now, object(`m${n}`, null, bogus(n), { author: author(`m${n}`) }));
    ok(stream.missing().length <= wantsMax);
  }
  is(stream.missing().length, wantsMax);
  ok(ids <= askIdsBurst + askIdsPerSecond * seconds, `${ids} ids asked for in ${seconds} s`);
  ok(stream.counts()['want-displaced']! > 1000);
});

test('one bogus parent that everybody names is asked for once at a time and given up once', () => {
  const stream = streamOf('causal');
  for (let n = 0; n < 500; n += 1) feed(stream, after(start, n), object(`a${n}`, null, ['x1'], { author: author(`a${n}`) }));
  equal(stream.missing(), ['x1']);
  const said = run(stream, after(start, 31_000)).map(({ output }) => output);
  ok(said.filter(({ kind }) => kind === 'want').length < 12);
  is(said.filter(({ kind }) => kind === 'gave-up').length, 1);
  is(deliveredBy(said).length, 500);
});

test('a next that nobody has delays nobody, is asked for eight times at most, and eight at a time because of one author', () => {
  for (const mode of ['live', 'causal'] as const) {
    const stream = streamOf(mode);
    equal(feed(stream, start, object('a1', null, [], { next: sid('x1') })).map(say), ['deliver a1']);
    equal(feed(stream, start, object('b1', null, ['a1'])).map(say), ['deliver b1']);
    const said = run(stream, after(start, 3_600_000)).map(({ output }) => output);
    ok(said.every(({ kind }) => kind === 'want-next') && said.length > 4 && said.length <= 9, said.map(say).join());
    is(stream.deadline(), null);
    equal(stream.missing(), []);
  }
  const stream = streamOf('live');
  let now: Instant = start;
  let asked = 0;
  for (let n = 0; n < 6_000; n += 1) {
    now = after(now, 10);
    for (const output of stream.handle(now, wakeup)) if (output.kind === 'want-next') asked += output.ids.length;
    feed(stream, now, object(`m${n}`, null, [], { next: sid(`x${n}`) }));
  }
  ok(asked <= 2 * 9 * nextsPerAuthorMax, `${asked} ids asked for in ${askNextForMs} ms`);
  ok(stream.counts()['next-ignored']! > 5_000);
  feed(stream, now, object('h1', null, [], { next: sid('h2') }));
  const said = run(stream, after(now, 300)).flatMap(({ output }) => (output.kind === 'want-next' ? output.ids : []));
  ok(said.includes(sid('h2')), 'what others say to follow is asked for as before');
  for (let n = 0; n < 1_000; n += 1) feed(stream, after(now, 300), object(`k${n}`, null, [], { author: author(`k${n}`), next: sid(`y${n}`) }));
  is(stream.bounds().find(({ name }) => name === 'stream nexts')?.size, nextsMax);
});

test('a flood of held objects pushes out its own author first', () => {
  const stream = streamOf('causal');
  feed(stream, start, object('h2', 'h1'));
  for (let n = 0; n < 3 * heldMax; n += 1) {
    const out = deliveredBy(feed(stream, start, object(`m${n}`, null, [`x${n}`])));
    ok(stream.pending().length <= heldMax);
    if (n >= heldMax - 1) equal(out, [`m${n - heldMax + 1}`]);
  }
  is(stream.pending()[0], 'h2');
  is(stream.counts()['hold-displaced'], 2 * heldMax + 1);
  equal(deliveredBy(feed(stream, start, object('h1'))), ['h1', 'h2']);
});

test('a chain fed backwards is bounded too, and what is pushed out takes its own past along', () => {
  const stream = streamOf('causal');
  const out: string[] = [];
  for (let n = 2 * heldMax; n > 0; n -= 1) {
    out.push(...deliveredBy(feed(stream, start, object(`a${n}`, `a${n - 1}`))));
    ok(stream.pending().length <= heldMax);
  }
  out.push(...deliveredBy(feed(stream, start, object('a0'))));
  is(new Set(out).size, 2 * heldMax + 1);
  equal(out.slice(0, heldMax + 1), Array.from({ length: heldMax + 1 }, (_, n) => `a${n + heldMax}`), 'in order, with one gap');
  equal(stream.pending(), []);
});

test('who leaves the waiting room by force leaves nothing behind', () => {
  const room = new WaitingRoom(30_000);
  for (let n = 0; n < 100; n += 1) room.add(start, object(`a${n}`, null, ['x', `x${n}`]), [pid('x'), pid(`x${n}`)]);
  is(room.waitedForCount, 101);
  for (let n = 0; n < 100; n += 1) equal(room.takeWithPast(pid(`a${n}`)).map(({ id }) => id), [`a${n}`]);
  is(room.size, 0);
  is(room.waitedForCount, 0);
});

test('when the wants are full, the author with the most loses his oldest', () => {
  const wants = new Wants<PacketId>(testRandom(), { max: wantsMax, perAuthorMax: wantsPerAuthorMax, askForMs, giveUpMs: 30_000 });
  wants.add(start, [pid('h1')], author('h'), null);
  for (let n = 0; n < wantsMax - 1; n += 1) wants.add(start, [pid(`m${n}`)], author(`m${n % 20}`), null);
  equal(wants.add(start, [pid('i1')], author('i'), null), [pid('m0')]);
  const ids = wants.ids();
  is(ids.length, wantsMax);
  ok(ids.includes(pid('h1')) && ids.includes(pid('i1')) && !ids.includes(pid('m0')));
});

test('a want that had to go does not keep anybody waiting, and nothing that is here is given up', () => {
  const stream = streamOf('causal');
  feed(stream, start, object('m9', 'x1', ['m5']));
  feed(stream, start, object('m5', 'x1'));
  for (let n = 10; n < 10 + wantsPerAuthorMax; n += 1) feed(stream, start, object(`m${n}`, `y${n}`));
  ok(!stream.missing().includes(pid('x1')));
  const said = run(stream, after(start, 30_000)).map(({ output }) => say(output));
  equal(said.filter((one) => /x1|m5\b|m9\b/.test(one)), ['gave-up x1', 'deliver m5 -x1 gap', 'deliver m9 -x1 gap']);
  equal(stream.pending(), []);
});

test('delivered ids are remembered as long as a whole cache could bring them back', () => {
  const stream = streamOf('live');
  for (let n = 0; n <= deliveredMax; n += 1) feed(stream, start, object(`a${n}`, null, [], { author: author(`a${n % 100}`) }));
  equal(feed(stream, start, object('a1')), [], 'the oldest still remembered');
  equal(deliveredBy(feed(stream, start, object('a0'))), ['a0'], 'the one before is not');
});

test('given-up ids are bounded', () => {
  const stream = streamOf('live');
  for (let n = 0; n <= goneMax; n += 1) stream.handle(start, { kind: 'object', from: null, restored: true, ...object(`a${n}`, `x${n}`) });
  equal(feed(stream, start, object('b1', null, [`x${goneMax}`])).map(say), [`deliver b1 -x${goneMax} gap`]);
  equal(feed(stream, start, object('b2', null, ['x0'])).map(say), ['deliver b2 -x0']);
});

test('heads and names are bounded', () => {
  const heads = new Heads();
  for (let n = 0; n < headsMax + 10; n += 1) heads.add(pid(`h${n}`), [], []);
  is(heads.latest(null, 10 * headsMax).length, headsMax);
  ok(!heads.latest(null, headsMax).includes(pid('h9')));
  for (let n = 0; n <= namedMax; n += 1) heads.add(pid(`c${n}`), [pid(`p${n}`)], [pid(`p${n}`)]);
  heads.add(pid('p1'), [], []);
  ok(!heads.latest(null, headsMax).includes(pid('p1')));
  heads.add(pid('p0'), [], []);
  ok(heads.latest(null, headsMax).includes(pid('p0')), 'forgotten: offered once more, which does no harm');
});

test('authors, chain ends and links are bounded, and the own author is never forgotten', () => {
  const chains = new Chains(author('me'));
  chains.add(object('z1', null, [], { author: author('me') }));
  chains.add(object('y1', null, [], { author: author('y') }));
  for (let n = 0; n < authorsMax; n += 1) chains.add(object(`a${n}`, null, [], { author: author(`a${n}`) }));
  is(chains.lastOf(author('me')), 'z1');
  is(chains.lastOf(author('y')), null);
  is(chains.lastOf(author(`a${authorsMax - 1}`)), `a${authorsMax - 1}`);

  for (let n = 0; n < 3 * tipsPerAuthorMax; n += 1) chains.add(object(`w${n}`, null, [], { author: author('w') }));
  is(chains.lastOf(author('w')), `w${3 * tipsPerAuthorMax - 1}`);

  chains.add(object('f2', 'f1'));
  for (let n = 0; n < chainLinksMax - 1; n += 1) chains.add(object(`q${n + 1}`, `q${n}`));
  equal(chains.add(object('f3', 'f1')), ['f2', 'f3']);
  for (let n = 0; n < 2; n += 1) chains.add(object(`v${n + 1}`, `v${n}`));
  is(chains.add(object('f4', 'f1')), null, 'so far apart a fork goes unseen');
});

test('a member who names the own head of another moves neither his chain nor his last', () => {
  const stream = streamOf('live');
  feed(stream, start, object('a1'));
  feed(stream, start, object('m2', 'a1'));
  is(stream.lastOf(author('a')), 'a1');
  equal(stream.heads(author('b')), ['m2']);
});

test.run();
