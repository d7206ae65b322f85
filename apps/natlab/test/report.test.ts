import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { kinds } from '../dist/lab/kinds.js';
import type { PairRun } from '../dist/lab/pair.js';
import { faultsOf } from '../dist/lab/proof.js';
import { jsonOf, percentile, tablesOf } from '../dist/lab/report.js';

const test = suite('the report');
const run = (values: Partial<PairRun>): PairRun => ({
  a: 'open', b: 'symmetric', isDelivered: true, path: 'direct', ms: 100.04, directMs: 90, packets: 80, betweenPackets: 20, againMs: null, lostCount: null, isHeardAgain: null, ...values,
});
const lost = { isDelivered: false, path: 'none', ms: null, directMs: null } as const;

test('JSON is one line with an entry for each run, and nothing else', () => {
  assert.is(
    jsonOf([run({}), run(lost)]),
    '{"pairs":[{"a":"open","b":"symmetric","delivered":true,"path":"direct","ms":100,"packets":80},{"a":"open","b":"symmetric","delivered":false,"path":"none","ms":null,"packets":80}]}',
  );
});

test('the tables tell in how many runs a pair went which way', () => {
  const text = tablesOf([run({}), run({ ms: 300 }), run({ path: 'relayed', directMs: null }), run({ a: 'open', b: 'open' })]);
  assert.match(text, /^open +direct +2 direct, 1 relayed$/m);
  assert.match(text, /^open:symmetric +3 +3 +2 +100 +300 +90 +90 +80 +80 +20$/m);
  assert.not.match(text, /again/);
  assert.match(tablesOf([run({ againMs: 12, lostCount: 0 })]), /again ms p50 +max +lost\n.* 12 +12 +0$/m);
});

test('percentiles are by nearest rank', () => {
  const values = [5, 1, 4, 2, 3];
  assert.equal([0, 50, 95, 100].map((share) => percentile(values, share)), ['1', '3', '5', '5']);
  assert.is(percentile([], 50), '-');
});

test('a box that is not what it is named is told by what differs', () => {
  const nature = kinds['symmetric-block'].natures[4];
  assert.equal(faultsOf(nature, { ...nature!, lives: true }), []);
  assert.equal(faultsOf(nature, { ...nature!, filtering: 'address', ports: [41_000, 42_000], lives: false }), [
    'filtering is address, not address-and-port',
    'ports are 41000,42000, not 40960,45055',
    'a mapping does not live for 2 s',
  ]);
});

test.run();
