// The repository is uniform, and speaks of itself alone.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (...path) => readFileSync(join(root, ...path), 'utf8');
const packages = readdirSync(join(root, 'packages')).filter((name) => existsSync(join(root, 'packages', name, 'package.json')));
const test = suite('the house');

for (const name of packages) {
  test(`${name} has the manifest of its neighbours`, () => {
    const manifest = JSON.parse(read('packages', name, 'package.json'));
    assert.is(manifest.name, `@srp/${name}`);
    for (const key of ['version', 'description']) assert.ok(manifest[key], `no ${key}`);
    assert.ok(manifest.keywords.includes('srp'));
    const common = { license: 'MIT', author: 'SRP contributors', type: 'module', sideEffects: false };
    for (const [key, value] of Object.entries(common)) assert.is(manifest[key], value, key);
    assert.equal(manifest.files, ['dist', 'src', 'README.md', 'LICENSE']);
    assert.equal(manifest.engines, { node: '>=20.19' });
    assert.equal(manifest.publishConfig, { access: 'public' });
    for (const [path, target] of Object.entries(manifest.exports)) assert.equal(Object.keys(target), ['types', 'default'], path);
    for (const range of Object.values({ ...manifest.dependencies, ...manifest.devDependencies })) assert.match(range, /^(workspace:\^|catalog:)$/);
    assert.is(read('packages', name, 'LICENSE'), read('LICENSE'));
  });

  test(`${name} pins its exports, runs its README and stands in the root's`, () => {
    assert.ok(existsSync(join(root, 'packages', name, 'test/index.test.ts')), 'no test/index.test.ts');
    assert.match(read('packages', name, 'test/readme.test.ts'), /readmeSuite\(import\.meta\.url\)/);
    assert.match(read('README.md'), `(packages/${name})`);
  });
}

/** What a file must not hold, and why. The words are put together here so that this file does not hold them. */
const forbidden = {
  'a path of one machine': new RegExp(String.raw`(?<![\w.$}*/-])/(${['home', 'root', 'Users', 'work', 'workspace', 'mnt', 'srv'].join('|')})/\w`),
  'a host of a package registry': new RegExp(`https?://${'registry'}\\.|${'_auth'}Token`),
  'a private key': new RegExp(`BEGIN [A-Z ]*${'PRIVATE'} KEY`),
  'work left for later': new RegExp(`\\b(${['TO', 'FIX'].map((half) => half + (half === 'TO' ? 'DO' : 'ME')).join('|')})\\b`),
  'a merge that was not finished': new RegExp('^(<{7}|>{7}) ', 'm'),
};

test('holds nothing that belongs elsewhere', () => {
  const found = [];
  for (const file of textFiles(root)) {
    const text = readFileSync(file, 'utf8');
    for (const [what, pattern] of Object.entries(forbidden)) {
      const match = pattern.exec(text);
      if (match) found.push(`${relative(root, file)}:${text.slice(0, match.index).split('\n').length} ${what}: ${match[0]}`);
    }
  }
  assert.equal(found, []);
});

test('would notice what belongs elsewhere', () => {
  const samples = [`see ${'/ho'}me/ann/x`, `https://${'registry'}.example`, `-----BEGIN ${'PRIVATE'} KEY-----`, `${'TO'}DO later`, '<'.repeat(7) + ' ours'];
  for (const [index, pattern] of Object.values(forbidden).entries()) assert.match(samples[index], pattern);
});

function* textFiles(folder) {
  const skipped = ['node_modules', 'dist', '.git', '.turbo', 'coverage'];
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (skipped.includes(entry.name)) continue;
    if (entry.isDirectory()) yield* textFiles(path);
    else if (entry.isFile() && !/\.(bin|png|ico|tgz)$/.test(entry.name)) yield path;
  }
}

test.run();
