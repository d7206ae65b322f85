/**
 * The programs under test, as processes: with pipes, or on a terminal of its own (util-linux `script`). Everything they
 * are told keeps them on loopback. What a test starts is ended with it.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Display } from './display.js';

export const mainFile = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
export const demoFile = fileURLToPath(new URL('../../dist/demo.js', import.meta.url));

/** Options that keep a chat on this machine, and off its local network. */
export const alone = ['--host', '127.0.0.1', '--lan', 'off'];
/** ... and let copies on this machine find each other. Whatever else runs here is found too: see `freshRoom`. */
export const onLoopback = ['--host', '127.0.0.1', '--lan', 'loopback'];

/** The name of a room in which nobody is but who a test sends there. */
export const freshRoom = (): string => `test-${randomBytes(6).toString('hex')}`;

const limitMs = 10_000;
const pollMs = 15;

const folders = new Set<string>();
const running = new Set<ChildProcess>();
const terminals = new Set<TerminalChat>();

/** A folder of the test's own. */
export function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'srp-chat-test-'));
  folders.add(folder);
  return folder;
}

/** Ends what still runs, removes what was written. */
export async function cleanUp(): Promise<void> {
  for (const child of running) child.kill('SIGKILL');
  // The end of script(1) only hangs the terminal up; the chat behind it leaves by itself, or not at all.
  const chats = [...terminals].filter((chat) => chat.isAlive);
  for (const chat of chats) process.kill(chat.pid, 'SIGKILL');
  await until(() => running.size === 0 && !chats.some((chat) => chat.isAlive), 'everything ended');
  terminals.clear();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  folders.clear();
}

/** Waits for something to become true. */
export async function until(isTrue: () => boolean, what: string, ms = limitMs): Promise<void> {
  const end = Date.now() + ms;
  while (!isTrue()) {
    if (Date.now() > end) throw new Error(`not within ${ms} ms: ${what}`);
    await new Promise((done) => setTimeout(done, pollMs));
  }
}

/** A running program. */
export class Program {
  stdout = '';
  stderr = '';
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  hasEnded = false;

  constructor(command: string, args: readonly string[], env: NodeJS.ProcessEnv) {
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], env });
    this.child = child;
    running.add(child);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    child.stdin.on('error', () => undefined);
    this.ended = new Promise((done) => {
      child.on('close', (code) => {
        running.delete(child);
        this.hasEnded = true;
        done(code);
      });
    });
  }

  type(text: string): void {
    this.child.stdin?.write(text);
  }

  async until(isTrue: () => boolean, what: string, ms = limitMs): Promise<void> {
    try {
      await until(() => isTrue() || this.hasEnded, what, ms);
      if (!isTrue()) throw new Error(`ended before: ${what}`);
    } catch (error) {
      throw new Error(`${error instanceof Error ? error.message : String(error)}\n--- stdout\n${this.stdout}\n--- stderr\n${this.stderr}`, { cause: error });
    }
  }
}

function environment(home: string, extra: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { PATH } = process.env;
  // What a killed chat leaves in the temporary directory goes with its home.
  return { PATH, HOME: home, TMPDIR: home, LANG: 'C.UTF-8', ...extra };
}

/** A chat with pipes: plain lines. */
export function plainChat(home: string, args: readonly string[], extra: NodeJS.ProcessEnv = {}): Program {
  return new Program(process.execPath, [mainFile, ...args], environment(home, extra));
}

/** Whether a terminal can be had. If not, that is said. */
export function hasTerminals(): boolean {
  const { status, stdout } = spawnSync('script', ['--version'], { encoding: 'utf8' });
  if (status === 0 && stdout.includes('util-linux')) return true;
  console.log('\n  NOT TESTED: the chat on a terminal, for want of script(1) of util-linux\n');
  return false;
}

export interface TerminalOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: NodeJS.ProcessEnv;
  /** Whether a shell waits to continue what Ctrl-Z stopped. */
  readonly underJobControl?: boolean;
}

/** A chat on a terminal. */
export class TerminalChat {
  readonly program: Program;
  display: Display;
  readonly #ttyFile: string;
  #seen = 0;

  constructor(home: string, args: readonly string[], { columns = 80, rows = 24, env = {}, underJobControl = false }: TerminalOptions = {}) {
    this.#ttyFile = join(home, `tty-${Math.random().toString(36).slice(2)}`);
    const words = [process.execPath, mainFile, ...args].map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(' ');
    // The shell stays, to tell how the chat ended and how it left the terminal.
    const chat = `sh -c 'echo $$ > "$0"; exec "$@"' '${this.#ttyFile}.pid' ${words}`;
    const command = `stty cols ${columns} rows ${rows}; tty > '${this.#ttyFile}'; ${underJobControl ? `set -m; ${chat}; echo stopped; read word; fg > /dev/null` : chat}; echo "ended with $?"; stty -a | tr ';' '\\n' | grep -Eo -- '-?(icanon|echo)( |$)' | tr -d '\\n'`;
    this.program = new Program('script', ['-qfec', command, '/dev/null'], environment(home, { TERM: 'xterm-256color', SHELL: '/bin/sh', ...env }));
    this.display = new Display(columns, rows);
    terminals.add(this);
  }

  /** The chat's own process. */
  get pid(): number {
    return Number(readFileSync(`${this.#ttyFile}.pid`, 'utf8'));
  }

  /** Whether that process runs. */
  get isAlive(): boolean {
    try {
      process.kill(this.pid, 0);
      return true;
    } catch {
      return false;
    }
  }

  get shown(): string[] {
    this.#update();
    return this.display.shown;
  }

  get text(): string {
    this.#update();
    return this.display.text;
  }

  /** The two lower rows. */
  get status(): string {
    return this.shown[this.#footer] ?? '';
  }

  get input(): string {
    return this.shown[this.#footer + 1] ?? '';
  }

  type(text: string): void {
    this.program.type(text);
  }

  async sees(text: string, ms?: number): Promise<void> {
    await this.program.until(() => this.text.includes(text), `"${text}" on the terminal`, ms);
  }

  /** Changes the size, as a window manager would. What was shown before is forgotten. */
  resize(columns: number, rows: number): void {
    const tty = readFileSync(this.#ttyFile, 'utf8').trim();
    this.#update();
    this.display = new Display(columns, rows);
    spawnSync('stty', ['-F', tty, 'cols', String(columns), 'rows', String(rows)]);
  }

  #update(): void {
    this.display.write(this.program.stdout.slice(this.#seen));
    this.#seen = this.program.stdout.length;
  }

  /** The status line is the row above the cursor. */
  get #footer(): number {
    return this.display.cursor.row - 1;
  }
}
