// The protocol rules are only worth something if they bite, and if eslint.config.js applies them where they belong.
import { fileURLToPath } from 'node:url';
import { ESLint } from 'eslint';
import ts from 'typescript-eslint';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { driverFiles, protocolFiles, protocolRules } from '../lint/protocol.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const test = suite('lint of protocol code');

// The snippets are no files of a project, so the rules run on syntax alone, as they do in the real configuration.
const bare = new ESLint({
  cwd: root,
  overrideConfigFile: true,
  overrideConfig: [
    { files: ['**/*.ts'], languageOptions: { parser: ts.parser } },
    { files: protocolFiles, ignores: driverFiles, rules: protocolRules },
  ],
});

async function rulesAgainst(code, path = 'packages/wire/src/deep/snippet.ts') {
  const [{ messages }] = await bare.lintText(code, { filePath: `${root}/${path}` });
  return messages.map(({ ruleId, message }) => ruleId ?? message);
}

const forbidden = {
  'no-restricted-globals': [
    'export const t = Date.now();',
    'export const t = performance.now();',
    'setTimeout(() => {}, 1);',
    'setInterval(() => {}, 1);',
    'setImmediate(() => {});',
    'queueMicrotask(() => {});',
    'export const e = process.env;',
    'export const b = Buffer.alloc(1);',
    'crypto.getRandomValues(new Uint8Array(1));',
    "console.log('x');",
    "fetch('x');",
    'export const t = globalThis.Date;',
    'export const p = Promise.resolve();',
  ],
  'no-restricted-properties': ['export const r = Math.random();', 'export const { random } = Math;'],
  'no-restricted-imports': [
    "import 'node:fs';",
    "import { randomBytes } from 'node:crypto';",
    "import fs from 'fs';",
    "import fs from 'fs/promises';",
    "export { once } from 'node:events';",
    "import { randomBytes } from '@noble/hashes/utils.js';",
  ],
  'no-restricted-syntax': [
    'export async function f() {}',
    'export const f = async () => {};',
    'export class C { async m() {} }',
    'export const x = await 1;',
    'for await (const x of []) { x; }',
    "export const m = import('./x.js');",
    'export const k = ed25519.utils.randomSecretKey();',
  ],
  'no-eval': ["eval('1');"],
};

for (const [rule, snippets] of Object.entries(forbidden)) {
  for (const snippet of snippets) {
    test(`forbids ${snippet}`, async () => {
      assert.ok((await rulesAgainst(snippet)).includes(rule), `${rule} did not bite`);
    });
  }
}

test('lets pure code pass', async () => {
  const pure = "import { sha256 } from '@noble/hashes/sha2.js';\nexport const f = (now: number, random: { below(n: number): number }) => sha256(new Uint8Array([now, random.below(9)]));";
  assert.equal(await rulesAgainst(pure), []);
});

test('leaves drivers alone', async () => {
  const driver = "import 'node:fs';\nexport const t = Date.now();\nexport async function f() {}";
  for (const path of ['packages/cache/src/node/x.ts', 'packages/identity/src/suite/node.ts', 'packages/peer/src/udp.ts', 'packages/wire/test/x.ts']) {
    assert.equal(await rulesAgainst(driver, path), [], path);
  }
});

test('holds in every protocol package and in the protocol of the peer', async () => {
  const places = ['machine', 'identity', 'wire', 'link', 'mesh', 'nat', 'cache', 'stream', 'sim'].map((name) => `packages/${name}/src/x.ts`);
  for (const path of [...places, 'packages/peer/src/protocol/x.ts', 'packages/identity/src/suite/noble.ts']) {
    assert.ok((await rulesAgainst('Date.now();', path)).includes('no-restricted-globals'), path);
  }
});

test('is what eslint.config.js applies', async () => {
  const real = new ESLint({ cwd: root });
  const inside = await real.calculateConfigForFile(`${root}/packages/wire/src/index.ts`);
  const outside = await real.calculateConfigForFile(`${root}/packages/peer/src/index.ts`);
  for (const rule of Object.keys(protocolRules)) assert.is(inside.rules[rule]?.[0], 2, rule);
  assert.is(outside.rules['no-restricted-globals'], undefined);
});

test.run();
