/**
 * One run of the chat in this process: opens the peer, shows the chat on what stdin and stdout are, and leaves in good
 * order, whatever the reason: /quit, the end of stdin, Ctrl-C, a signal, a reader of stdout that went away.
 *
 * A terminal is one only if both stdin and stdout are and it can move its cursor; all else gets plain lines.
 */
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import type { ReadStream, WriteStream } from 'node:tty';
import { Peer, PeerError } from '@srp/peer';
import type { ChatOptions } from './args.js';
import { Chat } from './chat.js';
import { leaveLimitMs, progressAfterMs } from './constants.js';
import { Lines } from './lines.js';
import { linger } from './linger.js';
import { Paint, count } from './paint.js';
import { type Profile, takeProfile } from './profile.js';
import { chooseRoom } from './rooms.js';
import { Screen } from './screen.js';
import { clean } from './text.js';
import type { Ui, UiEvents } from './ui.js';

export interface Streams {
  readonly stdin: ReadStream;
  readonly stdout: WriteStream;
  readonly stderr: Writable;
}

type Why = 'end' | 'quit';

/** Runs the chat to its end. Resolves to the exit code: 0, 1 if it could not start or end well, 2 for a bad invite. */
export async function runChat(options: ChatOptions, { stdin, stdout, stderr }: Streams, env: NodeJS.ProcessEnv): Promise<number> {
  const say = (text: string): void => void stderr.write(`${clean(text)}\n`);
  const leaving = new Leaving();
  // Who reads our output may leave first: that is a reason to leave too, and nothing to complain about.
  stdout.on('error', () => leaving.because('quit'));
  stderr.on('error', () => leaving.because('quit'));

  let opened: { peer: Peer; profile: Profile };
  try {
    opened = await saying(say, `Opening ${options.home} ...`, takeProfile(options.home, (directory) => Peer.open(peerOptions(options, directory))));
  } catch (error) {
    say(`Cannot start: ${error instanceof Error ? error.message : String(error)}`);
    leaving.stop();
    return 1;
  }
  const { peer, profile } = opened;

  let code = 0;
  let ui: Ui | null = null;
  let chat: Chat | null = null;
  try {
    const invites = options.meetings.flatMap((meeting) => (meeting.kind === 'invite' ? [meeting.invite] : []));
    for (const meeting of options.meetings) peer.connect(meeting.kind === 'invite' ? meeting.invite : meeting.address);
    if (options.name !== null) profile.rename(options.name);

    const isTerminal = stdin.isTTY && stdout.isTTY && env['TERM'] !== 'dumb';
    const events: UiEvents = { onLine: async (line) => await chat?.submit(line), onEnd: (why) => leaving.because(why) };
    const paint = new Paint((env['NO_COLOR'] ?? '') === '');
    ui = isTerminal ? new Screen({ input: stdin, output: stdout, paint, words: () => chat?.words() ?? [] }, events) : new Lines(stdin, stdout, stderr, events);
    chat = new Chat({ peer, profile, ui, isWatched: isTerminal, folders: { files: options.files ?? join(profile.directory, 'files'), from: env['INIT_CWD'] ?? process.cwd() }, onQuit: () => leaving.because('quit') });
    welcome(ui, profile, options);
    await chat.enter(chooseRoom({ room: options.room, isPrivate: options.isPrivate, invites }, profile.rooms));
    ui.note(isTerminal ? '/help lists the commands, /quit or Ctrl-C leaves.' : 'Lines on stdin are said to the room; the end of stdin leaves.');

    const why = await leaving.wanted;
    const [room, shown] = [chat.place, ui];
    if (!(await saying((text) => shown.note(text), 'Leaving ...', finish({ peer, chat, ui }, why, leaving)))) code = 1;
    ui.note(`You left ${room}.`);
  } catch (error) {
    // Invites were read before anything started; what else is wrong with one, only the peer finds out.
    code = error instanceof PeerError && error.code === 'INVITE_BAD' ? 2 : 1;
    ui?.close();
    say(`Cannot go on: ${error instanceof Error ? error.message : String(error)}`);
  }
  chat?.leave();
  const problem = await within(leaveLimitMs, peer.close()).then(
    (isClosed) => (isClosed ? null : `not everything was closed within ${leaveLimitMs / 1000} s`),
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  ui?.close();
  if (problem !== null) {
    say(`Left in a hurry: ${problem}`);
    code = 1;
  }
  leaving.stop();
  return code;
}

/**
 * Waits for what was typed to be published: without a limit after the end of stdin, whose lines nobody is there to type
 * again. Then somebody gets the time to take it. Resolves to whether all was published.
 */
async function finish({ peer, chat, ui }: { readonly peer: Peer; readonly chat: Chat; readonly ui: Ui }, why: Why, leaving: Leaving): Promise<boolean> {
  const work = why === 'end' ? chat.drained().then(async () => await chat.fetched()) : chat.drained();
  const isDone = why === 'end' ? await Promise.race([work.then(() => true), aborted(leaving.urged).then(() => false)]) : await within(leaveLimitMs, work);
  if (!isDone) {
    ui.note('Not all that was typed has been published.');
    return false;
  }
  if (why === 'end' && chat.unheard > 0 && !(await linger(peer, leaving.urged))) {
    ui.note(`Nobody was there: ${count(chat.unheard, 'message')} will go out when you start again within a day.`);
  }
  return true;
}

function welcome(ui: Ui, profile: Profile, { name }: ChatOptions): void {
  if (profile.warning !== null) ui.note(`Warning: ${profile.warning}`);
  if (profile.number > 1) ui.note(`Another chat is running here: this one is participant ${profile.number} (${profile.directory}).`);
  else ui.note(`Your identity is kept in ${profile.directory}.`);
  if (profile.isNew && name === null) ui.note('Your name was made up; /name changes it.');
  if (profile.rooms.length > 0) ui.note(`Private rooms you keep: ${profile.rooms.map((room) => room.name).join(', ')} (/room NAME).`);
}

function peerOptions({ port, hosts, lan, portMapping }: ChatOptions, directory: string): NonNullable<Parameters<typeof Peer.open>[0]> {
  return { directory, port, lan, portMapping, ...(hosts === null ? {} : { hosts: [...hosts] }) };
}

/** The wish to leave, from wherever it comes. */
class Leaving {
  readonly wanted: Promise<Why>;
  readonly #urge = new AbortController();
  readonly #handlers: readonly (readonly [NodeJS.Signals, () => void])[];
  #resolve: (why: Why) => void = () => undefined;
  #isWanted = false;

  constructor() {
    this.wanted = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.#handlers = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((signal) => [signal, () => this.because('quit')]);
    for (const [signal, handler] of this.#handlers) process.on(signal, handler);
  }

  /** Aborted when waiting any longer is not wanted. */
  get urged(): AbortSignal {
    return this.#urge.signal;
  }

  because(why: Why): void {
    this.#resolve(why);
    if (why === 'quit' || this.#isWanted) this.#urge.abort();
    this.#isWanted = true;
  }

  stop(): void {
    for (const [signal, handler] of this.#handlers) process.off(signal, handler);
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await new Promise((done) => signal.addEventListener('abort', done, { once: true }));
}

/** The work's result; says what is being done if that takes longer than a moment. */
async function saying<Result>(say: (text: string) => void, text: string, work: Promise<Result>): Promise<Result> {
  const timer = setTimeout(() => say(text), progressAfterMs);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
  }
}

/** Whether the work was done in time. A failure is one of the work's, and thrown. */
async function within(ms: number, work: Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((done) => {
    timer = setTimeout(() => done(false), ms);
  });
  try {
    return await Promise.race([work.then(() => true as const), late]);
  } finally {
    clearTimeout(timer);
  }
}
