#!/usr/bin/env node
/**
 * The door of the lab. It reads the command line, looks whether the lab can be had here, and runs it in a room of its own:
 *
 * ```
 * main.js ── unshare (mounts, network, processes) ── inside.js ── ip netns exec ── peers, probes
 * ```
 *
 * The room is what cleans up. Its namespaces are named in a mount of its own, so this machine never has them; and when its first
 * process ends, however that happens, the kernel ends all others and forgets the networks. Nothing can be left over.
 */
import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { networkOf } from './lab/pair.js';
import { help, type Options, readOptions, Wrong } from './options.js';

/** Without root a user namespace does, where the system lets anyone make one. */
const room = [...(process.getuid?.() === 0 ? [] : ['--user', '--map-root-user']), '--mount', '--net', '--pid', '--fork', '--kill-child', '--mount-proc'];

/** Some systems keep these from who is not root. */
const environment = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` };

/** Names of networks go here, out of the machine's sight. */
const hide = 'mount -t tmpfs tmpfs /run\nmkdir /run/netns\nip link set lo up\n';

/** Makes a network that needs everything any network of the lab needs. Returns what the system says against it, or `null`. */
const complaint = (): string | null => {
  if (process.platform !== 'linux') return `this is ${process.platform}, not Linux`;
  const trial = networkOf('trial', { a: 'symmetric-block', b: 'full-cone' }, { loss: 0.1, lifetimeS: 30 });
  const { status, stderr, error } = spawnSync('unshare', [...room, 'sh', '-e'], { input: `${hide}${trial.draft.script}`, encoding: 'utf8', env: environment });
  if (error !== undefined) return error.message;
  return status === 0 ? null : (stderr.trim().split('\n')[0] ?? `exit code ${String(status)}`);
};

const skipped = (why: string, { isRequired, part }: Options): number => {
  const what = { all: 'The proof of the boxes and the matrix were', proof: 'The proof of the boxes was', pairs: 'The matrix was', script: '' }[part];
  console.error(`natlab SKIPPED: ${why}`);
  console.error(`  ${what} not run. The lab needs Linux, root (or user namespaces), iproute2, iptables and nftables.`);
  if (process.env['TURBO_HASH'] !== undefined) console.error('  This result is replayed until something changes; npm test -- natlab --force looks again.');
  return isRequired ? 1 : 0;
};

const enter = async (args: readonly string[]): Promise<number> => {
  const inside = fileURLToPath(new URL('inside.js', import.meta.url));
  const child = spawn('unshare', [...room, 'sh', '-e', '-c', `${hide}exec "$@"`, 'sh', process.execPath, inside, ...args], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], env: environment });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => child.kill('SIGKILL'));
  return await new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 130)));
};

const main = async (args: readonly string[]): Promise<number> => {
  const options = readOptions(args);
  if (options === null) {
    console.log(help);
    return 0;
  }
  const [first] = options.pairs;
  if (options.part === 'script') {
    if (first !== undefined) console.log(networkOf('lab', first, options).draft.script);
    return 0;
  }
  const why = complaint();
  return why === null ? await enter(args) : skipped(why, options);
};

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof Wrong)) throw error;
  console.error(`Cannot run the lab: ${error.message}\n\n${help}`);
  process.exitCode = 2;
}
