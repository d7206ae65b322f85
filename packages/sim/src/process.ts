/**
 * One run of a peer's program, from its start to its stop or crash: the driver of one machine, by the same
 * contract as the UDP driver. It hands in one input, carries out the outputs in order, re-arms one timer.
 *
 * An app may publish while it is shown a delivery. The machine is idle then, so it takes the input at once, and
 * what comes of it is carried out after what is still due.
 */
import type { Topic } from '@srp/identity';
import { shareResults, type Sharing } from '@srp/identity/shared';
import { type Address, after, equalBytes, type Instant, type PacketId, type TopicId, unreachable, wakeup } from '@srp/machine';
import type { PeerInput, PeerOutput } from '@srp/peer/protocol';
import type { Audit } from './audit.js';
import { bookWriteIntervalMs, inputsPerSample, interfacePollMs, relayType, wakeupsAtOnceMax } from './constants.js';
import { addressesIn, type Disk } from './disk.js';
import { SimError } from './errors.js';
import { SimFiles } from './files.js';
import { Knowledge } from './knowledge.js';
import type { PeerMachine } from './machine.js';
import { SimRoom } from './room.js';
import { type HostListener, type Place, Sockets } from './sockets.js';
import { sinceStart, type Trace } from './trace.js';

/** A datagram and where it comes from. */
export interface Datagram {
  /** Whose words they are: of a RELAY that is passed on as it came, not the relay's. */
  readonly sender: Process;
  readonly bytes: Uint8Array;
  readonly sentAt: Instant;
  /** Whose datagram its sender was handling when it sent this one, if any. */
  readonly inReplyTo: Process | null;
}

/** A datagram that has arrived, and when its sender was last heard before. */
export interface Arrived {
  readonly datagram: Datagram;
  readonly heardBefore: Instant | null;
}

/** What a process needs of the network around it. */
export interface World {
  readonly at: Instant;
  readonly audit: Audit;
  readonly trace: Trace;
  readonly sharing: Sharing;
  transmit(from: Place<Datagram>, to: Address, datagram: Datagram): void;
  /** Does something at a later time. */
  later(at: Instant, action: () => void): void;
  /** Calls `process.timer(number)` at `at`, or a little later. */
  wake(process: Process, at: Instant, number: number): void;
}

export interface ProcessOptions {
  readonly name: string;
  readonly machine: PeerMachine;
  readonly place: Place<Datagram>;
  readonly disk: Disk;
  readonly isHostile: boolean;
  /** How far this host's clock is ahead. */
  readonly clockOffsetMs: number;
  readonly onOutput: (output: PeerOutput) => void;
  readonly listener: HostListener<Datagram>;
}

interface Due {
  readonly output: PeerOutput;
  readonly arrived: Arrived | null;
}

export class Process {
  readonly name: string;
  readonly machine: PeerMachine;
  readonly isHostile: boolean;
  readonly knowledge = new Knowledge();
  readonly rooms = new Map<TopicId, SimRoom>();
  readonly files: SimFiles;
  readonly #world: World;
  readonly #sockets: Sockets<Datagram>;
  readonly #disk: Disk;
  readonly #clockOffsetMs: number;
  readonly #onOutput: (output: PeerOutput) => void;
  #due: Due[] = [];
  /** Delivered while outputs were carried out; what the disk holds of it by then is looked at. */
  #shown: PacketId[] = [];
  #inputs = 0;
  #isCarryingOut = false;
  #isRunning = true;
  #isAsleep = false;
  /** It has moved, and has not looked at its addresses since. */
  #hasMoved = false;
  #timer: { readonly number: number; readonly dueAt: Instant } | null = null;
  #timerCount = 0;
  #wokenAt: Instant | null = null;
  #wakeups = 0;
  #bookWrittenAt: Instant;
  readonly #startedAt: Instant;

  constructor(world: World, { name, machine, place, disk, isHostile, clockOffsetMs, onOutput, listener }: ProcessOptions) {
    this.#world = world;
    this.name = name;
    this.machine = machine;
    this.#sockets = new Sockets(place, listener);
    this.#disk = disk;
    this.files = new SimFiles(this, disk);
    this.isHostile = isHostile;
    this.#clockOffsetMs = clockOffsetMs;
    this.#onOutput = onOutput;
    this.#bookWrittenAt = world.at;
    this.#startedAt = world.at;
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** Whether the host sleeps: nothing reaches the program, and its timers stand still. */
  get isAsleep(): boolean {
    return this.#isAsleep;
  }

  /** What this host's clock shows at `at`. */
  clock(at: Instant): Instant {
    return after(at, this.#clockOffsetMs);
  }

  /** Hands in one input. Returns the outputs, which are carried out by then unless they come of an app's callback. */
  input(input: PeerInput, arrived: Arrived | null = null): readonly PeerOutput[] {
    if (!this.#isRunning || this.#isAsleep) throw new SimError('PEER_DOWN', `Cannot hand ${this.name} a ${input.kind}: it ${this.#isAsleep ? 'sleeps' : 'is down'}`);
    const outputs = this.#handle(input);
    for (const output of outputs) this.#due.push({ output, arrived });
    if (!this.#isCarryingOut) this.#carryOut();
    this.#inputs += 1;
    if (this.#inputs % inputsPerSample === 0) this.#world.audit.fills(this.#world.at, this);
    this.#arm();
    this.#keepBook();
    return outputs;
  }

  /** Starts from what the disk holds. */
  start(): void {
    const records = [...this.#disk.records.values()];
    const book = this.#disk.book;
    for (const address of [this.#sockets.address, ...addressesIn(book)]) this.knowledge.learn(this.#world.at, address);
    this.#world.audit.restores(this.#world.at, this, records);
    this.input({ kind: 'restore', records, book });
    this.input({ kind: 'listening', addresses: [this.#sockets.address] });
    this.files.restore();
  }

  /** A datagram has come, from where this host sees it. */
  receive(from: Address, datagram: Datagram, socket = 0): void {
    if (!this.#isRunning || this.#isAsleep) return;
    const { sender, bytes, sentAt } = datagram;
    const heardBefore = this.knowledge.hear(this.#world.at, sender.knowledge, sentAt, from);
    // A copy: what one machine does to its bytes must not reach another.
    this.input(socket === 0 ? { kind: 'datagram', from, bytes: bytes.slice() } : { kind: 'datagram', from, bytes: bytes.slice(), socket }, { datagram, heardBefore });
  }

  /** The timer fires. One that was set anew since does nothing. */
  timer(number: number): void {
    if (!this.#isRunning || this.#isAsleep || this.#timer?.number !== number) return;
    this.#timer = null;
    this.#fire();
  }

  /** The host stops where it is. */
  sleep(): void {
    this.#isAsleep = true;
    this.#timer = null;
  }

  /** The host goes on: timers whose time has come fire, and if it moved meanwhile it looks at its addresses, as the UDP driver does. */
  wake(): void {
    this.#isAsleep = false;
    this.#fire();
    this.#lookAround();
  }

  /** The host is plugged in elsewhere. Its program notices at its next look around. */
  move(place: Place<Datagram>): void {
    this.#sockets.moveTo(place);
    this.#hasMoved = true;
    const { at } = this.#world;
    const looks = Math.floor((at - this.#startedAt) / interfacePollMs) + 1;
    this.#world.later(after(this.#startedAt, looks * interfacePollMs), () => this.#lookAround());
  }

  #lookAround(): void {
    if (!this.#hasMoved || !this.#isRunning || this.#isAsleep) return;
    this.#hasMoved = false;
    this.knowledge.learn(this.#world.at, this.#sockets.address);
    this.input({ kind: 'listening', addresses: [this.#sockets.address] });
    this.input({ kind: 'network-changed' });
  }

  #fire(): void {
    const { at } = this.#world;
    const dueAt = this.#dueAt();
    if (dueAt === null || dueAt > at) {
      this.#arm(); // it was put off since: a timer that was set anew each time would have fired later
      return;
    }
    this.#wakeups = this.#wokenAt === at ? this.#wakeups + 1 : 1;
    this.#wokenAt = at;
    if (this.#wakeups > wakeupsAtOnceMax) this.#world.audit.spins(at, this, this.#wakeups);
    this.input(wakeup);
  }

  join(topic: Topic, mode: 'live' | 'causal'): SimRoom {
    const known = this.rooms.get(topic.id);
    if (known !== undefined) return known;
    const room = new SimRoom(topic, this);
    this.rooms.set(topic.id, room);
    try {
      this.input({ kind: 'join', topic, mode });
    } catch (error) {
      this.rooms.delete(topic.id);
      throw error;
    }
    return room;
  }

  leave(room: SimRoom): void {
    if (this.rooms.get(room.topic.id) !== room) return;
    this.input({ kind: 'leave', topic: room.topic.id });
    this.rooms.delete(room.topic.id);
  }

  /** Ends it. `isClean`: it says goodbye and writes down whom it knows; otherwise it is gone in the middle of whatever it did. */
  end(isClean: boolean): void {
    if (isClean) {
      this.input({ kind: 'stop' });
      this.#carryOut();
      this.#disk.writeBook(this.machine.book());
    }
    this.#isRunning = false;
    this.#sockets.closeAll();
    this.#due = [];
    this.knowledge.end();
  }

  #handle(input: PeerInput): readonly PeerOutput[] {
    const now = this.clock(this.#world.at);
    const before = shareResults(this.#world.sharing);
    try {
      return this.machine.handle(now, input);
    } catch (error) {
      if (isOfApp(input)) throw error;
      return this.#world.audit.threw(this.#world.at, this, input.kind, error);
    } finally {
      shareResults(before);
    }
  }

  #carryOut(): void {
    this.#isCarryingOut = true;
    try {
      for (let due = this.#due.shift(); due !== undefined; due = this.#due.shift()) this.#carry(due);
      for (const id of this.#shown) {
        const record = this.#disk.records.get(id);
        if (record !== undefined) this.#world.audit.keepsDelivered(this.#world.at, this, id, record.bytes);
      }
      this.#shown = [];
    } finally {
      this.#isCarryingOut = false;
    }
  }

  /** The machine hears of its new sockets with the next event. */
  #openSockets(first: number, count: number): void {
    this.#sockets.open(first, count);
    this.#world.later(this.#world.at, () => {
      if (this.#isRunning && !this.#isAsleep) this.input({ kind: 'sockets', first, count });
    });
  }

  /** What leaves as `bytes`. A relay can neither read nor change what it passes on: those are not its words. */
  #datagramOf(bytes: Uint8Array, arrived: Arrived | null): Datagram {
    const inReplyTo = arrived?.datagram.sender ?? null;
    const isPassedOn = bytes[0] === relayType && arrived !== null && equalBytes(arrived.datagram.bytes, bytes);
    if (isPassedOn) return { sender: arrived.datagram.sender, bytes, sentAt: arrived.datagram.sentAt, inReplyTo };
    return { sender: this, bytes, sentAt: this.#world.at, inReplyTo };
  }

  #carry({ output, arrived }: Due): void {
    const { at, audit, trace } = this.#world;
    switch (output.kind) {
      case 'transmit': {
        const place = this.#sockets.placeOf(output.socket ?? 0);
        if (place === null) break;
        audit.sends(at, this, output.to, output.bytes);
        this.#world.transmit(place, output.to, this.#datagramOf(output.bytes, arrived));
        break;
      }
      case 'open-sockets':
        this.#openSockets(output.first, output.count);
        break;
      case 'close-sockets':
        this.#sockets.close(output.sockets);
        break;
      case 'put':
        this.#put(output.record, arrived);
        break;
      case 'delete':
        this.#disk.records.delete(output.id);
        audit.forgets(this, output.id);
        trace.record(at, [this.name, 'deletes', output.id]);
        trace.step(output.id, { kind: 'dropped', atMs: sinceStart(at), peer: this.name });
        break;
      case 'delivered':
        this.#deliver(output);
        break;
      case 'forked':
        trace.record(at, [this.name, 'sees a fork', ...output.ids]);
        this.rooms.get(output.topic)?.showFork(output);
        break;
      case 'file':
        trace.record(at, [this.name, 'asks of its disk to', output.output.kind]);
        this.files.take(output.output);
        break;
      case 'status':
        this.rooms.get(output.topic)?.showStatus(output.status);
        break;
      case 'progress':
      case 'recalled':
      case 'sent':
        break; // whoever wants to know listens to the peer's outputs
      case 'stream':
        trace.record(at, [this.name, 'has of a stream', output.event.kind]);
        break;
      case 'message':
        trace.record(at, [this.name, 'is sent a datagram'], output.bytes);
        break;
      case 'neighbour-up':
        trace.record(at, [this.name, 'has a neighbour at', output.address]);
        break;
      case 'neighbour-down':
        trace.record(at, [this.name, 'loses a neighbour:', output.reason, output.peer]);
        break;
      default:
        unreachable(output);
    }
    this.#onOutput(output);
  }

  #put(record: Extract<PeerOutput, { kind: 'put' }>['record'], arrived: Arrived | null): void {
    const { at, audit, trace } = this.#world;
    const postage = record.bytes[1] ?? 0;
    const isNew = !this.#disk.records.has(record.id);
    audit.keeps(at, this, record, arrived);
    this.#disk.records.set(record.id, record);
    trace.record(at, [this.name, 'keeps', record.id, 'with postage', postage], record.bytes);
    if (!isNew || arrived === null) return;
    const { sender, sentAt, inReplyTo } = arrived.datagram;
    trace.step(record.id, { kind: 'kept', atMs: sinceStart(at), peer: this.name, from: sender.name, sentAtMs: sinceStart(sentAt), asked: inReplyTo === this, postage });
  }

  #deliver({ delivery, how }: Extract<PeerOutput, { kind: 'delivered' }>): void {
    const { at, audit, trace } = this.#world;
    const room = this.rooms.get(delivery.topic);
    audit.delivers(at, this, room, delivery, how === 'published');
    const atMs = sinceStart(at);
    trace.record(at, [this.name, 'delivers', delivery.id, how], delivery.payload);
    trace.step(delivery.id, how === 'published' ? { kind: 'published', atMs, peer: this.name } : { kind: 'delivered', atMs, peer: this.name, how });
    this.#shown.push(delivery.id);
    room?.show(delivery, how, atMs);
  }

  #arm(): void {
    if (!this.#isRunning || this.#isAsleep) return;
    const dueAt = this.#dueAt();
    if (dueAt === null) return;
    const { at } = this.#world;
    const next = dueAt < at ? at : dueAt;
    if (this.#timer !== null && this.#timer.dueAt <= next) return;
    this.#timerCount += 1;
    this.#timer = { number: this.#timerCount, dueAt: next };
    this.#world.wake(this, next, this.#timerCount);
  }

  /** When the machine wants to be woken, by the network's clock. */
  #dueAt(): Instant | null {
    const deadline = this.machine.deadline();
    return deadline === null ? null : after(deadline, -this.#clockOffsetMs);
  }

  #keepBook(): void {
    const { at } = this.#world;
    if (at - this.#bookWrittenAt < bookWriteIntervalMs || !this.#isRunning) return;
    this.#bookWrittenAt = at;
    this.#disk.writeBook(this.machine.book());
  }
}

/** Whether an input comes from the app, which may get an error for its mistake. */
const isOfApp = ({ kind }: PeerInput): boolean => ['join', 'leave', 'publish', 'connect'].includes(kind);
