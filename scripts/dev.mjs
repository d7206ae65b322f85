#!/usr/bin/env node
// The one door to every command of this repository: node scripts/dev.mjs <verb>, which is what the npm scripts call.
// It needs Node and npm alone; it installs what is missing, builds what is stale, and then does what the verb says.
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensureInstalled } from './dev/install.mjs';
import { root, run, runInteractive, runQuietly } from './dev/process.mjs';
import { tally } from './dev/tally.mjs';

const help = `usage: npm start | npm test | npm run <verb> [-- options]

  start        build, then start the chat (options go to the chat)
  demo         build, then run the demo (options go to the demo)
  doctor       tell what the network here allows a peer: npm run doctor -- --introducer WHERE
  test         build, lint, typecheck and test everything; ends with one line: N passed, N failed
  build        build every package
  typecheck    typecheck every package, tests and benchmarks too
  lint         lint the repository
  check        draw the dependency graph; fail on an arrow that runs up
  vectors      write the conformance vectors anew
  bench        run the benchmarks: npm run bench -- wire --json (docs/guides/benchmarks.md)
  sim          run a scenario on a simulated network: npm run sim -- headline --seeds 3 (docs/guides/scenarios.md)
  natlab       meet behind the kernel's own NATs: npm run natlab -- --pairs easy (docs/guides/natlab.md; Linux)
  fuzz         feed hostile input for a time: npm run fuzz -- --seconds 60 --seed 1
  clean        remove what builds and caches wrote (not node_modules)
  pnpm         run the pinned pnpm, to change dependencies: node scripts/dev.mjs pnpm <arguments>
  changeset    say what changed for users: node scripts/dev.mjs changeset

  test, build and typecheck take package names: npm test -- wire link
  Results are cached on the content of the sources and replayed when nothing changed;
  npm test -- --force     runs everything really`;

const everything = ['build', 'typecheck', 'test', 'repo:lint', 'repo:test', 'repo:pack'];
const perPackage = ['build', 'typecheck', 'test'];

const verbs = {
  start: (options) => app('chat', 'main.js', options),
  demo: (options) => app('chat', 'demo.js', options),
  doctor: (options) => app('doctor', 'main.js', options),
  test: async (options) => {
    const { names, flags } = split(options);
    const tasks = names.length === 0 ? everything : perPackage;
    return tally(tasks, [...filters(names), ...flags]);
  },
  build: (options) => turbo(['build'], options),
  typecheck: (options) => turbo(['typecheck'], options),
  lint: (options) => turbo(['repo:lint'], options),
  bench: (options) => app('bench', 'main.js', options),
  sim: (options) => app('scenarios', 'main.js', options),
  natlab: (options) => app('natlab', 'main.js', options),
  fuzz: (options) => app('fuzz', 'main.js', options),
  vectors: (options) => turbo(['repo:vectors'], options),
  check: (options) => run(process.execPath, [join(root, 'scripts/graph.mjs'), ...options]),
  pnpm: (options) => runInteractive('pnpm', options),
  changeset: (options) => runInteractive('changeset', options),
};

async function app(name, file, options) {
  const code = await runQuietly('turbo', ['run', 'build', `--filter=${name}`], 'Building ...');
  return code === 0 ? runInteractive(process.execPath, [join(root, 'apps', name, 'dist', file), ...options]) : code;
}

function turbo(tasks, options) {
  const { names, flags } = split(options);
  return run('turbo', ['run', ...tasks, '--output-logs=new-only', ...filters(names), ...flags]);
}

function split(options) {
  return { names: options.filter((o) => !o.startsWith('-')), flags: options.filter((o) => o.startsWith('-')) };
}

function filters(names) {
  return names.map((name) => `--filter=${name.startsWith('@') || existsSync(join(root, 'apps', name)) ? name : `@srp/${name}`}`);
}

function clean() {
  const remove = (...path) => rmSync(join(root, ...path), { recursive: true, force: true });
  for (const shelf of ['packages', 'apps']) {
    for (const name of readdirSync(join(root, shelf))) for (const made of ['dist', '.turbo', 'coverage']) remove(shelf, name, made);
  }
  remove('.turbo');
  remove('node_modules', '.cache');
}

const [verb = 'help', ...options] = process.argv.slice(2);
if (verb === 'help' || (options.includes('--help') && !['start', 'demo', 'doctor', 'bench', 'sim', 'natlab', 'fuzz', 'pnpm', 'changeset'].includes(verb))) {
  console.log(help);
} else if (verb === 'clean') {
  clean();
} else if (verb in verbs) {
  // `pnpm` is how an outdated lockfile is mended, so it must not demand a lockfile that is in order.
  await ensureInstalled({ onlyIfAbsent: verb === 'pnpm' });
  process.exitCode = await verbs[verb](options);
} else {
  console.error(`Cannot run ${verb}: no such verb\n\n${help}`);
  process.exitCode = 2;
}
