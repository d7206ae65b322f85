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

for (const [chapter, letter] of [['keys', 'I'], ['objects', 'W'], ['link', 'L'], ['meeting', 'N'], ['mesh', 'M'], ['cache', 'C'], ['order', 'S']]) {
  test(`the rules of ${chapter} are numbered without a gap, each once`, () => {
    const chapterText = readFileSync(join(root, `docs/spec/${chapter}.md`), 'utf8');
    const numbers = [...chapterText.matchAll(new RegExp(`\\*\\*${letter}-(\\d+)\\*\\*`, 'g'))].map(([, n]) => Number(n)).sort((a, b) => a - b);
    assert.ok(numbers.length > 10);
    assert.equal(numbers, numbers.map((_, i) => i + 1));
  });
}

for (const chapter of ['keys', 'objects', 'link']) {
  const chapterText = readFileSync(join(root, `docs/spec/${chapter}.md`), 'utf8');
  const shown = new Set(cases.map(({ rule }) => rule));

  test(`every rule and every MUST of ${chapter} names the vectors or the test that show it, or is named by a vector`, () => {
    assert.equal(statements(chapterText).filter((one) => !isShown(one, shown)), []);
  });
}

test('a MUST that nothing shows is noticed', () => {
  const prose = 'MUST as in RFC 2119.\n\n* **X-1** It MUST be.\n  1. And MUST.\n\n  Test: here.\n* **X-2** It MUST be.\n* **X-3** It is.\n\nAll MUST.\n\nSome may. Tests: there.';
  assert.equal(statements(prose).filter((one) => !isShown(one, new Set(['X-3']))), ['* **X-2** It MUST be.', 'All MUST.']);
});

/** The rules of a chapter, each with all that is indented under it, and its other paragraphs that demand something. */
function statements(markdown) {
  const blocks = markdown.split(/\n(?=\* \*\*)|\n+(?=\n\S)/).map((block) => block.trim());
  return blocks.filter((block) => /^\* \*\*[A-Z]-\d+\*\*/.test(block) || (/\bMUST\b/.test(block) && !block.includes('RFC 2119')));
}

function isShown(statement, shown) {
  return /\b(Vectors|Tests?):/.test(statement) || shown.has(/^\* \*\*([A-Z]-\d+)/.exec(statement)?.[1]);
}

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

  const all = [...titles.values()].join('\n').replaceAll("\\'", "'");
  const named = list('docs/spec').flatMap((name) => statements(readFileSync(join(root, 'docs/spec', name), 'utf8'))).flatMap(testsOf);
  assert.ok(named.length > 500);
  const made = [...all.matchAll(/ test\(`([^`]+)`/g)].map(([, template]) => new RegExp(`^${template.replaceAll(/[.*+?^()|[\]\\]/g, '\\$&').replaceAll(/\$\{[^}]*\}/g, '.*')}$`));
  assert.equal(named.filter((title) => !all.includes(title) && !made.some((titles) => titles.test(title))), []);
});

/** The titles that a statement names as its tests. */
function testsOf(statement) {
  const [, tests = ''] = /\bTests?:(.*)/s.exec(statement) ?? [];
  return [...tests.replaceAll(/\s+/g, ' ').matchAll(/"([^"]+)"/g)].map(([, title]) => title);
}

test('a vector file is ASCII, and comes back as it was written', () => {
  for (const name of files) {
    const written = readFileSync(join(root, 'vectors', name), 'utf8');
    assert.match(written, /^[\n -~]*$/);
    assert.fixture(written, vectorText(readVectors(name)));
    assert.ok(readFileSync(join(root, 'vectors/README.md'), 'utf8').includes(`(${name})`), `vectors/README.md does not list ${name}`);
  }
});

test.run();
