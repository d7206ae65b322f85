/**
 * From keys to an edited line: what a terminal in raw mode sends becomes edits, and a few wishes beyond the line.
 *
 * Pasted text comes between two marks (bracketed paste), so that a line break in it is a line break of the message and not
 * the Enter key.
 */
import { emitKeypressEvents, type Key } from 'node:readline';
import type { ReadStream } from 'node:tty';
import { pasteLengthMax } from './constants.js';
import type { Editor } from './editor.js';

/** What keys can mean beyond the line itself. */
export interface Wishes {
  readonly onLine: (line: string) => void;
  readonly onQuit: () => void;
  readonly onSuspend: () => void;
  readonly onRepaint: () => void;
  /** Not all of what was typed found room. */
  readonly onFull: () => void;
  /** The line, or the cursor in it, may have changed. */
  readonly onChange: () => void;
  /** Words that Tab completes. */
  readonly words: () => readonly string[];
}

export class Keyboard {
  readonly #input: ReadStream;
  readonly #editor: Editor;
  readonly #wishes: Wishes;
  readonly #keys: ReadonlyMap<string, () => void>;
  #pasted: string | null = null;
  #wasReturn = false;

  constructor(input: ReadStream, editor: Editor, wishes: Wishes) {
    this.#input = input;
    this.#editor = editor;
    this.#wishes = wishes;
    this.#keys = this.#bindings();
    emitKeypressEvents(input);
    input.on('keypress', this.#onKey);
  }

  close(): void {
    this.#input.off('keypress', this.#onKey);
  }

  readonly #onKey = (character: string | undefined, key: Key): void => {
    this.#press(character ?? '', key);
    this.#wishes.onChange();
  };

  #press(character: string, key: Key): void {
    const name = `${key.ctrl === true ? 'ctrl-' : ''}${key.meta === true ? 'meta-' : ''}${key.name ?? ''}`;
    if (this.#pasted !== null) {
      // Ctrl-C is a way out should the end of a paste ever be lost.
      if (name === 'paste-end' || name === 'ctrl-c') this.#endPaste(this.#pasted);
      else if (this.#pasted.length < pasteLengthMax) this.#pasted += character;
      return;
    }
    // A line feed is what some programs type for Enter; behind a carriage return it is the same key once more.
    const isSameEnter = name === 'enter' && this.#wasReturn;
    this.#wasReturn = name === 'return';
    if (isSameEnter) return;
    const action = this.#keys.get(name);
    if (action !== undefined) action();
    else if (!name.startsWith('ctrl-') && !name.startsWith('meta-')) this.#insert(character);
  }

  #bindings(): ReadonlyMap<string, () => void> {
    const editor = this.#editor;
    const { onQuit, onSuspend, onRepaint, words } = this.#wishes;
    return new Map([
      ['return', () => this.#enter()],
      ['enter', () => this.#enter()],
      ['ctrl-c', onQuit],
      ['ctrl-d', () => (editor.isEmpty ? onQuit() : editor.delete())],
      ['ctrl-z', onSuspend],
      ['ctrl-l', onRepaint],
      ['paste-start', () => this.#startPaste()],
      ['backspace', () => editor.backspace()],
      ['ctrl-h', () => editor.backspace()],
      ['delete', () => editor.delete()],
      ['left', () => editor.move(-1)],
      ['ctrl-b', () => editor.move(-1)],
      ['right', () => editor.move(1)],
      ['ctrl-f', () => editor.move(1)],
      ['home', () => editor.move(Number.NEGATIVE_INFINITY)],
      ['ctrl-a', () => editor.move(Number.NEGATIVE_INFINITY)],
      ['end', () => editor.move(Number.POSITIVE_INFINITY)],
      ['ctrl-e', () => editor.move(Number.POSITIVE_INFINITY)],
      ['ctrl-left', () => editor.moveWord(-1)],
      ['meta-b', () => editor.moveWord(-1)],
      ['ctrl-right', () => editor.moveWord(1)],
      ['meta-f', () => editor.moveWord(1)],
      ['ctrl-w', () => editor.deleteWord()],
      ['ctrl-u', () => editor.deleteToStart()],
      ['ctrl-k', () => editor.deleteToEnd()],
      ['up', () => editor.recall(-1)],
      ['down', () => editor.recall(1)],
      ['tab', () => editor.complete(words())],
    ]);
  }

  #enter(): void {
    if (!this.#editor.isEmpty) this.#wishes.onLine(this.#editor.take());
  }

  #insert(text: string): void {
    if (!this.#editor.insert(text)) this.#wishes.onFull();
  }

  #startPaste(): void {
    this.#pasted = '';
  }

  #endPaste(text: string): void {
    this.#pasted = null;
    // A line end at the end of what was pasted would only be an empty line of the message.
    this.#insert(text.replace(/[\r\n]+$/, ''));
  }
}
