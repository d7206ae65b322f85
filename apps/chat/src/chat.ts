/**
 * The chat itself: one participant in one room at a time. It knows the peer and the profile, is told lines, and tells
 * a `Ui` what to show; it knows no terminal and no process.
 *
 * What the user says is published one after the other, so that `drained()` means: all that was typed is published.
 */
import { type Packet, type Peer, PeerError, type Room } from '@srp/peer';
import { meetingOf, roomProblem } from './args.js';
import { Authors, markOf } from './authors.js';
import { type Command, commands, helpLines, readLine } from './commands.js';
import { historyLines, historyLinesMax, messageTextBytesMax, progressAfterMs, publishBurst, publishPerSecond, statusIntervalMs, welcomeHistoryLines } from './constants.js';
import { Files, offerLine, typedPath } from './files.js';
import { composeMessage, nameProblem, readMessage } from './message.js';
import { Order } from './order.js';
import { Pace } from './pace.js';
import type { Profile } from './profile.js';
import { statusLines, whoLines } from './reports.js';
import { type Choice, chooseRoom } from './rooms.js';
import { sizeOf } from './paint.js';
import { clean, splitBytes } from './text.js';
import type { Said, Ui } from './ui.js';

export interface ChatParts {
  readonly peer: Peer;
  readonly profile: Profile;
  readonly ui: Ui;
  /** Whether somebody watches: then entering a room shows the last lines said there. */
  readonly isWatched: boolean;
  /** Where fetched files go, and from where the paths of files are that the user names. */
  readonly folders: { readonly files: string; readonly from: string };
  /** Called when the user asks to leave. */
  readonly onQuit: () => void;
}

export class Chat {
  readonly #parts: ChatParts;
  readonly #stopListening: readonly (() => void)[];
  #authors = new Authors();
  #room: Room | null = null;
  #order: Order | null = null;
  #work: Promise<void> = Promise.resolve();
  #sending = 0;
  #sendingSince = 0;
  readonly #pace = new Pace(publishPerSecond, publishBurst);
  readonly #files: Files;
  readonly #commands: Readonly<Record<Command, (words: readonly string[], rest: string) => void | Promise<void>>> = {
    help: () => this.#tell(helpLines()),
    invite: () => this.#invite(),
    who: () => this.#tell(whoLines(this.#parts, this.#room, this.#authors)),
    name: (words) => this.#rename(words),
    room: (words) => this.#goTo(words),
    send: (_words, rest) => this.#send(rest),
    get: (words) => this.#files.get(words),
    stop: () => this.#stop(),
    history: (words) => this.#history(words),
    status: () => this.#tell(statusLines(this.#parts, this.#room, this.#unreadable)),
    quit: () => this.#parts.onQuit(),
  };
  #aloneSince: number | null = Date.now();
  #unheard = 0;
  #unreadable = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(parts: ChatParts) {
    this.#parts = parts;
    const { peer, ui, folders } = parts;
    this.#files = new Files({ peer, ui, folder: folders.files });
    this.#stopListening = [
      peer.on('neighbour-up', () => this.#showState()),
      peer.on('neighbour-down', () => this.#showState()),
      peer.on('warning', (warning) => ui.note(`Warning: ${warning}`)),
      peer.on('fork', ({ author }) => ui.note(`Warning: two messages of ${markOf(author)} claim one place: the key is used twice, or its owner lies.`)),
    ];
    for (const warning of peer.warnings) ui.note(`Warning: ${warning}`);
    this.#timer = setInterval(() => this.#showState(), statusIntervalMs);
  }

  /** Enters a room, leaves the one before. Resolves when what is known of it is read. */
  async enter(choice: Choice): Promise<void> {
    const { peer, profile, ui, isWatched } = this.#parts;
    if (choice.introduction !== null) peer.connect(choice.introduction);
    const before = this.#room;
    const room = peer.join(choice.key);
    if (before !== null && before.topic === room.topic) {
      ui.note(`You are in ${clean(room.name)} already.`);
      return;
    }
    if (before !== null) this.#leaveRoom(before);
    this.#room = room;
    this.#authors = new Authors();
    this.#order = new Order((packet) => this.#show(packet, false));
    room.onPacket = (packet) => this.#order?.take(packet);
    this.#keep(room);
    ui.note(`${entering(choice)} You are ${profile.name} (${markOf(peer.author)}).`);
    await room.recalled;
    if (this.#room !== room) return;
    for (const { author, text, sentAtMs } of room.history()) {
      const message = readMessage(text);
      if ((message.kind === 'said' || message.kind === 'offer') && message.name !== null) this.#authors.heard(author, message.name, new Date(sentAtMs));
      if (message.kind === 'offer' && author !== peer.author) this.#files.offered(message.file);
    }
    this.#offerInvite(room, choice);
    if (isWatched) this.#showHistory(welcomeHistoryLines);
    this.#showState();
  }

  /** The name of the room, clean. */
  get place(): string {
    return clean(this.#room?.name ?? 'nowhere');
  }

  /** Takes a line the user entered. Resolves when it is done with; never rejects. */
  submit(line: string): Promise<void> {
    if (this.#sending === 0) this.#sendingSince = Date.now();
    this.#sending += 1;
    this.#work = this.#work.then(() => this.#obey(line)).then(() => {
      this.#sending -= 1;
      this.#showState();
    });
    return this.#work;
  }

  /** Resolves when all that was submitted is done: said things are published. */
  async drained(): Promise<void> {
    let work: Promise<void>;
    do {
      work = this.#work;
      await work;
    } while (work !== this.#work);
  }

  /** Resolves when no file is on its way here any more. */
  async fetched(): Promise<void> {
    await this.#files.settled();
  }

  /** Messages published while nobody was there to take them. */
  get unheard(): number {
    return this.#unheard;
  }

  /** Leaves the room and falls silent. The peer is whose it was before. */
  leave(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    for (const stop of this.#stopListening) stop();
    this.#files.stop();
    if (this.#room !== null) this.#leaveRoom(this.#room);
    this.#room = null;
  }

  /** What Tab completes: commands, and the names heard here. */
  words(): readonly string[] {
    return [...Object.keys(commands).map((command) => `/${command}`), ...this.#authors.list().map(({ name }) => name)];
  }

  /** A private room's link is its key: it is shown once, and then when it is asked for. */
  #offerInvite(room: Room, { isPrivate, origin }: Choice): void {
    const { ui } = this.#parts;
    if (!isPrivate) ui.offer('Invite others with this link:', room.invite());
    else if (origin === 'new') ui.offer('Who has this link can read and write here; pass it on in private:', room.invite());
    else ui.note('/invite shows the link that lets others in.');
  }

  #leaveRoom(room: Room): void {
    this.#keep(room);
    this.#order?.close();
    this.#order = null;
    room.onPacket = null;
    room.leave();
  }

  /** A private room's invite is its key, and names the peers who were there last. Never throws: the room goes on without. */
  #keep(room: Room): void {
    if (!room.isPrivate) return;
    const { profile, ui } = this.#parts;
    try {
      profile.keep({ name: room.name, topic: room.topic, invite: room.invite() });
    } catch (error) {
      ui.note(`Warning: the invite of ${room.name} could not be written, so note it down (/invite): ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  async #obey(line: string): Promise<void> {
    const { ui } = this.#parts;
    try {
      const read = readLine(line);
      switch (read.kind) {
        case 'nothing':
          return;
        case 'unknown':
          ui.note(`There is no command /${read.command}; /help lists them. (//${read.command} says /${read.command}.)`);
          return;
        case 'command':
          await this.#commands[read.command](read.words, read.rest);
          return;
        case 'say':
          await this.#say(read.text);
      }
    } catch (error) {
      const wasSent = error instanceof PeerError && error.code === 'PUBLISHED_NOT_KEPT';
      ui.note(`${wasSent ? 'Warning' : 'That failed'}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  async #say(text: string): Promise<void> {
    const { peer, profile } = this.#parts;
    for (const piece of splitBytes(text, messageTextBytesMax)) {
      await this.#pace.turn();
      if (this.#room === null) return;
      if (peer.neighbours().length === 0) this.#unheard += 1;
      const packet = await this.#room.publish(composeMessage(profile.name, piece));
      this.#show(packet, false);
    }
  }

  async #send(rest: string): Promise<void> {
    const { peer, profile, ui, folders } = this.#parts;
    if (rest === '' || this.#room === null) {
      ui.note('Say /send FILE, with the path of a file.');
      return;
    }
    const { name, size } = await this.#room.shareFile(typedPath(rest, folders.from), { message: (link) => composeMessage(profile.name, link) });
    if (peer.neighbours().length === 0) this.#unheard += 1;
    ui.note(`You offer ${clean(name)} (${sizeOf(size)}); it can be fetched while this chat runs, or one that has fetched it.`);
  }

  #stop(): void {
    if (!this.#files.stop()) this.#parts.ui.note('Nothing is being fetched.');
  }

  #tell(lines: readonly string[]): void {
    for (const line of lines) this.#parts.ui.note(line);
  }

  #invite(): void {
    if (this.#room !== null) this.#parts.ui.answer('Invite others with this link:', this.#room.invite());
  }

  #rename(words: readonly string[]): void {
    const { profile, ui } = this.#parts;
    const [name, ...more] = words;
    if (name === undefined) {
      ui.note(`Your name is ${profile.name}.`);
      return;
    }
    const problem = more.length > 0 ? 'it must be one word' : nameProblem(name);
    if (problem !== null) {
      ui.note(`You are still ${profile.name}. ${clean(words.join(' '))} cannot be a name: ${problem}.`);
      return;
    }
    profile.rename(name);
    ui.note(`You are ${name} now; others see it with the next thing you say.`);
    this.#showState();
  }

  async #goTo(words: readonly string[]): Promise<void> {
    const { profile, peer, ui } = this.#parts;
    const [where, how, ...more] = words;
    if (where === undefined) {
      ui.note(`You are in ${clean(this.#room?.name ?? 'no room')}.`);
      if (profile.rooms.length > 0) ui.note(`Private rooms you keep: ${profile.rooms.map(({ name }) => clean(name)).join(', ')}.`);
      return;
    }
    if (more.length > 0 || (how !== undefined && how !== 'private')) {
      ui.note('Say /room NAME, /room NAME private, or /room INVITE.');
      return;
    }
    if (where.startsWith('srp:')) {
      const meeting = meetingOf(where);
      if (meeting.kind !== 'invite') return;
      peer.connect(meeting.invite);
      await this.enter(chooseRoom({ room: null, isPrivate: false, invites: [meeting.invite] }, []));
    } else {
      const problem = roomProblem(where);
      if (problem !== null) {
        ui.note(`${clean(where)} cannot be a room: ${problem}.`);
        return;
      }
      await this.enter(chooseRoom({ room: where, isPrivate: how === 'private', invites: [] }, profile.rooms));
    }
  }

  #history(words: readonly string[]): void {
    const [number = String(historyLines)] = words;
    if (!/^\d{1,4}$/.test(number)) {
      this.#parts.ui.note(`Say /history, or /history COUNT with at most ${historyLinesMax}.`);
      return;
    }
    if ((this.#room?.history().length ?? 0) === 0) this.#parts.ui.note('Nothing has been said here yet.');
    else this.#showHistory(Math.min(Number(number), historyLinesMax));
  }

  #showHistory(lines: number): void {
    const packets = lines === 0 ? [] : (this.#room?.history().slice(-lines) ?? []);
    for (const packet of packets) this.#show(packet, true);
  }

  #show(packet: Packet, isOld: boolean): void {
    const { ui } = this.#parts;
    const message = readMessage(packet.text);
    if (message.kind === 'unreadable') {
      this.#unreadable += 1;
      return;
    }
    const said: Omit<Said, 'name' | 'lines' | 'isNameShared'> = { at: new Date(packet.sentAtMs), mark: markOf(packet.author), author: packet.author, isMine: packet.mine, isOld };
    if (message.kind === 'newer') {
      ui.note(`${said.mark} uses version ${message.version} of this chat's messages; this chat reads version 1.`);
      return;
    }
    const name = message.kind === 'foreign' ? null : message.name;
    const lines = message.kind === 'offer' ? [packet.mine ? `offers ${clean(message.file.name)}` : offerLine(message.file, this.#files.offered(message.file))] : message.lines;
    if (!isOld && name !== null) {
      const before = this.#authors.heard(packet.author, name, new Date());
      if (before !== null && !packet.mine) ui.note(`${before} (${said.mark}) is ${name} now.`);
    }
    ui.said({ ...said, name, isNameShared: name !== null && this.#authors.isShared(packet.author, name), lines });
  }

  #showState(): void {
    const { peer, profile, ui } = this.#parts;
    if (this.#room === null) return;
    const neighbours = peer.neighbours().length;
    if (neighbours > 0) this.#aloneSince = null;
    else this.#aloneSince ??= Date.now();
    ui.state({
      room: this.#room.name,
      isPrivate: this.#room.isPrivate,
      name: profile.name,
      neighbours,
      subscribers: this.#room.subscribers(),
      missing: this.#room.status().missing,
      sending: Date.now() - this.#sendingSince < progressAfterMs ? 0 : this.#sending,
      fetching: this.#files.progress,
      aloneSeconds: this.#aloneSince === null ? null : Math.floor((Date.now() - this.#aloneSince) / 1000),
    });
  }
}

function entering({ name, isPrivate, origin }: Choice): string {
  const room = clean(name);
  if (origin === 'kept') return `Back in your private room ${room}.`;
  if (origin === 'new') return `This is your new private room ${room}.`;
  return isPrivate ? `This is the private room ${room}.` : `This is the public room ${room}: everybody can read it.`;
}
