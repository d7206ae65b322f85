/**
 * The room the lab runs in: mounts, network and processes of its own.
 *
 * The room is what cleans up. Its namespaces are named in a mount of its own, so this machine never has them; and when its first
 * process ends, however that happens, the kernel ends all others and forgets the networks. Nothing can be left over.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { networkOf } from './lab/pair.js';

/** Without root a user namespace does, where the system lets anyone make one. */
const walls = [...(process.getuid?.() === 0 ? [] : ['--user', '--map-root-user']), '--mount', '--net', '--pid', '--fork', '--kill-child', '--mount-proc'];

/** Where the tools are; some systems keep it from who is not root. */
const env = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` };

/** Names of networks go here, out of the machine's sight. */
const hide = 'mount -t tmpfs tmpfs /run\nmkdir /run/netns\nip link set lo up\n';

/** Makes a network that needs all that any network of the lab needs. What the system says against it, or `null`. */
export const complaint = (): string | null => {
  if (process.platform !== 'linux') return `this is ${process.platform}, not Linux`;
  const trial = networkOf('trial', { a: 'symmetric-block', b: 'full-cone' }, { loss: 0.1, lifetimeS: 30 });
  const { status, stderr, error } = spawnSync('unshare', [...walls, 'sh', '-e'], { input: `${hide}${trial.draft.script}`, encoding: 'utf8', env });
  if (error !== undefined) return error.message;
  if (status === 0) return null;
  const [first = ''] = stderr.trim().split('\n');
  return first === '' ? `making a network ended with exit code ${String(status)}` : first;
};

/** Starts a program of Node in the room, with a channel to it. Kill it with SIGKILL. */
export const enter = (file: string, args: readonly string[]): ChildProcess =>
  spawn('unshare', [...walls, 'sh', '-e', '-c', `${hide}exec "$@"`, 'sh', process.execPath, file, ...args], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], env });
