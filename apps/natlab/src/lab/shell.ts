/** Running things in the lab's namespaces. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { startLimitMs } from '../constants.js';

let labCount = 0;

/** A name for a lab, which no other of this run has. */
export const nextLab = (): string => `lab${++labCount}`;

/** Runs a script; resolves to what it printed. Rejects with what it complained of. */
export const shell = async (script: string, { goesOn = false } = {}): Promise<string> =>
  await new Promise((resolve, reject) => {
    const child = execFile('sh', goesOn ? [] : ['-e'], { maxBuffer: 1 << 24 }, (error, stdout, stderr) => {
      if (error !== null && !goesOn) reject(new Error(`Cannot run in the lab: ${stderr.trim() || error.message}`, { cause: error }));
      else resolve(stdout);
    });
    child.stdin?.end(`${script}\n`);
  });

/** Runs a command in a namespace, with this process's own output. Its exit code. */
export const runIn = async (namespace: string, command: string, env: NodeJS.ProcessEnv): Promise<number> =>
  await new Promise((resolve, reject) => {
    const child = spawn('ip', ['netns', 'exec', namespace, 'sh', '-c', command], { stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, ...env } });
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });

/** A program of ours in a namespace: it is told `Told` and tells `Tells`, and dies with us. */
export class Program<Told extends object, Tells extends { readonly kind: string }> {
  readonly #child: ChildProcess;
  readonly #heard: Tells[] = [];
  readonly #listeners = new Set<() => void>();
  #end: string | null = null;

  constructor(namespace: string, name: string) {
    const file = fileURLToPath(new URL(`../programs/${name}.js`, import.meta.url));
    this.#child = spawn('ip', ['netns', 'exec', namespace, process.execPath, file], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.#child.on('message', (message: Tells) => {
      this.#heard.push(message);
      this.#wake();
    });
    for (const event of ['error', 'exit'] as const) {
      this.#child.on(event, (why) => {
        this.#end ??= `${name} in ${namespace} ended: ${String(why)}`;
        this.#wake();
      });
    }
  }

  tell(message: Told): void {
    if (this.#child.connected) this.#child.send(message);
  }

  /** The first message of a kind, also one that has come already. Rejects if the program ends first, or takes too long. */
  async hear<Kind extends Tells['kind']>(kind: Kind, limitMs = startLimitMs): Promise<Extract<Tells, { readonly kind: Kind }>> {
    return await new Promise((resolve, reject) => {
      const finish = (act: () => void): void => {
        clearTimeout(limit);
        this.#listeners.delete(look);
        act();
      };
      const look = (): void => {
        const message = this.#heard.find((one): one is Extract<Tells, { readonly kind: Kind }> => one.kind === kind);
        if (message !== undefined) finish(() => resolve(message));
        else if (this.#end !== null) finish(() => reject(new Error(this.#end ?? '')));
      };
      const limit = setTimeout(() => finish(() => reject(new Error(`No ${kind} within ${limitMs} ms`))), limitMs);
      this.#listeners.add(look);
      look();
    });
  }

  /** Kills it. */
  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGKILL');
    await gone;
  }

  #wake(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
