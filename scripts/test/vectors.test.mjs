// The conformance vectors and the specification, held together: what a vector names stands in SPEC, what SPEC and
// THREATS name as proof exists.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readVectors, vectorText } from '../vectors.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const test = suite('vectors and specification');

const documents = ['docs/SPEC.md', 'docs/THREATS.md', 'docs/ERRORS.md', ...['docs/spec', 'docs/threats'].flatMap((folder) => list(folder).map((name) => `${folder}/${name}`))];
const text = documents.map((file) => readFileSync(join(root, file), 'utf8')).join('\n').replaceAll(/\s+/g, ' ');
const files = list('vectors').filter((name) => name.endsWith('.json'));
const cases = files.flatMap((name) => Object.values(readVectors(name)).filter(Array.isArray).flat());

function list(folder) {
  return existsSync(join(root, folder)) ? readdirSync(join(root, folder)).sort() : [];
}

test('every rule and every reason of a vector stands in the specification', () => {
  assert.ok(cases.length > 0);
  const rules = new Set(cases.map(({ rule }) => rule).filter(Boolean));
  assert.equal([...rules].filter((rule) => !text.includes(`**${rule}**`)), []);
  const reasons = new Set(cases.map(({ refused }) => refused).filter((reason) => typeof reason === 'string'));
  assert.equal([...reasons].filter((reason) => !text.includes(`\`${reason}\``)), []);
});

test('every rule of the wire names the vectors or the test that show it', () => {
  const rules = text.split(/ \* (?=\*\*W-\d+\*\*)/).slice(1);
  assert.ok(rules.length > 0);
  assert.equal(rules.map((rule, i) => [rule.slice(0, 8), `**W-${i + 1}**`]).filter(([rule, name]) => !rule.startsWith(name)), []);
  assert.equal(rules.filter((rule) => !/\b(Vectors|Test):/.test(rule)), []);
});

test('every test that a document quotes exists', () => {
  const titles = new Map();
  for (const folder of ['packages', 'apps'].flatMap((shelf) => list(shelf).map((name) => `${shelf}/${name}/test`))) {
    for (const file of list(folder).filter((one) => one.endsWith('.test.ts'))) {
      titles.set(file, (titles.get(file) ?? '') + readFileSync(join(root, folder, file), 'utf8'));
    }
  }
  const quotes = [...text.matchAll(/`([\w-]+\.test\.ts)`[,:] "([^"]+)"/g)];
  assert.ok(quotes.length > 0);
  assert.equal(quotes.filter(([, file, title]) => titles.get(file)?.includes(title) !== true).map(([quote]) => quote), []);
});

test('a vector file is ASCII, and comes back as it was written', () => {
  for (const name of files) {
    const written = readFileSync(join(root, 'vectors', name), 'utf8');
    assert.match(written, /^[\n -~]*$/);
    assert.fixture(written, vectorText(readVectors(name)));
    assert.ok(readFileSync(join(root, 'vectors/README.md'), 'utf8').includes(`(${name})`), `vectors/README.md does not list ${name}`);
  }
});

test.run();
