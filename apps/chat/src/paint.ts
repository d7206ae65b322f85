/**
 * How messages and notes look in rows of a given width. Pure: text in, rows out, with colours or without.
 *
 *     12:03 quiet-otter (able-acid) a message that does not fit on its row goes on
 *           below, indented, so that nothing a remote writes can look like a row of somebody else
 *     * a note of the chat's own
 */
import type { Said, State } from './ui.js';
import { clean, clip, widthOf, wrap } from './text.js';

/** Columns of `12:03 `, below which nothing of a message is written but its time. */
const indent = 6;
/** Columns that a message's text needs beside its head; with less it starts on a row of its own. */
const besideMin = 16;

/** Select Graphic Rendition codes, ECMA-48 8.3.117; the eight basic colours are in every terminal. */
const sgr = { bold: 1, dim: 2, inverse: 7, cyan: 36 } as const;
const authorColours = [31, 32, 33, 34, 35, 36] as const;

/** Puts colours and weights on text, or leaves it alone. */
export class Paint {
  readonly #hasColours: boolean;

  constructor(hasColours: boolean) {
    this.#hasColours = hasColours;
  }

  get hasColours(): boolean {
    return this.#hasColours;
  }

  in(style: keyof typeof sgr, text: string): string {
    return this.#sgr(String(sgr[style]), text);
  }

  /** `seed` is hex; the same one always gets the same colour. */
  author(seed: string, text: string): string {
    return this.#sgr(`1;${authorColours[Number.parseInt(seed.slice(0, 4), 16) % authorColours.length] ?? authorColours[0]}`, text);
  }

  #sgr(codes: string, text: string): string {
    return this.#hasColours && text !== '' ? `\u001b[${codes}m${text}\u001b[0m` : text;
  }
}

/** The rows of a message. */
export function saidRows(said: Said, columns: number, paint: Paint): string[] {
  const time = timeOf(said.at);
  const name = said.name === null ? '' : clean(said.name);
  const mark = `(${clean(said.mark)})`;
  const headWidth = widthOf([time, name, mark].filter((part) => part !== '').join(' '));
  const head = [
    paint.in('dim', time),
    ...(name === '' ? [] : [said.isMine ? paint.in('bold', name) : paint.author(said.author, name)]),
    said.isNameShared ? mark : paint.in('dim', mark),
  ].join(' ');
  const room = Math.max(1, columns - indent);
  const lines = said.lines.map(clean);
  const below = (rows: readonly string[]): string[] => rows.map((row) => ' '.repeat(Math.min(indent, columns - 1)) + row);
  if (headWidth + besideMin > columns) return [headWidth > columns ? clip(`${time} ${name} ${mark}`, columns) : head, ...below(lines.flatMap((line) => wrap(line, room)))];

  // The first row has less room: it is wrapped behind a stand-in for the head.
  const [first = '', ...rest] = lines;
  const [row = ''] = wrap(`${'x'.repeat(headWidth)} ${first}`, columns);
  const beside = row.slice(headWidth + 1);
  const missed = first.slice(beside.length).trimStart();
  return [beside === '' ? head : `${head} ${beside}`, ...below([...(missed === '' ? [] : wrap(missed, room)), ...rest.flatMap((line) => wrap(line, room))])];
}

/** The rows of a note. */
export function noteRows(text: string, columns: number, paint: Paint): string[] {
  return wrap(clean(text), Math.max(1, columns - 2)).map((row, at) => `${at === 0 ? `${paint.in('cyan', '*')} ` : '  '}${row}`);
}

/** The status line, at most `columns` wide. */
export function statusRow(state: State, columns: number, paint: Paint): string {
  const parts = [
    `${state.room}${state.isPrivate ? ' (private)' : ''}`,
    state.name,
    count(state.neighbours, 'neighbour'),
    count(state.subscribers, 'subscriber'),
    ...(state.missing > 0 ? [`${state.missing} missing`] : []),
    ...(state.sending > 0 ? [`sending ${state.sending} ...`] : []),
    ...state.fetching,
    ...(state.aloneSeconds === null ? [] : [`looking for others ... ${state.aloneSeconds} s`]),
  ];
  const line = clean(parts.join(' | '));
  if (!paint.hasColours) return clip(`-- ${line} --`, columns);
  const shown = clip(` ${line} `, columns);
  return paint.in('inverse', shown + ' '.repeat(columns - widthOf(shown)));
}

/** `2.4 MB`, as files are sold. */
export function sizeOf(bytes: number): string {
  const [power, unit] = ([[3, 'GB'], [2, 'MB'], [1, 'KB']] as const).find(([exponent]) => bytes >= 1000 ** exponent) ?? [0, 'bytes'];
  const size = bytes / 1000 ** power;
  return power === 0 ? count(bytes, 'byte') : `${size < 10 ? size.toFixed(1) : Math.floor(size)} ${unit}`;
}

/** `1 neighbour`, `2 neighbours`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** `12:03`, with the day before it if it is not today's. */
export function timeOf(at: Date, now = new Date()): string {
  if (Number.isNaN(at.getTime())) return '--:--';
  const two = (number: number): string => String(number).padStart(2, '0');
  const time = `${two(at.getHours())}:${two(at.getMinutes())}`;
  return at.toDateString() === now.toDateString() ? time : `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${time}`;
}
