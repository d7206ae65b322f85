/**
 * The chat on a terminal: messages above, a status line and an input line below them.
 *
 *     12:03 quiet-otter (able-acid) hello        scrolls into the terminal's own history, where it stays after the end
 *     * red-fox is here
 *      lobby | warm-owl | 1 neighbour | 1 subscriber
 *     > what is being written
 *
 * The two lower rows are taken away, what is new is written, and they are written again below it. A row that holds a
 * remote's text is wrapped here and written with the terminal's own wrapping off: where terminal and program disagree
 * about a width, it is cut at the margin and can reach no other row. After a change of size all is written anew.
 *
 * Invariant: nothing but what is written in this file sends an escape sequence; every text it is given is cleaned.
 */
import { writeSync } from 'node:fs';
import type { ReadStream, WriteStream } from 'node:tty';
import { paintedLinesMax, resizeSettleMs, unstoppedMs } from './constants.js';
import { Editor } from './editor.js';
import { Keyboard } from './keyboard.js';
import { type Paint, noteRows, saidRows, statusRow } from './paint.js';
import { clean, widthOf } from './text.js';
import type { Said, State, Ui, UiEvents } from './ui.js';

/** xterm control sequences ("XTerm Control Sequences", Thomas Dickey): each is known to every terminal of today. */
const control = {
  wrapOff: '\u001b[?7l',
  wrapOn: '\u001b[?7h',
  pasteOn: '\u001b[?2004h',
  pasteOff: '\u001b[?2004l',
  eraseBelow: '\u001b[J',
  eraseAll: '\u001b[H\u001b[2J',
  up: '\u001b[1A',
  column: (column: number) => `\u001b[${column + 1}G`,
} as const;

const prompt = '> ';

/** Where `output` writes to: only a write to the descriptor itself is done before the process ends. */
const stdoutDescriptor = 1;

type Entry = { readonly kind: 'said'; readonly said: Said } | { readonly kind: 'note'; readonly text: string } | { readonly kind: 'copy'; readonly sentence: string; readonly text: string };

/** What a screen is made on. */
export interface Terminal {
  readonly input: ReadStream;
  readonly output: WriteStream;
  readonly paint: Paint;
  /** Words that Tab completes. */
  readonly words: () => readonly string[];
}

export class Screen implements Ui {
  readonly #terminal: Terminal;
  readonly #events: UiEvents;
  readonly #editor = new Editor();
  readonly #entries: Entry[] = [];
  #state: State | null = null;
  #isOpen = false;
  #hasFooter = false;
  #shownFooter = '';
  readonly #keyboard: Keyboard;
  #resize: NodeJS.Timeout | null = null;

  constructor(terminal: Terminal, events: UiEvents) {
    this.#terminal = terminal;
    this.#events = events;
    const { input, output } = terminal;
    // A terminal that went away cannot be written to; leaving is what the hangup's signal asks for.
    output.on('error', this.#gone);
    input.on('error', this.#gone);
    input.on('end', this.#gone);
    this.#keyboard = new Keyboard(input, this.#editor, {
      onLine: (line) => void events.onLine(line),
      onQuit: () => events.onEnd('quit'),
      onSuspend: () => this.#suspend(),
      onRepaint: () => this.#paintAll(),
      onFull: () => this.note('The line is full: press Enter to send it.'),
      onChange: () => this.#paintFooter(),
      words: terminal.words,
    });
    output.on('resize', this.#onResize);
    process.on('SIGCONT', this.#resume);
    process.on('exit', this.#release);
    this.#seize();
  }

  said(said: Said): void {
    this.#add({ kind: 'said', said });
  }

  note(text: string): void {
    this.#add({ kind: 'note', text });
  }

  offer(sentence: string, text: string): void {
    this.#add({ kind: 'copy', sentence, text });
  }

  answer(sentence: string, text: string): void {
    this.offer(sentence, text);
  }

  state(state: State): void {
    this.#state = state;
    this.#paintFooter();
  }

  close(): void {
    if (this.#resize !== null) clearTimeout(this.#resize);
    const { output } = this.#terminal;
    this.#keyboard.close();
    output.off('resize', this.#onResize);
    process.off('SIGCONT', this.#resume);
    this.#release();
    process.off('exit', this.#release);
  }

  get #columns(): number {
    return this.#terminal.output.columns || 80;
  }

  get #rows(): number {
    return this.#terminal.output.rows || 24;
  }

  #add(entry: Entry): void {
    this.#entries.push(entry);
    if (this.#entries.length > paintedLinesMax) this.#entries.shift();
    this.#write(this.#withoutFooter() + this.#rowsOf(entry).join('') + this.#footer());
  }

  /** The rows of an entry, each with its line end. */
  #rowsOf(entry: Entry): string[] {
    const { paint } = this.#terminal;
    const guarded = (row: string): string => `${control.wrapOff}${row}${control.wrapOn}\r\n`;
    switch (entry.kind) {
      case 'said':
        return saidRows(entry.said, this.#columns, paint).map(guarded);
      case 'note':
        return noteRows(entry.text, this.#columns, paint).map(guarded);
      case 'copy':
        // Wrapped by the terminal, so that it is copied as one piece.
        return [...noteRows(entry.sentence, this.#columns, paint).map(guarded), `${clean(entry.text)}\r\n`];
    }
  }

  #paintFooter(): void {
    const footer = this.#layFooter();
    if (!this.#isOpen || (this.#hasFooter && footer === this.#shownFooter)) return;
    this.#write(this.#withoutFooter() + this.#footer());
  }

  /** Takes the cursor to where the footer began, and the footer away. */
  #withoutFooter(): string {
    if (!this.#hasFooter) return '';
    this.#hasFooter = false;
    return `\r${control.up}${control.eraseBelow}`;
  }

  #footer(): string {
    if (!this.#isOpen) return '';
    this.#hasFooter = true;
    this.#shownFooter = this.#layFooter();
    return this.#shownFooter;
  }

  #layFooter(): string {
    // The last column stays empty: writing into it would make some terminals wrap.
    const columns = Math.max(1, this.#columns - 1);
    const status = this.#state === null ? '' : statusRow(this.#state, columns, this.#terminal.paint);
    const shownPrompt = columns > 8 ? prompt : '';
    const { text, column } = this.#editor.view(columns - shownPrompt.length);
    return `${control.wrapOff}${status}\r\n${shownPrompt}${text}${control.column(shownPrompt.length + column)}${control.wrapOn}`;
  }

  #paintAll(): void {
    if (!this.#isOpen) return;
    const room = Math.max(0, this.#rows - 2);
    const shown: string[] = [];
    let used = 0;
    for (const entry of this.#entries.toReversed()) {
      const rows = this.#rowsOf(entry);
      used += entry.kind === 'copy' ? rows.length - 1 + Math.ceil(widthOf(entry.text) / this.#columns) : rows.length;
      if (used > room) break;
      shown.unshift(...rows);
    }
    this.#hasFooter = false;
    this.#write(control.eraseAll + shown.join('') + this.#footer());
  }

  #write(text: string): void {
    if (text !== '' && this.#terminal.output.writable) this.#terminal.output.write(text);
  }

  readonly #seize = (): void => {
    const { input } = this.#terminal;
    if (this.#isOpen) return;
    this.#isOpen = true;
    input.setRawMode(true);
    input.resume();
    this.#write(control.pasteOn + this.#footer());
  };

  /** Also runs when the process ends in a way nobody foresaw, so it writes at once. */
  readonly #release = (): void => {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    const { input } = this.#terminal;
    try {
      writeSync(stdoutDescriptor, this.#withoutFooter() + control.pasteOff + control.wrapOn);
      input.setRawMode(false);
    } catch {
      // The terminal is gone, and its state with it.
    }
    input.pause();
  };

  readonly #gone = (): void => this.#events.onEnd('quit');

  readonly #onResize = (): void => {
    if (this.#resize !== null) clearTimeout(this.#resize);
    this.#resize = setTimeout(() => this.#paintAll(), resizeSettleMs);
  };

  /** What Ctrl-Z does elsewhere: stops everything that runs in this terminal's foreground, and us with it. */
  #suspend(): void {
    if (process.platform === 'win32') return;
    this.#release();
    process.kill(0, 'SIGTSTP');
    // Where no shell could continue us (a terminal made for us alone), the system lets nobody stop: then we go on.
    setTimeout(this.#seize, unstoppedMs);
  }

  /** After a stop the shell has set the terminal as it likes it; Node must be told to set it anew. */
  readonly #resume = (): void => {
    this.#release();
    this.#seize();
  };
}
