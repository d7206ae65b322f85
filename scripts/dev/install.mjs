// Installs the dependencies when what is installed is not what the manifests and the lockfile say.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, run } from './process.mjs';

const stamp = join(root, 'node_modules', '.srp-install');

/** Returns when the dependencies are there; ends the process when they cannot be. */
export async function ensureInstalled({ onlyIfAbsent = false } = {}) {
  requireNode();
  const isInstalled = existsSync(stamp);
  const wanted = fingerprint();
  if (isInstalled && (onlyIfAbsent || readFileSync(stamp, 'utf8') === wanted)) return;

  console.error(isInstalled ? 'Installing (dependencies changed) ...' : 'Installing (first start only) ...');
  // The lockfile was checked against the supply-chain policies when it was made; asking the registry about each of its
  // entries again takes longer than the install.
  const trust = ['--config.minimum-release-age=0', '--config.trust-policy=off'];
  const install = ['install', '--frozen-lockfile', '--prefer-offline', ...trust];
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  // Everything a tool says goes to stderr: stdout belongs to the verb.
  const stdio = ['ignore', 2, 2];
  const code =
    installedPnpm() === packageManager
      ? await run('pnpm', install, stdio)
      : await run('npx', ['--yes', packageManager, ...install], stdio);
  if (code !== 0) {
    console.error('Cannot install the dependencies. Is the network there? A changed package.json needs a new lockfile:');
    console.error('  node scripts/dev.mjs pnpm install');
    process.exit(code);
  }
  writeFileSync(stamp, wanted);
}

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  console.error(`Cannot run on Node ${process.versions.node}: 20.19 or newer is needed`);
  process.exit(1);
}

/** What the installed tree depends on: every manifest, the lockfile, the workspace's settings, and the platform. */
function fingerprint() {
  const files = ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml'];
  for (const shelf of ['packages', 'apps']) {
    for (const name of readdirSync(join(root, shelf)).sort()) files.push(join(shelf, name, 'package.json'));
  }
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`);
  for (const file of files.filter((f) => existsSync(join(root, f)))) hash.update(`\n${file}\n`).update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

function installedPnpm() {
  const manifest = join(root, 'node_modules/pnpm/package.json');
  return existsSync(manifest) ? `pnpm@${JSON.parse(readFileSync(manifest, 'utf8')).version}` : undefined;
}
