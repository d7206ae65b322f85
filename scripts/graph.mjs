#!/usr/bin/env node
// Draws the dependency graph of the workspace and fails when an arrow breaks the plan of docs/ARCHITECTURE.md.
// usage: node scripts/graph.mjs [root]
//
// The arrows are read twice, from the manifests and from the real imports, and must agree:
//   - an arrow runs down, to a lower layer; the rooms of one layer never meet
//   - a room that states what it may import imports nothing else
//   - what is imported is declared, and only through what the other package exports
import { readFileSync, readdirSync, existsSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/** From the ground up. Rooms in one line are siblings. */
export const layers = [
  ['@srp/machine'],
  ['@srp/identity'],
  ['@srp/wire'],
  ['@srp/link', '@srp/mesh', '@srp/nat', '@srp/cache', '@srp/stream', '@srp/transfer'],
  ['@srp/peer'],
  ['@srp/sim'],
  ['bench', 'chat', 'doctor', 'fuzz', 'natlab', 'scenarios'],
];

/** Rooms that may not use everything below them. */
export const narrow = { '@srp/sim': ['@srp/machine', '@srp/identity', '@srp/wire', '@srp/transfer', '@srp/peer'], chat: ['@srp/peer'], doctor: ['@srp/peer'], natlab: ['@srp/peer'] };

/** Rooms that nobody installs and that serve development alone: their sources may use what is declared for development. */
export const workshops = ['bench'];

/** Every package of the workspace with its manifest and the imports of its files. */
export function readPackages(root) {
  return ['packages', 'apps'].flatMap((shelf) =>
    folders(join(root, shelf))
      .filter((folder) => existsSync(join(folder, 'package.json')))
      .map((folder) => {
        const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
        const imports = ['src', 'test', 'bench'].flatMap((part) => importsOf(folder, part));
        return { name: manifest.name, folder, manifest, imports };
      }),
  );
}

/** Every broken rule, as one sentence each. */
export function problemsOf(packages, plan = { layers, narrow, workshops }) {
  const byName = new Map(packages.map((one) => [one.name, one]));
  const layerOf = (name) => plan.layers.findIndex((rooms) => rooms.includes(name));
  const problems = [];

  for (const { name, folder, manifest, imports } of packages) {
    if (layerOf(name) < 0) {
      problems.push(`${name} has no layer: give it one in scripts/graph.mjs`);
      continue;
    }
    const complain = (file, what) => problems.push(`${name}: ${file} ${what}`);
    const checkArrow = (file, target) => {
      if (layerOf(target) > layerOf(name)) complain(file, `points up to ${target}`);
      else if (layerOf(target) === layerOf(name)) complain(file, `points to its sibling ${target}`);
      else if (plan.narrow[name]?.includes(target) === false) complain(file, `points to ${target}, past ${plan.narrow[name].join(' and ')}`);
    };

    const declared = { ...manifest.dependencies, ...manifest.peerDependencies, ...manifest.optionalDependencies };
    const declaredForTests = { ...declared, ...manifest.devDependencies };
    for (const target of Object.keys(declaredForTests)) if (byName.has(target)) checkArrow('package.json', target);

    for (const { file, part, specifier } of imports) {
      if (specifier.startsWith('.')) {
        if (part === 'src' ? !isInside(resolve(folder, dirname(file), specifier), join(folder, 'src')) : reachesOther(packages, folder, file, specifier)) {
          complain(file, `reaches out of its package for ${specifier}`);
        }
        continue;
      }
      if (specifier.startsWith('#')) {
        if (!(specifier in (manifest.imports ?? {}))) complain(file, `imports ${specifier}, which package.json does not map`);
        continue;
      }
      if (isBuiltin(specifier)) continue;
      const target = packageOf(specifier);
      if (target === name && part !== 'src') {
        if (!isExported(manifest, specifier)) complain(file, `imports ${specifier}, which is not exported`);
        continue;
      }
      if (!(target in (part === 'src' && !plan.workshops.includes(name) ? declared : declaredForTests))) complain(file, `imports ${target}, which package.json does not declare`);
      if (!byName.has(target)) continue;
      checkArrow(file, target);
      if (!isExported(byName.get(target).manifest, specifier)) complain(file, `imports ${specifier} from the depths of ${target}`);
    }
  }
  return problems;
}

/** The graph as text, the top layer first. An arrow that only the manifest knows is in brackets. */
export function draw(packages, plan = { layers, narrow }) {
  const byName = new Map(packages.map((one) => [one.name, one]));
  const width = Math.max(...packages.map(({ name }) => name.length));
  const rows = plan.layers.map((rooms, layer) =>
    rooms
      .filter((name) => byName.has(name))
      .map((name) => {
        const { manifest, imports } = byName.get(name);
        const used = new Set(imports.filter(({ part }) => part === 'src').map(({ specifier }) => packageOf(specifier)));
        const arrows = Object.keys(manifest.dependencies ?? {}).map((target) => (used.has(target) ? target : `(${target})`));
        return `  ${layer}  ${name.padEnd(width)}  ${arrows.length > 0 ? `-> ${arrows.join(' ')}` : ''}`.trimEnd();
      })
      .join('\n'),
  );
  return rows.filter(Boolean).reverse().join('\n  |\n');
}

function importsOf(folder, part) {
  const start = join(folder, part);
  if (!existsSync(start)) return [];
  return readdirSync(start, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.[cm]?tsx?$/.test(entry.name))
    .flatMap((entry) => {
      const path = join(entry.parentPath, entry.name);
      const { importedFiles } = ts.preProcessFile(readFileSync(path, 'utf8'));
      return importedFiles.map(({ fileName }) => ({ file: relative(folder, path), part, specifier: fileName }));
    });
}

function folders(shelf) {
  if (!existsSync(shelf)) return [];
  return readdirSync(shelf, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(shelf, entry.name))
    .sort();
}

/** `@scope/name/deep` and `name/deep` without what is deep. */
function packageOf(specifier) {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

function isExported(manifest, specifier) {
  const subpath = `.${specifier.slice(manifest.name.length)}`;
  return subpath in (manifest.exports ?? {});
}

function isInside(path, folder) {
  return path === folder || path.startsWith(folder + sep);
}

/** A test may read the repository's scripts, but no other package by its path. */
function reachesOther(packages, folder, file, specifier) {
  const path = resolve(folder, dirname(file), specifier);
  return packages.some((other) => other.folder !== folder && isInside(path, other.folder));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const packages = readPackages(resolve(process.argv[2] ?? fileURLToPath(new URL('..', import.meta.url))));
  console.log(`\n${draw(packages)}\n\n  (in brackets: declared, not imported yet)\n`);
  const problems = problemsOf(packages);
  for (const problem of problems) console.error(`  FAIL  ${problem}`);
  process.exitCode = problems.length > 0 ? 1 : 0;
}
