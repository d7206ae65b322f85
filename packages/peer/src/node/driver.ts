/**
 * The UDP driver: hands the protocol one input, carries out its outputs in order, re-arms one timer.
 *
 * It also does what only a host can: reads the clock, looks whether the host's addresses changed, and writes
 * the packet log. It decides nothing.
 */
import type { PacketRecord } from '@srp/cache';
import type { PacketLog } from '@srp/cache/node';
import { verifyMany } from '@srp/identity/node';
import type { Address, Instant } from '@srp/machine';
import { claimOf, decodePacket } from '@srp/wire';
import { clockSetBackMs, interfacePollMs, restoredAtOnce, timerDelayMaxMs } from '../constants.js';
import type { PeerInput, PeerOutput, PeerProtocol } from '../protocol/index.js';
import { Clock } from './clock.js';
import { MoreSockets } from './more-sockets.js';
import { Sockets } from './sockets.js';

/** What the driver leaves to the facade. */
export type PeerEvent = Exclude<PeerOutput, { kind: 'transmit' | 'open-sockets' | 'close-sockets' | 'put' | 'delete' }>;

export interface DriverOptions {
  readonly protocol: PeerProtocol;
  readonly hosts: readonly string[];
  readonly port: number;
  readonly log: PacketLog | null;
  /** What the disk held. */
  readonly restore: { readonly records: readonly PacketRecord[]; readonly book: unknown };
  readonly onEvent: (event: PeerEvent) => void;
  /** The addresses of this host have changed. */
  readonly onNetworkChanged: () => void;
  /** The wall clock was set back by so much that others may take this peer's packets for ones from the future. */
  readonly onClockSetBack: (aheadMs: number) => void;
  /** The packet log began to refuse what it is given, because too much waits to be written. */
  readonly onDiskBehind: () => void;
  /** The disk does not take what is written to it, and why. */
  readonly onDiskFailed: (why: string) => void;
}

export class Driver {
  readonly #protocol: PeerProtocol;
  readonly #log: PacketLog | null;
  readonly #onEvent: DriverOptions['onEvent'];
  readonly #onNetworkChanged: DriverOptions['onNetworkChanged'];
  readonly #onClockSetBack: DriverOptions['onClockSetBack'];
  readonly #onDiskBehind: DriverOptions['onDiskBehind'];
  readonly #onDiskFailed: DriverOptions['onDiskFailed'];
  readonly #clock = new Clock();
  #sockets!: Sockets;
  #moreSockets!: MoreSockets;
  #addresses: readonly Address[] = [];
  #timer: NodeJS.Timeout | null = null;
  /** When it fires, if the clock does not jump. */
  #timerAt = 0;
  #poll: NodeJS.Timeout | null = null;
  #isClockAhead = false;
  #isDiskBehind = false;
  #isDiskFailing = false;
  #isStopped = false;

  private constructor({ protocol, log, onEvent, onNetworkChanged, onClockSetBack, onDiskBehind, onDiskFailed }: DriverOptions) {
    this.#protocol = protocol;
    this.#log = log;
    this.#onEvent = onEvent;
    this.#onNetworkChanged = onNetworkChanged;
    this.#onClockSetBack = onClockSetBack;
    this.#onDiskBehind = onDiskBehind;
    this.#onDiskFailed = onDiskFailed;
  }

  /** Binds the sockets and starts. Throws PORT_UNAVAILABLE. */
  static async start(options: DriverOptions): Promise<Driver> {
    const driver = new Driver(options);
    driver.#sockets = await Sockets.open(options.hosts, options.port, {
      onDatagram: (from, bytes) => driver.input({ kind: 'datagram', from, bytes }),
      onError: () => undefined, // the link notices a dead path by itself
    });
    driver.#moreSockets = new MoreSockets((family) => driver.#sockets.hostOf(family), (from, bytes, socket) => driver.input({ kind: 'datagram', from, bytes, socket }));
    driver.#addresses = driver.#sockets.addresses();
    await driver.#restore(options.restore);
    driver.input({ kind: 'listening', addresses: driver.#addresses });
    driver.#poll = setInterval(() => driver.#lookAround(), interfacePollMs);
    driver.#poll.unref();
    return driver;
  }

  get addresses(): readonly Address[] {
    return this.#addresses;
  }

  get port(): number {
    return this.#sockets.port;
  }

  /** What this peer's clock shows. */
  now(): Instant {
    return this.#clock.now();
  }

  /** Hands in one input and carries out what comes of it. Returns the events, after the facade has seen them. */
  input(input: PeerInput): readonly PeerEvent[] {
    if (this.#isStopped) return [];
    const events: PeerEvent[] = [];
    const now = this.#clock.now();
    for (const output of this.#protocol.handle(now, input)) {
      switch (output.kind) {
        case 'transmit':
          if (output.socket === undefined) this.#sockets.send(output.to, output.bytes);
          else this.#moreSockets.send(output.socket, output.to, output.bytes);
          break;
        case 'open-sockets':
          void this.#openSockets(output.first, output.count, output.family ?? 4);
          break;
        case 'close-sockets':
          this.#moreSockets.close(output.sockets);
          break;
        case 'put':
          this.#onDisk(this.#log?.put(output.record));
          break;
        case 'delete':
          this.#onDisk(this.#log?.delete(output.id));
          break;
        default:
          events.push(output);
      }
    }
    this.#arm(now);
    for (const event of events) this.#onEvent(event);
    return events;
  }

  /** Says goodbye to the neighbours and closes the sockets. */
  async stop(): Promise<void> {
    if (this.#isStopped) return;
    this.input({ kind: 'stop' });
    this.#isStopped = true;
    clearTimeout(this.#timer ?? undefined);
    clearInterval(this.#poll ?? undefined);
    this.#moreSockets.closeAll();
    await this.#sockets.close();
  }

  async #openSockets(first: number, wanted: number, family: 4 | 6): Promise<void> {
    this.input({ kind: 'sockets', first, count: await this.#moreSockets.open(first, wanted, family) });
  }

  /**
   * A full log has 14,000 records, each with a signature: other threads check the next few while these are taken in, which then costs
   * a hash each, and others have their turn in between.
   */
  async #restore({ records, book }: DriverOptions['restore']): Promise<void> {
    const step = (at: number): readonly PacketRecord[] => records.slice(at, at + restoredAtOnce);
    let isChecked = checkAhead(step(0));
    for (let at = 0; at < records.length; at += restoredAtOnce) {
      await isChecked;
      isChecked = checkAhead(step(at + restoredAtOnce));
      this.input({ kind: 'restore', records: step(at) });
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.input({ kind: 'restore', records: [], book });
  }

  #onDisk(wasTaken = true): void {
    if (!wasTaken && !this.#isDiskBehind) this.#onDiskBehind();
    this.#isDiskBehind = !wasTaken;
  }

  /**
   * Most inputs move the deadline away: a timer that will fire before it is left as it is, and then looks again. One that
   * should have fired is not trusted: the clock may have jumped.
   */
  #arm(now: Instant): void {
    const deadline = this.#protocol.deadline();
    if (deadline === null || (this.#timer !== null && this.#timerAt <= deadline && this.#timerAt > now)) return;
    clearTimeout(this.#timer ?? undefined);
    const delayMs = Math.ceil(Math.min(Math.max(0, deadline - now), timerDelayMaxMs));
    this.#timerAt = now + delayMs;
    this.#timer = setTimeout(() => this.#wake(), delayMs);
  }

  #wake(): void {
    this.#timer = null;
    const now = this.#clock.now();
    const deadline = this.#protocol.deadline();
    if (deadline !== null && deadline <= now) this.input({ kind: 'wakeup' });
    else this.#arm(now);
  }

  #lookAround(): void {
    const aheadMs = this.#clock.aheadMs();
    if (aheadMs > clockSetBackMs && !this.#isClockAhead) this.#onClockSetBack(aheadMs);
    this.#isClockAhead = aheadMs > clockSetBackMs;
    const failure = this.#log?.stats().failure ?? null;
    if (failure !== null && !this.#isDiskFailing) this.#onDiskFailed(failure);
    this.#isDiskFailing = failure !== null;
    const addresses = this.#sockets.addresses();
    if (addresses.join() !== this.#addresses.join()) {
      this.#addresses = addresses;
      this.input({ kind: 'listening', addresses });
      this.input({ kind: 'network-changed' });
      this.#onNetworkChanged();
    }
    // The timer of a host that slept goes on from where it stopped, and this look comes before it.
    if (this.#timer !== null && this.#clock.now() >= this.#timerAt) this.#wakeNow();
  }

  #wakeNow(): void {
    clearTimeout(this.#timer ?? undefined);
    this.#wake();
  }
}

/** Checks the signatures of records on other threads. What is good is remembered; anything else is for who takes them in to find. */
const checkAhead = async (records: readonly PacketRecord[]): Promise<void> => {
  const claims = records.map(({ bytes }) => decodePacket(bytes)).flatMap((read) => (read.ok ? [claimOf(read.value)] : []));
  await verifyMany(claims).catch(() => undefined);
};
