/**
 * A peer of the pair: an app that opens a peer, joins a room, says one thing, and notes when it hears the other and by which path.
 * It uses the public API alone. All times count from the moment it is told to begin.
 */
import { readFileSync } from 'node:fs';
import { Peer, type Room } from '@srp/peer';
import { pathPollMs } from '../constants.js';
import { listen, tell } from './parent.js';

/** `none`: no session with the other peer. */
export type Path = 'direct' | 'relayed' | 'none';

export type PeerTold =
  | { readonly kind: 'begin'; readonly introducers: readonly string[]; readonly room: string; readonly lan: 'all' | 'off'; readonly portMapping: 'auto' | 'off' }
  /** Report what came of the first words. */
  | { readonly kind: 'report' }
  /** Say something again, and tell when the other is heard again. */
  | { readonly kind: 'again' };

export interface PeerReport {
  readonly kind: 'report';
  /** When the other's words came, ms. `null`: never. */
  readonly deliveredMs: number | null;
  readonly path: Path;
  /** When the path was direct for the first time, ms. */
  readonly directMs: number | null;
  /** UDP datagrams that left this namespace. */
  readonly packets: number;
}

/** `settled`: has heard the other, and has a direct path. */
export type PeerTells = { readonly kind: 'ready' } | { readonly kind: 'settled' } | PeerReport | { readonly kind: 'heard-again'; readonly ms: number; readonly lostCount: number };

const words = { first: 'hello', again: 'hello again' } as const;

class App {
  #room: Room | null = null;
  #startedAt = 0;
  #deliveredMs: number | null = null;
  #directMs: number | null = null;
  #path: Path = 'none';
  #isSettled = false;
  /** When this peer spoke again, and whether the other was heard again: either may be first. */
  #spokeAgainAt: number | null = null;
  #wasHeardAgain = false;
  /** Sessions with the other that were lost. */
  #lostCount = 0;

  async begin({ introducers, room, lan, portMapping }: Extract<PeerTold, { kind: 'begin' }>): Promise<void> {
    this.#startedAt = performance.now();
    const peer = await Peer.open({ introducers, lan, portMapping });
    const helpers = introducers.map((card) => card.slice(0, card.indexOf('@')));
    const look = (): void => {
      const other = peer.neighbours().find((one) => !helpers.includes(one.peer));
      this.#see(other?.path ?? 'none');
    };
    peer.onPacket = ({ text }) => {
      if (text === words.again) this.#hearAgain();
      else this.#deliveredMs ??= performance.now() - this.#startedAt;
      look();
    };
    peer.on('neighbour-down', (lost) => {
      if (!helpers.includes(lost.peer)) this.#lostCount += 1;
    });
    setInterval(look, pathPollMs);
    this.#room = peer.join(room);
    await this.#room.publish(words.first);
  }

  async speakAgain(): Promise<void> {
    this.#spokeAgainAt = performance.now();
    if (this.#wasHeardAgain) this.#hearAgain();
    await this.#room?.publish(words.again);
  }

  report(): void {
    tell({ kind: 'report', deliveredMs: this.#deliveredMs, path: this.#path, directMs: this.#directMs, packets: packetsSent() } satisfies PeerTells);
  }

  #see(path: Path): void {
    this.#path = path;
    if (path !== 'direct') return;
    this.#directMs ??= performance.now() - this.#startedAt;
    if (this.#isSettled || this.#deliveredMs === null) return;
    this.#isSettled = true;
    tell({ kind: 'settled' } satisfies PeerTells);
  }

  #hearAgain(): void {
    this.#wasHeardAgain = true;
    if (this.#spokeAgainAt !== null) tell({ kind: 'heard-again', ms: performance.now() - this.#spokeAgainAt, lostCount: this.#lostCount } satisfies PeerTells);
  }
}

/** Of both families, as the kernel counts them for this namespace. */
const packetsSent = (): number => {
  const [names = [], values = []] = readFileSync('/proc/net/snmp', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('Udp:'))
    .map((line) => line.split(' '));
  const ipv6 = /^Udp6OutDatagrams\s+(\d+)$/m.exec(readFileSync('/proc/net/snmp6', 'utf8'))?.[1] ?? '0';
  return Number(values[names.indexOf('OutDatagrams')]) + Number(ipv6);
};

const app = new App();
listen<PeerTold>(async (told) => {
  switch (told.kind) {
    case 'begin':
      await app.begin(told);
      break;
    case 'again':
      await app.speakAgain();
      break;
    default:
      app.report();
  }
});
tell({ kind: 'ready' } satisfies PeerTells);
