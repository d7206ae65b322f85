// Runs the examples of a package's README, so that what a reader copies works.
// A fenced ```ts block is an example; a ```text block after it (blank lines between) states exactly what it prints.
// An example is a file inside the package while it runs: it imports the package by its own name, through `exports`.
import { spawn } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const exampleLimitMs = 20_000;
const tsx = pathToFileURL(fileURLToPath(import.meta.resolve('tsx'))).href;

export function readmeExamples(markdown) {
  const examples = [];
  const lines = markdown.split('\n');
  let last; // the example that a text block would belong to: nothing but blank lines since
  for (let at = 0; at < lines.length; at += 1) {
    const fence = /^(`{3,})(\S*)\s*$/.exec(lines[at]);
    if (fence === null) {
      if (lines[at].trim() !== '') last = undefined;
      continue;
    }
    const end = lines.indexOf(fence[1], at + 1);
    if (end < 0) throw new Error(`Cannot read README: the block on line ${at + 1} has no end`);
    const body = lines.slice(at + 1, end).join('\n');
    if (fence[2] === 'ts') {
      last = { source: body, line: at + 1, expected: undefined };
      examples.push(last);
    } else {
      if (fence[2] === 'text' && last !== undefined) last.expected = body;
      last = undefined;
    }
    at = end;
  }
  return examples;
}

let count = 0;

export async function runExample(folder, source, limitMs = exampleLimitMs) {
  count += 1;
  const file = join(folder, `.readme-example-${process.pid}-${count}.ts`);
  writeFileSync(file, source);
  try {
    return await new Promise((done, fail) => {
      const child = spawn(process.execPath, ['--import', tsx, file], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
      const out = { stdout: '', stderr: '' };
      for (const name of ['stdout', 'stderr']) {
        child[name].setEncoding('utf8').on('data', (text) => {
          out[name] += text;
        });
      }
      const limit = setTimeout(() => child.kill('SIGKILL'), limitMs);
      child.on('error', fail);
      child.on('close', (code) => {
        clearTimeout(limit);
        done({ code, ...out });
      });
    });
  } finally {
    rmSync(file, { force: true });
  }
}

export function readmeSuite(testUrl) {
  const folder = resolve(dirname(fileURLToPath(testUrl)), '..');
  const examples = readmeExamples(readFileSync(join(folder, 'README.md'), 'utf8'));
  const test = suite(`README of ${basename(folder)}`);
  test('has an example', () => {
    assert.ok(examples.length > 0, `${folder}/README.md shows no \`\`\`ts block`);
  });
  for (const { source, line, expected } of examples) {
    test(`the example on line ${line} runs${expected === undefined ? '' : ' and prints what is promised'}`, async () => {
      const { code, stdout, stderr } = await runExample(folder, source);
      assert.is(code, 0, code === null ? `no end after ${exampleLimitMs} ms` : stderr);
      if (expected !== undefined) assert.fixture(stdout.trimEnd(), expected.trimEnd());
    });
  }
  test.run();
}
