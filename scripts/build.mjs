#!/usr/bin/env node
// Builds the package in the current folder: src -> dist, by the package's own compiler.
// tsc never removes what it wrote for a module that is gone, and a stale file would be published: that is done here,
// after the build rather than before it, so that whoever runs from dist meanwhile never sees it empty.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';

const written = /(\.d\.ts|\.js)(\.map)?$/;

const tsc = spawnSync('tsc', ['-p', 'tsconfig.build.json'], { stdio: 'inherit', shell: process.platform === 'win32' });
if (tsc.error) console.error(`Cannot build: tsc does not start (${tsc.error.message}); run it through npm`);
if (tsc.status !== 0) process.exit(tsc.status ?? 1);

for (const entry of readdirSync('dist', { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !written.test(entry.name)) continue;
  const file = join(entry.parentPath, entry.name);
  const source = join('src', relative('dist', file).replace(written, '.ts'));
  if (!existsSync(source)) rmSync(file);
}
