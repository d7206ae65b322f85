import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Line } from '../dist/demo/parts.js';
import { type Evidence, judge } from '../dist/demo/verdict.js';

const bob = 'b0'.repeat(32) as Line['author'];
const eve = 'e0'.repeat(32) as Line['author'];
const idOf = (at: number): Line['id'] => String(at).repeat(32) as Line['id'];
const line = (at: number): Line => ({ id: idOf(at), author: bob, previous: at === 1 ? null : idOf(at - 1), text: `message ${at}` });
const lines = [line(1), line(2), line(3)];
const relay = '127.0.0.1:4001';
const report = { kind: 'report', neighbours: 1, subscribers: 0, objects: 3, readable: 0 } as const;
const good: Evidence = { bob, said: lines, heard: lines.map((one) => ({ line: one, from: relay })), keepers: [{ name: 'relay 1', address: relay, report, leaks: [] }] };
const heard = (...all: Line[]): Evidence => ({ ...good, heard: all.map((one) => ({ line: one, from: relay })) });

test('finds that it came true when all arrived as Bob wrote it', () => {
  assert.equal(judge(good, 3), { delivered: 3, problems: [], carriers: ['relay 1'] });
});

test('finds every way in which it did not', () => {
  const [one, two, three] = lines as [Line, Line, Line];
  const cases: [Evidence, RegExp, number][] = [
    [heard(), /received 0 of 3/, 0],
    [heard(one, two), /received 2 of 3/, 2],
    [heard(one, three, two), /another order/, 3],
    [heard(one, two, three, three), /twice/, 3],
    [heard(one, two, { ...three, author: eve }), /did not write like this/, 2],
    [heard(one, two, { ...three, text: 'forged' }), /did not write like this/, 2],
    [heard(one, two, { ...three, previous: one.id }), /did not write like this/, 2],
    [heard(...lines, { ...three, id: idOf(9) }), /1 messages that Bob did not write/, 3],
    [{ ...good, bob: eve }, /not signed by Bob/, 3],
    [{ ...good, said: [one, { ...two, previous: null }, three], heard: [one, { ...two, previous: null }, three].map((each) => ({ line: each, from: relay })) }, /does not link/, 3],
    [{ ...good, said: [], heard: [] }, /Bob published 0 of 3/, 0],
    [{ ...good, heard: good.heard.map(({ line: each }) => ({ line: each, from: '127.0.0.1:9' })) }, /none of the peers that stayed/, 3],
    [{ ...good, keepers: good.keepers.map((keeper) => ({ ...keeper, report: { ...report, readable: 3 } })) }, /relay 1 could read 3/, 3],
    [{ ...good, keepers: good.keepers.map((keeper) => ({ ...keeper, leaks: ['"message 1"'] })) }, /relay 1 has "message 1" on its disk/, 3],
  ];
  for (const [evidence, problem, delivered] of cases) {
    const verdict = judge(evidence, 3);
    assert.match(verdict.problems.join('; '), problem);
    assert.is(verdict.delivered, delivered, problem.source);
  }
});

test.run();
