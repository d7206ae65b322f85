/**
 * Files in the chat: what others offer, by number, and what is on its way here.
 *
 * Nothing is fetched that nobody asked for. A fetched file goes into one folder under the name it was offered with, which
 * `@srp/peer` has found to be a name and no path; if there is another one of that name already, it becomes `photo (2).jpg`.
 */
import { homedir } from 'node:os';
import { extname, join, resolve } from 'node:path';
import { type FetchedFile, type FileLink, type FileProgress, type Peer, PeerError } from '@srp/peer';
import { offersMax, sameNamesMax } from './constants.js';
import { sizeOf } from './paint.js';
import { clean } from './text.js';
import type { Ui } from './ui.js';

export interface FilesParts {
  readonly peer: Peer;
  readonly ui: Ui;
  /** Where fetched files go. */
  readonly folder: string;
}

interface Fetching {
  readonly file: FileLink;
  readonly stop: AbortController;
  progress: FileProgress | null;
}

/** Why a fetch ended that was stopped; nothing went wrong. */
const stopped = new Error('stopped');

export class Files {
  readonly #parts: FilesParts;
  readonly #offers = new Map<number, FileLink>();
  readonly #fetching = new Map<number, Fetching>();
  readonly #work = new Set<Promise<void>>();
  #count = 0;

  constructor(parts: FilesParts) {
    this.#parts = parts;
  }

  /** Takes what somebody offers. Returns its number: the same for the same file. */
  offered(file: FileLink): number {
    for (const [number, { id, name }] of this.#offers) if (id === file.id && name === file.name) return number;
    this.#count += 1;
    this.#offers.set(this.#count, file);
    this.#offers.delete(this.#count - offersMax);
    return this.#count;
  }

  /** A few words for each file that is on its way. */
  get progress(): readonly string[] {
    return [...this.#fetching.values()].map(({ file, progress }) => `${clean(file.name)} ${progress === null ? '' : far(progress)}`.trim());
  }

  /** Begins to fetch what has this number, or what was offered last. Returns at once. */
  get(words: readonly string[]): void {
    const { ui } = this.#parts;
    const [word = String(this.#count), ...more] = words;
    const number = more.length === 0 && /^\d{1,9}$/.test(word) ? Number(word) : 0;
    const file = this.#offers.get(number);
    if (file === undefined) ui.note(this.#offers.size === 0 ? 'Nobody has offered a file here.' : 'Say /get NUMBER; the number stands behind what was offered.');
    else if (this.#fetching.has(number)) ui.note(`${clean(file.name)} is on its way.`);
    else {
      const work = this.#fetch(number, file).finally(() => this.#work.delete(work));
      this.#work.add(work);
    }
  }

  /** Stops all that is on its way. Returns whether anything was. */
  stop(): boolean {
    for (const { stop } of this.#fetching.values()) stop.abort(stopped);
    return this.#fetching.size > 0;
  }

  /** Resolves when nothing is on its way any more. */
  async settled(): Promise<void> {
    await Promise.all(this.#work);
  }

  async #fetch(number: number, file: FileLink): Promise<void> {
    const { ui } = this.#parts;
    const fetching: Fetching = { file, stop: new AbortController(), progress: null };
    this.#fetching.set(number, fetching);
    ui.note(`Fetching ${clean(file.name)} (${sizeOf(file.size)}) ...`);
    try {
      const { path, size, wasHere } = await this.#fetchBeside(fetching);
      ui.note(`${clean(file.name)} is here${wasHere ? ' already' : ''}, ${sizeOf(size)}: ${path}`);
    } catch (error) {
      const isLater = error === stopped || (error instanceof PeerError && error.code === 'PEER_CLOSED');
      ui.note(isLater ? `Stopped fetching ${clean(file.name)}; /get ${number} goes on where it was.` : `That failed: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      this.#fetching.delete(number);
    }
  }

  /** Under the first name of its kind that is free, or where it is already. */
  async #fetchBeside(fetching: Fetching): Promise<FetchedFile> {
    const { peer, folder } = this.#parts;
    const { file, stop } = fetching;
    for (let copy = 1; ; copy += 1) {
      try {
        return await peer.fetchFile(file, { to: join(folder, copyName(file.name, copy)), signal: stop.signal, onProgress: (progress) => (fetching.progress = progress) });
      } catch (error) {
        const isTaken = error instanceof PeerError && (error.code === 'FILE_EXISTS' || error.code === 'FILE_BUSY');
        if (!isTaken || copy === sameNamesMax) throw error;
      }
    }
  }
}

/** What is said of an offer: `offers cat.jpg (2.4 MB); /get 3 fetches it`. */
export function offerLine({ name, size }: FileLink, number: number): string {
  return `offers ${clean(name)} (${sizeOf(size)}); /get ${number} fetches it`;
}

/** `cat.jpg`, `cat (2).jpg`, `cat (3).jpg`. */
export function copyName(name: string, copy: number): string {
  const end = extname(name);
  return copy === 1 ? name : `${name.slice(0, name.length - end.length)} (${copy})${end}`;
}

/** The path that somebody typed, or let a terminal paste: quotes and backslashes are the shell's, and `~` is home. */
export function typedPath(text: string, from: string): string {
  const quoted = /^(['"])(.*)\1$/s.exec(text)?.[2];
  const path = quoted ?? (process.platform === 'win32' ? text : text.replace(/\\(.)/gs, '$1'));
  return resolve(from, /^~(?=\/|$)/.test(path) ? join(homedir(), path.slice(1)) : path);
}

/** `45 %, 1.2 MB/s, 3 s left`. */
function far({ bytes, size, bytesPerSecond, secondsLeft, sources }: FileProgress): string {
  const share = `${size === 0 ? 100 : Math.floor((100 * bytes) / size)} %`;
  if (secondsLeft === null) return `${share}, ${sources === 0 ? 'looking for who has it' : 'waiting'}`;
  return `${share}, ${sizeOf(bytesPerSecond)}/s, ${Math.ceil(secondsLeft)} s left`;
}
