// Runs the repository's tools: node_modules/.bin on PATH, telemetry off, the repository's root as the folder.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

const progressAfterMs = 700;
const env = {
  ...process.env,
  PATH: [join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter),
  DO_NOT_TRACK: '1',
  TURBO_TELEMETRY_DISABLED: '1',
  TURBO_NO_UPDATE_NOTIFIER: '1',
  npm_config_update_notifier: 'false',
};

/** Runs a tool that asks nothing; its output is ours. Resolves to its exit code. */
export function run(command, args, stdio = ['ignore', 'inherit', 'inherit']) {
  return exitOf(start(command, args, stdio));
}

/** Runs a tool whose output matters only if it fails; `progress` is shown when it takes longer than a moment. */
export async function runQuietly(command, args, progress) {
  const child = start(command, args, ['ignore', 'pipe', 'pipe']);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
  }
  const timer = setTimeout(() => console.error(progress), progressAfterMs);
  const code = await exitOf(child);
  clearTimeout(timer);
  if (code !== 0) process.stderr.write(output);
  return code;
}

/**
 * Runs a program that owns the terminal. A terminal sends Ctrl-C to us and to it alike: we ignore ours and wait, so
 * that it can leave in good order. Without a terminal nobody else tells it, so we pass every signal on.
 */
export async function runInteractive(command, args) {
  const hasTerminal = [process.stdin, process.stdout, process.stderr].some((stream) => stream.isTTY);
  const child = start(command, args, 'inherit');
  const handlers = ['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => {
    const handler = () => {
      if (signal !== 'SIGINT' || !hasTerminal) child.kill(signal);
    };
    process.on(signal, handler);
    return () => process.off(signal, handler);
  });
  const code = await exitOf(child);
  for (const remove of handlers) remove();
  return code;
}

function start(command, args, stdio) {
  const isScript = process.platform === 'win32' && command !== process.execPath;
  return spawn(command, args, { cwd: root, env, stdio, shell: isScript });
}

/** The exit code of a child; a child that a signal ended counts as the shell counts it. */
function exitOf(child) {
  return new Promise((done) => {
    child.on('error', (error) => {
      console.error(`Cannot run ${child.spawnfile}: ${error.message}`);
      done(127);
    });
    child.on('close', (code, signal) => {
      done(code ?? 128 + (constants.signals[signal] ?? 0));
    });
  });
}
