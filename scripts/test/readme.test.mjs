import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readmeExamples, runExample } from '../readme.mjs';

const test = suite('readme');
const fence = '```';

test('finds the examples and the output that stands right after one', () => {
  const markdown = ['# x', `${fence}sh`, 'ls', fence, `${fence}ts`, 'one();', fence, '', `${fence}text`, '1', fence, `${fence}ts`, 'two();', fence, 'prints', `${fence}text`, '2', fence];
  assert.equal(readmeExamples(markdown.join('\n')), [
    { source: 'one();', line: 5, expected: '1' },
    { source: 'two();', line: 12, expected: undefined },
  ]);
});

test('finds no example in a README that has none', () => {
  assert.equal(readmeExamples(`${fence}js\nx\n${fence}\n`), []);
});

test('refuses a block without an end', () => {
  assert.throws(() => readmeExamples(`${fence}ts\nx`), /line 1 has no end/);
});

test('runs TypeScript, tells how it ended, and leaves nothing behind', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'srp-readme-'));
  try {
    assert.equal(await runExample(folder, "const x: string = 'hi';\nconsole.log(x);"), { code: 0, stdout: 'hi\n', stderr: '' });
    const broken = await runExample(folder, "throw new Error('broken example');");
    assert.is(broken.code, 1);
    assert.match(broken.stderr, /broken example/);
    assert.is((await runExample(folder, 'setInterval(() => {}, 1000);', 500)).code, null);
    assert.equal(readdirSync(folder), []);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.run();
