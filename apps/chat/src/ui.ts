/**
 * What the chat asks of whatever shows it: a screen on a terminal, or plain lines. Both clean nothing that is already
 * clean and add nothing to what they are told; the chat knows neither escape sequences nor streams.
 */

/** One message of the room, ready to be shown: every string is clean. */
export interface Said {
  readonly at: Date;
  /** `null` for a message of another program, which names nobody. */
  readonly name: string | null;
  /** Two words of the author's fingerprint. */
  readonly mark: string;
  /** Whether somebody else uses the same name. */
  readonly isNameShared: boolean;
  /** Stable for one author; picks the colour. */
  readonly author: string;
  readonly lines: readonly string[];
  readonly isMine: boolean;
  /** Whether it is shown because somebody asked for the past. */
  readonly isOld: boolean;
}

/** What the status line shows. */
export interface State {
  readonly room: string;
  readonly isPrivate: boolean;
  readonly name: string;
  readonly neighbours: number;
  readonly subscribers: number;
  /** Messages, and parts of some, that are known to exist and are asked for. */
  readonly missing: number;
  /** Messages handed over that are not published yet. */
  readonly sending: number;
  /** How far files are that are on their way here, a few words each; clean. */
  readonly fetching: readonly string[];
  /** Seconds spent alone, or `null`. */
  readonly aloneSeconds: number | null;
}

export interface Ui {
  /** A message of the room. */
  said(message: Said): void;
  /** A sentence of the chat's own. */
  note(text: string): void;
  /** A sentence that ends in something to copy in one piece. */
  offer(sentence: string, text: string): void;
  /** What was asked for, and nothing else: something to copy in one piece. */
  answer(sentence: string, text: string): void;
  /** The state changed, or may have. */
  state(state: State): void;
  /** Gives the terminal back. May be called twice. */
  close(): void;
}

/** What whatever shows the chat tells it. */
export interface UiEvents {
  /** A line was entered. Resolves when it is done with; never rejects. */
  readonly onLine: (line: string) => Promise<void>;
  /** No line will come any more. `why` is `end` for the end of stdin, `quit` for a key that means to leave. */
  readonly onEnd: (why: 'end' | 'quit') => void;
}
