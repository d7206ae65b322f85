/**
 * Text that came from somebody else, made safe and measured for a terminal.
 *
 * Invariant: what `clean` returns holds no control character, no format character but the joiner inside emoji, no
 * private or unassigned code point, and at most `marksMax` marks on one letter. It can move no cursor, turn no writing
 * direction and cover no neighbouring line. How wide it is, `widthOf` says; where terminals differ the screen clips.
 */
import { stripVTControlCharacters } from 'node:util';
import { charactersLookedAt, marksMax } from './constants.js';

const joiner = '\u200d';
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}]/gu;
const manyMarks = new RegExp(String.raw`(\p{M}{${marksMax}})\p{M}+`, 'gu');
// eslint-disable-next-line no-control-regex -- these are the ones to be found
const lineBreaks = /\r\n?|\n|[\u000b\u000c\u0085\u2028\u2029]/g;

/** One line: breaks become spaces. */
export function clean(text: string): string {
  return printable(text.replace(lineBreaks, ' '));
}

/** Several lines, without those that are empty at the end. */
export function cleanLines(text: string): string[] {
  const lines = text.replace(lineBreaks, '\n').trimEnd().split('\n');
  return lines.map(printable);
}

function printable(line: string): string {
  // First whole escape sequences, so that no debris of them is left to read; then whatever else is not to be seen.
  return stripVTControlCharacters(line)
    .replaceAll('\t', '  ')
    .replace(unprintable, (character, at: number) => (character === joiner && joins(line, at) ? character : ''))
    .replace(manyMarks, '$1');
}

/** A joiner is kept only where it makes one picture of two. */
function joins(line: string, at: number): boolean {
  return /[\p{Extended_Pictographic}\p{Emoji_Modifier}\u{fe0f}]$/u.test(line.slice(Math.max(0, at - 2), at)) && /^\p{Extended_Pictographic}/u.test(line.slice(at + 1, at + 3));
}

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** What a reader calls characters. */
export function charactersOf(text: string): string[] {
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/** East Asian Wide and Fullwidth outside of emoji, as first and last code point. Unicode 15.1, EastAsianWidth.txt. */
const wide: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2329, 0x232a],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe10, 0xfe19],
  [0xfe30, 0xfe6f],
  [0xff01, 0xff60],
  [0xffe0, 0xffe6],
  [0x16fe0, 0x18dff],
  [0x1aff0, 0x1b2ff],
  [0x1f200, 0x1f2ff],
  [0x20000, 0x3fffd],
];

/** Columns that one character (as `charactersOf` cuts them) takes: 0, 1 or 2. */
export function characterWidth(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (code >= 0x20 && code < 0x7f) return 1;
  if (/^[\p{M}\p{Cc}\p{Cf}]/u.test(character)) return 0;
  if (/^\p{Emoji_Presentation}|\u{fe0f}/u.test(character)) return 2;
  return wide.some(([first, last]) => code >= first && code <= last) ? 2 : 1;
}

/** Columns that a line takes. */
export function widthOf(line: string): number {
  return charactersOf(line).reduce((sum, character) => sum + characterWidth(character), 0);
}

/** The beginning of a line that fits. */
export function clip(line: string, columns: number): string {
  let used = 0;
  let kept = '';
  for (const character of charactersOf(line)) {
    used += characterWidth(character);
    if (used > columns) break;
    kept += character;
  }
  return kept;
}

/** A line cut into rows of at most `columns`, between words where it can be, inside a word where it must. */
export function wrap(line: string, columns: number): string[] {
  const rows: string[] = [];
  let row = '';
  let used = 0;
  const end = (): void => {
    rows.push(row.trimEnd());
    row = '';
    used = 0;
  };
  for (const word of line.match(/\s+|\S+/gu) ?? []) {
    const width = widthOf(word);
    const isSpace = word.trim() === '';
    if (used + width <= columns) {
      row += word;
      used += width;
      continue;
    }
    if (isSpace) {
      end();
      continue;
    }
    // A word that fits on a row of its own moves there; a longer one is cut where the row ends.
    if (width <= columns && used > 0) end();
    for (const character of charactersOf(word)) {
      const columnsOfIt = characterWidth(character);
      if (used + columnsOfIt > columns && used > 0) end();
      row += character;
      used += columnsOfIt;
    }
  }
  if (row.trim() !== '' || rows.length === 0) end();
  return rows;
}

/** Text cut into pieces of at most `bytesMax` bytes of UTF-8, between lines or words where that wastes little. */
export function splitBytes(text: string, bytesMax: number): string[] {
  const pieces: string[] = [];
  const room = new Uint8Array(bytesMax);
  let rest = text;
  while (Buffer.byteLength(rest) > bytesMax) {
    const fits = new TextEncoder().encodeInto(rest, room).read;
    const gap = Math.max(rest.lastIndexOf('\n', fits - 1), rest.lastIndexOf(' ', fits - 1));
    const isGapNear = gap > fits / 2;
    const at = isGapNear ? gap : endOfCharacter(rest, fits);
    pieces.push(rest.slice(0, at));
    rest = rest.slice(isGapNear ? at + 1 : at);
  }
  return [...pieces, rest].filter((piece) => piece.trim() !== '');
}

/** Where the last whole character before `fits` ends. Only so far back is looked as characters mostly are long: to find all of a long text takes seconds. */
function endOfCharacter(text: string, fits: number): number {
  const from = Math.max(0, fits - charactersLookedAt);
  let end = from;
  for (const character of charactersOf(text.slice(from, fits + charactersLookedAt))) {
    if (end + character.length > fits) break;
    end += character.length;
  }
  // One "character" may be longer than everything we may send; then its code points are cut apart.
  return end > 0 ? end : String.fromCodePoint(text.codePointAt(0) ?? 0).length;
}
