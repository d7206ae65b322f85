/**
 * The chat without a terminal: lines on stdin are what the user says, messages are lines on stdout, and what the chat
 * itself has to say goes to stderr behind a `# `, so that stdout can be read by a program.
 */
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { linesAheadMax, progressIntervalMs, progressLinesMin } from './constants.js';
import { count } from './paint.js';
import { clean } from './text.js';
import type { Said, State, Ui, UiEvents } from './ui.js';

export class Lines implements Ui {
  readonly #output: Writable;
  readonly #notes: Writable;
  #saidAt = 0;
  /** Lines handed over that are not done with. */
  #ahead = 0;
  #isClosed = false;
  readonly #reader: ReturnType<typeof createInterface>;

  constructor(input: Readable, output: Writable, notes: Writable, events: UiEvents) {
    this.#output = output;
    this.#notes = notes;
    this.#reader = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY, terminal: false });
    this.#reader.on('line', (line) => void this.#take(line, events));
    this.#reader.on('close', () => {
      this.#isClosed = true;
      events.onEnd('end');
    });
  }

  said({ name, mark, isNameShared, lines, isMine, isOld }: Said): void {
    if (isMine && !isOld) return;
    const who = name === null ? `(${mark})` : isNameShared ? `${name} (${mark})` : name;
    // One line is one message: a line break would let a remote write a line in somebody else's name.
    this.#output.write(`${who}: ${lines.join(' ')}\n`);
  }

  note(text: string): void {
    this.#notes.write(`# ${clean(text)}\n`);
  }

  offer(sentence: string, text: string): void {
    this.note(`${sentence} ${text}`);
  }

  answer(_sentence: string, text: string): void {
    this.#output.write(`${clean(text)}\n`);
  }

  /** A status line needs a terminal; only a long work says how far it is. */
  state({ sending, fetching }: State): void {
    const now = Date.now();
    if ((sending < progressLinesMin && fetching.length === 0) || now - this.#saidAt < progressIntervalMs) return;
    this.#saidAt = now;
    if (sending >= progressLinesMin) this.note(`Sending, ${count(sending, 'line')} to go ...`);
    for (const file of fetching) this.note(file);
  }

  close(): void {
    this.#reader.close();
  }

  /** Whoever writes faster than we publish waits, instead of filling our memory. */
  async #take(line: string, events: UiEvents): Promise<void> {
    this.#ahead += 1;
    if (this.#ahead === linesAheadMax) this.#reader.pause();
    await events.onLine(line);
    this.#ahead -= 1;
    if (this.#ahead === linesAheadMax / 2 && !this.#isClosed) this.#reader.resume();
  }
}
