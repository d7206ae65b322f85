/**
 * The command line of the chat: words in, a plan or one sentence about what is wrong out. Touches nothing.
 */
import { isIP } from 'node:net';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Invite, parseInvite } from '@srp/peer';
import { roomNameBytesMax } from './constants.js';
import { nameProblem } from './message.js';
import { clean } from './text.js';

export const usage = `usage: npm start -- [options] [INVITE]

  --room NAME        the room to enter (lobby)
  --private          a private room: only who has its invite can read or be read
  --connect INVITE   meet the peers of an invite (srp:...) or PEERID@HOST:PORT; may be repeated.
                     Without --room this enters the invite's room
  --name NAME        what others see (kept; made up at the first start)
  --home DIR         where identity, rooms and messages are kept (~/.srp)
  --files DIR        where files go that /get fetches (in the profile: ~/.srp/1/files)
  --lan WHERE        find others by multicast: all, loopback or off (all)
  --host ADDRESS     the local address to use; may be repeated (0.0.0.0 and ::)
  --port PORT        the UDP port, 0 for any (0)
  --port-mapping     ask the router to let in what comes for this chat, and take that back at the end
  --help             this text
  --version          the version

Inside, /help lists the commands. Every terminal is one more participant: npm start twice, and they meet.
Without a terminal, lines on stdin are messages and lines on stdout are \`name: text\`.`;

/** Where to go: what `--connect` named. An invite also knows a room, an address only a peer. */
export type Meeting = { readonly kind: 'invite'; readonly invite: Invite } | { readonly kind: 'address'; readonly address: string };

/** What the command line asks for. */
export interface ChatOptions {
  readonly room: string | null;
  readonly isPrivate: boolean;
  readonly meetings: readonly Meeting[];
  readonly name: string | null;
  readonly home: string;
  /** Where files go; `null` for the profile's own folder. */
  readonly files: string | null;
  readonly lan: 'all' | 'loopback' | 'off';
  readonly hosts: readonly string[] | null;
  readonly port: number;
  readonly portMapping: 'auto' | 'off';
}

export type Arguments =
  | { readonly kind: 'chat'; readonly options: ChatOptions }
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | { readonly kind: 'wrong'; readonly problem: string };

/** One sentence about the command line, for whoever typed it. */
class Wrong extends Error {}

/** Reads the words after `main.js`. The environment tells what npm kept of them. */
export function readArguments(words: readonly string[], env: NodeJS.ProcessEnv = {}): Arguments {
  try {
    const { values, positionals } = parse(words);
    if (values.help === true) return { kind: 'help' };
    if (values.version === true) return { kind: 'version' };
    // Without `--` npm keeps options for itself: --private would be lost, and the room be public.
    const kept = keepable.find((option) => (env[`npm_config_${option.replaceAll('-', '_')}`] ?? '') !== '');
    if (kept !== undefined) throw new Wrong(`npm kept --${kept} for itself; options stand after --: npm start -- --${kept}`);
    const stray = positionals.find((word) => !looksLikeMeeting(word));
    if (stray !== undefined) throw new Wrong(`"${stray}" is neither an option nor an invite (through npm, options stand after --: npm start -- --room books)`);
    return {
      kind: 'chat',
      options: {
        room: values.room === undefined ? null : checkedRoom(values.room),
        isPrivate: values.private ?? false,
        meetings: [...(values.connect ?? []), ...positionals].map(meetingOf),
        name: values.name === undefined ? null : checkedName(values.name),
        home: values.home === undefined ? join(homedir(), '.srp') : checkedFolder('home', values.home),
        files: values.files === undefined ? null : checkedFolder('files', values.files),
        lan: lanOf(values.lan ?? 'all'),
        hosts: values.host?.map(checkedHost) ?? null,
        port: portOf(values.port ?? '0'),
        portMapping: values['port-mapping'] === true ? 'auto' : 'off',
      },
    };
  } catch (error) {
    if (error instanceof Wrong) return { kind: 'wrong', problem: clean(error.message) };
    throw error;
  }
}

function parse(words: readonly string[]): { values: Values; positionals: string[] } {
  try {
    return parseArgs({ args: [...words], allowPositionals: true, options: optionTypes });
  } catch (error) {
    // Its later sentences explain how a positional argument may start with a dash, which is nobody's wish here.
    const problem = String(error instanceof Error ? error.message : error).split(/\.\s|\n/, 1)[0]?.replace(/\.$/, '') ?? '';
    throw new Wrong(`${problem}; npm start -- --help lists the options`);
  }
}

const optionTypes = {
  room: { type: 'string' },
  private: { type: 'boolean' },
  connect: { type: 'string', multiple: true },
  name: { type: 'string' },
  home: { type: 'string' },
  files: { type: 'string' },
  lan: { type: 'string' },
  host: { type: 'string', multiple: true },
  port: { type: 'string' },
  'port-mapping': { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const;

/** Not --help and --version, which npm itself answers. */
const keepable = Object.keys(optionTypes).filter((option) => option !== 'help' && option !== 'version');

interface Values {
  readonly room?: string | undefined;
  readonly private?: boolean | undefined;
  readonly connect?: string[] | undefined;
  readonly name?: string | undefined;
  readonly home?: string | undefined;
  readonly files?: string | undefined;
  readonly lan?: string | undefined;
  readonly host?: string[] | undefined;
  readonly port?: string | undefined;
  readonly 'port-mapping'?: boolean | undefined;
  readonly help?: boolean | undefined;
  readonly version?: boolean | undefined;
}

/** What is wrong with a room's name, as the end of a sentence, or `null`. */
export function roomProblem(name: string): string | null {
  if (Buffer.byteLength(name) > roomNameBytesMax) return `it must be at most ${roomNameBytesMax} bytes long, got ${Buffer.byteLength(name)}`;
  if (name === '' || clean(name) !== name || /\s/u.test(name) || name.startsWith('/') || name.startsWith('srp:')) return 'it must be one word';
  return null;
}

/** An invite, or a peer with its IP address and port. Throws an Error with one sentence. */
export function meetingOf(text: string): Meeting {
  const address = /^[0-9a-f]{64}@(?:\[([0-9a-f:.]+)\]|([\d.]+)):(\d{1,5})$/.exec(text);
  if (address !== null && isIP(address[1] ?? address[2] ?? '') !== 0 && Number(address[3]) > 0 && Number(address[3]) <= 65535) return { kind: 'address', address: text };
  try {
    return { kind: 'invite', invite: parseInvite(text) };
  } catch (error) {
    const short = text.length > 40 ? `${text.slice(0, 40)}...` : text;
    throw new Wrong(text.startsWith('srp:') && error instanceof Error ? error.message : `--connect must be an invite (srp:...) or PEERID@HOST:PORT, got "${short}"`);
  }
}

function looksLikeMeeting(word: string): boolean {
  return word.startsWith('srp:') || /^[0-9a-f]{64}@/i.test(word);
}

function checkedRoom(name: string): string {
  const problem = roomProblem(name);
  if (problem !== null) throw new Wrong(`--room "${name}" cannot be a room: ${problem}`);
  return name;
}

function checkedName(name: string): string {
  const problem = nameProblem(name);
  if (problem !== null) throw new Wrong(`--name "${name}" cannot be a name: ${problem}`);
  return name;
}

function checkedFolder(option: string, path: string): string {
  if (path === '') throw new Wrong(`--${option} must be a directory, got nothing`);
  return resolve(path);
}

function checkedHost(host: string): string {
  if (isIP(host) === 0) throw new Wrong(`--host must be an IP address of this machine, got "${host}"`);
  return host;
}

function lanOf(lan: string): ChatOptions['lan'] {
  if (lan !== 'all' && lan !== 'loopback' && lan !== 'off') throw new Wrong(`--lan must be all, loopback or off, got "${lan}"`);
  return lan;
}

function portOf(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65535)) throw new Wrong(`--port must be 0..65535, got "${text}"`);
  return port;
}
