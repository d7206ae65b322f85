/**
 * A small terminal in memory: what the bytes a program wrote look like. It knows the sequences the chat uses, and lists
 * any other, so that a test can state that none got through.
 */
import { characterWidth, charactersOf } from '../../dist/text.js';

export class Display {
  readonly #columns: number;
  readonly #rows: number;
  #grid: string[][];
  #row = 0;
  #column = 0;
  #wraps = true;
  #isPasteMarked = false;
  #rest = '';
  /** Rows that scrolled out at the top. */
  readonly scrolled: string[] = [];
  /** Sequences and control characters that are not the chat's. */
  readonly strange: string[] = [];

  constructor(columns: number, rows: number) {
    this.#columns = columns;
    this.#rows = rows;
    this.#grid = Array.from({ length: rows }, () => []);
  }

  /** What is on the display, row by row. */
  get shown(): string[] {
    return this.#grid.map(textOf);
  }

  /** All rows that were ever shown, without the empty ones at the end. */
  get text(): string {
    return [...this.scrolled, ...this.shown].join('\n').trimEnd();
  }

  get cursor(): { readonly row: number; readonly column: number } {
    return { row: this.#row, column: this.#column };
  }

  /** Whether it is as a shell expects it: wrapping, and no paste marks. */
  get isRestored(): boolean {
    return this.#wraps && !this.#isPasteMarked;
  }

  write(output: string): void {
    let rest = this.#rest + output;
    this.#rest = '';
    while (rest !== '') {
      // eslint-disable-next-line no-control-regex
      const sequence = /^\u001b(?:\[([?\d;]*)([A-Za-z~]))?/.exec(rest);
      if (sequence !== null) {
        const [whole, parameters, final] = sequence;
        if (final === undefined && rest.length < 16) {
          this.#rest = rest;
          return;
        }
        this.#control(whole, parameters ?? '', final ?? '');
        rest = rest.slice(whole.length);
        continue;
      }
      // eslint-disable-next-line no-control-regex
      const plain = /^[^\u0000-\u001f\u007f-\u009f]+/.exec(rest)?.[0];
      if (plain === undefined) {
        this.#controlCharacter(rest[0] ?? '');
        rest = rest.slice(1);
        continue;
      }
      for (const character of charactersOf(plain)) this.#put(character);
      rest = rest.slice(plain.length);
    }
  }

  #put(character: string): void {
    const width = characterWidth(character);
    if (this.#column + width > this.#columns) {
      if (this.#wraps) {
        this.#column = 0;
        this.#lineFeed();
      } else this.#column = this.#columns - width;
    }
    const cells = this.#grid[this.#row] ?? [];
    while (cells.length < this.#column) cells.push(' ');
    cells[this.#column] = character;
    if (width === 2) cells[this.#column + 1] = '';
    this.#column += width;
  }

  #lineFeed(): void {
    if (this.#row < this.#rows - 1) this.#row += 1;
    else {
      this.scrolled.push(textOf(this.#grid.shift() ?? []));
      this.#grid.push([]);
    }
  }

  #controlCharacter(character: string): void {
    if (character === '\r') this.#column = 0;
    else if (character === '\n') this.#lineFeed();
    else this.strange.push(JSON.stringify(character));
  }

  #control(whole: string, parameters: string, final: string): void {
    const number = Number(parameters === '' ? 1 : parameters);
    switch (`${parameters.startsWith('?') ? parameters : ''}${final}`) {
      case 'm':
        return;
      case 'A':
        this.#row = Math.max(0, this.#row - number);
        return;
      case 'G':
        this.#column = Math.min(this.#columns, number) - 1;
        return;
      case 'H':
        this.#row = 0;
        this.#column = 0;
        return;
      case 'J':
        if (parameters === '2') this.#grid = this.#grid.map(() => []);
        else {
          this.#grid[this.#row]?.splice(this.#column);
          for (let row = this.#row + 1; row < this.#rows; row += 1) this.#grid[row] = [];
        }
        return;
      case '?7l':
      case '?7h':
        this.#wraps = final === 'h';
        return;
      case '?2004l':
      case '?2004h':
        this.#isPasteMarked = final === 'h';
        return;
      default:
        this.strange.push(JSON.stringify(whole));
    }
  }
}

function textOf(cells: readonly string[]): string {
  return cells.join('').trimEnd();
}
