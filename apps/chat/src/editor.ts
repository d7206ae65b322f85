/**
 * The input line: characters, a cursor between them, and the lines entered before. Pure; the screen feeds it keys and
 * shows its view.
 */
import { inputHistoryMax, inputLengthMax } from './constants.js';
import { characterWidth, charactersOf } from './text.js';

/** How a line break looks inside the one input line. */
const breakSign = '\u21b5';

export class Editor {
  #characters: string[] = [];
  /** 0..length: the cursor stands before this character. */
  #cursor = 0;
  readonly #entered: string[] = [];
  /** Where the arrow keys are in `#entered`; its length is the line being written. */
  #at = 0;
  #draft = '';

  get text(): string {
    return this.#characters.join('');
  }

  get isEmpty(): boolean {
    return this.#characters.length === 0;
  }

  /** Puts text at the cursor, line breaks kept, what cannot be shown left out. Returns false if not all of it found room. */
  insert(text: string): boolean {
    const shown = text
      .replace(/\r\n?/g, '\n')
      .replaceAll('\t', '  ')
      .replace(/(?![\n\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}]/gu, '');
    // Some keyboards send the parts of one character one after the other, so the one before is looked at again.
    const before = this.#characters.splice(Math.max(0, this.#cursor - 1), Math.min(1, this.#cursor));
    const characters = charactersOf([...before, shown].join(''));
    const fitting = characters.slice(0, inputLengthMax - this.#characters.length);
    this.#characters.splice(this.#cursor - before.length, 0, ...fitting);
    this.#cursor += fitting.length - before.length;
    return fitting.length === characters.length;
  }

  backspace(): void {
    if (this.#cursor > 0) this.#characters.splice((this.#cursor -= 1), 1);
  }

  delete(): void {
    this.#characters.splice(this.#cursor, 1);
  }

  move(by: number): void {
    this.#cursor = Math.min(this.#characters.length, Math.max(0, this.#cursor + by));
  }

  moveWord(direction: -1 | 1): void {
    this.#cursor = this.#wordEnd(direction);
  }

  deleteWord(): void {
    const from = this.#wordEnd(-1);
    this.#characters.splice(from, this.#cursor - from);
    this.#cursor = from;
  }

  deleteToStart(): void {
    this.#characters.splice(0, this.#cursor);
    this.#cursor = 0;
  }

  deleteToEnd(): void {
    this.#characters.length = this.#cursor;
  }

  /** The line, as it was entered; the editor is empty then. */
  take(): string {
    const text = this.text;
    if (text.trim() !== '' && this.#entered.at(-1) !== text) this.#entered.push(text);
    if (this.#entered.length > inputHistoryMax) this.#entered.shift();
    this.#at = this.#entered.length;
    this.#draft = '';
    this.#set('');
    return text;
  }

  /** The line entered before (-1) or after (1) the one shown. */
  recall(direction: -1 | 1): void {
    const at = this.#at + direction;
    if (at < 0 || at > this.#entered.length) return;
    if (this.#at === this.#entered.length) this.#draft = this.text;
    this.#at = at;
    this.#set(this.#entered[at] ?? this.#draft);
  }

  /** Completes the word before the cursor if exactly one of `words` begins with it, or as far as all that do agree. */
  complete(words: readonly string[]): void {
    const typed = /\S*$/u.exec(this.#characters.slice(0, this.#cursor).join(''))?.[0] ?? '';
    if (typed === '') return;
    const matches = words.filter((word) => word.startsWith(typed));
    const [first = '', ...others] = matches;
    let end = first.length;
    for (const other of others) while (!other.startsWith(first.slice(0, end))) end -= 1;
    this.insert(first.slice(typed.length, end) + (matches.length === 1 ? ' ' : ''));
  }

  /** The part of the line around the cursor that fits, and the column of the cursor in it. */
  view(columns: number): { readonly text: string; readonly column: number } {
    const shown = this.#characters.map((character) => (character === '\n' ? breakSign : character));
    let from = this.#cursor;
    let column = 0;
    while (from > 0) {
      const width = characterWidth(shown[from - 1] ?? '');
      // One column stays free for the cursor itself.
      if (column + width >= columns) break;
      column += width;
      from -= 1;
    }
    let text = shown.slice(from, this.#cursor).join('');
    let used = column;
    for (const character of shown.slice(this.#cursor)) {
      used += characterWidth(character);
      if (used >= columns) break;
      text += character;
    }
    return { text, column };
  }

  #set(text: string): void {
    this.#characters = charactersOf(text);
    this.#cursor = this.#characters.length;
  }

  #wordEnd(direction: -1 | 1): number {
    const at = (index: number): string => this.#characters[direction < 0 ? index - 1 : index] ?? '';
    let cursor = this.#cursor;
    while (/\s/u.test(at(cursor))) cursor += direction;
    while (/\S/u.test(at(cursor))) cursor += direction;
    return cursor;
  }
}
