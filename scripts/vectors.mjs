#!/usr/bin/env node
// Writes the conformance vectors anew: every packages/*/test/vectors.ts exports makeVectors(), which returns the content
// of its files in vectors/ by name. The same content comes out every time: seeds are fixed, nothing is random.
// usage: node --import tsx scripts/vectors.mjs        (npm run vectors)
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'vectors');

/** A vector file as text. An entry that fits into one line stays in one, so that a diff shows what changed. */
export function vectorText(content) {
  return `${indented(content, '')}\n`;
}

/** The content of a committed vector file. */
export function readVectors(name) {
  return JSON.parse(readFileSync(join(folder, name), 'utf8'));
}

/** Registers a uvu suite that proves these vectors to be the committed ones. */
export function vectorsSuite(vectors) {
  const test = suite('vectors');
  for (const [name, content] of Object.entries(vectors)) {
    test(`vectors/${name} is what npm run vectors writes`, () => {
      const path = join(folder, name);
      assert.ok(existsSync(path), `no vectors/${name}: run npm run vectors`);
      assert.fixture(readFileSync(path, 'utf8'), vectorText(content));
    });
    test(`vectors/${name} says its version, where it comes from, and what each case shows`, () => {
      for (const key of ['version', 'spec', 'provenance']) assert.ok(content[key], `no ${key}`);
      for (const one of cases(content)) assert.type(one.description, 'string', JSON.stringify(one).slice(0, 100));
    });
  }
  test.run();
}

/** Every case of a file: the objects in its arrays. */
function cases(content) {
  return Object.values(content).filter(Array.isArray).flat();
}

const lineMax = 118;

function indented(value, margin) {
  const flat = json(value);
  if (typeof value !== 'object' || value === null || margin.length + flat.length <= lineMax) return spaced(value);
  const inner = `${margin}  `;
  const [open, close, items] = Array.isArray(value)
    ? ['[', ']', value.map((item) => indented(item, inner))]
    : ['{', '}', Object.entries(value).map(([key, item]) => `${json(key)}: ${indented(item, inner)}`)];
  return `${open}\n${items.map((item) => inner + item).join(',\n')}\n${margin}${close}`;
}

function spaced(value) {
  if (Array.isArray(value)) return `[${value.map(spaced).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return json(value);
  const entries = Object.entries(value).map(([key, item]) => `${json(key)}: ${spaced(item)}`);
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}

/** JSON in ASCII alone: what cannot be seen is spelt out. */
function json(value) {
  return JSON.stringify(value).replaceAll(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

async function main() {
  const owners = new Map();
  for (const name of readdirSync(join(root, 'packages')).sort()) {
    const module = join(root, 'packages', name, 'test/vectors.ts');
    if (!existsSync(module)) continue;
    const { makeVectors } = await import(pathToFileURL(module).href);
    for (const [file, content] of Object.entries(await makeVectors())) {
      if (owners.has(file)) throw new Error(`Cannot write vectors/${file}: both ${owners.get(file)} and ${name} make it`);
      owners.set(file, name);
      writeFileSync(join(folder, file), vectorText(content));
      console.log(`vectors/${file}  from @srp/${name}`);
    }
  }
  const stray = readdirSync(folder).filter((file) => file.endsWith('.json') && !owners.has(file));
  if (stray.length > 0) throw new Error(`Nobody makes vectors/${stray.join(', vectors/')}: remove it`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
