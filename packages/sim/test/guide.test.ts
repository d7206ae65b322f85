/** The examples of docs/guides/simulator.md run. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readmeExamples, runExample } from '../../../scripts/readme.mjs';

const test = suite('guide');
const folder = fileURLToPath(new URL('..', import.meta.url));
const guide = readFileSync(new URL('../../../docs/guides/simulator.md', import.meta.url), 'utf8');

for (const { source, line, expected } of readmeExamples(guide)) {
  test(`the example on line ${line} runs`, async () => {
    // A hundred peers take ten seconds on an idle machine, and a build server is none.
    const { code, stderr, stdout } = await runExample(folder, source, 60_000);
    assert.is(code, 0, stdout + stderr);
    if (expected !== undefined) assert.is(stdout.trimEnd(), expected);
  });
}

test.run();
