// Packs what would be published, and what it depends on, so that a stranger's install can be tried without a network.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** The packages that are published: manifest and folder, by name. */
export function publicPackages() {
  return readdirSync(join(root, 'packages'))
    .map((name) => join(root, 'packages', name))
    .filter((folder) => existsSync(join(folder, 'package.json')))
    .map((folder) => ({ folder, manifest: manifestOf(folder) }))
    .filter(({ manifest }) => manifest.private !== true);
}

/** Packs one package as `pnpm publish` would: npm would leave `workspace:` and `catalog:` ranges in. Returns the file. */
export function packPackage({ folder, manifest }, destination) {
  execute(join(root, 'node_modules/.bin/pnpm'), ['pack', '--silent', '--pack-destination', destination], folder);
  return join(destination, `${fileName(manifest)}-${manifest.version}.tgz`);
}

/** Packs the dependencies from elsewhere, as they lie in node_modules, with theirs. Returns the files by name. */
export function packDependencies(packages, destination) {
  const found = new Map();
  const visit = (folder, manifest) => {
    for (const name of Object.keys(manifest.dependencies ?? {})) {
      const at = locate(name, folder);
      const theirs = manifestOf(at);
      if (packages.some((own) => own.manifest.name === name) || found.has(name)) continue;
      found.set(name, { folder: at, manifest: theirs });
      visit(at, theirs);
    }
  };
  for (const { folder, manifest } of packages) visit(folder, manifest);
  const all = [...found.values()];
  if (all.length > 0) npm(['pack', '--ignore-scripts', '--pack-destination', destination, ...all.map(({ folder }) => folder)], root);
  return new Map(all.map(({ manifest }) => [manifest.name, join(destination, `${fileName(manifest)}-${manifest.version}.tgz`)]));
}

/** Runs npm as a stranger with an empty home would, without a network. */
export function npm(args, folder) {
  return execute('npm', [...args, '--offline', '--no-audit', '--no-fund', '--loglevel=error'], folder);
}

/** Runs a command to its end and returns its stdout; throws with all it said when it fails. */
export function execute(command, args, cwd) {
  // What npm and pnpm hand down to scripts would be taken for settings of the stranger's install.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm|pnpm)_/i.test(name)));
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  if (status === 0) return stdout;
  throw new Error(`${command} ${args.join(' ')} ended with ${status}\n${error ?? ''}${stdout}${stderr}`);
}

function manifestOf(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}

/** The folder of a dependency of the package at `folder`, found as Node would. */
function locate(name, folder) {
  for (let at = realpathSync(folder); at !== dirname(at); at = dirname(at)) {
    const candidate = join(at, 'node_modules', name);
    if (existsSync(candidate)) return realpathSync(candidate);
  }
  throw new Error(`Cannot pack ${name}: ${folder} depends on it, but it is not installed`);
}

function fileName(manifest) {
  return manifest.name.replace('@', '').replace('/', '-');
}
