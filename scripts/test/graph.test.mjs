import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { draw, problemsOf, readPackages } from '../graph.mjs';

const test = suite('graph');
const plan = { layers: [['ground'], ['left', 'right'], ['roof'], ['app']], narrow: { app: ['roof'] }, workshops: ['app'] };

test('finds no broken arrow in this repository', () => {
  assert.equal(problemsOf(readPackages(fileURLToPath(new URL('../..', import.meta.url)))), []);
});

test('accepts arrows that run down and are declared', () => {
  const { problems, text } = check({
    ground: pkg({}, "export { a } from './inner.js';"),
    left: pkg({ dependencies: ['ground', 'outside'] }, "import type { a } from 'ground'; import 'outside/deep.js'; import 'node:fs';"),
    app: pkg({ dependencies: ['roof'], devDependencies: ['tool'] }, "import 'roof'; import 'tool';"),
    roof: pkg({ dependencies: ['left', 'right'] }, "import 'left';"),
    right: pkg({}, '// import "left" is only a comment'),
  });
  assert.equal(problems, []);
  assert.match(text, /app +-> roof\n {2}\|\n {2}2 +roof +-> left \(right\)\n/);
});

const broken = {
  'an import that runs up': [{ ground: pkg({ dependencies: ['left'] }, "import 'left';"), left: pkg() }, /points up to left/],
  'an undeclared import that runs up': [{ ground: pkg({}, "import 'left';"), left: pkg() }, /points up to left/],
  'a dependency that runs up': [{ ground: pkg({ devDependencies: ['left'] }), left: pkg() }, /package.json points up/],
  'a sibling': [{ left: pkg({ dependencies: ['right'] }, "export * from 'right';"), right: pkg() }, /sibling right/],
  'a type of a sibling': [{ left: pkg({}, "import type { T } from 'right';"), right: pkg() }, /sibling right/],
  'a dynamic import of a sibling': [{ left: pkg({}, "const m = await import('right');"), right: pkg() }, /sibling right/],
  'an app that looks past the facade': [{ app: pkg({ dependencies: ['left'] }, "import 'left';"), left: pkg() }, /past roof/],
  'the depths of a package': [{ left: pkg({ dependencies: ['ground'] }, "import 'ground/dist/inner.js';"), ground: pkg() }, /depths of ground/],
  'the depths of a package by its path': [{ left: pkg({}, "import '../../ground/src/inner.js';"), ground: pkg() }, /reaches out/],
  'an undeclared package': [{ left: pkg({}, "import 'outside';") }, /outside, which package.json does not declare/],
  'a package declared for tests alone': [{ left: pkg({ devDependencies: ['outside'] }, "import 'outside';") }, /does not declare/],
  'an inner name that is not mapped': [{ left: pkg({}, "import '#inner';") }, /does not map/],
  'a package without a layer': [{ cellar: pkg() }, /cellar has no layer/],
};

for (const [what, [packages, expected]] of Object.entries(broken)) {
  test(`fails on ${what}`, () => {
    assert.match(check(packages).problems.join('\n'), expected);
  });
}

test('lets a test import its own package by name and the scripts by path, and nothing deeper', () => {
  const own = pkg({}, '', "import 'left'; import '../dist/inner.js'; import '../../../scripts/x.mjs'; import 'left/dist/inner.js';");
  assert.equal(check({ left: own }).problems, ['left: test/a.test.ts imports left/dist/inner.js, which is not exported']);
});

function pkg(manifest = {}, source = '', testSource = '') {
  return { manifest, source, testSource };
}

function check(packages) {
  const root = mkdtempSync(join(tmpdir(), 'srp-graph-'));
  try {
    for (const [name, { manifest, source, testSource }] of Object.entries(packages)) {
      const folder = join(root, name === 'app' ? 'apps' : 'packages', name);
      const ranges = Object.fromEntries(Object.entries(manifest).map(([key, names]) => [key, Object.fromEntries(names.map((n) => [n, '*']))]));
      put(join(folder, 'package.json'), JSON.stringify({ name, exports: { '.': './dist/index.js' }, ...ranges }));
      put(join(folder, 'src/index.ts'), source);
      put(join(folder, 'test/a.test.ts'), testSource);
    }
    const read = readPackages(root);
    return { problems: problemsOf(read, plan), text: draw(read, plan) };
  } finally {
    rmSync(root, { recursive: true });
  }
}

function put(file, text) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

test.run();
