/**
 * What a chat message looks like inside the payload of a packet: UTF-8 text, whose first line is ours.
 *
 *     srp-chat 1 NAME <line feed>
 *     TEXT, any number of lines
 *
 * A text that is the link of a file (`srp-file:...`) and nothing else offers that file; so does a payload that is one.
 * The 1 is the version of this format. A payload without such a first line is another program's: its text is shown
 * without a name. The author is not in here, the packet is signed; a name proves nothing.
 */
import { type FileLink, parseFileLink } from '@srp/peer';
import { clean, cleanLines } from './text.js';
import { nameLengthMax } from './constants.js';

/** What a payload says. Every string in it is clean: see `text.ts`. */
export type ChatMessage =
  | { readonly kind: 'said'; readonly name: string; readonly lines: readonly string[] }
  /** `name` is `null` if another program offers it. */
  | { readonly kind: 'offer'; readonly name: string | null; readonly file: FileLink }
  | { readonly kind: 'foreign'; readonly lines: readonly string[] }
  | { readonly kind: 'newer'; readonly version: string }
  | { readonly kind: 'unreadable' };

const firstLine = /^srp-chat (\d{1,4})(?: ([^\n]*))?\n/;
const forbiddenInNames = /[\s:()<>[\]{}|"'`]/gu;

/** The payload of a message. `name` is one that `nameProblem` found no fault with. */
export function composeMessage(name: string, text: string): string {
  return `srp-chat 1 ${name}\n${text}`;
}

/** Reads a payload; `null` stands for one that is no UTF-8. Never throws. */
export function readMessage(payload: string | null): ChatMessage {
  if (payload === null) return { kind: 'unreadable' };
  const match = firstLine.exec(payload);
  const [whole, version, name = ''] = match ?? [''];
  if (version !== undefined && version !== '1') return { kind: 'newer', version };
  const text = payload.slice(whole.length);
  const shown = version === undefined ? null : shownName(name);
  const file = fileOf(text);
  if (file !== null) return { kind: 'offer', name: shown, file };
  return said(shown === null ? { kind: 'foreign', lines: cleanLines(text) } : { kind: 'said', name: shown, lines: cleanLines(text) });
}

/** The file that a text offers, or `null`: a link that is damaged is text like any other. */
function fileOf(text: string): FileLink | null {
  if (!text.startsWith('srp-file:')) return null;
  try {
    return parseFileLink(text);
  } catch {
    return null;
  }
}

function said(message: ChatMessage & { readonly lines: readonly string[] }): ChatMessage {
  return message.lines.some((line) => line !== '') ? message : { kind: 'unreadable' };
}

/** A remote's name as we show it: clean, in one word, never empty, never too long. */
export function shownName(name: string): string {
  const shown = [...clean(name).replace(forbiddenInNames, '')].slice(0, nameLengthMax).join('');
  return /[\p{L}\p{N}\p{P}\p{S}]/u.test(shown) ? shown : 'nameless';
}

/** What is wrong with a name somebody chose for themselves, as the end of a sentence, or `null`. */
export function nameProblem(name: string): string | null {
  if ([...name].length > nameLengthMax) return `it must be at most ${nameLengthMax} characters long, got ${[...name].length}`;
  if (name === '' || shownName(name) !== name || name.startsWith('/')) return 'it must be one word of letters, digits and dashes';
  return null;
}
