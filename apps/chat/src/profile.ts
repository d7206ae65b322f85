/**
 * What stays between two starts. A home holds numbered profiles, one for each copy that runs at the same time:
 *
 *     ~/.srp/1/peer/       keys, messages and known peers: @srp/peer's, which also locks it
 *     ~/.srp/1/chat.json   ours: the name, and the invites of private rooms (they hold the rooms' keys: mode 0600)
 *     ~/.srp/2/ ...        the second terminal's
 *
 * A start takes the first profile that no other process holds, so that one terminal is always the same participant.
 * A `chat.json` that cannot be read is set aside, never overwritten.
 */
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PeerError } from '@srp/peer';
import { keptRoomsMax, profilesMax } from './constants.js';
import { nameProblem } from './message.js';
import { friendlyName } from './names.js';

/** A private room the profile keeps: its name, which topic it is, and the invite that holds its key. */
export interface KeptRoom {
  readonly name: string;
  readonly topic: string;
  readonly invite: string;
}

interface Contents {
  readonly name: string;
  readonly rooms: readonly KeptRoom[];
}

/** The profile of one participant. */
export class Profile {
  /** 1 for the first copy under a home. */
  readonly number: number;
  readonly directory: string;
  /** What was odd about the file, as a sentence, or `null`. */
  readonly warning: string | null;
  /** Whether this is its first start. */
  readonly isNew: boolean;
  #contents: Contents;

  constructor(number: number, directory: string) {
    this.number = number;
    this.directory = directory;
    const { contents, warning } = load(this.#file);
    this.#contents = contents ?? { name: friendlyName(), rooms: [] };
    this.warning = warning;
    this.isNew = contents === null;
    if (contents === null) this.#save();
  }

  get name(): string {
    return this.#contents.name;
  }

  /** The private rooms, the last used first. */
  get rooms(): readonly KeptRoom[] {
    return this.#contents.rooms;
  }

  rename(name: string): void {
    if (name === this.name) return;
    this.#contents = { ...this.#contents, name };
    this.#save();
  }

  /** Keeps a private room, or its newer invite, as the last used. */
  keep(room: KeptRoom): void {
    const others = this.rooms.filter(({ topic }) => topic !== room.topic);
    this.#contents = { ...this.#contents, rooms: [room, ...others].slice(0, keptRoomsMax) };
    this.#save();
  }

  get #file(): string {
    return join(this.directory, 'chat.json');
  }

  /** Old or new, never half: a temporary file takes the place of the other. */
  #save(): void {
    const temporary = `${this.#file}.new`;
    const file = openSync(temporary, 'w', 0o600);
    try {
      writeFileSync(file, `${JSON.stringify({ version: 1, ...this.#contents }, null, 2)}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, this.#file);
  }
}

/**
 * Takes the first profile under `home` that nobody holds. `open` opens the peer in the directory it is given, and throws
 * PeerError DIRECTORY_IN_USE if another process has that one.
 */
export async function takeProfile<Peer>(home: string, open: (directory: string) => Promise<Peer>): Promise<{ profile: Profile; peer: Peer }> {
  for (let number = 1; number <= profilesMax; number += 1) {
    const directory = join(home, String(number));
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    try {
      const peer = await open(join(directory, 'peer'));
      return { peer, profile: new Profile(number, directory) };
    } catch (error) {
      if (!(error instanceof PeerError) || error.code !== 'DIRECTORY_IN_USE') throw error;
    }
  }
  throw new Error(`all ${profilesMax} profiles under ${home} are in use`);
}

function load(path: string): { contents: Contents | null; warning: string | null } {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return { contents: null, warning: null };
    throw error;
  }
  const contents = contentsOf(text);
  if (contents !== null) return { contents, warning: null };
  const aside = `${path}.damaged`;
  renameSync(path, aside);
  return { contents: null, warning: `${path} could not be read; it was set aside as ${aside}` };
}

/** What the text holds, read field by field, or `null`. A room that is not one is left out. */
function contentsOf(text: string): Contents | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isRecord(value) || value['version'] !== 1) return null;
  const { name, rooms } = value;
  if (typeof name !== 'string' || nameProblem(name) !== null) return null;
  if (!Array.isArray(rooms)) return null;
  return { name, rooms: rooms.flatMap(roomOf).slice(0, keptRoomsMax) };
}

function roomOf(value: unknown): KeptRoom[] {
  if (!isRecord(value)) return [];
  const { name, topic, invite } = value;
  return typeof name === 'string' && typeof topic === 'string' && typeof invite === 'string' ? [{ name, topic, invite }] : [];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
