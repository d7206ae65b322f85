/**
 * What a line means: something to say, or a command with its words. Pure.
 */

export type Line = { readonly kind: 'say'; readonly text: string } | { readonly kind: 'command'; readonly command: Command; readonly words: readonly string[]; readonly rest: string } | { readonly kind: 'unknown'; readonly command: string } | { readonly kind: 'nothing' };

/** Every command, what may follow it, and what it does: also the text of /help. */
export const commands = {
  help: ['', 'this list'],
  invite: ['', "a link to this room (a private room's link is its key)"],
  who: ['', 'who is here, with fingerprints to compare'],
  name: ['[NAME]', 'what others see'],
  room: ['[NAME [private] | INVITE]', 'go to another room'],
  send: ['FILE', 'offer a file, a photo say: others fetch it while this chat runs'],
  get: ['[NUMBER]', 'fetch a file that was offered; without a number the latest'],
  stop: ['', 'stop what is being fetched; /get goes on with it'],
  history: ['[COUNT]', 'what was said, in causal order'],
  status: ['', 'connections, cache, what was dropped'],
  quit: ['', 'leave (also Ctrl-C)'],
} as const;

export type Command = keyof typeof commands;

/** Reads a line. A text that begins with a slash is written with two. */
export function readLine(line: string): Line {
  if (line.trim() === '') return { kind: 'nothing' };
  if (!line.startsWith('/')) return { kind: 'say', text: line };
  if (line.startsWith('//')) return { kind: 'say', text: line.slice(1) };
  const [command = '', ...words] = line.slice(1).trim().split(/\s+/u);
  return isCommand(command) ? { kind: 'command', command, words, rest: line.slice(1).trim().slice(command.length).trim() } : { kind: 'unknown', command };
}

export function helpLines(): string[] {
  const usage = Object.entries(commands).map(([command, [words, meaning]]) => [`/${command} ${words}`.trim(), meaning] as const);
  const width = Math.max(...usage.map(([left]) => left.length));
  return [...usage.map(([left, meaning]) => `${left.padEnd(width)}  ${meaning}`), 'Anything else is said to the room; //text says /text.'];
}

function isCommand(word: string): word is Command {
  return Object.hasOwn(commands, word);
}
