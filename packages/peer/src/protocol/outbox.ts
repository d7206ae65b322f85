/**
 * Long messages of this peer on their way out: their objects are passed on a few at a time. SPEC, Order: Messages above one packet.
 *
 * ```
 *   run ──▶ waits ──4 in 5 ms, 48 a second after 122──▶ passed on          the last of a run: it is sent
 * ```
 *
 * Sixty datagrams at once overflow the buffer of a socket that nobody has enlarged; and who carries a topic for others takes 64
 * objects a second from one neighbour after 256, and drops the rest.
 */
import { after, type Instant, type PeerId, TokenBucket } from '@srp/machine';
import type { Packet } from '@srp/wire';
import { outboxBurst, outboxMax, outboxPerSecond, outboxStepMs, outboxStepObjects } from '../constants.js';

/** The objects of a message, and who is to have all of them for those who are away. */
export interface Run {
  readonly packets: readonly Packet[];
  readonly holders: readonly PeerId[];
}

/** An object to pass on, and the run it belongs to. */
export interface Outgoing {
  readonly packet: Packet;
  readonly run: Run;
}

export class Outbox {
  readonly #waiting: Outgoing[] = [];
  readonly #rate = new TokenBucket(outboxPerSecond, outboxBurst);
  #stepAt: Instant | null = null;

  get size(): number {
    return this.#waiting.length;
  }

  /** Whether there is room for so many more. */
  hasRoom(count: number): boolean {
    return this.#waiting.length + count <= outboxMax;
  }

  add(now: Instant, run: Run): void {
    for (const packet of run.packets) this.#waiting.push({ packet, run });
    this.#stepAt ??= now;
  }

  deadline(): Instant | null {
    return this.#stepAt;
  }

  /** What is to be passed on now. */
  take(now: Instant): readonly Outgoing[] {
    if (this.#stepAt === null || now < this.#stepAt) return [];
    let count = 0;
    while (count < outboxStepObjects && count < this.#waiting.length && this.#rate.take(now)) count += 1;
    const taken = this.#waiting.splice(0, count);
    this.#stepAt = this.#waiting.length === 0 ? null : after(now, count > 0 ? outboxStepMs : 1000 / outboxPerSecond);
    return taken;
  }

  /** All that waits: there will be no later. */
  takeAll(): readonly Outgoing[] {
    this.#stepAt = null;
    return this.#waiting.splice(0);
  }
}
