// What is published, tried as a stranger gets it: tarballs, checked and installed into an empty project elsewhere.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { execute, npm, packDependencies, packPackage, publicPackages, root } from './tarballs.mjs';

const packages = publicPackages();
const home = mkdtempSync(join(tmpdir(), 'srp-pack-'));
const tarballs = new Map(packages.map((one) => [one.manifest.name, packPackage(one, home)]));
const test = suite('packages as published');

test.after(() => rmSync(home, { recursive: true }));

for (const { manifest } of packages) {
  const tarball = tarballs.get(manifest.name);

  test(`${manifest.name} holds what it should and nothing else`, () => {
    const files = execute('tar', ['-tzf', tarball], home).trim().split('\n');
    for (const wanted of ['package/README.md', 'package/LICENSE', 'package/src/index.ts']) assert.ok(files.includes(wanted), `no ${wanted}`);
    assert.equal(files.filter((file) => !/^package\/(package\.json|README\.md|LICENSE|CHANGELOG\.md|(dist|src)\/.*\.(js|ts|map))$/.test(file)), []);
    const packed = JSON.parse(execute('tar', ['-xzOf', tarball, 'package/package.json'], home));
    assert.not.match(JSON.stringify(packed.dependencies ?? {}), /workspace:|catalog:/);
  });

  test(`${manifest.name} passes publint`, async () => {
    const { messages, pkg } = await publint({ pack: { tarball: arrayBuffer(tarball) }, strict: true });
    assert.equal(messages.map((message) => formatMessage(message, pkg, { color: false })), []);
  });

  test(`${manifest.name} has types that resolve`, () => {
    execute(join(root, 'node_modules/.bin/attw'), [tarball, '--profile', 'esm-only', '--no-color', '--no-emoji'], home);
  });
}

test('install into an empty project, import from JavaScript and type-check from TypeScript', () => {
  const files = [...tarballs, ...packDependencies(packages, home)];
  const dependencies = Object.fromEntries(files.map(([name, file]) => [name, `file:${file}`]));
  const project = mkdtempSync(join(home, 'project-'));
  const put = (name, content) => writeFileSync(join(project, name), content);
  put('package.json', JSON.stringify({ private: true, type: 'module', dependencies }));
  npm(['install', '--ignore-scripts'], project);

  const entries = packages.flatMap(({ manifest }) => Object.keys(manifest.exports).map((path) => manifest.name + path.slice(1)));
  const imports = entries.map((entry, index) => `import * as m${index} from '${entry}';`).join('\n');
  const all = `[${entries.map((_, index) => `m${index}`).join(', ')}]`;
  put('use.js', `${imports}\nconsole.log(${all}.filter((module) => Object.keys(module).length > 0).length);\n`);
  assert.is(execute(process.execPath, ['use.js'], project).trim(), String(entries.length));

  put('use.ts', `${imports}\nexport const all: object[] = ${all};\n`);
  for (const resolution of ['nodenext', 'bundler']) {
    const module = resolution === 'bundler' ? 'esnext' : 'nodenext';
    const strict = { strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, noEmit: true, types: [] };
    const lib = ['ES2023', 'ESNext.Disposable', 'DOM'];
    put('tsconfig.json', JSON.stringify({ compilerOptions: { ...strict, lib, module, moduleResolution: resolution }, files: ['use.ts'] }));
    execute(join(root, 'packages/machine/node_modules/.bin/tsc'), ['-p', project], project);
    execute(join(root, 'node_modules/.bin/tsc'), ['-p', project], project);
  }
});

function arrayBuffer(file) {
  const bytes = readFileSync(file);
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
}

test.run();
