// docs/ERRORS.md and the packages' lists of error codes, held together both ways.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const root = fileURLToPath(new URL('../..', import.meta.url));
const test = suite('error codes');

/** `code package` of every row of the table. */
const documented = readFileSync(join(root, 'docs/ERRORS.md'), 'utf8')
  .split('\n')
  .map((line) => /^\| `(\w+)` \| `(@srp\/[\w-]+)` \| [^|]*\S[^|]* \| [^|]*\S[^|]* \|$/.exec(line))
  .filter((match) => match !== null)
  .map(([, code, name]) => `${code} ${name}`);

const declared = [];
for (const name of readdirSync(join(root, 'packages'))) {
  const module = join(root, 'packages', name, 'dist/errors.js');
  if (!existsSync(module)) continue;
  const { errorCodes = [] } = await import(pathToFileURL(module).href);
  for (const code of errorCodes) declared.push(`${code} @srp/${name}`);
}

test('are read from every row of docs/ERRORS.md', () => {
  const rows = readFileSync(join(root, 'docs/ERRORS.md'), 'utf8').split('\n').filter((line) => line.startsWith('| `'));
  assert.is(documented.length, rows.length, 'a row must be: | `CODE` | `@srp/package` | what happened | what to do |');
});

test('are in docs/ERRORS.md, each once, and nowhere else', () => {
  assert.equal([...documented].sort(), [...declared].sort());
});

test('belong to one package each and are written in capitals', () => {
  const codes = declared.map((row) => row.split(' ')[0]);
  assert.is(new Set(codes).size, codes.length);
  assert.equal(codes.filter((code) => !/^[A-Z][A-Z0-9_]+$/.test(code)), []);
});

test.run();
