/**
 * The actors as the director sees them: processes that are started, directed, watched and killed. Whatever happens to
 * the director, no actor outlives it: `end` kills them all, it also runs when the process exits, and an actor whose
 * pipe breaks ends by itself.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { reportIntervalMs } from './constants.js';
import type { Answer, Direction, Line, Part, Report } from './parts.js';

const program = fileURLToPath(new URL('role.js', import.meta.url));

/** Everything that happened to one actor, in order. */
export class Actor {
  readonly name: string;
  readonly ready: Extract<Answer, { kind: 'ready' }>;
  /** What it heard, and from which address. */
  readonly heard: { readonly line: Line; readonly from: string }[] = [];
  /** Called for each message it hears. */
  onHeard: (line: Line, from: string) => void = () => undefined;
  readonly #child: ChildProcess;
  readonly #signal: AbortSignal;
  #onAnswer: (answer: Answer) => void = () => undefined;

  private constructor(name: string, child: ChildProcess, ready: Actor['ready'], signal: AbortSignal) {
    this.name = name;
    this.ready = ready;
    this.#child = child;
    this.#signal = signal;
    child.on('message', (answer: Answer) => this.#take(answer));
  }

  static async start(name: string, child: ChildProcess, part: Part, signal: AbortSignal): Promise<Actor> {
    const ready = await waitFor<Actor['ready']>(name, child, signal, (take) => {
      const listen = (answer: Answer): void => {
        if (answer.kind === 'ready' || answer.kind === 'failed') child.off('message', listen);
        if (answer.kind === 'ready') take(null, answer);
        if (answer.kind === 'failed') take(new Error(`${name} ${answer.problem}`));
      };
      child.on('message', listen);
      direct(child, { kind: 'play', part });
    });
    return new Actor(name, child, ready, signal);
  }

  /** `PEERID@HOST:PORT`. */
  get card(): string {
    return `${this.ready.peer}@${this.ready.address}`;
  }

  async say(text: string, isFleeting = false): Promise<Line> {
    const answer = await this.#ask({ kind: 'say', text, isFleeting }, 'said');
    return answer.line;
  }

  async report(): Promise<Report> {
    return this.#ask({ kind: 'report' }, 'report');
  }

  /** Asks for reports until one is as it should be, or the time is over. Resolves to the last one. */
  async until(isRight: (report: Report) => boolean, limitMs: number): Promise<Report> {
    const end = Date.now() + limitMs;
    for (;;) {
      const report = await this.report();
      if (isRight(report) || Date.now() >= end) return report;
      await pause(reportIntervalMs, this.#signal);
    }
  }

  /** SIGKILL: no farewell, nothing saved that was not saved before. Resolves when the process is gone. */
  async kill(): Promise<void> {
    const gone = new Promise<void>((done) => this.#child.once('exit', () => done()));
    this.#child.kill('SIGKILL');
    await gone;
  }

  async #ask<Kind extends Answer['kind']>(direction: Direction, kind: Kind): Promise<Extract<Answer, { kind: Kind }>> {
    return waitFor(this.name, this.#child, this.#signal, (take) => {
      this.#onAnswer = (answer) => {
        if (answer.kind === 'failed') take(new Error(`${this.name} ${answer.problem}`));
        else if (answer.kind === kind) take(null, answer as Extract<Answer, { kind: Kind }>);
      };
      direct(this.#child, direction);
    });
  }

  #take(answer: Answer): void {
    if (answer.kind === 'heard') {
      this.heard.push(answer);
      this.onHeard(answer.line, answer.from);
    } else this.#onAnswer(answer);
  }
}

/** Starts the actors, and ends them all. */
export class Troupe {
  readonly #stage: string;
  readonly #signal: AbortSignal;
  readonly #children = new Set<ChildProcess>();
  readonly #onExit = (): void => this.#killAll();

  /** `stage` is a directory of ours, in which each actor gets one of its own; `signal` ends all waiting. */
  constructor(stage: string, signal: AbortSignal) {
    this.#stage = stage;
    this.#signal = signal;
    process.on('exit', this.#onExit);
  }

  /** Where an actor keeps what it has. */
  home(name: string): string {
    return join(this.#stage, name.toLowerCase().replaceAll(' ', '-'));
  }

  async start(name: string, part: Omit<Part, 'directory'>): Promise<Actor> {
    this.#signal.throwIfAborted();
    mkdirSync(this.home(name), { recursive: true, mode: 0o700 });
    // What a killed process leaves in the system's temporary directory shall go with the stage.
    const child = fork(program, [], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], env: { ...process.env, TMPDIR: this.#stage } });
    this.#children.add(child);
    child.on('exit', () => this.#children.delete(child));
    return Actor.start(name, child, { ...part, directory: join(this.home(name), 'peer') }, this.#signal);
  }

  /** Resolves when no actor is left. */
  async end(): Promise<void> {
    const gone = [...this.#children].map((child) => new Promise((done) => child.once('exit', done)));
    this.#killAll();
    await Promise.all(gone);
    process.off('exit', this.#onExit);
  }

  #killAll(): void {
    for (const child of this.#children) child.kill('SIGKILL');
  }
}

/** A pause that the signal ends with its reason. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  await new Promise<void>((done, fail) => {
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', abort);
      done();
    }, ms);
    const abort = (): void => {
      clearTimeout(timer);
      fail(reasonOf(signal));
    };
    signal.addEventListener('abort', abort, { once: true });
  });
}

function direct(child: ChildProcess, direction: Direction): void {
  // A failed send means that the process is gone, which its exit tells us.
  child.send(direction, () => undefined);
}

/** A promise that an actor settles, or its end, or the signal. */
async function waitFor<Result>(name: string, child: ChildProcess, signal: AbortSignal, ask: (take: (error: Error | null, result?: Result) => void) => void): Promise<Result> {
  signal.throwIfAborted();
  return new Promise((done, fail) => {
    const clear = (): void => {
      child.off('exit', exit);
      signal.removeEventListener('abort', abort);
    };
    const exit = (): void => {
      clear();
      fail(new Error(`${name} ended by itself`));
    };
    const abort = (): void => {
      clear();
      fail(reasonOf(signal));
    };
    child.once('exit', exit);
    signal.addEventListener('abort', abort, { once: true });
    ask((error, result) => {
      clear();
      if (error === null) done(result as Result);
      else fail(error);
    });
  });
}

function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason));
}
